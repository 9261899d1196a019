//! How many rows each table ever got, kept by the database itself; and what a row that may change is sealed with.
//!
//! A row that is taken away leaves its table shorter than its count. A row that may change carries the digest of what it
//! says. Whoever can write into the store can write all of it anew: less than all of it is noticed. Not its business: what
//! the rows mean, and which of them belong together (`books`).

use countersign_evidence::{TraceHead, canonical::tagged_digest};
use rusqlite::Connection;

use crate::database::Refusal;

/// Every table whose rows stay.
pub(crate) const TABLES: [&str; 6] = ["trace", "sessions", "outbox", "records", "journals", "journal"];

/// What was added to the schema in its version 2: counts, seals, and the trace as it was when a session was saved.
pub(crate) const SCHEMA: &str = "
CREATE TABLE tally (name TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO tally SELECT 'trace', count(*) FROM trace UNION ALL SELECT 'sessions', count(*) FROM sessions
    UNION ALL SELECT 'outbox', count(*) FROM outbox UNION ALL SELECT 'records', count(*) FROM records
    UNION ALL SELECT 'journals', count(*) FROM journals UNION ALL SELECT 'journal', count(*) FROM journal;
CREATE TRIGGER trace_counted AFTER INSERT ON trace
    BEGIN UPDATE tally SET rows = rows + 1 WHERE name = 'trace'; END;
CREATE TRIGGER sessions_counted AFTER INSERT ON sessions
    BEGIN UPDATE tally SET rows = rows + 1 WHERE name = 'sessions'; END;
CREATE TRIGGER outbox_counted AFTER INSERT ON outbox
    BEGIN UPDATE tally SET rows = rows + 1 WHERE name = 'outbox'; END;
CREATE TRIGGER records_counted AFTER INSERT ON records
    BEGIN UPDATE tally SET rows = rows + 1 WHERE name = 'records'; END;
CREATE TRIGGER journals_counted AFTER INSERT ON journals
    BEGIN UPDATE tally SET rows = rows + 1 WHERE name = 'journals'; END;
CREATE TRIGGER journal_counted AFTER INSERT ON journal
    BEGIN UPDATE tally SET rows = rows + 1 WHERE name = 'journal'; END;
CREATE TRIGGER sessions_stay BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'sessions are never removed'); END;
CREATE TRIGGER outbox_stays BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'the outbox loses nothing'); END;
ALTER TABLE sessions ADD COLUMN trace_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN trace_head BLOB NOT NULL DEFAULT x'';
ALTER TABLE sessions ADD COLUMN seal BLOB NOT NULL DEFAULT x'';
ALTER TABLE outbox ADD COLUMN seal BLOB NOT NULL DEFAULT x'';
";

/// Seals the rows of a store from before there were seals.
pub(crate) fn seal_all(connection: &Connection) -> Result<(), Refusal> {
    let rows = connection
        .prepare("SELECT seq, id, state, source_sha256, output, part, body, updated FROM sessions")?
        .query_map([], |row| {
            let mut texts: [String; 7] = Default::default();
            for (column, text) in texts.iter_mut().enumerate() {
                *text = row.get(column + 1)?;
            }
            Ok((row.get::<_, i64>(0)?, texts))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (seq, texts) in rows {
        let [id, ..] = &texts;
        let head = crate::trace_store::last_of(connection, id)?;
        connection
            .prepare_cached("UPDATE sessions SET trace_count = ?2, trace_head = ?3, seal = ?4 WHERE seq = ?1")?
            .execute((
                seq,
                head.count,
                head.hash,
                session_seal(&texts.each_ref().map(String::as_str), &head),
            ))?;
    }
    let rows = connection
        .prepare("SELECT seq, id, endpoint, body FROM outbox")?
        .query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<rusqlite::Result<Vec<(i64, String, String, String)>>>()?;
    for (seq, id, endpoint, body) in rows {
        connection
            .prepare_cached("UPDATE outbox SET seal = ?2 WHERE seq = ?1")?
            .execute((seq, outbox_seal(&id, &endpoint, &body)))?;
    }
    Ok(())
}

/// The seal of a session as it is saved (id, state, digest of the source, output, private copy, body, time), with where its
/// trace stood then.
pub(crate) fn session_seal(texts: &[&str; 7], head: &TraceHead) -> [u8; 32] {
    sealed(SESSION, texts, head)
}

/// The seal of a row of the outbox.
pub(crate) fn outbox_seal(id: &str, endpoint: &str, body: &str) -> [u8; 32] {
    sealed(OUTBOX, &[id, endpoint, body], &TraceHead::START)
}

/// Each text with its length before it, so that nothing can move from one to the next.
fn sealed(tag: &str, texts: &[&str], head: &TraceHead) -> [u8; 32] {
    let length = texts.iter().map(|text| text.len() + 8).sum::<usize>() + 40;
    let mut octets = Vec::with_capacity(length);
    for text in texts {
        octets.extend((text.len() as u64).to_be_bytes());
        octets.extend(text.bytes());
    }
    octets.extend(head.count.to_be_bytes());
    octets.extend(head.hash);
    tagged_digest(tag, &octets)
}

/// How many rows a table has, and how many it ever got; none where the count itself is gone.
pub(crate) fn counts(connection: &Connection, table: &str) -> Result<(u64, Option<u64>), Refusal> {
    use rusqlite::OptionalExtension;
    let found = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    let kept = connection
        .prepare_cached("SELECT rows FROM tally WHERE name = ?1")?
        .query_row([table], |row| row.get(0))
        .optional()?;
    Ok((found, kept))
}

const SESSION: &str = "countersign.session-row/1";
const OUTBOX: &str = "countersign.outbox-row/1";
