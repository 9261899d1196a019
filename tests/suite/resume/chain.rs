//! Killed at every word to a chain: one entry in the end, whatever had been said (DOMAIN E4).

use countersign_tests::{
    desk::{Desk, Pin},
    surroundings::{Chain, Left, pin_from},
};

use super::{Blow, counted, desk, nothing_half, strace, struck_at, words};

/// How a request goes out.
const CALLS: [&str; 3] = ["sendto", "sendmsg", "writev"];

#[test]
fn killed_at_every_word_to_a_chain() {
    if !strace() {
        return;
    }
    let first = desk();
    let Some(chain) = Chain::quick(&first.work()) else {
        return;
    };
    let arguments = |desk: &Desk| {
        let pin = pin_from(desk);
        words(desk, &["--endpoint", Chain::NAME, "--pin-from", &pin])
    };
    first.configure(&chain.section());
    let counts = counted(&first, &CALLS, &arguments(&first));
    let mut killed = 0;
    let mut unsent = 0;
    for (call, nth) in counts
        .iter()
        .flat_map(|(call, most)| (1..=*most).map(move |nth| (*call, nth)))
    {
        let name = format!("{call} {nth}");
        let desk = desk();
        desk.configure(&chain.section());
        let sent = chain.sent();
        if struck_at(&desk, Blow::Kill, call, nth, &arguments(&desk))
            .status
            .code()
            .is_some()
        {
            continue;
        }
        killed += 1;
        nothing_half(&desk).unwrap_or_else(|why| panic!("{name}: {why}"));
        let left = Left::read(&desk);
        unsent += usize::from(chain.sent() == sent && left.rows.iter().any(|row| !row.attempts.is_empty()));
        for _ in 0..2 {
            let run = desk.run(&["outbox", "run"], Pin::Watched);
            assert_eq!((run.exit, run.pin_taken), (Some(0), false), "{name}: {}", run.told());
        }
        let left = Left::read(&desk);
        let states: Vec<String> = left.rows.iter().map(|row| format!("{:?}", row.state)).collect();
        assert_eq!((left.records.len(), left.unfinished.len()), (1, 0), "{name}");
        assert_eq!(states, ["Final"], "{name}");
        assert_eq!(
            left.rows.iter().map(|row| row.attempts.len()).sum::<usize>(),
            1,
            "{name}: attempts"
        );
        assert_eq!(chain.sent(), sent + 1, "{name}: transactions");
        let verified = desk.run(&["verify", "signed.pdf", "--online"], Pin::Never);
        assert_eq!(
            verified.json["chain"]["status"],
            "matches",
            "{name}: {}",
            verified.told()
        );
    }
    eprintln!("killed at {killed} words; {unsent} times between the attempt on disk and its way out");
    assert!(
        killed >= 6 && unsent >= 1,
        "{killed} kills, {unsent} between disk and wire: {counts:?}"
    );
}
