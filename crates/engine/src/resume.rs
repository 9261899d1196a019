//! Going on where an earlier run ended: by crash, by a dead authority, by a dead endpoint. Never with a second PIN.
//!
//! ```text
//! prepared  nothing was signed: the copy is removed, signing starts anew
//! signed    stamp, embed, release, record, submit
//! sealed    release if it was not, then record, submit
//! recorded  stamp if one is missing, else submit
//! ```
//!
//! Not its business: the steps (signing), the outbox's rows (outbox).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use countersign_signing::{
    Octets, Prefix, Recorded, Sealed, SessionState, Stage,
    ports::{Clock as _, SessionRow, Sessions as _, StoreError},
};
use countersign_store::OutboxLock;
use countersign_store::snapshot::{Options, Overwrite, Snapshot, SnapshotError, SnapshotState, View, placed};
use serde_json::{Value, json};

use crate::{
    Engine,
    fault::Fault,
    faults,
    finish::{Finish, Outcome, Unfinished, outcome},
    interaction::Interaction,
    sign::{SignRequest, Timings, ledger},
    sweep::hold,
};

/// The first octets of a file.
struct Head(Octets, usize);

impl AsRef<[u8]> for Head {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref().get(..self.1).unwrap_or_default()
    }
}

/// What going on with a session came to.
pub(crate) enum Resumed {
    /// There was nothing to go on with.
    Nothing,
    /// Another process is at it.
    Busy,
    /// It was carried on.
    Done(Box<Outcome>),
}

impl Engine {
    /// The same file for the same output was begun before: goes on with that. `fresh` is a new copy of the file; it takes the
    /// place of the old one where that is gone.
    ///
    /// # Errors
    /// Also when another process is at it: a second signature beside the first one is nobody's wish.
    pub(crate) fn resume_earlier(
        &mut self,
        source_sha256: &[u8; 32],
        certificate: &[u8],
        output: &Path,
        request: &SignRequest,
        fresh: &mut Option<Snapshot>,
        ui: &mut dyn Interaction,
    ) -> Result<Option<Outcome>, Fault> {
        let digest = hex::encode(source_sha256);
        let wanted = std::path::absolute(output).unwrap_or_else(|_| output.to_owned());
        let same = |row: &SessionRow| std::path::absolute(&row.output).is_ok_and(|path| path == wanted);
        let rows = self
            .database()?
            .unfinished_of(&digest)
            .map_err(|error| Fault::store(Stage::Open, &error))?;
        for row in rows.into_iter().filter(same) {
            if self.superseded(&row, certificate, request.overwrite)? {
                continue;
            }
            let finish = Finish {
                session: row.id.clone(),
                name: name_of(&row.output),
                output: PathBuf::from(&row.output),
                overwrite: request.overwrite,
                tsa: request.tsa.clone(),
                trust: request.trust.clone(),
                offline: request.offline,
                wait: request.wait,
            };
            match self.resume(&row.id, &finish, fresh, ui)? {
                Resumed::Nothing => {}
                Resumed::Busy => {
                    return Err(Fault::new(Stage::Open, "store-busy").with("session", row.id.as_str()));
                }
                Resumed::Done(outcome) => return Ok(Some(*outcome)),
            }
        }
        Ok(None)
    }

    /// A new request ends an old session when it is by another credential and nothing was signed yet, or when the file that
    /// the old one put out is no longer there: then the person means something new. A signature that another credential has
    /// made for this place is not given up for it.
    fn superseded(&mut self, row: &SessionRow, certificate: &[u8], overwrite: bool) -> Result<bool, Fault> {
        let state: Option<SessionState> = serde_json::from_str(&row.body).ok();
        let part: Option<SnapshotState> = serde_json::from_str(&row.part).ok();
        let (Some(state), Some(part)) = (state, part) else {
            return Ok(false);
        };
        let same = state.prepared().certificate == certificate;
        let ends = match &state {
            SessionState::Prepared(_) => !same,
            SessionState::Signed(_) | SessionState::Sealed(_) if same => false,
            SessionState::Recorded(recorded) => {
                let gone = !placed(&part.output, &recorded.sealed.sha256).unwrap_or(false);
                if !same && !gone && !overwrite {
                    return Err(taken(row));
                }
                gone || !same
            }
            _ => return Err(taken(row)),
        };
        if !ends {
            return Ok(false);
        }
        match Snapshot::resume(&part) {
            Err(SnapshotError::Busy { .. }) => {
                return Err(Fault::new(Stage::Open, "store-busy").with("session", row.id.as_str()));
            }
            Ok(snapshot) => {
                // Removing it is tidiness; what is left over does no harm.
                let _ = snapshot.abandon();
            }
            Err(_) => {}
        }
        let closed = SessionRow {
            state: "abandoned".to_owned(),
            body: String::new(),
            ..row.clone()
        };
        self.database()?
            .save(&closed, false)
            .map_err(|error| Fault::store(Stage::Open, &error))?;
        Ok(true)
    }

