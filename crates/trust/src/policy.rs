//! The algorithm policy (ETSI TS 119 312 in spirit), versioned, and what it refuses before a PIN is asked.
//!
//! Not its business: the path of the certificate, its revocation.

use countersign_cms::certificate::Certificate;
use countersign_cms::{DigestAlgorithm, KeyKind};
use jiff::Timestamp;
use serde::Serialize;

use crate::path::{Usage, refused_key_usage, refused_purposes};

/// Which algorithms and key sizes are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    id: &'static str,
    min_rsa_bits: u32,
    digests: &'static [DigestAlgorithm],
    /// Purposes of extKeyUsage beside [`DOCUMENT_PURPOSES`] that let a certificate sign documents.
    more_purposes: Vec<String>,
}

/// How strong a key is in the eyes of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyStrength {
    Sufficient,
    Short { bits: u32, minimum: u32 },
    Unknown { algorithm: String },
}

impl Policy {
    /// No SHA-1, RSA from 2048 bits, the curves of the algorithm table.
    pub const DEFAULT: Self = Self {
        id: "countersign-default/2",
        min_rsa_bits: 2048,
        digests: &[
            DigestAlgorithm::Sha256,
            DigestAlgorithm::Sha384,
            DigestAlgorithm::Sha512,
            DigestAlgorithm::Sm3,
        ],
        more_purposes: Vec::new(),
    };

    /// The same, with further purposes of extKeyUsage (dotted) by which documents may be signed.
    #[must_use]
    pub fn with_signer_purposes(mut self, purposes: &[String]) -> Self {
        if !purposes.is_empty() {
            self.id = "countersign-default/2+purposes";
            self.more_purposes.extend_from_slice(purposes);
        }
        self
    }

    /// The purposes of extKeyUsage by which documents are signed.
    pub(crate) fn signer_purposes(&self) -> impl Iterator<Item = &str> {
        DOCUMENT_PURPOSES
            .iter()
            .copied()
            .chain(self.more_purposes.iter().map(String::as_str))
    }

    /// Name and version, for records and reports.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Whether a digest algorithm may carry a signature.
    #[must_use]
    pub fn allows(&self, digest: DigestAlgorithm) -> bool {
        self.digests.contains(&digest)
    }

