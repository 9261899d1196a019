//! What a run has left in the store, and files that should not be anywhere.

use std::path::{Path, PathBuf};

use countersign_signing::ports::{Outbox as _, OutboxRow, SessionRow, Sessions as _};
use countersign_store::{Database, OutboxStore, RecordStore, SessionStore, StoredRecord, TraceStore, journal_entries};

use crate::desk::Desk;

/// The store's content.
pub struct Left {
    /// Records.
    pub records: Vec<StoredRecord>,
    /// Rows of the outbox.
    pub rows: Vec<OutboxRow>,
    /// Sessions that are neither done nor abandoned.
    pub unfinished: Vec<SessionRow>,
    /// Evidence of each entry of the journal named `journal`, hex.
    pub journal: Vec<String>,
    database: Database,
}

impl Left {
    /// Reads it.
    ///
    /// # Panics
    /// When the store cannot be read.
    #[must_use]
    pub fn read(desk: &Desk) -> Self {
        let database = Database::open(&desk.home()).expect("a store");
        let entries = journal_entries(&database, "journal").expect("a journal");
        Self {
            records: RecordStore::new(database.clone()).all().expect("records"),
            rows: OutboxStore::new(database.clone()).rows().expect("rows"),
            unfinished: SessionStore::new(database.clone()).unfinished().expect("sessions"),
            journal: entries
                .into_iter()
                .map(|(entry, _)| hex::encode(entry.evidence))
                .collect(),
            database,
        }
    }

    /// Kinds of what happened in a session, in order.
    ///
    /// # Panics
    /// When the trace cannot be read.
    #[must_use]
    pub fn kinds(&self, session: &str) -> Vec<String> {
        let events = TraceStore::new(self.database.clone()).show(session).expect("a trace");
        events.into_iter().map(|(event, _)| event.kind).collect()
    }
}

/// Private copies and half-written files under a folder.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn strays(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(strays(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "part" || extension == "new")
        {
            found.push(path);
        }
    }
    found
}