    /// Every unfinished session, with what came of it.
    pub(crate) fn resume_all(
        &mut self,
        wait: Duration,
        ui: &mut dyn Interaction,
    ) -> Result<Vec<(Value, Option<Fault>)>, Fault> {
        let mut done = Vec::new();
        for row in self.unfinished()? {
            let finish = Finish {
                session: row.id.clone(),
                name: name_of(&row.output),
                output: PathBuf::from(&row.output),
                overwrite: false,
                tsa: Vec::new(),
                trust: Vec::new(),
                offline: false,
                wait,
            };
            let mut value = json!({"session": row.id, "output": row.output, "was": row.state});
            let fault = match self.resume(&row.id, &finish, &mut None, ui) {
                Ok(Resumed::Nothing | Resumed::Busy) => continue,
                Ok(Resumed::Done(outcome)) => {
                    if let Some(value) = value.as_object_mut() {
                        value.insert("level".to_owned(), json!(outcome.level.name()));
                        value.insert("record_id".to_owned(), json!(outcome.record_id));
                        value.insert("sha256_after".to_owned(), json!(outcome.sha256));
                        value.insert("submission".to_owned(), json!(outcome.submission));
                    }
                    outcome.fault
                }
                Err(fault) => Some(fault),
            };
            if let (Some(fault), Some(value)) = (&fault, value.as_object_mut()) {
                value.insert("error".to_owned(), json!(fault));
            }
            done.push((value, fault));
        }
        Ok(done)
    }

    fn unfinished(&mut self) -> Result<Vec<SessionRow>, Fault> {
        self.database()?
            .unfinished()
            .map_err(|error| Fault::store(Stage::Open, &error))
    }

    /// One process at a time goes on with sessions, from the row as it stands when its turn has come.
    pub(crate) fn resume(
        &mut self,
        id: &str,
        finish: &Finish,
        fresh: &mut Option<Snapshot>,
        ui: &mut dyn Interaction,
    ) -> Result<Resumed, Fault> {
        let _turn = match OutboxLock::acquire(&self.database()?.database, "sessions") {
            Ok(turn) => turn,
            Err(StoreError::Busy { .. }) => return Ok(Resumed::Busy),
            Err(error) => return Err(Fault::store(Stage::Open, &error)),
        };
        let Some(row) = self.unfinished()?.into_iter().find(|row| row.id == id) else {
            return Ok(Resumed::Nothing);
        };
        let damaged = |what: &str| {
            Fault::new(Stage::Open, "store-unusable")
                .with("session", row.id.as_str())
                .with("reason", what)
        };
        let state: SessionState = serde_json::from_str(&row.body).map_err(|_| damaged("the session's body"))?;
        let part: SnapshotState = serde_json::from_str(&row.part).map_err(|_| damaged("the session's copy"))?;
        match state {
            SessionState::Prepared(prepared) => {
                match Snapshot::resume(&part) {
                    Err(SnapshotError::Busy { .. }) => return Ok(Resumed::Busy),
                    Ok(snapshot) => {
                        // Removing it is tidiness; what is left over does no harm.
                        let _ = snapshot.abandon();
                    }
                    Err(_) => {}
                }
                self.close(finish, &part, "abandoned", &prepared.source.sha256)?;
                Ok(Resumed::Nothing)
            }
            SessionState::Signed(signed) => {
                let Some(snapshot) = copy_of(&part, &signed.prepared.source.sha256, fresh)? else {
                    return Ok(Resumed::Busy);
                };
                let prefix = Prefix::new(snapshot.bytes(), snapshot.hashes().sha256.clone());
                let unfinished = Unfinished {
                    signed: *signed,
                    snapshot,
                    prefix,
                    finish: finish.clone(),
                    timings: Timings::default(),
                };
                self.finish(unfinished, ui)
                    .map(|(outcome, _)| Resumed::Done(Box::new(outcome)))
            }
            SessionState::Sealed(sealed) => self.resume_sealed(*sealed, part, finish, fresh, ui),
            SessionState::Recorded(recorded) => self
                .resume_recorded(*recorded, &part, finish, ui)
                .map(|outcome| Resumed::Done(Box::new(outcome))),
        }
    }

