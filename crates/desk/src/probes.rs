//! Whether services and modules are there: asked for by the person, one at a time.
//!
//! Not its business: settings. Nothing of any contract is in what is asked.

use std::{collections::BTreeMap, time::Instant};

use countersign_engine::{Engine, Fault};
use serde_json::Value;

use crate::{
    Desk,
    report::text,
    view::{FaultShown, Probe, SettingsView},
};

fn facts(value: &Value) -> BTreeMap<String, String> {
    let told = value.as_object().into_iter().flatten();
    told.map(|(key, value)| (key.clone(), text(value))).collect()
}

fn probe(begun: Instant, asked: Result<Value, Fault>) -> Probe {
    let took_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
    match asked {
        Ok(value) => Probe {
            ok: true,
            facts: facts(&value),
            fault: None,
            took_ms,
        },
        Err(fault) => Probe {
            ok: false,
            facts: BTreeMap::new(),
            fault: Some(fault.into()),
            took_ms,
        },
    }
}

impl Desk {
    fn asked(
        &self,
        ask: impl FnOnce(&mut Engine) -> Result<Value, Fault> + Send + 'static,
    ) -> Result<Result<Value, Fault>, FaultShown> {
        self.reading.run(|| self.still_open().is_ok(), ask)
    }

    /// Asks an authority for one stamp over a random digest.
    ///
    /// # Errors
    /// `not-now` when the desk is closed.
    pub fn settings_probe_tsa(&self, index: u32) -> Result<Probe, FaultShown> {
        let begun = Instant::now();
        let asked = self.asked(move |engine| engine.tsa_probe(index as usize))?;
        Ok(probe(begun, asked))
    }

    /// Compares an endpoint with what is pinned.
    ///
    /// # Errors
    /// As above.
    pub fn settings_probe_endpoint(&self, name: &str) -> Result<Probe, FaultShown> {
        let begun = Instant::now();
        let name = name.to_owned();
        let asked = self.asked(move |engine| engine.endpoint_probe(&name))?;
        Ok(probe(begun, asked))
    }

    /// What a node says of itself, and of the contract at an address when one is given, before it is pinned.
    ///
    /// # Errors
    /// As above.
    pub fn settings_describe_evm(&self, url: &str, contract: &str) -> Result<Probe, FaultShown> {
        let begun = Instant::now();
        let (url, contract) = (url.trim().to_owned(), contract.trim().to_owned());
        let asked = self.asked(move |engine| engine.evm_describe(&url, &contract))?;
        Ok(probe(begun, asked))
    }

    pub(crate) fn describe(&self, url: &str, contract: &str) -> Result<Value, FaultShown> {
        let (url, contract) = (url.trim().to_owned(), contract.trim().to_owned());
        Ok(self.asked(move |engine| engine.evm_describe(&url, &contract))??)
    }

    /// Loads every module that is configured or installed, and tells what it says.
    ///
    /// # Errors
    /// As above.
    pub fn settings_probe_modules(&self) -> Result<SettingsView, FaultShown> {
        let desk = self.me.clone();
        self.signing.run(
            || self.still_open().is_ok(),
            move |engine| {
                if let Some(desk) = desk.upgrade() {
                    let modules = engine.survey_everything();
                    desk.keep_look(engine, modules);
                }
            },
        )?;
        self.settings_view()
    }
}
