//! The outbox on disk: one row for each evidence and endpoint, every change durable against loss of power.
//!
//! Not its business: when and what is sent (signing, remote). A row never loses an attempt that was once written.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
};

use countersign_signing::ports::{Outbox, OutboxRow, StoreError};
use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use crate::database::{Database, Durability, Refusal};
use crate::tally::outbox_seal;

/// The outbox of a store.
pub struct OutboxStore {
    database: Database,
}

impl OutboxStore {
    /// The outbox of an open store.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// One row.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn find(&self, id: &str) -> Result<Option<OutboxRow>, StoreError> {
        self.database.read("read the outbox", |connection| {
            let sql = "SELECT body FROM outbox WHERE id = ?1";
            let body: Option<String> = connection
                .prepare_cached(sql)?
                .query_row([id], |row| row.get(0))
                .optional()?;
            body.map(|body| parse(&body)).transpose()
        })
    }
}

impl Outbox for OutboxStore {
    fn enqueue(&mut self, row: &OutboxRow) -> Result<OutboxRow, StoreError> {
        self.database
            .change("add to the outbox", Durability::Power, |transaction| {
                let evidence = row.submission.payload.evidence();
                let sql = "SELECT body FROM outbox WHERE evidence = ?1 AND endpoint = ?2";
                let kept: Option<String> = transaction
                    .prepare_cached(sql)?
                    .query_row((evidence, &row.endpoint), |row| row.get(0))
                    .optional()?;
                if let Some(kept) = kept {
                    return parse(&kept);
                }
                let sql = "INSERT INTO outbox (id, evidence, endpoint, body, seal) VALUES (?1, ?2, ?3, ?4, ?5)";
                let body = text(row)?;
                let seal = outbox_seal(&row.id, &row.endpoint, &body);
                transaction
                    .prepare_cached(sql)?
                    .execute((&row.id, evidence, &row.endpoint, body, seal))?;
                Ok(row.clone())
            })
    }

    fn update(&mut self, row: &OutboxRow) -> Result<(), StoreError> {
        self.database
            .change("update the outbox", Durability::Power, |transaction| {
                let sql = "SELECT body FROM outbox WHERE id = ?1";
                let kept: Option<String> = transaction
                    .prepare_cached(sql)?
                    .query_row([&row.id], |row| row.get(0))
                    .optional()?;
                let kept = parse(&kept.ok_or_else(|| Refusal::damaged(format!("no outbox row {}", row.id)))?)?;
                if kept.endpoint != row.endpoint || kept.submission != row.submission {
                    return Err(Refusal::damaged(format!(
                        "outbox row {} would become another submission",
                        row.id
                    )));
                }
                if !row.attempts.starts_with(&kept.attempts) {
                    return Err(Refusal::damaged(format!("outbox row {} would lose an attempt", row.id)));
                }
                let sql = "UPDATE outbox SET body = ?2, seal = ?3 WHERE id = ?1";
                let body = text(row)?;
                let seal = outbox_seal(&row.id, &row.endpoint, &body);
                transaction.prepare_cached(sql)?.execute((&row.id, body, seal))?;
                Ok(())
            })
    }

    fn rows(&mut self) -> Result<Vec<OutboxRow>, StoreError> {
        self.database.read("read the outbox", |connection| {
            let mut statement = connection.prepare_cached("SELECT body FROM outbox ORDER BY seq")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            rows.map(|body| parse(&body?)).collect()
        })
    }
}

fn text(row: &OutboxRow) -> Result<String, Refusal> {
    serde_json::to_string(row).map_err(|error| Refusal::damaged(format!("outbox row {}: {error}", row.id)))
}

fn parse(body: &str) -> Result<OutboxRow, Refusal> {
    serde_json::from_str(body).map_err(|error| Refusal::damaged(format!("outbox row: {error}")))
}

/// The right to submit for one account. Ends with the value or the process, whichever is first.
#[derive(Debug)]
pub struct OutboxLock {
    _file: File,
}

impl OutboxLock {
    /// Takes it without waiting.
    ///
    /// # Errors
    /// `Busy` when another process, or another part of this one, has it.
    pub fn acquire(database: &Database, account: &str) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::Io {
            operation: "lock the outbox",
            reason: error.to_string(),
        };
        let name = format!("outbox-{}.lock", hex::encode(&Sha256::digest(account)[..8]));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(database.home().join(name)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy {
                what: format!("outbox of {account}"),
            }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
