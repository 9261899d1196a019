//! Several files in one run: one is finished while the token signs the next, and nobody must be able to tell by the results.

use std::{collections::BTreeSet, fs, process::Command, time::Duration};

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Run, Workshop},
    surroundings::{Left, closed, command, ended, pin_from, strays},
};
use serde_json::Value;

use super::{later::private, way::text};

const DAMAGED: &[u8] = b"This is no PDF at all.\n";

/// A desk with contracts, an empty folder for the results, and no endpoint. The contracts are all the same octets.
fn desk(names: &[&str]) -> Desk {
    let desk = Workshop::shared().desk();
    desk.configure("");
    fs::create_dir(desk.work().join("out")).unwrap();
    for name in names {
        let _contract = desk.put(name, &contracts::classic().bytes);
    }
    desk
}

fn words<S: AsRef<str>>(desk: &Desk, inputs: &[S], more: &[&str]) -> Vec<String> {
    let (uri, chain) = (desk.credential(Key::P256), desk.chain().display().to_string());
    let fixed = ["--out-dir", "out", "--credential", &uri, "--chain", &chain, "--yes"];
    let inputs = inputs.iter().map(AsRef::as_ref);
    let words = ["sign"].into_iter().chain(inputs).chain(fixed);
    words.chain(more.iter().copied()).map(str::to_owned).collect()
}

/// Of each result the fault's code, or the level.
fn outcomes(run: &Run) -> Vec<String> {
    let results = run.json["results"].as_array().unwrap();
    let word = |result: &Value| match result.pointer("/error/code").and_then(Value::as_str) {
        Some(code) => code.to_owned(),
        None => text(result, "/level"),
    };
    results.iter().map(word).collect()
}

/// Every file in the folder is whole and has one signature, the store's chains hold, nothing lies about.
fn sound(desk: &Desk, outputs: &[&str], records: usize, unfinished: usize) {
    let found: BTreeSet<String> = fs::read_dir(desk.work().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, outputs.iter().map(|name| (*name).to_owned()).collect());
    for output in outputs {
        let verified = desk.run(&["verify", &format!("out/{output}")], Pin::Never);
        assert_eq!(verified.exit, Some(0), "{output}: {}", verified.told());
        assert_eq!(verified.json["signatures"].as_array().unwrap().len(), 1, "{output}");
    }
    let left = Left::read(desk);
    assert_eq!((left.records.len(), left.unfinished.len()), (records, unfinished));
    assert_eq!(strays(&desk.work().join("out")), Vec::<std::path::PathBuf>::new());
    let checked = desk.run(&["journal", "verify"], Pin::Never);
    assert_eq!(
        (checked.exit, &checked.json["intact"]),
        (Some(0), &Value::Bool(true)),
        "{}",
        checked.told()
    );
}

struct Case {
    name: &'static str,
    inputs: &'static [&'static str],
    more: &'static [&'static str],
    arrange: fn(&Desk),
    outcomes: &'static [&'static str],
    exit: i32,
    outputs: &'static [&'static str],
    records: usize,
}

#[test]
fn results_come_in_the_order_of_the_files() {
    let cases = [
        Case {
            name: "all well",
            inputs: &["a.pdf", "b.pdf", "c.pdf", "d.pdf"],
            more: &[],
            arrange: |_| {},
            outcomes: &["B-T", "B-T", "B-T", "B-T"],
            exit: 0,
            outputs: &["a.pdf", "b.pdf", "c.pdf", "d.pdf"],
            records: 4,
        },
        Case {
            name: "one damaged in the middle",
            inputs: &["a.pdf", "b.pdf", "damaged.pdf", "c.pdf", "d.pdf"],
            more: &["--level", "B-B"],
            arrange: |desk| drop(desk.put("damaged.pdf", DAMAGED)),
            outcomes: &["B-B", "B-B", "not-a-pdf", "B-B", "B-B"],
            exit: 65,
            outputs: &["a.pdf", "b.pdf", "c.pdf", "d.pdf"],
            records: 4,
        },
        Case {
            name: "the last one damaged",
            inputs: &["a.pdf", "b.pdf", "damaged.pdf"],
            more: &[],
            arrange: |desk| drop(desk.put("damaged.pdf", DAMAGED)),
            outcomes: &["B-T", "B-T", "not-a-pdf"],
            exit: 65,
            outputs: &["a.pdf", "b.pdf"],
            records: 2,
        },
        Case {
            name: "one file twice",
            inputs: &["a.pdf", "b.pdf", "b.pdf", "c.pdf"],
            more: &[],
            arrange: |_| {},
            outcomes: &["B-T", "B-T", "output-exists", "B-T"],
            exit: 73,
            outputs: &["a.pdf", "b.pdf", "c.pdf"],
            records: 3,
        },
        Case {
            name: "two files of one name, to be replaced",
            inputs: &["a.pdf", "b.pdf", "other/b.pdf", "c.pdf"],
            more: &["--overwrite"],
            arrange: |desk| {
                fs::create_dir(desk.work().join("other")).unwrap();
                let _contract = desk.put("other/b.pdf", &contracts::streams().bytes);
            },
            outcomes: &["B-T", "B-T", "B-T", "B-T"],
            exit: 0,
            outputs: &["a.pdf", "b.pdf", "c.pdf"],
            records: 4,
        },
        Case {
            name: "a place that is taken",
            inputs: &["a.pdf", "b.pdf", "c.pdf"],
            more: &["--level", "B-B"],
            arrange: |desk| drop(desk.put("out/b.pdf", b"somebody's file")),
            outcomes: &["B-B", "output-exists", "B-B"],
            exit: 73,
            outputs: &[],
            records: 2,
        },
    ];
    for case in &cases {
        check(case);
    }
}

