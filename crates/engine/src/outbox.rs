//! Turning the outbox: one row until it is final or has to wait, all rows that are due, unfinished sessions.
//!
//! Not its business: the state machine (signing::submit), the rows (store).

use std::time::{Duration, Instant};

use countersign_signing::{
    SessionState, Stage, drive,
    ports::{Clock as _, EndpointError, Outbox as _, OutboxRow, OutboxState, RemoteError, Sessions as _},
};
use serde_json::{Value, json};

use crate::{
    Engine,
    fault::{Fault, exit},
    finish::state_facts,
    interaction::Interaction,
};

/// How a submission stands.
pub(crate) struct Submission {
    pub(crate) row: OutboxRow,
    pub(crate) fault: Option<Fault>,
}

impl Submission {
    /// INTERFACE's word for it.
    pub(crate) const fn word(&self) -> &'static str {
        match self.row.state {
            _ if self.row.held => "held",
            OutboxState::Final | OutboxState::Adopted => "final",
            OutboxState::Included => "included",
            _ => "queued",
        }
    }

    /// The attempt that stands there, or the last one.
    pub(crate) fn transaction(&self) -> String {
        self.row
            .attempts
            .last()
            .map(|attempt| attempt.id.clone())
            .unwrap_or_default()
    }

    /// What is still to be done, as a fault; `None` when all is done.
    pub(crate) fn unfinished(&self) -> Option<Fault> {
        match (self.row.state, &self.fault) {
            (OutboxState::Final | OutboxState::Adopted, _) => None,
            (OutboxState::Blocked, Some(fault)) => Some(fault.clone()),
            (OutboxState::Violated, _) => Some(Fault::new(Stage::Submit, "chain-violated")),
            // Nothing is lost: the outbox goes on with it.
            (_, Some(fault)) => Some(fault.clone().exiting(exit::QUEUED)),
            (_, None) => Some(Fault::new(Stage::Submit, "not-final-yet").exiting(exit::QUEUED)),
        }
    }
}

/// Between two looks at an endpoint that has not answered finally: at first short, for chains that are quick; then longer,
/// so that the patience with an attempt (counted in looks) is not at its end before a slow chain has made a block.
const POLL: Duration = Duration::from_millis(150);
/// The longest of these pauses.
const POLL_LONGEST: Duration = Duration::from_secs(3);

/// The shortest pause after an answer that was none.
const POLL_AFTER_FAULT: Duration = Duration::from_secs(1);

/// Whether asking again soon may help.
fn is_passing(error: &EndpointError) -> bool {
    matches!(
        error,
        EndpointError::Remote(RemoteError::Refused { .. } | RemoteError::RefusedWith { .. })
    )
}

impl Engine {
    pub(crate) fn drive_until_final(
        &mut self,
        mut row: OutboxRow,
        wait: Duration,
        ui: &mut dyn Interaction,
    ) -> Result<Submission, Fault> {
        let _lock = self.outbox_lock()?;
        let deadline = Instant::now() + wait;
        let mut pause = POLL;
        loop {
            let clock = self.clock;
            let name = row.endpoint.clone();
            let driven = self.with_endpoint(&name, |endpoint, database| {
                drive(row.clone(), endpoint, database, &clock, ui).map_err(|error| Fault::store(Stage::Submit, &error))
            });
            let driven = match driven {
                Ok(driven) => driven?,
                // The endpoint cannot even be addressed: the row waits for other settings.
                Err(fault) => {
                    return Ok(Submission {
                        row,
                        fault: Some(fault),
                    });
                }
            };
            row = driven.row;
            let fault = driven.fault.as_ref().map(Fault::endpoint);
            // A node that is busy now may answer in a moment; one that is away, or what a person must mend, will not.
            let passing = driven.fault.as_ref().is_none_or(is_passing);
            if row.is_settled() || !passing || Instant::now() >= deadline || ui.cancelled() {
                return Ok(Submission { row, fault });
            }
            if fault.is_some() {
                pause = pause.max(POLL_AFTER_FAULT);
            }
            std::thread::sleep(pause.min(deadline.saturating_duration_since(Instant::now())));
            pause = (pause * 5 / 4).min(POLL_LONGEST);
        }
    }

