//! submit: the outbox's state machine, one row at a time.
//!
//! ```text
//! queued → signed (attempt on disk before any network write) → broadcast → included → final
//! broadcast → signed      unknown and its nonce unused: the same octets again, or a higher fee on the same nonce
//! broadcast → queued      nonce consumed by something else AND no such entry found: a new attempt
//! any       → adopted     the same evidence and parts stand there by another hand or a lost attempt of ours
//! included  → broadcast   no longer on the endpoint's history
//! final     → violated    an alarm, never silent
//! any       → blocked     needs a person
//! ```
//!
//! Not its business: how an endpoint is spoken to (remote, store). Nothing is decided on the text of an error.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::{
    ledger::{Failed, Ledger, Storage},
    ports::{Attempt, Clock, Endpoint, EndpointError, OutboxRow, OutboxState, Prompt, Status, StoreError, Submission},
    record::{RecordError, Recorded},
};
use countersign_evidence::PayloadMode;

/// How a row stands after one pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drive {
    /// The row as it is on disk now.
    pub row: OutboxRow,
    /// Why it did not get further, if it did not.
    pub fault: Option<EndpointError>,
}

/// Why a submission could not be queued. The record is given back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The record does not give a payload.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The outbox could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Passes after which an attempt that is still not included is replaced with a higher fee.
const PATIENCE: u32 = 40;

/// Puts the record into the outbox: one row for each evidence and endpoint, however often it is asked.
///
/// # Errors
/// Gives the record back.
pub fn enqueue(
    recorded: Recorded,
    endpoint: &str,
    mode: PayloadMode,
    row_id: String,
    ledger: &mut Ledger<'_>,
) -> Result<OutboxRow, Failed<Box<Recorded>, SubmitError>> {
    enqueue_held(recorded, endpoint, mode, (row_id, false), ledger)
}

/// The same, where the row may have to wait for the person's word. One that is there already stays as it is.
///
/// # Errors
/// Gives the record back.
pub fn enqueue_held(
    recorded: Recorded,
    endpoint: &str,
    mode: PayloadMode,
    (row_id, held): (String, bool),
    ledger: &mut Ledger<'_>,
) -> Result<OutboxRow, Failed<Box<Recorded>, SubmitError>> {
    let submission = match recorded.payload(mode) {
        Ok(payload) => Submission {
            record_id: recorded.record_id.clone(),
            payload,
        },
        Err(error) => {
            return Err(Failed {
                state: Box::new(recorded),
                error: error.into(),
            });
        }
    };
    let mut row = OutboxRow::queued(row_id, endpoint.to_owned(), submission, ledger.clock.now());
    row.held = held;
    ledger.storage.enqueue(&row).map_err(|error| Failed {
        state: Box::new(recorded),
        error: error.into(),
    })
}

/// One pass over one row: as far as it goes without waiting.
///
/// # Errors
/// Only when the outbox itself cannot be read or written; faults of the endpoint are part of the answer.
pub fn drive(
    row: OutboxRow,
    endpoint: &mut dyn Endpoint,
    storage: &mut dyn Storage,
    clock: &dyn Clock,
    prompt: &mut dyn Prompt,
) -> Result<Drive, StoreError> {
    let mut pass = Pass {
        row,
        endpoint,
        storage,
        clock,
        prompt,
    };
    let outcome = pass.run();
    let fault = match outcome {
        Ok(()) => None,
        Err(Halt::Store(error)) => return Err(error),
        Err(Halt::Endpoint(error)) => Some(error),
    };
    pass.settle(fault.as_ref())?;
    Ok(Drive { row: pass.row, fault })
}

