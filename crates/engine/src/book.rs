//! Trace, sessions, outbox and records over one database: what a session writes into.
//!
//! Not its business: the tables (store).

use std::path::Path;

use countersign_evidence::{TraceEvent, TraceHead};
use countersign_signing::{
    Stage,
    ports::{Outbox, OutboxRow, SessionRow, Sessions, StoreError, Trace},
};
use countersign_store::{Database, OutboxStore, RecordStore, SessionStore, TraceStore};

use crate::fault::Fault;

/// The book. Clones of the database share one connection.
pub(crate) struct Book {
    pub(crate) database: Database,
    pub(crate) records: RecordStore,
    pub(crate) trace: TraceStore,
    sessions: SessionStore,
    outbox: OutboxStore,
}

impl Book {
    pub(crate) fn open(home: &Path) -> Result<Self, Fault> {
        let database = Database::open(home).map_err(|error| Fault::store(Stage::Open, &error))?;
        Ok(Self::over(database))
    }

    /// The book in a database that is open.
    pub(crate) fn over(database: Database) -> Self {
        Self {
            records: RecordStore::new(database.clone()),
            trace: TraceStore::new(database.clone()),
            sessions: SessionStore::new(database.clone()),
            outbox: OutboxStore::new(database.clone()),
            database,
        }
    }

    /// The unfinished sessions of one source, oldest first.
    pub(crate) fn unfinished_of(&self, source_sha256: &str) -> Result<Vec<SessionRow>, StoreError> {
        self.sessions.unfinished_of(source_sha256)
    }
}

impl Trace for Book {
    fn append(&mut self, event: &TraceEvent) -> Result<TraceHead, StoreError> {
        self.trace.append(event)
    }
}

impl Sessions for Book {
    fn save(&mut self, row: &SessionRow, durable: bool) -> Result<(), StoreError> {
        self.sessions.save(row, durable)
    }

    fn unfinished(&mut self) -> Result<Vec<SessionRow>, StoreError> {
        self.sessions.unfinished()
    }
}

impl Outbox for Book {
    fn enqueue(&mut self, row: &OutboxRow) -> Result<OutboxRow, StoreError> {
        self.outbox.enqueue(row)
    }

    fn update(&mut self, row: &OutboxRow) -> Result<(), StoreError> {
        self.outbox.update(row)
    }

    fn rows(&mut self) -> Result<Vec<OutboxRow>, StoreError> {
        self.outbox.rows()
    }
}
