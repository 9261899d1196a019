//! The local journal as an endpoint: append-only, hash-chained, on this machine only. Never called a chain.
//!
//! Not its business: what an entry is (evidence). It proves order and later tampering only to someone who holds an earlier
//! entry hash. An entry is final when it is appended.

use countersign_evidence::{
    EvidenceError, JournalEntry, Payload,
    journal::{leaf, parse_leaf, verify_entries},
};
use countersign_signing::ports::{
    AccountPrompt, Attempt, Clock, Endpoint, EndpointError, EndpointFacts, EndpointKind, Finality, Found, Status,
    StoreError, Submission,
};
use rusqlite::{Connection, OptionalExtension};

use crate::database::{Database, Durability, Refusal};

/// Code of a refusal: an entry for the same evidence holds other parts.
pub const DIFFERS: i64 = 1;

/// Number and hash of an entry.
pub type Place = (u64, [u8; 32]);

/// One journal of a store.
pub struct JournalEndpoint<C> {
    database: Database,
    name: String,
    practice: bool,
    clock: C,
}

impl<C: Clock> JournalEndpoint<C> {
    /// The journal of this name; it begins with its first entry.
    pub const fn new(database: Database, name: String, practice: bool, clock: C) -> Self {
        Self {
            database,
            name,
            practice,
            clock,
        }
    }
}

/// The entries of a journal with their hashes, oldest first.
///
/// # Errors
/// When they cannot be read.
pub fn journal_entries(database: &Database, name: &str) -> Result<Vec<(JournalEntry, [u8; 32])>, StoreError> {
    let entries = stored(database, name)?.into_iter().map(|row| {
        let entry = JournalEntry::parse(&row.entry).map_err(|error| StoreError::Damaged {
            what: format!("journal {name} entry {}: {error}", row.seq),
        })?;
        Ok((entry, row.hash))
    });
    entries.collect()
}

/// The journals that have begun, whether or not the configuration still names them.
///
/// # Errors
/// When they cannot be read.
pub fn journal_names(database: &Database) -> Result<Vec<String>, StoreError> {
    database.read("read the journals", |connection| {
        let mut statement =
            connection.prepare("SELECT name FROM journals UNION SELECT name FROM journal ORDER BY name")?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    })
}

/// Walks a journal from its first entry. Returns where it ends: the place to compare with one noted earlier.
///
/// # Errors
/// `Damaged` at the first entry that does not hold, or when `known` (a place noted earlier) is not in it.
pub fn journal_verify(database: &Database, name: &str, known: Option<Place>) -> Result<Option<Place>, StoreError> {
    let damaged = |what: String| StoreError::Damaged {
        what: format!("journal {name}: {what}"),
    };
    let rows = stored(database, name)?;
    let last = verify_entries(rows.iter().map(|row| (row.entry.as_slice(), row.hash)))
        .map_err(|error| damaged(error.to_string()))?;
    for row in &rows {
        // What is looked up by must be what is in the entry.
        let entry = JournalEntry::parse(&row.entry).map_err(|error| damaged(error.to_string()))?;
        let (id, _) = leaf(&entry.payload).map_err(|error| damaged(error.to_string()))?;
        if (row.seq, row.evidence, row.parts, row.leaf) != (entry.seq, entry.evidence, entry.parts, id) {
            return Err(damaged(format!("entry {} is filed as something else", entry.seq)));
        }
    }
    match known {
        Some((seq, hash)) if !rows.iter().any(|row| (row.seq, row.hash) == (seq, hash)) => {
            Err(damaged(format!("no entry {seq} with hash {}", hex::encode(hash))))
        }
        _ => Ok(last),
    }
}

impl<C: Clock> Endpoint for JournalEndpoint<C> {
    fn facts(&self) -> EndpointFacts {
        EndpointFacts {
            name: self.name.clone(),
            kind: EndpointKind::Journal,
            finality: Finality::Instant,
            practice: self.practice,
        }
    }

    fn check(&mut self) -> Result<(), EndpointError> {
        let known = self
            .database
            .read("read the journal", |connection| identity(connection, &self.name));
        match known.map_err(storage)? {
            Some((_, practice)) if practice != self.practice => Err(EndpointError::Mismatch {
                what: "practice journal",
                pinned: self.practice.to_string(),
                seen: practice.to_string(),
            }),
            _ => Ok(()),
        }
    }

