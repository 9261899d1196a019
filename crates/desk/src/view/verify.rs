//! A report on a file: four facts for each signature, never merged.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct VerifyView {
    /// Opaque; names the private view for pictures of its pages.
    pub id: String,
    /// File name.
    pub name: String,
    /// Octets.
    pub size: u32,
    /// SHA-256.
    pub sha256: String,
    /// SM3.
    pub sm3: String,
    /// Pages, when they can be counted.
    pub pages: Option<u32>,
    /// Judged at.
    pub at: String,
    /// The headline.
    pub overall: BottomLine,
    /// In the order of their revisions.
    pub signatures: Vec<SignatureFacts>,
    /// What endpoints say.
    pub chain: ChainFact,
    /// What each endpoint said: name and status words.
    pub proofs: Vec<std::collections::BTreeMap<String, String>>,
    /// Judged with practice anchors, or signed with practice means.
    pub practice: bool,
}

/// Words of EN 319 102-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
#[expect(missing_docs, reason = "the standard's own words")]
pub enum BottomLine {
    TotalPassed,
    Indeterminate,
    TotalFailed,
    NoSignature,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SignatureFacts {
    /// Field.
    pub field: String,
    /// `signature`, `doc-timestamp`.
    pub kind: String,
    /// Revision that it covers.
    pub revision: u32,
    /// First fact: the bytes.
    pub integrity: IntegrityFact,
    /// It covers everything of its revision.
    pub whole_revision: bool,
    /// What happened after it.
    pub later_changes: LaterChangesFact,
    /// Each change.
    pub changes: Vec<ChangeShown>,
    /// Second fact: the signer.
    pub trust: TrustFact,
    /// `good`, `revoked`, `unknown`.
    pub revocation: String,
    /// Common name, or the whole subject.
    pub signer: String,
    /// Whole subject.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// Certificate's validity.
    pub not_before: String,
    /// Certificate's validity.
    pub not_after: String,
    /// Serial number.
    pub serial: String,
    /// SHA-256 of the certificate.
    pub certificate_sha256: String,
    /// Third fact: the time.
    pub time: TimeFact,
    /// RFC 3339, or empty.
    pub time_at: String,
    /// Subject of the authority, or empty.
    pub tsa: String,
    /// Whether the authority is trusted.
    pub tsa_trust: TrustFact,
    /// `B-B`, `B-T` …
    pub level: String,
    /// Algorithm.
    pub algorithm: String,
    /// The headline of this one.
    pub indication: BottomLine,
    /// As the standard writes it, or none.
    pub sub_indication: Option<String>,
    /// Everything noticed.
    pub findings: Vec<VerifyFinding>,
}

/// First fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "INTERFACE's own words")]
pub enum IntegrityFact {
    Intact,
    Broken,
    NotUnderstood,
}

/// Second fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "INTERFACE's own words")]
pub enum TrustFact {
    Trusted,
    Untrusted,
    Unknown,
}

/// Third fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "INTERFACE's own words")]
pub enum TimeFact {
    Timestamp,
    Claimed,
    None,
}

/// Fourth fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "INTERFACE's own words")]
pub enum ChainFact {
    Matches,
    Differs,
    Absent,
    Unverified,
    NotChecked,
}

/// What changed after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "INTERFACE's own words")]
pub enum LaterChangesFact {
    None,
    Permitted,
    Forbidden,
    Unknown,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[expect(missing_docs, reason = "INTERFACE's own names")]
pub struct ChangeShown {
    pub code: String,
    pub detail: String,
    pub page: Option<u32>,
    pub object: String,
}

/// Something noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[expect(missing_docs, reason = "INTERFACE's own names")]
pub struct VerifyFinding {
    pub code: String,
    pub severity: String,
    pub detail: String,
}
