//! Forgeries: none passes, each is told for what it is, and none gets a timestamp.
//!
//! Each is judged by the program itself, as a child process with the practice root as anchor, and where pyHanko is there
//! by pyHanko. Where the two differ, `tests/data/divergences.json` says why; a difference that is not there, and one that
//! is there and does not occur, fail.

mod books;
mod losses;
mod octets;
mod scene;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use countersign_tests::{
    desk::{Desk, Pin, Run, Workshop},
    forgeries::{self, Expect, Forgery, Verdict},
    judge::Judge,
    repository,
};

#[test]
fn no_forgery_passes() {
    let workshop = Workshop::shared();
    let judge = Judge::shared();
    let cast = scene::cast(workshop);
    let forgeries: Vec<Forgery> = scene::signed(workshop)
        .iter()
        .flat_map(|signed| forgeries::all(signed, &cast))
        .collect();
    let names: BTreeSet<&str> = forgeries.iter().map(|forgery| forgery.name.as_str()).collect();
    assert_eq!(names.len(), forgeries.len(), "names of forgeries are not unique");
    let next = AtomicUsize::new(0);
    let (wrong, differing) = (Mutex::new(Vec::new()), Mutex::new(BTreeMap::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let desk = workshop.desk();
                while let Some(forgery) = forgeries.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let file = desk.put("forged.pdf", &forgery.bytes);
                    let checked =
                        check(&desk, &file, &forgery.expect).and_then(|()| not_extended(&desk, &file, &forgery.expect));
                    if let Err(why) = checked {
                        wrong.lock().unwrap().push(format!("{}: {why}", forgery.name));
                    }
                    if let Some(difference) = judge.and_then(|judge| difference(judge, &desk, &file, &forgery.expect)) {
                        differing.lock().unwrap().insert(forgery.name.clone(), difference);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    if judge.is_some() {
        wrong.extend(unexplained(&differing.into_inner().unwrap()));
    }
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} of {} forgeries are judged wrongly:\n{}",
        wrong.len(),
        forgeries.len(),
        wrong.join("\n")
    );
    println!("{} forgeries, none passes", forgeries.len());
}

/// The program's verdict fits what is expected.
fn check(desk: &Desk, file: &Path, expect: &Expect) -> Result<(), String> {
    let run = desk.run(&["verify".as_ref(), file.as_os_str()], Pin::Never);
    let overall = run.json["overall"].as_str().unwrap_or_default();
    let (exit, word): (&[i32], &[&str]) = match expect.verdict {
        Verdict::Failed => (&[1], &["TOTAL-FAILED"]),
        Verdict::Indeterminate => (&[2], &["INDETERMINATE"]),
        Verdict::Unsigned => (&[3], &["NO-SIGNATURE"]),
        Verdict::Never => (&[1, 2, 3, 65], &["TOTAL-FAILED", "INDETERMINATE", "NO-SIGNATURE", ""]),
        Verdict::Harmless => (&[0], &["TOTAL-PASSED"]),
    };
    if !run.exit.is_some_and(|code| exit.contains(&code)) || !word.contains(&overall) {
        return Err(format!("expected {word:?}, found {overall} {}", told(&run)));
    }
    let signatures = run.json["signatures"].as_array().cloned().unwrap_or_default();
    let facts = [
        ("/integrity", expect.integrity.map(serde_json::Value::from)),
        (
            "/coverage/whole_revision",
            expect.whole_revision.map(serde_json::Value::from),
        ),
        ("/later_changes", expect.later_changes.map(serde_json::Value::from)),
    ];
    for (place, wanted) in facts {
        if let Some(wanted) = wanted
            && !signatures
                .iter()
                .any(|signature| signature.pointer(place) == Some(&wanted))
        {
            return Err(format!("expected {place} {wanted}: {}", told(&run)));
        }
    }
    let codes: BTreeSet<&str> = signatures
        .iter()
        .flat_map(|signature| signature["findings"].as_array().into_iter().flatten())
        .filter_map(|finding| finding["code"].as_str())
        .chain([run.code()])
        .collect();
    if !expect.code.is_empty() && !codes.contains(expect.code) {
        return Err(format!("expected the finding {}, found {codes:?}", expect.code));
    }
    Ok(())
}

/// What matters of a report, short.
fn told(run: &Run) -> String {
    let short = |signature: &serde_json::Value| {
        let codes: Vec<&str> = signature["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|finding| finding["code"].as_str())
            .collect();
        format!(
            "[{} {} {} whole={} later={} {}/{} time={} {codes:?}]",
            signature["field"],
            signature["kind"],
            signature["integrity"],
            signature["coverage"]["whole_revision"],
            signature["later_changes"],
            signature["indication"],
            signature["sub_indication"],
            signature["time"]["kind"]
        )
    };
    match run.json["signatures"].as_array() {
        Some(signatures) => format!(
            "exit {:?} {}",
            run.exit,
            signatures.iter().map(short).collect::<String>()
        ),
        None => run.told(),
    }
}

/// No stamp for a broken signature, and no file. Where a stamp is allowed, it makes nothing pass.
fn not_extended(desk: &Desk, file: &Path, expect: &Expect) -> Result<(), String> {
    if expect.verdict == Verdict::Harmless {
        return Ok(());
    }
    let output = desk.work().join("extended.pdf");
    let run = desk.run(
        &[
            "extend".as_ref(),
            file.as_os_str(),
            "-o".as_ref(),
            output.as_os_str(),
            "--level".as_ref(),
            "B-T".as_ref(),
        ],
        Pin::Never,
    );
    if output.exists() {
        let still = check(desk, &output, expect);
        std::fs::remove_file(&output).unwrap();
        return if expect.stampable {
            still
        } else {
            Err(format!("extended: {}", run.told()))
        };
    }
    match run.exit {
        Some(3 | 65 | 77) if !expect.stampable => Ok(()),
        _ => Err(format!("extend: {}", run.told())),
    }
}

/// How pyHanko's verdict differs from ours, if it does.
fn difference(judge: &Judge, desk: &Desk, file: &Path, expect: &Expect) -> Option<String> {
    let root = desk.root();
    let accepted = match judge.judge(file, &[&root], true) {
        Ok(verdicts) => !verdicts.is_empty() && verdicts.iter().all(|verdict| verdict.bottom_line),
        Err(_) => false,
    };
    match (accepted, expect.verdict == Verdict::Harmless) {
        (true, false) => Some("accepted".to_owned()),
        (false, true) => Some("refused".to_owned()),
        _ => None,
    }
}

/// Differences without a reason, and reasons without a difference.
fn unexplained(found: &BTreeMap<String, String>) -> Vec<String> {
    let path = repository::root().join("tests/data/divergences.json");
    let listed: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&repository::text(&path)).expect("divergences.json: kind of difference, name, reason");
    let name = |full: &str| {
        let name = full.split_once(": ").map_or(full, |(_, name)| name);
        name.trim_end_matches(", without stamp").to_owned()
    };
    let occurring: BTreeSet<(String, String)> = found.iter().map(|(full, how)| (how.clone(), name(full))).collect();
    let explained: BTreeSet<(String, String)> = listed
        .iter()
        .flat_map(|(how, names)| names.keys().map(move |name| (how.clone(), name.clone())))
        .collect();
    let mut wrong: Vec<String> = occurring
        .difference(&explained)
        .map(|(how, name)| format!("{name}: pyHanko {how} it, we do not, and divergences.json gives no reason"))
        .collect();
    wrong.extend(
        explained
            .difference(&occurring)
            .map(|(how, name)| format!("{name}: pyHanko no longer {how} it: divergences.json is stale")),
    );
    let empty = listed
        .values()
        .flatten()
        .filter(|(_, reason)| reason.len() < 20)
        .map(|(name, _)| format!("{name}: no reason given"));
    wrong.extend(empty);
    wrong
}
