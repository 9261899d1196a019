//! Modules, slots, tokens and credentials as a document.
//!
//! Not its business: PKCS#11 (token).

use countersign_cms::Certificate;
use countersign_signing::ports::{Clock as _, KeyKind};
use countersign_token::{CredentialSurvey, ModuleConfig, ModuleSurvey, Pkcs11Tokens, installed_modules};
use countersign_trust::certificate_refusals;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Engine, faults};

/// A credential as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFacts {
    /// Common name of the subject, or the whole subject.
    pub person: String,
    /// Organisation of the subject, or empty.
    pub organisation: String,
    /// Common name of the issuer, or the whole issuer.
    pub issuer: String,
    /// Validity.
    pub not_before: Timestamp,
    /// Validity.
    pub not_after: Timestamp,
    /// For instance `RSA 2048`.
    pub key: String,
    /// Algorithm that would be used, or empty.
    pub algorithm: String,
    /// Why the policy forbids signing with it now: code and compared values.
    pub problem: Option<(String, String)>,
}

impl Engine {
    /// Everything there is, with what cannot be used and why. Modules that are configured, else those that are installed.
    #[must_use]
    pub fn token_list(&self) -> Value {
        json!({"schema": "countersign.tokens/1", "configured": !self.config.modules.is_empty(), "modules": self.survey()})
    }

    /// The same as values.
    #[must_use]
    pub fn survey(&self) -> Vec<ModuleSurvey> {
        let mut modules = self.module_configs();
        if modules.is_empty() {
            modules = installed_modules()
                .iter()
                .map(|known| ModuleConfig::from_path(std::path::Path::new(known.path)))
                .collect();
        }
        Pkcs11Tokens::new(modules).survey()
    }

    /// The same for what is configured and what is installed besides.
    #[must_use]
    pub fn survey_everything(&self) -> Vec<ModuleSurvey> {
        let mut modules = self.module_configs();
        for installed in installed_modules() {
            let path = std::path::Path::new(installed.path);
            if !modules.iter().any(|module| module.path == path) {
                modules.push(ModuleConfig::from_path(path));
            }
        }
        Pkcs11Tokens::new(modules).survey()
    }

    /// What people know a credential by, and whether the policy lets it sign now. `None` for a certificate that cannot be
    /// read.
    #[must_use]
    pub fn credential_facts(&self, found: &CredentialSurvey) -> Option<CredentialFacts> {
        let certificate = Certificate::from_der(&found.certificate).ok()?;
        let refusals = certificate_refusals(&certificate, &[], self.clock.now(), &self.policy());
        let problem = refusals
            .first()
            .map(|refusal| (faults::certificate_code(refusal.code()).to_owned(), refusal.to_string()));
        let algorithm = found.algorithms.first().map(|algorithm| algorithm.name().to_owned());
        Some(CredentialFacts {
            person: certificate.common_name().unwrap_or_else(|| certificate.subject()),
            organisation: certificate.organization().unwrap_or_default(),
            issuer: common_name(&certificate.issuer()),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            key: key_name(found.key),
            algorithm: algorithm.unwrap_or_default(),
            problem,
        })
    }
}

/// The common name in a name of RFC 4514, or all of it.
#[must_use]
pub fn common_name(name: &str) -> String {
    // A comma that belongs to a value is escaped.
    let mut parts: Vec<String> = vec![String::new()];
    let mut escaped = false;
    for letter in name.chars() {
        match letter {
            ',' if !escaped => parts.push(String::new()),
            _ => {
                escaped = letter == '\\' && !escaped;
                if let Some(part) = parts.last_mut() {
                    part.push(letter);
                }
            }
        }
    }
    let found = parts.iter().find_map(|part| part.trim().strip_prefix("CN="));
    found.map_or_else(|| name.to_owned(), |value| value.replace('\\', ""))
}

fn key_name(kind: KeyKind) -> String {
    match kind {
        KeyKind::Rsa(bits) => format!("RSA {bits}"),
        KeyKind::P256 => "P-256".to_owned(),
        KeyKind::P384 => "P-384".to_owned(),
        KeyKind::P521 => "P-521".to_owned(),
        KeyKind::Ed25519 => "Ed25519".to_owned(),
        KeyKind::Secp256k1 => "secp256k1".to_owned(),
        KeyKind::Sm2 => "SM2".to_owned(),
        KeyKind::Other => String::new(),
    }
}
