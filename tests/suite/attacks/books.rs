//! Forged books: the file is what it was, or another good one, and the store or the journal was written into.
//!
//! Whoever can write into the store can write all of it anew; what is shown here is that less than that is noticed.
//! Not its business: chains that lie about what they hold (no verification without proofs of inclusion can tell).

use std::{fmt::Write as _, path::Path, process::Command};

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Workshop},
    skip::skip,
    surroundings::sign,
};

const JOURNAL: &str = "[endpoint.journal]\nkind = \"journal\"\npayload = \"full\"\npractice = true\n";
/// Whoever writes into the store takes away what would stop them.
const OPEN: &str = "DROP TRIGGER IF EXISTS trace_keeps; DROP TRIGGER IF EXISTS trace_stays;
    DROP TRIGGER IF EXISTS records_keep; DROP TRIGGER IF EXISTS records_stay; DROP TRIGGER IF EXISTS sessions_stay;
    DROP TRIGGER IF EXISTS outbox_stays; DROP TRIGGER IF EXISTS journal_keeps; DROP TRIGGER IF EXISTS journal_stays;";

/// What is done to the books, and what verification says then: exit status and chain status.
struct Case {
    name: &'static str,
    sql: &'static str,
    exit: i32,
    chain: &'static str,
    /// What `journal verify` says.
    journal: i32,
}

const CASES: [Case; 8] = [
    Case {
        name: "untouched",
        sql: "",
        exit: 0,
        chain: "matches",
        journal: 0,
    },
    Case {
        name: "a record edited",
        sql: "UPDATE records SET canonical = CAST(replace(CAST(canonical AS TEXT), '\"business_no\":\"HT-1\"',
                '\"business_no\":\"HT-2\"') AS BLOB)",
        exit: 2,
        chain: "unverified",
        journal: 1,
    },
    Case {
        name: "a record edited, and its evidence with it",
        sql: "UPDATE records SET canonical = CAST(replace(CAST(canonical AS TEXT), '\"business_no\":\"HT-1\"',
                '\"business_no\":\"HT-2\"') AS BLOB);
              UPDATE records SET evidence = evidence_of(canonical)",
        exit: 1,
        chain: "differs",
        journal: 1,
    },
    Case {
        name: "what was submitted edited",
        sql: "UPDATE outbox SET body = replace(body, '\"gen_time\":17', '\"gen_time\":16')",
        exit: 1,
        chain: "differs",
        journal: 1,
    },
    Case {
        name: "the journal's entry removed",
        sql: "DELETE FROM journal",
        exit: 2,
        chain: "absent",
        journal: 1,
    },
    Case {
        name: "the journal's entry edited",
        sql: "UPDATE journal SET entry = CAST(replace(CAST(entry AS TEXT), '\"time\":17', '\"time\":16') AS BLOB)",
        exit: 1,
        chain: "differs",
        journal: 1,
    },
    Case {
        name: "the journal's entry filed under another evidence",
        sql: "UPDATE journal SET evidence = zeroblob(32)",
        exit: 1,
        chain: "differs",
        journal: 1,
    },
    Case {
        name: "the journal's hash edited",
        sql: "UPDATE journal SET hash = zeroblob(32)",
        exit: 1,
        chain: "differs",
        journal: 1,
    },
];

