//! The trace on disk: one hash chain for each signing session, and one over all of them.
//!
//! A session's chain can be given away alone (it starts from nothing and names no other contract); the store's chain shows
//! when a whole session was removed. Not its business: what is traced (signing). Clause: GB/T 36320 6.5.3 (签约轨迹).
//!
//! The entry of a record (`record`) holds where the chain over all sessions stood: the record names the head after it, and goes
//! out of this machine, so that nothing before it can be written anew without notice.
//!
//! `store_head(n) = SHA-256("countersign.store-trace/1\n" ‖ store_head(n-1) ‖ head(n))`, from 32 zero octets.

use std::collections::HashMap;

use countersign_evidence::{
    EvidenceError, TraceEvent, TraceHead,
    canonical::{from_canonical, tagged_digest, to_canonical},
};
use countersign_signing::ports::{StoreError, Trace};
use rusqlite::OptionalExtension;

use crate::database::{Database, Durability, Refusal};

/// Tag of the chain over all sessions.
const STORE: &str = "countersign.store-trace/1";

/// Octets of one entry at most.
pub(crate) const MAX_ENTRY: usize = 64 * 1024;

/// The trace of a store.
pub struct TraceStore {
    database: Database,
}

/// A whole trace that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceCheck {
    /// Entries in all sessions.
    pub entries: u64,
    /// Sessions with entries.
    pub sessions: u64,
    /// Head of the chain over all sessions.
    pub store_head: [u8; 32],
}

/// Why a trace does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum TraceFault {
    /// The chain of one session is broken.
    #[error("session {session:?}: {error}")]
    Session { session: String, error: EvidenceError },
    /// An entry is missing from, or was moved in, the chain over all sessions.
    #[error("the chain over all sessions is broken at entry {seq}")]
    Store { seq: u64 },
    /// A head that is known from a record or a bundle never was one.
    #[error("no entry {count} with head {}", hex::encode(head))]
    Missing { head: [u8; 32], count: u64 },
    /// It could not be read.
    #[error(transparent)]
    Unreadable(#[from] StoreError),
}

impl TraceStore {
    /// The trace of an open store.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Where a session's chain stands.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn head(&self, session: &str) -> Result<TraceHead, StoreError> {
        self.database
            .read("read the trace", |connection| last_of(connection, session))
    }

    /// A session's entries with their heads, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn show(&self, session: &str) -> Result<Vec<(TraceEvent, TraceHead)>, StoreError> {
        self.database.read("read the trace", |connection| {
            let mut statement =
                connection.prepare_cached("SELECT entry, position, head FROM trace WHERE session = ?1 ORDER BY seq")?;
            let rows = statement.query_map([session], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2)?))
            })?;
            rows.map(|row| {
                let (entry, count, hash) = row?;
                let event = from_canonical(&entry, MAX_ENTRY)
                    .map_err(|error| Refusal::damaged(format!("trace entry {count} of {session:?}: {error}")))?;
                Ok((event, TraceHead { hash, count }))
            })
            .collect()
        })
    }

    /// Walks everything. `known` are heads from records and bundles: they show what is missing at the end.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self, known: &[TraceHead]) -> Result<TraceCheck, TraceFault> {
        let mut sessions: HashMap<String, TraceHead> = HashMap::new();
        let mut open: Vec<TraceHead> = known.iter().copied().filter(|head| *head != TraceHead::START).collect();
        let mut check = TraceCheck {
            entries: 0,
            sessions: 0,
            store_head: [0; 32],
        };
        let walked = self.database.read("read the trace", |connection| {
            let mut statement =
                connection.prepare("SELECT seq, session, position, entry, head, store_head FROM trace ORDER BY seq")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let entry: Vec<u8> = row.get(3)?;
                let claimed = TraceHead {
                    hash: row.get(4)?,
                    count: row.get(2)?,
                };
                if let Err(fault) = step(
                    &mut sessions,
                    &mut check,
                    (row.get(0)?, row.get(1)?),
                    &entry,
                    (claimed, row.get(5)?),
                ) {
                    return Ok(Err(fault));
                }
                open.retain(|head| *head != claimed);
            }
            Ok(Ok(()))
        })?;
        walked?;
        check.sessions = sessions.len() as u64;
        match open.first() {
            Some(missing) => Err(TraceFault::Missing {
                head: missing.hash,
                count: missing.count,
            }),
            None => Ok(check),
        }
    }
}

