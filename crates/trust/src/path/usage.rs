//! What a certificate may be used for: keyUsage and extKeyUsage of the signer, and extKeyUsage of those above it.
//!
//! RFC 5280 §4.2.1.3 and §4.2.1.12, RFC 9336, RFC 3161 §2.3. An extKeyUsage counts whether it is critical or not: "the
//! certificate MUST only be used for one of the purposes indicated". One above the signer narrows what it may vouch for, as
//! browsers and mail programs have it; an anchor's counts as well (RFC 5937).
//!
//! | extKeyUsage of the signer | documents | timestamps |
//! |---|---|---|
//! | absent | yes | no |
//! | anyExtendedKeyUsage | yes | no |
//! | emailProtection, documentSigning (RFC 9336), the document purposes of Adobe and Microsoft, beside whatever else | yes | no |
//! | a purpose of the policy's own (`trust.signer_purposes`), e.g. clientAuth | yes | no |
//! | timeStamping alone, critical | no | yes |
//! | only others: serverAuth, clientAuth, codeSigning, OCSPSigning, timeStamping …; empty; unreadable | no | no |
//!
//! | extKeyUsage of an issuer | |
//! |---|---|
//! | absent, or with anyExtendedKeyUsage | leaves everything |
//! | others | leaves what it names; the signer needs one purpose of the table that every issuer leaves |
//!
//! Certificates of Chinese authorities mostly carry clientAuth with emailProtection: they pass by the latter. One with
//! clientAuth alone is made for logging in; whoever signs with such ones says so in the configuration.
//!
//! Not its business: the usage bits of issuers (`rfc5280`).

use countersign_cms::certificate::{Certificate, KeyUsage};
use serde::{Deserialize, Serialize};

use super::finding::PathFinding;
use super::material::Material;
use crate::policy::Policy;

/// What the certificate was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Usage {
    /// Signing a document: keyUsage absent, or with digitalSignature or nonRepudiation; extKeyUsage by the table above.
    DocumentSigning,
    /// Signing timestamps: extKeyUsage critical and nothing but timeStamping (RFC 3161 §2.3).
    TimeStamping,
}

/// What forbids this usage, on a path leaf first.
pub(crate) fn usage_findings(path: &[&Material], usage: Usage, policy: &Policy) -> Vec<PathFinding> {
    let mut findings = Vec::new();
    let Some(leaf) = path.first() else { return findings };
    if let Some(present) = refused_key_usage(&leaf.certificate) {
        findings.push(PathFinding::KeyUsage {
            certificate: leaf.id(0),
            present,
        });
    }
    let certificates = path.iter().map(|material| &material.certificate);
    if let Some(refused) = refused_purposes(certificates, usage, policy)
        && let Some(material) = path.get(refused.position)
    {
        findings.push(PathFinding::ExtendedKeyUsage {
            certificate: material.id(refused.position),
            critical: refused.critical,
            purposes: refused.purposes,
        });
    }
    findings
}

/// The extKeyUsage that leaves no purpose for a usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusedPurposes {
    /// 0 is the signer's, 1 its issuer's, and so on.
    pub(crate) position: usize,
    pub(crate) purposes: Vec<String>,
    pub(crate) critical: bool,
}

/// The first certificate, the signer's first, whose extKeyUsage does not allow this usage together with those before it.
pub(crate) fn refused_purposes<'a>(
    path: impl IntoIterator<Item = &'a Certificate>,
    usage: Usage,
    policy: &Policy,
) -> Option<RefusedPurposes> {
    let mut left: Vec<&str> = match usage {
        Usage::DocumentSigning => policy.signer_purposes().collect(),
        Usage::TimeStamping => vec![TIME_STAMPING],
    };
    for (position, certificate) in path.into_iter().enumerate() {
        let extended = certificate.extended_key_usage();
        if usage == Usage::TimeStamping && position == 0 {
            let alone = matches!(&extended, Some((purposes, true)) if purposes == &[TIME_STAMPING]);
            if !alone {
                let (purposes, critical) = extended.unwrap_or_default();
                return Some(RefusedPurposes {
                    position,
                    purposes,
                    critical,
                });
            }
            continue;
        }
        let Some((purposes, critical)) = extended else { continue };
        if purposes.iter().any(|purpose| purpose == ANY) {
            continue;
        }
        left.retain(|purpose| purposes.iter().any(|named| named == purpose));
        if left.is_empty() {
            return Some(RefusedPurposes {
                position,
                purposes,
                critical,
            });
        }
    }
    None
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
const ANY: &str = "2.5.29.37.0";
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
