//! One SQLite file for everything that must outlive the process: trace, sessions, outbox, records, journal.
//!
//! WAL; `synchronous=NORMAL` outlives the death of the process, `FULL` also the loss of power (and takes what was written
//! before it along, because there is one log). Not its business: the tables' meaning (their own modules).

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
    time::Duration,
};

use countersign_signing::ports::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, config::DbConfig};

use crate::{head, log, tally};

/// Name of the file in the home folder.
const FILE: &str = "countersign.db";

/// How long another process may hold the database before we give up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Schema that this program writes.
const VERSION: u32 = 2;

/// The open database. Clones share one connection, also between threads.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
    home: PathBuf,
}

struct Shared {
    handle: Mutex<Handle>,
    /// Told when a gathering has ended.
    gathered: Condvar,
}

struct Handle {
    connection: Connection,
    synchronous: Durability,
    /// Threads inside [`Database::together`].
    together: Vec<ThreadId>,
    /// The one of them whose changes are being gathered: from its first change until it leaves. Others wait for that: what
    /// they keep must not be lost with it, and they see nothing of it before.
    gathering: Option<ThreadId>,
}

/// What a change must outlive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The death of the process.
    Process,
    /// Also the loss of power.
    Power,
}

/// How many statements of a change write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writes {
    Once,
    Any,
}

impl Database {
    /// Opens the database of a home folder, and makes both (0700, 0600) where they are absent.
    ///
    /// # Errors
    /// When it cannot be opened, is damaged, or was written by a newer program.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        let failed = |error: &io::Error| StoreError::Io {
            operation: "open the store",
            reason: error.to_string(),
        };
        let path = home.join(FILE);
        let mut new = OpenOptions::new();
        new.read(true).write(true).create_new(true).mode(0o600);
        match new.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(home)
                    .map_err(|error| failed(&error))?;
                // SQLite syncs what is in the home folder, nobody else that there is one.
                if let Some(above) = home.canonicalize().ok().as_deref().and_then(Path::parent) {
                    File::open(above)
                        .and_then(|above| above.sync_all())
                        .map_err(|error| failed(&error))?;
                }
                new.open(&path).map(drop)
            }
            other => other.map(drop),
        }
        .or_else(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                Ok(())
            } else {
                Err(failed(&error))
            }
        })?;

        let of = |error| store_error("open the store", &error);
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        // SQLite refuses links anywhere in the path; the home folder itself may be behind one.
        let home = home.canonicalize().map_err(|error| failed(&error))?;
        let mut connection = Connection::open_with_flags(home.join(FILE), flags).map_err(of)?;
        connection.busy_timeout(PATIENCE).map_err(of)?;
        // Writing the log back at every exit would cost each short run two syncs; see `log::write_back`.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .map_err(of)?;
        // A plan may otherwise depend on the bound values: then statements are parsed anew with each of them.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(of)?;
        connection.set_prepared_statement_cache_capacity(64);
        log::turn_on(&connection, PATIENCE).map_err(of)?;
        connection.execute_batch("PRAGMA synchronous=NORMAL").map_err(of)?;
        migrate(&mut connection)?;
        log::write_back(&connection, &home.join(FILE)).map_err(of)?;
        head::follow(&connection, &home).map_err(|refusal| refusal.at("open the store"))?;
        let handle = Handle {
            connection,
            synchronous: Durability::Process,
            together: Vec::new(),
            gathering: None,
        };
        Ok(Self {
            shared: Arc::new(Shared {
                handle: Mutex::new(handle),
                gathered: Condvar::new(),
            }),
            home,
        })
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Changes when another connection has changed the database since this one looked.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        self.read("read the store's state", |connection| {
            Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
        })
    }

    /// Runs several steps whose changes belong together: they reach the disk as one, when the last has run. A step that
    /// fails takes its own change back, no other's. Nothing that must find its change on the disk may be among them, and
    /// after the first change nothing that takes long: other threads wait with theirs.
    ///
    /// # Errors
    /// When they could not be kept; then none of them was.
    pub fn together<T>(&self, steps: impl FnOnce() -> T) -> Result<T, StoreError> {
        self.lock().together.push(thread::current().id());
        let gathering = Gathering(self);
        let value = steps();
        gathering.end()?;
        Ok(value)
    }

    fn lock(&self) -> MutexGuard<'_, Handle> {
        let me = thread::current().id();
        let handle = self.shared.handle.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared
            .gathered
            .wait_while(handle, |handle| handle.gathering.is_some_and(|thread| thread != me))
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one change as one transaction: all of it is kept, or nothing.
    pub(crate) fn change<T>(
        &self,
        operation: &'static str,
        durability: Durability,
        body: impl FnOnce(&Connection) -> Result<T, Refusal>,
    ) -> Result<T, StoreError> {
        self.run(operation, durability, Writes::Any, body)
    }

    /// As [`Database::change`], for a body that writes with one statement at most: SQLite takes that back by itself.
    pub(crate) fn change_once<T>(
        &self,
        operation: &'static str,
        durability: Durability,
        body: impl FnOnce(&Connection) -> Result<T, Refusal>,
    ) -> Result<T, StoreError> {
        self.run(operation, durability, Writes::Once, body)
    }

    fn run<T>(
        &self,
        operation: &'static str,
        durability: Durability,
        writes: Writes,
        body: impl FnOnce(&Connection) -> Result<T, Refusal>,
    ) -> Result<T, StoreError> {
        let mut handle = self.lock();
        let of = |error| store_error(operation, &error);
        let me = thread::current().id();
        if durability == Durability::Process && handle.together.contains(&me) {
            if handle.connection.is_autocommit() {
                handle.set(durability).map_err(of)?;
                say(&handle.connection, "BEGIN IMMEDIATE").map_err(of)?;
                handle.gathering = Some(me);
            }
            if writes == Writes::Once {
                return body(&handle.connection).map_err(|refusal| refusal.at(operation));
            }
            let words = ["SAVEPOINT step", "RELEASE step", "ROLLBACK TO step; RELEASE step"];
            return within(&handle.connection, operation, words, body);
        }
        // What must outlive the loss of power waits for nothing else.
        handle.commit_gathered().map_err(of)?;
        handle.set(durability).map_err(of)?;
        within(
            &handle.connection,
            operation,
            ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"],
            body,
        )
    }

    /// Reads.
    pub(crate) fn read<T>(
        &self,
        operation: &'static str,
        body: impl FnOnce(&Connection) -> Result<T, Refusal>,
    ) -> Result<T, StoreError> {
        let handle = self.lock();
        body(&handle.connection).map_err(|refusal| refusal.at(operation))
    }
}

