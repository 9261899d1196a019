//! Values that the store's suites share.

use std::collections::BTreeMap;

use countersign_evidence::{Payload, TraceEvent};
use countersign_signing::ports::{
    Attempt, Clock, OutboxRow, OutboxState, Pin, PinAsk, PinRefusal, Prompt, SessionRow, Submission,
};
use jiff::Timestamp;

/// A clock that stands.
pub(crate) struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }
}

/// Nobody to ask.
pub(crate) struct Nobody;

impl Prompt for Nobody {
    fn pin(&mut self, _: &PinAsk) -> Result<Pin, PinRefusal> {
        Err(PinRefusal::Unavailable)
    }

    fn enter_on_device(&mut self, _: &PinAsk) -> Result<(), PinRefusal> {
        Err(PinRefusal::Unavailable)
    }
}

pub(crate) fn event(session: &str, kind: &str) -> TraceEvent {
    let detail = BTreeMap::from([("sha256".to_owned(), "0".repeat(64))]);
    TraceEvent {
        session: session.to_owned(),
        kind: kind.to_owned(),
        at: Standing.now(),
        detail,
    }
}

pub(crate) fn payload(number: u8) -> Payload {
    Payload::Full {
        evidence: [number; 32],
        document_sha256: [7; 32],
        signature_value: vec![number; 256],
        timestamp_token: vec![number; 1500],
        gen_time: 1_800_000_000,
    }
}

pub(crate) fn outbox_row(number: u8, endpoint: &str) -> OutboxRow {
    OutboxRow {
        held: false,
        allowed_attempts: 0,
        next_attempt: None,
        final_since: None,
        id: format!("{number:02x}-{endpoint}"),
        endpoint: endpoint.to_owned(),
        submission: Submission {
            record_id: format!("record-{number}"),
            payload: payload(number),
        },
        state: OutboxState::Queued,
        attempts: Vec::new(),
        block_number: None,
        block_hash: None,
        last_fault: String::new(),
        tries: 0,
        next_try: Standing.now(),
        updated: Standing.now(),
    }
}

pub(crate) fn attempt(number: u8) -> Attempt {
    Attempt {
        id: format!("0x{number:02x}"),
        raw: vec![number; 200],
        nonce: Some(number.into()),
        account: None,
    }
}

pub(crate) fn session(id: &str, state: &str, body: &str) -> SessionRow {
    SessionRow {
        id: id.to_owned(),
        state: state.to_owned(),
        source_sha256: "0".repeat(64),
        output: "/out/b.pdf".to_owned(),
        part: "/out/.b.pdf.part".to_owned(),
        body: body.to_owned(),
        updated: Standing.now(),
    }
}
