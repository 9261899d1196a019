//! What a certificate may be used for: keyUsage and extKeyUsage of the leaf.
//!
//! Not its business: the usage bits of issuers (`rfc5280`).

use countersign_cms::certificate::{Certificate, KeyUsage};
use serde::{Deserialize, Serialize};

use super::finding::PathFinding;
use super::material::Material;

/// What the certificate was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Usage {
    /// Signing a document: keyUsage absent, or with digitalSignature or nonRepudiation; a *critical* extKeyUsage must
    /// name a purpose that fits documents (RFC 5280 §4.2.1.12).
    DocumentSigning,
    /// Signing timestamps: extKeyUsage critical and nothing but timeStamping (RFC 3161 §2.3).
    TimeStamping,
}

/// What forbids this usage.
pub(crate) fn usage_findings(leaf: &Material, usage: Usage) -> Vec<PathFinding> {
    let mut findings = Vec::new();
    if let Some(present) = refused_key_usage(&leaf.certificate) {
        findings.push(PathFinding::KeyUsage {
            certificate: leaf.id(0),
            present,
        });
    }
    if let Some((purposes, critical)) = refused_purposes(&leaf.certificate, usage) {
        findings.push(PathFinding::ExtendedKeyUsage {
            certificate: leaf.id(0),
            critical,
            purposes,
        });
    }
    findings
}

/// The purposes of extKeyUsage and whether it is critical, where they do not allow this usage.
pub(crate) fn refused_purposes(certificate: &Certificate, usage: Usage) -> Option<(Vec<String>, bool)> {
    let extended = certificate.extended_key_usage();
    let fits = match (&extended, usage) {
        (Some((purposes, critical)), Usage::TimeStamping) => *critical && purposes == &[TIME_STAMPING],
        (None, Usage::TimeStamping) => false,
        (Some((purposes, true)), Usage::DocumentSigning) => purposes
            .iter()
            .any(|purpose| DOCUMENT_PURPOSES.contains(&purpose.as_str())),
        (Some((_, false)) | None, Usage::DocumentSigning) => true,
    };
    (!fits).then(|| extended.unwrap_or_default())
}

/// The bits that are set, where they allow neither kind of signature; an unreadable keyUsage allows none.
pub(crate) fn refused_key_usage(certificate: &Certificate) -> Option<Vec<String>> {
    certificate.extension(KEY_USAGE)?;
    match certificate.key_usage() {
        Some(usage) if usage.digital_signature() || usage.non_repudiation() => None,
        Some(usage) => Some(names(usage)),
        None => Some(Vec::new()),
    }
}

/// Names of RFC 5280 §4.2.1.3.
fn names(usage: KeyUsage) -> Vec<String> {
    BITS.iter()
        .enumerate()
        .filter(|(bit, _)| usage.bits() & (1 << bit) != 0)
        .map(|(_, name)| (*name).to_owned())
        .collect()
}

const BITS: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

const KEY_USAGE: &str = "2.5.29.15";
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

/// Any purpose; emailProtection; documentSigning (RFC 9336); the document purposes of two large vendors.
const DOCUMENT_PURPOSES: [&str; 5] = [
    "2.5.29.37.0",
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.4.1.311.10.3.12",
    "1.2.840.113583.1.1.5",
];
