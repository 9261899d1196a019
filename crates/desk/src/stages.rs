//! The stages of an approval: how each stands, since when, and what it proves.
//!
//! Not its business: reading the store (receipt), going on (courier).

use std::collections::BTreeMap;

use countersign_engine::{Level, SessionStage, common_name, ports::OutboxState, subjects};
use jiff::Timestamp;

use crate::{
    Desk,
    entry::Entry,
    standing::Stand,
    view::{FaultShown, StageEntry, StageName, StageState},
};

/// What the trace tells of one contract, by kind.
#[derive(Default)]
pub(crate) struct Told(pub(crate) Vec<(String, Timestamp, BTreeMap<String, String>)>);

impl Told {
    fn last(&self, kind: &str) -> Option<&(String, Timestamp, BTreeMap<String, String>)> {
        self.0.iter().rev().find(|(known, ..)| known == kind)
    }

    fn at(&self, kind: &str) -> Option<String> {
        self.last(kind).map(|(_, at, _)| at.to_string())
    }

    fn detail(&self, kind: &str, key: &str) -> Option<String> {
        self.last(kind).and_then(|(.., detail)| detail.get(key).cloned())
    }
}

/// The stages of one contract.
pub(crate) struct Stages<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) stand: &'a Stand,
    pub(crate) told: &'a Told,
    pub(crate) running: Option<StageName>,
    pub(crate) desk: &'a Desk,
}

