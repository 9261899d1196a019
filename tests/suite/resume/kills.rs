//! One run, struck at its n-th call, for every n: killed, or told by the system that it cannot be done; then the run that
//! follows.

use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use countersign_tests::{
    desk::{Desk, Pin},
    surroundings::{Left, closed, pin_from},
};

use super::{Blow, all_done, batch, counted, desk, nothing_half, strace, struck_at, words};

/// Calls that change a file or the store. `write` is not among them: on this way only SoftHSM2 changes a file with it, its
/// own, and a kill in the midst of that takes its token away. That is no token's behaviour that we could mend.
const CALLS: [&str; 8] = [
    "pwrite64",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fchmod",
    "renameat2",
    "rename",
    "unlink",
];
/// The store writes many pages for one change: of them some are taken, evenly.
const POINTS: usize = 40;

/// What is struck, how, and what a later run must find.
#[derive(Clone, Copy)]
struct Plan {
    blow: Blow,
    /// Of a kind of call this many points are taken at most.
    points: usize,
    arrange: fn(&Desk),
    arguments: fn(&Desk) -> Vec<String>,
    /// The run that goes on. Returns whether it took the PIN.
    go_on: fn(&Desk, usize) -> Result<bool, String>,
    /// How many files there are to be signed.
    files: usize,
    half: fn(&Desk) -> Result<(), String>,
    done: fn(&Desk) -> Result<(), String>,
}

const SIGNING: Plan = Plan {
    blow: Blow::Kill,
    points: POINTS,
    arrange: |_| {},
    arguments: |desk| words(desk, &["--endpoint", "journal", "--pin-from", &pin_from(desk)]),
    go_on: sign_again,
    files: 1,
    half: nothing_half,
    done: |desk| all_done(desk, 1),
};

const STAMPING: Plan = Plan {
    blow: Blow::Kill,
    points: POINTS,
    arrange: |desk| {
        let away = closed();
        let run = desk.run(&words(desk, &["--endpoint", "journal", "--tsa", &away]), Pin::File);
        assert_eq!(run.exit, Some(75), "{}", run.told());
    },
    arguments: |_| vec!["outbox".to_owned(), "run".to_owned()],
    go_on: |desk, _| {
        let run = desk.run(&["outbox", "run"], Pin::Watched);
        if run.exit != Some(0) {
            return Err(format!("outbox run: {}", run.told()));
        }
        Ok(run.pin_taken)
    },
    files: 1,
    half: nothing_half,
    done: |desk| all_done(desk, 2),
};

const BATCH: Plan = Plan {
    blow: Blow::Kill,
    points: 10,
    arrange: batch::arrange,
    arguments: |desk| batch::words(desk, &["--pin-from", &pin_from(desk)]),
    go_on: batch::sign_again,
    files: batch::FILES.len(),
    half: batch::nothing_half,
    done: batch::all_done,
};

#[test]
fn signing_survives_a_kill_at_every_commit_point() {
    run(&SIGNING);
}

#[test]
fn a_later_stamp_survives_a_kill_at_every_commit_point() {
    run(&STAMPING);
}

#[test]
fn signing_survives_a_full_device() {
    run(&Plan {
        blow: Blow::Full,
        points: 20,
        ..SIGNING
    });
}

#[test]
fn signing_survives_an_error_of_the_device() {
    run(&Plan {
        blow: Blow::Error,
        points: 20,
        ..SIGNING
    });
}

#[test]
fn a_batch_survives_a_kill_at_many_commit_points() {
    run(&BATCH);
}

#[test]
fn a_batch_survives_a_full_device() {
    run(&Plan {
        blow: Blow::Full,
        points: 6,
        ..BATCH
    });
}

#[test]
fn a_later_stamp_survives_a_full_device() {
    run(&Plan {
        blow: Blow::Full,
        points: 12,
        ..STAMPING
    });
}

