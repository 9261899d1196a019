//! Reading a contract: its facts, what was seen of it, turning it down.
//!
//! The facts are found in a thread of their own, from the private copy, and kept beside it. Not its business: the approval
//! (signing).

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use countersign_engine::{VerifyFile, files};

use crate::{
    Desk,
    draft::Draft,
    entry::Entry,
    report,
    running::Running,
    sheet::Facts,
    standing::Stand,
    view::{ContractState, FaultShown, ReviewSheet, StageName},
};

/// File with the facts in a contract's folder.
const FACTS: &str = "review.json";
/// Between two looks whether another request has come to its end.
const TURN: Duration = Duration::from_millis(50);
/// Of what the window's reader says of a page so much is kept.
const WARNING: usize = 300;
/// Of the reason for a rejection.
const REASON: usize = 2000;

impl Desk {
    /// All facts of a contract. Slow the first time; `work_cancel` ends the waiting.
    ///
    /// # Errors
    /// When it cannot be read well enough to be shown; `cancelled`.
    pub fn review_open(&self, contract: &str) -> Result<ReviewSheet, FaultShown> {
        let entry = self.entry(contract)?;
        let facts = self.facts_in_turn(&entry)?;
        self.sheet(contract, facts)
    }

    fn sheet(&self, contract: &str, facts: Facts) -> Result<ReviewSheet, FaultShown> {
        let entry = self.entry(contract)?;
        // Trust depends on the settings and on the day: it is judged anew.
        let signatures = if facts.signature_count() > 0 {
            let file = entry.file(&self.shelf_folder());
            let judged = self.reading.run(
                || true,
                move |engine| {
                    engine.verify(&VerifyFile {
                        file,
                        ..VerifyFile::default()
                    })
                },
            )??;
            judged.0.signatures.iter().map(report::signature).collect()
        } else {
            Vec::new()
        };
        let picture_fault = if facts.sizes.is_empty() {
            self.picture_facts(&entry).err()
        } else {
            None
        };
        Ok(ReviewSheet {
            card: self.card(contract)?,
            sha256: entry.sha256.clone(),
            sm3: entry.sm3.clone(),
            pages: facts.pages(),
            page_sizes: facts.sizes.clone(),
            pdf_version: facts.pdf_version(),
            encrypted: facts.encrypted(),
            revisions: facts.revisions(),
            fields: facts.fields(),
            findings: facts.findings(),
            signatures,
            signable: facts.signable(),
            refusals: facts.refusals(),
            seen: entry.seen.iter().copied().collect(),
            all_pages_must_be_seen: self.all_pages_must_be_seen(),
            unreviewable: entry.warnings.keys().copied().collect(),
            seen_as_picture: entry.seen_as_picture.iter().copied().collect(),
            picture_fault,
        })
    }

    /// The facts, as they were kept by this very program for these very octets.
    pub(crate) fn known_facts(&self, entry: &Entry) -> Option<Facts> {
        let octets = std::fs::read(entry.folder(&self.shelf_folder()).join(FACTS)).ok()?;
        let facts: Facts = serde_json::from_slice(&octets).ok()?;
        (facts.program == env!("CARGO_PKG_VERSION") && facts.sha256 == entry.sha256).then_some(facts)
    }

    /// The facts; where another request is finding them at this moment, that one's.
    pub(crate) fn facts_in_turn(&self, entry: &Entry) -> Result<Facts, FaultShown> {
        loop {
            if let Some(facts) = self.known_facts(entry) {
                return Ok(facts);
            }
            match self.begin(&entry.id, StageName::Opened) {
                Ok(running) => return self.find_facts(entry, &running),
                Err(fault) if fault.code != "busy" => return Err(fault),
                Err(_) => std::thread::sleep(TURN),
            }
        }
    }

    pub(crate) fn facts(&self, entry: &Entry, running: &Running) -> Result<Facts, FaultShown> {
        self.known_facts(entry)
            .map_or_else(|| self.find_facts(entry, running), Ok)
    }

    fn find_facts(&self, entry: &Entry, running: &Running) -> Result<Facts, FaultShown> {
        self.tell_progress(&entry.id, "review", 0, 0);
        let file = entry.file(&self.shelf_folder());
        let cancel = Arc::clone(running.cancel());
        let go_on = || !cancel.load(Ordering::Relaxed);
        let inspect = self.reading.run(go_on, move |engine| engine.inspect(&file))??;
        let seen = inspect.pointer("/file/sha256").and_then(serde_json::Value::as_str);
        if seen != Some(&entry.sha256) {
            // The private copy is not what was taken any more.
            return Err(FaultShown::new("store-unusable", "review").with("contract", entry.id.as_str()));
        }
        let facts = Facts {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            sha256: entry.sha256.clone(),
            inspect,
            sizes: self.picture_facts(entry).unwrap_or_default(),
        };
        if let Ok(octets) = serde_json::to_vec(&facts) {
            // Only a shortcut for the next time.
            let _ = files::write_private(&entry.folder(&self.shelf_folder()).join(FACTS), &octets);
        }
        self.change(&entry.id, |entry| {
            entry.pages = Some(facts.pages());
            entry.earlier_signatures = facts.signature_count();
        })?;
        self.tell_changed(Some(&entry.id));
        Ok(facts)
    }

