//! Settings, what an administrator locked, and what the program is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

use super::FaultShown;

/// Everything that can be set, with what is locked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SettingsView {
    /// Language of the window.
    pub language: Language,
    /// Colours.
    pub theme: Theme,
    /// Default level.
    pub level: String,
    /// Every page must be seen before an approval.
    pub all_pages_must_be_seen: bool,
    /// Configured modules, then those found on this machine.
    pub modules: Vec<ModuleView>,
    /// Authorities, in order.
    pub tsas: Vec<TsaView>,
    /// Anchors.
    pub anchors: Vec<AnchorView>,
    /// Endpoints.
    pub endpoints: Vec<EndpointView>,
    /// Dotted keys that an administrator locked.
    pub locked: Vec<String>,
    /// These are the practice desk's settings.
    pub practice: bool,
    /// Why the configuration cannot be used.
    pub fault: Option<FaultShown>,
}

/// Languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub enum Language {
    /// Chinese (simplified).
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// As the system.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A PKCS#11 module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ModuleView {
    /// Opaque.
    pub id: String,
    /// Configured name, or that of the product it belongs to.
    pub name: String,
    /// File name of the library.
    pub file: String,
    /// In use.
    pub configured: bool,
    /// Library description and version, once probed.
    pub description: String,
    /// Tokens seen.
    pub tokens: u32,
    /// Why it could not be used.
    pub fault: Option<FaultShown>,
}

/// A time-stamping authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TsaView {
    /// Position.
    pub index: u32,
    /// URL, as configured.
    pub url: String,
    /// `none`, `basic`, `mtls`.
    pub auth: String,
    /// Practice.
    pub practice: bool,
}

/// A trust anchor file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AnchorView {
    /// Opaque.
    pub id: String,
    /// File name.
    pub file: String,
    /// Subjects of the certificates in it.
    pub subjects: Vec<String>,
    /// What it is trusted for.
    pub used_for: AnchorUse,
    /// Why it cannot be used.
    pub fault: Option<FaultShown>,
}

/// What an anchor is trusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum AnchorUse {
    /// Signers (and authorities, where these have no anchors of their own).
    Signers,
    /// Time-stamping authorities.
    Authorities,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct EndpointView {
    /// Name.
    pub name: String,
    /// `journal`, `evm`.
    pub kind: String,
    /// URL, or empty.
    pub url: String,
    /// Payload mode.
    pub payload: String,
    /// Rule.
    pub finality: String,
    /// Pinned values by name: `chain_id`, `genesis`, `contract`, `code_hash`.
    pub pins: BTreeMap<String, String>,
    /// `pkcs11`, `keyring`, `file`, `none`, or empty.
    pub account: String,
    /// Practice.
    pub practice: bool,
}

/// One change. Files are chosen in a dialog of the system, never named by the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum SettingsChange {
    /// Language of the window.
    Language {
        /// New.
        language: Language,
    },
    /// Colours.
    Theme {
        /// New.
        theme: Theme,
    },
    /// Default level.
    Level {
        /// `B-B`, `B-T`.
        level: String,
    },
    /// Whether every page must be seen.
    AllPagesMustBeSeen {
        /// New.
        on: bool,
    },
    /// Start using a module that was found.
    UseModule {
        /// Its id.
        id: String,
    },
    /// Stop using one.
    DropModule {
        /// Its id.
        id: String,
    },
    /// Add an authority at the end.
    AddTsa {
        /// URL.
        url: String,
    },
    /// Remove one.
    RemoveTsa {
        /// Position.
        index: u32,
    },
    /// Move one to the front.
    PreferTsa {
        /// Position.
        index: u32,
    },
    /// Remove an anchor file from the list.
    RemoveAnchor {
        /// Its id.
        id: String,
    },
    /// Add the local journal.
    AddJournal {
        /// Name.
        name: String,
    },
    /// Add an EVM endpoint; its pins are read from the node and shown before they are kept.
    AddEvm {
        /// Name.
        name: String,
        /// URL of the node.
        url: String,
        /// Address of the registry contract.
        contract: String,
        /// Address of the account in the keyring, or empty for none.
        account: String,
        /// `instant`, `confirmations:N`, `finalized`.
        finality: String,
        /// `full`, `digests`, `commit`.
        payload: String,
    },
    /// Remove an endpoint.
    RemoveEndpoint {
        /// Name.
        name: String,
    },
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Probe {
    /// All well.
    pub ok: bool,
    /// Facts: `gen_time`, `clock_skew_s`, `chain_id`, `latest_block` …
    pub facts: BTreeMap<String, String>,
    /// What is wrong.
    pub fault: Option<FaultShown>,
    /// Milliseconds it took.
    pub took_ms: u32,
}

/// What the program is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AboutView {
    /// Version.
    pub version: String,
    /// Of what it is built: name, version, licence.
    pub libraries: Vec<LibraryView>,
    /// SHA-256 of the running program.
    pub program_sha256: String,
    /// System and web view.
    pub system: String,
}

/// A library inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[expect(missing_docs, reason = "plain words")]
pub struct LibraryView {
    pub name: String,
    pub version: String,
    pub licence: String,
}
