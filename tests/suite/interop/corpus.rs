//! Other people's files, where a collection of them lies beside the checkout: each is signed, and accepted by the judges,
//! or refused with a code. Never part of the project, never required.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use countersign_engine::fault::{CATALOGUE, exit};
use countersign_tests::{
    desk::{Desk, Key, Pin, Workshop},
    judge::{Judge, Verdict, tools},
    repository, skip,
};

use super::on_desks;

/// Findings that stop a signature unless somebody accepts them: here everything is signed that can be.
const ACCEPTED: &[&str] = &[
    "external-stream",
    "javascript",
    "launch-action",
    "rich-media",
    "signature-anomaly",
    "submit-form",
    "unreadable-object",
    "xfa",
];
/// Files that pyHanko judges differently, each with the reason. One that it does not is a failure, too.
const DIVERGENCES: &[(&str, &str)] = &[(
    "bug854315.pdf",
    "its XMP metadata is not well-formed, and pyHanko accepts no update of such a file, whatever is in it",
)];
/// So many files in one run of the program.
const AT_ONCE: usize = 10;
const DEADLINE: Duration = Duration::from_secs(240);

enum Outcome {
    Signed,
    Refused(String),
    Red(String),
}

#[test]
fn a_collection_of_files() {
    let Some(folder) = repository::root()
        .parent()
        .map(|above| above.join("shared/corpus"))
        .filter(|folder| folder.is_dir())
    else {
        skip::without("no collection of PDF files beside the checkout");
        return;
    };
    let mut files = Vec::new();
    pdfs(&folder, &mut files);
    files.sort();
    assert!(!files.is_empty(), "no PDF in {}", folder.display());
    let batches: Vec<&[PathBuf]> = files.chunks(AT_ONCE).collect();
    let judge = Judge::shared();
    let outcomes = on_desks(Workshop::shared(), &batches, |desk, batch| sign(desk, judge, batch));
    let (mut signed, mut refused, mut red) = (0, BTreeMap::<String, usize>::new(), Vec::new());
    for (file, outcome) in files.iter().zip(outcomes.into_iter().flatten()) {
        let name = file.file_name().unwrap().to_string_lossy();
        let outcome = match (DIVERGENCES.iter().find(|(known, _)| *known == name), outcome) {
            (Some((_, why)), Outcome::Red(_)) => Outcome::Refused(format!("divergence: {why}")),
            (Some(_), _) => Outcome::Red("not a divergence any more".to_owned()),
            (None, outcome) => outcome,
        };
        match outcome {
            Outcome::Signed => signed += 1,
            Outcome::Refused(code) => *refused.entry(code).or_default() += 1,
            Outcome::Red(why) => red.push(format!("{}: {why}", file.strip_prefix(&folder).unwrap().display())),
        }
    }
    eprintln!(
        "\n{} foreign files: {signed} signed and accepted, {} refused {refused:?}, {} red\n",
        files.len(),
        refused.values().sum::<usize>(),
        red.len()
    );
    assert!(red.is_empty(), "{} files are red:\n{}", red.len(), red.join("\n"));
}

fn pdfs(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pdfs(&path, into);
        } else if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"))
        {
            into.push(path);
        }
    }
}

fn sign(desk: &Desk, judge: Option<&Judge>, batch: &[PathBuf]) -> Vec<Outcome> {
    let out = desk.work().join("out");
    let _gone = std::fs::remove_dir_all(&out);
    std::fs::create_dir(&out).unwrap();
    let copies: Vec<PathBuf> = batch
        .iter()
        .enumerate()
        .map(|(place, file)| desk.put(&format!("{place}.pdf"), &std::fs::read(file).unwrap()))
        .collect();
    let word = |path: &Path| path.to_str().unwrap().to_owned();
    let mut arguments = vec!["sign".to_owned()];
    arguments.extend(copies.iter().map(|copy| word(copy)));
    arguments.extend([
        "--out-dir".to_owned(),
        word(&out),
        "--chain".to_owned(),
        word(&desk.chain()),
    ]);
    arguments.extend(["--credential".to_owned(), desk.credential(Key::P256)]);
    arguments.extend(["--level", "B-B", "--yes", "--no-submit"].map(str::to_owned));
    arguments.extend(
        ACCEPTED
            .iter()
            .flat_map(|code| ["--accept-finding".to_owned(), (*code).to_owned()]),
    );
    let run = desk.run_within(DEADLINE, &arguments, Pin::File);
    let results = run.json["results"].as_array().cloned().unwrap_or_default();
    if results.len() != batch.len() || run.exit == Some(i32::from(exit::INTERNAL)) {
        return batch.iter().map(|_| Outcome::Red(run.told())).collect();
    }
    copies
        .iter()
        .zip(&results)
        .map(|(source, result)| {
            let made = out.join(source.file_name().unwrap());
            match result["error"]["code"].as_str() {
                Some(code) => refused(code, &made, result),
                None => judged(desk, judge, source, &made).map_or_else(Outcome::Red, |()| Outcome::Signed),
            }
        })
        .collect()
}

