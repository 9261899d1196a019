//! The outbox's state machine: a row, what the endpoint answers in order, and the row afterwards.
//!
//! Every call is in the script: one more, one less or another order fails the case.

use countersign_signing::{
    drive,
    ports::{Clock as _, EndpointError, OutboxRow, OutboxState as S, RemoteError, Status, StoreError, TokenError},
};
use countersign_tests::fakes::{Book, Call, Log, Person, Scripted, StoodClock};
use jiff::{SignedDuration, Timestamp};

use super::rows::{
    CONSUMED, Case, UNKNOWN, case, check, check_all, found, found_finally, included, made, mismatch, nothing, ok,
    rejected, reverted, row, sent, status, unreachable,
};

#[test]
fn the_way_to_an_end() {
    let first = vec![ok(), nothing(), made(1), sent(), status(Status::Pending)];
    check_all(vec![
        Case {
            attempts: &[1],
            log: Some(&[
                "check",
                "find",
                "prepare",
                // The octets are on disk before they go out.
                "update signed",
                "trace submit",
                "broadcast 0x1",
                "update broadcast",
                "status 0x1",
                "update broadcast",
            ]),
            ..case("first", (S::Queued, &[]), first, S::Broadcast)
        },
        Case {
            attempts: &[1],
            ..case(
                "instant",
                (S::Queued, &[]),
                vec![ok(), nothing(), made(1), sent(), status(included(5, true)), found()],
                S::Final,
            )
        },
        Case {
            log: Some(&[
                "check",
                "status 0x1",
                "find",
                "trace included",
                "update included",
                "update included",
            ]),
            ..case(
                "included",
                (S::Broadcast, &[1]),
                vec![ok(), status(included(5, false)), found()],
                S::Included,
            )
        },
        case(
            "final",
            (S::Included, &[1]),
            vec![ok(), status(included(5, true)), found()],
            S::Final,
        ),
        case(
            "pending",
            (S::Broadcast, &[1]),
            vec![ok(), status(Status::Pending)],
            S::Broadcast,
        ),
        // A receipt says nothing of the content.
        case(
            "receipt without the entry",
            (S::Broadcast, &[1]),
            vec![ok(), status(included(5, true)), nothing()],
            S::Broadcast,
        ),
        case(
            "still final",
            (S::Final, &[1]),
            vec![ok(), status(included(3, true))],
            S::Final,
        ),
    ]);
}

#[test]
fn anothers_entry_is_adopted_when_it_is_final() {
    check_all(vec![
        case(
            "seen, not final",
            (S::Queued, &[]),
            vec![ok(), found_finally(false)],
            S::Included,
        ),
        case(
            "still not final",
            (S::Included, &[]),
            vec![ok(), found_finally(false)],
            S::Included,
        ),
        case("final now", (S::Included, &[]), vec![ok(), found()], S::Adopted),
        Case {
            attempts: &[1],
            ..case(
                "gone again: our own",
                (S::Included, &[]),
                vec![ok(), nothing(), made(1), sent(), status(Status::Pending)],
                S::Broadcast,
            )
        },
    ]);
}

/// A node that calls every transaction failed, or every nonce used, must not have us pay on and on.
#[test]
fn paid_attempts_slow_down_and_end() {
    check_all(vec![
        Case {
            attempts: &[1, 2],
            ..case(
                "the second at once",
                (S::Broadcast, &[1]),
                vec![
                    ok(),
                    status(reverted()),
                    nothing(),
                    made(2),
                    sent(),
                    status(Status::Pending),
                ],
                S::Broadcast,
            )
        },
        Case {
            waits: 10,
            ..case(
                "the third after ten seconds",
                (S::Broadcast, &[1, 2]),
                vec![ok(), status(reverted()), status(CONSUMED), nothing()],
                S::Broadcast,
            )
        },
        Case {
            waits: 360,
            ..case(
                "the fifth after six minutes",
                (S::Broadcast, &[1, 2, 3, 4]),
                vec![
                    ok(),
                    status(CONSUMED),
                    status(CONSUMED),
                    status(reverted()),
                    status(CONSUMED),
                    nothing(),
                ],
                S::Broadcast,
            )
        },
        Case {
            fault: "paid-attempts",
            waits: 1,
            ..case(
                "no sixth",
                (S::Broadcast, &[1, 2, 3, 4, 5]),
                vec![
                    ok(),
                    status(CONSUMED),
                    status(CONSUMED),
                    status(reverted()),
                    status(CONSUMED),
                    status(reverted()),
                    nothing(),
                ],
                S::Blocked,
            )
        },
    ]);
}

