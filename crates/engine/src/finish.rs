//! From the signature value to final evidence: stamp, embed, check, release, record, submit.
//!
//! The same way is taken right after signing and when an interrupted session is resumed. Nothing here asks for the signing
//! PIN again. Not its business: the steps themselves (signing), the outbox's turns (outbox).

use std::{path::PathBuf, time::Duration};

use countersign_pdf::Document;
use countersign_signing::{
    Checked, EmbedError, Level, Prefix, Recorded, Sealed, SessionState, Signed, Stage, Stamped, ports::Clock as _,
};
use countersign_store::snapshot::{Overwrite, Snapshot, SnapshotState};
use serde_json::{Value, json};

use crate::{
    Engine,
    clock::{SystemEntropy, random_hex},
    fault::{Fault, exit},
    faults,
    interaction::{Event, Interaction},
    outbox::Submission,
    sign::{Timings, ledger, timed},
};

/// What is needed beside the session itself.
#[derive(Debug, Clone)]
pub(crate) struct Finish {
    pub(crate) session: String,
    pub(crate) name: String,
    pub(crate) output: PathBuf,
    pub(crate) overwrite: bool,
    pub(crate) tsa: Vec<String>,
    pub(crate) trust: Vec<PathBuf>,
    pub(crate) offline: bool,
    pub(crate) wait: Duration,
}

impl Finish {
    fn stage(&self, stage: Stage) -> Event {
        Event::Stage {
            name: self.name.clone(),
            stage,
        }
    }
}

/// What came of a session.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) sha256: String,
    pub(crate) field: String,
    pub(crate) level: Level,
    pub(crate) algorithm: String,
    pub(crate) signature_value: String,
    pub(crate) gen_time: String,
    pub(crate) record_id: String,
    pub(crate) evidence: String,
    pub(crate) submission: String,
    pub(crate) transaction: String,
    pub(crate) notes: Vec<Value>,
    /// What was put off, or went wrong after the file was safe.
    pub(crate) fault: Option<Fault>,
}

/// A file with its signature value. What is left asks nobody anything, until it is submitted.
pub(crate) struct Unfinished {
    pub(crate) signed: Signed,
    pub(crate) snapshot: Snapshot,
    pub(crate) prefix: Prefix,
    pub(crate) finish: Finish,
    pub(crate) timings: Timings,
}

/// A file in its place, with its record.
pub(crate) struct PutOut {
    outcome: Outcome,
    /// Where it is to be submitted now; otherwise its session is closed, or waits for the stamp.
    recorded: Option<Recorded>,
    /// Its lock says that somebody is at this file.
    snapshot: Snapshot,
    finish: Finish,
    timings: Timings,
}

impl Engine {
    pub(crate) fn finish(
        &mut self,
        unfinished: Unfinished,
        ui: &mut dyn Interaction,
    ) -> Result<(Outcome, Timings), Fault> {
        let put_out = self.put_out(unfinished, &mut |event| ui.tell(&event))?;
        self.conclude(put_out, ui)
    }

    /// Stamp, embed, check, release, record.
    pub(crate) fn put_out(&mut self, unfinished: Unfinished, tell: &mut dyn FnMut(Event)) -> Result<PutOut, Fault> {
        let Unfinished {
            signed,
            mut snapshot,
            prefix,
            finish,
            mut timings,
        } = unfinished;
        let wanted = signed.prepared.level;
        let (stamped, put_off) = timed(&mut timings.timestamp, || {
            self.stamp(signed, snapshot.state(), &finish, tell)
        })?;
        tell(finish.stage(Stage::Embed));
        let (sealed, put_off) = timed(&mut timings.embed, || {
            self.together(Stage::Embed, |engine| {
                engine.embed(stamped, put_off, &prefix, snapshot.state(), &finish)
            })
        })?;
        let released = timed(&mut timings.embed, || {
            self.release(&sealed, &mut snapshot, &prefix, &finish)
        });
        let (checked, sm3, synced) = released?;
        timings.sync += synced.as_secs_f64() * 1000.0;
        tell(finish.stage(Stage::Record));
        let waits_for_stamp = wanted > sealed.level;
        let ends_here = sealed.signed.prepared.intent.endpoint.is_empty() && !waits_for_stamp;
        let recorded = timed(&mut timings.record, || {
            self.together(Stage::Record, |engine| {
                let recorded = engine.record(sealed, &checked, sm3, snapshot.state(), &finish)?;
                if ends_here {
                    let source = recorded.sealed.signed.prepared.source.sha256;
                    engine.close(&finish, snapshot.state(), "done", &source)?;
                }
                Ok(recorded)
            })
        })?;
        Ok(PutOut {
            outcome: outcome(&recorded, put_off),
            // A session that waits stays open at `recorded`: the outbox goes on with the stamp, and submits after it.
            recorded: (!ends_here && !waits_for_stamp).then_some(recorded),
            snapshot,
            finish,
            timings,
        })
    }

