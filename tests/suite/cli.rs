//! The command line as a contract: documents, keys, exit statuses, and no input that gets more than a named refusal.
//!
//! Not its business: wording (`messages`), what the values should be (`flow`).

mod documents;
mod hostile;

use countersign_tests::{
    contracts,
    desk::{Desk, Run, Workshop},
};
use serde_json::Value;

const JOURNAL: &str = "[endpoint.journal]\nkind = \"journal\"\npayload = \"full\"\npractice = true\n";

fn desk() -> Desk {
    let desk = Workshop::shared().desk();
    desk.configure(JOURNAL);
    let _contract = desk.put("contract.pdf", &contracts::classic().bytes);
    desk
}

/// One document on stdout with a schema; a failure with code, stage and remedy; never an internal error or a signal.
fn sound(name: &str, run: &Run) {
    let told = || format!("{name}: {}", run.told());
    let exit = run.exit.unwrap_or_else(|| panic!("{}", told()));
    assert!([0, 1, 2, 3, 64, 65, 66, 69, 73, 75, 77].contains(&exit), "{}", told());
    assert!(
        !run.stderr.contains("panicked") && !run.stdout.contains("panicked"),
        "{}",
        told()
    );
    assert!(run.json.is_object(), "{}", told());
    assert_eq!(run.stdout.trim_end().lines().count(), 1, "{}", told());
    let schema = run.json["schema"].as_str().unwrap_or_default();
    assert!(
        schema.starts_with("countersign.") && schema.ends_with("/1"),
        "{}",
        told()
    );
    // The verdict of `verify` has an exit status of its own, and no error.
    if exit >= 64 {
        let error = &run.json["error"];
        for key in ["code", "stage", "remedy"] {
            let value = error[key].as_str().unwrap_or_default();
            assert!(
                !value.is_empty()
                    && value
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                told()
            );
        }
        assert!(error["detail"].is_object(), "{}", told());
    }
    if exit == 0 {
        assert_eq!(
            run.json.get("error").unwrap_or(&Value::Null),
            &Value::Null,
            "{}",
            told()
        );
    }
}