    fn find(&mut self, payload: &Payload) -> Result<Option<Found>, EndpointError> {
        let found = self.database.read("read the journal", |connection| {
            let sql = "SELECT entry, leaf FROM journal WHERE name = ?1 AND evidence = ?2 AND parts = ?3";
            let found: Option<(Vec<u8>, [u8; 32])> = connection
                .prepare_cached(sql)?
                .query_row((&self.name, payload.evidence(), payload.parts()), |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            let Some((entry, id)) = found else { return Ok(None) };
            let entry = JournalEntry::parse(&entry).map_err(|error| damaged(&self.name, &error))?;
            Ok(Some(Found {
                submitter: entry.journal,
                time: entry.time,
                id: Some(hex::encode(id)),
                is_final: true,
            }))
        });
        found.map_err(storage)
    }

    fn prepare(
        &mut self,
        submission: &Submission,
        _live: &[Attempt],
        _replaces: Option<&Attempt>,
        _prompt: AccountPrompt<'_>,
    ) -> Result<Attempt, EndpointError> {
        // The place in the journal is known only when it is appended; the leaf is known now and the same every time.
        let (id, raw) = leaf(&submission.payload).map_err(|error| EndpointError::Storage(error.to_string()))?;
        Ok(Attempt {
            id: hex::encode(id),
            raw,
            nonce: None,
            account: None,
        })
    }

    fn broadcast(&mut self, attempt: &Attempt) -> Result<(), EndpointError> {
        let (id, payload) = parse_leaf(&attempt.raw).map_err(|error| EndpointError::Storage(error.to_string()))?;
        if hex::encode(id) != attempt.id {
            return Err(EndpointError::Mismatch {
                what: "attempt",
                pinned: attempt.id.clone(),
                seen: hex::encode(id),
            });
        }
        self.check()?;
        let time = u64::try_from(self.clock.now().as_second()).unwrap_or_default();
        let conflict = self
            .database
            .change("append to the journal", Durability::Power, |transaction| {
                append(transaction, &self.name, self.practice, &id, payload, time)
            });
        match conflict.map_err(storage)? {
            Appended::Here => Ok(()),
            Appended::Differs { seq } => Err(EndpointError::Rejected {
                code: DIFFERS,
                message: format!("entry {seq} holds the same evidence with other parts"),
            }),
        }
    }

    fn status(&mut self, attempt: &Attempt) -> Result<Status, EndpointError> {
        let mut id = [0; 32];
        hex::decode_to_slice(&attempt.id, &mut id).map_err(|error| EndpointError::Storage(error.to_string()))?;
        let found = self.database.read("read the journal", |connection| {
            let sql = "SELECT seq, hash FROM journal WHERE name = ?1 AND leaf = ?2";
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement
                .query_row((&self.name, id), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?)
        });
        Ok(match found.map_err(storage)? {
            None => Status::Unknown { nonce_consumed: false },
            Some((block_number, hash)) => {
                let hash: [u8; 32] = hash;
                Status::Included {
                    block_number,
                    block_hash: format!("0x{}", hex::encode(hash)),
                    is_final: true,
                }
            }
        })
    }
}

enum Appended {
    /// Now or earlier: once in any case.
    Here,
    /// The same evidence with other parts: an alarm, never a second truth.
    Differs { seq: u64 },
}

fn append(
    connection: &Connection,
    name: &str,
    practice: bool,
    id: &[u8; 32],
    payload: Payload,
    time: u64,
) -> Result<Appended, Refusal> {
    let (evidence, parts) = (*payload.evidence(), payload.parts());
    let sql = "SELECT seq, parts FROM journal WHERE name = ?1 AND evidence = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let same = statement.query_map((name, evidence), |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in same {
        let (seq, kept): (u64, [u8; 32]) = row?;
        if kept == parts {
            return Ok(Appended::Here);
        }
        // A bare commitment beside the parts is another degree of disclosure, not another truth.
        if kept != [0; 32] && parts != [0; 32] {
            return Ok(Appended::Differs { seq });
        }
    }
    let journal = match identity(connection, name)? {
        Some((journal, _)) => journal,
        None => {
            let sql = "INSERT INTO journals VALUES (?1, lower(hex(randomblob(16))), ?2) RETURNING id";
            connection
                .prepare_cached(sql)?
                .query_row((name, practice), |row| row.get(0))?
        }
    };
    let sql = "SELECT seq, hash FROM journal WHERE name = ?1 ORDER BY seq DESC LIMIT 1";
    let last: Option<Place> = connection
        .prepare_cached(sql)?
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let entry = JournalEntry::after(last, &journal, practice, payload, time);
    let octets = entry.canonical().map_err(|error| damaged(name, &error))?;
    let hash = entry.hash().map_err(|error| damaged(name, &error))?;
    let sql = "INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    connection
        .prepare_cached(sql)?
        .execute((name, entry.seq, id, evidence, parts, octets, hash))?;
    Ok(Appended::Here)
}

fn identity(connection: &Connection, name: &str) -> Result<Option<(String, bool)>, Refusal> {
    let mut statement = connection.prepare_cached("SELECT id, practice FROM journals WHERE name = ?1")?;
    Ok(statement
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

struct Stored {
    seq: u64,
    leaf: [u8; 32],
    evidence: [u8; 32],
    parts: [u8; 32],
    entry: Vec<u8>,
    hash: [u8; 32],
}

fn stored(database: &Database, name: &str) -> Result<Vec<Stored>, StoreError> {
    database.read("read the journal", |connection| {
        let sql = "SELECT seq, leaf, evidence, parts, entry, hash FROM journal WHERE name = ?1 ORDER BY seq";
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([name], |row| {
            Ok(Stored {
                seq: row.get(0)?,
                leaf: row.get(1)?,
                evidence: row.get(2)?,
                parts: row.get(3)?,
                entry: row.get(4)?,
                hash: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    })
}

fn damaged(name: &str, error: &EvidenceError) -> Refusal {
    Refusal::damaged(format!("journal {name}: {error}"))
}

#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn storage(error: StoreError) -> EndpointError {
    EndpointError::Storage(error.to_string())
}