    /// The tail is known. Either the file is out already, or the copy is still there.
    fn resume_sealed(
        &mut self,
        sealed: Sealed,
        mut part: SnapshotState,
        finish: &Finish,
        fresh: &mut Option<Snapshot>,
        ui: &mut dyn Interaction,
    ) -> Result<Resumed, Fault> {
        let of = |error| faults::snapshot(Stage::Embed, &error);
        // The lock of a copy stays with the file when it has become the output: whoever put it there may be at its record.
        let (_held, _copy) = if placed(&part.output, &sealed.sha256).map_err(of)? {
            let Some(held) = hold(&part.output) else {
                return Ok(Resumed::Busy);
            };
            (Some(held), None)
        } else {
            let Some(mut snapshot) = copy_of(&part, &sealed.signed.prepared.source.sha256, fresh)? else {
                return Ok(Resumed::Busy);
            };
            part = snapshot.state().clone();
            snapshot.append(sealed.tail()).map_err(of)?;
            let prefix = Prefix::new(snapshot.bytes(), snapshot.hashes().sha256.clone());
            let document =
                countersign_pdf::open(snapshot.result().map_err(of)?).map_err(|error| faults::open(&error))?;
            countersign_signing::check(&sealed, &document, &prefix, self.clock.now())
                .map_err(|error| faults::embed(&error))?;
            let overwrite = if finish.overwrite {
                Overwrite::Replace
            } else {
                Overwrite::Never
            };
            snapshot.finish(overwrite).map_err(of)?;
            (None, Some(snapshot))
        };
        let (checked, sm3) = self.check_placed(&sealed, &part.output)?;
        let wanted = sealed.signed.prepared.level;
        let recorded = self.record(sealed, &checked, sm3, &part, finish)?;
        let mut outcome = outcome(&recorded, None);
        if wanted > recorded.sealed.level {
            return self
                .resume_recorded(recorded, &part, finish, ui)
                .map(|outcome| Resumed::Done(Box::new(outcome)));
        }
        self.submit(recorded, &part, finish, ui, &mut outcome)?;
        Ok(Resumed::Done(Box::new(outcome)))
    }

    /// Recorded: what is missing is the stamp, or the submission.
    fn resume_recorded(
        &mut self,
        recorded: Recorded,
        part: &SnapshotState,
        finish: &Finish,
        ui: &mut dyn Interaction,
    ) -> Result<Outcome, Fault> {
        self.keep_record(&recorded, &finish.output)?;
        if recorded.sealed.signed.prepared.level <= recorded.sealed.level {
            let mut outcome = outcome(&recorded, None);
            self.submit(recorded, part, finish, ui, &mut outcome)?;
            return Ok(outcome);
        }
        if finish.offline {
            return Ok(outcome(&recorded, Some(Fault::new(Stage::Timestamp, "offline"))));
        }
        // An earlier run may have ended between the stamp's file and its record.
        if let Some(token) = stamp_in_place(&recorded, &part.output)? {
            return self.adopt_stamp(recorded, &token, "", part, finish, ui);
        }
        if !placed(&part.output, &recorded.sealed.sha256).map_err(|error| faults::snapshot(Stage::Embed, &error))? {
            let fault = Fault::new(Stage::Timestamp, "not-extendable").with("reason", "another file is in its place");
            return Ok(outcome(&recorded, Some(fault)));
        }
        let extended = match self.extend_file(&part.output, &part.output, &finish.tsa, &finish.trust, true) {
            Ok(extended) => extended,
            Err(fault) => return Ok(outcome(&recorded, Some(fault))),
        };
        self.adopt_stamp(recorded, &extended.token, &extended.tsa, part, finish, ui)
    }