#[test]
fn what_stands_there_already_is_not_sent_again() {
    check_all(vec![
        case(
            "another hand was first",
            (S::Queued, &[]),
            vec![ok(), found()],
            S::Adopted,
        ),
        case(
            "nonce used, entry there",
            (S::Broadcast, &[1]),
            vec![ok(), status(CONSUMED), found()],
            S::Adopted,
        ),
        Case {
            attempts: &[1, 2],
            ..case(
                "nonce used, no entry",
                (S::Broadcast, &[1]),
                vec![
                    ok(),
                    status(CONSUMED),
                    nothing(),
                    made(2),
                    sent(),
                    status(Status::Pending),
                ],
                S::Broadcast,
            )
        },
        // The better of two attempts counts, whichever it is.
        case(
            "the earlier attempt made it",
            (S::Broadcast, &[1, 2]),
            vec![ok(), status(CONSUMED), status(included(5, true)), found()],
            S::Final,
        ),
        // Killed between the commit and the broadcast: the very same octets, never others.
        case(
            "on disk, not sent",
            (S::Signed, &[1]),
            vec![ok(), status(UNKNOWN), sent(), status(Status::Pending)],
            S::Broadcast,
        ),
        // Killed after the broadcast, before the note of it.
        case(
            "on disk, sent",
            (S::Signed, &[1]),
            vec![ok(), status(Status::Pending)],
            S::Broadcast,
        ),
        case(
            "reorganised away",
            (S::Included, &[1]),
            vec![ok(), status(UNKNOWN), sent(), status(Status::Pending)],
            S::Broadcast,
        ),
        case(
            "reorganised, pending again",
            (S::Included, &[1]),
            vec![ok(), status(Status::Pending)],
            S::Broadcast,
        ),
        case(
            "reorganised into another block",
            (S::Included, &[1]),
            vec![ok(), status(included(6, false)), found()],
            S::Included,
        ),
        Case {
            attempts: &[1, 2],
            ..case(
                "reverted",
                (S::Broadcast, &[1]),
                vec![
                    ok(),
                    status(reverted()),
                    nothing(),
                    made(2),
                    sent(),
                    status(Status::Pending),
                ],
                S::Broadcast,
            )
        },
        case(
            "reverted because it stands there",
            (S::Broadcast, &[1]),
            vec![ok(), status(reverted()), found()],
            S::Adopted,
        ),
        Case {
            attempts: &[1, 2],
            ..case(
                "refused when sent again",
                (S::Broadcast, &[1]),
                vec![
                    ok(),
                    status(UNKNOWN),
                    Call::Broadcast(Err(rejected())),
                    made(2),
                    sent(),
                    status(Status::Pending),
                ],
                S::Broadcast,
            )
        },
        Case {
            tries: 1_000,
            attempts: &[1, 2],
            ..case(
                "pending for too long",
                (S::Broadcast, &[1]),
                vec![ok(), status(Status::Pending), made(2), sent(), status(Status::Pending)],
                S::Broadcast,
            )
        },
        case(
            "final, then gone",
            (S::Final, &[1]),
            vec![ok(), status(UNKNOWN)],
            S::Violated,
        ),
        case(
            "final, then elsewhere",
            (S::Final, &[1]),
            vec![ok(), status(included(9, true))],
            S::Violated,
        ),
        case(
            "final, then reverted",
            (S::Final, &[1]),
            vec![ok(), status(reverted())],
            S::Violated,
        ),
        case("blocked waits for a person", (S::Blocked, &[1]), vec![], S::Blocked),
        // Another's entry is looked at again, as ours is.
        case(
            "adopted is still there",
            (S::Adopted, &[1]),
            vec![ok(), found()],
            S::Adopted,
        ),
        case(
            "adopted is gone",
            (S::Adopted, &[1]),
            vec![ok(), nothing()],
            S::Violated,
        ),
        case("an alarm stays", (S::Violated, &[1]), vec![], S::Violated),
    ]);
}