fn check(case: &Case) {
    let desk = desk(&["a.pdf", "b.pdf", "c.pdf", "d.pdf"]);
    (case.arrange)(&desk);
    let run = desk.run(&words(&desk, case.inputs, case.more), Pin::Watched);
    assert_eq!(
        (run.exit, outcomes(&run)),
        (
            Some(case.exit),
            case.outcomes.iter().map(|word| (*word).to_owned()).collect()
        ),
        "{}: {}",
        case.name,
        run.told()
    );
    let inputs: Vec<String> = run.json["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| text(result, "/input"))
        .collect();
    assert_eq!(inputs, case.inputs, "{}", case.name);
    assert_eq!(Left::read(&desk).records.len(), case.records, "{}", case.name);
    if !case.outputs.is_empty() {
        sound(&desk, case.outputs, case.records, 0);
    }
    // What a session's trace tells does not depend on its neighbours.
    for result in run.json["results"].as_array().unwrap() {
        if result.get("error").is_none() {
            let kinds = Left::read(&desk).kinds(&text(result, "/session"));
            let stamped = text(result, "/level") == "B-T";
            let expected = ["approve", "prepare", "sign", "timestamp", "embed", "record"];
            let expected: Vec<_> = expected
                .into_iter()
                .filter(|kind| stamped || *kind != "timestamp")
                .collect();
            assert_eq!(kinds, expected, "{}", case.name);
        }
    }
}

#[test]
fn a_wrong_pin_ends_the_run_after_one_try() {
    let desk = desk(&["a.pdf", "b.pdf"]);
    let _damaged = desk.put("damaged.pdf", DAMAGED);
    let wrong = desk.put("wrong", b"no-such-pin\n");
    private(&wrong);
    let from = format!("file:{}", wrong.display());
    let inputs = ["damaged.pdf", "a.pdf", "b.pdf"];
    let run = desk.run(&words(&desk, &inputs, &["--pin-from", &from]), Pin::Never);
    assert_eq!(
        outcomes(&run),
        ["not-a-pdf", "pin-incorrect", "skipped"],
        "{}",
        run.told()
    );
    let failed = Left::read(&desk).kinds(&text(&run.json, "/results/1/session"));
    assert_eq!(
        failed.iter().filter(|kind| *kind == "pin-failed").count(),
        1,
        "{failed:?}"
    );
    sound(&desk, &[], 0, 0);
}

#[test]
fn an_authority_that_is_away_puts_every_stamp_off() {
    let names = ["a.pdf", "b.pdf", "c.pdf"];
    let desk = desk(&names);
    let away = closed();
    let run = desk.run(&words(&desk, &names, &["--tsa", &away]), Pin::Watched);
    assert_eq!(run.exit, Some(75), "{}", run.told());
    assert_eq!(outcomes(&run), ["tsa-unreachable"; 3], "{}", run.told());
    sound(&desk, &names, 3, 3);
    let run = desk.run(&["outbox", "run"], Pin::Watched);
    assert_eq!((run.exit, run.pin_taken), (Some(0), false), "{}", run.told());
    sound(&desk, &names, 6, 0);
}

/// The first Ctrl-C: what has been signed is finished, the rest is not begun.
#[test]
fn a_batch_that_is_cancelled_ends_between_two_files() {
    let names: Vec<String> = (0..80).map(|number| format!("{number:02}.pdf")).collect();
    let desk = desk(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let child = command(&desk, &[], &words(&desk, &names, &["--pin-from", &pin_from(&desk)]))
        .spawn()
        .unwrap();
    while !desk.work().join("out/02.pdf").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let told = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(told.success());
    let output = ended(child, Duration::from_secs(60));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = json["results"].as_array().unwrap();
    assert_eq!(results.len(), names.len());
    let done = results
        .iter()
        .take_while(|result| result.get("error").is_none())
        .count();
    assert!((3..names.len()).contains(&done), "{done} done");
    for result in results.iter().skip(done) {
        assert_eq!(text(result, "/error/code"), "cancelled");
    }
    let outputs: Vec<&str> = names.iter().take(done).map(String::as_str).collect();
    sound(&desk, &outputs, done, 0);
}
