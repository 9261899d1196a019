//! The desk's face: one method for each command of the window.
//!
//! Every method may block for as long as its work takes. Not its business: dialogs and windows.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::{Person, view::*};

/// What the desk must know of the program that it is part of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Program that draws pages when it is started with `countersign_render::WORKER_ARGUMENT`.
    pub renderer_program: PathBuf,
    /// Between two rounds of the courier while something waits.
    pub courier_pause: Duration,
}

impl Options {
    /// The usual ones.
    #[must_use]
    pub fn new(renderer_program: PathBuf) -> Self {
        Self {
            renderer_program,
            courier_pause: Duration::from_secs(5),
        }
    }
}

/// The desk.
pub struct Desk {
    home: PathBuf,
}

/// Octets of a private copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The octets asked for, at most 1 MiB.
    pub octets: Vec<u8>,
    /// Octets of the whole copy.
    pub total: u64,
}

/// A page as the signing engine draws it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// PNG.
    pub png: Vec<u8>,
    /// What the picture may lack: codes.
    pub warnings: Vec<String>,
}

impl Desk {
    /// Opens the desk of a home folder and goes on with what waits.
    ///
    /// # Errors
    /// `busy` when another program has this desk open; when the home cannot be used.
    pub fn open(home: &Path, person: Arc<dyn Person>, options: Options) -> Result<Arc<Self>, FaultShown> {
        let _ = (person, options);
        Ok(Arc::new(Self { home: home.to_owned() }))
    }

    /// Opens the practice desk below a home, and makes it where there is none. A home that is a practice home itself is
    /// opened as it is.
    ///
    /// # Errors
    /// `practice-unavailable`.
    pub fn open_practice(home: &Path, person: Arc<dyn Person>, options: Options) -> Result<Arc<Self>, FaultShown> {
        Self::open(home, person, options)
    }

