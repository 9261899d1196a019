//! A time-stamp token as proof of time: intact, about the right octets, and by an authority that an anchor vouches for.
//!
//! The checks on the token itself are those of countersign-cms (RFC 3161 §2.4.2, RFC 5816); here the authority's
//! certificate is judged at the stated time (EN 319 102-1 §5.4). Not its business: asking an authority, comparing its time
//! with a clock or with other timestamps.

use countersign_cms::CmsError;
use countersign_cms::certificate::Certificate;
use countersign_cms::timestamp::{Expected, TimestampProblem, check_token_among, read_token};
use countersign_cms::verify::SignerProblem;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::anchors::TrustAnchors;
use crate::indication::{Indication, SubIndication};
use crate::path::{PathFailure, PathRequest, Usage, VerifiedPath, verify_path};
use crate::policy::Policy;

/// What an intact token states. By itself a statement, not a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedTime {
    /// genTime.
    pub at: Timestamp,
    /// How far off it may be, where the authority says so.
    pub accuracy_ms: Option<u64>,
    /// Serial number of the token, hex.
    pub serial: String,
    /// Policy of the authority, dotted.
    pub policy: String,
    /// Subject of the authority's certificate, for display.
    pub tsa: String,
    /// The authority's certificate, DER.
    pub tsa_certificate: Vec<u8>,
    /// Its SHA-256, hex.
    pub tsa_certificate_sha256: String,
}

impl StatedTime {
    /// The latest moment that it may have been: genTime and the accuracy. Equal to genTime where no accuracy is stated.
    #[must_use]
    pub fn latest(&self) -> Timestamp {
        self.accuracy_ms
            .and_then(|accuracy| i64::try_from(accuracy).ok())
            .and_then(|accuracy| self.at.checked_add(SignedDuration::from_millis(accuracy)).ok())
            .unwrap_or(self.at)
    }
}

/// A proven time. Holding the value is the proof: only `verify_timestamp` makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedTime {
    stated: StatedTime,
    path: VerifiedPath,
}

impl VerifiedTime {
    /// The time.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.stated.at
    }

    /// What the token states.
    #[must_use]
    pub fn stated(&self) -> &StatedTime {
        &self.stated
    }

    /// The path of the authority's certificate, judged at that time.
    #[must_use]
    pub fn path(&self) -> &VerifiedPath {
        &self.path
    }
}

/// What is known of an authority that was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthorityTrust {
    /// No anchor is known that could vouch for it. With other anchors it may be trusted.
    Unknown,
    /// It was judged and refused.
    Untrusted,
}

/// Why a token proves no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum TimestampFailure {
    /// It is not intact, or it is about something else: what it states is worth nothing.
    #[error("token not accepted: {problems:?}")]
    Broken { problems: Vec<TimestampProblem> },
    /// It is intact and about the right octets, and states this time; but its authority is not trusted, or the token
    /// rests on a digest that the policy refuses (`problems`).
    #[error("authority {}: {trust:?}", stated.tsa)]
    Untrusted {
        stated: Box<StatedTime>,
        trust: AuthorityTrust,
        path: Option<Box<PathFailure>>,
        problems: Vec<TimestampProblem>,
    },
    /// It cannot be read.
    #[error("token not readable: {0}")]
    Unreadable(CmsError),
}

impl TimestampFailure {
    /// The time that is stated without being proven, for display as such.
    #[must_use]
    pub fn stated(&self) -> Option<&StatedTime> {
        match self {
            Self::Untrusted { stated, .. } => Some(stated),
            Self::Broken { .. } | Self::Unreadable(_) => None,
        }
    }

    /// The result in the words of the standard.
    #[must_use]
    pub fn indication(&self) -> (Indication, SubIndication) {
        let gravest = |problems: &[TimestampProblem]| problems.iter().map(sub_indication).max();
        let sub_indication = match self {
            Self::Broken { problems } => gravest(problems),
            Self::Untrusted { path, problems, .. } => {
                gravest(problems).max(path.as_ref().map(|failure| failure.sub_indication))
            }
            Self::Unreadable(_) => Some(SubIndication::FormatFailure),
        }
        .unwrap_or(SubIndication::Generic);
        (sub_indication.indication(), sub_indication)
    }
}

