//! From a certificate to an anchor: `verify_path` and the value that proves it.
//!
//! RFC 5280 §6, EN 319 102-1 §5.2.6. Time is an argument, nothing is fetched. Not its business: revocation (every path
//! says that it was not checked), and whether the time itself is proven (`timestamp`).

mod cache;
mod finding;
mod judge;
mod material;
mod rfc5280;
mod search;
mod usage;

use std::collections::HashSet;
use std::ops::ControlFlow;

use jiff::Timestamp;
use serde::Serialize;

pub use cache::PathCache;
pub use finding::{CertificateId, PathFinding, Rfc5280Rule, Severity};
pub(crate) use material::Material;
pub use material::UnreadableCertificate;
pub use usage::Usage;
pub(crate) use usage::{refused_key_usage, refused_purposes};

use crate::anchors::TrustAnchors;
use crate::indication::{Indication, SubIndication};
use crate::policy::Policy;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct PathRequest<'a> {
    /// The certificate, DER.
    pub certificate: &'a [u8],
    /// Other certificates that may lie between it and an anchor, DER, in any order; what is not readable is passed over.
    pub pool: &'a [Vec<u8>],
    /// Where paths may end.
    pub anchors: &'a TrustAnchors,
    /// The time of judgement.
    pub at: Timestamp,
    /// What the certificate was used for.
    pub usage: Usage,
    /// What is allowed.
    pub policy: &'a Policy,
}

/// What is known of the revocation of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RevocationStatus {
    /// Data that was good at the time says so for every certificate. Nothing makes this yet.
    Good,
    /// A certificate is revoked. Nothing makes this yet.
    Revoked,
    /// Not known.
    Unknown,
}

/// A path that was found good. Holding the value is the proof: only `verify_path` makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPath {
    certificates: Vec<Vec<u8>>,
    at: Timestamp,
    usage: Usage,
    /// Latest notBefore and earliest notAfter of the path: the times for which the same verdict holds.
    window: (Timestamp, Timestamp),
    findings: Vec<PathFinding>,
    policy: &'static str,
}

impl VerifiedPath {
    /// DER, the certificate that was asked about first, the anchor last. They are the same where it is itself an anchor.
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The time of judgement.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// What it was judged for.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// First and last moment at which all certificates of the path are valid.
    #[must_use]
    pub fn window(&self) -> (Timestamp, Timestamp) {
        self.window
    }

    /// Notes: what was not checked.
    #[must_use]
    pub fn findings(&self) -> &[PathFinding] {
        &self.findings
    }

    /// What is known of revocation.
    #[must_use]
    pub fn revocation(&self) -> RevocationStatus {
        RevocationStatus::Unknown
    }

    /// The policy that it was judged by.
    #[must_use]
    pub fn policy_id(&self) -> &'static str {
        self.policy
    }
}

/// Why no path was found good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{indication} {sub_indication}")]
pub struct PathFailure {
    /// Never TOTAL-PASSED.
    pub indication: Indication,
    /// The headline: the gravest of the findings.
    pub sub_indication: SubIndication,
    /// Of the path that came closest: everything that was found, notes included.
    pub findings: Vec<PathFinding>,
}

impl PathFailure {
    /// Whether it is only that no anchor is known for this certificate; its path may be good with another set of anchors.
    #[must_use]
    pub fn is_unknown_issuer(&self) -> bool {
        self.sub_indication == SubIndication::NoCertificateChainFound
    }

    fn new(findings: Vec<PathFinding>) -> Self {
        let sub_indication = findings
            .iter()
            .filter_map(PathFinding::sub_indication)
            .max()
            .unwrap_or(SubIndication::Generic);
        Self {
            indication: sub_indication.indication(),
            sub_indication,
            findings,
        }
    }
}

/// Looks for a good path from the certificate to an anchor. Where several exist the first good one wins; where none is
/// good the one that came closest is reported.
///
/// # Errors
/// When there is none, with everything that was found on the closest one.
pub fn verify_path(request: &PathRequest<'_>) -> Result<VerifiedPath, PathFailure> {
    verify_path_within(request, search::LIMITS)
}