#[test]
fn every_error_at_every_call() {
    let text = || "x".to_owned();
    let waits = [
        (unreachable(), "endpoint-unreachable"),
        (
            EndpointError::Remote(RemoteError::TimedOut { seconds: 5 }),
            "endpoint-unreachable",
        ),
        (
            EndpointError::Remote(RemoteError::Refused { status: 503 }),
            "endpoint-refused",
        ),
        (
            EndpointError::Remote(RemoteError::Malformed { detail: text() }),
            "endpoint-malformed",
        ),
        (
            EndpointError::Remote(RemoteError::TooLarge { limit: 1 }),
            "endpoint-malformed",
        ),
        (
            EndpointError::Remote(RemoteError::Untrusted { detail: text() }),
            "endpoint-untrusted",
        ),
        (EndpointError::Storage(text()), "journal-unusable"),
        (EndpointError::Account(TokenError::Removed), "token-removed"),
        (EndpointError::Account(TokenError::PinLocked), "pin-locked"),
    ];
    let blocks = [
        (mismatch(), "chain-mismatch"),
        (
            EndpointError::AccountUnusable {
                address: text(),
                reason: text(),
            },
            "account-unusable",
        ),
        (EndpointError::PracticeOnly { what: text() }, "practice-only"),
        (rejected(), "endpoint-rejected"),
    ];
    let mut cases = Vec::new();
    for (error, fault, blocks) in waits
        .into_iter()
        .map(|(error, fault)| (error, fault, false))
        .chain(blocks.into_iter().map(|(error, fault)| (error, fault, true)))
    {
        let after = |state| if blocks { S::Blocked } else { state };
        let faulty = |name, before, script, state| Case {
            fault,
            waits: 1,
            ..case(name, before, script, after(state))
        };
        let e = || error.clone();
        cases.push(faulty(
            "check",
            (S::Queued, &[]),
            vec![Call::Check(Err(e()))],
            S::Queued,
        ));
        cases.push(faulty(
            "check",
            (S::Broadcast, &[1]),
            vec![Call::Check(Err(e()))],
            S::Broadcast,
        ));
        cases.push(faulty(
            "find",
            (S::Queued, &[]),
            vec![ok(), Call::Find(Err(e()))],
            S::Queued,
        ));
        cases.push(faulty(
            "prepare",
            (S::Queued, &[]),
            vec![ok(), nothing(), Call::Prepare(Err(e()))],
            S::Queued,
        ));
        cases.push(faulty(
            "status",
            (S::Broadcast, &[1]),
            vec![ok(), Call::Status(Err(e()))],
            S::Broadcast,
        ));
        // Whether it went out is not known: the octets are on disk, and the next pass asks for them first.
        let script = vec![ok(), nothing(), made(1), Call::Broadcast(Err(e()))];
        cases.push(Case {
            attempts: &[1],
            ..faulty("broadcast", (S::Queued, &[]), script, S::Signed)
        });
        let script = vec![ok(), nothing(), made(1), sent(), Call::Status(Err(e()))];
        cases.push(Case {
            attempts: &[1],
            ..faulty("status after it", (S::Queued, &[]), script, S::Broadcast)
        });
        let script = vec![ok(), status(included(5, true)), Call::Find(Err(e()))];
        cases.push(faulty("reading back", (S::Broadcast, &[1]), script, S::Broadcast));
        if !matches!(error, EndpointError::Rejected { .. }) {
            let script = vec![ok(), status(UNKNOWN), Call::Broadcast(Err(e()))];
            cases.push(faulty("sending again", (S::Broadcast, &[1]), script, S::Broadcast));
        }
        // Of what is no longer known to be included it is not said that it is.
        let script = vec![ok(), status(UNKNOWN), Call::Broadcast(Err(e()))];
        if !matches!(error, EndpointError::Rejected { .. }) {
            cases.push(faulty(
                "reorganised away, sending again",
                (S::Included, &[1]),
                script,
                S::Signed,
            ));
        }
    }
    check_all(cases);
}

#[test]
fn waiting_grows_and_has_an_end() {
    let seconds = [
        (0, 1),
        (1, 2),
        (2, 4),
        (5, 32),
        (8, 256),
        (9, 300),
        (40, 300),
        (63, 300),
        (64, 300),
        (u32::MAX, 300),
    ];
    for (tries, waits) in seconds {
        let script = vec![Call::Check(Err(unreachable()))];
        let fault = "endpoint-unreachable";
        check(Case {
            tries,
            fault,
            waits,
            ..case("back-off", (S::Queued, &[]), script, S::Queued)
        });
    }
}