    /// Everything that waits: unfinished files, stamps, submissions. One document, and the exit status.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox_run(&mut self, wait: Duration, ui: &mut dyn Interaction) -> Result<(Value, u8), Fault> {
        let sessions = self.resume_all(wait, ui)?;
        let rows = self.outbox_rows()?;
        let mut shown = Vec::new();
        let mut faults: Vec<Fault> = sessions.iter().filter_map(|(_, fault)| fault.clone()).collect();
        for row in rows {
            if matches!(row.state, OutboxState::Blocked | OutboxState::Violated)
                || row.held
                || row.is_at_rest(self.clock.now())
            {
                shown.push(facts(&row, None));
                continue;
            }
            let submission = self.drive_until_final(row, wait, ui)?;
            let unfinished = submission.unfinished();
            shown.push(facts(&submission.row, unfinished.as_ref()));
            faults.extend(unfinished);
        }
        let exit = faults.first().map_or(exit::DONE, |fault| fault.exit);
        let sessions: Vec<Value> = sessions.into_iter().map(|(value, _)| value).collect();
        let mut document = json!({"schema": "countersign.outbox/1", "sessions": sessions, "rows": shown});
        if let (Some(fault), Some(document)) = (faults.into_iter().next(), document.as_object_mut()) {
            document.insert("error".to_owned(), json!(fault));
        }
        Ok((document, exit))
    }

    /// What waits and what is done.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox_list(&mut self) -> Result<Value, Fault> {
        let rows: Vec<Value> = self.outbox_rows()?.iter().map(|row| facts(row, None)).collect();
        let unfinished = self
            .database()?
            .unfinished()
            .map_err(|error| Fault::store(Stage::Submit, &error))?;
        let sessions: Vec<Value> = unfinished
            .iter()
            .map(|row| {
                let state: Option<SessionState> = serde_json::from_str(&row.body).ok();
                json!({"session": row.id, "output": row.output, "updated": row.updated,
                       "facts": state.as_ref().map(state_facts)})
            })
            .collect();
        Ok(json!({"schema": "countersign.outbox/1", "sessions": sessions, "rows": rows}))
    }

    /// One row, with every attempt.
    ///
    /// # Errors
    /// When there is none with this id, record or evidence.
    pub fn outbox_show(&mut self, id: &str) -> Result<Value, Fault> {
        let row = self.outbox_row(id)?;
        Ok(json!({"schema": "countersign.outbox/1", "rows": [facts(&row, None)], "row": row}))
    }

    /// The person's word for a row that was held: from now on it goes by itself.
    ///
    /// # Errors
    /// When there is none.
    pub fn outbox_release(&mut self, id: &str) -> Result<Value, Fault> {
        let mut row = self.outbox_row(id)?;
        if row.held {
            row.held = false;
            row.next_try = self.clock.now();
            row.updated = row.next_try;
            self.database()?
                .update(&row)
                .map_err(|error| Fault::store(Stage::Submit, &error))?;
        }
        Ok(json!({"schema": "countersign.outbox/1", "rows": [facts(&row, None)]}))
    }

    /// Puts a blocked row back into the queue.
    ///
    /// # Errors
    /// When there is none.
    pub fn outbox_retry(&mut self, id: &str) -> Result<Value, Fault> {
        let mut row = self.outbox_row(id)?;
        if row.state == OutboxState::Blocked {
            row.state = if row.attempts.is_empty() {
                OutboxState::Queued
            } else {
                OutboxState::Signed
            };
        }
        row.next_try = self.clock.now();
        row.tries = 0;
        // A person's word: the count of paid attempts begins anew.
        row.allowed_attempts = row.attempts.len();
        row.next_attempt = None;
        self.database()?
            .update(&row)
            .map_err(|error| Fault::store(Stage::Submit, &error))?;
        Ok(json!({"schema": "countersign.outbox/1", "rows": [facts(&row, None)]}))
    }

    pub(crate) fn outbox_rows(&mut self) -> Result<Vec<OutboxRow>, Fault> {
        self.database()?
            .rows()
            .map_err(|error| Fault::store(Stage::Submit, &error))
    }

    pub(crate) fn outbox_row(&mut self, id: &str) -> Result<OutboxRow, Fault> {
        let fits = |row: &OutboxRow| {
            row.id == id || row.submission.record_id == id || hex::encode(row.submission.payload.evidence()) == id
        };
        let rows = self.outbox_rows()?;
        rows.into_iter()
            .find(fits)
            .ok_or_else(|| Fault::new(Stage::Submit, "record-unknown").with("id", id))
    }
}

fn facts(row: &OutboxRow, fault: Option<&Fault>) -> Value {
    let mut value = json!({
        "id": row.id, "endpoint": row.endpoint, "record_id": row.submission.record_id,
        "evidence": hex::encode(row.submission.payload.evidence()),
        "state": row.state, "tries": row.tries, "next_try": row.next_try, "last_fault": row.last_fault,
        "block_number": row.block_number, "block_hash": row.block_hash, "held": row.held,
        "transactions": row.attempts.iter().map(|attempt| &attempt.id).collect::<Vec<_>>(),
    });
    if let (Some(fault), Some(value)) = (fault, value.as_object_mut()) {
        value.insert("error".to_owned(), json!(fault));
    }
    value
}
