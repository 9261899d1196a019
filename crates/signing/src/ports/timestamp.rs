//! A time-stamping authority as a carrier of octets. What comes back is judged by the session, not by the carrier.

use countersign_cms::DigestAlgorithm;

/// Why a remote service gave nothing usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum RemoteError {
    /// The answer is not what the protocol says.
    #[error("malformed answer: {detail}")]
    Malformed { detail: String },
    /// The server said no.
    #[error("refused with status {status}")]
    Refused { status: u16 },
    /// The service said no, or "not now", in its own words: a rate limit, a node that is still indexing.
    #[error("refused: code {code}, {message}")]
    RefusedWith { code: i64, message: String },
    /// No complete answer in time.
    #[error("no answer within {seconds} s")]
    TimedOut { seconds: u64 },
    /// More octets than we are willing to read.
    #[error("answer over {limit} octets")]
    TooLarge { limit: u64 },
    /// No connection.
    #[error("unreachable: {detail}")]
    Unreachable { detail: String },
    /// The peer's TLS identity is not acceptable, or ours was not accepted.
    #[error("TLS identity not accepted: {detail}")]
    Untrusted { detail: String },
}

/// Carries a TimeStampReq to one authority (RFC 3161 §3.4).
pub trait TimestampAuthority {
    /// Its URL, for reports; without credentials.
    fn url(&self) -> &str;

    /// The policy that is asked for, dotted, if any.
    fn policy_oid(&self) -> Option<&str>;

    /// The digest of the message imprint (RFC 3161 §2.4.1).
    fn digest(&self) -> DigestAlgorithm {
        DigestAlgorithm::Sha256
    }

    /// Sends the DER request and returns the DER response, unjudged.
    ///
    /// # Errors
    /// When no response came.
    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, RemoteError>;
}
