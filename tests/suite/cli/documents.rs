//! Each command's document: its schema's name and the keys that INTERFACE lists.

use countersign_tests::{
    desk::{Key, Pin, Run},
    surroundings::{bare, ended, sign},
};
use serde_json::Value;

use super::{desk, sound};

struct Case<'a> {
    arguments: Vec<&'a str>,
    exit: i32,
    schema: &'a str,
    /// JSON pointers that must lead somewhere.
    keys: &'a [&'a str],
}

const SIGN: &[&str] = &[
    "input",
    "output",
    "sha256_before",
    "sha256_after",
    "field",
    "level",
    "signature_value",
    "gen_time",
    "record_id",
    "evidence",
    "submission",
    "timings_ms/open",
    "timings_ms/review",
    "timings_ms/prepare",
    "timings_ms/token",
    "timings_ms/timestamp",
    "timings_ms/embed",
    "timings_ms/record",
    "timings_ms/submit",
];
const SIGNATURE: &[&str] = &[
    "field",
    "kind",
    "sub_filter",
    "revision",
    "integrity",
    "coverage/byte_range/3",
    "coverage/whole_revision",
    "later_changes",
    "changes",
    "certificate/subject",
    "certificate/issuer",
    "certificate/serial",
    "certificate/not_before",
    "certificate/not_after",
    "certificate/sha256",
    "trust",
    "revocation",
    "time/kind",
    "time/at",
    "time/tsa",
    "level",
    "indication",
    "sub_indication",
    "findings",
];
const VERIFY: &[&str] = &[
    "file/size",
    "file/sha256",
    "file/sm3",
    "overall",
    "signatures",
    "chain/status",
    "chain/proofs",
];
const INSPECT: &[&str] = &[
    "file/size",
    "file/sha256",
    "pages",
    "pdf_version",
    "encrypted",
    "revisions/0/end",
    "fields",
    "findings",
    "signatures",
    "signable",
    "refusals",
];
const RECORD: &[&str] = &[
    "schema",
    "profile",
    "record_id",
    "business_no",
    "flow_id",
    "party_index",
    "party_count",
    "prev",
    "document/media_type",
    "document/size",
    "document/sha256",
    "document/sm3",
    "document/before_sha256",
    "document/byte_range",
    "document/revision",
    "signature/format",
    "signature/level",
    "signature/sig_oid",
    "signature/digest_oid",
    "signature/value",
    "signature/value_sha256",
    "signature/claimed_time",
    "signer/cert_sha256",
    "signer/issuer_key_id",
    "signer/org_commit",
    "signer/role",
    "timestamp/token",
    "timestamp/token_sha256",
    "timestamp/gen_time",
    "timestamp/accuracy_ms",
    "timestamp/serial",
    "timestamp/policy",
    "timestamp/tsa_cert_sha256",
    "validation/indication",
    "validation/sub_indication",
    "validation/report_sha256",
    "validation/policy_id",
    "validation/at",
    "trace/head",
    "trace/count",
    "client/product",
    "client/version",
    "client/backend",
    "client/token_class",
    "salt",
];
const ROW: &[&str] = &[
    "id",
    "endpoint",
    "record_id",
    "evidence",
    "state",
    "tries",
    "next_try",
    "last_fault",
    "transactions",
];

