//! `kill -9` at every commit point: nothing is lost, nothing is doubled, nothing half-made is ever seen (DOMAIN A3, E4).
//!
//! strace kills the program when it enters the n-th call of a kind; every kind that changes a file, a store or a peer is
//! gone through. Not its business: loss of power (the store's own suites).

mod hangs;
mod kills;

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Workshop},
    surroundings::{Left, sign, strays},
};
use serde_json::Value;

const JOURNAL: &str = "[endpoint.journal]\nkind = \"journal\"\npayload = \"full\"\npractice = true\n";

fn desk() -> Desk {
    let desk = Workshop::shared().desk();
    desk.configure(JOURNAL);
    let _contract = desk.put("contract.pdf", &contracts::classic().bytes);
    desk
}

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
