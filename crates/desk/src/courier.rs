//! The courier: goes on with what waits, for as long as the desk is open. Stamps that come late, submissions, their finality.
//!
//! A round every few seconds while something waits, at once when nudged; services that are away are asked ever more seldom.
//! Not its business: how (engine). Nothing goes out here that the person has not released.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use countersign_engine::{
    Engine, Fault, SessionFacts, SessionStage,
    ports::{OutboxRow, OutboxState},
};
use jiff::Timestamp;

use crate::{
    Desk,
    asking::Unattended,
    bell::{Bell, LONGEST, Patience},
    entry::Entry,
    running::locked,
    view::{DeskEvent, FaultShown, StageName},
};

/// Without a nudge it looks again after so long: another program may have left something.
const IDLE: Duration = Duration::from_secs(60);
/// Between two looks at a submission that is under way.
const UNDER_WAY: Duration = Duration::from_secs(2);

/// The thread.
pub(crate) fn run(desk: &Weak<Desk>, bell: &Arc<Bell>, mut engine: Engine, generation: &Arc<AtomicU64>) {
    let mut patience = Patience::default();
    let mut seen = generation.load(Ordering::Acquire);
    // The bell rings when the desk is complete.
    let mut pause = IDLE;
    loop {
        bell.wait(pause);
        let Some(desk) = desk.upgrade() else { return };
        if desk.still_open().is_err() {
            return;
        }
        let now = generation.load(Ordering::Acquire);
        if now != seen {
            seen = now;
            // A configuration that cannot be read is shown in the settings; the one before it stays.
            let _ = engine.reload();
            patience = Patience::default();
            locked(&bell.next).clear();
        }
        let round = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| desk.round(&mut engine, &mut patience)));
        pause = round
            .unwrap_or_else(|_| {
                engine = engine.companion();
                Some(LONGEST)
            })
            .unwrap_or(IDLE);
    }
}

impl Desk {
    /// One round. How long to wait for the next one; `None` when nothing waits.
    fn round(&self, engine: &mut Engine, patience: &mut Patience) -> Option<Duration> {
        let usual = self.options.courier_pause;
        let Ok((sessions, rows)) = engine.waiting() else {
            return Some(usual);
        };
        let (mut waits, mut under_way) = (false, false);
        for session in sessions {
            if self.still_open().is_err() {
                return None;
            }
            let owner = self.owner_of(&session);
            if owner.as_ref().is_some_and(|owner| self.stage_of(&owner.id).is_some()) {
                continue;
            }
            if session.stage == SessionStage::Prepared && owner.is_none() {
                // Somebody else's, perhaps with a PIN dialog open at this moment; its own program ends it.
                continue;
            }
            waits = true;
            if patience.is_due(&session.id, self.courier.next_try(&session.id)) {
                self.go_on(engine, &session, owner.as_ref(), patience);
            }
        }
        // Rows that have come from the sessions just now are among them.
        let rows = engine.waiting().map_or(rows, |(_, rows)| rows);
        for row in rows {
            if self.still_open().is_err() {
                return None;
            }
            let owner = self.owner_of_row(&row);
            let at_once = |owner: &Entry| owner.approval.as_ref().is_some_and(|one| one.choices.submit_at_once);
            if row.held {
                // Released with the approval, and the program ended before that was written down.
                if owner.as_ref().is_some_and(at_once) && engine.outbox_release(&row.id).is_ok() {
                    self.courier.nudge();
                }
                continue;
            }
            waits = true;
            let due = row.next_try <= Timestamp::now() || locked(&self.courier.present).contains(&row.id);
            if due && patience.is_due(&row.id, self.courier.next_try(&row.id)) {
                under_way |= self.deliver(engine, &row, owner.as_ref(), patience);
            }
        }
        match (waits, under_way) {
            (false, _) => None,
            (true, true) => Some(usual.min(UNDER_WAY)),
            (true, false) => Some(usual),
        }
    }

