//! Words of the native dialogs, titles and notifications, in both languages. Words of the window are the window's own.

use std::{collections::BTreeMap, sync::OnceLock};

use countersign_desk::view::Language;

type Words = BTreeMap<String, String>;

/// Looks words up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) Language);

impl Text {
    /// The words; the key itself where there are none, which a test excludes.
    pub(crate) fn get(self, key: &str) -> &str {
        let found = words(self.0).get(key);
        #[cfg(test)]
        assert!(found.is_some(), "no words for {key}");
        found.map_or(key, String::as_str)
    }

    /// The words with `{name}` filled in.
    pub(crate) fn filled(self, key: &str, name: &str, value: &str) -> String {
        self.get(key).replace(&format!("{{{name}}}"), value)
    }

    /// Between a label and what it labels.
    pub(crate) fn labelled(self, key: &str) -> String {
        match self.0 {
            Language::Chinese => format!("{}：", self.get(key)),
            Language::English => format!("{}:", self.get(key)),
        }
    }
}

/// The language to begin with, from what the system says.
pub(crate) fn system_language(locale: Option<&str>) -> Language {
    match locale {
        Some(locale) if !locale.to_ascii_lowercase().starts_with("zh") => Language::English,
        _ => Language::Chinese,
    }
}

fn words(language: Language) -> &'static Words {
    static CHINESE: OnceLock<Words> = OnceLock::new();
    static ENGLISH: OnceLock<Words> = OnceLock::new();
    let (cell, source) = match language {
        Language::Chinese => (&CHINESE, include_str!("../locales/zh-CN.json")),
        Language::English => (&ENGLISH, include_str!("../locales/en.json")),
    };
    cell.get_or_init(|| serde_json::from_str(source).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holes(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let (chinese, english) = (words(Language::Chinese), words(Language::English));
        assert!(english.len() > 20, "not read");
        assert_eq!(chinese.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>());
        for (key, text) in english {
            assert!(!text.is_empty() && !chinese[key].is_empty(), "{key}");
            assert_eq!(holes(text), holes(&chinese[key]), "{key}");
        }
    }

    #[test]
    fn no_words_are_spoken_that_are_not_there_and_none_are_left_over() {
        let sources = [
            include_str!("agree.rs"),
            include_str!("notify.rs"),
            include_str!("pin/said.rs"),
            include_str!("picker/mod.rs"),
            include_str!("picker/native.rs"),
            include_str!("shell.rs"),
            include_str!("window/mod.rs"),
            include_str!("commands/contracts.rs"),
            include_str!("commands/settings.rs"),
            include_str!("commands/sign.rs"),
            include_str!("commands/verify.rs"),
        ];
        let dynamic = ["notify-stamp-arrived", "notify-chain-final", "notify-chain-blocked"];
        for key in words(Language::English).keys() {
            let used = sources.iter().any(|source| source.contains(&format!("\"{key}\"")));
            assert!(used || dynamic.contains(&key.as_str()), "{key} is never said");
        }
    }

    #[test]
    fn the_system_says_the_language() {
        let cases = [
            (Some("zh_CN.UTF-8"), Language::Chinese),
            (Some("zh-Hans"), Language::Chinese),
            (Some("en_GB.UTF-8"), Language::English),
            (Some("C"), Language::English),
            (None, Language::Chinese),
        ];
        for (locale, expected) in cases {
            assert_eq!(system_language(locale), expected, "{locale:?}");
        }
    }
}
