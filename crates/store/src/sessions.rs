//! Signing sessions at rest.
//!
//! Not its business: what a state means (signing). A row replaces the one before it; the trace keeps the history, and the row where the
//! trace stood when it was saved.

use countersign_signing::ports::{SessionRow, Sessions, StoreError};
use rusqlite::{OptionalExtension, Row};

use crate::database::{Database, Durability, Refusal};
use crate::tally::session_seal;
use crate::trace_store::last_of;

/// The sessions of a store.
pub struct SessionStore {
    database: Database,
}

impl SessionStore {
    /// The sessions of an open store.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// One session, finished or not.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn find(&self, id: &str) -> Result<Option<SessionRow>, StoreError> {
        self.database.read("read a session", |connection| {
            let sql = "SELECT id, state, source_sha256, output, part, body, updated FROM sessions WHERE id = ?1";
            let found = connection
                .prepare_cached(sql)?
                .query_row([id], |row| Ok(read(row)))
                .optional()?;
            found.transpose()
        })
    }

    /// Those of one source that are neither done nor abandoned, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn unfinished_of(&self, source_sha256: &str) -> Result<Vec<SessionRow>, StoreError> {
        self.database.read("read the sessions", |connection| {
            let sql = "SELECT id, state, source_sha256, output, part, body, updated FROM sessions
                WHERE state NOT IN ('done', 'abandoned') AND source_sha256 = ?1 ORDER BY seq";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([source_sha256], |row| Ok(read(row)))?;
            rows.map(|row| row?).collect()
        })
    }
}

impl Sessions for SessionStore {
    fn save(&mut self, row: &SessionRow, durable: bool) -> Result<(), StoreError> {
        let durability = if durable {
            Durability::Power
        } else {
            Durability::Process
        };
        self.database.change_once("save a session", durability, |transaction| {
            let sql = "INSERT INTO sessions
                (id, state, source_sha256, output, part, body, updated, trace_count, trace_head, seal)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO UPDATE SET state = excluded.state,
                source_sha256 = excluded.source_sha256, output = excluded.output, part = excluded.part,
                body = excluded.body, updated = excluded.updated, trace_count = excluded.trace_count,
                trace_head = excluded.trace_head, seal = excluded.seal";
            let updated = row.updated.to_string();
            let head = last_of(transaction, &row.id)?;
            let texts = [
                &row.id,
                &row.state,
                &row.source_sha256,
                &row.output,
                &row.part,
                &row.body,
                &updated,
            ];
            let seal = session_seal(&texts.map(String::as_str), &head);
            let values = (
                &row.id,
                &row.state,
                &row.source_sha256,
                &row.output,
                &row.part,
                &row.body,
                updated,
                head.count,
                head.hash,
                seal,
            );
            transaction.prepare_cached(sql)?.execute(values)?;
            Ok(())
        })
    }

    fn unfinished(&mut self) -> Result<Vec<SessionRow>, StoreError> {
        self.database.read("read the sessions", |connection| {
            let sql = "SELECT id, state, source_sha256, output, part, body, updated FROM sessions
                WHERE state NOT IN ('done', 'abandoned') ORDER BY seq";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| Ok(read(row)))?;
            rows.map(|row| row?).collect()
        })
    }
}

fn read(row: &Row<'_>) -> Result<SessionRow, Refusal> {
    let id: String = row.get(0)?;
    let updated: String = row.get(6)?;
    let updated = updated
        .parse()
        .map_err(|_| Refusal::damaged(format!("time of session {id}")))?;
    Ok(SessionRow {
        id,
        state: row.get(1)?,
        source_sha256: row.get(2)?,
        output: row.get(3)?,
        part: row.get(4)?,
        body: row.get(5)?,
        updated,
    })
}
