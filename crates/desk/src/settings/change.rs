//! One change of the settings at a time: from the window, or by a file that was chosen in a dialog of the system.
//!
//! The configuration file keeps its comments; a change that the program could not read is refused (store). Not its
//! business: which changes the person is asked about (consent).

use std::{
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use countersign_engine::{ConfigChange, Engine, EvmChange, Fault, Level, config::Config, installed_modules};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{anchor_id, consent, lists, path_text, subjects_of};
use crate::{
    Desk,
    report::text,
    running::locked,
    tokens::opaque,
    view::{AnchorUse, FaultShown, SettingsChange, SettingsView},
    window,
};

impl Desk {
    /// Changes one thing.
    ///
    /// # Errors
    /// `config-locked`, `config-unusable`, `setting-unusable`; `not-agreed` when the person says no to what the window may
    /// not change alone; for a chain also what its node says.
    pub fn settings_change(&self, change: &SettingsChange) -> Result<SettingsView, FaultShown> {
        match change {
            SettingsChange::Language { language } => window::change(&self.home, |window| window.language = *language)?,
            SettingsChange::Theme { theme } => window::change(&self.home, |window| window.theme = *theme)?,
            other => {
                let change = self.config_change_of(other)?;
                self.agreed(&change)?;
                self.configure(&change)?;
            }
        }
        self.settings_view()
    }

    fn config_change_of(&self, change: &SettingsChange) -> Result<ConfigChange, FaultShown> {
        use SettingsChange as S;
        let unusable = |what: &str| FaultShown::new("setting-unusable", "open").with("what", what);
        let views = locked(&self.views);
        let config = views.engine.config().clone();
        drop(views);
        Ok(match change {
            S::Language { .. } | S::Theme { .. } => return Err(unusable("change")),
            S::Level { level } => ConfigChange::Level(match level.as_str() {
                "B-B" => Level::BB,
                "B-T" => Level::BT,
                _ => return Err(unusable("level")),
            }),
            S::AllPagesMustBeSeen { on } => ConfigChange::RenderAllPages(*on),
            S::UseModule { id } => {
                let found = installed_modules()
                    .into_iter()
                    .find(|module| opaque(module.path) == *id);
                let module = found.ok_or_else(|| unusable("module"))?;
                ConfigChange::AddModule {
                    name: module.name.to_owned(),
                    path: PathBuf::from(module.path),
                }
            }
            S::DropModule { id } => {
                let at = config
                    .modules
                    .iter()
                    .position(|module| opaque(&path_text(&module.path)) == *id);
                ConfigChange::RemoveModule(at.ok_or_else(|| unusable("module"))?)
            }
            S::AddTsa { url } => ConfigChange::AddTsa {
                url: url.trim().to_owned(),
            },
            S::RemoveTsa { index } => ConfigChange::RemoveTsa(*index as usize),
            S::PreferTsa { index } => ConfigChange::PreferTsa(*index as usize),
            S::RemoveAnchor { id } => remove_anchor(&config, id).ok_or_else(|| unusable("anchor"))?,
            S::AddJournal { name } => ConfigChange::AddJournal {
                name: name.trim().to_owned(),
            },
            S::AddEvm {
                name,
                url,
                contract,
                account,
                finality,
                payload,
            } => {
                let node = self.describe(url, contract)?;
                let word = |key: &str| node.get(key).map(text).unwrap_or_default();
                ConfigChange::AddEvm(Box::new(EvmChange {
                    name: name.trim().to_owned(),
                    url: url.trim().to_owned(),
                    chain_id: node
                        .get("chain_id")
                        .and_then(Value::as_u64)
                        .ok_or_else(|| unusable("chain_id"))?,
                    genesis: word("genesis"),
                    contract: contract.trim().to_owned(),
                    code_hash: word("code_hash"),
                    account: account.trim().to_owned(),
                    finality: spoken(finality).ok_or_else(|| unusable("finality"))?,
                    payload: spoken(payload).ok_or_else(|| unusable("payload"))?,
                }))
            }
            S::RemoveEndpoint { name } => ConfigChange::RemoveEndpoint { name: name.clone() },
        })
    }

    /// Asks the person where the window's word is not enough. What was asked about is what is changed: values that are
    /// pinned are those that were shown, and a list that became another meanwhile is not touched.
    fn agreed(&self, change: &ConfigChange) -> Result<(), FaultShown> {
        let ask = || consent::needed(change, locked(&self.views).engine.config());
        let Some(asked) = ask() else { return Ok(()) };
        if !self.person.agrees(&asked) {
            return Err(FaultShown::new("not-agreed", "open"));
        }
        match ask() {
            Some(now) if now == asked => Ok(()),
            _ => Err(FaultShown::new("not-now", "open")),
        }
    }

    fn configure(&self, change: &ConfigChange) -> Result<(), FaultShown> {
        self.with_views(|engine| engine.config_change(change))?;
        self.configured();
        Ok(())
    }

    /// Every engine reads the configuration again before its next job.
    pub(crate) fn configured(&self) {
        let read = self.with_views(Engine::reload);
        *locked(&self.config_fault) = read.err();
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.courier.nudge();
        self.tell_changed(None);
    }

    /// Work with the engine that looks; what it wrote is seen at the next look.
    pub(crate) fn with_views<T>(&self, work: impl FnOnce(&mut Engine) -> Result<T, Fault>) -> Result<T, FaultShown> {
        let mut views = locked(&self.views);
        let value = work(&mut views.engine);
        views.forget();
        Ok(value?)
    }

    /// Adds a trust anchor file; chosen in a dialog of the system.
    ///
    /// # Errors
    /// `trust-unusable` for a file without certificates; as for [`Desk::settings_change`].
    pub fn settings_add_anchor(&self, path: &Path, used_for: AnchorUse) -> Result<SettingsView, FaultShown> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        subjects_of(&path)?;
        self.configure(&ConfigChange::AddAnchor {
            path,
            authorities: used_for == AnchorUse::Authorities,
        })?;
        self.settings_view()
    }

    /// Adds a PKCS#11 module; chosen in a dialog of the system.
    ///
    /// # Errors
    /// As for [`Desk::settings_change`].
    pub fn settings_add_module(&self, path: &Path) -> Result<SettingsView, FaultShown> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let name = stem.strip_prefix("lib").unwrap_or(&stem).to_owned();
        self.configure(&ConfigChange::AddModule { name, path })?;
        self.settings_view()
    }
}

fn spoken<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(json!(word.trim())).ok()
}

fn remove_anchor(config: &Config, id: &str) -> Option<ConfigChange> {
    lists(config).into_iter().find_map(|(paths, used_for)| {
        let index = paths.iter().position(|path| anchor_id(path, used_for) == id)?;
        Some(ConfigChange::RemoveAnchor {
            index,
            authorities: used_for == AnchorUse::Authorities,
        })
    })
}
