//! The database: what is kept stays as it was, and what was changed by other hands is found.

#![expect(clippy::unwrap_used, reason = "a suite: what fails here fails the test")]

mod kit;

use std::{os::unix::fs::PermissionsExt, path::Path, sync::Barrier, thread};

use countersign_evidence::{Payload, Record, TraceHead, verify_chain};
use countersign_signing::ports::{
    Endpoint, EndpointError, EndpointKind, Outbox, OutboxState, Sessions, Status, StoreError, Submission, Trace,
};
use countersign_store::{
    DIFFERS, Database, Durability, JournalEndpoint, OutboxLock, OutboxStore, RecordStore, SessionStore, TraceFault,
    TraceStore, journal_entries, journal_verify,
};
use kit::{Nobody, Standing, attempt, event, outbox_row, payload, session};
use tempfile::TempDir;

fn home() -> (TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("home")).unwrap();
    (folder, database)
}

fn tamper(database: &Database, sql: &str) {
    let other = rusqlite::Connection::open(database.home().join("countersign.db")).unwrap();
    other.execute_batch(sql).unwrap();
}

#[test]
fn files_are_private_and_damage_is_named() {
    let (folder, database) = home();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut trace = TraceStore::new(database.clone());
    trace.append(&event("a", "open")).unwrap();
    assert_eq!(mode(database.home()), 0o700);
    for name in ["countersign.db", "countersign.db-wal", "countersign.db-shm"] {
        assert_eq!(mode(&database.home().join(name)), 0o600, "{name}");
    }
    tamper(&database, "PRAGMA user_version = 99");
    assert!(matches!(
        Database::open(database.home()),
        Err(StoreError::Damaged { .. })
    ));
    let damaged = folder.path().join("damaged");
    std::fs::create_dir(&damaged).unwrap();
    std::fs::write(damaged.join("countersign.db"), vec![b'x'; 8192]).unwrap();
    assert!(matches!(Database::open(&damaged), Err(StoreError::Damaged { .. })));
    let link = folder.path().join("link");
    std::fs::create_dir(&link).unwrap();
    std::os::unix::fs::symlink(damaged.join("countersign.db"), link.join("countersign.db")).unwrap();
    assert!(Database::open(&link).is_err());
    std::fs::write(folder.path().join("file"), b"").unwrap();
    assert!(matches!(
        Database::open(&folder.path().join("file")),
        Err(StoreError::Io { .. })
    ));
}

#[test]
fn each_session_has_a_chain_that_stands_alone() {
    let (_folder, database) = home();
    let mut trace = TraceStore::new(database.clone());
    let mut heads = Vec::new();
    for kind in ["open", "review", "approve"] {
        heads.push(trace.append(&event("a", kind)).unwrap());
        trace.append(&event("b", kind)).unwrap();
    }
    assert_eq!(heads.iter().map(|head| head.count).collect::<Vec<_>>(), [1, 2, 3]);
    // A second store on the same file goes on with the same chain.
    let mut other = TraceStore::new(Database::open(database.home()).unwrap());
    heads.push(other.append(&event("a", "sign")).unwrap());
    assert_eq!(trace.head("a").unwrap(), heads[3]);
    assert_eq!(trace.head("nobody").unwrap(), TraceHead::START);
    let shown = trace.show("a").unwrap();
    assert_eq!(
        verify_chain(shown.iter().map(|(event, head)| (event, head)), Some(&heads[2])).unwrap(),
        heads[3]
    );
    let check = trace.verify(&heads).unwrap();
    assert_eq!((check.entries, check.sessions), (7, 2));
}

