//! Contracts as cards, and the first screen.
//!
//! Not its business: the state (standing).

use std::{collections::HashMap, path::Path};

use countersign_engine::files::{self, FileMark};

use crate::{
    Desk,
    entry::Entry,
    running::locked,
    shelf::name_of,
    standing::{self, Stand},
    view::{ContractCard, ContractState, DeskView, FaultShown, SourceState},
};

impl Desk {
    /// Everything the first screen shows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn desk_view(&self) -> Result<DeskView, FaultShown> {
        let index = self.index()?;
        let mut entries: Vec<Entry> = locked(&self.shelf).values().cloned().collect();
        entries.sort_by(|one, other| other.added.cmp(&one.added).then_with(|| other.id.cmp(&one.id)));
        let contracts = entries
            .iter()
            .map(|entry| self.card_of(entry, &index.stand(entry)))
            .collect();
        let first_start = {
            let views = locked(&self.views);
            let config = views.engine.config();
            config.modules.is_empty() && config.tsa.is_empty()
        };
        Ok(DeskView {
            contracts,
            practice: self.practice,
            first_start,
        })
    }

    pub(crate) fn card(&self, id: &str) -> Result<ContractCard, FaultShown> {
        let entry = self.entry(id)?;
        let stand = self.stand(&entry)?;
        Ok(self.card_of(&entry, &stand))
    }

    pub(crate) fn state_of(&self, entry: &Entry, stand: &Stand) -> ContractState {
        let there = entry.approval.as_ref().is_none_or(|approval| approval.output.is_file());
        standing::state(entry, stand, there)
    }

    fn card_of(&self, entry: &Entry, stand: &Stand) -> ContractCard {
        let state = self.state_of(entry, stand);
        let output = entry.approval.as_ref().filter(|_| !stand.records.is_empty());
        ContractCard {
            id: entry.id.clone(),
            name: entry.name.clone(),
            added: entry.added.to_string(),
            changed: last_change(entry, stand),
            size: short(entry.size),
            pages: entry.pages,
            sha256: entry.sha256.clone(),
            state,
            running: self.stage_of(&entry.id),
            fault: fault_of(entry, stand, state),
            source: self.source_state(entry),
            output: output.map(|approval| name_of(&approval.output)),
            earlier_signatures: entry.earlier_signatures,
            rejected_because: entry.rejected.clone(),
        }
    }

    /// Looked at by its facts first; only when they differ it is read again, once.
    pub(crate) fn source_state(&self, entry: &Entry) -> SourceState {
        let Some(now) = files::mark(&entry.source) else {
            return SourceState::Missing;
        };
        if now == entry.mark {
            return SourceState::Unchanged;
        }
        if now.size != entry.size {
            return SourceState::Changed;
        }
        let known = locked(&self.sources).get(&entry.id).copied();
        if let Some((mark, sha256, state)) = known
            && mark == now
            && sha256 == entry.digest()
        {
            return state;
        }
        let state = compared(&entry.source, &entry.digest());
        if files::mark(&entry.source) == Some(now) {
            locked(&self.sources).insert(entry.id.clone(), (now, entry.digest(), state));
        }
        state
    }
}

impl Desk {
    /// Tells when the file of a contract that nobody has decided on is no longer the one that was added, or is it again.
    /// `told`: how each stood at the last look.
    pub(crate) fn look_at_sources(&self, told: &mut HashMap<String, SourceState>) {
        let undecided = |entry: &&Entry| entry.approval.is_none() && entry.rejected.is_none();
        let entries: Vec<Entry> = locked(&self.shelf).values().filter(undecided).cloned().collect();
        told.retain(|id, _| entries.iter().any(|entry| entry.id == *id));
        for entry in entries {
            let now = self.source_state(&entry);
            let before = told.insert(entry.id.clone(), now);
            if before.unwrap_or(SourceState::Unchanged) != now {
                self.tell_changed(Some(&entry.id));
            }
        }
    }
}

/// What a source was found to be, by its facts and the digest that it was compared with.
pub(crate) type KnownSource = (FileMark, [u8; 32], SourceState);

fn compared(source: &Path, sha256: &[u8; 32]) -> SourceState {
    match files::holds(source, sha256) {
        Ok(true) => SourceState::Unchanged,
        Ok(false) if files::mark(source).is_none() => SourceState::Missing,
        _ => SourceState::Changed,
    }
}

/// The window counts in 32 bits.
pub(crate) fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn last_change(entry: &Entry, stand: &Stand) -> String {
    let updated = [
        stand.session.as_ref().map(|session| session.updated),
        stand.row.as_ref().map(|row| row.updated),
    ];
    updated.into_iter().flatten().fold(entry.changed, Ord::max).to_string()
}

fn fault_of(entry: &Entry, stand: &Stand, state: ContractState) -> Option<FaultShown> {
    if state == ContractState::Done || state == ContractState::ReadyToSubmit {
        return None;
    }
    let of_row = || {
        let code = stand
            .row
            .as_ref()
            .map(|row| row.last_fault.as_str())
            .filter(|code| !code.is_empty());
        code.map(|code| FaultShown::new(code, "submit"))
    };
    let gone = || {
        let approval = entry.approval.as_ref()?;
        let gone = state == ContractState::NeedsAttention && !stand.records.is_empty() && !approval.output.is_file();
        gone.then(|| FaultShown::new("output-missing", "embed").with("output", name_of(&approval.output)))
    };
    gone().or_else(|| entry.fault.clone()).or_else(of_row)
}