#[test]
fn every_command_answers_with_its_document() {
    let desk = desk();
    let signed = desk.run(
        &sign(
            &desk,
            "contract.pdf",
            "signed.pdf",
            Key::P256,
            &["--endpoint", "journal"],
        ),
        Pin::File,
    );
    assert_eq!(
        (signed.exit, signed.json["schema"].as_str()),
        (Some(0), Some("countersign.sign/1")),
        "{}",
        signed.told()
    );
    has("sign", &signed.json["results"][0], SIGN);
    sound("sign", &signed);
    let plain = desk.run(
        &sign(
            &desk,
            "contract.pdf",
            "plain.pdf",
            Key::P256,
            &["--level", "B-B", "--no-submit"],
        ),
        Pin::File,
    );
    sound("sign", &plain);
    let record = signed.json["results"][0]["record_id"].as_str().unwrap();
    let rows = desk.run(&["outbox", "list"], Pin::Never);
    let row = rows.json["rows"][0]["id"].as_str().unwrap();

    let case = |arguments: &[&'static str], exit, schema, keys| Case {
        arguments: arguments.to_vec(),
        exit,
        schema,
        keys,
    };
    let mut cases = vec![
        case(&["inspect", "contract.pdf"], 0, "inspect", INSPECT),
        case(&["inspect", "signed.pdf"], 0, "inspect", INSPECT),
        case(&["verify", "signed.pdf"], 0, "verify", VERIFY),
        case(&["verify", "contract.pdf"], 3, "verify", VERIFY),
        case(
            &["extend", "plain.pdf", "-o", "extended.pdf", "--level", "B-T"],
            0,
            "extend",
            &["input", "output", "sha256_before", "sha256_after", "level", "gen_time"],
        ),
        case(&["token", "list"], 0, "token", &["modules/0/path", "modules/0/slots"]),
        case(&["outbox", "list"], 0, "outbox", &["rows", "sessions"]),
        case(&["outbox", "run"], 0, "outbox", &["rows", "sessions"]),
        case(
            &["journal", "show"],
            0,
            "journal",
            &["journals/0/name", "journals/0/entries/0/hash"],
        ),
        case(
            &["journal", "verify"],
            0,
            "journal-verify",
            &["intact", "journals/0/intact", "trace/intact"],
        ),
        case(&["config", "path"], 0, "config", &["path"]),
        case(&["config", "show"], 0, "config", &["config", "home", "locks"]),
        case(&["config", "check"], 0, "config", &["config"]),
    ];
    cases.push(Case {
        arguments: vec!["evidence", "show", record],
        exit: 0,
        schema: "evidence-show",
        keys: &["record", "evidence", "submissions"],
    });
    cases.push(Case {
        arguments: vec!["evidence", "submit", record, "--endpoint", "journal"],
        exit: 0,
        schema: "submit",
        keys: &["record_id", "evidence", "submission"],
    });
    cases.push(Case {
        arguments: vec!["outbox", "show", row],
        exit: 0,
        schema: "outbox",
        keys: &["rows/0/state", "row/attempts"],
    });
    cases.push(Case {
        arguments: vec!["outbox", "retry", row],
        exit: 0,
        schema: "outbox",
        keys: &["rows/0/state"],
    });
    for case in cases {
        let name = case.arguments.join(" ");
        let run = desk.run(&case.arguments, Pin::Never);
        sound(&name, &run);
        assert_eq!(run.exit, Some(case.exit), "{name}: {}", run.told());
        let schema = run.json["schema"].as_str().unwrap_or_default();
        assert!(
            schema.starts_with(&format!("countersign.{}", case.schema)),
            "{name}: {schema}"
        );
        has(&name, &run.json, case.keys);
        match name.as_str() {
            "verify signed.pdf" | "inspect signed.pdf" => has(&name, &run.json["signatures"][0], SIGNATURE),
            "outbox list" => has(&name, &run.json["rows"][0], ROW),
            _ if name.starts_with("evidence show") => has(&name, &run.json["record"], RECORD),
            _ => {}
        }
    }
    let doctor = desk.run(&["doctor"], Pin::Never);
    sound_or_attention(&doctor);
}

/// The desk is not a whole workstation: `doctor` may find something, and says so in its document.
fn sound_or_attention(run: &Run) {
    assert!(
        run.json["schema"]
            .as_str()
            .is_some_and(|schema| schema.starts_with("countersign.doctor")),
        "{}",
        run.told()
    );
    has("doctor", &run.json, &["modules", "endpoints", "tsa", "clock"]);
    assert_ne!(run.exit, Some(70), "{}", run.told());
}

fn has(name: &str, value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(
            value.pointer(&format!("/{key}")).is_some(),
            "{name}: no {key} in {value}"
        );
    }
}

#[test]
fn help_is_there_for_every_command() {
    let desk = desk();
    let commands = [
        "",
        "demo",
        "doctor",
        "token",
        "token list",
        "inspect",
        "sign",
        "verify",
        "extend",
        "evidence",
        "evidence show",
        "evidence export",
        "evidence verify",
        "evidence submit",
        "outbox",
        "outbox list",
        "outbox run",
        "outbox retry",
        "outbox show",
        "journal",
        "journal show",
        "journal verify",
        "config",
        "config path",
        "config show",
        "config check",
    ];
    for words in commands {
        let mut arguments: Vec<&str> = words.split_whitespace().collect();
        arguments.push("--help");
        let output = ended(
            bare(&desk, &[], &arguments).spawn().unwrap(),
            std::time::Duration::from_secs(20),
        );
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{words} --help");
        assert!(said.contains("Usage:"), "{words}: {said}");
        for global in ["--json", "--home", "--lang"] {
            assert!(said.contains(global), "{words}: {global} is not in {said}");
        }
    }
    let version = ended(
        bare(&desk, &[], &["--version"]).spawn().unwrap(),
        std::time::Duration::from_secs(20),
    );
    assert!(String::from_utf8_lossy(&version.stdout).starts_with("countersign "));
}
