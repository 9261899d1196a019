//! What a document brings along or takes from elsewhere: embedded files (ISO 32000-2 7.11.4), streams whose data lies
//! in another file (7.3.8.2), reference XObjects (8.10.4), alternate images (8.9.5.4).

use super::{FindingCode, Findings, Severity};
use crate::review::source::DictView;

pub(crate) fn judge(dict: &DictView<'_, '_>, findings: &mut Findings) {
    let object = || format!("object {}", dict.number);
    if dict.has(b"EF") {
        let name = dict
            .text(b"UF")
            .or_else(|| dict.text(b"F"))
            .or_else(|| dict.text(b"Desc"))
            .unwrap_or_default();
        findings.add(
            FindingCode::EmbeddedFile,
            Severity::Warn,
            dict.page,
            format!("{}: {name}", object()),
        );
    }
    if dict.has(b"Collection") && dict.says(b"Type", b"Catalog") {
        let detail = "a portfolio: some readers show the carried files instead of the pages";
        findings.add(FindingCode::EmbeddedFile, Severity::Warn, None, detail);
    }
    if !dict.is_stream {
        return;
    }
    // Any /F: where it is a name, some readers take it for a filter and others for a fault.
    if dict.has(b"F") {
        findings.add(FindingCode::ExternalStream, Severity::Block, dict.page, object());
    }
    if dict.says(b"Subtype", b"Form") && dict.has(b"Ref") {
        let detail = format!("{} shows a page of another file", object());
        findings.add(FindingCode::ExternalStream, Severity::Block, dict.page, detail);
    }
    if dict.says(b"Subtype", b"Image") && dict.has(b"Alternates") {
        let detail = format!("{}: another picture may be shown or printed in its place", object());
        findings.add(FindingCode::OptionalContent, Severity::Warn, dict.page, detail);
    }
}
