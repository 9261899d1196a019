//! What must outlive the process: the trace, the sessions, the outbox.
//!
//! Not its business: where. Every call is durable against the death of the process when it returns; `durable` ones also
//! against loss of power.

use countersign_evidence::{TraceEvent, TraceHead};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::endpoint::{Attempt, Submission};

/// Why something could not be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system or the database said no.
    #[error("{operation} failed: {reason}")]
    Io { operation: &'static str, reason: String },
    /// What is stored does not fit what it claims to be.
    #[error("stored data is damaged: {what}")]
    Damaged { what: String },
    /// Another process holds it.
    #[error("in use by another process: {what}")]
    Busy { what: String },
}

/// The trace.
pub trait Trace {
    /// Appends before the effect takes place. Returns the new head.
    ///
    /// # Errors
    /// When it could not be kept: then the effect must not happen.
    fn append(&mut self, event: &TraceEvent) -> Result<TraceHead, StoreError>;
}

/// A signing session at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Random, hex.
    pub id: String,
    /// prepared, signed, stamped, sealed, recorded, done, abandoned.
    pub state: String,
    /// SHA-256 of the file as it was approved, hex.
    pub source_sha256: String,
    /// Where the result goes.
    pub output: String,
    /// The private copy.
    pub part: String,
    /// The state's plain data, JSON.
    pub body: String,
    /// Last change.
    pub updated: Timestamp,
}

/// The sessions.
pub trait Sessions {
    /// Inserts or replaces by id.
    ///
    /// # Errors
    /// When it could not be kept.
    fn save(&mut self, row: &SessionRow, durable: bool) -> Result<(), StoreError>;

    /// All that are neither done nor abandoned, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn unfinished(&mut self) -> Result<Vec<SessionRow>, StoreError>;
}

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutboxState {
    /// Waits for the endpoint; nothing was signed for it.
    Queued,
    /// An attempt is on disk, perhaps sent.
    Signed,
    /// Handed over to the endpoint.
    Broadcast,
    /// Included, not final.
    Included,
    /// Final by the endpoint's rule.
    Final,
    /// Someone else's entry, or a lost attempt of ours, holds the same evidence and parts.
    Adopted,
    /// Needs a person: wrong chain, no funds, no permission.
    Blocked,
    /// Was final and is no longer on the endpoint's history: an alarm.
    Violated,
}

/// A submission at rest: one row for each evidence and endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// Row id, random, hex.
    pub id: String,
    /// Name of the endpoint.
    pub endpoint: String,
    /// What goes out.
    pub submission: Submission,
    /// State.
    pub state: OutboxState,
    /// Every attempt ever signed for it, oldest first.
    pub attempts: Vec<Attempt>,
    /// Height of inclusion.
    pub block_number: Option<u64>,
    /// Hash of the including block.
    pub block_hash: Option<String>,
    /// Code of the last fault, kebab-case, or empty.
    pub last_fault: String,
    /// Tries since the last success.
    pub tries: u32,
    /// Not before.
    pub next_try: Timestamp,
    /// Last change.
    pub updated: Timestamp,
    /// Waits for the person's word: nothing goes out before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// Attempts that a person has seen and allowed to be followed by others (`outbox retry`).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub allowed_attempts: usize,
    /// No further paid attempt before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<Timestamp>,
    /// Since when it is final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_since: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's own form")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The outbox. One writer for each account.
pub trait Outbox {
    /// Inserts; an existing row for the same evidence and endpoint is returned unchanged instead.
    ///
    /// # Errors
    /// When it could not be kept.
    fn enqueue(&mut self, row: &OutboxRow) -> Result<OutboxRow, StoreError>;

    /// Replaces by id, durable against loss of power when this returns.
    ///
    /// # Errors
    /// When it could not be kept.
    fn update(&mut self, row: &OutboxRow) -> Result<(), StoreError>;

    /// All rows, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn rows(&mut self) -> Result<Vec<OutboxRow>, StoreError>;
}