impl Stages<'_> {
    pub(crate) fn all(&self) -> Vec<StageEntry> {
        let opened = StageEntry {
            at: Some(self.entry.added.to_string()),
            facts: facts([
                ("sha256", Some(self.entry.sha256.clone())),
                ("sm3", Some(self.entry.sm3.clone())),
                ("size", Some(self.entry.size.to_string())),
            ]),
            ..self.stage(StageName::Opened, StageState::Done)
        };
        let approval = self.entry.approval.as_ref();
        let approved = StageEntry {
            at: self
                .told
                .at("approve")
                .or_else(|| approval.map(|approval| approval.at.to_string())),
            facts: facts([("accepted", approval.map(|one| one.choices.accepted.join(" ")))]),
            ..self.stage(
                StageName::Approved,
                if approval.is_some() {
                    StageState::Done
                } else {
                    StageState::Waiting
                },
            )
        };
        let mut stages = vec![opened, approved, self.signed(), self.stamped()];
        stages.extend(self.put_out());
        stages.extend([self.submitted(), self.final_one()]);
        // The reason why it does not go on stands at the first stage that waits.
        let waits = |stage: &&mut StageEntry| matches!(stage.state, StageState::Waiting | StageState::Failed);
        if let (Some(stage), Some(fault)) = (stages.iter_mut().find(waits), &self.entry.fault) {
            stage.fault = Some(fault.clone());
        }
        stages
    }

    fn stage(&self, stage: StageName, state: StageState) -> StageEntry {
        let state = if state != StageState::Done && self.running == Some(stage) {
            StageState::Running
        } else {
            state
        };
        StageEntry {
            stage,
            state,
            at: None,
            facts: BTreeMap::new(),
            fault: None,
            next_try: None,
        }
    }

    /// `Done` when it is; else its turn has come, or not.
    fn reached(done: bool, turn: bool) -> StageState {
        match (done, turn) {
            (true, _) => StageState::Done,
            (false, true) => StageState::Waiting,
            (false, false) => StageState::Ahead,
        }
    }

    fn session_stage(&self) -> Option<SessionStage> {
        self.stand.session.as_ref().map(|session| session.stage)
    }

    fn signed(&self) -> StageEntry {
        let done = self.stand.is_signed();
        let record = self.stand.record();
        let subject = record.and_then(|record| subjects(&record.certificate).ok()?.into_iter().next());
        StageEntry {
            at: self.told.at("sign").filter(|_| done),
            facts: facts([
                ("signer", subject.as_deref().map(common_name)),
                ("algorithm", record.map(|record| record.algorithm.clone())),
                (
                    "certificate_sha256",
                    record.map(|record| record.certificate_sha256.clone()),
                ),
            ]),
            ..self.stage(StageName::Signed, Self::reached(done, self.entry.approval.is_some()))
        }
    }

    fn stamped(&self) -> StageEntry {
        let Some(approval) = &self.entry.approval else {
            return self.stage(StageName::Stamped, StageState::Ahead);
        };
        if approval.choices.level == "B-B" {
            return self.stage(StageName::Stamped, StageState::NotWanted);
        }
        let stamp = self
            .stand
            .record()
            .map(|record| record.gen_time.clone())
            .filter(|time| !time.is_empty());
        let sealed = self.stand.session.as_ref().and_then(|session| session.level) >= Some(Level::BT);
        let done = stamp.is_some() || sealed;
        StageEntry {
            facts: facts([
                ("gen_time", stamp.clone()),
                ("tsa", self.told.detail("timestamp", "tsa").filter(|_| done)),
            ]),
            at: stamp,
            next_try: self.next_try().filter(|_| !done),
            ..self.stage(StageName::Stamped, Self::reached(done, self.stand.is_signed()))
        }
    }

    fn put_out(&self) -> [StageEntry; 2] {
        let record = self.stand.record();
        let turn = self.session_stage() > Some(SessionStage::Prepared);
        [
            StageEntry {
                at: self.told.at("embed").filter(|_| record.is_some()),
                facts: facts([
                    ("sha256", record.map(|record| record.sha256.clone())),
                    ("level", record.map(|record| record.level.clone())),
                ]),
                ..self.stage(StageName::Embedded, Self::reached(record.is_some(), turn))
            },
            StageEntry {
                at: self.told.at("record").filter(|_| record.is_some()),
                facts: facts([
                    ("evidence", record.map(|record| record.evidence.clone())),
                    ("record_id", record.map(|record| record.id.clone())),
                    ("prev", record.map(|record| record.prev.clone())),
                ]),
                ..self.stage(StageName::Recorded, Self::reached(record.is_some(), turn))
            },
        ]
    }

    fn wants_endpoint(&self) -> bool {
        self.entry
            .approval
            .as_ref()
            .is_none_or(|approval| approval.choices.endpoint.is_some())
    }

    fn submitted(&self) -> StageEntry {
        let Some(row) = &self.stand.row else {
            let state = if self.wants_endpoint() {
                StageState::Ahead
            } else {
                StageState::NotWanted
            };
            return self.stage(StageName::Submitted, state);
        };
        let state = match row.state {
            OutboxState::Blocked => StageState::Failed,
            OutboxState::Queued | OutboxState::Signed => StageState::Waiting,
            _ => StageState::Done,
        };
        StageEntry {
            at: self.told.at("submit").filter(|_| state == StageState::Done),
            facts: facts([
                ("endpoint", Some(row.endpoint.clone())),
                ("transaction", row.attempts.last().map(|attempt| attempt.id.clone())),
                ("held", row.held.then(|| "true".to_owned())),
            ]),
            fault: Some(row.last_fault.as_str())
                .filter(|code| !code.is_empty())
                .map(|code| FaultShown::new(code, "submit")),
            next_try: self.next_try().filter(|_| state == StageState::Waiting && !row.held),
            ..self.stage(StageName::Submitted, state)
        }
    }

    fn final_one(&self) -> StageEntry {
        let Some(row) = &self.stand.row else {
            let state = if self.wants_endpoint() {
                StageState::Ahead
            } else {
                StageState::NotWanted
            };
            return self.stage(StageName::Final, state);
        };
        let state = match row.state {
            OutboxState::Final | OutboxState::Adopted => StageState::Done,
            OutboxState::Violated => StageState::Failed,
            OutboxState::Broadcast | OutboxState::Included => StageState::Waiting,
            _ => StageState::Ahead,
        };
        let told = ["final", "included"].into_iter().find_map(|kind| self.told.at(kind));
        StageEntry {
            at: told.filter(|_| state == StageState::Done),
            facts: facts([
                ("block_number", row.block_number.map(|number| number.to_string())),
                ("block_hash", row.block_hash.clone()),
                (
                    "adopted",
                    (row.state == OutboxState::Adopted).then(|| "true".to_owned()),
                ),
            ]),
            ..self.stage(StageName::Final, state)
        }
    }

    fn next_try(&self) -> Option<String> {
        let session = self.stand.session.as_ref().map(|session| session.id.as_str());
        let row = self.stand.row.as_ref().map(|row| row.id.as_str());
        let noted = session.or(row).and_then(|key| self.desk.courier.next_try(key));
        noted.map(|at| at.to_string())
    }
}

fn facts<const N: usize>(known: [(&str, Option<String>); N]) -> BTreeMap<String, String> {
    let told = known
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    told.filter(|(_, value)| !value.is_empty()).collect()
}