fn verify_path_within(request: &PathRequest<'_>, limits: search::Limits) -> Result<VerifiedPath, PathFailure> {
    let policy = request.policy;
    let leaf = Material::read(request.certificate).map_err(|error| {
        PathFailure::new(vec![PathFinding::CertificateUnreadable {
            reason: error.to_string(),
        }])
    })?;
    let (pool, truncated) = read_pool(request, limits.pool);
    let notes = |certificates: usize| {
        let mut notes = vec![PathFinding::RevocationNotChecked { certificates }];
        notes.extend(truncated.clone());
        notes
    };

    let mut good = None;
    let mut closest: Option<(SubIndication, Vec<PathFinding>)> = None;
    let mut judge = |path: &[&Material]| {
        let mut findings = judge::judge(path, request.at, request.usage, policy);
        let headline = findings.iter().filter_map(PathFinding::sub_indication).max();
        findings.extend(notes(path.len()));
        match headline {
            None => {
                good = Some(verified(path, request, findings, policy));
                ControlFlow::Break(())
            }
            Some(headline) => {
                if closest.as_ref().is_none_or(|(known, _)| headline < *known) {
                    closest = Some((headline, findings));
                }
                ControlFlow::Continue(())
            }
        }
    };

    let mut search = search::Search::new(&leaf, request.anchors.certificates(), &pool, limits);
    // An anchor needs no path: it is trusted as it is, but not outside its dates or its usage.
    if request.anchors.contains(leaf.der()) {
        let _judged: ControlFlow<()> = judge(&[&leaf]);
    } else if !request.anchors.is_empty() {
        search.run(&mut judge);
    }
    if let Some(path) = good {
        return Ok(path);
    }
    let exhausted = search.exhausted();
    let mut findings = match (closest, search.dead_end()) {
        (Some((_, findings)), _) => findings,
        (None, Some(dead_end)) => {
            let mut findings = vec![dead_end.finding];
            findings.extend(notes(dead_end.length));
            findings
        }
        (None, None) if request.anchors.is_empty() => vec![PathFinding::NoAnchors],
        (None, None) if exhausted.is_some() => Vec::new(),
        // Nothing but CAs that certify each other.
        (None, None) => vec![PathFinding::IssuerUnknown {
            certificate: leaf.id(0),
            issuer: leaf.certificate.issuer(),
        }],
    };
    findings.extend(exhausted);
    Err(PathFailure::new(findings))
}

/// Reads the pool: each certificate once, anchors and the certificate itself left out.
fn read_pool(request: &PathRequest<'_>, limit: usize) -> (Vec<Material>, Option<PathFinding>) {
    let mut seen: HashSet<&[u8]> = HashSet::new();
    let pool = request
        .pool
        .iter()
        .take(limit)
        .filter(|der| der.as_slice() != request.certificate && !request.anchors.contains(der))
        .filter(|der| seen.insert(der))
        .filter_map(|der| Material::read(der).ok())
        .collect();
    let truncated = (request.pool.len() > limit).then_some(PathFinding::PoolTruncated {
        given: request.pool.len(),
        used: limit,
    });
    (pool, truncated)
}

fn verified(
    path: &[&Material],
    request: &PathRequest<'_>,
    findings: Vec<PathFinding>,
    policy: &Policy,
) -> VerifiedPath {
    let (not_before, not_after): (Vec<_>, Vec<_>) = path.iter().map(|certificate| certificate.validity()).unzip();
    VerifiedPath {
        certificates: path.iter().map(|certificate| certificate.der().to_vec()).collect(),
        at: request.at,
        usage: request.usage,
        window: (
            not_before.into_iter().max().unwrap_or(request.at),
            not_after.into_iter().min().unwrap_or(request.at),
        ),
        findings,
        policy: policy.id(),
    }
}
