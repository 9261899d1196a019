//! The configuration as it stands in a file (TOML): every key optional, unknown keys refused.
//!
//! Not its business: defaults and what must be present (mod.rs), because one section may be spread over two files.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

/// A file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) signing: Signing,
    pub(super) pkcs11: Pkcs11,
    pub(super) tsa: Option<Vec<Tsa>>,
    pub(super) trust: Trust,
    pub(super) endpoint: BTreeMap<String, Endpoint>,
    pub(super) secrets: Secrets,
    pub(super) managed: Managed,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Signing {
    pub(super) level: Option<countersign_signing::Level>,
    pub(super) policy: Option<String>,
    pub(super) render_all_pages_before_signing: Option<bool>,
    pub(super) font: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Pkcs11 {
    pub(super) module: Option<Vec<super::Module>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tsa {
    pub(super) url: String,
    #[serde(default)]
    pub(super) auth: TsaAuth,
    pub(super) user: Option<String>,
    pub(super) password_from: Option<super::SecretSource>,
    pub(super) identity: Option<PathBuf>,
    pub(super) ca: Option<PathBuf>,
    #[serde(default)]
    pub(super) digest: super::Digest,
    pub(super) policy_oid: Option<String>,
    pub(super) timeout_s: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TsaAuth {
    #[default]
    None,
    Basic,
    Mtls,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Trust {
    pub(super) anchors: Option<Vec<PathBuf>>,
    pub(super) tsa_anchors: Option<Vec<PathBuf>>,
    pub(super) signer_purposes: Option<Vec<String>>,
    pub(super) revocation: Option<super::Revocation>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Endpoint {
    pub(super) kind: Option<Kind>,
    pub(super) practice: Option<bool>,
    pub(super) payload: Option<countersign_evidence::PayloadMode>,
    pub(super) finality: Option<super::FinalityRule>,
    pub(super) url: Option<String>,
    pub(super) chain_id: Option<u64>,
    pub(super) genesis: Option<String>,
    pub(super) contract: Option<String>,
    pub(super) code_hash: Option<String>,
    pub(super) profile: Option<super::EvmProfile>,
    pub(super) account: Option<super::Account>,
    pub(super) timeout_s: Option<u64>,
    pub(super) fees: Option<super::Fees>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Journal,
    Evm,
    Http,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Secrets {
    pub(super) store: Option<super::SecretStore>,
}

/// Only in an administrator's file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Managed {
    /// Dotted keys that a user's file must not set, with everything below them; `*` is every key that this file sets.
    pub(super) lock: Vec<String>,
}
