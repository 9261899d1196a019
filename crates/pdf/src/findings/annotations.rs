//! Annotations (ISO 32000-2 12.5) that have content and do not show it, or that show what no page picture can hold.

use super::{FindingCode, Findings, Severity};
use crate::review::source::{DictView, Resolved};

const HIDDEN: i64 = 1 << 1;
const NO_VIEW: i64 = 1 << 5;

pub(crate) fn judge(dict: &DictView<'_, '_>, findings: &mut Findings) {
    if !dict.has(b"Rect") || !dict.has(b"Subtype") {
        return;
    }
    let Some(subtype) = dict.name(b"Subtype") else { return };
    let kind = String::from_utf8_lossy(&subtype);
    let detail = |what: &str| format!("object {}: {kind}{what}", dict.number);
    match subtype.as_slice() {
        b"RichMedia" | b"Screen" | b"Movie" | b"Sound" | b"3D" => {
            findings.add(FindingCode::RichMedia, Severity::Block, dict.page, detail(""));
        }
        b"FileAttachment" => findings.add(FindingCode::EmbeddedFile, Severity::Warn, dict.page, detail("")),
        _ => {}
    }
    // The popup of a comment is closed unless somebody opens it; the comment itself is judged on its own. A signature
    // field that is not meant to be seen has nothing to show.
    if subtype == b"Popup" || dict.says(b"FT", b"Sig") {
        return;
    }
    let flags = dict.integer(b"F").unwrap_or(0);
    let transparent = matches!(dict.resolved(b"CA"), Resolved::Number(opacity) if opacity <= 0.0);
    let why = if flags & HIDDEN != 0 {
        ", hidden"
    } else if flags & NO_VIEW != 0 {
        ", only for print"
    } else if transparent {
        ", fully transparent"
    } else {
        return;
    };
    let said = |key: &[u8]| dict.text(key).is_some_and(|text| !text.trim().is_empty());
    let drawn = dict.dict(b"AP").is_some_and(|appearance| appearance.has(b"N"));
    if drawn || said(b"Contents") || said(b"V") {
        findings.add(FindingCode::HiddenAnnotation, Severity::Warn, dict.page, detail(why));
    }
}