    pub(crate) fn strength(&self, certificate: &Certificate) -> KeyStrength {
        let key = match certificate.public_key() {
            Ok(key) => key,
            Err(error) => {
                return KeyStrength::Unknown {
                    algorithm: error.to_string(),
                };
            }
        };
        let bits = u32::try_from(key.bits()).unwrap_or(u32::MAX);
        match key.kind() {
            KeyKind::Rsa | KeyKind::RsaPss if bits < self.min_rsa_bits => KeyStrength::Short {
                bits,
                minimum: self.min_rsa_bits,
            },
            KeyKind::Rsa
            | KeyKind::RsaPss
            | KeyKind::P256
            | KeyKind::P384
            | KeyKind::P521
            | KeyKind::Ed25519
            | KeyKind::Sm2 => KeyStrength::Sufficient,
            other => KeyStrength::Unknown {
                algorithm: format!("{other:?}"),
            },
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Why a certificate is not used for signing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum CertificateRefusal {
    /// The key's or the certificate's algorithm is not in the table.
    #[error("algorithm not known: {algorithm}")]
    AlgorithmUnknown { algorithm: String },
    /// The certificate is signed with a digest that the policy refuses.
    #[error("certificate signed with {digest:?}, which the policy {policy} refuses")]
    AlgorithmWeak {
        digest: DigestAlgorithm,
        policy: &'static str,
    },
    /// It is a CA's certificate.
    #[error("certificate of a CA")]
    CaCertificate,
    /// notAfter has passed.
    #[error("certificate expired at {not_after}, now {at}")]
    CertificateExpired { not_after: Timestamp, at: Timestamp },
    /// notBefore is still to come.
    #[error("certificate valid from {not_before}, now {at}")]
    CertificateNotYetValid { not_before: Timestamp, at: Timestamp },
    /// extKeyUsage names no purpose that fits documents, or an issuer's leaves none.
    #[error("extended key usage {purposes:?} of certificate {position} does not allow signing documents")]
    ExtendedKeyUsage {
        purposes: Vec<String>,
        /// 0 is the signer's certificate, 1 its issuer's.
        position: usize,
    },
    /// keyUsage has neither digitalSignature nor nonRepudiation.
    #[error("key usage {present:?} has neither digitalSignature nor nonRepudiation")]
    KeyUsage { present: Vec<String> },
    /// The key is too short.
    #[error("key of {bits} bits, at least {minimum} asked by policy {policy}")]
    KeyWeak {
        bits: u32,
        minimum: u32,
        policy: &'static str,
    },
}

impl CertificateRefusal {
    /// Stable code, kebab-case; the same as in the serialized form.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlgorithmUnknown { .. } => "algorithm-unknown",
            Self::AlgorithmWeak { .. } => "algorithm-weak",
            Self::CaCertificate => "ca-certificate",
            Self::CertificateExpired { .. } => "certificate-expired",
            Self::CertificateNotYetValid { .. } => "certificate-not-yet-valid",
            Self::ExtendedKeyUsage { .. } => "extended-key-usage",
            Self::KeyUsage { .. } => "key-usage",
            Self::KeyWeak { .. } => "key-weak",
        }
    }
}

/// Everything that forbids signing with this certificate now. Asked before a PIN is. `issuers` are those above it as far as
/// they are at hand, its own issuer first: what they leave it counts (`path::usage`).
///
/// A self-signed certificate's own signature is not looked at: its strength proves nothing either way.
#[must_use]
pub fn certificate_refusals(
    certificate: &Certificate,
    issuers: &[Certificate],
    at: Timestamp,
    policy: &Policy,
) -> Vec<CertificateRefusal> {
    let mut refusals = Vec::new();
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if at < not_before {
        refusals.push(CertificateRefusal::CertificateNotYetValid { not_before, at });
    }
    if at > not_after {
        refusals.push(CertificateRefusal::CertificateExpired { not_after, at });
    }
    if let Some(present) = refused_key_usage(certificate) {
        refusals.push(CertificateRefusal::KeyUsage { present });
    }
    let path = std::iter::once(certificate).chain(issuers);
    if let Some(refused) = refused_purposes(path, Usage::DocumentSigning, policy) {
        refusals.push(CertificateRefusal::ExtendedKeyUsage {
            purposes: refused.purposes,
            position: refused.position,
        });
    }
    match policy.strength(certificate) {
        KeyStrength::Sufficient => {}
        KeyStrength::Short { bits, minimum } => refusals.push(CertificateRefusal::KeyWeak {
            bits,
            minimum,
            policy: policy.id,
        }),
        KeyStrength::Unknown { algorithm } => refusals.push(CertificateRefusal::AlgorithmUnknown { algorithm }),
    }
    match certificate.signature_algorithm() {
        _ if certificate.is_self_issued() => {}
        Ok(algorithm) if !policy.allows(algorithm.digest()) => refusals.push(CertificateRefusal::AlgorithmWeak {
            digest: algorithm.digest(),
            policy: policy.id,
        }),
        Ok(_) => {}
        Err(error) => refusals.push(CertificateRefusal::AlgorithmUnknown {
            algorithm: error.to_string(),
        }),
    }
    if certificate.is_ca() {
        refusals.push(CertificateRefusal::CaCertificate);
    }
    refusals
}

/// emailProtection; documentSigning (RFC 9336); the document purposes of Microsoft and of Adobe. The table is in
/// `path::usage`.
const DOCUMENT_PURPOSES: [&str; 4] = [
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.4.1.311.10.3.12",
    "1.2.840.113583.1.1.5",
];