#[test]
fn tampering_with_the_trace_is_found() {
    let free = "DROP TRIGGER trace_keeps; DROP TRIGGER trace_stays;";
    let last = "DELETE FROM trace WHERE seq = 6;";
    let cases = [
        (
            "edit",
            "UPDATE trace SET entry = CAST(replace(CAST(entry AS TEXT), 'review', 'reject') AS BLOB) WHERE seq = 3;",
        ),
        ("edit head", "UPDATE trace SET head = randomblob(32) WHERE seq = 3;"),
        (
            "edit store head",
            "UPDATE trace SET store_head = randomblob(32) WHERE seq = 6;",
        ),
        ("not JSON", "UPDATE trace SET entry = x'00' WHERE seq = 3;"),
        ("delete first", "DELETE FROM trace WHERE seq = 1;"),
        ("delete middle", "DELETE FROM trace WHERE seq = 4;"),
        ("delete last", last),
        ("delete a session", "DELETE FROM trace WHERE session = 'b';"),
        (
            "move to another session",
            "UPDATE trace SET session = 'c' WHERE seq = 6;",
        ),
        (
            "swap",
            "UPDATE trace SET seq = 100 WHERE seq = 3; UPDATE trace SET seq = 3 WHERE seq = 4;
             UPDATE trace SET seq = 4 WHERE seq = 100;",
        ),
        ("delete all", "DELETE FROM trace;"),
    ];
    for (name, sql) in cases {
        let (_folder, database) = home();
        let mut trace = TraceStore::new(database.clone());
        let mut known = Vec::new();
        for kind in ["open", "review", "approve"] {
            for id in ["a", "b"] {
                known.push(trace.append(&event(id, kind)).unwrap());
            }
        }
        trace.verify(&known).unwrap();
        tamper(&database, &format!("{free}{sql}"));
        assert!(trace.verify(&known).is_err(), "{name}");
        if sql == last {
            trace
                .verify(&[])
                .expect("the end alone shows only against a known head");
            assert!(matches!(
                trace.verify(&known),
                Err(TraceFault::Missing { count: 3, .. })
            ));
        }
    }
}

#[test]
fn append_only_tables_refuse_changes() {
    let (_folder, database) = home();
    TraceStore::new(database.clone()).append(&event("a", "open")).unwrap();
    JournalEndpoint::new(database.clone(), "local".to_owned(), false, Standing);
    submit(&database, "local", payload(1)).unwrap();
    RecordStore::new(database.clone())
        .put(&canonical(&record()), "{}", Durability::Power)
        .unwrap();
    let other = rusqlite::Connection::open(database.home().join("countersign.db")).unwrap();
    for table in ["trace", "journal", "records"] {
        assert!(other.execute_batch(&format!("DELETE FROM {table}")).is_err(), "{table}");
        assert!(
            other
                .execute_batch(&format!("UPDATE {table} SET seq = seq + 1"))
                .is_err(),
            "{table}"
        );
    }
}

#[test]
fn sessions_are_replaced_by_id_and_listed_until_done() {
    let (_folder, database) = home();
    let mut sessions = SessionStore::new(database.clone());
    for (id, state) in [("b", "prepared"), ("a", "signed"), ("c", "done")] {
        sessions.save(&session(id, state, "{}"), false).unwrap();
    }
    sessions.save(&session("b", "sealed", "{\"x\":1}"), true).unwrap();
    let mut again = SessionStore::new(Database::open(database.home()).unwrap());
    let unfinished = again.unfinished().unwrap();
    assert_eq!(
        unfinished,
        [session("b", "sealed", "{\"x\":1}"), session("a", "signed", "{}")]
    );
    sessions.save(&session("b", "abandoned", "{}"), false).unwrap();
    assert_eq!(again.unfinished().unwrap().len(), 1);
    assert_eq!(again.find("b").unwrap().unwrap().state, "abandoned");
    assert_eq!(again.find("x").unwrap(), None);
    tamper(&database, "UPDATE sessions SET updated = 'yesterday'");
    assert!(matches!(again.unfinished(), Err(StoreError::Damaged { .. })));
}

#[test]
fn the_outbox_holds_one_row_for_each_evidence_and_endpoint() {
    let (_folder, database) = home();
    let mut outbox = OutboxStore::new(database.clone());
    let first = outbox.enqueue(&outbox_row(1, "main")).unwrap();
    let mut same = outbox_row(1, "main");
    same.id = "another".to_owned();
    same.tries = 9;
    assert_eq!(
        outbox.enqueue(&same).unwrap(),
        first,
        "the row that is there comes back unchanged"
    );
    outbox.enqueue(&outbox_row(1, "second")).unwrap();
    outbox.enqueue(&outbox_row(2, "main")).unwrap();
    let ids: Vec<_> = outbox.rows().unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(ids, ["01-main", "01-second", "02-main"]);

    let mut row = first.clone();
    row.attempts.push(attempt(1));
    row.state = OutboxState::Signed;
    outbox.update(&row).unwrap();
    assert_eq!(
        OutboxStore::new(Database::open(database.home()).unwrap())
            .find("01-main")
            .unwrap(),
        Some(row.clone())
    );
    let refused = |outbox: &mut OutboxStore, edit: &dyn Fn(&mut countersign_signing::ports::OutboxRow)| {
        let mut edited = row.clone();
        edit(&mut edited);
        assert!(matches!(outbox.update(&edited), Err(StoreError::Damaged { .. })));
        assert_eq!(outbox.find("01-main").unwrap().unwrap(), row);
    };
    refused(&mut outbox, &|row| row.attempts.clear());
    refused(&mut outbox, &|row| row.attempts = vec![attempt(2)]);
    refused(&mut outbox, &|row| row.submission.payload = payload(2));
    refused(&mut outbox, &|row| row.endpoint = "second".to_owned());
    refused(&mut outbox, &|row| row.id = "absent".to_owned());
}

