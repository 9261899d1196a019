//! Results as people read them: the same facts as in the JSON, in the chosen language.
//!
//! Not its business: deciding anything.

use countersign_engine::{Fault, Report, ReviewShown, SignReport};
use serde_json::Value;

use crate::text::Text;

fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// JSON on one line, long strings shortened.
pub(crate) fn short(value: &Value) -> String {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| format!("{key}={}", short(value)))
            .collect::<Vec<_>>()
            .join(" "),
        Value::String(text) if text.chars().count() > 72 => {
            format!("{}… ({})", text.chars().take(64).collect::<String>(), text.len() / 2)
        }
        other => word(other),
    }
}

/// What is shown before an approval.
pub(crate) fn review(text: Text, shown: &ReviewShown) -> Vec<String> {
    let mut lines = inspect(text, &shown.name, &shown.inspect);
    lines.push(format!(
        "{}: {} / {}",
        text.get("label-signer"),
        word(at(&shown.signer, "/subject")),
        word(at(&shown.signer, "/issuer"))
    ));
    if at(&shown.signer, "/key_extractable") == &Value::Bool(true) {
        lines.push(format!("! {}", text.get("note-key-extractable")));
    }
    lines
}

/// The facts of a file.
pub(crate) fn inspect(text: Text, name: &str, facts: &Value) -> Vec<String> {
    let mut lines = vec![
        format!("{}: {name} ({})", text.get("label-file"), word(at(facts, "/file/size"))),
        format!("{}: {}", text.get("label-sha256"), word(at(facts, "/file/sha256"))),
    ];
    let sm3 = word(at(facts, "/file/sm3"));
    if !sm3.is_empty() {
        lines.push(format!("{}: {sm3}", text.get("label-sm3")));
    }
    let pages = format!(
        "{}: {}  PDF {}",
        text.get("label-pages"),
        word(at(facts, "/pages")),
        word(at(facts, "/pdf_version"))
    );
    lines.push(pages);
    for signature in at(facts, "/signatures").as_array().into_iter().flatten() {
        lines.push(format!(
            "  {} {}: {} {} {}",
            text.get("label-field"),
            word(at(signature, "/field")),
            word(at(signature, "/integrity")),
            word(at(signature, "/certificate/subject")),
            word(at(signature, "/time/at")),
        ));
    }
    for (pointer, label) in [("/findings", "label-findings"), ("/refusals", "label-refusals")] {
        let list = at(facts, pointer).as_array().cloned().unwrap_or_default();
        if !list.is_empty() {
            lines.push(format!("{}:", text.get(label)));
        }
        for item in list {
            let page = at(&item, "/page")
                .as_u64()
                .map(|page| format!(" p.{page}"))
                .unwrap_or_default();
            lines.push(format!(
                "  {} {}{page} {}",
                word(at(&item, "/severity")),
                word(at(&item, "/code")),
                word(at(&item, "/detail"))
            ));
        }
    }
    lines
}

/// What came of signing.
pub(crate) fn signed(text: Text, report: &SignReport) -> Vec<String> {
    let mut lines = Vec::new();
    for result in &report.results {
        if result.sha256_after.is_empty() {
            lines.push(format!("✗ {}", result.input));
        } else {
            lines.push(format!(
                "✓ {} → {}: {}",
                result.input,
                text.get("label-output"),
                result.output
            ));
            for (label, value) in [
                ("label-level", &result.level),
                ("label-gen-time", &result.gen_time),
                ("label-sha256", &result.sha256_after),
                ("label-record", &result.record_id),
                ("label-evidence", &result.evidence),
                ("label-submission", &result.submission),
                ("label-transaction", &result.transaction),
            ] {
                if !value.is_empty() {
                    lines.push(format!("  {}: {value}", text.get(label)));
                }
            }
        }
        lines.extend(result.notes.iter().map(|note| self::note(text, note)));
        lines.extend(result.error.iter().flat_map(|error| fault(text, error)));
    }
    lines
}

/// What a person should know of a result that is otherwise as it should be.
fn note(text: Text, note: &Value) -> String {
    let code = word(at(note, "/code"));
    let details = note.as_object().into_iter().flatten();
    let details: Vec<String> = details
        .filter(|(key, value)| *key != "code" && **value != Value::Bool(false) && !word(value).is_empty())
        .map(|(key, value)| format!("{key}={}", short(value)))
        .collect();
    let details = if details.is_empty() {
        String::new()
    } else {
        format!(" ({})", details.join(" "))
    };
    format!("  ! {}{details}", text.get(&format!("note-{code}")))
}

