//! What was found on one certificate path, with the values that were compared.
//!
//! Not its business: words for people (the text here is for logs of tests and for `detail` fields; shells branch on
//! `code`).

use countersign_cms::DigestAlgorithm;
use jiff::Timestamp;
use serde::Serialize;

use crate::SubIndication;

/// Names a certificate of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateId {
    /// 0 is the certificate that was asked about, 1 its issuer, and so on towards the anchor.
    pub position: usize,
    /// SHA-256 of its DER, hex.
    pub sha256: String,
    /// Subject, for display only.
    pub subject: String,
}

impl std::fmt::Display for CertificateId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "certificate {} ({})", self.position, self.subject)
    }
}

/// The rule of RFC 5280 §6.1 that a path breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rfc5280Rule {
    /// An issuer without basicConstraints (§6.1.4 k).
    BasicConstraintsMissing,
    /// An issuer that is not a CA (§6.1.4 k).
    NotCa,
    /// More CAs below a CA than it allows (§6.1.4 l, m).
    PathLength,
    /// A name outside what a CA above may vouch for (§6.1.3 b, c).
    NameConstraints,
    /// Issuer name and subject name of the next one differ (§6.1.3 a 4).
    NameChaining,
    /// An issuer without keyCertSign (§6.1.4 n).
    KeyCertSign,
    /// The certificate policies leave nothing (§6.1.5 g).
    Policies,
    /// A critical extension that is not understood (§6.1.4 o, §6.1.5 f).
    CriticalExtension,
    /// An extension, or the certificate, does not decode.
    Encoding,
    /// The signature algorithm inside differs from the one outside (§4.1.1.2).
    AlgorithmMismatch,
    /// A limit of the validator was reached.
    Limit,
    /// Something else that the validator refused.
    Other,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// To be known; changes nothing.
    Note,
    /// Refuses the path.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum PathFinding {
    /// The signature on a certificate, or a key, is of an algorithm that is not in the table.
    #[error("{certificate}: algorithm not known: {algorithm}")]
    AlgorithmUnknown {
        certificate: CertificateId,
        algorithm: String,
    },
    /// The signature on a certificate uses a digest that the policy refuses.
    #[error("{certificate}: signed with {digest:?}, which the policy refuses")]
    AlgorithmWeak {
        certificate: CertificateId,
        digest: DigestAlgorithm,
    },
    /// The search was cut short; another path may exist.
    #[error("search ended after {paths} paths, {signatures} signatures, {steps} steps, {depth} certificates deep")]
    BudgetExhausted {
        depth: usize,
        paths: usize,
        signatures: usize,
        steps: usize,
    },
    /// The certificate that was asked about is itself marked as a CA.
    #[error("{certificate}: is a CA certificate")]
    CaCertificate { certificate: CertificateId },
    /// The certificate that was asked about cannot be read.
    #[error("certificate cannot be read: {reason}")]
    CertificateUnreadable { reason: String },
    /// notAfter lies before the time of judgement.
    #[error("{certificate}: expired at {not_after}, judged at {at}")]
    Expired {
        certificate: CertificateId,
        not_after: Timestamp,
        at: Timestamp,
    },
    /// extKeyUsage does not allow the use.
    #[error("{certificate}: extended key usage {purposes:?}, critical {critical}, does not allow it")]
    ExtendedKeyUsage {
        certificate: CertificateId,
        critical: bool,
        purposes: Vec<String>,
    },
    /// No certificate with the issuer's name and key was given.
    #[error("{certificate}: issuer not found: {issuer}")]
    IssuerUnknown { certificate: CertificateId, issuer: String },
    /// keyUsage does not allow the use.
    #[error("{certificate}: key usage {present:?} does not allow it")]
    KeyUsage {
        certificate: CertificateId,
        present: Vec<String>,
    },
    /// A key is shorter than the policy asks.
    #[error("{certificate}: key of {bits} bits, at least {minimum} asked")]
    KeyWeak {
        certificate: CertificateId,
        bits: u32,
        minimum: u32,
    },
    /// No anchor was given at all.
    #[error("no trust anchors are configured")]
    NoAnchors,
    /// notBefore lies after the time of judgement.
    #[error("{certificate}: valid from {not_before}, judged at {at}")]
    NotYetValid {
        certificate: CertificateId,
        not_before: Timestamp,
        at: Timestamp,
    },
    /// More certificates were given than are looked at.
    #[error("{given} certificates were given, {used} were looked at")]
    PoolTruncated { given: usize, used: usize },
    /// Nobody has looked whether the certificates of the path are revoked.
    #[error("revocation was not checked for {certificates} certificates")]
    RevocationNotChecked { certificates: usize },
    /// A rule of RFC 5280 is broken.
    #[error("{certificate}: {rule:?}")]
    Rfc5280 {
        certificate: CertificateId,
        rule: Rfc5280Rule,
    },
    /// The signature on a certificate does not verify with the issuer's key.
    #[error("{certificate}: its signature does not verify with the key of {issuer}")]
    SignatureInvalid {
        certificate: CertificateId,
        issuer: CertificateId,
    },
}

impl PathFinding {
    /// Stable code, kebab-case; the same as in the serialized form.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlgorithmUnknown { .. } => "algorithm-unknown",
            Self::AlgorithmWeak { .. } => "algorithm-weak",
            Self::BudgetExhausted { .. } => "budget-exhausted",
            Self::CaCertificate { .. } => "ca-certificate",
            Self::CertificateUnreadable { .. } => "certificate-unreadable",
            Self::Expired { .. } => "expired",
            Self::ExtendedKeyUsage { .. } => "extended-key-usage",
            Self::IssuerUnknown { .. } => "issuer-unknown",
            Self::KeyUsage { .. } => "key-usage",
            Self::KeyWeak { .. } => "key-weak",
            Self::NoAnchors => "no-anchors",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::PoolTruncated { .. } => "pool-truncated",
            Self::RevocationNotChecked { .. } => "revocation-not-checked",
            Self::Rfc5280 { .. } => "rfc5280",
            Self::SignatureInvalid { .. } => "signature-invalid",
        }
    }

    /// The sub-indication that it alone would lead to; `None` for a note.
    #[must_use]
    pub fn sub_indication(&self) -> Option<SubIndication> {
        match self {
            Self::PoolTruncated { .. } | Self::RevocationNotChecked { .. } => None,
            Self::AlgorithmUnknown { .. } | Self::AlgorithmWeak { .. } | Self::KeyWeak { .. } => {
                Some(SubIndication::CryptoConstraintsFailure)
            }
            Self::Expired { .. } => Some(SubIndication::Expired),
            Self::NotYetValid { .. } => Some(SubIndication::NotYetValid),
            Self::IssuerUnknown { .. } | Self::NoAnchors | Self::BudgetExhausted { .. } => {
                Some(SubIndication::NoCertificateChainFound)
            }
            // A CA signs certificates and lists; what its key signs as a document or a timestamp is not its own business.
            Self::CaCertificate { .. } | Self::KeyUsage { .. } | Self::ExtendedKeyUsage { .. } => {
                Some(SubIndication::ChainConstraintsFailure)
            }
            Self::CertificateUnreadable { .. } | Self::Rfc5280 { .. } | Self::SignatureInvalid { .. } => {
                Some(SubIndication::CertificateChainGeneralFailure)
            }
        }
    }

    /// How much it weighs.
    #[must_use]
    pub fn severity(&self) -> Severity {
        if self.sub_indication().is_some() {
            Severity::Error
        } else {
            Severity::Note
        }
    }
}