#[test]
fn one_submitter_for_each_account() {
    let (_folder, database) = home();
    let held = OutboxLock::acquire(&database, "0xaa").unwrap();
    assert!(matches!(
        OutboxLock::acquire(&database, "0xaa"),
        Err(StoreError::Busy { .. })
    ));
    OutboxLock::acquire(&database, "../0xbb").unwrap();
    drop(held);
    OutboxLock::acquire(&database, "0xaa").unwrap();
}

fn record() -> Record {
    let vector = include_str!("../../evidence/tests/vectors/stamped.json");
    let vector: serde_json::Value = serde_json::from_str(vector).unwrap();
    serde_json::from_value(vector["record"].clone()).unwrap()
}

/// Also of a record that breaks the rules.
fn canonical(record: &Record) -> Vec<u8> {
    countersign_evidence::canonical::to_canonical(record).unwrap()
}

#[test]
fn records_are_put_once() {
    let (_folder, database) = home();
    let records = RecordStore::new(database.clone());
    let record = record();
    let evidence = records.put(&canonical(&record), "{}", Durability::Power).unwrap();
    assert_eq!(
        records.put(&canonical(&record), "{}", Durability::Process).unwrap(),
        evidence
    );
    let mut other = record.clone();
    other.business_no = "another".to_owned();
    assert!(matches!(
        records.put(&canonical(&other), "{}", Durability::Power),
        Err(StoreError::Damaged { .. })
    ));
    assert!(matches!(
        records.put(&canonical(&record), "{\"x\":1}", Durability::Power),
        Err(StoreError::Damaged { .. })
    ));
    other.record_id = "another-record".to_owned();
    other.salt = "short".to_owned();
    assert!(records.put(&canonical(&other), "{}", Durability::Power).is_err());
    let stored = records.find(&record.record_id).unwrap().unwrap();
    assert_eq!((&stored.record, stored.evidence), (&record, evidence));
    assert_eq!(records.find_evidence(&evidence).unwrap(), Some(stored));
    assert_eq!(records.find("absent").unwrap(), None);
    assert_eq!(records.trace_heads().unwrap()[0].count, record.trace.count);
    tamper(
        &database,
        "DROP TRIGGER records_keep; UPDATE records SET canonical = CAST(replace(CAST(canonical AS TEXT), 'LOAN', 'LOAM') AS BLOB)",
    );
    assert!(matches!(
        records.find(&record.record_id),
        Err(StoreError::Damaged { .. })
    ));
    assert!(matches!(records.all(), Err(StoreError::Damaged { .. })));
}

fn journal(database: &Database, name: &str, practice: bool) -> JournalEndpoint<Standing> {
    JournalEndpoint::new(database.clone(), name.to_owned(), practice, Standing)
}

fn submit(database: &Database, name: &str, payload: Payload) -> Result<Status, EndpointError> {
    let mut journal = journal(database, name, false);
    let submission = Submission {
        record_id: "r".to_owned(),
        payload,
    };
    let attempt = journal.prepare(&submission, &[], None, &mut Nobody)?;
    journal.broadcast(&attempt)?;
    journal.status(&attempt)
}

