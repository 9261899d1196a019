//! What people read comes from the locale files, in the language they asked for, and has a text for everything.
//!
//! Not its business: whether the texts are good.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use countersign_engine::fault::CATALOGUE;
use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Workshop},
    repository,
    surroundings::{bare, command, ended, sign},
};

type Texts = BTreeMap<String, String>;

fn texts(lang: &str) -> Texts {
    let file = repository::root()
        .join("crates/cli/locales")
        .join(lang)
        .with_extension("json");
    serde_json::from_str(&repository::text(&file)).unwrap()
}

fn desk() -> Desk {
    let desk = Workshop::shared().desk();
    let _contract = desk.put("contract.pdf", &contracts::classic().bytes);
    let _text = desk.put("text.pdf", b"no contract");
    desk
}

#[test]
fn a_failure_is_told_in_the_language_asked_for() {
    let desk = desk();
    let absent = [
        "sign",
        "contract.pdf",
        "-o",
        "no.pdf",
        "--yes",
        "--credential",
        "pkcs11:token=absent;object=x",
    ];
    let commands: Vec<Vec<String>> = vec![
        vec!["inspect".to_owned(), "absent.pdf".to_owned()],
        vec!["inspect".to_owned(), "text.pdf".to_owned()],
        vec!["verify".to_owned(), "text.pdf".to_owned()],
        absent.map(str::to_owned).to_vec(),
        sign(&desk, "contract.pdf", "no.pdf", Key::P256, &[]),
        sign(&desk, "contract.pdf", "absent/no.pdf", Key::P256, &[]),
        sign(
            &desk,
            "contract.pdf",
            "no.pdf",
            Key::P256,
            &["--reviewed", &"0".repeat(64)],
        ),
        sign(&desk, "contract.pdf", "no.pdf", Key::P256, &["--party", "3/2"]),
        vec!["evidence".to_owned(), "show".to_owned(), "none".to_owned()],
        vec![
            "extend".to_owned(),
            "contract.pdf".to_owned(),
            "-o".to_owned(),
            "no.pdf".to_owned(),
            "--level".to_owned(),
            "B-T".to_owned(),
        ],
    ];
    for arguments in commands {
        let name = arguments.join(" ");
        let known = desk.run(&arguments, Pin::Never);
        let (code, remedy) = (
            known.code().to_owned(),
            known.json["error"]["remedy"].as_str().unwrap_or_default().to_owned(),
        );
        assert!(!code.is_empty(), "{name}: {}", known.told());
        let mut said = Vec::new();
        for lang in ["zh-CN", "en"] {
            let mut words = arguments.clone();
            words.extend(["--lang".to_owned(), lang.to_owned()]);
            let output = ended(bare(&desk, &[], &words).spawn().unwrap(), DEADLINE);
            assert_eq!(output.status.code(), known.exit, "{name}");
            let text = both(&output);
            let locale = texts(lang);
            for key in [format!("err-{code}"), format!("do-{remedy}")] {
                let expected = locale.get(&key).unwrap_or_else(|| panic!("{lang}: no text for {key}"));
                assert!(
                    text.contains(expected.as_str()),
                    "{name} in {lang}: {expected:?} is not in\n{text}"
                );
                assert!(
                    !text.contains(&key),
                    "{name} in {lang}: the key {key} itself is in\n{text}"
                );
            }
            said.push(text);
        }
        assert_ne!(said[0], said[1], "{name}");
        // With --json what people read is on stderr, and stdout has the document alone.
        let output = ended(command(&desk, &[], &arguments).spawn().unwrap(), DEADLINE);
        assert!(
            serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok(),
            "{name}"
        );
    }
}

