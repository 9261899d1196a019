//! The head of the store in a file of its own beside the database: how many rows each table had, and the head of the trace.
//!
//! It is brought up to date when a store is opened, at most once a minute, and when the books were found whole; it never
//! goes back. A store that has less than it once had, counts and all, is behind its head. Not its business: rows that were
//! edited (`tally`, the chains).
//!
//! What the file names must be on the device before the file is: else a loss of power would look like a removed row.

use std::{collections::BTreeMap, fs::File, io, path::Path, time::Duration};

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::{atomic, database::Refusal, tally};

/// Name of the file in the home folder.
pub(crate) const FILE: &str = "countersign.head";
/// The row of the tally that says that the file exists.
const MARK: &str = "head";
/// How old a head may get before the next who opens the store brings it up to date.
const FRESH: Duration = Duration::from_secs(60);

/// Where a store stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// Rows that each table ever got.
    pub(crate) rows: BTreeMap<String, u64>,
    /// Head of the trace over all sessions, hex.
    pub(crate) trace: String,
}

/// What the file says.
pub(crate) enum Kept {
    /// There never was one.
    Never,
    /// There was one, and it is gone or cannot be read.
    Missing,
    Head(Head),
}

impl Head {
    pub(crate) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let rows = connection
            .prepare_cached("SELECT name, rows FROM tally WHERE name <> 'head'")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut head = Self {
            rows,
            trace: String::new(),
        };
        // By its place and not as the last one: another process may have appended in between.
        let trace: Option<[u8; 32]> = connection
            .prepare_cached("SELECT store_head FROM trace WHERE seq = ?1")?
            .query_row([head.count("trace")], |row| row.get(0))
            .optional()?;
        head.trace = hex::encode(trace.unwrap_or_default());
        Ok(head)
    }

    pub(crate) fn count(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or_default()
    }

    /// Whether a store at `now` has everything that this one had.
    pub(crate) fn leads_to(&self, now: &Self, connection: &Connection) -> Result<bool, Refusal> {
        if tally::TABLES.iter().any(|table| self.count(table) > now.count(table)) {
            return Ok(false);
        }
        if self.count("trace") == 0 {
            return Ok(true);
        }
        let there: Option<[u8; 32]> = connection
            .prepare_cached("SELECT store_head FROM trace WHERE seq = ?1")?
            .query_row([self.count("trace")], |row| row.get(0))
            .optional()?;
        Ok(there.is_some_and(|head| hex::encode(head) == self.trace))
    }
}

pub(crate) fn read(connection: &Connection, home: &Path) -> Result<Kept, Refusal> {
    let marked: Option<u64> = connection
        .prepare_cached("SELECT rows FROM tally WHERE name = ?1")?
        .query_row([MARK], |row| row.get(0))
        .optional()?;
    let head = std::fs::read(home.join(FILE))
        .ok()
        .and_then(|octets| serde_json::from_slice(&octets).ok());
    Ok(match (head, marked) {
        (Some(head), _) => Kept::Head(head),
        (None, Some(_)) => Kept::Missing,
        (None, None) => Kept::Never,
    })
}

/// Brings the file up to date where it has grown old. What does not succeed is tried again by the
/// next; a store that is behind its head keeps that head.
pub(crate) fn follow(connection: &Connection, home: &Path) -> Result<(), Refusal> {
    let path = home.join(FILE);
    let age = std::fs::metadata(&path).and_then(|file| file.modified()).ok();
    let age = age.and_then(|modified| modified.elapsed().ok());
    if age.is_some_and(|age| age < FRESH) {
        return Ok(());
    }
    settle(connection, home)
}

/// Brings the file up to date now.
pub(crate) fn settle(connection: &Connection, home: &Path) -> Result<(), Refusal> {
    let now = Head::of(connection)?;
    match read(connection, home)? {
        Kept::Missing => Ok(()),
        Kept::Head(head) if head == now => Ok(()),
        Kept::Head(head) => {
            if head.leads_to(&now, connection)? {
                // A home that cannot be written keeps its old head.
                let _kept = write(home, &now);
            }
            Ok(())
        }
        Kept::Never => {
            if write(home, &now).is_ok() {
                connection
                    .prepare_cached("INSERT OR IGNORE INTO tally VALUES (?1, 1)")?
                    .execute([MARK])?;
            }
            Ok(())
        }
    }
}

fn write(home: &Path, head: &Head) -> io::Result<()> {
    let log = home.join("countersign.db-wal");
    // Without a log every change was written to the database itself.
    let newest = if log.exists() { log } else { home.join("countersign.db") };
    File::open(newest)?.sync_data()?;
    atomic::write(&home.join(FILE), &serde_json::to_vec(head)?, 0o600)
}
