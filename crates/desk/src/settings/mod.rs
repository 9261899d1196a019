//! Settings as they are shown: what is configured, what was found, what an administrator locked.
//!
//! Not its business: changing them (change), the window's own settings (window), probes (probes).

mod change;
mod consent;

pub use consent::{ChangeAsk, ChangeKind};

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use countersign_engine::{
    ModuleSurvey,
    config::{Account, Config, EndpointTarget, TsaAuth},
    installed_modules, subjects,
};

use crate::{
    Desk,
    choices::is_practice_url,
    payload,
    report::text,
    running::locked,
    shelf::name_of,
    tokens::opaque,
    view::{AnchorUse, AnchorView, EndpointView, FaultShown, ModuleView, SettingsView, TsaView},
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