impl Handle {
    fn set(&mut self, durability: Durability) -> rusqlite::Result<()> {
        if self.synchronous != durability {
            let pragma = match durability {
                Durability::Process => "PRAGMA synchronous=NORMAL",
                Durability::Power => "PRAGMA synchronous=FULL",
            };
            self.connection.execute_batch(pragma)?;
            self.synchronous = durability;
        }
        Ok(())
    }

    fn commit_gathered(&mut self) -> rusqlite::Result<()> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        say(&self.connection, "COMMIT")
    }
}

/// Statements of every change: parsed once.
fn say(connection: &Connection, word: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(word)?.execute([]).map(drop)
}

/// Runs `body` between the first two words; the third one takes back what it changed when it fails or panics.
fn within<T>(
    connection: &Connection,
    operation: &'static str,
    [begin, end, undo]: [&'static str; 3],
    body: impl FnOnce(&Connection) -> Result<T, Refusal>,
) -> Result<T, StoreError> {
    struct Undo<'a>(&'a Connection, Option<&'static str>);
    impl Drop for Undo<'_> {
        fn drop(&mut self) {
            if let Some(undo) = self.1 {
                // The error that led here says more; a connection that stays in a transaction refuses the next one.
                let _ = self.0.execute_batch(undo);
            }
        }
    }
    let of = |error| store_error(operation, &error);
    say(connection, begin).map_err(of)?;
    let mut armed = Undo(connection, Some(undo));
    let value = body(connection).map_err(|refusal| refusal.at(operation))?;
    say(connection, end).map_err(of)?;
    armed.1 = None;
    Ok(value)
}

/// Ends with the steps. After a panic among them nothing is kept.
struct Gathering<'a>(&'a Database);