enum Halt {
    Store(StoreError),
    Endpoint(EndpointError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<EndpointError> for Halt {
    fn from(error: EndpointError) -> Self {
        Self::Endpoint(error)
    }
}

struct Pass<'a> {
    row: OutboxRow,
    endpoint: &'a mut dyn Endpoint,
    storage: &'a mut dyn Storage,
    clock: &'a dyn Clock,
    prompt: &'a mut dyn Prompt,
}

impl Pass<'_> {
    fn run(&mut self) -> Result<(), Halt> {
        match self.row.state {
            OutboxState::Violated => Ok(()),
            OutboxState::Adopted => self.recheck_adopted(),
            OutboxState::Final => self.recheck(),
            OutboxState::Blocked => Ok(()),
            OutboxState::Queued | OutboxState::Signed | OutboxState::Broadcast | OutboxState::Included => {
                self.advance()
            }
        }
    }

    fn advance(&mut self) -> Result<(), Halt> {
        self.endpoint.check()?;
        match self.latest_status()? {
            Some(Status::Included {
                block_number,
                block_hash,
                is_final,
            }) => self.included(block_number, block_hash, is_final),
            Some(Status::Pending) if self.row.tries < PATIENCE => self.enter(OutboxState::Broadcast),
            Some(Status::Pending) => self.replace(),
            Some(Status::Unknown { nonce_consumed: false }) => self.send_again(),
            Some(Status::Reverted { .. } | Status::Unknown { nonce_consumed: true }) | None => self.first_or_new(),
        }
    }

    /// The best of all attempts ever signed for this row.
    fn latest_status(&mut self) -> Result<Option<Status>, Halt> {
        let mut best: Option<Status> = None;
        for attempt in self.row.attempts.clone().iter().rev() {
            let status = self.endpoint.status(attempt)?;
            if rank(&status) > best.as_ref().map_or(0, rank) {
                best = Some(status);
            }
        }
        Ok(best)
    }

    fn first_or_new(&mut self) -> Result<(), Halt> {
        if let Some(found) = self.endpoint.find(&self.row.submission.payload)? {
            // The rule of finality holds for another's entry as for ours: until then it may still go away.
            let state = if found.is_final {
                OutboxState::Adopted
            } else {
                OutboxState::Included
            };
            if self.row.state != state {
                self.trace("included", &[("by", &found.submitter), ("adopted", "yes")])?;
            }
            return self.enter(state);
        }
        if !self.may_pay_again()? {
            return Ok(());
        }
        let live = self.live_attempts()?;
        let attempt = self.endpoint.prepare(&self.row.submission, &live, None, self.prompt)?;
        self.commit_and_send(attempt)
    }

