//! A process that is killed at any moment loses nothing that was acknowledged and does nothing twice.
//!
//! The suite starts itself as a child in another role and kills it with SIGKILL.

#![expect(clippy::unwrap_used, reason = "a suite: what fails here fails the test")]
#![expect(clippy::print_stdout, reason = "the child talks to its parent")]

mod kit;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use countersign_signing::ports::{Endpoint, Outbox, OutboxState, SessionRow, Sessions, Submission, Trace};
use countersign_store::{
    Database, JournalEndpoint, OutboxStore, SessionStore, TraceStore, journal_entries, journal_verify,
    snapshot::{Options, Overwrite, Snapshot, SnapshotError, SnapshotState, placed},
};
use kit::{Nobody, Standing, attempt, event, outbox_row, payload, session};

const FOLDER: &str = "COUNTERSIGN_TEST_CRASH_FOLDER";
const ROLE: &str = "COUNTERSIGN_TEST_CRASH_ROLE";
const TAIL: &[u8] = b"incremental update";
const SIZE: usize = 3 * 1024 * 1024;

/// Does nothing unless it was started as a child.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    match std::env::var(ROLE).as_deref() {
        Ok("sign") => sign(&folder),
        Ok("record") => record(&folder),
        role => panic!("{role:?}"),
    }
}

/// Tells the parent, and goes on when it says so, or at once when it does not listen.
fn step(name: &str) {
    println!("\n@{name}");
    std::io::stdout().flush().unwrap();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

fn spawn(folder: &Path, role: &str, stdin: Stdio) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FOLDER, folder)
        .env(ROLE, role)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs a child, kills it behind the given number of acknowledged steps and returns their names.
fn run_and_kill(folder: &Path, role: &str, steps: usize, lockstep: bool) -> Vec<String> {
    let mut child = spawn(folder, role, if lockstep { Stdio::piped() } else { Stdio::null() });
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some(name) = line.strip_prefix('@') else { continue };
        told.push(name.to_owned());
        if told.len() == steps {
            child.kill().unwrap();
        } else if let Some(stdin) = child.stdin.as_mut().filter(|_| told.len() < steps) {
            stdin.write_all(b"\n").unwrap();
        }
    }
    child.wait().unwrap();
    told
}

