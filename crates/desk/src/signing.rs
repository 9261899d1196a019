//! The approval and what follows from it: checked at once, carried out in the thread that owns the tokens.
//!
//! The approval is on disk before anything is signed, so that neither a missing token nor a crash loses it. Not its
//! business: the steps (engine), what waits afterwards (courier).

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use countersign_engine::{
    Appearance, Engine, Fault, Intent, Level, Measured, Output, SignRequest, SignResult, SigningChoices,
};
use jiff::Timestamp;

use crate::{
    Desk,
    asking::Asking,
    entry::{Approval, Entry},
    running::{Running, locked},
    view::{DeskEvent, FaultShown, SignChoices, SourceState, StageName},
};

impl Desk {
    /// The approval. Returns once it is checked and kept; the rest is told by events.
    ///
    /// # Errors
    /// `pages-not-seen`, `page-not-reviewable`, `changed-since-review`, `content-blocked`, `credential-gone`, `busy`,
    /// `not-now`, and what stands against the choices.
    pub fn sign_start(&self, choices: &SignChoices) -> Result<(), FaultShown> {
        let contract = choices.contract.as_str();
        let running = self.begin(contract, StageName::Approved)?;
        let entry = self.entry(contract)?;
        if let Some(fault) = locked(&self.config_fault).clone() {
            return Err(fault);
        }
        if !self.is_open(&entry)? {
            return Err(FaultShown::new("not-now", "approve").with("contract", contract));
        }
        let facts = self.facts(&entry, &running)?;
        self.was_seen(&self.entry(contract)?, facts.pages())?;
        self.is_what_was_shown(&entry, choices)?;
        let open: Vec<String> = facts
            .blocking()
            .into_iter()
            .filter(|code| !choices.accepted.contains(code))
            .collect();
        if !open.is_empty() {
            return Err(FaultShown::new("content-blocked", "approve").with("codes", open.join(" ")));
        }
        level_of(choices)?;
        self.means_exist(choices)?;
        let uri = self.credential_uri(choices, &entry)?;
        let approval = Approval {
            output: self.output_for(&entry)?,
            choices: choices.clone(),
            uri,
            at: Timestamp::now(),
            session: None,
            field: None,
        };
        let draft = self.draft_from(choices);
        self.change(contract, |entry| {
            entry.approval = Some(approval);
            entry.draft = Some(draft);
            entry.rejected = None;
            entry.fault = None;
        })?;
        crate::window::remember_credential(&self.home, &choices.credential);
        self.tell_changed(Some(contract));
        let desk = self.me.clone();
        let id = contract.to_owned();
        self.signing.give(move |engine| {
            // Closed meanwhile: the approval waits on disk.
            let Some(desk) = desk.upgrade() else { return };
            desk.sign_now(engine, &id, &running);
            drop(running);
            desk.courier.nudge();
            desk.tell_changed(Some(&id));
        })
    }

    fn was_seen(&self, entry: &Entry, pages: u32) -> Result<(), FaultShown> {
        let missing = |pages: Vec<u32>, code: &str| match pages.is_empty() {
            true => Ok(()),
            false => {
                let first: Vec<String> = pages.iter().take(20).map(u32::to_string).collect();
                Err(FaultShown::new(code, "approve")
                    .with("pages", first.join(" "))
                    .with("count", pages.len().to_string()))
            }
        };
        let unshown = entry
            .warnings
            .keys()
            .copied()
            .filter(|page| !entry.seen_as_picture.contains(page));
        missing(unshown.collect(), "page-not-reviewable")?;
        if self.all_pages_must_be_seen() {
            missing(
                (1..=pages).filter(|page| !entry.seen.contains(page)).collect(),
                "pages-not-seen",
            )?;
        }
        Ok(())
    }

    /// What the window showed, what is in the private copy and what is on disk are one and the same.
    fn is_what_was_shown(&self, entry: &Entry, choices: &SignChoices) -> Result<(), FaultShown> {
        let changed = |what: &str| {
            FaultShown::new("changed-since-review", "approve")
                .with("reviewed", entry.sha256.as_str())
                .with("what", what)
        };
        if choices.sha256 != entry.sha256 {
            return Err(changed("shown").with("approved", choices.sha256.as_str()));
        }
        if self.source_state(entry) == SourceState::Changed {
            return Err(changed("source"));
        }
        Ok(())
    }

    fn means_exist(&self, choices: &SignChoices) -> Result<(), FaultShown> {
        let views = locked(&self.views);
        let config = views.engine.config();
        if let Some(name) = choices
            .endpoint
            .as_ref()
            .filter(|name| !config.endpoints.contains_key(*name))
        {
            return Err(FaultShown::new("endpoint-unknown", "submit").with("endpoint", name.as_str()));
        }
        if let Some(index) = choices.tsa.filter(|index| config.tsa.get(*index as usize).is_none()) {
            return Err(FaultShown::new("tsa-not-configured", "timestamp").with("index", index.to_string()));
        }
        Ok(())
    }

    /// In the thread that owns the tokens.
    fn sign_now(&self, engine: &mut Engine, id: &str, running: &Running) {
        let Ok(entry) = self.entry(id) else { return };
        let Some(approval) = entry.approval.clone() else { return };
        let result = match self.request(engine, &entry, &approval) {
            Ok(request) => {
                let mut ui = Asking::new(self, id.to_owned(), Arc::clone(running.cancel()));
                let report = engine.sign(&request, &mut ui);
                drop(ui);
                report.results.into_iter().next().unwrap_or_default()
            }
            Err(fault) => SignResult {
                error: Some(fault),
                ..SignResult::default()
            },
        };
        self.signed(&entry, &result, running);
    }

