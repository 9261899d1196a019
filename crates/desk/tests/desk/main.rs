//! The whole desk without a window: on SoftHSM2, with a scripted person, real stamps and a real development chain.
//!
//! Each case runs in a process of its own (SOFTHSM2_CONF belongs to a process) on a copy of one practice home. This program
//! is also the one that draws pages. `desk CASE` runs one case.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test with a main of its own"
)]

mod cases;
mod kit;
mod waiting;

use std::process::{Command, ExitCode};

use kit::Template;

type Case = (&'static str, fn(&kit::Bench));

const CASES: &[Case] = &[
    ("all-the-way", cases::all_the_way),
    ("wrong-pin", cases::wrong_pin),
    ("pin-refused", cases::pin_refused),
    ("written", cases::written),
    ("twice-and-away", cases::twice_and_away),
    ("changed", cases::changed),
    ("pages", cases::pages),
    ("rejected", cases::rejected),
    ("many", cases::many),
    ("settings", cases::settings),
    ("cancelled", cases::cancelled),
    ("stamp-late", waiting::stamp_late),
    ("chain-late", waiting::chain_late),
    ("reopened", waiting::reopened),
    ("at-once", waiting::at_once),
    ("evm", waiting::evm),
    ("practice", waiting::practice),
];

/// Names the case that a child runs.
const CASE: &str = "COUNTERSIGN_DESK_CASE";
const HOME: &str = "COUNTERSIGN_DESK_HOME";

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == countersign_render::WORKER_ARGUMENT)
    {
        return countersign_render::serve_worker();
    }
    if let (Some(case), Some(home)) = (std::env::var_os(CASE), std::env::var_os(HOME)) {
        let (_, run) = CASES.iter().find(|(name, _)| *name == case).expect("a case");
        run(&kit::Bench::new(home.into()));
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let Some(template) = Template::make() else {
        println!("SKIPPED: the desk: SoftHSM2 or pkcs11-tool is missing");
        return ExitCode::SUCCESS;
    };
    let mut failed = Vec::new();
    let mut passed = 0;
    let chosen = CASES
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())));
    for (name, _) in chosen {
        let begun = std::time::Instant::now();
        let copy = template.copy(name);
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        // The practice desk below an ordinary home has a token of its own.
        let token = if *name == "practice" {
            copy.join("ordinary/practice/practice/softhsm2.conf")
        } else {
            copy.join("practice/softhsm2.conf")
        };
        command.env(CASE, name).env(HOME, &copy).env("SOFTHSM2_CONF", token);
        let output = command.output().expect("a child");
        let verdict = if output.status.success() { "ok" } else { "FAILED" };
        println!("desk {name}: {verdict} ({:.1} s)", begun.elapsed().as_secs_f32());
        let said = String::from_utf8_lossy(&output.stdout);
        said.lines()
            .filter(|line| line.starts_with("note: ") || line.starts_with("SKIPPED"))
            .for_each(|line| println!("  {line}"));
        if output.status.success() {
            passed += 1;
        } else {
            println!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            failed.push(*name);
        }
    }
    // In the form in which all test runners of the project are counted.
    let word = if failed.is_empty() { "ok" } else { "FAILED" };
    println!(
        "test result: {word}. {passed} passed; {} failed; the desk",
        failed.len()
    );
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