/// Four facts for each signature, never merged, and the words of the standard.
pub(crate) fn verified(text: Text, report: &Report) -> Vec<String> {
    let value = serde_json::to_value(report).unwrap_or_default();
    let overall = word(at(&value, "/overall"));
    let mut lines = vec![
        text.get(&format!("indication-{overall}")).to_owned(),
        format!("{}: {}", text.get("label-sha256"), report.file.sha256),
    ];
    for signature in at(&value, "/signatures").as_array().into_iter().flatten() {
        let sub = word(at(signature, "/sub_indication"));
        lines.push(format!(
            "{} {} [{}] {} {sub}",
            text.get("label-field"),
            word(at(signature, "/field")),
            word(at(signature, "/level")),
            word(at(signature, "/indication")),
        ));
        lines.push(format!("  {}", word(at(signature, "/certificate/subject"))));
        lines.push(format!(
            "  {}: {}",
            text.get("fact-integrity"),
            word(at(signature, "/integrity"))
        ));
        lines.push(format!(
            "  {}: {}; {}: {}",
            text.get("fact-trust"),
            word(at(signature, "/trust")),
            text.get("fact-revocation"),
            word(at(signature, "/revocation"))
        ));
        lines.push(format!(
            "  {}: {} {} {}",
            text.get("fact-time"),
            word(at(signature, "/time/kind")),
            word(at(signature, "/time/at")),
            word(at(signature, "/time/tsa"))
        ));
        lines.push(format!(
            "  {}: {}",
            text.get("fact-changes"),
            word(at(signature, "/later_changes"))
        ));
        lines.extend(findings(signature));
    }
    // Of the file as a whole: why there may be more signatures than these.
    lines.extend(findings(&value));
    lines.push(format!(
        "{}: {}",
        text.get("fact-chain"),
        word(at(&value, "/chain/status"))
    ));
    lines
}

fn findings(of: &Value) -> Vec<String> {
    let found = at(of, "/findings").as_array().into_iter().flatten();
    found
        .map(|finding| {
            let [severity, code, detail] = ["/severity", "/code", "/detail"].map(|key| word(at(finding, key)));
            format!("    {severity} {code} {detail}")
        })
        .collect()
}

/// What happened and what to do.
pub(crate) fn fault(text: Text, fault: &Fault) -> Vec<String> {
    raw_fault(text, &serde_json::to_value(fault).unwrap_or_default())
}

/// The same for a fault that is already a document.
pub(crate) fn raw_fault(text: Text, error: &Value) -> Vec<String> {
    let mut lines = vec![format!(
        "{} [{} / {}]",
        text.error(&word(at(error, "/code"))),
        word(at(error, "/code")),
        word(at(error, "/stage"))
    )];
    for (key, value) in at(error, "/detail").as_object().into_iter().flatten() {
        lines.push(format!("  {key}: {}", short(value)));
    }
    lines.push(format!("→ {}", text.remedy(&word(at(error, "/remedy")))));
    lines
}

/// What was probed, and what to do where something is missing.
pub(crate) fn doctor(text: Text, found: &Value) -> Vec<String> {
    let mark = |well: bool| if well { "✓" } else { "✗" };
    let list = |pointer: &str| at(found, pointer).as_array().cloned().unwrap_or_default();
    let told = |lines: &mut Vec<String>, error: &Value| {
        if !error.is_null() {
            lines.extend(raw_fault(text, error).into_iter().map(|line| format!("    {line}")));
        }
    };
    let mut lines = vec![format!("{}: {}", text.get("label-home"), word(at(found, "/home")))];
    let well = |value: &Value| at(value, "/ok").as_bool().unwrap_or(false);
    lines.push(format!(
        "{} {}",
        mark(well(at(found, "/store"))),
        text.get("label-store")
    ));
    told(&mut lines, at(found, "/store/error"));
    for module in list("/modules") {
        let trouble = at(&module, "/error");
        let name = [word(at(&module, "/name")), word(at(&module, "/path"))].join(" ");
        lines.push(format!(
            "{} {}: {name}",
            mark(trouble.is_null()),
            text.get("label-module")
        ));
        if !trouble.is_null() {
            lines.push(format!(
                "    {} {}",
                text.error(&word(at(trouble, "/code"))),
                word(at(trouble, "/detail"))
            ));
        }
        for slot in at(&module, "/slots").as_array().into_iter().flatten() {
            let credentials = at(slot, "/credentials").as_array().map_or(0, Vec::len);
            if at(slot, "/initialized").as_bool() == Some(true) {
                let label = word(at(slot, "/token/label"));
                lines.push(format!(
                    "  {}: {label}; {}: {credentials}",
                    text.get("label-token"),
                    text.get("label-credentials")
                ));
            }
        }
    }
    for authority in list("/tsa") {
        let skew = at(&authority, "/clock_skew_s");
        let skew = if skew.is_null() {
            String::new()
        } else {
            format!("; {}: {skew} s", text.get("label-clock-skew"))
        };
        let url = word(at(&authority, "/url"));
        lines.push(format!(
            "{} {}: {url}{skew}",
            mark(well(&authority)),
            text.get("label-tsa")
        ));
        told(&mut lines, at(&authority, "/error"));
        if let Some(reason) = at(&authority, "/reason").as_str() {
            lines.push(format!("    {reason}"));
        }
    }
    for endpoint in list("/endpoints") {
        let name = [word(at(&endpoint, "/facts/name")), word(at(&endpoint, "/name"))].concat();
        lines.push(format!(
            "{} {}: {name}",
            mark(well(&endpoint)),
            text.get("label-endpoint")
        ));
        told(&mut lines, at(&endpoint, "/error"));
    }
    lines
}

/// Any other document, indented.
pub(crate) fn document(value: &Value) -> Vec<String> {
    serde_json::to_string_pretty(value)
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect()
}
