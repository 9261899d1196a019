//! The committed bindings are those of this program, and they carry nothing that must not cross.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use super::*;
use crate::names::COMMANDS;

fn committed() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ui/src/lib/bindings.ts")
}

fn made() -> String {
    // Tests of one program run side by side: each has its own file.
    static MADE: AtomicU32 = AtomicU32::new(0);
    let own = format!("{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(format!("countersign-bindings-{own}.ts"));
    builder()
        .export(specta_typescript::Typescript::default(), &path)
        .expect("export");
    let text = fs::read_to_string(&path).expect("bindings");
    fs::remove_file(&path).expect("remove");
    text
}

#[test]
fn bindings_are_not_stale() {
    let (made, path) = (made(), committed());
    if std::env::var_os("COUNTERSIGN_WRITE_BINDINGS").is_some() {
        fs::write(&path, &made).expect("write");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "ui/src/lib/bindings.ts is stale: COUNTERSIGN_WRITE_BINDINGS=1 cargo test -p countersign-desktop bindings"
    );
}

/// The strings of a JSON list.
fn strings(value: &serde_json::Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
        .collect()
}

fn json(source: &str) -> serde_json::Value {
    serde_json::from_str(source).expect("JSON")
}

/// Names of commands as they are called in the bindings.
fn called(bindings: &str) -> Vec<&str> {
    let mut found: Vec<&str> = bindings
        .split("__TAURI_INVOKE(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    found.sort_unstable();
    found
}

#[test]
fn each_command_is_listed_bound_and_allowed_once() {
    assert!(COMMANDS.is_sorted(), "the list is in order");
    assert_eq!(called(&made()), COMMANDS);
    let capability = json(include_str!("../../capabilities/main.json"));
    let mut allowed: Vec<String> = strings(&capability["permissions"])
        .into_iter()
        .filter_map(|name| name.strip_prefix("allow-"))
        .map(|name| name.replace('-', "_"))
        .collect();
    allowed.sort_unstable();
    assert_eq!(allowed, COMMANDS);
    let others: Vec<&str> = strings(&capability["permissions"])
        .into_iter()
        .filter(|name| !name.starts_with("allow-"))
        .collect();
    assert_eq!(others, ["core:event:allow-listen", "core:event:allow-unlisten"]);
    assert_eq!(strings(&capability["windows"]), [crate::window::MAIN]);
    assert_eq!(
        (&capability["local"], &capability["remote"]),
        (&true.into(), &serde_json::Value::Null)
    );
}

/// Words of a name in snake or camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[test]
fn no_path_and_no_secret_has_a_name_in_what_crosses() {
    let made = made();
    let names = made
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*' || c == '/' || c == '?' || c == ':'))
        .filter_map(|token| token.strip_suffix(':'))
        .map(|name| name.trim_end_matches('?'));
    let mut seen = 0;
    for name in names.filter(|name| !name.is_empty()) {
        seen += 1;
        for word in words(name) {
            // `pin` is the state of a token's PIN; `pins` are values that an endpoint is compared with.
            let telling = ["path", "paths", "directory", "password", "secret", "bytes", "octets"];
            assert!(!telling.contains(&word.as_str()), "{name}");
        }
    }
    assert!(seen > 200, "only {seen} names were looked at");
}

#[test]
fn the_content_policy_lets_nothing_in() {
    let config = json(include_str!("../../tauri.conf.json"));
    let security = &config["app"]["security"];
    let expected = [
        ("base-uri", "'none'"),
        (
            "connect-src",
            "'self' ipc: http://ipc.localhost doc: http://doc.localhost",
        ),
        ("default-src", "'self'"),
        ("font-src", "'self'"),
        ("form-action", "'none'"),
        ("frame-ancestors", "'none'"),
        ("img-src", "'self' doc: http://doc.localhost blob:"),
        ("object-src", "'none'"),
        ("script-src", "'self' 'wasm-unsafe-eval'"),
        ("style-src", "'self'"),
        ("worker-src", "'self'"),
    ];
    let policy = security["csp"].as_object().expect("a policy");
    let found: Vec<(&str, &str)> = policy
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(security["capabilities"], serde_json::json!(["main"]));
    assert_eq!(config["app"]["withGlobalTauri"], false);
    // The window is made in Rust, where its rules are.
    assert_eq!(config["app"]["windows"], serde_json::json!([]));
    assert!(security.get("assetProtocol").is_none() && security.get("dangerousDisableAssetCspModification").is_none());
}
