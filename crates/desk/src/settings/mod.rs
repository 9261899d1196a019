//! Settings: what is configured, what an administrator locked, one change at a time.
//!
//! The configuration file keeps its comments; a change that the program could not read is refused (store). Not its
//! business: the window's own settings (window), probes (probes).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use countersign_engine::{
    ConfigChange, Engine, EvmChange, Fault, Level, ModuleSurvey,
    config::{Account, Config, EndpointTarget, TsaAuth},
    installed_modules, subjects,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    Desk,
    choices::is_practice_url,
    payload,
    report::text,
    running::locked,
    shelf::name_of,
    tokens::opaque,
    view::{AnchorUse, AnchorView, EndpointView, FaultShown, ModuleView, SettingsChange, SettingsView, TsaView},
    window,
};

/// An anchor file larger than this is none.
const ANCHOR: u64 = 8 * 1024 * 1024;

impl Desk {
    /// Everything that can be set.
    ///
    /// # Errors
    /// None today.
    pub fn settings_view(&self) -> Result<SettingsView, FaultShown> {
        let surveys = locked(&self.tokens).modules.clone();
        let window = window::read(&self.home);
        let views = locked(&self.views);
        let config = views.engine.config();
        Ok(SettingsView {
            language: window.language,
            theme: window.theme,
            level: config.signing.level.name().to_owned(),
            all_pages_must_be_seen: config.signing.render_all_pages_before_signing,
            modules: modules(config, &surveys),
            tsas: tsas(config),
            anchors: anchors(config),
            endpoints: config.endpoints.iter().map(|(name, one)| endpoint(name, one)).collect(),
            locked: views.engine.locked(),
            practice: self.practice,
            fault: locked(&self.config_fault).clone(),
        })
    }

    /// Changes one thing.
    ///
    /// # Errors
    /// `config-locked`, `config-unusable`, `setting-unusable`; for a chain also what its node says.
    pub fn settings_change(&self, change: &SettingsChange) -> Result<SettingsView, FaultShown> {
        match change {
            SettingsChange::Language { language } => window::change(&self.home, |window| window.language = *language)?,
            SettingsChange::Theme { theme } => window::change(&self.home, |window| window.theme = *theme)?,
            other => {
                let change = self.config_change_of(other)?;
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

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn modules(config: &Config, surveys: &[ModuleSurvey]) -> Vec<ModuleView> {
    let view = |name: &str, path: &str, configured: bool| {
        let seen = surveys.iter().find(|survey| survey.path == path);
        let facts = seen.and_then(|survey| survey.facts.as_ref());
        let tokens = seen.map_or(0, |survey| survey.slots.iter().filter(|slot| slot.initialized).count());
        ModuleView {
            id: opaque(path),
            name: name.to_owned(),
            file: name_of(Path::new(path)),
            configured,
            description: facts
                .map(|facts| format!("{} {}", facts.description, facts.version))
                .unwrap_or_default(),
            tokens: u32::try_from(tokens).unwrap_or(u32::MAX),
            fault: seen
                .and_then(|survey| survey.error.as_ref())
                .map(|trouble| FaultShown::new(trouble.code, "sign").because(&trouble.detail)),
        }
    };
    let mut found: Vec<ModuleView> = config
        .modules
        .iter()
        .map(|module| view(&module.name, &path_text(&module.path), true))
        .collect();
    for installed in installed_modules() {
        if !config
            .modules
            .iter()
            .any(|module| module.path == Path::new(installed.path))
        {
            found.push(view(installed.name, installed.path, false));
        }
    }
    found
}

fn tsas(config: &Config) -> Vec<TsaView> {
    let view = |(index, tsa): (usize, &countersign_engine::config::Tsa)| TsaView {
        index: u32::try_from(index).unwrap_or(u32::MAX),
        url: tsa.url.clone(),
        auth: match tsa.auth {
            TsaAuth::None => "none",
            TsaAuth::Basic { .. } => "basic",
            TsaAuth::Mtls { .. } => "mtls",
        }
        .to_owned(),
        practice: is_practice_url(&tsa.url),
    };
    config.tsa.iter().enumerate().map(view).collect()
}

fn lists(config: &Config) -> [(&[PathBuf], AnchorUse); 2] {
    [
        (&config.trust.anchors, AnchorUse::Signers),
        (&config.trust.tsa_anchors, AnchorUse::Authorities),
    ]
}

fn anchor_id(path: &Path, used_for: AnchorUse) -> String {
    opaque(&format!("{used_for:?} {}", path.display()))
}

fn anchors(config: &Config) -> Vec<AnchorView> {
    let mut found = Vec::new();
    for (paths, used_for) in lists(config) {
        for path in paths {
            let read = subjects_of(path);
            found.push(AnchorView {
                id: anchor_id(path, used_for),
                file: name_of(path),
                subjects: read.clone().unwrap_or_default(),
                used_for,
                fault: read.err(),
            });
        }
    }
    found
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

fn subjects_of(path: &Path) -> Result<Vec<String>, FaultShown> {
    let unusable = |error: &dyn std::fmt::Display| {
        FaultShown::new("trust-unusable", "verify")
            .with("file", name_of(path))
            .because(error)
    };
    let facts = std::fs::metadata(path).map_err(|error| unusable(&error))?;
    if facts.is_dir() {
        return Ok(Vec::new());
    }
    if facts.len() > ANCHOR {
        return Err(unusable(&"too large"));
    }
    let octets = std::fs::read(path).map_err(|error| unusable(&error))?;
    Ok(subjects(&octets)?)
}

fn endpoint(name: &str, endpoint: &countersign_engine::config::EndpointConfig) -> EndpointView {
    let mut pins = BTreeMap::new();
    let (url, account) = match &endpoint.target {
        EndpointTarget::Journal => (String::new(), ""),
        EndpointTarget::Evm {
            url,
            chain_id,
            genesis,
            contract,
            code_hash,
            account,
            ..
        } => {
            pins.insert("chain_id".to_owned(), chain_id.to_string());
            pins.insert("genesis".to_owned(), genesis.clone());
            pins.insert("contract".to_owned(), contract.clone());
            pins.insert("code_hash".to_owned(), code_hash.clone());
            let account = match account {
                Account::Pkcs11 { .. } => "pkcs11",
                Account::Keyring { .. } => "keyring",
                Account::File { .. } => "file",
                Account::None => "none",
            };
            (url.clone(), account)
        }
    };
    EndpointView {
        name: name.to_owned(),
        kind: payload::kind(&endpoint.target).to_owned(),
        url,
        payload: payload::mode_name(endpoint.payload).to_owned(),
        finality: text(&serde_json::to_value(endpoint.finality).unwrap_or_default()),
        pins,
        account: account.to_owned(),
        practice: endpoint.practice,
    }
}
