//! The engine: one value that does everything the command line and the window can ask for.
//!
//! In scope: wiring the session to token, network and disk by the configuration; faults as codes; documents as JSON values.
//! Out of scope: arguments, windows, wording (shells). Nothing here prints.

mod appearance;
mod batch;
mod book;
mod chain;
mod clock;
mod companion;
mod courier;
pub mod demo;
mod doctor;
mod endpoints;
mod extend;
pub mod fault;
mod faults;
pub mod files;
mod finish;
mod inspect;
mod interaction;
mod outbox;
mod practice;
mod records;
mod resume;
mod settings;
mod sign;
mod standing;
mod sweep;
mod tokens;
mod trust;
mod verify;

use std::path::{Path, PathBuf};

use countersign_signing::{Choices, Stage};
use countersign_store::config::{Config, Lock, Revocation};
use countersign_token::{ModuleConfig, Pkcs11Tokens};
use countersign_trust::{Policy, TrustAnchors};
use serde_json::{Value, json};

pub use clock::SystemClock;
pub use countersign_cms::DigestAlgorithm;
pub use countersign_evidence::{Payload, PayloadMode};
pub use countersign_pdf::{Appearance, DocMdp, FieldLock, Measured};
pub use countersign_practice::{lab::TOKEN_LABEL as PRACTICE_TOKEN, token_environment};
pub use countersign_signing::{
    CertificateFacts, ChainStatus, Choices as SigningChoices, Integrity, Intent, LaterChanges, Level, Overall, Party,
    Report, RsaScheme, SignatureReport, Stage as SigningStage, TimeKind, Trust, ports,
};
pub use countersign_store::config::{self, default_home};
pub use countersign_token::{KnownModule, ModuleSurvey, Reason, SlotSurvey, Trouble, Unusable, installed_modules};
pub use courier::{Resumption, RowOutcome};
pub use extend::ExtendRequest;
pub use fault::{Fault, Remedy};
pub use interaction::{Event, Interaction, PinRules, ReviewShown, may_spend_a_try};
pub use settings::{ConfigChange, EvmChange, subjects};
pub use sign::{Output, SignReport, SignRequest, SignResult, Timings};
pub use standing::{RecordFacts, SessionFacts, SessionStage, Standing};
pub use tokens::{CredentialFacts, common_name};
pub use trust::certificates;
pub use verify::VerifyFile;

use crate::book::Book;

/// Everything, over one home folder.
pub struct Engine {
    home: PathBuf,
    config: Config,
    locks: Vec<Lock>,
    clock: SystemClock,
    book: Option<Book>,
    tokens: Option<Pkcs11Tokens>,
    practice: practice::Shared,
    copies: sweep::Copies,
}

impl Engine {
    /// Reads the configuration. The store is opened when it is first needed, modules are loaded when first needed.
    ///
    /// # Errors
    /// `config-unusable`, with file, line and key.
    pub fn open(home: &Path, config: Option<&Path>) -> Result<Self, Fault> {
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
        let (config, locks) = Config::load(&home, config, None)
            .map_err(|error| Fault::new(Stage::Open, "config-unusable").because(&error))?;
        Ok(Self {
            home,
            config,
            locks,
            clock: SystemClock,
            book: None,
            tokens: None,
            practice: practice::Shared::default(),
            copies: sweep::Copies::default(),
        })
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The configuration in force, with what an administrator locked.
    #[must_use]
    pub fn config_shown(&self) -> Value {
        json!({"schema": "countersign.config/1", "home": self.home, "config": self.config, "locks": self.locks})
    }

    /// Level that is made unless another one is asked for.
    #[must_use]
    pub const fn default_level(&self) -> Level {
        self.config.signing.level
    }

    /// The endpoint that a signature goes to: the one asked for, or the only one that is configured.
    ///
    /// # Errors
    /// `endpoint-unknown`.
    pub fn endpoint_choice(
        &self,
        asked: Option<&str>,
        payload: Option<PayloadMode>,
    ) -> Result<(String, PayloadMode), Fault> {
        let mut names = self.config.endpoints.iter();
        let chosen = match asked {
            Some(name) => {
                let found = self.config.endpoints.get_key_value(name);
                Some(found.ok_or_else(|| Fault::new(Stage::Submit, "endpoint-unknown").with("endpoint", name))?)
            }
            None => names.next().filter(|_| self.config.endpoints.len() == 1),
        };
        Ok(match chosen {
            None => (String::new(), PayloadMode::default()),
            Some((name, endpoint)) => (name.clone(), payload.unwrap_or(endpoint.payload)),
        })
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy::DEFAULT.with_signer_purposes(&self.config.trust.signer_purposes)
    }

    pub(crate) const fn revocation_word(&self) -> &'static str {
        match self.config.trust.revocation {
            Revocation::Require => "require",
            Revocation::Prefer => "prefer",
            Revocation::Off => "off",
        }
    }