#[test]
fn the_journal_is_an_endpoint() {
    let (_folder, database) = home();
    let mut local = journal(&database, "local", false);
    assert_eq!(
        (local.facts().kind, local.facts().practice),
        (EndpointKind::Journal, false)
    );
    local.check().unwrap();
    let submission = Submission {
        record_id: "r".to_owned(),
        payload: payload(1),
    };
    let attempt = local.prepare(&submission, &[], None, &mut Nobody).unwrap();
    assert_eq!(
        attempt,
        local.prepare(&submission, &[], None, &mut Nobody).unwrap(),
        "the same every time"
    );
    assert_eq!(local.find(&submission.payload).unwrap(), None);
    assert_eq!(
        local.status(&attempt).unwrap(),
        Status::Unknown { nonce_consumed: false }
    );
    for _ in 0..3 {
        local.broadcast(&attempt).unwrap();
    }
    let status = local.status(&attempt).unwrap();
    assert!(
        matches!(&status, Status::Included { block_number: 1, is_final: true, block_hash } if block_hash.len() == 66)
    );
    let found = local.find(&submission.payload).unwrap().unwrap();
    assert_eq!(
        (found.id.as_deref(), found.time),
        (Some(attempt.id.as_str()), 1_800_000_000)
    );

    assert!(matches!(
        submit(&database, "local", payload(2)),
        Ok(Status::Included { block_number: 2, .. })
    ));
    assert!(matches!(
        submit(&database, "other", payload(2)),
        Ok(Status::Included { block_number: 1, .. })
    ));
    let bare = Payload::Commit { evidence: [1; 32] };
    assert!(matches!(
        submit(&database, "local", bare),
        Ok(Status::Included { block_number: 3, .. })
    ));
    let lie = Payload::Digests {
        evidence: [1; 32],
        document_sha256: [0; 32],
        signature_sha256: [0; 32],
        timestamp_sha256: [0; 32],
        gen_time: 0,
    };
    assert!(matches!(
        submit(&database, "local", lie),
        Err(EndpointError::Rejected { code: DIFFERS, .. })
    ));

    let entries = journal_entries(&database, "local").unwrap();
    assert_eq!(entries.len(), 3);
    let last = journal_verify(&database, "local", None).unwrap().unwrap();
    assert_eq!(last, (3, entries[2].1));
    assert_eq!(
        journal_verify(&database, "local", Some((1, entries[0].1))).unwrap(),
        Some(last)
    );
    assert!(journal_verify(&database, "local", Some((1, [0; 32]))).is_err());
    assert_eq!(journal_verify(&database, "absent", None).unwrap(), None);

    let mut edited = attempt.clone();
    edited.raw.push(b' ');
    assert!(local.broadcast(&edited).is_err());
    edited = attempt;
    edited.id = "00".repeat(32);
    assert!(matches!(local.broadcast(&edited), Err(EndpointError::Mismatch { .. })));
    let mut practice = journal(&database, "local", true);
    assert!(matches!(practice.check(), Err(EndpointError::Mismatch { .. })));
}

#[test]
fn tampering_with_the_journal_is_found() {
    let free = "DROP TRIGGER journal_keeps; DROP TRIGGER journal_stays;";
    let cases = [
        ("delete first", "DELETE FROM journal WHERE seq = 1;"),
        ("delete middle", "DELETE FROM journal WHERE seq = 2;"),
        ("delete last", "DELETE FROM journal WHERE seq = 3;"),
        (
            "edit",
            "UPDATE journal SET entry = CAST(replace(CAST(entry AS TEXT), '1800000000', '1700000000') AS BLOB) WHERE seq = 2;",
        ),
        ("edit hash", "UPDATE journal SET hash = randomblob(32) WHERE seq = 3;"),
        ("edit leaf", "UPDATE journal SET leaf = randomblob(32) WHERE seq = 3;"),
        (
            "edit evidence",
            "UPDATE journal SET evidence = randomblob(32) WHERE seq = 1;",
        ),
        ("edit parts", "UPDATE journal SET parts = randomblob(32) WHERE seq = 2;"),
        (
            "swap",
            "UPDATE journal SET seq = 9 WHERE seq = 1; UPDATE journal SET seq = 1 WHERE seq = 2; UPDATE journal SET seq = 2 WHERE seq = 9;",
        ),
        ("garbage", "UPDATE journal SET entry = x'7b7d' WHERE seq = 2;"),
        ("wrong length", "UPDATE journal SET hash = x'00' WHERE seq = 2;"),
    ];
    for (name, sql) in cases {
        let (_folder, database) = home();
        for number in 1..=3 {
            submit(&database, "local", payload(number)).unwrap();
        }
        let noted = journal_verify(&database, "local", None).unwrap();
        tamper(&database, &format!("{free}{sql}"));
        assert!(journal_verify(&database, "local", noted).is_err(), "{name}");
    }
}