fn both(output: &std::process::Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn the_language_follows_the_environment_and_is_chinese_without_one() {
    let desk = desk();
    let key = "err-input-missing";
    let (chinese, english) = (texts("zh-CN")[key].clone(), texts("en")[key].clone());
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[], &chinese),
        (&[("LANG", "zh_CN.UTF-8")], &chinese),
        (&[("LANG", "en_US.UTF-8")], &english),
        (&[("LANG", "C")], &english),
        (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")], &chinese),
        (&[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")], &english),
        (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")], &chinese),
    ];
    for (environment, expected) in cases {
        let mut command = bare(&desk, &[], &["inspect", "absent.pdf"]);
        let output = ended(command.envs(environment.iter().copied()).spawn().unwrap(), DEADLINE);
        let text = both(&output);
        assert!(text.contains(expected), "{environment:?}: {text}");
    }
}

#[test]
fn success_and_progress_are_told_too() {
    let desk = desk();
    for lang in ["zh-CN", "en"] {
        let locale = texts(lang);
        let output = format!("{lang}.pdf");
        let mut words = sign(&desk, "contract.pdf", &output, Key::P256, &["--lang", lang]);
        words.extend(["--pin-from".to_owned(), format!("file:{}", desk.pin_file().display())]);
        let text = both(&ended(bare(&desk, &[], &words).spawn().unwrap(), DEADLINE));
        for key in [
            "stage-open",
            "stage-sign",
            "stage-timestamp",
            "label-output",
            "label-level",
            "label-sha256",
        ] {
            assert!(text.contains(&locale[key]), "{lang}: {key} is not in\n{text}");
            assert!(!text.contains(key), "{lang}: the key {key} itself is in\n{text}");
        }
        let verified = ended(
            bare(&desk, &[], &["verify", &output, "--lang", lang]).spawn().unwrap(),
            DEADLINE,
        );
        let text = both(&verified);
        for key in [
            "fact-integrity",
            "fact-trust",
            "fact-time",
            "fact-changes",
            "indication-TOTAL-PASSED",
        ] {
            assert!(text.contains(&locale[key]), "{lang}: {key} is not in\n{text}");
        }
    }
}

#[test]
fn every_code_every_remedy_and_every_key_has_a_text_in_both_languages() {
    let (chinese, english) = (texts("zh-CN"), texts("en"));
    let keys = |texts: &Texts| texts.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&chinese), keys(&english));
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for (code, _, remedy) in CATALOGUE {
        wanted.insert(format!("err-{code}"));
        let remedy = serde_json::to_value(remedy).unwrap();
        wanted.insert(format!("do-{}", remedy.as_str().unwrap()));
    }
    for source in repository::sources() {
        if !repository::relative(&source).starts_with("crates/cli/") {
            continue;
        }
        for part in repository::text(&source).split("text.get(\"").skip(1) {
            wanted.insert(part.split('"').next().unwrap_or_default().to_owned());
        }
    }
    for (lang, texts) in [("zh-CN", &chinese), ("en", &english)] {
        let missing: Vec<&String> = wanted.iter().filter(|key| !texts.contains_key(*key)).collect();
        assert!(missing.is_empty(), "{lang}: {missing:?}");
        let empty: Vec<&String> = texts
            .iter()
            .filter(|(_, text)| text.trim().is_empty())
            .map(|(key, _)| key)
            .collect();
        assert!(empty.is_empty(), "{lang}: {empty:?}");
    }
    let chinese_in_english: Vec<&String> = english
        .iter()
        .filter(|(key, text)| *key != "practice-banner" && text.chars().any(han))
        .map(|(key, _)| key)
        .collect();
    assert!(chinese_in_english.is_empty(), "{chinese_in_english:?}");
    let untranslated: Vec<&String> = chinese
        .iter()
        .filter(|(key, text)| english[*key] == **text && text.chars().any(|c| c.is_ascii_lowercase()))
        .map(|(key, _)| key)
        .collect();
    assert!(untranslated.is_empty(), "{untranslated:?}");
}

fn han(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

const DEADLINE: Duration = Duration::from_secs(30);
