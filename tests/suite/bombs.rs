//! Small files that ask for gigabytes: the program answers in time and within its memory, whatever it answers.
//!
//! The program runs with 512 MiB of data at most (`prlimit --data`), so that a file which asks for more ends it.

use std::{
    ffi::OsStr,
    process::Stdio,
    time::{Duration, Instant},
};

use countersign_tests::{
    bombs::bombs,
    desk::{Desk, Key, Workshop},
    skip::skip,
    surroundings::{command, ended, pin_from, sign},
};

const LIMIT: Duration = Duration::from_secs(10);
const MEMORY: &str = "--data=536870912";

#[test]
fn every_command_answers_in_time_and_within_its_memory() {
    if std::process::Command::new("prlimit").arg("--version").output().is_err() {
        skip("files that ask for gigabytes: prlimit (util-linux) is missing");
        return;
    }
    let desk = Workshop::shared().desk();
    let pin = pin_from(&desk);
    let mut wrong = Vec::new();
    for (number, bomb) in bombs().into_iter().enumerate() {
        let input = format!("bomb-{number}.pdf");
        let _path = desk.put(&input, &bomb.bytes);
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        for arguments in [
            words(&["inspect", &input]),
            words(&["verify", &input]),
            sign(
                &desk,
                &input,
                &format!("signed-{number}.pdf"),
                Key::P256,
                &["--level", "B-B", "--pin-from", &pin],
            ),
        ] {
            let (status, seconds) = run(&desk, &arguments);
            eprintln!(
                "{:<42} {:>9} bytes  {:<8} {status:?} {seconds:.1} s",
                bomb.name,
                bomb.bytes.len(),
                arguments[0]
            );
            // A refusal, a report, a signature; never a signal, never an internal error.
            if !matches!(status, Some(0..=3 | 65 | 77)) || seconds > LIMIT.as_secs_f64() {
                wrong.push(format!(
                    "{} {}: {status:?} after {seconds:.1} s",
                    bomb.name, arguments[0]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn run(desk: &Desk, arguments: &[String]) -> (Option<i32>, f64) {
    let before = ["prlimit", MEMORY].map(OsStr::new);
    let begun = Instant::now();
    let child = command(desk, &before, arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("prlimit");
    let output = ended(child, LIMIT * 6);
    (output.status.code(), begun.elapsed().as_secs_f64())
}