/// Judges a token (DER, zeros after it allowed) against what it should be about. `pool` are certificates beside those in
/// the token.
///
/// # Errors
/// `Broken` and `Unreadable`: it states nothing. `Untrusted`: it states a time, and nobody that is trusted vouches for it.
pub fn verify_timestamp(
    token: &[u8],
    expected: &Expected<'_>,
    pool: &[Vec<u8>],
    anchors: &TrustAnchors,
) -> Result<VerifiedTime, TimestampFailure> {
    let token = read_token(token).map_err(TimestampFailure::Unreadable)?;
    let more: Vec<Certificate> = pool
        .iter()
        .take(MAX_POOL)
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    let mut problems = check_token_among(&token, expected, &more);
    // countersign-cms says so of the signature's digest, not of the imprint's.
    let digest = token.info.imprint_algorithm;
    if !Policy::DEFAULT.allows(digest) {
        problems.push(SignerProblem::WeakDigest { digest }.into());
    }
    // A wrong purpose is found again on the path and says nothing about the octets.
    let broken =
        |problem: &TimestampProblem| problem.breaks_integrity() && !matches!(problem, TimestampProblem::Purpose { .. });
    let Some(authority) = token.signed_data.signer_certificate_among(&more) else {
        if problems.is_empty() {
            problems.push(TimestampProblem::Signer(SignerProblem::CertificateMissing));
        }
        return Err(TimestampFailure::Broken { problems });
    };
    if problems.iter().any(broken) {
        return Err(TimestampFailure::Broken { problems });
    }

    let stated = StatedTime {
        at: token.info.gen_time,
        accuracy_ms: token.info.accuracy_ms,
        serial: token.info.serial_hex.clone(),
        policy: token.info.policy.clone(),
        tsa: authority.subject(),
        tsa_certificate: authority.der().to_vec(),
        tsa_certificate_sha256: hex::encode(authority.sha256()),
    };
    let embedded = token
        .signed_data
        .certificates
        .iter()
        .map(|certificate| certificate.der().to_vec());
    let pool: Vec<Vec<u8>> = embedded.chain(pool.iter().cloned()).collect();
    let path = verify_path(&PathRequest {
        certificate: &stated.tsa_certificate,
        pool: &pool,
        anchors,
        at: stated.at,
        usage: Usage::TimeStamping,
        policy: &Policy::DEFAULT,
    });
    match path {
        Ok(path) if problems.is_empty() => Ok(VerifiedTime { stated, path }),
        Ok(_) => Err(TimestampFailure::Untrusted {
            stated: Box::new(stated),
            trust: AuthorityTrust::Untrusted,
            path: None,
            problems,
        }),
        Err(failure) => Err(TimestampFailure::Untrusted {
            stated: Box::new(stated),
            trust: if failure.is_unknown_issuer() {
                AuthorityTrust::Unknown
            } else {
                AuthorityTrust::Untrusted
            },
            path: Some(Box::new(failure)),
            problems,
        }),
    }
}

fn sub_indication(problem: &TimestampProblem) -> SubIndication {
    match problem {
        TimestampProblem::Imprint { .. }
        | TimestampProblem::ImprintAlgorithm { .. }
        | TimestampProblem::Signer(SignerProblem::DigestMismatch { .. }) => SubIndication::HashFailure,
        TimestampProblem::Signer(SignerProblem::BadSignature(_)) => SubIndication::SigCryptoFailure,
        TimestampProblem::Signer(SignerProblem::CertificateMissing) => SubIndication::NoSigningCertificateFound,
        TimestampProblem::Signer(
            SignerProblem::WeakDigest { .. } | SignerProblem::Algorithm(_) | SignerProblem::Key(_),
        ) => SubIndication::CryptoConstraintsFailure,
        TimestampProblem::Purpose { .. } => SubIndication::ChainConstraintsFailure,
        TimestampProblem::Nonce { .. }
        | TimestampProblem::Policy { .. }
        | TimestampProblem::CertificateReferenceMissing
        | TimestampProblem::Signer(
            SignerProblem::CertificateReferenceMismatch | SignerProblem::DigestAlgorithmDiffers { .. },
        ) => SubIndication::SigConstraintsFailure,
        _ => SubIndication::FormatFailure,
    }
}

/// Certificates beside the token that the authority's is looked for among.
const MAX_POOL: usize = 4096;
