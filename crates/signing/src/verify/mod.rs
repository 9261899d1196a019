//! verify: everything that can be said of the signatures in a file, four facts kept apart, nothing merged, nothing guessed.
//!
//! An invalid signature is not an error: it is a report. Not its business: fetching anything, clocks, text for people.
//! EN 319 102-1 §5, ISO 32000-2 12.8.

mod codes;
mod form;
mod report;
mod signature;
mod stamp;

use countersign_cms::DigestAlgorithm;
use countersign_pdf::Document;
use countersign_trust::TrustAnchors;
use jiff::Timestamp;

pub use countersign_trust::{Indication, SubIndication};
pub use report::{
    CertificateFacts, ChainReport, ChainStatus, Change, CoverageReport, FileFacts, Integrity, LaterChanges, Overall,
    Report, ReportFinding, Revocation, SignatureReport, TimeKind, TimeReport, Trust,
};

/// An indication with the reason for it.
type Verdict = (Indication, Option<SubIndication>);

/// What a missing answer about revocation means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RevocationMode {
    /// Unknown is not enough.
    Require,
    /// Unknown is said, and does not decide.
    #[default]
    Prefer,
    /// Not looked at.
    Off,
}

/// A digest over covered octets that the caller has computed from a kept hash state.
#[derive(Debug, Clone)]
pub struct KnownDigest {
    /// For exactly this ByteRange.
    pub byte_range: [u64; 4],
    /// With this algorithm.
    pub algorithm: DigestAlgorithm,
    /// The value.
    pub value: Vec<u8>,
}

/// What to judge by.
pub struct VerifyRequest<'a> {
    /// For signers.
    pub anchors: &'a TrustAnchors,
    /// For time-stamping authorities.
    pub tsa_anchors: &'a TrustAnchors,
    /// More certificates for path building, DER.
    pub extra_certificates: &'a [Vec<u8>],
    /// The time to judge at where no timestamp proves an earlier one.
    pub at: Timestamp,
    /// Purposes of extKeyUsage that let a certificate sign documents, beside those that always do (dotted).
    pub signer_purposes: &'a [String],
    /// What unknown revocation means.
    pub revocation: RevocationMode,
    /// See there.
    pub known: Option<KnownDigest>,
    /// Judge this field only.
    pub only_field: Option<&'a str>,
}

/// Judges every signature in the file. `chain` in the report is `not-checked`: the caller looks at endpoints.
#[must_use]
pub fn verify(document: &Document, request: &VerifyRequest<'_>) -> Report {
    let judge = |signature| signature::judge(document, signature, request);
    if let Some(field) = request.only_field {
        let embedded = document.signatures();
        let ours = embedded.iter().filter(|signature| signature.field == field);
        return Report::new(ours.map(judge).collect(), Vec::new());
    }
    let survey = document.survey_signatures();
    let cuts = survey
        .cuts
        .iter()
        .map(|cut| {
            ReportFinding::new(
                "warn",
                &codes::code_of(cut),
                "there may be more signatures than are listed",
            )
        })
        .collect();
    let all = survey.signatures.iter().chain(&survey.unreachable);
    Report::new(all.map(judge).collect(), cuts)
}