#[test]
fn changes_that_belong_together_are_kept_together() {
    let (_folder, database) = home();
    let mut trace = TraceStore::new(database.clone());
    let mut sessions = SessionStore::new(database.clone());
    let seen = |database: &Database| {
        let other = rusqlite::Connection::open(database.home().join("countersign.db")).unwrap();
        let count = |table: &str| -> u64 {
            other
                .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
                .unwrap()
        };
        (count("trace"), count("sessions"))
    };
    database
        .together(|| {
            trace.append(&event("a", "embed")).unwrap();
            sessions.save(&session("a", "sealed", "{}"), false).unwrap();
            assert_eq!(seen(&database), (0, 0), "not before the last has run");
            // One that fails takes nothing else along.
            let mut large = event("a", "large");
            large.detail.insert("text".to_owned(), "x".repeat(100_000));
            trace.append(&large).unwrap_err();
        })
        .unwrap();
    assert_eq!(seen(&database), (1, 1));
    // What must outlive the loss of power does not wait.
    database
        .together(|| {
            trace.append(&event("a", "submit")).unwrap();
            sessions.save(&session("b", "signed", "{}"), true).unwrap();
            assert_eq!(seen(&database), (2, 2));
            trace.append(&event("a", "later")).unwrap();
        })
        .unwrap();
    assert_eq!(seen(&database), (3, 2));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        database.together(|| {
            trace.append(&event("a", "lost")).unwrap();
            panic!("among the steps");
        })
    }));
    assert!(panicked.is_err());
    trace.append(&event("a", "after")).unwrap();
    assert_eq!(seen(&database), (4, 2));
    trace.verify(&[]).unwrap();
}

#[test]
fn a_change_of_another_thread_is_not_lost_with_gathered_ones() {
    let (_folder, database) = home();
    let (begun, go) = (Barrier::new(2), Barrier::new(2));
    thread::scope(|scope| {
        let gathering = scope.spawn(|| {
            database.together(|| {
                TraceStore::new(database.clone()).append(&event("a", "open")).unwrap();
                begun.wait();
                go.wait();
                // As after a panic: nothing of this thread is kept.
                std::panic::resume_unwind(Box::new("stop"));
            })
        });
        begun.wait();
        let other = scope.spawn(|| TraceStore::new(database.clone()).append(&event("b", "open")));
        go.wait();
        assert!(gathering.join().is_err());
        assert_eq!(other.join().unwrap().unwrap().count, 1);
    });
    let trace = TraceStore::new(database);
    assert_eq!(trace.head("a").unwrap(), TraceHead::START);
    let check = trace.verify(&[trace.head("b").unwrap()]).unwrap();
    assert_eq!((check.entries, check.sessions), (1, 1));
}

/// A new home is opened by several at once: the desk's threads, or two programs.
#[test]
fn many_open_a_new_store_at_once() {
    for _ in 0..20 {
        let folder = TempDir::new().unwrap();
        let start = Barrier::new(6);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    start.wait();
                    drop(Database::open(folder.path()).unwrap());
                });
            }
        });
    }
}

/// Whoever opens the store need not read a long log: the one before has written it back, and it does not grow.
#[test]
fn a_long_log_is_written_back() {
    const LONG: u64 = 1024 * 1024;
    let (_folder, database) = home();
    let length = |name: &str| std::fs::metadata(database.home().join(name)).unwrap().len();
    let (mut added, mut longest) = (0, 0);
    while length("countersign.db") < LONG / 4 {
        assert!(added < 4000, "the database has {} octets", length("countersign.db"));
        let mut trace = TraceStore::new(Database::open(database.home()).unwrap());
        for _ in 0..20 {
            trace.append(&event(&format!("session-{added}"), "open")).unwrap();
            added += 1;
        }
        longest = length("countersign.db-wal").max(longest);
    }
    assert!((LONG..LONG * 3 / 2).contains(&longest), "the log had {longest} octets");
    let check = TraceStore::new(database.clone()).verify(&[]).unwrap();
    assert_eq!((check.entries, check.sessions), (added, added));
}
