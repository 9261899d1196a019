//! timestamp: RFC 3161 over the signature value, authorities in order, each answer judged before it is believed.
//!
//! Not its business: HTTP (remote), path building (trust). RFC 3161 §2.4, RFC 5816, EN 319 122-1 §5.3.

use countersign_cms::timestamp::{Expected, TimeStampReq, TimestampProblem, check_token, read_response, read_token};
use countersign_trust::{TimestampFailure, TrustAnchors, verify_timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    ledger::{Failed, Ledger},
    ports::{Entropy, RemoteError, StoreError, TimestampAuthority},
    sign::Signed,
};

/// Signed and, where it was asked for, time-stamped.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stamped {
    /// What was stamped.
    pub signed: Signed,
    /// TimeStampToken, DER; empty without a stamp.
    #[serde(with = "hex::serde")]
    pub token: Vec<u8>,
    /// The authority's URL, or empty.
    pub tsa: String,
}

/// Why one authority gave no stamp.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
pub enum StampFailure {
    /// The answer is not a TimeStampResp or its token cannot be read.
    #[error("unreadable answer: {detail}")]
    Unreadable { detail: String },
    /// The authority rejected the request (PKIStatus other than granted).
    #[error("rejected with status {status}, failure bits {failure_bits:?}: {text}")]
    Rejected {
        status: u32,
        failure_bits: Vec<u32>,
        text: String,
    },
    /// The token does not answer our request or is broken.
    #[error("token not acceptable: {0:?}")]
    Token(Vec<TimestampProblem>),
    /// The token is sound, its authority is not trusted by the configured anchors.
    #[error("authority not trusted: {0:?}")]
    Untrusted(Box<TimestampFailure>),
    /// genTime lies outside the window around this machine's clock.
    #[error("genTime {gen_time} is {seconds} s from this machine's clock")]
    Clock { gen_time: String, seconds: i64 },
    /// The authority's certificate was not valid at genTime.
    #[error("authority's certificate valid from {not_before} to {not_after}, genTime {gen_time}")]
    AuthorityOutsideValidity {
        gen_time: String,
        not_before: String,
        not_after: String,
    },
    /// Nothing came back.
    #[error(transparent)]
    Remote(RemoteError),
}

impl StampFailure {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } | Self::Token(_) | Self::Clock { .. } | Self::AuthorityOutsideValidity { .. } => {
                "tsa-invalid"
            }
            Self::Rejected { .. } => "tsa-refused",
            Self::Untrusted(_) => "tsa-untrusted",
            Self::Remote(RemoteError::Refused { .. } | RemoteError::RefusedWith { .. }) => "tsa-refused",
            Self::Remote(RemoteError::Malformed { .. } | RemoteError::TooLarge { .. }) => "tsa-invalid",
            Self::Remote(RemoteError::Untrusted { .. }) => "tsa-untrusted",
            Self::Remote(_) => "tsa-unreachable",
        }
    }
}

/// Why there is no stamp at all. The signature is given back, unharmed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// Every authority failed; (URL, why) in the order they were tried.
    #[error("no authority gave a stamp: {0:?}")]
    AllFailed(Vec<(String, StampFailure)>),
    /// None is configured.
    #[error("no time-stamping authority is configured")]
    NoneConfigured,
    /// The trace could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// No stamp was asked for, or it is put off.
#[must_use]
pub fn without_stamp(signed: Signed) -> Stamped {
    Stamped {
        signed,
        token: Vec::new(),
        tsa: String::new(),
    }
}

/// What genTime may differ from the clock of this machine, in seconds, before the stamp is refused (DOMAIN D3).
const CLOCK_WINDOW_SECONDS: i64 = 24 * 60 * 60;

