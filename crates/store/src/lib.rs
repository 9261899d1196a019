//! The store: everything of Countersign that touches the disk.
//!
//! In scope: the private copy and the output, the database (trace, sessions, outbox, records, journal), the configuration,
//! secrets in the keyring. Out of scope: HTTP, tokens, what any of the stored values mean.

pub mod atomic;
pub mod books;
pub mod config;
mod database;
mod head;
mod journal_endpoint;
pub mod keyring;
mod log;
mod outbox;
mod records;
mod sessions;
pub mod snapshot;
mod tally;
mod trace_store;

pub use database::{Database, Durability};
pub use journal_endpoint::{DIFFERS, JournalEndpoint, Place, journal_entries, journal_names, journal_verify};
pub use outbox::{OutboxLock, OutboxStore};
pub use records::{RecordStore, StoredRecord};
pub use sessions::SessionStore;
pub use trace_store::{TraceCheck, TraceFault, TraceStore};
