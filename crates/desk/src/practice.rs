//! The practice desk: a home of its own below the home, with throwaway means and a sample contract on it.
//!
//! A home is a practice home when it has a practice laboratory: so is a demo's. Not its business: the means (engine::demo).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_engine::demo;

use crate::{Desk, Options, Person, shelf, view::FaultShown};

/// The practice desk's home, below the home; also the laboratory's folder in a practice home.
const FOLDER: &str = "practice";
/// The sample contract's file.
const SAMPLE: &str = "演练合同 Practice contract.pdf";

pub(crate) fn is_practice(home: &Path) -> bool {
    home.join(FOLDER).join("pin").is_file()
}

fn practice_home(home: &Path) -> PathBuf {
    if is_practice(home) {
        home.to_owned()
    } else {
        home.join(FOLDER)
    }
}

/// The variable that SoftHSM2 must find for the practice token, unless it is set already: to be set at the very start of
/// the program, before any thread and before the token exists. `None` when the variable is set, or when the home works with
/// a SoftHSM2 of its own.
#[must_use]
pub fn token_environment(home: &Path) -> Option<(&'static str, PathBuf)> {
    const VARIABLE: &str = "SOFTHSM2_CONF";
    if std::env::var_os(VARIABLE).is_some() {
        return None;
    }
    let practice = practice_home(home);
    let own = std::fs::read_to_string(home.join("config.toml")).unwrap_or_default();
    let uses_its_own = practice != home && own.contains("softhsm");
    let conf = std::path::absolute(practice.join(FOLDER).join("softhsm2.conf")).ok()?;
    (!uses_its_own).then_some((VARIABLE, conf))
}

impl Desk {
    /// Opens the practice desk below a home, and makes it where there is none. A home that is a practice home itself is
    /// opened as it is.
    ///
    /// # Errors
    /// `practice-unavailable`.
    pub fn open_practice(home: &Path, person: Arc<dyn Person>, options: Options) -> Result<Arc<Self>, FaultShown> {
        let practice = practice_home(home);
        let ready = is_practice(&practice) && practice.join("config.toml").is_file();
        let engine = if ready {
            None
        } else {
            Some(demo::practice_home(&practice, None)?.0)
        };
        let desk = Self::open_with(&practice, engine, person, options)?;
        if desk.is_empty() {
            let contracts = practice.join("contracts");
            let unusable = |error: std::io::Error| FaultShown::new("practice-unavailable", "open").because(&error);
            std::fs::create_dir_all(&contracts).map_err(unusable)?;
            let sample = contracts.join(SAMPLE);
            if !sample.exists() {
                std::fs::write(&sample, demo::SAMPLE).map_err(unusable)?;
            }
            desk.desk_add(&[sample])?;
        }
        Ok(desk)
    }

    fn is_empty(&self) -> bool {
        crate::running::locked(&self.shelf).is_empty()
    }

    /// Whether everything here is practice.
    #[must_use]
    pub const fn is_practice(&self) -> bool {
        self.practice
    }

    /// The practice PIN, on a practice desk only: it is no secret, and a newcomer must type it.
    #[must_use]
    pub fn practice_pin(&self) -> Option<String> {
        if !self.practice {
            return None;
        }
        let pin = std::fs::read_to_string(self.home.join(FOLDER).join("pin")).ok()?;
        Some(pin.trim().to_owned())
    }
}

/// Folder of the desk, for those who look from outside.
#[must_use]
pub fn desk_folder(home: &Path) -> PathBuf {
    home.join(shelf::FOLDER)
}
