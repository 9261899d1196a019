//! What must not be lost or doubled: a run beside a living one, a private copy that somebody removed, a file that took the
//! output's place.
//!
//! Not its business: kills at every call (`resume`).

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Workshop},
    surroundings::{Left, Silent, command, kill, pin_from, sign, strays},
};

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

/// A run that has signed and waits for an authority that says nothing.
fn waiting(desk: &Desk, silent: &Silent) -> std::process::Child {
    let pin = pin_from(desk);
    let arguments = words(
        desk,
        &["--endpoint", "journal", "--tsa", silent.url(), "--pin-from", &pin],
    );
    let child = command(desk, &[], &arguments).spawn().unwrap();
    silent.wait();
    child
}

#[test]
fn no_second_signature_beside_a_living_run() {
    let (desk, silent) = (desk(), Silent::start());
    let child = waiting(&desk, &silent);
    let beside = desk.run(&words(&desk, &["--endpoint", "journal"]), Pin::Watched);
    assert_eq!(
        (beside.exit, beside.code(), beside.pin_taken),
        (Some(73), "store-busy", false),
        "{}",
        beside.told()
    );
    assert!(!desk.work().join("signed.pdf").exists());
    kill(child);
    let run = desk.run(&words(&desk, &["--endpoint", "journal"]), Pin::Watched);
    assert_eq!((run.exit, run.pin_taken), (Some(0), false), "{}", run.told());
    let left = Left::read(&desk);
    assert_eq!(
        (left.records.len(), left.unfinished.len(), left.journal.len()),
        (1, 0, 1)
    );
    passes(&desk);
}

#[test]
fn a_signature_outlives_its_private_copy() {
    let (desk, silent) = (desk(), Silent::start());
    kill(waiting(&desk, &silent));
    for copy in strays(&desk.work()) {
        std::fs::remove_file(copy).unwrap();
    }
    // Without the contract at hand nothing can be done, and nothing is given up.
    let run = desk.run(&["outbox", "run"], Pin::Watched);
    assert!(run.exit != Some(0) && !run.pin_taken, "{}", run.told());
    assert_eq!(Left::read(&desk).unfinished.len(), 1);
    let run = desk.run(&words(&desk, &["--endpoint", "journal"]), Pin::Watched);
    assert_eq!((run.exit, run.pin_taken), (Some(0), false), "{}", run.told());
    let left = Left::read(&desk);
    assert_eq!(
        (left.records.len(), left.unfinished.len(), left.journal.len()),
        (1, 0, 1)
    );
    assert!(strays(&desk.work()).is_empty());
    passes(&desk);
}

#[test]
fn a_signature_is_not_given_up_for_somebody_elses() {
    let (desk, silent) = (desk(), Silent::start());
    kill(waiting(&desk, &silent));
    let other = sign(
        &desk,
        "contract.pdf",
        "signed.pdf",
        Key::Rsa2048,
        &["--endpoint", "journal"],
    );
    let run = desk.run(&other, Pin::Watched);
    assert_eq!(
        (run.exit, run.code(), run.pin_taken),
        (Some(73), "output-exists", false),
        "{}",
        run.told()
    );
    assert_eq!(Left::read(&desk).unfinished.len(), 1);
    let run = desk.run(&["outbox", "run"], Pin::Never);
    assert_eq!(run.exit, Some(0), "{}", run.told());
    passes(&desk);
}

#[test]
fn another_file_in_the_place_of_one_that_waits_is_not_touched() {
    let desk = desk();
    let away = countersign_tests::surroundings::closed();
    let run = desk.run(&words(&desk, &["--endpoint", "journal", "--tsa", &away]), Pin::File);
    assert_eq!(run.exit, Some(75), "{}", run.told());
    let other = Workshop::shared().desk();
    let _contract = other.put("contract.pdf", &contracts::streams().bytes);
    let run = other.run(&words(&other, &["--no-submit", "--level", "B-B"]), Pin::File);
    assert_eq!(run.exit, Some(0), "{}", run.told());
    let bytes = std::fs::read(other.work().join("signed.pdf")).unwrap();
    let place = desk.put("signed.pdf", &bytes);
    let run = desk.run(&["outbox", "run"], Pin::Never);
    assert_ne!(run.exit, Some(0), "{}", run.told());
    assert_eq!(std::fs::read(place).unwrap(), bytes, "the other file was changed");
    assert_eq!(Left::read(&desk).records.len(), 1);
}

#[test]
fn a_file_is_not_extended_over_itself_unasked() {
    let desk = desk();
    let run = desk.run(&words(&desk, &["--no-submit", "--level", "B-B"]), Pin::File);
    assert_eq!(run.exit, Some(0), "{}", run.told());
    let before = std::fs::read(desk.work().join("signed.pdf")).unwrap();
    let run = desk.run(
        &["extend", "signed.pdf", "-o", "signed.pdf", "--level", "B-T"],
        Pin::Never,
    );
    assert_eq!((run.exit, run.code()), (Some(73), "output-exists"), "{}", run.told());
    assert_eq!(std::fs::read(desk.work().join("signed.pdf")).unwrap(), before);
}

fn passes(desk: &Desk) {
    let run = desk.run(&["verify", "signed.pdf"], Pin::Never);
    assert_eq!(
        (run.exit, run.json["chain"]["status"].as_str()),
        (Some(0), Some("matches")),
        "{}",
        run.told()
    );
}
