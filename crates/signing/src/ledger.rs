//! What every step writes down before it acts, and the states a session can be resumed from.
//!
//! Not its business: the database (store).

use std::collections::BTreeMap;

use countersign_evidence::{TraceEvent, TraceHead};
use serde::{Deserialize, Serialize};

use crate::{
    embed::Sealed,
    ports::{Clock, Outbox, SessionRow, Sessions, StoreError, Trace},
    prepare::Prepared,
    record::Recorded,
    sign::Signed,
};

/// The steps, as they are named in faults and in the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names of the steps")]
pub enum Stage {
    Open,
    Review,
    Approve,
    Prepare,
    Sign,
    Timestamp,
    Embed,
    Record,
    Submit,
    Verify,
}

impl Stage {
    /// The name in the trace.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Review => "review",
            Self::Approve => "approve",
            Self::Prepare => "prepare",
            Self::Sign => "sign",
            Self::Timestamp => "timestamp",
            Self::Embed => "embed",
            Self::Record => "record",
            Self::Submit => "submit",
            Self::Verify => "verify",
        }
    }
}

/// A step that failed, with the value it would have consumed.
#[derive(Debug)]
pub struct Failed<S, E> {
    /// The value, unharmed.
    pub state: S,
    /// Why.
    pub error: E,
}

/// Trace, sessions and outbox in one.
pub trait Storage: Trace + Sessions + Outbox {}
impl<T: Trace + Sessions + Outbox> Storage for T {}

/// The book that a session writes into.
pub struct Ledger<'a> {
    /// Where it is kept.
    pub storage: &'a mut dyn Storage,
    /// The clock for the entries.
    pub clock: &'a dyn Clock,
    /// Session id, random, hex.
    pub session: String,
    /// Where the result goes.
    pub output: String,
    /// The private copy.
    pub part: String,
}

/// A session's plain data at rest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum SessionState {
    /// Waits for the token.
    Prepared(Box<Prepared>),
    /// Signed; waits for the stamp or for embedding.
    Signed(Box<Signed>),
    /// The finished tail is known; the file may or may not have been renamed.
    Sealed(Box<Sealed>),
    /// The file is out; the record exists.
    Recorded(Box<Recorded>),
}

impl SessionState {
    const fn name(&self) -> &'static str {
        match self {
            Self::Prepared(_) => "prepared",
            Self::Signed(_) => "signed",
            Self::Sealed(_) => "sealed",
            Self::Recorded(_) => "recorded",
        }
    }

    /// What was prepared, whatever has become of it since.
    #[must_use]
    pub fn prepared(&self) -> &Prepared {
        match self {
            Self::Prepared(prepared) => prepared,
            Self::Signed(signed) => &signed.prepared,
            Self::Sealed(sealed) => &sealed.signed.prepared,
            Self::Recorded(recorded) => &recorded.sealed.signed.prepared,
        }
    }

    fn source_sha256(&self) -> String {
        hex::encode(self.prepared().source.sha256)
    }
}

impl Ledger<'_> {
    /// Appends to the trace. When this fails the step must not act.
    ///
    /// # Errors
    /// When it could not be kept.
    pub fn trace(&mut self, kind: &str, detail: &[(&str, &str)]) -> Result<TraceHead, StoreError> {
        let detail: BTreeMap<String, String> = detail
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        self.storage.append(&TraceEvent {
            session: self.session.clone(),
            kind: kind.to_owned(),
            at: self.clock.now(),
            detail,
        })
    }

    /// Keeps the state.
    ///
    /// # Errors
    /// When it could not be kept.
    pub fn save(&mut self, state: &SessionState, durable: bool) -> Result<(), StoreError> {
        let body = serde_json::to_string(state).map_err(|error| StoreError::Io {
            operation: "encode",
            reason: error.to_string(),
        })?;
        self.row(state.name(), state.source_sha256(), body, durable)
    }

    /// Closes the session: `done` or `abandoned`.
    ///
    /// # Errors
    /// When it could not be kept.
    pub fn close(&mut self, outcome: &'static str, source_sha256: &[u8; 32]) -> Result<(), StoreError> {
        self.row(outcome, hex::encode(source_sha256), String::new(), false)
    }

    fn row(&mut self, state: &str, source_sha256: String, body: String, durable: bool) -> Result<(), StoreError> {
        let row = SessionRow {
            id: self.session.clone(),
            state: state.to_owned(),
            source_sha256,
            output: self.output.clone(),
            part: self.part.clone(),
            body,
            updated: self.clock.now(),
        };
        Sessions::save(self.storage, &row, durable)
    }
}