    pub(crate) fn signer_anchors(&self, more: &[PathBuf]) -> Result<TrustAnchors, Fault> {
        trust::anchors(&[self.config.trust.anchors.as_slice(), more].concat())
    }

    /// Those configured for authorities; without any, those for signers. Given ones count for both.
    pub(crate) fn tsa_anchors(&self, more: &[PathBuf]) -> Result<TrustAnchors, Fault> {
        let own = &self.config.trust.tsa_anchors;
        let base = if own.is_empty() {
            &self.config.trust.anchors
        } else {
            own
        };
        trust::anchors(&[base.as_slice(), more].concat())
    }

    pub(crate) fn database(&mut self) -> Result<&mut Book, Fault> {
        if self.book.is_none() {
            self.book = Some(Book::open(&self.home)?);
        }
        self.book
            .as_mut()
            .ok_or_else(|| Fault::new(Stage::Open, "store-unusable"))
    }

    pub(crate) fn tokens(&mut self) -> Result<&mut Pkcs11Tokens, Fault> {
        let modules = self.module_configs();
        Ok(self.tokens.get_or_insert_with(|| Pkcs11Tokens::new(modules)))
    }

    pub(crate) fn tokens_and_database(&mut self) -> Result<(&mut Pkcs11Tokens, &mut Book), Fault> {
        self.database()?;
        self.tokens()?;
        match (&mut self.tokens, &mut self.book) {
            (Some(tokens), Some(book)) => Ok((tokens, book)),
            _ => Err(Fault::new(Stage::Open, "store-unusable")),
        }
    }

    pub(crate) fn module_configs(&self) -> Vec<ModuleConfig> {
        self.config
            .modules
            .iter()
            .map(|module| ModuleConfig {
                name: module.name.clone(),
                path: module.path.clone(),
                sha256: module.sha256.clone(),
                slots: module.slots.clone(),
            })
            .collect()
    }

    /// The choices with room for the largest token that was ever seen here.
    pub(crate) fn with_estimate(&self, choices: &Choices) -> Choices {
        let mut choices = choices.clone();
        let learned = std::fs::read_to_string(self.home.join(LEARNED))
            .ok()
            .and_then(|text| text.trim().parse::<usize>().ok());
        if let Some(learned) = learned.filter(|learned| *learned < 1024 * 1024) {
            choices.timestamp_estimate = choices.timestamp_estimate.max(learned + learned / 4);
        }
        choices
    }

    /// A token that came near the room that was kept for it makes the next room larger.
    pub(crate) fn remember_token_size(&self, size: usize) {
        if size > countersign_signing::TIMESTAMP_ESTIMATE * 3 / 4 {
            // Only an estimate: when it cannot be kept the next room is as large as this one was.
            let _ = countersign_store::atomic::write(&self.home.join(LEARNED), size.to_string().as_bytes(), 0o600);
        }
    }
}

/// File in the home that holds the size of the largest timestamp token seen, in octets.
const LEARNED: &str = "timestamp-octets";