    /// Whether one more attempt may be paid for. Attempts with one nonce cost once; the first is made at once, and so is the
    /// second; later ones wait longer and longer, and beyond the limit a person is asked. A node that calls everything failed
    /// must not spend the account.
    fn may_pay_again(&mut self) -> Result<bool, Halt> {
        let made = self.row.paid_attempts();
        let limit = self.endpoint.max_paid_attempts();
        if made >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Err(EndpointError::PaidAttempts { made, limit }.into());
        }
        let now = self.clock.now();
        let pause = attempt_pause(made);
        if pause.is_zero() {
            return Ok(true);
        }
        match self.row.next_attempt {
            Some(time) if time <= now => {
                self.row.next_attempt = None;
                Ok(true)
            }
            Some(_) => Ok(false),
            None => {
                self.row.next_attempt = Some(now + pause);
                Ok(false)
            }
        }
    }

    fn replace(&mut self) -> Result<(), Halt> {
        let live = self.live_attempts()?;
        let last = self.row.attempts.last().cloned();
        let attempt = self
            .endpoint
            .prepare(&self.row.submission, &live, last.as_ref(), self.prompt)?;
        self.row.tries = 0;
        self.commit_and_send(attempt)
    }

    fn send_again(&mut self) -> Result<(), Halt> {
        let Some(last) = self.row.attempts.last().cloned() else {
            return Ok(());
        };
        if self.row.state == OutboxState::Included {
            // It is on no known history any more: whatever comes of sending it again, it must not be called included.
            self.enter(OutboxState::Signed)?;
        }
        match self.endpoint.broadcast(&last) {
            Ok(()) => self.after_broadcast(&last),
            Err(EndpointError::Rejected { .. }) => self.replace(),
            Err(error) => Err(error.into()),
        }
    }

    fn commit_and_send(&mut self, attempt: Attempt) -> Result<(), Halt> {
        if self.row.attempts.last() != Some(&attempt) {
            self.row.attempts.push(attempt.clone());
        }
        self.enter(OutboxState::Signed)?;
        self.trace("submit", &[("id", &attempt.id)])?;
        self.endpoint.broadcast(&attempt)?;
        self.after_broadcast(&attempt)
    }

    fn after_broadcast(&mut self, attempt: &Attempt) -> Result<(), Halt> {
        self.enter(OutboxState::Broadcast)?;
        match self.endpoint.status(attempt)? {
            Status::Included {
                block_number,
                block_hash,
                is_final,
            } => self.included(block_number, block_hash, is_final),
            _ => Ok(()),
        }
    }

    fn included(&mut self, block_number: u64, block_hash: String, is_final: bool) -> Result<(), Halt> {
        // Read back what stands there before it is called included: a receipt alone says nothing of the content.
        if self.endpoint.find(&self.row.submission.payload)?.is_none() {
            return Ok(());
        }
        let state = if is_final {
            OutboxState::Final
        } else {
            OutboxState::Included
        };
        let news = self.row.state != state || self.row.block_hash.as_deref() != Some(&block_hash);
        self.row.block_number = Some(block_number);
        self.row.block_hash = Some(block_hash.clone());
        if news {
            let kind = if is_final { "final" } else { "included" };
            self.trace(
                kind,
                &[("block_number", &block_number.to_string()), ("block_hash", &block_hash)],
            )?;
        }
        self.enter(state)
    }

    fn recheck(&mut self) -> Result<(), Halt> {
        self.endpoint.check()?;
        match self.latest_status()? {
            Some(Status::Included { block_hash, .. }) if self.row.block_hash.as_deref() == Some(&block_hash) => {
                // Rows of earlier versions do not say since when.
                self.row.final_since.get_or_insert(self.row.updated);
                Ok(())
            }
            _ => {
                self.trace("fault", &[("stage", "submit"), ("code", "chain-violated")])?;
                self.enter(OutboxState::Violated)
            }
        }
    }

    /// Another's entry was final: it must still be there.
    fn recheck_adopted(&mut self) -> Result<(), Halt> {
        self.endpoint.check()?;
        if self.endpoint.find(&self.row.submission.payload)?.is_some() {
            self.row.final_since.get_or_insert(self.row.updated);
            return Ok(());
        }
        self.trace("fault", &[("stage", "submit"), ("code", "chain-violated")])?;
        self.enter(OutboxState::Violated)
    }

    /// Attempts of any row of this endpoint that may still be included: their nonces are taken.
    fn live_attempts(&mut self) -> Result<Vec<Attempt>, StoreError> {
        let name = &self.row.endpoint;
        let live = |row: &OutboxRow| {
            row.endpoint == *name
                && matches!(
                    row.state,
                    OutboxState::Signed | OutboxState::Broadcast | OutboxState::Included | OutboxState::Blocked
                )
        };
        Ok(self
            .storage
            .rows()?
            .into_iter()
            .filter(live)
            .flat_map(|row| row.attempts)
            .collect())
    }

    fn enter(&mut self, state: OutboxState) -> Result<(), Halt> {
        if self.row.state != state {
            self.row.tries = 0;
            self.row.state = state;
        }
        if matches!(state, OutboxState::Signed | OutboxState::Broadcast) {
            self.row.block_number = None;
            self.row.block_hash = None;
        }
        self.row.updated = self.clock.now();
        if matches!(state, OutboxState::Final | OutboxState::Adopted) {
            self.row.final_since.get_or_insert(self.row.updated);
        } else {
            self.row.final_since = None;
        }
        Ok(self.storage.update(&self.row)?)
    }

    fn trace(&mut self, kind: &str, detail: &[(&str, &str)]) -> Result<(), StoreError> {
        let mut ledger = Ledger {
            storage: &mut *self.storage,
            clock: self.clock,
            session: self.row.id.clone(),
            output: String::new(),
            part: String::new(),
        };
        ledger.trace(kind, detail).map(|_| ())
    }

    /// Writes down what came of the pass, and when to try again.
    fn settle(&mut self, fault: Option<&EndpointError>) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.row.last_fault = fault.map(|error| error.code().to_owned()).unwrap_or_default();
        if fault.is_some_and(needs_a_person) {
            self.row.state = OutboxState::Blocked;
        }
        self.row.tries = self.row.tries.saturating_add(1);
        self.row.next_try = now
            + if fault.is_some() {
                back_off(self.row.tries)
            } else {
                SignedDuration::ZERO
            };
        if let Some(time) = self.row.next_attempt {
            self.row.next_try = self.row.next_try.max(time);
        }
        self.row.updated = now;
        self.storage.update(&self.row)
    }
}

