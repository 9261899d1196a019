//! Faults as the window shows them: those of the engine by their own codes, and a few of the desk's own.
//!
//! A value that crosses names files without their folders. Not its business: words (locale files of the window).

use countersign_engine::{Fault, SigningStage, fault::CATALOGUE};
use serde_json::Value;

use crate::view::FaultShown;

/// Codes that only the desk has, with their remedies.
pub const OWN: &[(&str, &str)] = &[
    ("busy", "retry"),
    ("contract-unknown", "none"),
    ("credential-gone", "insert-token"),
    ("not-agreed", "none"),
    ("not-now", "none"),
    ("output-missing", "contact-support"),
    ("page-not-reviewable", "retry"),
    ("pages-not-seen", "retry"),
    ("picture-failed", "retry"),
    ("picture-timed-out", "retry"),
    ("picture-too-large", "none"),
    ("setting-locked", "contact-support"),
    ("setting-unusable", "change-settings"),
];

impl FaultShown {
    /// A fault; the remedy is looked up.
    #[must_use]
    pub fn new(code: &str, stage: &str) -> Self {
        let own = OWN
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, remedy)| (*remedy).to_owned());
        let remedy = own.or_else(|| {
            let (.., remedy) = CATALOGUE.iter().find(|(known, ..)| *known == code)?;
            Some(text(&serde_json::to_value(remedy).unwrap_or_default()))
        });
        Self {
            code: code.to_owned(),
            stage: stage.to_owned(),
            remedy: remedy.unwrap_or_else(|| "contact-support".to_owned()),
            detail: std::collections::BTreeMap::new(),
        }
    }

    /// Adds a compared value.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.detail.insert(key.to_owned(), without_folders(&value.into()));
        self
    }

    /// Adds what an error says, for support.
    #[must_use]
    pub fn because(self, error: &dyn std::fmt::Display) -> Self {
        let said: String = error.to_string().chars().take(500).collect();
        self.with("reason", said)
    }
}

impl From<Fault> for FaultShown {
    fn from(fault: Fault) -> Self {
        Self::from(&fault)
    }
}

impl From<&Fault> for FaultShown {
    fn from(fault: &Fault) -> Self {
        Self {
            code: fault.code.clone(),
            stage: SigningStage::name(fault.stage).to_owned(),
            remedy: text(&serde_json::to_value(fault.remedy).unwrap_or_default()),
            detail: fault
                .detail
                .iter()
                .map(|(key, value)| (key.clone(), without_folders(&text(value))))
                .collect(),
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The same with only the last part of each path. Addresses of services (`https://host/…`) stay.
fn without_folders(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || "\"'`,;:()=<>?&".contains(c);
    let mut told = String::with_capacity(text.len());
    // A folder's name may have a blank in it: what follows one belongs to the path until something else ends it.
    let mut in_path = false;
    for piece in text.split_inclusive(ends) {
        let word = piece.trim_end_matches(ends);
        let service = word.starts_with("//") && !word.starts_with("///");
        in_path |= word.starts_with('/') && !service;
        let kept = if in_path {
            word.rsplit('/').next().unwrap_or_default()
        } else {
            word
        };
        told.push_str(kept);
        let end = piece.get(word.len()..).unwrap_or_default();
        told.push_str(end);
        in_path &= end == " ";
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_crosses() {
        for (said, told) in [
            ("/home/li/contracts/a.pdf", "a.pdf"),
            (
                "/home/li/config.toml:3:5: tsa: unknown key",
                "config.toml:3:5: tsa: unknown key",
            ),
            (
                "cannot open \"/home/li/a b/c.pdf\": denied",
                "cannot open \"a c.pdf\": denied",
            ),
            (
                "pkcs11:token=desk?module-path=/usr/lib/x.so",
                "pkcs11:token=desk?module-path=x.so",
            ),
            ("file:///home/li/a.pdf is gone", "file:a.pdf is gone"),
            (
                "https://tsa.example/stamp timed out",
                "https://tsa.example/stamp timed out",
            ),
            ("RSA/SHA-256, 12/24", "RSA/SHA-256, 12/24"),
            ("", ""),
        ] {
            let fault = FaultShown::new("internal", "open").with("reason", said);
            assert_eq!(fault.detail.get("reason").map(String::as_str), Some(told), "{said}");
        }
    }
}
