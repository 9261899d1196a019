//! Killed while a peer is silent: the state that was reached is kept, and the rest follows without a PIN.

use countersign_tests::{
    desk::Pin,
    surroundings::{Chain, Left, Silent, command, kill, pin_from},
};

use super::{all_done, desk, nothing_half, words};

#[test]
fn killed_while_an_authority_is_silent() {
    for by_outbox in [true, false] {
        let desk = desk();
        let silent = Silent::start();
        let pin = pin_from(&desk);
        let arguments = words(
            &desk,
            &["--endpoint", "journal", "--tsa", silent.url(), "--pin-from", &pin],
        );
        let child = command(&desk, &[], &arguments).spawn().unwrap();
        silent.wait();
        kill(child);
        nothing_half(&desk).unwrap();
        assert!(!desk.work().join("signed.pdf").exists());
        let states: Vec<String> = Left::read(&desk).unfinished.into_iter().map(|row| row.state).collect();
        assert_eq!(states, ["signed"]);
        let run = if by_outbox {
            desk.run(&["outbox", "run"], Pin::Watched)
        } else {
            desk.run(&words(&desk, &["--endpoint", "journal"]), Pin::Watched)
        };
        assert_eq!((run.exit, run.pin_taken), (Some(0), false), "{}", run.told());
        all_done(&desk, 1).unwrap();
    }
}

#[test]
fn two_runs_at_the_same_file_are_not_in_each_others_way() {
    let desk = desk();
    let silent = Silent::start();
    let pin = pin_from(&desk);
    let arguments = words(
        &desk,
        &["--endpoint", "journal", "--tsa", silent.url(), "--pin-from", &pin],
    );
    let child = command(&desk, &[], &arguments).spawn().unwrap();
    silent.wait();
    // It lives: nobody takes its work over.
    let beside = desk.run(&["outbox", "run"], Pin::Watched);
    assert!(
        !beside.pin_taken && !desk.work().join("signed.pdf").exists(),
        "{}",
        beside.told()
    );
    assert_eq!(Left::read(&desk).unfinished.len(), 1);
    kill(child);
    let run = desk.run(&["outbox", "run"], Pin::Watched);
    assert_eq!((run.exit, run.pin_taken), (Some(0), false), "{}", run.told());
    all_done(&desk, 1).unwrap();
}

#[test]
fn killed_while_a_chain_is_silent() {
    let desk = desk();
    let Some(chain) = Chain::start(&desk.work()) else {
        return;
    };
    let silent = Silent::start();
    desk.configure(&chain.section_at(silent.url()));
    let pin = pin_from(&desk);
    let arguments = words(&desk, &["--endpoint", Chain::NAME, "--pin-from", &pin]);
    let child = command(&desk, &[], &arguments).spawn().unwrap();
    silent.wait();
    kill(child);
    let left = Left::read(&desk);
    assert_eq!((left.records.len(), left.rows.len(), left.unfinished.len()), (1, 1, 1));
    assert!(desk.work().join("signed.pdf").exists());

    let before = chain.sent();
    desk.configure(&chain.section());
    for _ in 0..2 {
        let run = desk.run(&["outbox", "run"], Pin::Watched);
        assert_eq!((run.exit, run.pin_taken), (Some(0), false), "{}", run.told());
        let left = Left::read(&desk);
        assert_eq!((left.records.len(), left.rows.len(), left.unfinished.len()), (1, 1, 0));
        assert_eq!(chain.sent(), before + 1, "transactions");
    }
    let verified = desk.run(&["verify", "signed.pdf", "--online"], Pin::Never);
    assert_eq!(verified.json["chain"]["status"], "matches", "{}", verified.told());
}
