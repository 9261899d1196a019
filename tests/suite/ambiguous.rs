//! What readers may take differently is refused before anything is approved; what all of them take alike is signed.

use std::collections::BTreeSet;

use countersign_pdf::{SignatureRequest, SubFilter, findings::Severity, review::ReviewLimits};
use countersign_tests::ambiguous::{Case, Expected, cases};

/// Codes of the findings that are about the structure of a file.
const STRUCTURE: [&str; 12] = [
    "content-before-header",
    "content-undecodable",
    "duplicate-key",
    "duplicate-object",
    "hybrid-differs",
    "object-overlap",
    "page-tree-ambiguous",
    "page-without-resources",
    "page-without-size",
    "readers-disagree",
    "stream-length",
    "unreadable-object",
];

#[test]
fn every_file_is_accepted_told_or_refused_as_the_table_says() {
    let wrong: Vec<String> = cases().iter().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

fn check(case: &Case) -> Result<(), String> {
    let found = |what: &str| Err(format!("{}: expected {:?}, {what}", case.name, case.expected));
    let document = match (countersign_pdf::open(case.bytes.clone()), case.expected) {
        (Ok(document), _) => document,
        (Err(error), Expected::Refused(code)) if error.code() == code => return Ok(()),
        (Err(error), _) => return found(&format!("cannot be opened: {error}")),
    };
    let findings = document.review(&ReviewLimits::default()).findings;
    let codes = |severity: Severity| -> BTreeSet<&str> {
        let of = findings.iter().filter(|finding| finding.severity == severity);
        of.map(|finding| finding.code.as_str()).collect()
    };
    let (blocking, told) = (codes(Severity::Block), codes(Severity::Warn));
    let told: BTreeSet<&str> = told.into_iter().filter(|code| STRUCTURE.contains(code)).collect();
    let as_expected = match case.expected {
        Expected::Accepted => blocking.is_empty() && told.is_empty(),
        // The second reader may be one of those that take it differently.
        Expected::Told(code) => {
            blocking.is_empty()
                && told.contains(code)
                && told.iter().all(|other| [code, "readers-disagree"].contains(other))
        }
        Expected::Refused(code) => blocking.contains(code),
    };
    if !as_expected {
        return found(&format!("blocking {blocking:?}, told {told:?}"));
    }
    if !matches!(case.expected, Expected::Refused(_)) {
        let refusals = document.refusals(&request());
        if !refusals.is_empty() {
            return found(&format!("it cannot be signed: {refusals:?}"));
        }
    }
    Ok(())
}

fn request() -> SignatureRequest {
    SignatureRequest {
        field: None,
        new_field_name: None,
        sub_filter: SubFilter::EtsiCadesDetached,
        certify: None,
        lock: None,
        visible: None,
        reason: None,
        location: None,
        name: None,
        contact: None,
        claimed_time: jiff::Timestamp::UNIX_EPOCH,
        contents_capacity: 12_288,
    }
}
