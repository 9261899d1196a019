//! An endpoint that keeps evidence: a chain, a local journal, later an evidence body's API.
//!
//! The order of calls is the outbox's: check → find → prepare → (attempt committed to disk) → broadcast → status …
//! Never decide on the text of an error; after any error look up by transaction hash, then by evidence.

use countersign_evidence::Payload;
use serde::{Deserialize, Serialize};

use super::{prompt::Prompt, timestamp::RemoteError, token::TokenError};

/// What kind of thing an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// Local, append-only, hash-chained. Never called a chain.
    Journal,
    /// An EVM node over JSON-RPC.
    Evm,
    /// An evidence API over HTTP.
    Http,
}

/// When an entry is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finality {
    /// As soon as it is included.
    Instant,
    /// With so many blocks on top, counting its own.
    Confirmations(u64),
    /// When the node's `finalized` block has reached it.
    Finalized,
}

/// What is known of an endpoint without asking it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointFacts {
    /// Name in the configuration.
    pub name: String,
    /// Kind.
    pub kind: EndpointKind,
    /// Rule of finality.
    pub finality: Finality,
    /// A practice endpoint: no evidential value.
    pub practice: bool,
}

/// What is to be submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The record it belongs to.
    pub record_id: String,
    /// What goes out, exactly.
    pub payload: Payload,
}

/// One attempt: the octets that will be sent and the name under which they can be found. Committed before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Name that the endpoint will know it by (transaction hash `0x…`, entry hash).
    pub id: String,
    /// The octets to send.
    #[serde(with = "hex::serde")]
    pub raw: Vec<u8>,
    /// Account nonce, where there is one.
    pub nonce: Option<u64>,
    /// Account address, where there is one.
    pub account: Option<String>,
}

/// Where an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Status {
    /// The endpoint does not know it.
    Unknown {
        /// Another transaction used its nonce: this attempt can never be included on the present history.
        nonce_consumed: bool,
    },
    /// Known, not included.
    Pending,
    /// Included.
    Included {
        /// Height.
        block_number: u64,
        /// Hash, `0x…`.
        block_hash: String,
        /// The rule of finality is met.
        is_final: bool,
    },
    /// Included and failed: the entry was not made.
    Reverted {
        /// Height.
        block_number: u64,
        /// Hash, `0x…`.
        block_hash: String,
    },
}

/// An entry for an evidence and its parts, whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Who made it (address, journal id).
    pub submitter: String,
    /// The endpoint's own time, seconds since 1970.
    pub time: u64,
    /// Attempt or entry that made it, where the endpoint tells.
    pub id: Option<String>,
    /// The rule of finality is met.
    pub is_final: bool,
}

/// Why an endpoint did not serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum EndpointError {
    /// The account's key could not be used.
    #[error("account key: {0}")]
    Account(TokenError),
    /// The account's key file or keyring entry is not usable.
    #[error("account {address}: {reason}")]
    AccountUnusable { address: String, reason: String },
    /// It asks for more than may be paid; nothing was signed.
    #[error("{what}: asked {asked}, at most {limit}")]
    FeeLimit {
        what: &'static str,
        asked: String,
        limit: String,
    },
    /// It is not the endpoint that was pinned.
    #[error("{what} differs: pinned {pinned}, seen {seen}")]
    Mismatch {
        what: &'static str,
        pinned: String,
        seen: String,
    },
    /// So many transactions were paid for one evidence; no further one without a person.
    #[error("{made} transactions were made for this evidence, at most {limit} without a person's word")]
    PaidAttempts { made: usize, limit: u32 },
    /// A development node or a publicly known key outside practice.
    #[error("refused outside practice: {what}")]
    PracticeOnly { what: String },
    /// It refused for a reason that a person must mend (funds, permission).
    #[error("refused: code {code}, {message}")]
    Rejected { code: i64, message: String },
    /// It could not be reached or made no sense.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The local journal could not be written or read.
    #[error("journal: {0}")]
    Storage(String),
}

impl EndpointError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Account(error) => error.code(),
            Self::AccountUnusable { .. } => "account-unusable",
            Self::FeeLimit { .. } => "fee-limit",
            Self::Mismatch { .. } => "chain-mismatch",
            Self::PaidAttempts { .. } => "paid-attempts",
            Self::PracticeOnly { .. } => "practice-only",
            Self::Rejected { .. } => "endpoint-rejected",
            Self::Remote(RemoteError::Untrusted { .. }) => "endpoint-untrusted",
            Self::Remote(RemoteError::Malformed { .. } | RemoteError::TooLarge { .. }) => "endpoint-malformed",
            Self::Remote(RemoteError::Refused { .. } | RemoteError::RefusedWith { .. }) => "endpoint-refused",
            Self::Remote(_) => "endpoint-unreachable",
            Self::Storage(_) => "journal-unusable",
        }
    }
}

/// Lends the prompt to an endpoint whose account key is on a token.
pub type AccountPrompt<'a> = &'a mut dyn Prompt;

/// An endpoint.
pub trait Endpoint {
    /// What is known of it.
    fn facts(&self) -> EndpointFacts;

    /// How many attempts may be paid for one submission before a person is asked.
    fn max_paid_attempts(&self) -> u32 {
        u32::MAX
    }

    /// Compares everything that is pinned (chain id, genesis, contract code). Called before every submission.
    ///
    /// # Errors
    /// `Mismatch` blocks; `Remote` waits.
    fn check(&mut self) -> Result<(), EndpointError>;

    /// Looks up an entry by what it must contain.
    ///
    /// # Errors
    /// When it cannot be asked.
    fn find(&mut self, payload: &Payload) -> Result<Option<Found>, EndpointError>;

    /// Makes the octets for one attempt and signs them where needed; sends nothing. `live` are earlier attempts of any row
    /// that may still be included: their nonces are taken. `replaces` asks for the same nonce with a higher fee.
    ///
    /// # Errors
    /// Account, remote.
    fn prepare(
        &mut self,
        submission: &Submission,
        live: &[Attempt],
        replaces: Option<&Attempt>,
        prompt: AccountPrompt<'_>,
    ) -> Result<Attempt, EndpointError>;

    /// Sends it. `Ok` says only that it was handed over; an error says only that this is not known.
    ///
    /// # Errors
    /// As said.
    fn broadcast(&mut self, attempt: &Attempt) -> Result<(), EndpointError>;

    /// Where it stands.
    ///
    /// # Errors
    /// When it cannot be asked.
    fn status(&mut self, attempt: &Attempt) -> Result<Status, EndpointError>;
}