#[test]
fn what_cannot_be_written_down_is_not_sent() {
    let full = || StoreError::Io {
        operation: "write",
        reason: "disk full".to_owned(),
    };
    for (line, sends) in [
        ("update signed", false),
        ("trace submit", false),
        ("update broadcast", true),
    ] {
        let log = Log::default();
        let (mut book, clock) = (Book::new(log.clone()), StoodClock::at(Timestamp::UNIX_EPOCH));
        let row = row((S::Queued, &[]), 0, &clock);
        book.rows.push(row.clone());
        book.fail(line, full());
        let script = if sends {
            vec![ok(), nothing(), made(1), sent()]
        } else {
            vec![ok(), nothing(), made(1)]
        };
        let mut endpoint = Scripted::new(&log, script);
        let failed = drive(row, &mut endpoint, &mut book, &clock, &mut Person::new(&log, []));
        assert_eq!(failed.unwrap_err(), full(), "{line}");
        assert_eq!(endpoint.left(), 0, "{line}");
        // What is on disk leads to the same octets, or to none that were ever sent.
        let kept = book.rows.first().map(|row| (row.state, row.attempts.len()));
        let expected = if line == "update signed" {
            (S::Queued, 0)
        } else {
            (S::Signed, 1)
        };
        assert_eq!(kept, Some(expected), "{line}");
    }
}

#[test]
fn nonces_of_other_rows_are_taken_and_a_replacement_keeps_its_own() {
    let log = Log::default();
    let (mut book, clock) = (Book::new(log.clone()), StoodClock::at(Timestamp::UNIX_EPOCH));
    let others = [
        (S::Signed, "scripted", true),
        (S::Broadcast, "scripted", true),
        (S::Included, "scripted", true),
        (S::Queued, "scripted", false),
        (S::Final, "scripted", false),
        (S::Broadcast, "another", false),
    ];
    for (index, (state, endpoint, _)) in others.iter().enumerate() {
        let mut other = row((*state, &[9]), 0, &clock);
        other.id = format!("other-{index}");
        other.endpoint = (*endpoint).to_owned();
        book.rows.push(other);
    }
    let taken = others.iter().filter(|(.., taken)| *taken).count();

    let own = row((S::Queued, &[]), 0, &clock);
    book.rows.push(own.clone());
    let script = vec![ok(), nothing(), made(1), sent(), status(Status::Pending)];
    let mut endpoint = Scripted::new(&log, script);
    let driven = drive(own, &mut endpoint, &mut book, &clock, &mut Person::new(&log, [])).unwrap();
    assert_eq!(endpoint.asked, [(taken, None)]);

    let mut stuck = driven.row;
    stuck.tries = 1_000;
    let script = vec![ok(), status(Status::Pending), made(2), sent(), status(Status::Pending)];
    let mut endpoint = Scripted::new(&log, script);
    drive(stuck, &mut endpoint, &mut book, &clock, &mut Person::new(&log, [])).unwrap();
    assert_eq!(endpoint.asked, [(taken + 1, Some(1))]);
}

/// What has been final for long is looked at once a day; anything else each time.
#[test]
fn a_row_is_at_rest_only_a_day_after_it_became_final() {
    let (log, clock) = (Log::default(), StoodClock::at(Timestamp::UNIX_EPOCH));
    let mut book = Book::new(log.clone());
    let mut row = row((S::Included, &[1]), 0, &clock);
    book.rows.push(row.clone());
    let mut look = |row: OutboxRow, clock: &StoodClock, status: Call| {
        let mut script = vec![ok(), status];
        if row.state == S::Included {
            script.push(found());
        }
        let mut endpoint = Scripted::new(&log, script);
        drive(row, &mut endpoint, &mut book, clock, &mut Person::new(&log, []))
            .unwrap()
            .row
    };
    assert!(!row.is_at_rest(clock.now()), "not final");
    row = look(row, &clock, status(included(3, true)));
    assert_eq!(row.state, S::Final);
    for (hours, rests) in [(1, false), (22, false), (1, true), (21, true), (2, false)] {
        clock.advance(SignedDuration::from_hours(hours));
        assert_eq!(row.is_at_rest(clock.now()), rests, "after {hours} hours more");
        if hours == 22 {
            row = look(row, &clock, status(included(3, true)));
        }
    }
    row = look(row, &clock, Call::Status(Err(unreachable())));
    assert!(!row.is_at_rest(clock.now()), "the endpoint could not be asked");
    row = look(row, &clock, status(included(3, true)));
    assert!(row.is_at_rest(clock.now()), "asked again");
    row = look(row, &clock, status(included(4, true)));
    assert_eq!((row.state, row.is_at_rest(clock.now())), (S::Violated, false));
}
