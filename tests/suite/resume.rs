//! `kill -9` at every commit point: nothing is lost, nothing is doubled, nothing half-made is ever seen (DOMAIN A3, E4).
//!
//! strace kills the program when it enters the n-th call of a kind; every kind that changes a file, a store or a peer is
//! gone through. Not its business: loss of power (the store's own suites).

mod batch;
mod chain;
mod hangs;
mod kills;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    process::{Command, Output},
    time::Duration,
};

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Workshop},
    skip::skip,
    surroundings::{Left, command, ended, sign, strays},
};
use serde_json::Value;

const JOURNAL: &str = "[endpoint.journal]\nkind = \"journal\"\npayload = \"full\"\npractice = true\n";

fn desk() -> Desk {
    let desk = Workshop::shared().desk();
    desk.configure(JOURNAL);
    let _contract = desk.put("contract.pdf", &contracts::classic().bytes);
    desk
}

/// Whether strace is here; said loudly when not.
fn strace() -> bool {
    let here = Command::new("strace").arg("-V").output().is_ok();
    if !here {
        skip("strace is not on this machine (make setup brings it); no run is killed at its commit points");
    }
    here
}

/// One run; its calls of these kinds, counted for each thread as strace does: the most of any thread.
fn counted<'a>(desk: &Desk, calls: &[&'a str], arguments: &[String]) -> Vec<(&'a str, usize)> {
    let log = desk.work().join("calls");
    let trace = format!("trace={}", calls.join(","));
    let before = ["strace", "-f", "-qq", "-o", log.to_str().unwrap(), "-e", &trace].map(OsStr::new);
    let output = ended(command(desk, &before, arguments).spawn().unwrap(), DEADLINE);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for line in std::fs::read_to_string(&log).unwrap().lines() {
        let mut parts = line.split_whitespace();
        let (thread, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let name = rest.split('(').next().unwrap_or_default();
        if let Some(call) = calls.iter().find(|call| **call == name) {
            *counts.entry((thread.to_owned(), call)).or_default() += 1;
        }
    }
    std::fs::remove_file(log).unwrap();
    let most = |call: &str| {
        counts
            .iter()
            .filter(|((_, name), _)| *name == call)
            .map(|(_, count)| *count)
            .max()
    };
    calls.iter().map(|call| (*call, most(call).unwrap_or(0))).collect()
}

/// What befalls a run at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    /// It is killed when it enters the call.
    Kill,
    /// The call and all later ones of its kind fail: the device is full.
    Full,
    /// The call fails this once.
    Error,
}

/// One run that is struck at the n-th call of this kind.
fn struck_at(desk: &Desk, blow: Blow, call: &str, nth: usize, arguments: &[String]) -> Output {
    let what = match blow {
        Blow::Kill => format!("signal=SIGKILL:when={nth}"),
        Blow::Full => format!("error=ENOSPC:when={nth}+"),
        Blow::Error => format!("error=EIO:when={nth}"),
    };
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:{what}"));
    let before = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject].map(OsStr::new);
    ended(command(desk, &before, arguments).spawn().unwrap(), DEADLINE)
}

const DEADLINE: Duration = Duration::from_secs(60);

fn words(desk: &Desk, more: &[&str]) -> Vec<String> {
    sign(desk, "contract.pdf", "signed.pdf", Key::P256, more)
}

/// After a kill: the source is what it was, the output is whole or not there.
fn nothing_half(desk: &Desk) -> Result<(), String> {
    if std::fs::read(desk.work().join("contract.pdf")).unwrap() != contracts::classic().bytes {
        return Err("the source was changed".to_owned());
    }
    if desk.work().join("signed.pdf").exists() {
        let verified = desk.run(&["verify", "signed.pdf"], Pin::Never);
        if verified.exit != Some(0) {
            return Err(format!("the output is not whole: {}", verified.told()));
        }
    }
    Ok(())
}

/// At the end of it all: one file with one signature, `records` records of which the last is of this file, one entry in the
/// journal, no session that waits, no stray file.
fn all_done(desk: &Desk, records: usize) -> Result<(), String> {
    nothing_half(desk)?;
    let verified = desk.run(&["verify", "signed.pdf"], Pin::Never);
    let told = || verified.told();
    let signatures = verified.json["signatures"].as_array().map_or(0, Vec::len);
    let level = verified
        .json
        .pointer("/signatures/0/level")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if (signatures, level) != (1, "B-T") {
        return Err(format!("{signatures} signatures, {level}: {}", told()));
    }
    if verified.json.pointer("/chain/status").and_then(Value::as_str) != Some("matches") {
        return Err(format!("chain: {}", told()));
    }
    let left = Left::read(desk);
    let sha256 = verified
        .json
        .pointer("/file/sha256")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let own: Vec<_> = left
        .records
        .iter()
        .filter(|stored| stored.record.document.sha256 == sha256)
        .collect();
    let [own] = own.as_slice() else {
        return Err(format!("{} records of this file", own.len()));
    };
    let stray = strays(&desk.work());
    let counts = (
        left.records.len(),
        left.rows.len(),
        left.journal.len(),
        left.unfinished.len(),
        stray.len(),
    );
    if counts != (records, 1, 1, 0, 0) {
        return Err(format!(
            "records, rows, entries, unfinished, strays: {counts:?} {stray:?}"
        ));
    }
    if left.journal != [hex::encode(own.evidence)] {
        return Err("the journal has another evidence".to_owned());
    }
    let checked = desk.run(&["journal", "verify"], Pin::Never);
    if checked.exit != Some(0) {
        return Err(format!("journal or trace: {}", checked.told()));
    }
    Ok(())
}