fn refused(code: &str, made: &Path, result: &serde_json::Value) -> Outcome {
    let known = CATALOGUE.iter().find(|(known, ..)| *known == code);
    match known {
        Some((_, status, _)) if *status != exit::INTERNAL && code != "skipped" && !made.exists() => {
            Outcome::Refused(code.to_owned())
        }
        _ => Outcome::Red(format!("refused with {code}: {result}")),
    }
}

fn judged(desk: &Desk, judge: Option<&Judge>, source: &Path, made: &Path) -> Result<(), String> {
    let (before, after) = (
        std::fs::read(source).unwrap(),
        std::fs::read(made).map_err(|error| error.to_string())?,
    );
    if !after.starts_with(&before) || after.len() == before.len() {
        return Err("the original is no prefix".to_owned());
    }
    if let Some(judge) = judge {
        by_pyhanko(desk, judge, source, made)?;
    }
    let complaints =
        |file| tools::qpdf_complaints(file).map(|said| said.iter().map(|line| kind_of(line)).collect::<BTreeSet<_>>());
    if let (Some(before), Some(after)) = (complaints(source), complaints(made))
        && let Some(new) = after.difference(&before).next()
    {
        return Err(format!("qpdf: {new}"));
    }
    let (pages_before, pages_after) = (tools::pages(source), tools::pages(made));
    if pages_before != pages_after {
        return Err(format!("{pages_after:?} pages, not {pages_before:?}"));
    }
    if tools::text(source) != tools::text(made) {
        return Err("the text changed".to_owned());
    }
    Ok(())
}

/// A complaint without file name, places and numbers.
fn kind_of(line: &str) -> String {
    let said = line.rsplit_once(".pdf").map_or(line, |(_, said)| said);
    said.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Our signature is sound, and earlier ones are what they were. What pyHanko cannot read before, it need not after.
fn by_pyhanko(desk: &Desk, judge: &Judge, source: &Path, made: &Path) -> Result<(), String> {
    let root = desk.root();
    let trust = [root.as_path()];
    let readings = [true, false].map(|strict| (strict, judge.judge(source, &trust, strict)));
    let Some((strict, Ok(before))) = readings.into_iter().find(|(_, reading)| reading.is_ok()) else {
        return Ok(());
    };
    let after = match judge.judge(made, &trust, strict) {
        // A hybrid file, which pyHanko refuses as a matter of policy.
        Ok(after) if strict && after.iter().any(of_policy) => judge.judge(made, &trust, false),
        other => other,
    }
    .map_err(|error| format!("pyHanko: {error}"))?;
    let found = before
        .iter()
        .map(|old| (old, after.iter().find(|new| new.field == old.field)));
    for (old, new) in found {
        let Some(new) = new else {
            return Err(format!("pyHanko: the signature {} is gone", old.field));
        };
        let sound =
            |verdict: &Verdict| verdict.intact && verdict.valid && verdict.docmdp_ok && verdict.exception.is_none();
        if sound(old) && !sound(new) {
            return Err(format!("pyHanko: an earlier signature suffered: {new:?}"));
        }
    }
    let own = after
        .iter()
        .find(|verdict| verdict.coverage == "ENTIRE_FILE" && verdict.trusted);
    match own {
        Some(own) if own.bottom_line && after.len() == before.len() + 1 => Ok(()),
        _ => Err(format!("pyHanko, {} signatures before: {after:?}", before.len())),
    }
}

fn of_policy(verdict: &Verdict) -> bool {
    verdict
        .exception
        .as_ref()
        .is_some_and(|said| said.contains("hybrid-reference"))
}
