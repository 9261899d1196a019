//! The report as INTERFACE's `countersign.verify/1`, without the file's digests, which the caller knows.
//!
//! Not its business: text for people, exit codes.

use countersign_trust::{Indication, SubIndication};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Size and digests of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Octets.
    pub size: u64,
    /// SHA-256, hex.
    pub sha256: String,
    /// SM3, hex.
    pub sm3: String,
}

/// The worst of all signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
#[expect(missing_docs, reason = "the standard's own words")]
pub enum Overall {
    TotalPassed,
    Indeterminate,
    TotalFailed,
    NoSignature,
}

/// Whether the signed octets are the octets that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Integrity {
    /// Digest and signature value fit.
    Intact,
    /// They do not.
    Broken,
    /// We cannot say: a form that we do not understand.
    NotUnderstood,
}

/// Whether the signer is whom the certificate says, by the given anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// A path to an anchor stands.
    Trusted,
    /// There are anchors and no path stands.
    Untrusted,
    /// There are no anchors to judge by.
    Unknown,
}

/// What is known of revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "plain words")]
pub enum Revocation {
    Good,
    Revoked,
    Unknown,
}

/// What happened to the file after the revision that the signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "plain words")]
pub enum LaterChanges {
    None,
    Permitted,
    Forbidden,
    Unknown,
}

/// Where the time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeKind {
    /// A timestamp token over this signature that stands every check but, perhaps, trust.
    Timestamp,
    /// The signer's own word.
    Claimed,
    /// None.
    None,
}

/// The time of a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeReport {
    /// Where it comes from.
    pub kind: TimeKind,
    /// RFC 3339, or empty.
    pub at: String,
    /// Subject of the authority's certificate, or empty.
    pub tsa: String,
    /// Whether the authority is trusted by the given anchors.
    pub trust: Trust,
}

/// What of the file the signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageReport {
    /// As written; empty when there is none that can be read.
    pub byte_range: Vec<u64>,
    /// Everything of its revision but the Contents string.
    pub whole_revision: bool,
}

/// One change after a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "INTERFACE's own names")]
pub struct Change {
    pub code: String,
    pub detail: String,
    pub page: u32,
    pub object: String,
}

/// The signer's certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "RFC 5280's own names")]
pub struct CertificateFacts {
    pub subject: String,
    pub issuer: String,
    pub serial: String,
    pub not_before: String,
    pub not_after: String,
    pub sha256: String,
}

/// Something that was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFinding {
    /// Stable, kebab-case.
    pub code: String,
    /// error, warn or note.
    pub severity: String,
    /// Compared values.
    pub detail: String,
}

impl ReportFinding {
    pub(crate) fn new(severity: &str, code: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            severity: severity.to_owned(),
            detail: detail.into(),
        }
    }
}

/// Everything about one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "INTERFACE's own names")]
pub struct SignatureReport {
    pub field: String,
    pub kind: String,
    pub sub_filter: String,
    pub revision: u32,
    pub integrity: Integrity,
    pub coverage: CoverageReport,
    pub later_changes: LaterChanges,
    pub changes: Vec<Change>,
    pub certificate: CertificateFacts,
    pub trust: Trust,
    pub revocation: Revocation,
    pub time: TimeReport,
    /// The level that was proven: the octets are intact, and a stamp counts only when it is trusted and fits the time.
    pub level: String,
    /// The level that the form claims, whether or not its stamp proves anything.
    #[serde(default)]
    pub claimed_level: String,
    pub indication: Indication,
    pub sub_indication: Option<SubIndication>,
    pub findings: Vec<ReportFinding>,
    pub algorithm: String,
    pub signature_value: String,
}

/// What endpoints say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChainStatus {
    /// The endpoint holds exactly what the record and the file say.
    Matches,
    /// It holds something else, or the record does not fit the file.
    Differs,
    /// It was asked and holds nothing.
    Absent,
    /// It could not be asked.
    Unverified,
    /// It was not asked.
    NotChecked,
}

/// The fourth fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainReport {
    /// The worst of all endpoints asked.
    pub status: ChainStatus,
    /// What each said.
    pub proofs: Vec<serde_json::Value>,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// `countersign.verify/1`.
    pub schema: String,
    /// Filled by the caller.
    pub file: FileFacts,
    /// The worst of all signatures.
    pub overall: Overall,
    /// In the order of their revisions.
    pub signatures: Vec<SignatureReport>,
    /// Filled by the caller.
    pub chain: ChainReport,
    /// The time it was judged at.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// What was noticed of the file as a whole: why there may be more signatures than are listed.
    #[serde(default)]
    pub findings: Vec<ReportFinding>,
}

impl Report {
    pub(crate) fn new(signatures: Vec<SignatureReport>, findings: Vec<ReportFinding>) -> Self {
        // Anybody gets a timestamp over a document: where nothing else is in the file, nobody has signed it.
        let signed = signatures.iter().any(|signature| signature.kind != "doc-timestamp");
        let worst = signatures.iter().map(|signature| severity(signature.indication)).max();
        let overall = match worst {
            // Where signatures may have been missed nobody can say that there are none, or that all pass.
            None | Some(0) if !findings.is_empty() => Overall::Indeterminate,
            None => Overall::NoSignature,
            Some(0) if !signed => Overall::NoSignature,
            Some(0) => Overall::TotalPassed,
            Some(1) => Overall::Indeterminate,
            Some(_) => Overall::TotalFailed,
        };
        Self {
            schema: "countersign.verify/1".to_owned(),
            file: FileFacts::default(),
            overall,
            signatures,
            chain: ChainReport {
                status: ChainStatus::NotChecked,
                proofs: Vec::new(),
            },
            at: None,
            findings,
        }
    }

    /// SHA-256 over the signatures' part of the report as JSON: names the report in the record.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(serde_json::to_vec(&self.signatures).unwrap_or_default()).into()
    }
}

const fn severity(indication: Indication) -> u8 {
    match indication {
        Indication::TotalPassed => 0,
        Indication::Indeterminate => 1,
        Indication::TotalFailed => 2,
    }
}