    fn request(&self, engine: &Engine, entry: &Entry, approval: &Approval) -> Result<SignRequest, Fault> {
        let choices = &approval.choices;
        if self.source_state(entry) == SourceState::Changed {
            return Err(
                Fault::new(countersign_engine::SigningStage::Approve, "changed-since-review")
                    .with("reviewed", entry.sha256.as_str()),
            );
        }
        let (endpoint, payload) = match &choices.endpoint {
            Some(name) => engine.endpoint_choice(Some(name), None)?,
            None => Default::default(),
        };
        let tsa = choices.tsa.and_then(|index| engine.config().tsa.get(index as usize));
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(SignRequest {
            inputs: vec![entry.file(&self.shelf_folder())],
            output: Output::File(approval.output.clone()),
            credential: approval.uri.clone(),
            choices: SigningChoices {
                level: level_of(choices).unwrap_or(Level::BT),
                field: choices.field.clone().filter(|_| choices.place.is_none()),
                visible: choices.place.map(|place| Appearance {
                    page: place.page,
                    rect: [place.x, place.y, place.width, place.height],
                    measured: Measured::OnPage,
                    png: None,
                    lines: Vec::new(),
                    fonts: Vec::new(),
                }),
                reason: given(&choices.reason),
                location: given(&choices.location),
                intent: Intent {
                    endpoint,
                    payload,
                    ..Intent::default()
                },
                ..SigningChoices::default()
            },
            certificate: None,
            reviewed: Some(entry.digest()),
            accepted: choices.accepted.iter().cloned().collect::<BTreeSet<_>>(),
            tsa: tsa.map(|tsa| tsa.url.clone()).into_iter().collect(),
            trust: Vec::new(),
            offline: false,
            overwrite: false,
            wait: Duration::ZERO,
        })
    }

    /// What came of it. Whether a signature exists is asked of the store, not of the result.
    fn signed(&self, entry: &Entry, result: &SignResult, running: &Running) {
        let looked = self.stand(entry);
        // A store that cannot be read now may hold a signature: then nothing is taken back.
        let unknown = looked.is_err();
        let stand = looked.unwrap_or_default();
        let fault = result
            .error
            .as_ref()
            .filter(|fault| !matches!(fault.code.as_str(), "held" | "not-final-yet"));
        let shown = fault.map(FaultShown::from);
        // A desk that closes takes nothing back.
        let withdrawn = running.cancel().load(std::sync::atomic::Ordering::Relaxed) && self.still_open().is_ok();
        let kept = unknown
            || stand.is_signed()
            || shown.as_ref().is_none_or(|fault| waits_for_token(&fault.code)) && !withdrawn;
        let changed = self.change(&entry.id, |entry| {
            entry.fault = shown.clone().filter(|_| !withdrawn || stand.is_signed());
            match &mut entry.approval {
                Some(approval) if kept => {
                    if stand.is_signed() && !result.session.is_empty() {
                        approval.session = Some(result.session.clone());
                        approval.field = Some(result.field.clone()).filter(|field| !field.is_empty());
                    }
                }
                approval => *approval = None,
            }
        });
        // A signature that is there, but does not look as it was meant to.
        let notes = result.notes.iter().filter_map(|note| {
            let fault = FaultShown::new(note.get("code")?.as_str()?, "prepare");
            let characters = note.get("characters").and_then(|characters| characters.as_str());
            Some(fault.with("characters", characters.unwrap_or_default()))
        });
        for fault in shown
            .into_iter()
            .filter(|_| !withdrawn)
            .chain(changed.err())
            .chain(notes)
        {
            self.person.event(DeskEvent::Fault {
                contract: Some(entry.id.clone()),
                fault,
            });
        }
        for stage in reached(&stand) {
            self.person.event(DeskEvent::Stage {
                contract: entry.id.clone(),
                stage,
            });
        }
    }

    /// Stops what runs, where it can be stopped; an approval that waits for its token is taken back.
    ///
    /// # Errors
    /// `contract-unknown`.
    pub fn work_cancel(&self, contract: &str) -> Result<(), FaultShown> {
        if let Some(work) = locked(&self.running).get(contract) {
            work.cancel.store(true, std::sync::atomic::Ordering::Relaxed);
            return Ok(());
        }
        let entry = self.entry(contract)?;
        if entry.approval.is_some() && !self.stand(&entry)?.is_signed() {
            self.change(contract, |entry| {
                entry.approval = None;
                entry.fault = None;
            })?;
            self.tell_changed(Some(contract));
        }
        Ok(())
    }
}

fn level_of(choices: &SignChoices) -> Result<Level, FaultShown> {
    match choices.level.as_str() {
        "B-B" => Ok(Level::BB),
        "B-T" => Ok(Level::BT),
        other => Err(FaultShown::new("level-unsupported", "prepare").with("level", other)),
    }
}

/// The token, or the person with its PIN, was not there: the approval stands, one click goes on.
fn waits_for_token(code: &str) -> bool {
    code.starts_with("pin-")
        || code.starts_with("token-")
        || code.starts_with("module-")
        || matches!(
            code,
            "cancelled" | "credential-missing" | "credential-ambiguous" | "store-busy"
        )
}

/// What is told only once it stands in a record.
fn reached(stand: &crate::standing::Stand) -> Vec<StageName> {
    let stamped = stand.record().is_some_and(|record| !record.gen_time.is_empty());
    let told = [
        (stamped, StageName::Stamped),
        (stand.record().is_some(), StageName::Recorded),
    ];
    told.into_iter().filter(|(so, _)| *so).map(|(_, stage)| stage).collect()
}
