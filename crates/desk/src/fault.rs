//! Faults as the window shows them: those of the engine by their own codes, and a few of the desk's own.
//!
//! Not its business: words (locale files of the window).

use countersign_engine::{Fault, SigningStage, fault::CATALOGUE};
use serde_json::Value;

use crate::view::FaultShown;

/// Codes that only the desk has, with their remedies.
pub const OWN: &[(&str, &str)] = &[
    ("busy", "retry"),
    ("contract-unknown", "none"),
    ("credential-gone", "insert-token"),
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
        self.detail.insert(key.to_owned(), value.into());
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
                .map(|(key, value)| (key.clone(), text(value)))
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