    fn go_on(&self, engine: &mut Engine, session: &SessionFacts, owner: Option<&Entry>, patience: &mut Patience) {
        let hold = owner.is_some();
        let mut ui = Unattended::new(self, hold, None);
        // While it is gone on with, nobody else may decide on it.
        let Ok(running) = owner.map(|owner| self.begin(&owner.id, StageName::Stamped)).transpose() else {
            return;
        };
        // The authority that was chosen, as long as it is configured.
        let chosen = owner.and_then(|owner| owner.approval.as_ref()?.choices.tsa);
        let chosen = chosen.and_then(|index| Some(engine.config().tsa.get(index as usize)?.url.clone()));
        let tsa: Vec<String> = chosen.into_iter().collect();
        let outcome = engine.session_resume(session, &tsa, &mut ui);
        let (fault, stamped) = match outcome {
            Ok(None) => (None, false),
            Ok(Some(resumed)) => {
                let stamped = session.waits_for_stamp() && resumed.level >= session.wanted;
                (resumed.fault, stamped)
            }
            Err(fault) if fault.code == "store-busy" => return,
            Err(fault) => (Some(fault), false),
        };
        let fault = fault.filter(|fault| !matches!(fault.code.as_str(), "held" | "not-final-yet"));
        match &fault {
            None => {
                patience.went_on(&session.id);
                locked(&self.courier.next).remove(&session.id);
            }
            Some(_) => {
                let next = patience.failed(&session.id, self.options.courier_pause);
                locked(&self.courier.next).insert(session.id.clone(), next);
            }
        }
        drop(running);
        if let Some(owner) = owner {
            let at_session = session.stage > SessionStage::Prepared;
            self.note(owner, fault.as_ref(), at_session.then_some(&session.id));
            if stamped {
                self.person.event(DeskEvent::Stage {
                    contract: owner.id.clone(),
                    stage: StageName::Stamped,
                });
                self.person.notify("stamp-arrived", &owner.id, &owner.name);
            }
        }
    }

    /// Whether it is under way.
    fn deliver(&self, engine: &mut Engine, row: &OutboxRow, owner: Option<&Entry>, patience: &mut Patience) -> bool {
        let present = locked(&self.courier.present).remove(&row.id);
        let mut ui = Unattended::new(self, false, owner.filter(|_| present).map(|owner| owner.id.clone()));
        // Another program is at the outbox.
        let Ok(outcome) = engine.row_turn(&row.id, &mut ui) else {
            return true;
        };
        match &outcome.fault {
            None => {
                patience.went_on(&row.id);
                locked(&self.courier.next).remove(&row.id);
            }
            // The row itself says when, unless it could not even be tried.
            Some(_) if outcome.row.updated > row.updated => {
                locked(&self.courier.next).insert(row.id.clone(), outcome.row.next_try);
                patience.went_on(&row.id);
            }
            Some(_) => {
                let next = patience.failed(&row.id, self.options.courier_pause);
                locked(&self.courier.next).insert(row.id.clone(), next);
            }
        }
        let now = outcome.row.state;
        if let Some(owner) = owner {
            self.note(owner, outcome.fault.as_ref(), None);
            if now != row.state {
                self.tell_state(owner, now);
            }
        }
        outcome.fault.is_none() && !outcome.row.is_settled()
    }

    fn tell_state(&self, owner: &Entry, state: OutboxState) {
        let stage = match state {
            OutboxState::Signed | OutboxState::Broadcast | OutboxState::Included => Some(StageName::Submitted),
            OutboxState::Final | OutboxState::Adopted => Some(StageName::Final),
            _ => None,
        };
        if let Some(stage) = stage {
            self.person.event(DeskEvent::Stage {
                contract: owner.id.clone(),
                stage,
            });
        }
        self.tell_changed(Some(&owner.id));
        match state {
            OutboxState::Final | OutboxState::Adopted => self.person.notify("chain-final", &owner.id, &owner.name),
            OutboxState::Blocked | OutboxState::Violated => {
                self.person.notify("chain-blocked", &owner.id, &owner.name);
            }
            _ => {}
        }
    }

    /// Writes down why it did not go on, or that it did.
    fn note(&self, owner: &Entry, fault: Option<&Fault>, session: Option<&String>) {
        let shown = fault.map(FaultShown::from);
        let changed = self.change(&owner.id, |entry| {
            let news = entry.fault != shown;
            entry.fault = shown.clone();
            if let (Some(approval), Some(session)) = (&mut entry.approval, session) {
                approval.session = Some(session.clone());
            }
            news
        });
        match changed {
            Ok(true) => {
                if let Some(fault) = shown {
                    self.person.event(DeskEvent::Fault {
                        contract: Some(owner.id.clone()),
                        fault,
                    });
                }
            }
            Ok(false) => {}
            Err(fault) => self.person.event(DeskEvent::Fault {
                contract: Some(owner.id.clone()),
                fault,
            }),
        }
        self.tell_changed(Some(&owner.id));
    }

    fn owner_of(&self, session: &SessionFacts) -> Option<Entry> {
        let shelf = locked(&self.shelf);
        let owns = |entry: &&Entry| {
            entry.sha256 == session.source_sha256
                && entry.approval.as_ref().is_some_and(|approval| {
                    approval.output.display().to_string() == session.output.display().to_string()
                })
        };
        shelf.values().find(owns).cloned()
    }

    fn owner_of_row(&self, row: &OutboxRow) -> Option<Entry> {
        let index = self.index().ok()?;
        let entries: Vec<Entry> = locked(&self.shelf)
            .values()
            .filter(|entry| entry.approval.is_some())
            .cloned()
            .collect();
        let of_row = |entry: &Entry| {
            let stand = index.stand(entry);
            stand.records.iter().any(|record| record.id == row.submission.record_id)
        };
        entries.into_iter().find(of_row)
    }
}