    /// The file has its stamp now: a new record that follows the old one, then the submission that waited for it.
    pub(crate) fn adopt_stamp(
        &mut self,
        recorded: Recorded,
        token: &[u8],
        tsa: &str,
        part: &SnapshotState,
        finish: &Finish,
        ui: &mut dyn Interaction,
    ) -> Result<Outcome, Fault> {
        let of = |error| faults::snapshot(Stage::Embed, &error);
        let view = View::take(&finish.output, &std::env::temp_dir(), &Options::default()).map_err(of)?;
        let mut signed = recorded.sealed.signed.clone();
        signed.prepared.intent.party.prev = hex::encode(recorded.evidence);
        let size = usize::try_from(signed.prepared.source.size).unwrap_or(usize::MAX);
        let prefix = Prefix::hashed(Arc::new(Head(view.bytes.clone(), size)));
        let stamped = countersign_signing::Stamped {
            signed,
            token: token.to_vec(),
            tsa: tsa.to_owned(),
        };
        let clock = self.clock;
        let mut book = ledger(self.database()?, &clock, &finish.session, &finish.output, part);
        let sealed =
            countersign_signing::embed(stamped, &prefix, &mut book).map_err(|failed| faults::embed(&failed.error))?;
        let (checked, sm3) = self.check_placed(&sealed, &finish.output)?;
        let recorded = self.record(sealed, &checked, sm3, part, finish)?;
        let mut outcome = outcome(&recorded, None);
        self.submit(recorded, part, finish, ui, &mut outcome)?;
        Ok(outcome)
    }

    /// Verifies the file as it stands in its place.
    fn check_placed(
        &self,
        sealed: &Sealed,
        output: &Path,
    ) -> Result<(countersign_signing::Checked, Option<[u8; 32]>), Fault> {
        let options = Options {
            wanted: crate::sign::wanted(sealed.size),
            ..Options::default()
        };
        let view = View::take(output, &std::env::temp_dir(), &options)
            .map_err(|error| faults::snapshot(Stage::Embed, &error))?;
        if view.hashes.sha256() != sealed.sha256 {
            return Err(Fault::new(Stage::Embed, "not-verified").with("reason", "the file in its place is another one"));
        }
        let document = countersign_pdf::open(view.bytes.clone()).map_err(|error| faults::open(&error))?;
        let size = usize::try_from(sealed.signed.prepared.source.size).unwrap_or(usize::MAX);
        let prefix = Prefix::hashed(Arc::new(Head(view.bytes.clone(), size)));
        let checked = countersign_signing::check(sealed, &document, &prefix, self.clock.now())
            .map_err(|error| faults::embed(&error))?;
        Ok((checked, view.hashes.sm3()))
    }

    pub(crate) fn close(
        &mut self,
        finish: &Finish,
        part: &SnapshotState,
        how: &'static str,
        source: &[u8; 32],
    ) -> Result<(), Fault> {
        let clock = self.clock;
        let mut book = ledger(self.database()?, &clock, &finish.session, &finish.output, part);
        book.close(how, source)
            .map_err(|error| Fault::store(Stage::Open, &error))
    }
}

/// The stamp that our signature in this file has already, if the file is not the one without it.
fn stamp_in_place(recorded: &Recorded, output: &Path) -> Result<Option<Vec<u8>>, Fault> {
    let of = |error| faults::snapshot(Stage::Timestamp, &error);
    if placed(output, &recorded.sealed.sha256).map_err(of)? {
        return Ok(None);
    }
    let view = View::take(output, &std::env::temp_dir(), &Options::default()).map_err(of)?;
    let document = countersign_pdf::open(view.bytes.clone()).map_err(|error| faults::open(&error))?;
    let signed = &recorded.sealed.signed;
    let stamped = document
        .signatures()
        .into_iter()
        .filter(|signature| signature.field == signed.prepared.appendix.field)
        .filter_map(|signature| countersign_cms::read_signed_data(&signature.contents).ok())
        .find(|found| found.signer.signature == signed.signature_value);
    Ok(stamped.and_then(|found| found.signer.timestamp_tokens.into_iter().next()))
}

/// Somebody else's signature waits for this place; `outbox run` brings it there without a PIN.
fn taken(row: &SessionRow) -> Fault {
    Fault::new(Stage::Open, "output-exists")
        .with("output", row.output.as_str())
        .with("session", row.id.as_str())
}

/// The session's copy; where it is gone or damaged, the fresh one of the very same octets. `None`: another process has it.
fn copy_of(part: &SnapshotState, source: &[u8; 32], fresh: &mut Option<Snapshot>) -> Result<Option<Snapshot>, Fault> {
    match Snapshot::resume(part) {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(SnapshotError::Busy { .. }) => Ok(None),
        Err(error) => match fresh.take_if(|fresh| fresh.sha256() == *source) {
            Some(mut fresh) => {
                // What the token has signed depends on it now.
                fresh.keep();
                Ok(Some(fresh))
            }
            None => Err(faults::snapshot(Stage::Embed, &error)),
        },
    }
}

pub(crate) fn name_of(output: &str) -> String {
    Path::new(output)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
