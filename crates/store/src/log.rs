//! The write-ahead log of the database: turned on, and written back into the database before it grows long.
//!
//! The log outlives the process, and whoever opens the database next reads all of it: the thousand pages at which SQLite
//! itself writes it back take about 2 ms. Writing it back takes two syncs. A short run would feel both, if either were done
//! each time. Not its business: what is in the database.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode};

/// Octets from which on the log is written back when the store is opened: what about five signatures leave. It is never
/// made shorter than this, since octets that are there are overwritten faster than new ones are added.
const LONG: u64 = 1024 * 1024;

/// How long we pause where SQLite itself does not wait.
const PAUSE: Duration = Duration::from_millis(5);

/// Turns the log on. Where a file system has no shared memory the mode stays what it is: slower, as safe.
///
/// Two who open a new file at once both ask for it: SQLite then says "busy" to one of them without waiting, since each
/// holds what the other would wait for. That one asks again.
pub(crate) fn turn_on(connection: &Connection, patience: Duration) -> rusqlite::Result<()> {
    let until = Instant::now() + patience;
    loop {
        let asked = connection
            .query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0))
            .and_then(|mode| {
                if mode == "wal" {
                    return Ok(());
                }
                connection.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))
            });
        match asked {
            Err(error) if error.sqlite_error_code().is_some_and(busy) && Instant::now() < until => thread::sleep(PAUSE),
            other => return other,
        }
    }
}

/// Whether somebody else has it.
pub(crate) const fn busy(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
}

/// Writes the log back when it is long, at the one time when nobody waits: who opens the store to sign loads the token's
/// module at the same time. What does not succeed is tried again by the next; what was committed is in the log, and stays.
pub(crate) fn write_back(connection: &Connection, file: &Path) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_size_limit", LONG)?;
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > LONG) {
        let _later = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    }
    Ok(())
}
