//! The file as a whole: encryption, bytes around the document, and what its signatures look like from outside.

use super::{FindingCode, Findings, Severity};
use crate::document::Document;
use crate::lexer::find;
use crate::review::source::DictView;
use crate::review::syntax::is_space;
use crate::signatures::{EmbeddedSignature, MAX_SIGNATURES, SignatureProblem};

/// Where readers look for the header.
const HEADER_WINDOW: usize = 1024;

pub(crate) fn judge(document: &Document, signatures: &[EmbeddedSignature], findings: &mut Findings) {
    if document.encrypted() {
        findings.add(
            FindingCode::Encrypted,
            Severity::Note,
            None,
            "opens without a password, rights are restricted",
        );
    }
    around(document, findings);
    changes(document, signatures, findings);
    for signature in signatures {
        of_signature(signature, findings);
    }
    if signatures.len() >= MAX_SIGNATURES {
        let detail = format!("more than {MAX_SIGNATURES} signatures");
        findings.add(FindingCode::BudgetExhausted, Severity::Warn, None, detail);
    }
}

/// A usage rights signature (ISO 32000-1 12.8.2.3, dropped in PDF 2.0) is nobody's signature under the document.
pub(crate) fn usage_rights(catalog: &DictView<'_, '_>, findings: &mut Findings) {
    let Some(permissions) = catalog.dict(b"Perms") else {
        return;
    };
    if permissions.has(b"UR3") || permissions.has(b"UR") {
        findings.add(
            FindingCode::SignatureAnomaly,
            Severity::Note,
            None,
            "carries a usage rights signature of a vendor",
        );
    }
}

fn around(document: &Document, findings: &mut Findings) {
    let bytes = document.bytes();
    let head = bytes.get(..HEADER_WINDOW).unwrap_or(bytes);
    if let Some(before @ 1..) = find(head, b"%PDF-") {
        findings.add(
            FindingCode::ContentBeforeHeader,
            Severity::Warn,
            None,
            format!("{before} bytes"),
        );
    }
    let end = document
        .revisions_end()
        .last()
        .and_then(|&end| usize::try_from(end).ok())
        .unwrap_or(bytes.len());
    let after = bytes.get(end..).unwrap_or_default();
    if after.iter().any(|&byte| !is_space(byte)) {
        findings.add(
            FindingCode::ContentAfterEof,
            Severity::Warn,
            None,
            format!("{} bytes", after.len()),
        );
    }
}

/// Revisions that came after a signature. Whether they are permitted is not judged here.
fn changes(document: &Document, signatures: &[EmbeddedSignature], findings: &mut Findings) {
    let count = u32::try_from(document.revisions_end().len()).unwrap_or(u32::MAX);
    let whole = || signatures.iter().filter(|signature| signature.coverage.whole_revision);
    let last_signed = whole().map(|signature| signature.revision).max().unwrap_or(0);
    for signature in whole().filter(|signature| signature.revision == count && !signature.covers_whole_file) {
        let detail = format!("bytes that belong to no revision after signature {}", signature.field);
        findings.add(FindingCode::ChangedAfterSignature, Severity::Warn, None, detail);
    }
    for signature in whole().filter(|signature| signature.revision < count) {
        let later = count - signature.revision;
        // Later revisions that end in a signature have somebody who answers for them.
        let (severity, by) = if last_signed == count {
            (Severity::Note, "the last of them signed")
        } else {
            (Severity::Warn, "the last of them not signed")
        };
        let detail = format!("{later} revisions after signature {}, {by}", signature.field);
        findings.add(FindingCode::ChangedAfterSignature, severity, None, detail);
    }
}

fn of_signature(signature: &EmbeddedSignature, findings: &mut Findings) {
    let EmbeddedSignature {
        field,
        page,
        coverage,
        problems,
        ..
    } = signature;
    if !coverage.whole_revision {
        let problems: Vec<String> = coverage.problems.iter().map(code).collect();
        let detail = format!("signature {field} does not cover its revision: {}", problems.join(", "));
        // What was not looked at is not broken.
        let severity = if signature.is_unjudged() {
            Severity::Warn
        } else {
            Severity::Block
        };
        findings.add(FindingCode::SignatureAnomaly, severity, *page, detail);
    }
    for problem in problems {
        let severity = match problem {
            SignatureProblem::SubFilterUnknown => {
                let detail = format!("signature {field}: {:?}", signature.sub_filter);
                findings.add(FindingCode::UnknownSubFilter, Severity::Warn, *page, detail);
                continue;
            }
            SignatureProblem::FilterUnknown => Severity::Note,
            SignatureProblem::OnlyInEarlierRevision
            | SignatureProblem::DiffersInItsRevision
            | SignatureProblem::NotInItsRevision => Severity::Block,
            _ => Severity::Warn,
        };
        findings.add(
            FindingCode::SignatureAnomaly,
            severity,
            *page,
            format!("signature {field}: {}", code(problem)),
        );
    }
}

/// The code of a problem, as it is serialized.
fn code(problem: impl std::fmt::Debug) -> String {
    let mut code = String::new();
    for character in format!("{problem:?}").chars() {
        if character.is_ascii_uppercase() && !code.is_empty() {
            code.push('-');
        }
        code.push(character.to_ascii_lowercase());
    }
    code
}
