//! Modules, slots, tokens and credentials as a document.
//!
//! Not its business: PKCS#11 (token).

use countersign_token::{ModuleConfig, ModuleSurvey, Pkcs11Tokens, installed_modules};
use serde_json::{Value, json};

use crate::Engine;

impl Engine {
    /// Everything there is, with what cannot be used and why. Modules that are configured, else those that are installed.
    #[must_use]
    pub fn token_list(&self) -> Value {
        json!({"schema": "countersign.tokens/1", "configured": !self.config.modules.is_empty(), "modules": self.survey()})
    }

    pub(crate) fn survey(&self) -> Vec<ModuleSurvey> {
        let mut modules = self.module_configs();
        if modules.is_empty() {
            modules = installed_modules()
                .iter()
                .map(|known| ModuleConfig::from_path(std::path::Path::new(known.path)))
                .collect();
        }
        Pkcs11Tokens::new(modules).survey()
    }
}
