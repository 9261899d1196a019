//! Several engines over one home: each with its own connection to the store and its own tokens, all with the same practice
//! services.
//!
//! Not its business: which thread has which engine (shells).

use countersign_signing::Stage;
use countersign_store::config::Config;

use crate::{Engine, clock::SystemClock, fault::Fault, sweep};

impl Engine {
    /// Another engine over the same home, for another thread.
    #[must_use]
    pub fn companion(&self) -> Self {
        Self {
            home: self.home.clone(),
            config: self.config.clone(),
            locks: self.locks.clone(),
            clock: SystemClock,
            book: None,
            tokens: None,
            practice: self.practice.clone(),
            copies: sweep::Copies::default(),
        }
    }

    /// An engine as if the user had configured nothing, for a home whose configuration cannot be used.
    ///
    /// # Errors
    /// `config-unusable` when the administrator's file is at fault.
    pub fn unconfigured(home: &std::path::Path) -> Result<Self, Fault> {
        Self::open(home, Some(std::path::Path::new("/dev/null")))
    }

    /// Reads the configuration again. Tokens are let go of when their modules changed; practice services go on.
    ///
    /// # Errors
    /// `config-unusable`: then everything is as it was.
    pub fn reload(&mut self) -> Result<(), Fault> {
        let (config, locks) = Config::load(&self.home, None, None)
            .map_err(|error| Fault::new(Stage::Open, "config-unusable").because(&error))?;
        if config.modules != self.config.modules {
            self.tokens = None;
        }
        self.config = config;
        self.locks = locks;
        Ok(())
    }

    /// The configuration in force.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Dotted keys that an administrator locked.
    #[must_use]
    pub fn locked(&self) -> Vec<String> {
        self.locks.iter().map(|lock| lock.key.clone()).collect()
    }
}
