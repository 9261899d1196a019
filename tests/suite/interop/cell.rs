//! Signs one cell and judges what came of it.

use std::{collections::BTreeSet, path::Path};

use countersign_tests::{
    contracts,
    desk::{Desk, Pin, Run},
    judge::{Judge, Verdict, tools},
};
use sha2::{Digest as _, Sha256};

use super::{
    cases::{Cell, Expect, PDFSIG_BLIND, Step},
    inputs::Input,
};

/// What stands in the table, or why the cell is red.
pub(super) fn check(desk: &Desk, judge: Option<&Judge>, input: &Input, cell: &Cell) -> Result<String, String> {
    let source = desk.put("contract.pdf", &input.bytes);
    let image = desk.put("seal.png", &contracts::seal());
    let out = desk.work().join("out");
    let _gone = std::fs::remove_dir_all(&out);
    std::fs::create_dir(&out).unwrap();
    let before = std::fs::metadata(&source).unwrap().modified().unwrap();
    let mut from = source.clone();
    let mut outcome = Ok("ok".to_owned());
    for (place, step) in cell.steps.iter().enumerate() {
        let to = out.join(format!("signed-{place}.pdf"));
        let arguments = arguments(desk, step, &image, &from, &to);
        match cell.expect {
            Expect::Signed => {
                let run = desk.run(&arguments, Pin::File);
                signed(&run, step, &from, &to)?;
                from = to;
            }
            Expect::Refused(code, exit) => {
                let run = desk.run(&arguments, Pin::Watched);
                refused(&run, code, exit)?;
                outcome = Ok(code.to_owned());
            }
        }
    }
    if std::fs::read(&source).unwrap() != input.bytes
        || std::fs::metadata(&source).unwrap().modified().unwrap() != before
    {
        return Err("the source was touched".to_owned());
    }
    let made = if cell.expect == Expect::Signed {
        cell.steps.len()
    } else {
        0
    };
    let expected: BTreeSet<String> = (0..made).map(|place| format!("signed-{place}.pdf")).collect();
    let left = names(&out);
    if left != expected {
        return Err(format!("the output folder holds {left:?}, not {expected:?}"));
    }
    if cell.expect == Expect::Signed {
        judged(desk, judge, input, cell, &from)?;
    }
    outcome
}

fn names(dir: &Path) -> BTreeSet<String> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

fn arguments(desk: &Desk, step: &Step, image: &Path, from: &Path, to: &Path) -> Vec<String> {
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let mut all = vec![
        "sign".to_owned(),
        path(from),
        "-o".to_owned(),
        path(to),
        "--yes".to_owned(),
        "--no-submit".to_owned(),
    ];
    all.extend(["--credential".to_owned(), desk.credential(step.algorithm.key)]);
    all.extend([
        "--level".to_owned(),
        step.level.to_owned(),
        "--chain".to_owned(),
        path(&desk.chain()),
    ]);
    all.extend(step.algorithm.arguments.iter().map(|word| (*word).to_owned()));
    all.extend(
        step.arguments
            .iter()
            .map(|word| if word == "IMAGE" { path(image) } else { word.clone() }),
    );
    all
}

/// The program's own words about a signature fit the files.
fn signed(run: &Run, step: &Step, from: &Path, to: &Path) -> Result<(), String> {
    if run.exit != Some(0) {
        return Err(format!("not signed: {}", run.told()));
    }
    let Ok(after) = std::fs::read(to) else {
        return Err(format!("no output: {}", run.told()));
    };
    let before = std::fs::read(from).unwrap();
    if !after.starts_with(&before) || after.len() == before.len() {
        return Err("the original is no prefix of the output".to_owned());
    }
    let result = &run.json["results"][0];
    let wanted = [
        ("sha256_before", hex::encode(Sha256::digest(&before))),
        ("sha256_after", hex::encode(Sha256::digest(&after))),
        ("level", step.level.to_owned()),
        ("submission", "none".to_owned()),
    ];
    for (key, value) in wanted {
        if result[key] != value.as_str() {
            return Err(format!("{key} is {}, not {value}", result[key]));
        }
    }
    let stamped = result["gen_time"].as_str().is_some_and(|time| !time.is_empty());
    if stamped != (step.level == "B-T") {
        return Err(format!("{} with gen_time {}", step.level, result["gen_time"]));
    }
    Ok(())
}

