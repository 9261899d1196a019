//! What belongs to the window alone: language, colours, the credential that was used last. `window.json` in the home.
//!
//! Not its business: the configuration. A file that cannot be read is as if it were not there.

use std::path::Path;

use countersign_engine::files;
use serde::{Deserialize, Serialize};

use crate::view::{FaultShown, Language, Theme};

const FILE: &str = "window.json";

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Window {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) last_credential: Option<String>,
}

impl Default for Window {
    fn default() -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(std::env::var_os)
            .find(|value| !value.is_empty());
        Self {
            language: language_of(
                locale
                    .and_then(|value| value.into_string().ok())
                    .unwrap_or_default()
                    .as_str(),
            ),
            theme: Theme::System,
            last_credential: None,
        }
    }
}

fn language_of(locale: &str) -> Language {
    if locale.starts_with("zh") {
        Language::Chinese
    } else {
        Language::English
    }
}

pub(crate) fn read(home: &Path) -> Window {
    let octets = std::fs::read(home.join(FILE)).unwrap_or_default();
    serde_json::from_slice(&octets).unwrap_or_default()
}

pub(crate) fn change(home: &Path, change: impl FnOnce(&mut Window)) -> Result<(), FaultShown> {
    let mut window = read(home);
    change(&mut window);
    let octets = serde_json::to_vec_pretty(&window)
        .map_err(|error| FaultShown::new("store-unusable", "open").because(&error))?;
    Ok(files::write_private(&home.join(FILE), &octets)?)
}

/// Only a convenience: when it cannot be kept nothing is said.
pub(crate) fn remember_credential(home: &Path, id: &str) {
    let _ = change(home, |window| window.last_credential = Some(id.to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_rubbish_does_not_matter() {
        let home = tempfile::tempdir().unwrap();
        change(home.path(), |window| window.theme = Theme::Dark).unwrap();
        remember_credential(home.path(), "abc");
        let read_back = read(home.path());
        assert_eq!(
            (read_back.theme, read_back.last_credential.as_deref()),
            (Theme::Dark, Some("abc"))
        );
        std::fs::write(home.path().join(FILE), "{").unwrap();
        assert_eq!(read(home.path()).theme, Theme::System);
        assert_eq!(language_of("zh_CN.UTF-8"), Language::Chinese);
        assert_eq!(language_of("de_DE.UTF-8"), Language::English);
    }
}