/// Asks the authorities in order until one gives a stamp that stands every check.
///
/// # Errors
/// Gives the signature back: no second PIN, no second touch.
pub fn stamp(
    signed: Signed,
    authorities: &mut [Box<dyn TimestampAuthority>],
    anchors: &TrustAnchors,
    entropy: &mut dyn Entropy,
    ledger: &mut Ledger<'_>,
) -> Result<Stamped, Failed<Box<Signed>, StampError>> {
    if authorities.is_empty() {
        return Err(Failed {
            state: Box::new(signed),
            error: StampError::NoneConfigured,
        });
    }
    let mut failures = Vec::new();
    for authority in authorities {
        let url = authority.url().to_owned();
        if let Err(error) = ledger.trace("timestamp", &[("tsa", &url)]) {
            return Err(Failed {
                state: Box::new(signed),
                error: error.into(),
            });
        }
        match request_stamp(
            &signed.signature_value,
            authority.as_mut(),
            anchors,
            entropy,
            ledger.clock.now(),
        ) {
            Ok(token) => {
                return Ok(Stamped {
                    signed,
                    token,
                    tsa: url,
                });
            }
            Err(failure) => {
                if let Err(error) = ledger.trace(
                    "fault",
                    &[("stage", "timestamp"), ("code", failure.code()), ("tsa", &url)],
                ) {
                    return Err(Failed {
                        state: Box::new(signed),
                        error: error.into(),
                    });
                }
                failures.push((url, failure));
            }
        }
    }
    Err(Failed {
        state: Box::new(signed),
        error: StampError::AllFailed(failures),
    })
}

/// One request to one authority; also for `extend`, which has no session.
///
/// # Errors
/// Why this authority gave none.
pub fn request_stamp(
    signature_value: &[u8],
    authority: &mut dyn TimestampAuthority,
    anchors: &TrustAnchors,
    entropy: &mut dyn Entropy,
    now: jiff::Timestamp,
) -> Result<Vec<u8>, StampFailure> {
    let algorithm = authority.digest();
    let imprint = algorithm.hash(signature_value);
    let mut nonce = [0_u8; 16];
    entropy.fill(&mut nonce);
    let policy = authority.policy_oid().map(str::to_owned);
    let unreadable = |detail: String| StampFailure::Unreadable { detail };
    let request = TimeStampReq {
        algorithm,
        imprint: &imprint,
        policy: policy.as_deref(),
        nonce: &nonce,
    }
    .to_der()
    .map_err(|error| unreadable(error.to_string()))?;
    let answer = authority.exchange(&request).map_err(StampFailure::Remote)?;
    let response = read_response(&answer).map_err(|error| unreadable(error.to_string()))?;
    if response.status > 1 {
        return Err(StampFailure::Rejected {
            status: response.status,
            failure_bits: response.failure_bits,
            text: response.status_strings.join("; ").chars().take(200).collect(),
        });
    }
    let token = response
        .token
        .ok_or_else(|| unreadable("granted without a token".to_owned()))?;
    let read = read_token(&token).map_err(|error| unreadable(error.to_string()))?;
    let expected = Expected {
        algorithm,
        imprint: &imprint,
        nonce: Some(&nonce),
        policy: policy.as_deref(),
    };
    let problems = check_token(&read, &expected);
    if !problems.is_empty() {
        return Err(StampFailure::Token(problems));
    }
    let gen_time = read.info.gen_time;
    let seconds = gen_time.as_second() - now.as_second();
    if seconds.abs() > CLOCK_WINDOW_SECONDS {
        return Err(StampFailure::Clock {
            gen_time: gen_time.to_string(),
            seconds,
        });
    }
    if let Some(certificate) = read.signed_data.signer_certificate()
        && !(certificate.not_before()..=certificate.not_after()).contains(&gen_time)
    {
        return Err(StampFailure::AuthorityOutsideValidity {
            gen_time: gen_time.to_string(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
        });
    }
    // Without anchors nothing can be said of trust: the stamp is kept and verification reports it as unknown.
    if !anchors.is_empty() {
        verify_timestamp(&token, &expected, &[], anchors)
            .map_err(|failure| StampFailure::Untrusted(Box::new(failure)))?;
    }
    Ok(token)
}