fn contract() -> Vec<u8> {
    (0..SIZE).map(|at| (at * 7 + at / 253) as u8).collect()
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Body {
    snapshot: SnapshotState,
    result_sha256: Option<String>,
}

fn row(state: &str, body: &Body) -> SessionRow {
    session("s", state, &serde_json::to_string(body).unwrap())
}

/// The order of a signing session: nothing is put in place before it is noted what will be.
fn sign(folder: &Path) {
    let database = Database::open(&folder.join("home")).unwrap();
    let (mut trace, mut sessions) = (TraceStore::new(database.clone()), SessionStore::new(database));
    let mut snapshot = Snapshot::take(&folder.join("a.pdf"), &folder.join("b.pdf"), &Options::default()).unwrap();
    step("taken");
    let mut body = Body {
        snapshot: snapshot.state().clone(),
        result_sha256: None,
    };
    sessions.save(&row("prepared", &body), true).unwrap();
    snapshot.keep();
    trace.append(&event("s", "prepare")).unwrap();
    step("prepared");
    finish(snapshot, &mut body, &mut trace, &mut sessions);
}

fn finish(mut snapshot: Snapshot, body: &mut Body, trace: &mut TraceStore, sessions: &mut SessionStore) {
    snapshot.append(TAIL).unwrap();
    step("appended");
    body.result_sha256 = Some(hex::encode(snapshot.result_sha256().unwrap()));
    sessions.save(&row("sealed", body), true).unwrap();
    step("sealed");
    trace.append(&event("s", "embed")).unwrap();
    snapshot.finish(Overwrite::Never).unwrap();
    step("finished");
    sessions.save(&row("done", body), true).unwrap();
    step("done");
}

#[test]
fn a_killed_signing_run_is_resumed() {
    let steps = ["taken", "prepared", "appended", "sealed", "finished", "done"];
    for (lockstep, kill_behind) in [true, false]
        .into_iter()
        .flat_map(|mode| (1..=6).map(move |at| (mode, at)))
    {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.pdf"), contract()).unwrap();
        let told = run_and_kill(folder.path(), "sign", kill_behind, lockstep);
        if lockstep {
            assert_eq!(told, steps[..kill_behind]);
        }
        let case = format!("killed behind {:?} of {told:?}", steps[kill_behind - 1]);

        let database = Database::open(&at("home")).unwrap();
        let (mut trace, mut sessions) = (TraceStore::new(database.clone()), SessionStore::new(database));
        trace.verify(&[]).unwrap();
        match sessions.unfinished().unwrap().as_slice() {
            [] if sessions.find("s").unwrap().is_some() => {}
            [] => {
                assert!(
                    !told.iter().any(|name| name == "prepared"),
                    "{case}: an acknowledged session is lost"
                );
                assert!(!at("b.pdf").exists(), "{case}");
                continue;
            }
            [found] => {
                let mut body: Body = serde_json::from_str(&found.body).unwrap();
                match Snapshot::resume(&body.snapshot) {
                    Ok(mut snapshot) => {
                        assert!(!at("b.pdf").exists(), "{case}");
                        assert_eq!((*snapshot.bytes()).as_ref(), contract(), "{case}");
                        snapshot.append(TAIL).unwrap();
                        body.result_sha256 = Some(hex::encode(snapshot.result_sha256().unwrap()));
                        sessions.save(&row("sealed", &body), true).unwrap();
                        trace.append(&event("s", "embed")).unwrap();
                        snapshot.finish(Overwrite::Never).unwrap();
                    }
                    Err(SnapshotError::Damaged { what: "missing", .. }) => {
                        let mut sha256 = [0; 32];
                        hex::decode_to_slice(body.result_sha256.unwrap(), &mut sha256).unwrap();
                        assert!(placed(&at("b.pdf"), &sha256).unwrap(), "{case}");
                    }
                    Err(error) => panic!("{case}: {error}"),
                }
            }
            more => panic!("{case}: {more:?}"),
        }
        assert_eq!(
            fs::read(at("b.pdf")).unwrap(),
            [contract().as_slice(), TAIL].concat(),
            "{case}"
        );
        assert_eq!(fs::read(at("a.pdf")).unwrap(), contract(), "{case}");
        trace.verify(&[]).unwrap();
        let left = fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part"));
        assert_eq!(left.count(), 0, "{case}");
    }
}

/// Keeps many small things; each is told only after it was kept.
fn record(folder: &Path) {
    let database = Database::open(&folder.join("home")).unwrap();
    let (mut trace, mut outbox) = (TraceStore::new(database.clone()), OutboxStore::new(database.clone()));
    let mut journal = JournalEndpoint::new(database, "local".to_owned(), true, Standing);
    for number in 1..=60 {
        trace.append(&event("s", "submit")).unwrap();
        step(&format!("trace {number}"));
        let mut row = outbox.enqueue(&outbox_row(number, "local")).unwrap();
        step(&format!("queued {number}"));
        let submission = Submission {
            record_id: "r".to_owned(),
            payload: payload(number),
        };
        let made = journal.prepare(&submission, &[], None, &mut Nobody).unwrap();
        if row.attempts.is_empty() {
            row.attempts = vec![attempt(number), made.clone()];
        }
        row.state = OutboxState::Signed;
        outbox.update(&row).unwrap();
        step(&format!("signed {number}"));
        journal.broadcast(&made).unwrap();
        step(&format!("included {number}"));
    }
}

#[test]
fn a_killed_outbox_run_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut trace_entries, mut queued, mut signed, mut included) = (0, 0, 0, 0);
    // Free-running children: SIGKILL lands anywhere behind the last step that was told.
    for kills in [1, 2, 3, 4, 7, 20, 45, 90, 150] {
        let told = run_and_kill(folder.path(), "record", kills, false);
        let count = |name: &str| told.iter().filter(|told| told.starts_with(name)).count();
        let of = |name: &str| {
            let numbers = told
                .iter()
                .filter_map(|told| told.strip_prefix(name)?.trim().parse::<usize>().ok());
            numbers.max().unwrap_or(0)
        };
        trace_entries += count("trace");
        queued = queued.max(of("queued"));
        signed = signed.max(of("signed"));
        included = included.max(of("included"));

        let database = Database::open(&folder.path().join("home")).unwrap();
        assert!(TraceStore::new(database.clone()).verify(&[]).unwrap().entries >= trace_entries as u64);
        let rows = OutboxStore::new(database.clone()).rows().unwrap();
        assert!(rows.len() >= queued, "{} rows, {queued} told", rows.len());
        assert!(
            rows.iter().take(signed).all(|row| row.attempts.len() == 2),
            "an attempt is lost"
        );
        let entries = journal_entries(&database, "local").unwrap();
        assert!(entries.len() >= included, "{} entries, {included} told", entries.len());
        let mut evidence: Vec<_> = entries.iter().map(|(entry, _)| entry.evidence).collect();
        evidence.sort_unstable();
        evidence.dedup();
        assert_eq!(evidence.len(), entries.len(), "an entry is doubled");
        journal_verify(&database, "local", None).unwrap();
    }
    assert!(included > 20, "the children did some work");
}