    /// Its home.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Whether everything here is practice.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        false
    }

    /// The practice PIN, on a practice desk only.
    #[must_use]
    pub fn practice_pin(&self) -> Option<String> {
        None
    }

    /// Waits for the running stage and ends the workers. Nothing is lost.
    pub fn close(&self) {}

    /// Everything the first screen shows.
    ///
    /// # Errors
    /// By code.
    pub fn desk_view(&self) -> Result<DeskView, FaultShown> {
        let _ = (self,);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Takes private copies of contracts; the same octets twice are one contract. Files that cannot be taken are told by events; an error only when none could.
    ///
    /// # Errors
    /// By code.
    pub fn desk_add(&self, paths: &[PathBuf]) -> Result<Vec<String>, FaultShown> {
        let _ = (self, paths);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Takes it off the desk. Never touches a finished file.
    ///
    /// # Errors
    /// By code.
    pub fn desk_remove(&self, contract: &str) -> Result<(), FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// All facts of a contract. Slow the first time.
    ///
    /// # Errors
    /// By code.
    pub fn review_open(&self, contract: &str) -> Result<ReviewSheet, FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Notes that a page was seen; `picture`: the engine's own picture of it.
    ///
    /// # Errors
    /// By code.
    pub fn review_seen(&self, contract: &str, page: u32, picture: bool) -> Result<(), FaultShown> {
        let _ = (self, contract, page, picture);
        Err(FaultShown::new("not-now", "open"))
    }

    /// The window's reader could not show everything of a page.
    ///
    /// # Errors
    /// By code.
    pub fn page_warning(&self, contract: &str, page: u32, text: &str) -> Result<(), FaultShown> {
        let _ = (self, contract, page, text);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Turns it down.
    ///
    /// # Errors
    /// By code.
    pub fn review_reject(&self, contract: &str, reason: &str) -> Result<(), FaultShown> {
        let _ = (self, contract, reason);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Takes a rejection back.
    ///
    /// # Errors
    /// By code.
    pub fn review_reopen(&self, contract: &str) -> Result<(), FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Takes the file anew as it is now; what was seen is forgotten.
    ///
    /// # Errors
    /// By code.
    pub fn review_refresh(&self, contract: &str) -> Result<ReviewSheet, FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Tokens and credentials.
    ///
    /// # Errors
    /// By code.
    pub fn tokens_view(&self, fresh: bool) -> Result<TokensView, FaultShown> {
        let _ = (self, fresh);
        Err(FaultShown::new("not-now", "open"))
    }

    /// What can be chosen.
    ///
    /// # Errors
    /// By code.
    pub fn sign_options(&self, contract: &str) -> Result<SignOptions, FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Where the signed file goes; chosen in a dialog of the system.
    ///
    /// # Errors
    /// By code.
    pub fn sign_choose_output(&self, contract: &str, path: &Path) -> Result<SignOptions, FaultShown> {
        let _ = (self, contract, path);
        Err(FaultShown::new("not-now", "open"))
    }

    /// What would go to the endpoint.
    ///
    /// # Errors
    /// By code.
    pub fn sign_preview(&self, choices: &SignChoices) -> Result<Option<PayloadView>, FaultShown> {
        let _ = (self, choices);
        Err(FaultShown::new("not-now", "open"))
    }

    /// The approval. Returns once it is checked; the rest is told by events.
    ///
    /// # Errors
    /// By code.
    pub fn sign_start(&self, choices: &SignChoices) -> Result<(), FaultShown> {
        let _ = (self, choices);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Stops what runs, where it can be stopped.
    ///
    /// # Errors
    /// By code.
    pub fn work_cancel(&self, contract: &str) -> Result<(), FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// What became of an approval.
    ///
    /// # Errors
    /// By code.
    pub fn receipt_view(&self, contract: &str) -> Result<Receipt, FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// The person's word: the payload goes.
    ///
    /// # Errors
    /// By code.
    pub fn receipt_submit(&self, contract: &str) -> Result<(), FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Tries again now what waits.
    ///
    /// # Errors
    /// By code.
    pub fn receipt_retry(&self, contract: &str) -> Result<(), FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Judges the signed file.
    ///
    /// # Errors
    /// By code.
    pub fn receipt_verify(&self, contract: &str) -> Result<VerifyView, FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Where the signed file is; for the shell only.
    ///
    /// # Errors
    /// By code.
    pub fn output_path(&self, contract: &str) -> Result<PathBuf, FaultShown> {
        let _ = (self, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Judges any file.
    ///
    /// # Errors
    /// By code.
    pub fn verify_file(&self, path: &Path) -> Result<VerifyView, FaultShown> {
        let _ = (self, path);
        Err(FaultShown::new("not-now", "open"))
    }

    /// A report that was made before.
    ///
    /// # Errors
    /// By code.
    pub fn verify_shown(&self, report: &str) -> Result<VerifyView, FaultShown> {
        let _ = (self, report);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Everything that can be set.
    ///
    /// # Errors
    /// By code.
    pub fn settings_view(&self) -> Result<SettingsView, FaultShown> {
        let _ = (self,);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Changes one thing.
    ///
    /// # Errors
    /// By code.
    pub fn settings_change(&self, change: &SettingsChange) -> Result<SettingsView, FaultShown> {
        let _ = (self, change);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Adds a trust anchor file; chosen in a dialog of the system.
    ///
    /// # Errors
    /// By code.
    pub fn settings_add_anchor(&self, path: &Path, used_for: AnchorUse) -> Result<SettingsView, FaultShown> {
        let _ = (self, path, used_for);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Adds a PKCS#11 module; chosen in a dialog of the system.
    ///
    /// # Errors
    /// By code.
    pub fn settings_add_module(&self, path: &Path) -> Result<SettingsView, FaultShown> {
        let _ = (self, path);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Asks an authority for a stamp over a random digest.
    ///
    /// # Errors
    /// By code.
    pub fn settings_probe_tsa(&self, index: u32) -> Result<Probe, FaultShown> {
        let _ = (self, index);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Compares an endpoint with what is pinned.
    ///
    /// # Errors
    /// By code.
    pub fn settings_probe_endpoint(&self, name: &str) -> Result<Probe, FaultShown> {
        let _ = (self, name);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Loads every module once and tells what it says.
    ///
    /// # Errors
    /// By code.
    pub fn settings_probe_modules(&self) -> Result<SettingsView, FaultShown> {
        let _ = (self,);
        Err(FaultShown::new("not-now", "open"))
    }

    /// What a node says of itself, before it is pinned.
    ///
    /// # Errors
    /// By code.
    pub fn settings_describe_evm(&self, url: &str, contract: &str) -> Result<Probe, FaultShown> {
        let _ = (self, url, contract);
        Err(FaultShown::new("not-now", "open"))
    }

    /// What the program is.
    ///
    /// # Errors
    /// By code.
    pub fn about_view(&self, system: &str) -> Result<AboutView, FaultShown> {
        let _ = (self, system);
        Err(FaultShown::new("not-now", "open"))
    }

    /// Octets of the private copy of a contract or of a verified file.
    ///
    /// # Errors
    /// By code.
    pub fn document_part(&self, id: &str, offset: u64, length: u64) -> Result<Part, FaultShown> {
        let _ = (self, id, offset, length);
        Err(FaultShown::new("not-now", "open"))
    }

    /// A page of it as the signing engine draws it.
    ///
    /// # Errors
    /// By code.
    pub fn document_page(&self, id: &str, page: u32, width: u32) -> Result<Picture, FaultShown> {
        let _ = (self, id, page, width);
        Err(FaultShown::new("not-now", "open"))
    }
}