#[test]
fn forged_books_are_noticed() {
    if Command::new("python3").args(["-c", "import sqlite3"]).status().is_err() {
        skip("no python3: forged books are not made");
        return;
    }
    let desk = Workshop::shared().desk();
    desk.configure(JOURNAL);
    submitted(&desk, "signed.pdf");
    let database = database(&desk);
    let kept = std::fs::read(&database).unwrap();
    let mut wrong = String::new();
    for case in &CASES {
        restore(&database, &kept);
        if !case.sql.is_empty() {
            edit(&database, case.sql);
        }
        let run = desk.run(&["verify", "signed.pdf"], Pin::Never);
        let chain = run.json["chain"]["status"].as_str().unwrap_or_default().to_owned();
        let journal = desk.run(&["journal", "verify"], Pin::Never);
        if (run.exit, chain.as_str(), run.json["overall"].as_str())
            != (Some(case.exit), case.chain, Some("TOTAL-PASSED"))
        {
            writeln!(wrong, "{}: {:?} {chain}: {}", case.name, run.exit, run.json["chain"]).unwrap();
        }
        if journal.exit != Some(case.journal) {
            writeln!(wrong, "{}: journal verify: {}", case.name, journal.told()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A loss, the statement that makes it, and what must be named of it: table and code.
type Loss = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Rows taken away or edited, one table or several.
const LOSSES: [Loss; 27] = [
    (
        "the first entry of the trace",
        "DELETE FROM trace WHERE seq = 1",
        &[("trace", "rows-missing")],
    ),
    (
        "a middle entry of the trace",
        "DELETE FROM trace WHERE seq = 5",
        &[("trace", "rows-missing")],
    ),
    (
        "the last entry of the trace",
        "DELETE FROM trace WHERE seq = (SELECT max(seq) FROM trace)",
        &[("trace", "rows-missing")],
    ),
    (
        "the last three entries of the trace",
        "DELETE FROM trace WHERE seq > (SELECT max(seq) - 3 FROM trace)",
        &[("trace", "rows-missing"), ("trace", "behind-head")],
    ),
    (
        "the last entries of the trace, and their count",
        "DELETE FROM trace WHERE seq > (SELECT max(seq) - 3 FROM trace);
         UPDATE tally SET rows = rows - 3 WHERE name = 'trace'",
        &[("trace", "behind-head")],
    ),
    (
        "all of the trace",
        "DELETE FROM trace",
        &[("trace", "rows-missing"), ("records", "record-untraced")],
    ),
    (
        "the trace behind a record",
        "DELETE FROM trace WHERE session = (SELECT session FROM trace ORDER BY seq LIMIT 1) AND position > 3",
        &[("records", "record-untraced"), ("sessions", "session-untraced")],
    ),
    (
        "an entry of the trace edited",
        "UPDATE trace SET entry = CAST(replace(CAST(entry AS TEXT), 'approve', 'reviews') AS BLOB) WHERE seq = 1",
        &[],
    ),
    (
        "the first session",
        "DELETE FROM sessions WHERE seq = 1",
        &[("sessions", "rows-missing")],
    ),
    (
        "a middle session",
        "DELETE FROM sessions WHERE seq = 2",
        &[("sessions", "rows-missing")],
    ),
    (
        "the last session",
        "DELETE FROM sessions WHERE seq = (SELECT max(seq) FROM sessions)",
        &[("sessions", "rows-missing")],
    ),
    (
        "a session given up",
        "UPDATE sessions SET state = 'abandoned' WHERE seq = 1",
        &[("sessions", "session-edited")],
    ),
    (
        "a session's file edited",
        "UPDATE sessions SET output = '/elsewhere' WHERE seq = 2",
        &[("sessions", "session-edited")],
    ),
    (
        "the first record",
        "DELETE FROM records WHERE seq = 1",
        &[
            ("records", "rows-missing"),
            ("records", "record-missing"),
            ("outbox", "submission-unrecorded"),
        ],
    ),
    (
        "a middle record",
        "DELETE FROM records WHERE seq = 2",
        &[("records", "rows-missing"), ("outbox", "submission-unrecorded")],
    ),
    (
        "the last record",
        "DELETE FROM records WHERE seq = (SELECT max(seq) FROM records)",
        &[("records", "rows-missing"), ("records", "record-missing")],
    ),
    (
        "a record edited",
        "UPDATE records SET canonical = CAST(replace(CAST(canonical AS TEXT), 'HT-1', 'HT-2') AS BLOB) WHERE seq = 1",
        &[("records", "record-edited")],
    ),
    (
        "a record edited, and its evidence",
        "UPDATE records SET canonical = CAST(replace(CAST(canonical AS TEXT), 'HT-1', 'HT-2') AS BLOB) WHERE seq = 1;
         UPDATE records SET evidence = evidence_of(canonical)",
        &[("outbox", "submission-differs")],
    ),
    (
        "the first row of the outbox",
        "DELETE FROM outbox WHERE seq = 1",
        &[("outbox", "rows-missing"), ("journal", "entry-unsent")],
    ),
    (
        "the last row of the outbox",
        "DELETE FROM outbox WHERE seq = (SELECT max(seq) FROM outbox)",
        &[("outbox", "rows-missing"), ("journal", "entry-unsent")],
    ),
    (
        "a row of the outbox edited",
        "UPDATE outbox SET body = replace(body, '\"state\":\"final\"', '\"state\":\"queued\"') WHERE seq = 1",
        &[("outbox", "outbox-edited")],
    ),
    (
        "the first entry of the journal",
        "DELETE FROM journal WHERE seq = 1",
        &[("journal", "rows-missing"), ("journal", "entry-missing")],
    ),
    (
        "the last entry of the journal",
        "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
        &[("journal", "rows-missing"), ("journal", "entry-missing")],
    ),
    (
        "the journal itself",
        "DELETE FROM journals",
        &[("journals", "rows-missing")],
    ),
    (
        "the last contract out of every table",
        "DELETE FROM trace WHERE session = (SELECT id FROM sessions ORDER BY seq DESC LIMIT 1);
         DELETE FROM records WHERE seq = (SELECT max(seq) FROM records);
         DELETE FROM sessions WHERE seq = (SELECT max(seq) FROM sessions)",
        &[
            ("trace", "rows-missing"),
            ("sessions", "rows-missing"),
            ("records", "rows-missing"),
            ("trace", "behind-head"),
        ],
    ),
    (
        "the last contract out of every table, and the counts",
        "DELETE FROM trace WHERE session = (SELECT id FROM sessions ORDER BY seq DESC LIMIT 1);
         DELETE FROM records WHERE seq = (SELECT max(seq) FROM records);
         DELETE FROM sessions WHERE seq = (SELECT max(seq) FROM sessions);
         UPDATE tally SET rows = (SELECT count(*) FROM trace) WHERE name = 'trace';
         UPDATE tally SET rows = (SELECT count(*) FROM records) WHERE name = 'records';
         UPDATE tally SET rows = (SELECT count(*) FROM sessions) WHERE name = 'sessions'",
        &[("trace", "behind-head")],
    ),
    (
        "the counts",
        "DELETE FROM tally",
        &[("trace", "count-missing"), ("journal", "count-missing")],
    ),
];

#[test]
fn no_row_goes_without_notice() {
    if Command::new("python3").args(["-c", "import sqlite3"]).status().is_err() {
        skip("no python3: rows are not taken away");
        return;
    }
    let desk = Workshop::shared().desk();
    desk.configure(JOURNAL);
    for output in ["first.pdf", "second.pdf"] {
        submitted(&desk, output);
    }
    let alone = desk.run(
        &sign(&desk, "contract.pdf", "third.pdf", Key::P256, &["--no-submit"]),
        Pin::File,
    );
    assert_eq!(alone.exit, Some(0), "{}", alone.told());
    let honest = desk.run(&["journal", "verify"], Pin::Never);
    assert_eq!(
        (honest.exit, honest.json["books"]["intact"].as_bool()),
        (Some(0), Some(true)),
        "{}",
        honest.told()
    );
    let database = database(&desk);
    let kept = std::fs::read(&database).unwrap();
    let mut wrong = String::new();
    let mut check = |what: &str, expected: &[(&str, &str)]| {
        let run = desk.run(&["journal", "verify"], Pin::Never);
        let faults = run.json["books"]["faults"].as_array().cloned().unwrap_or_default();
        let named = |(table, code): &(&str, &str)| {
            faults
                .iter()
                .any(|fault| fault["table"] == *table && fault["code"] == *code)
        };
        if run.exit != Some(1) || run.json["intact"] != false || !expected.iter().all(named) {
            writeln!(wrong, "{what}: {}", run.told()).unwrap();
        }
    };
    for (what, sql, expected) in &LOSSES {
        restore(&database, &kept);
        edit(&database, sql);
        check(what, expected);
    }
    restore(&database, &kept);
    let head = desk.home().join("countersign.head");
    let noted = std::fs::read(&head).unwrap();
    std::fs::remove_file(&head).unwrap();
    check("the head beside the store", &[("trace", "head-missing")]);
    std::fs::write(&head, &noted).unwrap();
    // All of it as it once was: no count and no chain shows that.
    submitted(&desk, "fourth.pdf");
    let honest = desk.run(&["journal", "verify"], Pin::Never);
    assert_eq!(honest.exit, Some(0), "{}", honest.told());
    restore(&database, &kept);
    check("an older copy of the store", &[("trace", "behind-head")]);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_file_that_replaces_another_one_is_noticed() {
    let workshop = Workshop::shared();
    let (desk, elsewhere) = (workshop.desk(), workshop.desk());
    for one in [&desk, &elsewhere] {
        one.configure(JOURNAL);
        submitted(one, "signed.pdf");
    }
    let path = desk.work().join("signed.pdf");
    let (own, other) = (
        std::fs::read(&path).unwrap(),
        std::fs::read(elsewhere.work().join("signed.pdf")).unwrap(),
    );
    let status = |what: &str, bytes: &[u8], name: &str, exit: i32, chain: &str, overall: &str| {
        let _file = desk.put(name, bytes);
        let run = desk.run(&["verify", name], Pin::Never);
        assert_eq!(
            (
                run.exit,
                run.json["chain"]["status"].as_str(),
                run.json["overall"].as_str()
            ),
            (Some(exit), Some(chain), Some(overall)),
            "{what}: {}",
            run.told()
        );
    };
    status("untouched", &own, "signed.pdf", 0, "matches", "TOTAL-PASSED");
    status(
        "another signed file in its place",
        &other,
        "signed.pdf",
        1,
        "differs",
        "TOTAL-PASSED",
    );
    status(
        "another signed file elsewhere",
        &other,
        "other.pdf",
        0,
        "not-checked",
        "TOTAL-PASSED",
    );
    status(
        "the file itself elsewhere",
        &own,
        "copy.pdf",
        0,
        "matches",
        "TOTAL-PASSED",
    );
    let more = [&own[..], b"\n% more\n"].concat();
    status(
        "the file with more behind it",
        &more,
        "more.pdf",
        2,
        "unverified",
        "INDETERMINATE",
    );
    let mut broken = own.clone();
    broken[40] ^= 1;
    status(
        "the file with another octet",
        &broken,
        "broken.pdf",
        1,
        "differs",
        "TOTAL-FAILED",
    );
}

fn submitted(desk: &Desk, output: &str) {
    let _contract = desk.put("contract.pdf", &contracts::classic().bytes);
    let run = desk.run(
        &sign(
            desk,
            "contract.pdf",
            output,
            Key::P256,
            &["--endpoint", "journal", "--business-no", "HT-1"],
        ),
        Pin::File,
    );
    assert_eq!(run.exit, Some(0), "{}", run.told());
}

/// The store, in one file: what still stood in the write-ahead log is moved into it.
fn database(desk: &Desk) -> std::path::PathBuf {
    let database = desk.home().join("countersign.db");
    python(&database, "PRAGMA wal_checkpoint(TRUNCATE)");
    database
}

fn restore(database: &Path, kept: &[u8]) {
    for side in ["-wal", "-shm"] {
        let _gone = std::fs::remove_file(format!("{}{side}", database.display()));
    }
    std::fs::write(database, kept).unwrap();
}

fn edit(database: &Path, sql: &str) {
    python(database, &format!("{OPEN}\n{sql};\nPRAGMA wal_checkpoint(TRUNCATE)"));
}

fn python(database: &Path, sql: &str) {
    let program = "import hashlib, sqlite3, sys\n\
        connection = sqlite3.connect(sys.argv[1])\n\
        digest = lambda canonical: hashlib.sha256(b'countersign.evidence/1\\n' + canonical).digest()\n\
        connection.create_function('evidence_of', 1, digest)\n\
        before = list(connection.iterdump()) if 'UPDATE' in sys.argv[2] or 'DELETE' in sys.argv[2] else None\n\
        connection.executescript(sys.argv[2])\n\
        connection.commit()\n\
        assert before is None or [l for l in before if 'TRIGGER' not in l] != [l for l in connection.iterdump() if 'TRIGGER' not in l], 'no change'\n";
    let output = Command::new("python3")
        .arg("-c")
        .arg(program)
        .arg(database)
        .arg(sql)
        .output()
        .expect("python3");
    assert!(
        output.status.success(),
        "{sql}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