    pub(crate) fn all_pages_must_be_seen(&self) -> bool {
        let views = crate::running::locked(&self.views);
        views.engine.config().signing.render_all_pages_before_signing
    }

    /// Notes that a page was seen; `picture`: the signing engine's own picture of it.
    ///
    /// # Errors
    /// `contract-unknown`, `page-missing`.
    pub fn review_seen(&self, contract: &str, page: u32, picture: bool) -> Result<(), FaultShown> {
        let entry = self.entry(contract)?;
        if page == 0 || entry.pages.is_some_and(|pages| page > pages) {
            return Err(FaultShown::new("page-missing", "review").with("page", page.to_string()));
        }
        self.change(contract, |entry| {
            entry.seen.insert(page);
            if picture {
                entry.seen_as_picture.insert(page);
            }
        })
    }

    /// The window's reader could not show everything of a page: it counts as seen only by the signing engine's picture.
    ///
    /// # Errors
    /// `contract-unknown`.
    pub fn page_warning(&self, contract: &str, page: u32, text: &str) -> Result<(), FaultShown> {
        let kept = countersign_plain_text::bounded(text, WARNING);
        self.change(contract, |entry| {
            if entry.pages.is_none_or(|pages| (1..=pages).contains(&page)) {
                entry.warnings.insert(page, kept);
            }
        })
    }

    /// Turns it down.
    ///
    /// # Errors
    /// `not-now` once something was signed.
    pub fn review_reject(&self, contract: &str, reason: &str) -> Result<(), FaultShown> {
        let (_, _running) = self.undecided(contract)?;
        let reason: String = reason.trim().chars().take(REASON).collect();
        self.change(contract, |entry| {
            entry.rejected = Some(reason);
            entry.approval = None;
            entry.fault = None;
        })?;
        self.tell_changed(Some(contract));
        Ok(())
    }

    /// Takes a rejection back.
    ///
    /// # Errors
    /// `contract-unknown`.
    pub fn review_reopen(&self, contract: &str) -> Result<(), FaultShown> {
        self.change(contract, |entry| entry.rejected = None)?;
        self.tell_changed(Some(contract));
        Ok(())
    }

    /// Takes the file anew as it is on disk now. What was seen, approved or rejected was another file.
    ///
    /// # Errors
    /// `not-now` once something was signed; when the file cannot be taken.
    pub fn review_refresh(&self, contract: &str) -> Result<ReviewSheet, FaultShown> {
        let (entry, running) = self.undecided(contract)?;
        let shelf = self.shelf_folder();
        let beside = shelf.join(files::fresh_id());
        let taken = self.take(&entry.source, contract, &beside, running.cancel());
        let clear = |fault| {
            let _ = std::fs::remove_dir_all(&beside);
            fault
        };
        let taken = taken.map_err(clear)?;
        let unusable = |error: std::io::Error| clear(FaultShown::new("store-unusable", "open").because(&error));
        self.pictures_forget(contract);
        // The new copy has its own folder until everything is known of it; then it takes the old one's place.
        let fresh = Entry {
            id: entry.id.clone(),
            added: entry.added,
            chosen_output: entry.chosen_output.clone(),
            ..taken
        };
        let name = format!("{}-{}", crate::entry::COPY, fresh.sha256.get(..16).unwrap_or_default());
        let copy = std::path::Path::new(&name).join(fresh.copy.file_name().unwrap_or_default());
        let target = entry.folder(&shelf).join(&name);
        let _ = std::fs::remove_dir_all(&target);
        std::fs::rename(beside.join(crate::entry::COPY), &target).map_err(unusable)?;
        let _ = std::fs::remove_dir_all(&beside);
        let old = entry.file(&shelf);
        self.change(contract, |entry| {
            // Words stay; a field and a place were those of the other file.
            let draft = entry.draft.take().map(Draft::elsewhere);
            *entry = Entry { copy, draft, ..fresh };
        })?;
        if old != self.entry(contract)?.file(&shelf) {
            let _ = std::fs::remove_file(old);
        }
        crate::running::locked(&self.sources).remove(contract);
        drop(running);
        self.tell_changed(Some(contract));
        self.review_open(contract)
    }

    /// Nothing was signed, and nothing runs.
    pub(crate) fn undecided(&self, contract: &str) -> Result<(Entry, Running), FaultShown> {
        let running = self.begin(contract, StageName::Opened)?;
        let entry = self.entry(contract)?;
        let stand: Stand = self.stand(&entry)?;
        match self.state_of(&entry, &stand) {
            ContractState::ToReview | ContractState::WaitingForToken | ContractState::Rejected => Ok((entry, running)),
            _ => Err(FaultShown::new("not-now", "review").with("contract", contract)),
        }
    }
}