impl Trace for TraceStore {
    fn append(&mut self, event: &TraceEvent) -> Result<TraceHead, StoreError> {
        let refused = |error: &EvidenceError| StoreError::Damaged {
            what: format!("trace event {}: {error}", event.kind),
        };
        let encoded = |event: &TraceEvent| {
            let entry = to_canonical(event).map_err(|error| refused(&error))?;
            if entry.len() > MAX_ENTRY {
                return Err(refused(&EvidenceError::TooLarge {
                    size: entry.len(),
                    limit: MAX_ENTRY,
                }));
            }
            Ok(entry)
        };
        self.database
            .change_once("append to the trace", Durability::Process, |transaction| {
                let (seq, store_head): (u64, [u8; 32]) = transaction
                    .prepare_cached("SELECT seq, store_head FROM trace ORDER BY seq DESC LIMIT 1")?
                    .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?
                    .unwrap_or_default();
                let entry = if event.kind == RECORD {
                    let mut event = event.clone();
                    event.detail.insert(STANDING.to_owned(), standing(seq, &store_head));
                    encoded(&event)
                } else {
                    encoded(event)
                }
                .map_err(Refusal::Store)?;
                let head = last_of(transaction, &event.session)?.next_octets(&entry);
                transaction
                    .prepare_cached("INSERT INTO trace VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                    .execute((
                        seq.saturating_add(1),
                        &event.session,
                        head.count,
                        entry,
                        head.hash,
                        store_step(&store_head, &head),
                    ))?;
                Ok(head)
            })
    }
}

pub(crate) fn last_of(connection: &rusqlite::Connection, session: &str) -> Result<TraceHead, Refusal> {
    let last = connection
        .prepare_cached("SELECT position, head FROM trace WHERE session = ?1 ORDER BY position DESC LIMIT 1")?
        .query_row([session], |row| {
            Ok(TraceHead {
                count: row.get(0)?,
                hash: row.get(1)?,
            })
        })
        .optional()?;
    Ok(last.unwrap_or(TraceHead::START))
}

fn step(
    sessions: &mut HashMap<String, TraceHead>,
    check: &mut TraceCheck,
    (seq, session): (u64, String),
    entry: &[u8],
    (claimed, claimed_store): (TraceHead, [u8; 32]),
) -> Result<(), TraceFault> {
    let event: TraceEvent = from_canonical(entry, MAX_ENTRY).map_err(|error| TraceFault::Session {
        session: session.clone(),
        error,
    })?;
    if event.session != session {
        return Err(TraceFault::Store { seq });
    }
    let claimed_standing = event.detail.get(STANDING).filter(|_| event.kind == RECORD);
    if claimed_standing.is_some_and(|claimed| *claimed != standing(check.entries, &check.store_head)) {
        return Err(TraceFault::Store { seq });
    }
    let before = sessions.get(&session).copied().unwrap_or(TraceHead::START);
    let computed = before.next_octets(entry);
    if computed != claimed {
        let fault = if computed.count == claimed.count {
            countersign_evidence::ChainFault::Hash {
                expected: computed.hash,
                found: claimed.hash,
            }
        } else {
            countersign_evidence::ChainFault::Position {
                expected: computed.count,
                found: claimed.count,
            }
        };
        let error = EvidenceError::Broken {
            position: computed.count,
            fault,
        };
        return Err(TraceFault::Session { session, error });
    }
    let store_head = store_step(&check.store_head, &computed);
    if seq != check.entries + 1 || store_head != claimed_store {
        return Err(TraceFault::Store { seq });
    }
    check.entries = seq;
    check.store_head = store_head;
    sessions.insert(session, computed);
    Ok(())
}

/// Entries and head of the chain over all sessions.
fn standing(entries: u64, store_head: &[u8; 32]) -> String {
    format!("{entries}:{}", hex::encode(store_head))
}

/// The kind of entry that a record rests on, and the detail of it that says where the store stood.
const RECORD: &str = "record";
const STANDING: &str = "store";

fn store_step(store_head: &[u8; 32], head: &TraceHead) -> [u8; 32] {
    tagged_digest(STORE, &[store_head.as_slice(), head.hash.as_slice()].concat())
}
