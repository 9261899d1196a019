//! What became of an approval: each stage, its time, what it proves, what is still to come.
//!
//! Times and facts come from the trace and the records, not from the desk. Not its business: going on (courier).

use std::path::PathBuf;

use countersign_engine::ports::OutboxState;

use crate::{
    Desk,
    entry::Entry,
    running::locked,
    stages::{Stages, Told},
    standing::Stand,
    view::{ContractState, FaultShown, Receipt, VerifyView},
};

impl Desk {
    /// What became of an approval.
    ///
    /// # Errors
    /// `contract-unknown`; when the store cannot be read.
    pub fn receipt_view(&self, contract: &str) -> Result<Receipt, FaultShown> {
        let card = self.card(contract)?;
        let entry = self.entry(contract)?;
        let stand = self.stand(&entry)?;
        let told = self.told(&entry, &stand)?;
        let endpoint = stand.row.as_ref().map(|row| row.endpoint.clone());
        let payload = match (&stand.row, &endpoint) {
            (Some(row), Some(endpoint)) => Some(self.payload_view(endpoint, Some(&row.submission.payload))?),
            _ => None,
        };
        let wanted = entry.approval.as_ref().map(|approval| approval.choices.level.clone());
        let record = stand.record();
        let may_retry = card.running.is_none()
            && match card.state {
                ContractState::WaitingForStamp | ContractState::WaitingForChain => true,
                ContractState::NeedsAttention => {
                    stand.row.as_ref().is_some_and(|row| row.state == OutboxState::Blocked) || stand.session.is_some()
                }
                _ => false,
            };
        Ok(Receipt {
            stages: Stages {
                entry: &entry,
                stand: &stand,
                told: &told,
                running: card.running,
                desk: self,
            }
            .all(),
            sha256_after: record.map(|record| record.sha256.clone()),
            field: entry.approval.as_ref().and_then(|approval| approval.field.clone()),
            level: record.map(|record| record.level.clone()),
            level_wanted: wanted,
            evidence: record.map(|record| record.evidence.clone()),
            record_id: record.map(|record| record.id.clone()),
            payload,
            may_submit: stand.row.as_ref().is_some_and(|row| row.held),
            may_retry,
            practice: self.practice,
            card,
        })
    }

    fn told(&self, entry: &Entry, stand: &Stand) -> Result<Told, FaultShown> {
        let session = stand.session.as_ref().map(|session| session.id.clone());
        let session = session.or_else(|| entry.approval.as_ref()?.session.clone());
        let mut told = Told::default();
        let mut views = locked(&self.views);
        for id in session.iter().chain(stand.row.as_ref().map(|row| &row.id)) {
            let events = views.engine.trace_of(id)?;
            told.0
                .extend(events.into_iter().map(|event| (event.kind, event.at, event.detail)));
        }
        Ok(told)
    }

    /// The person's word: the payload goes.
    ///
    /// # Errors
    /// `not-now` when nothing waits for it.
    pub fn receipt_submit(&self, contract: &str) -> Result<(), FaultShown> {
        let entry = self.entry(contract)?;
        let row = self.stand(&entry)?.row.filter(|row| row.held);
        let row = row.ok_or_else(|| FaultShown::new("not-now", "submit").with("contract", contract))?;
        self.with_views(|engine| engine.outbox_release(&row.id).map(drop))?;
        self.courier.nudge_for(&row.id);
        self.tell_changed(Some(contract));
        Ok(())
    }

    /// Tries again now what waits.
    ///
    /// # Errors
    /// `not-now` when nothing does.
    pub fn receipt_retry(&self, contract: &str) -> Result<(), FaultShown> {
        let entry = self.entry(contract)?;
        let stand = self.stand(&entry)?;
        match (&stand.session, &stand.row) {
            (Some(session), _) => self.courier.hurry(&session.id),
            (None, Some(row)) if !row.held => {
                self.with_views(|engine| engine.outbox_retry(&row.id).map(drop))?;
                self.courier.nudge_for(&row.id);
            }
            _ => return Err(FaultShown::new("not-now", "submit").with("contract", contract)),
        }
        self.tell_changed(Some(contract));
        Ok(())
    }

    /// Judges the signed file, and asks the endpoint that it was submitted to.
    ///
    /// # Errors
    /// `output-missing`; when nothing could be examined.
    pub fn receipt_verify(&self, contract: &str) -> Result<VerifyView, FaultShown> {
        let output = self.output_path(contract)?;
        self.judge(&output, true)
    }

    /// Where the signed file is; for the shell only.
    ///
    /// # Errors
    /// `output-missing`.
    pub fn output_path(&self, contract: &str) -> Result<PathBuf, FaultShown> {
        let entry = self.entry(contract)?;
        let output = entry
            .approval
            .map(|approval| approval.output)
            .filter(|output| output.is_file());
        output.ok_or_else(|| FaultShown::new("output-missing", "embed").with("contract", contract))
    }
}