    /// Submits what is to be submitted.
    pub(crate) fn conclude(&mut self, put_out: PutOut, ui: &mut dyn Interaction) -> Result<(Outcome, Timings), Fault> {
        let PutOut {
            mut outcome,
            recorded,
            snapshot,
            finish,
            mut timings,
        } = put_out;
        if let Some(recorded) = recorded {
            timed(&mut timings.submit, || {
                self.submit(recorded, snapshot.state(), &finish, ui, &mut outcome)
            })?;
        }
        Ok((outcome, timings))
    }

    fn stamp(
        &mut self,
        signed: Signed,
        part: &SnapshotState,
        finish: &Finish,
        tell: &mut dyn FnMut(Event),
    ) -> Result<(Stamped, Option<Fault>), Fault> {
        if signed.prepared.level < Level::BT {
            return Ok((countersign_signing::without_stamp(signed), None));
        }
        if finish.offline {
            return Ok((
                countersign_signing::without_stamp(signed),
                Some(Fault::new(Stage::Timestamp, "offline")),
            ));
        }
        tell(finish.stage(Stage::Timestamp));
        let mut authorities = self.authorities(&finish.tsa)?;
        let anchors = self.tsa_anchors(&finish.trust)?;
        let clock = self.clock;
        let mut book = ledger(self.database()?, &clock, &finish.session, &finish.output, part);
        match countersign_signing::stamp(signed, &mut authorities, &anchors, &mut SystemEntropy, &mut book) {
            Ok(stamped) => Ok((stamped, None)),
            Err(failed) => {
                let fault = faults::stamp(&failed.error);
                if fault.exit == exit::NOT_WRITABLE {
                    return Err(fault);
                }
                // The signature is kept as a plainly labelled B-B; the stamp can follow without a PIN.
                Ok((countersign_signing::without_stamp(*failed.state), Some(fault)))
            }
        }
    }

    fn embed(
        &mut self,
        stamped: Stamped,
        mut put_off: Option<Fault>,
        prefix: &Prefix,
        part: &SnapshotState,
        finish: &Finish,
    ) -> Result<(Sealed, Option<Fault>), Fault> {
        let clock = self.clock;
        let token_size = stamped.token.len();
        let mut book = ledger(self.database()?, &clock, &finish.session, &finish.output, part);
        let sealed = match countersign_signing::embed(stamped, prefix, &mut book) {
            Ok(sealed) => sealed,
            Err(failed) if matches!(failed.error, EmbedError::DoesNotFit(_)) && token_size > 0 => {
                // The stamp is larger than anything seen: keep the signature, remember the size for the next one.
                put_off = Some(faults::embed(&failed.error).exiting(exit::QUEUED));
                let without = countersign_signing::without_stamp(failed.state.signed);
                countersign_signing::embed(without, prefix, &mut book).map_err(|failed| faults::embed(&failed.error))?
            }
            Err(failed) => return Err(faults::embed(&failed.error)),
        };
        self.remember_token_size(token_size);
        Ok((sealed, put_off))
    }

    /// Writes the tail into the private copy, verifies what stands there, and only then puts it in place.
    fn release(
        &mut self,
        sealed: &Sealed,
        snapshot: &mut Snapshot,
        prefix: &Prefix,
        finish: &Finish,
    ) -> Result<(Checked, Option<[u8; 32]>, Duration), Fault> {
        let of = |error| faults::snapshot(Stage::Embed, &error);
        snapshot.append(sealed.tail()).map_err(of)?;
        let finished: Document = countersign_pdf::open(snapshot.result().map_err(of)?)
            .map_err(|error| faults::embed(&EmbedError::Unreadable(error)))?;
        let checked = countersign_signing::check(sealed, &finished, prefix, self.clock.now())
            .map_err(|error| faults::embed(&error))?;
        let overwrite = if finish.overwrite {
            Overwrite::Replace
        } else {
            Overwrite::Never
        };
        let done = snapshot.finish(overwrite).map_err(of)?;
        Ok((checked, done.sm3, done.synced))
    }