fn refused(run: &Run, code: &str, exit: i32) -> Result<(), String> {
    if run.code() != code || run.exit != Some(exit) {
        return Err(format!(
            "not refused with {code} ({exit}) but {:?}: {}",
            run.code(),
            run.told()
        ));
    }
    if run.pin_taken {
        return Err(format!("{code}, but the PIN had been read before"));
    }
    Ok(())
}

/// What the others say.
pub(super) fn judged(
    desk: &Desk,
    judge: Option<&Judge>,
    input: &Input,
    cell: &Cell,
    file: &Path,
) -> Result<(), String> {
    let total = input.signatures + cell.steps.len();
    if let Some(judge) = judge {
        // pyHanko's strictness refuses every signature in a hybrid file, as a matter of policy.
        let strict = cell.input != "hybrid";
        let root = desk.root();
        let verdicts = judge
            .judge(file, &[&root], strict)
            .map_err(|error| format!("pyHanko: {error}"))?;
        if verdicts.len() != total {
            return Err(format!("pyHanko finds {} signatures, not {total}", verdicts.len()));
        }
        for verdict in &verdicts {
            sound(verdict)?;
        }
        for (step, verdict) in cell.steps.iter().zip(&verdicts[input.signatures..]) {
            as_asked(step, verdict)?;
        }
        let last = verdicts.last().unwrap();
        if last.coverage != "ENTIRE_FILE" || last.modification.as_deref() != Some("NONE") {
            return Err(format!("pyHanko: the last signature does not cover all: {last:?}"));
        }
    }
    let kid = PDFSIG_BLIND.contains(&cell.input.as_str()) && cell.row.contains("--field");
    if !kid
        && let Some(said) = tools::pdfsig(file)
        && (said.len() != total || said.iter().any(|word| word != "Signature is Valid."))
    {
        return Err(format!("pdfsig, {total} signatures: {said:?}"));
    }
    if let Some(complaints) = tools::qpdf_complaints(file)
        && !complaints.is_empty()
    {
        return Err(format!("qpdf: {complaints:?}"));
    }
    if tools::pages(file) != input.pages {
        return Err(format!("{:?} pages, not {:?}", tools::pages(file), input.pages));
    }
    let text = tools::text(file);
    if text != input.text {
        return Err(format!("the text changed: {text:?}"));
    }
    Ok(())
}

fn sound(verdict: &Verdict) -> Result<(), String> {
    let good = verdict.bottom_line
        && verdict.intact
        && verdict.valid
        && verdict.trusted
        && verdict.docmdp_ok
        && verdict.exception.is_none()
        && matches!(verdict.coverage.as_str(), "ENTIRE_FILE" | "ENTIRE_REVISION");
    if good {
        Ok(())
    } else {
        Err(format!("pyHanko: {verdict:?}"))
    }
}

fn as_asked(step: &Step, verdict: &Verdict) -> Result<(), String> {
    let asked = |name: &str| {
        let at = step.arguments.iter().position(|word| word == name)?;
        step.arguments.get(at + 1)
    };
    let stamp = verdict.timestamp.as_ref();
    let stamped = stamp.is_some_and(|stamp| stamp.valid && stamp.intact && stamp.trusted);
    let mechanism = step
        .algorithm
        .mechanism
        .split('|')
        .any(|name| name == verdict.mechanism);
    let certified = asked("--certify").map(|level| level.parse::<u8>().unwrap());
    let field = asked("--field").is_none_or(|field| *field == verdict.field);
    let good = stamped == (step.level == "B-T")
        && stamp.is_some() == stamped
        && mechanism
        && verdict.md_algorithm == step.algorithm.digest
        && verdict.certified == certified
        && field;
    if good {
        Ok(())
    } else {
        Err(format!("not as asked ({step:?}): {verdict:?}"))
    }
}
