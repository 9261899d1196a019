//! Whether a token answers its request and is intact (RFC 3161 §2.4.2, RFC 5816): everything short of path validation.

use crate::algorithm::DigestAlgorithm;
use crate::certificate::Certificate;
use crate::timestamp::TimeStampToken;
use crate::verify::{SignerProblem, verify_encapsulated};
use crate::{asn1, oids};

/// What the token should be about.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The digest algorithm of the imprint.
    pub algorithm: DigestAlgorithm,
    /// The digest that was to be stamped.
    pub imprint: &'a [u8],
    /// The request's nonce. `None` when the request is not at hand, as for a token in a file.
    pub nonce: Option<&'a [u8]>,
    /// The policy that was asked for. `None` accepts any.
    pub policy: Option<&'a str>,
}

/// Something that is wrong with a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the compared values")]
#[non_exhaustive]
pub enum TimestampProblem {
    /// The token does not say which certificate made it.
    #[error("no certificate reference in the token")]
    CertificateReferenceMissing,
    /// Its imprint is of other octets.
    #[error("imprint differs")]
    Imprint { expected: Vec<u8>, found: Vec<u8> },
    /// Its imprint is of another digest algorithm.
    #[error("imprint with {} where {} was asked for", found.name(), expected.name())]
    ImprintAlgorithm {
        expected: DigestAlgorithm,
        found: DigestAlgorithm,
    },
    /// It answers another request.
    #[error("nonce differs")]
    Nonce { expected: Vec<u8>, found: Option<Vec<u8>> },
    /// Issued under another policy.
    #[error("policy {found} where {expected} was asked for")]
    Policy { expected: String, found: String },
    /// The certificate is not for time-stamping, or not critically so, or for other purposes too.
    #[error("certificate's extended key usage not critical and only time-stamping")]
    Purpose { found: Vec<String>, critical: bool },
    /// The signature of the token.
    #[error(transparent)]
    Signer(#[from] SignerProblem),
    /// Another version of TSTInfo.
    #[error("version {found}")]
    Version { found: u32 },
}

impl TimestampProblem {
    /// Whether the token proves nothing because of this. A weak digest is a matter of policy.
    #[must_use]
    pub const fn breaks_integrity(&self) -> bool {
        match self {
            Self::Signer(problem) => problem.breaks_integrity(),
            _ => true,
        }
    }

    /// Whether the token could not be examined because of this.
    #[must_use]
    pub const fn not_understood(&self) -> bool {
        match self {
            Self::Signer(problem) => problem.not_understood(),
            _ => false,
        }
    }
}

/// All problems of a token. None means that the holder of its certificate's key stated this time for this imprint.
#[must_use]
pub fn check_token(token: &TimeStampToken, expected: &Expected<'_>) -> Vec<TimestampProblem> {
    check_token_among(token, expected, &[])
}

/// The same, with more certificates to look for the authority's among.
#[must_use]
pub fn check_token_among(
    token: &TimeStampToken,
    expected: &Expected<'_>,
    more: &[Certificate],
) -> Vec<TimestampProblem> {
    let info = &token.info;
    let mut problems = Vec::new();
    if info.version != 1 {
        problems.push(TimestampProblem::Version { found: info.version });
    }
    if info.imprint_algorithm != expected.algorithm {
        let (expected, found) = (expected.algorithm, info.imprint_algorithm);
        problems.push(TimestampProblem::ImprintAlgorithm { expected, found });
    }
    if info.imprint != expected.imprint {
        let (expected, found) = (expected.imprint.to_vec(), info.imprint.clone());
        problems.push(TimestampProblem::Imprint { expected, found });
    }
    if let Some(nonce) = expected.nonce {
        let nonce = asn1::magnitude(nonce);
        if info.nonce.as_deref() != Some(nonce) {
            problems.push(TimestampProblem::Nonce {
                expected: nonce.to_vec(),
                found: info.nonce.clone(),
            });
        }
    }
    if let Some(policy) = expected.policy
        && info.policy != policy
    {
        problems.push(TimestampProblem::Policy {
            expected: policy.to_owned(),
            found: info.policy.clone(),
        });
    }
    let view = &token.signed_data;
    if view
        .signer
        .signed_attributes
        .as_ref()
        .is_none_or(|attributes| attributes.signing_certificate.is_empty())
    {
        problems.push(TimestampProblem::CertificateReferenceMissing);
    }
    problems.extend(verify_encapsulated(view, more).into_iter().map(TimestampProblem::from));
    if let Some(certificate) = view.signer_certificate_among(more) {
        let (found, critical) = certificate.extended_key_usage().unwrap_or_default();
        if !critical || found != [oids::TIME_STAMPING] {
            problems.push(TimestampProblem::Purpose { found, critical });
        }
    }
    problems
}
