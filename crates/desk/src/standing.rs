//! Where a contract stands, told from the engine's store: sessions, records, outbox. Only what nobody else knows (a
//! rejection, an approval that waits for the token) comes from the desk's own entry.
//!
//! Not its business: going on with it (courier, signing).

use std::{collections::HashMap, path::Path, sync::Arc};

use countersign_engine::{
    Engine, RecordFacts, SessionFacts, SessionStage, Standing,
    ports::{OutboxRow, OutboxState},
};

use crate::{
    Desk,
    entry::Entry,
    running::locked,
    view::{ContractState, FaultShown},
};

/// An engine for short looks and short notes, with what it saw last.
pub(crate) struct Views {
    pub(crate) engine: Engine,
    seen: Option<(i64, Arc<Index>)>,
}

/// The store by output and approved digest, by which contracts find their own.
pub(crate) struct Index {
    standing: Standing,
    sessions: HashMap<(String, String), usize>,
    records: HashMap<(String, String), Vec<usize>>,
    rows: HashMap<String, Vec<usize>>,
}

/// What the store has of one contract.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stand {
    pub(crate) session: Option<SessionFacts>,
    /// Oldest first; the last one counts.
    pub(crate) records: Vec<RecordFacts>,
    pub(crate) row: Option<OutboxRow>,
}

impl Stand {
    pub(crate) fn record(&self) -> Option<&RecordFacts> {
        self.records.last()
    }

    /// A signature value exists.
    pub(crate) fn is_signed(&self) -> bool {
        !self.records.is_empty()
            || self
                .session
                .as_ref()
                .is_some_and(|session| session.stage > SessionStage::Prepared)
    }
}

impl Views {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, seen: None }
    }

    /// After this engine itself has written: its own changes do not show in the version.
    pub(crate) fn forget(&mut self) {
        self.seen = None;
    }

    fn index(&mut self) -> Result<Arc<Index>, FaultShown> {
        let version = self.engine.standing_version()?;
        if let Some((seen, index)) = &self.seen
            && *seen == version
        {
            return Ok(Arc::clone(index));
        }
        let index = Arc::new(Index::of(self.engine.standing()?));
        self.seen = Some((version, Arc::clone(&index)));
        Ok(index)
    }
}

fn key(output: &Path, sha256: &str) -> (String, String) {
    (output.display().to_string(), sha256.to_owned())
}

impl Index {
    fn of(standing: Standing) -> Self {
        let mut index = Self {
            sessions: HashMap::new(),
            records: HashMap::new(),
            rows: HashMap::new(),
            standing,
        };
        for (at, session) in index.standing.sessions.iter().enumerate() {
            index.sessions.insert(key(&session.output, &session.source_sha256), at);
        }
        for (at, record) in index.standing.records.iter().enumerate() {
            let records = index
                .records
                .entry(key(&record.output, &record.before_sha256))
                .or_default();
            records.push(at);
        }
        for (at, row) in index.standing.rows.iter().enumerate() {
            index.rows.entry(row.submission.record_id.clone()).or_default().push(at);
        }
        index
    }

    pub(crate) fn stand(&self, entry: &Entry) -> Stand {
        let Some(approval) = &entry.approval else {
            return Stand::default();
        };
        let key = key(&approval.output, &entry.sha256);
        let session = self.sessions.get(&key).and_then(|at| self.standing.sessions.get(*at));
        let records: Vec<RecordFacts> = self
            .records
            .get(&key)
            .into_iter()
            .flatten()
            .filter_map(|at| self.standing.records.get(*at).cloned())
            .collect();
        let rows = records.last().and_then(|record| self.rows.get(&record.id));
        let mut rows = rows.into_iter().flatten().filter_map(|at| self.standing.rows.get(*at));
        let wanted = approval.choices.endpoint.as_deref();
        let row = rows
            .find(|row| wanted.is_none_or(|wanted| row.endpoint == wanted))
            .cloned();
        Stand {
            session: session.cloned(),
            records,
            row,
        }
    }
}

impl Desk {
    pub(crate) fn index(&self) -> Result<Arc<Index>, FaultShown> {
        locked(&self.views).index()
    }

    pub(crate) fn stand(&self, entry: &Entry) -> Result<Stand, FaultShown> {
        Ok(self.index()?.stand(entry))
    }
}

/// Codes that do not go away by waiting, after the signature exists.
const FOR_A_PERSON: &[&str] = &[
    "contents-too-small",
    "input-missing",
    "not-extendable",
    "not-verified",
    "output-exists",
    "output-is-source",
    "output-missing",
    "output-not-writable",
    "record-unusable",
    "store-unusable",
];

/// `output_there`: the finished file is where it was put.
pub(crate) fn state(entry: &Entry, stand: &Stand, output_there: bool) -> ContractState {
    if entry.rejected.is_some() {
        return ContractState::Rejected;
    }
    let helpless = || {
        entry
            .fault
            .as_ref()
            .is_some_and(|fault| FOR_A_PERSON.contains(&fault.code.as_str()))
    };
    match (&stand.session, stand.record()) {
        (Some(session), _) if session.stage > SessionStage::Prepared => {
            if helpless() || (!output_there && session.stage == SessionStage::Recorded) {
                ContractState::NeedsAttention
            } else if session.stage == SessionStage::Recorded && !session.waits_for_stamp() {
                ContractState::WaitingForChain
            } else {
                ContractState::WaitingForStamp
            }
        }
        (_, Some(_)) if !output_there => ContractState::NeedsAttention,
        (_, Some(_)) => after_record(entry, stand.row.as_ref()),
        (_, None) if entry.approval.is_some() => ContractState::WaitingForToken,
        (_, None) => ContractState::ToReview,
    }
}

fn after_record(entry: &Entry, row: Option<&OutboxRow>) -> ContractState {
    let wanted = entry
        .approval
        .as_ref()
        .is_some_and(|approval| approval.choices.endpoint.is_some());
    match row {
        None if wanted => ContractState::NeedsAttention,
        None => ContractState::Done,
        Some(row) => match row.state {
            OutboxState::Final | OutboxState::Adopted => ContractState::Done,
            OutboxState::Blocked | OutboxState::Violated => ContractState::NeedsAttention,
            _ if row.held => ContractState::ReadyToSubmit,
            _ => ContractState::WaitingForChain,
        },
    }
}
