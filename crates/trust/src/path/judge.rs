//! Judging one complete path at one time: dates, algorithms and keys, usage, and RFC 5280.
//!
//! Not its business: finding the path (`search`), its signatures (verified while searching). All findings are reported,
//! not only the first.

use jiff::Timestamp;

use super::finding::{PathFinding, Rfc5280Rule};
use super::material::Material;
use super::rfc5280;
use super::usage::{Usage, usage_findings};
use crate::policy::{KeyStrength, Policy};

/// Judges a path, leaf first, anchor last.
pub(crate) fn judge(path: &[&Material], at: Timestamp, usage: Usage, policy: &Policy) -> Vec<PathFinding> {
    let mut findings = Vec::new();
    let last = path.len().saturating_sub(1);
    for (position, certificate) in path.iter().enumerate() {
        findings.extend(dates(certificate, position, at));
        findings.extend(strength(certificate, position, position == last, policy));
    }
    if let Some(leaf) = path.first() {
        findings.extend(usage_findings(path, usage, policy));
        if leaf.certificate.is_ca() {
            findings.push(PathFinding::CaCertificate {
                certificate: leaf.id(0),
            });
        }
    }
    // certval asks this of the certificates between; an anchor that was configured only to trust itself must not issue.
    if let Some(anchor) = path
        .last()
        .filter(|anchor| last > 0 && !anchor.certificate.is_ca() && !is_old_root(anchor))
    {
        findings.push(PathFinding::Rfc5280 {
            certificate: anchor.id(last),
            rule: Rfc5280Rule::NotCa,
        });
    }
    let decoded: Vec<_> = path.iter().map(|certificate| &certificate.decoded).collect();
    for (position, rule) in rfc5280::broken_rules(&decoded) {
        if let Some(certificate) = path.get(position) {
            findings.push(PathFinding::Rfc5280 {
                certificate: certificate.id(position),
                rule,
            });
        }
    }
    findings
}

/// A root of the time before basicConstraints: version 1, without extensions, signed by itself. As an anchor it is a name
/// and a key (RFC 5280 §6.1.1 d); nothing in it could say that it is no CA.
fn is_old_root(anchor: &Material) -> bool {
    let certificate = &anchor.certificate;
    certificate.version() < 3 && certificate.extensions().is_empty() && anchor.is_signed_by(anchor)
}

fn dates(certificate: &Material, position: usize, at: Timestamp) -> Option<PathFinding> {
    let (not_before, not_after) = certificate.validity();
    if at < not_before {
        Some(PathFinding::NotYetValid {
            certificate: certificate.id(position),
            not_before,
            at,
        })
    } else if at > not_after {
        Some(PathFinding::Expired {
            certificate: certificate.id(position),
            not_after,
            at,
        })
    } else {
        None
    }
}

/// The key of every certificate counts; the signature on an anchor does not (nobody relies on it).
fn strength(certificate: &Material, position: usize, is_anchor: bool, policy: &Policy) -> Vec<PathFinding> {
    let mut findings = Vec::new();
    if !is_anchor {
        match certificate.signature_algorithm() {
            Ok(algorithm) if !policy.allows(algorithm.digest()) => findings.push(PathFinding::AlgorithmWeak {
                certificate: certificate.id(position),
                digest: algorithm.digest(),
            }),
            Ok(_) => {}
            Err(algorithm) => findings.push(PathFinding::AlgorithmUnknown {
                certificate: certificate.id(position),
                algorithm,
            }),
        }
    }
    match policy.strength(&certificate.certificate) {
        KeyStrength::Sufficient => {}
        KeyStrength::Short { bits, minimum } => findings.push(PathFinding::KeyWeak {
            certificate: certificate.id(position),
            bits,
            minimum,
        }),
        KeyStrength::Unknown { algorithm } => findings.push(PathFinding::AlgorithmUnknown {
            certificate: certificate.id(position),
            algorithm,
        }),
    }
    findings
}
