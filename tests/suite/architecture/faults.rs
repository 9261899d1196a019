//! Every fault has a code in the catalogue and words in both languages.

use std::collections::{BTreeMap, BTreeSet};

use countersign_engine::{Remedy, fault::CATALOGUE};
use countersign_tests::repository::{self, text};
use serde_json::Value;

use super::none;

const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// Where the parts give their errors a code (`fn code`), which the engine takes over as it is.
const SPEAKERS: &[&str] = &[
    "crates/pdf/src/error.rs",
    "crates/pdf/src/refusal.rs",
    "crates/signing/src/ports/endpoint.rs",
    "crates/signing/src/ports/token.rs",
    "crates/signing/src/timestamp.rs",
];

fn locale(language: &str) -> BTreeMap<String, String> {
    let file = repository::root()
        .join("crates/cli/locales")
        .join(language)
        .with_extension("json");
    let value: Value = serde_json::from_str(&text(&file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut flat = BTreeMap::new();
    flatten("", &value, &mut flat);
    assert!(!flat.is_empty(), "{}: no keys", file.display());
    flat
}

fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flatten(&path, value, into);
            }
        }
        Value::String(text) => {
            into.insert(path.to_owned(), text.clone());
        }
        other => panic!("{path}: {other} is no text"),
    }
}

/// What is filled in at run time: `{name}`.
fn places(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn languages_have_equal_keys() {
    let [chinese, english] = LANGUAGES.map(locale);
    let mut found = Vec::new();
    for (one, other, missing) in [(&chinese, &english, "en"), (&english, &chinese, "zh-CN")] {
        found.extend(
            one.keys()
                .filter(|key| !other.contains_key(*key))
                .map(|key| format!("{key} is missing in {missing}")),
        );
    }
    for (key, text) in &english {
        let Some(other) = chinese.get(key) else { continue };
        if text.trim().is_empty() || other.trim().is_empty() {
            found.push(format!("{key} is empty"));
        }
        if places(text) != places(other) {
            found.push(format!(
                "{key}: {:?} and {:?} are filled in",
                places(text),
                places(other)
            ));
        }
    }
    none("languages differ", &found);
}

#[test]
fn every_fault_and_every_remedy_has_words() {
    let remedies: BTreeSet<String> = CATALOGUE.iter().map(|(.., remedy)| name(*remedy)).collect();
    let mut found = Vec::new();
    for language in LANGUAGES {
        let words = locale(language);
        let wanted = CATALOGUE.iter().map(|(code, ..)| format!("err-{code}")).chain(
            remedies
                .iter()
                .filter(|remedy| *remedy != "none")
                .map(|remedy| format!("do-{remedy}")),
        );
        found.extend(
            wanted
                .filter(|key| !words.contains_key(key))
                .map(|key| format!("{language}: {key}")),
        );
    }
    none("no words", &found);
}

#[test]
fn every_code_of_the_parts_is_in_the_catalogue() {
    let known: BTreeSet<&str> = CATALOGUE.iter().map(|(code, ..)| *code).collect();
    let mut found = Vec::new();
    for speaker in SPEAKERS {
        let source = text(&repository::root().join(speaker));
        let codes = codes(&source);
        assert!(codes.len() > 2, "{speaker}: no codes found in its fn code");
        found.extend(
            codes
                .iter()
                .filter(|code| !known.contains(code.as_str()))
                .map(|code| format!("{speaker}: {code}")),
        );
    }
    none(
        "codes that the catalogue does not have (they end as internal errors)",
        &found,
    );
}

/// The kebab-case literals in the functions named `code`.
fn codes(source: &str) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for body in source.split("fn code(").skip(1) {
        let indent_end = body.find("\n    }").unwrap_or(body.len());
        let literals = body[..indent_end].split('"').skip(1).step_by(2);
        codes.extend(
            literals
                .filter(|text| {
                    text.chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                })
                .map(str::to_owned),
        );
    }
    codes
}

fn name(remedy: Remedy) -> String {
    serde_json::to_value(remedy).unwrap().as_str().unwrap().to_owned()
}
