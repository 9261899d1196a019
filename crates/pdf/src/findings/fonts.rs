//! Fonts that are not embedded (ISO 32000-2 9.9): another machine may draw other shapes for the same text.

use super::{FindingCode, Findings, Severity};
use crate::review::source::DictView;

pub(crate) fn judge(dict: &DictView<'_, '_>, findings: &mut Findings) {
    // Before anything is resolved: most dictionaries are no fonts.
    if !dict.has(b"BaseFont") {
        return;
    }
    let Some(subtype) = dict.name(b"Subtype") else { return };
    // Composite fonts are judged by their descendants, Type 3 fonts carry their shapes in themselves.
    if !matches!(
        subtype.as_slice(),
        b"Type1" | b"MMType1" | b"TrueType" | b"CIDFontType0" | b"CIDFontType2"
    ) {
        return;
    }
    let descriptor = dict.dict(b"FontDescriptor");
    let embedded = descriptor.as_ref().is_some_and(|descriptor| {
        [&b"FontFile"[..], b"FontFile2", b"FontFile3"]
            .iter()
            .any(|key| descriptor.has(key))
    });
    if embedded {
        return;
    }
    let name = dict.name(b"BaseFont").unwrap_or_default();
    // Every reader brings the standard 14 along (9.6.2.2).
    let severity = if is_standard(&name) {
        Severity::Note
    } else {
        Severity::Warn
    };
    findings.add_once(
        FindingCode::NonEmbeddedFont,
        severity,
        dict.page,
        String::from_utf8_lossy(&name).into_owned(),
    );
}

fn is_standard(name: &[u8]) -> bool {
    const STANDARD: [&[u8]; 14] = [
        b"Courier",
        b"Courier-Bold",
        b"Courier-BoldOblique",
        b"Courier-Oblique",
        b"Helvetica",
        b"Helvetica-Bold",
        b"Helvetica-BoldOblique",
        b"Helvetica-Oblique",
        b"Symbol",
        b"Times-Bold",
        b"Times-BoldItalic",
        b"Times-Italic",
        b"Times-Roman",
        b"ZapfDingbats",
    ];
    STANDARD.contains(&name)
}