/// Every other time the outbox goes first: it finishes what was signed, and nothing else.
fn sign_again(desk: &Desk, number: usize) -> Result<bool, String> {
    if number.is_multiple_of(2) {
        let run = desk.run(&["outbox", "run"], Pin::Watched);
        if run.exit != Some(0) || run.pin_taken {
            return Err(format!("outbox run, PIN taken {}: {}", run.pin_taken, run.told()));
        }
    }
    let run = desk.run(&words(desk, &["--endpoint", "journal"]), Pin::Watched);
    match (run.exit, run.code()) {
        (Some(0), "") => Ok(run.pin_taken),
        // The file was done already; at most its submission waits.
        (Some(73), "output-exists") if !run.pin_taken => {
            let run = desk.run(&["outbox", "run"], Pin::Watched);
            if run.exit == Some(0) {
                Ok(run.pin_taken)
            } else {
                Err(format!("outbox run: {}", run.told()))
            }
        }
        _ => Err(format!("signing again: {}", run.told())),
    }
}

fn run(plan: &Plan) {
    if !strace() {
        return;
    }
    let points = points(plan);
    let next = AtomicUsize::new(0);
    let told = Mutex::new(Vec::new());
    let (killed, pins) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((number, (call, nth))) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, points.get(at)?)))
                {
                    match check(plan, number, call, *nth) {
                        Ok(Some(pin)) => {
                            killed.fetch_add(1, Ordering::Relaxed);
                            pins.fetch_add(usize::from(pin), Ordering::Relaxed);
                        }
                        Ok(None) => {}
                        Err(why) => told.lock().unwrap().push(format!("{call} {nth}: {why}")),
                    }
                }
            });
        }
    });
    let (told, killed, pins) = (told.into_inner().unwrap(), killed.into_inner(), pins.into_inner());
    eprintln!(
        "{:?} at {killed} of {} points; a second PIN was needed after {pins}",
        plan.blow,
        points.len()
    );
    assert!(
        told.is_empty(),
        "{} of {} points:\n{}",
        told.len(),
        points.len(),
        told.join("\n")
    );
    assert!(
        killed >= points.len() / 2,
        "only {killed} of {} points were reached",
        points.len()
    );
}

/// Kind of call and its number, as many as one undisturbed run makes.
fn points(plan: &Plan) -> Vec<(&'static str, usize)> {
    let desk = desk();
    (plan.arrange)(&desk);
    let counts = counted(&desk, &CALLS, &(plan.arguments)(&desk));
    (plan.done)(&desk).unwrap();
    let mut points = Vec::new();
    for (call, most) in counts {
        let step = most.div_ceil(plan.points).max(1);
        points.extend((1..=most).step_by(step).map(|nth| (call, nth)));
    }
    assert!(points.iter().any(|(call, _)| call.starts_with("rename")), "{points:?}");
    points
}

/// Whether a second PIN was needed; nothing when the run ended before the point.
fn check(plan: &Plan, number: usize, call: &str, nth: usize) -> Result<Option<bool>, String> {
    let desk = desk();
    (plan.arrange)(&desk);
    let output = struck_at(&desk, plan.blow, call, nth, &(plan.arguments)(&desk));
    match (plan.blow, output.status.code()) {
        (Blow::Kill, Some(_)) => return Ok(None),
        (Blow::Kill, None) => {}
        (_, code) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let told = serde_json::from_str::<serde_json::Value>(&said);
            if !code.is_some_and(|code| [0, 69, 73, 75].contains(&code)) || told.is_err() {
                return Err(format!("exit {code:?}: {said}"));
            }
        }
    }
    (plan.half)(&desk)?;
    // Only what had not been signed may cost a PIN once more.
    let signed = made(&desk.home()) && {
        let left = Left::read(&desk);
        let values = left.unfinished.iter().filter(|row| row.state != "prepared").count();
        left.records.len() + values >= plan.files
    };
    let pin = (plan.go_on)(&desk, number).map_err(|why| format!("signed before: {signed}; {why}"))?;
    if pin && signed {
        return Err("a second PIN although the signature had been kept".to_owned());
    }
    (plan.done)(&desk)?;
    Ok(Some(pin))
}

fn made(home: &Path) -> bool {
    home.join("countersign.db")
        .metadata()
        .is_ok_and(|facts| facts.len() > 0)
}
