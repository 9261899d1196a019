//! What must hold after a batch was struck: two of its files may have been under way at once.

use std::fs;

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin},
    surroundings::{Left, strays},
};
use serde_json::Value;

/// The files. All have the same octets: only the places tell them apart.
pub(super) const FILES: [&str; 3] = ["a.pdf", "b.pdf", "c.pdf"];

pub(super) fn arrange(desk: &Desk) {
    desk.configure("");
    fs::create_dir(desk.work().join("out")).unwrap();
    for name in FILES {
        let _contract = desk.put(name, &contracts::classic().bytes);
    }
}

pub(super) fn words(desk: &Desk, more: &[&str]) -> Vec<String> {
    let (uri, chain) = (desk.credential(Key::P256), desk.chain().display().to_string());
    let fixed = ["--out-dir", "out", "--credential", &uri, "--chain", &chain, "--yes"];
    let words = ["sign"]
        .into_iter()
        .chain(FILES)
        .chain(fixed)
        .chain(more.iter().copied());
    words.map(str::to_owned).collect()
}

/// The same run again; every other time after the outbox, which finishes what was signed and asks for nothing.
pub(super) fn sign_again(desk: &Desk, number: usize) -> Result<bool, String> {
    if number.is_multiple_of(2) {
        let run = desk.run(&["outbox", "run"], Pin::Watched);
        if run.exit != Some(0) || run.pin_taken {
            return Err(format!("outbox run, PIN taken {}: {}", run.pin_taken, run.told()));
        }
    }
    let run = desk.run(&words(desk, &[]), Pin::Watched);
    let results = run.json["results"].as_array().map_or(&[][..], Vec::as_slice);
    let well = |result: &Value| {
        let code = result.pointer("/error/code").and_then(Value::as_str);
        code.is_none_or(|code| code == "output-exists")
    };
    if results.len() != FILES.len() || !results.iter().all(well) {
        return Err(format!("signing again: {}", run.told()));
    }
    Ok(run.pin_taken)
}

/// The sources are what they were; every output that is there is whole.
pub(super) fn nothing_half(desk: &Desk) -> Result<(), String> {
    for name in FILES {
        if fs::read(desk.work().join(name)).unwrap() != contracts::classic().bytes {
            return Err(format!("{name} was changed"));
        }
        let output = format!("out/{name}");
        if desk.work().join(&output).exists() {
            let verified = desk.run(&["verify", &output], Pin::Never);
            let signatures = verified.json["signatures"].as_array().map_or(0, Vec::len);
            if (verified.exit, signatures) != (Some(0), 1) {
                return Err(format!("{output} is not whole: {}", verified.told()));
            }
        }
    }
    Ok(())
}

/// Every file is out with its stamp, each has one record, nothing waits or lies about, the trace holds.
pub(super) fn all_done(desk: &Desk) -> Result<(), String> {
    nothing_half(desk)?;
    let left = Left::read(desk);
    for name in FILES {
        let verified = desk.run(&["verify", &format!("out/{name}")], Pin::Never);
        let word = |pointer: &str| {
            verified
                .json
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let records = left.records.iter();
        let own = records
            .filter(|stored| stored.record.document.sha256 == word("/file/sha256"))
            .count();
        if (word("/signatures/0/level"), own) != ("B-T", 1) {
            return Err(format!("{name}: {own} records, {}", verified.told()));
        }
    }
    let stray = strays(&desk.work().join("out"));
    let counts = (left.records.len(), left.unfinished.len(), stray.len());
    if counts != (FILES.len(), 0, 0) {
        return Err(format!("records, unfinished, strays: {counts:?} {stray:?}"));
    }
    let checked = desk.run(&["journal", "verify"], Pin::Never);
    if checked.exit != Some(0) {
        return Err(format!("trace: {}", checked.told()));
    }
    Ok(())
}