    pub(crate) fn record(
        &mut self,
        sealed: Sealed,
        checked: &Checked,
        sm3: Option<[u8; 32]>,
        part: &SnapshotState,
        finish: &Finish,
    ) -> Result<Recorded, Fault> {
        let clock = self.clock;
        let database = self.database()?;
        let mut book = ledger(database, &clock, &finish.session, &finish.output, part);
        let recorded = countersign_signing::record(sealed, checked, sm3, &mut SystemEntropy, &mut book)
            .map_err(|failed| faults::record(&failed.error))?;
        self.keep_record(&recorded, &finish.output)?;
        Ok(recorded)
    }

    /// Steps whose changes to the store reach the disk as one.
    fn together<T>(&mut self, stage: Stage, steps: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let database = self.database()?.database.clone();
        database
            .together(|| steps(self))
            .map_err(|error| Fault::store(stage, &error))?
    }

    pub(crate) fn submit(
        &mut self,
        recorded: Recorded,
        part: &SnapshotState,
        finish: &Finish,
        ui: &mut dyn Interaction,
        outcome: &mut Outcome,
    ) -> Result<(), Fault> {
        let source = recorded.sealed.signed.prepared.source.sha256;
        let intent = recorded.sealed.signed.prepared.intent.clone();
        let clock = self.clock;
        if !intent.endpoint.is_empty() {
            ui.tell(&finish.stage(Stage::Submit));
            let payload = recorded
                .payload(intent.payload)
                .map_err(|error| faults::record(&error))?;
            let held = !ui.preview(&intent.endpoint, &json!(payload));
            let mut book = ledger(self.database()?, &clock, &finish.session, &finish.output, part);
            let row = countersign_signing::enqueue_held(
                recorded,
                &intent.endpoint,
                intent.payload,
                (random_hex::<8>(), held),
                &mut book,
            )
            .map_err(|failed| faults::submit(&failed.error))?;
            outcome.submission = "queued".to_owned();
            let submission = if row.held {
                Submission {
                    row,
                    fault: Some(Fault::new(Stage::Submit, "held")),
                }
            } else if finish.offline {
                Submission {
                    row,
                    fault: Some(Fault::new(Stage::Submit, "offline")),
                }
            } else {
                self.drive_until_final(row, finish.wait, ui)?
            };
            outcome.submission = submission.word().to_owned();
            outcome.transaction = submission.transaction();
            if outcome.fault.is_none() {
                outcome.fault = submission.unfinished();
            }
        }
        let mut book = ledger(self.database()?, &clock, &finish.session, &finish.output, part);
        book.close("done", &source)
            .map_err(|error| Fault::store(Stage::Submit, &error))
    }
}

pub(crate) fn outcome(recorded: &Recorded, fault: Option<Fault>) -> Outcome {
    let sealed = &recorded.sealed;
    let prepared = &sealed.signed.prepared;
    let gen_time = countersign_cms::timestamp::read_token(&sealed.token)
        .map(|token| token.info.gen_time.to_string())
        .unwrap_or_default();
    Outcome {
        sha256: hex::encode(sealed.sha256),
        field: prepared.appendix.field.clone(),
        level: sealed.level,
        algorithm: prepared.algorithm.name().to_owned(),
        signature_value: hex::encode(&sealed.signed.signature_value),
        gen_time,
        record_id: recorded.record_id.clone(),
        evidence: hex::encode(recorded.evidence),
        submission: if prepared.intent.endpoint.is_empty() {
            "none"
        } else {
            "queued"
        }
        .to_owned(),
        transaction: String::new(),
        notes: Vec::new(),
        fault,
    }
}

/// What a session at rest says of itself, for lists.
pub(crate) fn state_facts(state: &SessionState) -> Value {
    match state {
        SessionState::Prepared(prepared) => json!({"state": "prepared", "name": prepared.source.name}),
        SessionState::Signed(signed) => json!({"state": "signed", "name": signed.prepared.source.name}),
        SessionState::Sealed(sealed) => json!({"state": "sealed", "name": sealed.signed.prepared.source.name}),
        SessionState::Recorded(recorded) => {
            json!({"state": "waiting-for-stamp", "name": recorded.sealed.signed.prepared.source.name, "record_id": recorded.record_id})
        }
    }
}
