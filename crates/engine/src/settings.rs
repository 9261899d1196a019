//! Changing the configuration, and asking services whether they are there.
//!
//! Not its business: the file (store), the services (remote).

use countersign_cms::certificate::certificates_from_pem_or_der;
use countersign_remote::evm::describe;
use countersign_signing::{
    Stage,
    ports::{Clock as _, Entropy as _},
    request_stamp,
};
use countersign_store::config;
use serde_json::{Value, json};

pub use countersign_store::config::{ConfigChange, EvmChange};

use crate::{Engine, clock::SystemEntropy, fault::Fault, faults, practice};

impl Engine {
    /// Changes the user's configuration and reads it again. Other engines over this home read it when they are told to.
    ///
    /// # Errors
    /// `config-unusable`, with the key: then everything is as it was. `config-locked` for what an administrator set.
    pub fn config_change(&mut self, change: &ConfigChange) -> Result<(), Fault> {
        use config::ConfigError as E;
        std::fs::create_dir_all(self.home())
            .map_err(|error| Fault::new(Stage::Open, "store-unusable").because(&error))?;
        config::change(self.home(), None, change).map_err(|error| {
            let fault = match &error {
                E::Locked { key, .. } => Fault::new(Stage::Open, "config-locked").with("key", key.as_str()),
                E::Value { key, rule } => Fault::new(Stage::Open, "config-unusable")
                    .with("key", key.as_str())
                    .with("rule", *rule),
                _ => Fault::new(Stage::Open, "config-unusable"),
            };
            fault.because(&error)
        })?;
        self.reload()
    }

    /// Asks the authority at this place for one stamp over a random digest: nothing of any contract is in it.
    ///
    /// # Errors
    /// Why it does not stamp.
    pub fn tsa_probe(&mut self, index: usize) -> Result<Value, Fault> {
        let missing = || Fault::new(Stage::Timestamp, "tsa-not-configured").with("index", index);
        let url = self.config.tsa.get(index).ok_or_else(missing)?.url.clone();
        let anchors = self.tsa_anchors(&[])?;
        let mut authority = self
            .authorities(std::slice::from_ref(&url))?
            .pop()
            .ok_or_else(missing)?;
        let mut probe = [0_u8; 32];
        SystemEntropy.fill(&mut probe);
        let now = self.clock.now();
        let token = request_stamp(&probe, authority.as_mut(), &anchors, &mut SystemEntropy, now)
            .map_err(|failure| faults::stamp_failure(&url, &failure))?;
        let token = countersign_cms::timestamp::read_token(&token)
            .map_err(|error| Fault::new(Stage::Timestamp, "tsa-invalid").because(&error))?;
        let skew = token.info.gen_time.as_second() - now.as_second();
        Ok(json!({"gen_time": token.info.gen_time.to_string(), "clock_skew_s": skew}))
    }

    /// Compares an endpoint with everything that is pinned.
    ///
    /// # Errors
    /// What differs, or why it could not be asked.
    pub fn endpoint_probe(&mut self, name: &str) -> Result<Value, Fault> {
        let (facts, checked) = self.with_endpoint(name, |endpoint, _| (endpoint.facts(), endpoint.check()))?;
        checked.map_err(|error| Fault::endpoint(&error))?;
        Ok(json!(facts))
    }

    /// What a node says of itself, and of the contract at an address when one is given.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn evm_describe(&mut self, url: &str, contract: &str) -> Result<Value, Fault> {
        let url = practice::running(&self.practice).resolve(&self.home, url)?;
        let node = describe(&url).map_err(|error| Fault::endpoint(&error))?;
        let mut facts = json!({"chain_id": node.chain_id, "genesis": node.genesis, "client": node.client});
        if !contract.is_empty() {
            let code_hash =
                countersign_remote::evm::code_hash(&url, contract).map_err(|error| Fault::endpoint(&error))?;
            if let Some(facts) = facts.as_object_mut() {
                facts.insert("contract".to_owned(), json!(contract));
                facts.insert("code_hash".to_owned(), json!(code_hash));
            }
        }
        Ok(facts)
    }
}

/// Subjects of the certificates in a file.
///
/// # Errors
/// `trust-unusable`.
pub fn subjects(octets: &[u8]) -> Result<Vec<String>, Fault> {
    certificates_from_pem_or_der(octets)
        .map(|found| found.iter().map(countersign_cms::Certificate::subject).collect())
        .map_err(|error| Fault::new(Stage::Verify, "trust-unusable").because(&error))
}
