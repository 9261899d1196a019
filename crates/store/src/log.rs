//! The write-ahead log of the database: turned on, and written back into the database before it grows long.
//!
//! The log outlives the process, and whoever opens the database next reads all of it: a thousand pages take about 2 ms,
//! which a short run would feel. Writing it back costs two syncs, which it would feel as well: so another thread does it,
//! while the token is busy. Not its business: what is in the database.

use std::{
    ffi::c_int,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

/// Pages in the log from which on it is written back beside the work, once for each opened database: about what two
/// signatures leave.
const SHORT: c_int = 100;

/// Pages from which on whoever has just written writes it back: SQLite's own number.
const LONG: c_int = 1000;

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

/// Sees to it that the log is written back. What fails here is tried again at a later change; what was committed is in the
/// log, and stays there.
pub(crate) fn write_back(connection: &mut Connection, file: PathBuf) -> rusqlite::Result<()> {
    let mut file = Some(file);
    connection.wal_hook(Some(move |log: &mut rusqlite::hooks::Wal, pages: c_int| {
        if pages >= LONG {
            let _later = log.checkpoint();
        } else if pages >= SHORT
            && let Some(file) = file.take()
        {
            // Nobody waits for it: a process may end in the middle of this as it may be killed.
            let _thread = thread::Builder::new().spawn(move || beside(&file));
        }
        Ok(())
    }))
}

/// Writes back what no reader holds, over a connection of its own: the other one is needed for the work.
fn beside(file: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}
