//! Practice services on demand: an authority or a chain that the configuration names as `http://practice.invalid/…` is
//! started for as long as this process needs it. Nothing real can have such a name (RFC 6761 §6.4).
//!
//! Not its business: making the practice means (practice), the demo's story (demo).

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use countersign_practice::{ChainOptions, DevChain, Lab, TsaOptions, TsaServer};
use countersign_signing::Stage;
use jiff::Timestamp;

use crate::fault::Fault;

/// The authority's URL in a configuration.
pub(crate) const TSA_URL: &str = "http://practice.invalid/tsa";
/// The chain's URL in a configuration.
pub(crate) const CHAIN_URL: &str = "http://practice.invalid/chain";

/// What runs now.
#[derive(Default)]
pub(crate) struct Practice {
    tsa: Option<TsaServer>,
    chain: Option<DevChain>,
}

/// The practice chain makes a block a second, so that finality has a length that can be watched.
pub(crate) fn chain_options() -> ChainOptions {
    ChainOptions {
        block_time: Some(1),
        ..ChainOptions::default()
    }
}

/// Engines over one home share what runs.
pub(crate) type Shared = Arc<Mutex<Practice>>;

/// What runs, for as long as it is looked at.
pub(crate) fn running(shared: &Shared) -> MutexGuard<'_, Practice> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Practice {
    /// The real address behind a configured one.
    pub(crate) fn resolve(&mut self, home: &Path, url: &str) -> Result<String, Fault> {
        match url {
            TSA_URL => self.tsa(home),
            CHAIN_URL => self.chain(home),
            other => Ok(other.to_owned()),
        }
    }

    fn tsa(&mut self, home: &Path) -> Result<String, Fault> {
        if let Some(tsa) = &self.tsa {
            return Ok(tsa.url().to_owned());
        }
        let away = |error: &dyn std::fmt::Display| Fault::new(Stage::Timestamp, "tsa-unreachable").because(error);
        let lab = Lab::open_or_create(home, Timestamp::now()).map_err(|error| away(&error))?;
        let tsa = lab
            .start_tsa(TsaOptions::new(Timestamp::now))
            .map_err(|error| away(&error))?;
        let url = tsa.url().to_owned();
        self.tsa = Some(tsa);
        Ok(url)
    }

    fn chain(&mut self, home: &Path) -> Result<String, Fault> {
        if let Some(chain) = &self.chain {
            return Ok(chain.url());
        }
        let away = |error: &dyn std::fmt::Display| Fault::new(Stage::Submit, "endpoint-unreachable").because(error);
        let dir = home.join(countersign_practice::lab::FOLDER).join("chain");
        let chain = DevChain::start(&dir, &chain_options()).map_err(|error| away(&error))?;
        let chain = chain.ok_or_else(|| away(&"anvil is not on this machine"))?;
        let url = chain.url();
        self.chain = Some(chain);
        Ok(url)
    }

    pub(crate) fn keep_chain(&mut self, chain: DevChain) {
        self.chain = Some(chain);
    }
}