impl Gathering<'_> {
    fn end(self) -> Result<(), StoreError> {
        self.0
            .lock()
            .commit_gathered()
            .map_err(|error| store_error("keep changes", &error))
    }
}

impl Drop for Gathering<'_> {
    fn drop(&mut self) {
        let mut handle = self.0.lock();
        let me = thread::current().id();
        handle.together.retain(|thread| *thread != me);
        handle.gathering = None;
        if !handle.connection.is_autocommit() {
            // Nothing more can be done about a failure here; the connection refuses to begin anew, which is seen.
            let _ = handle.connection.execute_batch("ROLLBACK");
        }
        drop(handle);
        self.0.shared.gathered.notify_all();
    }
}

/// Why the inside of a transaction gave up.
pub(crate) enum Refusal {
    Sql(rusqlite::Error),
    Store(StoreError),
}

impl Refusal {
    /// What is stored is not what it should be.
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Store(StoreError::Damaged { what: what.into() })
    }

    pub(crate) fn at(self, operation: &'static str) -> StoreError {
        match self {
            Self::Sql(error) => store_error(operation, &error),
            Self::Store(error) => error,
        }
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

fn store_error(operation: &'static str, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(code) if log::busy(code) => StoreError::Busy { what: FILE.to_owned() },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged { what: FILE.to_owned() },
        _ => StoreError::Io {
            operation,
            reason: error.to_string(),
        },
    }
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|error| store_error("read the store's version", &error))
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    let of = |error| store_error("prepare the store", &error);
    let begun = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(of)?;
    // Another process may have been here in between.
    let found = version(&begun)?;
    if found == VERSION {
        return Ok(());
    }
    if found > VERSION {
        let what = format!("{FILE} has schema {found}, this program knows {VERSION}");
        return Err(StoreError::Damaged { what });
    }
    if found == 0 {
        begun.execute_batch(SCHEMA).map_err(of)?;
    }
    begun.execute_batch(tally::SCHEMA).map_err(of)?;
    tally::seal_all(&begun).map_err(|refusal| refusal.at("prepare the store"))?;
    begun.pragma_update(None, "user_version", VERSION).map_err(of)?;
    begun.commit().map_err(of)
}

/// The first version. Trace, records and journal cannot be changed by any statement of ours; that somebody else did not is what their hash
/// chains show.
const SCHEMA: &str = "
CREATE TABLE trace (
    seq INTEGER PRIMARY KEY, session TEXT NOT NULL, position INTEGER NOT NULL,
    entry BLOB NOT NULL, head BLOB NOT NULL, store_head BLOB NOT NULL, UNIQUE (session, position));
CREATE TRIGGER trace_keeps BEFORE UPDATE ON trace BEGIN SELECT RAISE(ABORT, 'the trace is append-only'); END;
CREATE TRIGGER trace_stays BEFORE DELETE ON trace BEGIN SELECT RAISE(ABORT, 'the trace is append-only'); END;

CREATE TABLE sessions (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, source_sha256 TEXT NOT NULL,
    output TEXT NOT NULL, part TEXT NOT NULL, body TEXT NOT NULL, updated TEXT NOT NULL);
CREATE INDEX sessions_unfinished ON sessions (seq) WHERE state NOT IN ('done', 'abandoned');

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, evidence BLOB NOT NULL, endpoint TEXT NOT NULL,
    body TEXT NOT NULL, UNIQUE (evidence, endpoint));

CREATE TABLE records (
    seq INTEGER PRIMARY KEY, record_id TEXT NOT NULL UNIQUE, evidence BLOB NOT NULL UNIQUE,
    canonical BLOB NOT NULL, private TEXT NOT NULL);
CREATE TRIGGER records_keep BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER records_stay BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'records are never removed'); END;

CREATE TABLE journals (name TEXT PRIMARY KEY, id TEXT NOT NULL, practice INTEGER NOT NULL);
CREATE TABLE journal (
    name TEXT NOT NULL, seq INTEGER NOT NULL, leaf BLOB NOT NULL, evidence BLOB NOT NULL, parts BLOB NOT NULL,
    entry BLOB NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (name, seq), UNIQUE (name, leaf), UNIQUE (name, evidence, parts)) WITHOUT ROWID;
CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
";
