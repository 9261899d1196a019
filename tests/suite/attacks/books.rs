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
const OPEN: &str =
    "DROP TRIGGER IF EXISTS records_keep; DROP TRIGGER IF EXISTS journal_keeps; DROP TRIGGER IF EXISTS journal_stays;";

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
        journal: 73,
    },
    Case {
        name: "a record edited, and its evidence with it",
        sql: "UPDATE records SET canonical = CAST(replace(CAST(canonical AS TEXT), '\"business_no\":\"HT-1\"',
                '\"business_no\":\"HT-2\"') AS BLOB);
              UPDATE records SET evidence = evidence_of(canonical)",
        exit: 1,
        chain: "differs",
        journal: 0,
    },
    Case {
        name: "what was submitted edited",
        sql: "UPDATE outbox SET body = replace(body, '\"gen_time\":17', '\"gen_time\":16')",
        exit: 1,
        chain: "differs",
        journal: 0,
    },
    Case {
        name: "the journal's entry removed",
        sql: "DELETE FROM journal",
        exit: 2,
        chain: "absent",
        journal: 0,
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