fn needs_a_person(error: &EndpointError) -> bool {
    !matches!(
        error,
        EndpointError::Remote(_)
            | EndpointError::Storage(_)
            | EndpointError::Account(_)
            // Fees fall again.
            | EndpointError::FeeLimit { .. }
    )
}

/// 1, 2, 4 … seconds, five minutes at most.
fn back_off(tries: u32) -> SignedDuration {
    SignedDuration::from_secs(1_i64 << tries.saturating_sub(1).min(9)).min(SignedDuration::from_secs(300))
}

/// Before the attempt that follows so many paid ones: nothing, nothing, 10 s, 1 min, 6 min, and so on, an hour at most.
fn attempt_pause(made: usize) -> SignedDuration {
    let Some(power) = made.checked_sub(2) else {
        return SignedDuration::ZERO;
    };
    let factor = 6_i64.saturating_pow(u32::try_from(power).unwrap_or(u32::MAX));
    SignedDuration::from_secs(factor.saturating_mul(10).min(3600))
}

/// Which of several attempts tells most.
const fn rank(status: &Status) -> u8 {
    match status {
        Status::Included { .. } => 5,
        Status::Pending => 4,
        Status::Unknown { nonce_consumed: false } => 3,
        Status::Reverted { .. } => 2,
        Status::Unknown { nonce_consumed: true } => 1,
    }
}

impl OutboxRow {
    /// A submission that nothing has been done for yet.
    #[must_use]
    pub const fn queued(id: String, endpoint: String, submission: Submission, now: Timestamp) -> Self {
        Self {
            id,
            endpoint,
            submission,
            state: OutboxState::Queued,
            attempts: Vec::new(),
            block_number: None,
            block_hash: None,
            last_fault: String::new(),
            tries: 0,
            next_try: now,
            updated: now,
            held: false,
            allowed_attempts: 0,
            next_attempt: None,
            final_since: None,
        }
    }

    /// Attempts that can each have been paid: those with different nonces, since a person last allowed more.
    #[must_use]
    pub fn paid_attempts(&self) -> usize {
        let since = self.attempts.get(self.allowed_attempts..).unwrap_or_default();
        let nonces: BTreeSet<_> = since.iter().map(|attempt| (&attempt.account, attempt.nonce)).collect();
        nonces.len()
    }

    /// Neither at an end nor put off.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.held && !self.is_settled() && self.next_try <= now
    }

    /// Final for so long, and looked at so lately, that the endpoint need not be asked again now. Until then every look asks:
    /// a history that is taken back is taken back soon.
    #[must_use]
    pub fn is_at_rest(&self, now: Timestamp) -> bool {
        let day = SignedDuration::from_hours(24);
        let long_since = |time: Timestamp| now.duration_since(time) >= day;
        matches!(self.state, OutboxState::Final | OutboxState::Adopted)
            && self.last_fault.is_empty()
            && self.final_since.is_some_and(long_since)
            && !long_since(self.updated)
            && self.updated <= now
    }

    /// At an end, good or bad.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(
            self.state,
            OutboxState::Final | OutboxState::Adopted | OutboxState::Blocked | OutboxState::Violated
        )
    }
}
