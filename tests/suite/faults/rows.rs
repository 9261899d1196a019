//! One row of the outbox, one pass over it, and everything that must hold of it afterwards.

use countersign_evidence::Payload;
use countersign_signing::{
    drive,
    ports::{
        Attempt, Clock as _, EndpointError, Found, OutboxRow, OutboxState as S, OutboxState, RemoteError, Status,
        Submission,
    },
};
use countersign_tests::fakes::{Book, Call, Log, Person, Scripted, StoodClock};
use jiff::{SignedDuration, Timestamp};

pub(super) struct Case {
    pub(super) name: &'static str,
    /// State and attempts, by number.
    pub(super) before: (OutboxState, &'static [u8]),
    pub(super) tries: u32,
    pub(super) script: Vec<Call>,
    pub(super) after: OutboxState,
    pub(super) attempts: &'static [u8],
    pub(super) fault: &'static str,
    /// Seconds until the next try.
    pub(super) waits: i64,
    /// The writes in their order among the calls, where the case is about it.
    pub(super) log: Option<&'static [&'static str]>,
}

pub(super) fn case(
    name: &'static str,
    before: (OutboxState, &'static [u8]),
    script: Vec<Call>,
    after: OutboxState,
) -> Case {
    Case {
        name,
        before,
        tries: 0,
        script,
        after,
        attempts: before.1,
        fault: "",
        waits: 0,
        log: None,
    }
}

pub(super) fn attempt(number: u8) -> Attempt {
    Attempt {
        id: format!("0x{number}"),
        raw: vec![number],
        nonce: Some(u64::from(number)),
        account: Some("0xaccount".to_owned()),
    }
}

pub(super) fn unreachable() -> EndpointError {
    EndpointError::Remote(RemoteError::Unreachable {
        detail: "refused".to_owned(),
    })
}

pub(super) fn mismatch() -> EndpointError {
    EndpointError::Mismatch {
        what: "chain id",
        pinned: "1".to_owned(),
        seen: "2".to_owned(),
    }
}

pub(super) fn rejected() -> EndpointError {
    EndpointError::Rejected {
        code: -32000,
        message: "underpriced".to_owned(),
    }
}

pub(super) fn included(block: u64, is_final: bool) -> Status {
    Status::Included {
        block_number: block,
        block_hash: format!("0xb{block}"),
        is_final,
    }
}

pub(super) fn found() -> Call {
    found_finally(true)
}

pub(super) fn found_finally(is_final: bool) -> Call {
    Call::Find(Ok(Some(Found {
        submitter: "0xother".to_owned(),
        time: 1,
        id: None,
        is_final,
    })))
}

pub(super) fn nothing() -> Call {
    Call::Find(Ok(None))
}

pub(super) fn ok() -> Call {
    Call::Check(Ok(()))
}

pub(super) fn status(status: Status) -> Call {
    Call::Status(Ok(status))
}

pub(super) fn made(number: u8) -> Call {
    Call::Prepare(Ok(attempt(number)))
}

pub(super) fn sent() -> Call {
    Call::Broadcast(Ok(()))
}

pub(super) const UNKNOWN: Status = Status::Unknown { nonce_consumed: false };
pub(super) const CONSUMED: Status = Status::Unknown { nonce_consumed: true };

pub(super) fn reverted() -> Status {
    Status::Reverted {
        block_number: 7,
        block_hash: "0xb7".to_owned(),
    }
}

pub(super) fn row(before: (OutboxState, &[u8]), tries: u32, clock: &StoodClock) -> OutboxRow {
    let included = matches!(before.0, S::Included | S::Final);
    OutboxRow {
        held: false,
        allowed_attempts: 0,
        next_attempt: None,
        final_since: None,
        id: "row".to_owned(),
        endpoint: "scripted".to_owned(),
        submission: Submission {
            record_id: "record".to_owned(),
            payload: Payload::Commit { evidence: [7; 32] },
        },
        state: before.0,
        attempts: before.1.iter().map(|number| attempt(*number)).collect(),
        block_number: included.then_some(3),
        block_hash: included.then(|| "0xb3".to_owned()),
        last_fault: "earlier".to_owned(),
        tries,
        next_try: clock.now(),
        updated: clock.now(),
    }
}

pub(super) fn check_all(cases: Vec<Case>) {
    for case in cases {
        check(case);
    }
}

pub(super) fn check(case: Case) {
    let name = format!("{} ({}) from {:?}", case.name, case.fault, case.before.0);
    let log = Log::default();
    let (mut book, clock) = (Book::new(log.clone()), StoodClock::at(Timestamp::UNIX_EPOCH));
    let row = row(case.before, case.tries, &clock);
    book.rows.push(row.clone());
    let mut endpoint = Scripted::new(&log, case.script);
    clock.advance(SignedDuration::from_secs(1_000));
    let driven = drive(row, &mut endpoint, &mut book, &clock, &mut Person::new(&log, [])).unwrap();
    assert_eq!(endpoint.left(), 0, "{name}: calls that did not come");
    let row = driven.row;
    assert_eq!(row.state, case.after, "{name}");
    assert_eq!(book.rows, std::slice::from_ref(&row), "{name}: on disk");
    let expected: Vec<Attempt> = case.attempts.iter().map(|number| attempt(*number)).collect();
    assert_eq!(row.attempts, expected, "{name}: attempts");
    assert_eq!(
        driven.fault.as_ref().map_or("", |fault| fault.code()),
        case.fault,
        "{name}"
    );
    assert_eq!(row.last_fault, case.fault, "{name}: fault on disk");
    assert_eq!(
        row.next_try,
        clock.now() + SignedDuration::from_secs(case.waits),
        "{name}: next try"
    );
    if let Some(expected) = case.log {
        assert_eq!(log.take(), expected, "{name}");
    }
    match case.after {
        S::Final => assert!(
            book.kinds().contains(&"final") || case.before.0 == S::Final,
            "{name}: trace"
        ),
        S::Violated if case.before.0 == S::Final => assert_eq!(book.kinds(), ["fault"], "{name}: trace"),
        _ => {}
    }
}
