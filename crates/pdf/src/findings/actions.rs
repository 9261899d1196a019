//! Actions (ISO 32000-2 12.6), wherever they hang: OpenAction, AA, A, Next, names trees, outlines, and places that no
//! standard knows. A dictionary is an action by what it says, not by where it is found.

use super::{FindingCode, Findings, Severity};
use crate::review::source::{DictView, Resolved};
use crate::review::syntax::{Value, is_name};

pub(crate) fn judge(dict: &DictView<'_, '_>, findings: &mut Findings) {
    if is_plain(dict) {
        return;
    }
    let object = format!("object {}", dict.number);
    if dict.says(b"S", b"JavaScript") || dict.has(b"JS") {
        let script = dict
            .text(b"JS")
            .map(|script| script.chars().take(80).collect::<String>());
        let detail = script.map_or(object.clone(), |script| format!("{object}: {script}"));
        findings.add(FindingCode::Javascript, Severity::Block, dict.page, detail);
    }
    let says = |kind: &[u8]| dict.says(b"S", kind);
    if says(b"Launch") {
        let target = target(dict).or_else(|| target(&dict.dict(b"Win")?));
        findings.add(
            FindingCode::LaunchAction,
            Severity::Block,
            dict.page,
            named(&object, target),
        );
    }
    if says(b"URI") {
        uri(dict, findings);
    }
    if says(b"SubmitForm") {
        findings.add(
            FindingCode::SubmitForm,
            Severity::Warn,
            dict.page,
            named(&object, target(dict)),
        );
    }
    // A structure element may carry any name under /S; the kinds above would be odd enough there to be told.
    if dict.says(b"Type", b"StructElem") {
        return;
    }
    if says(b"ImportData") {
        findings.add(
            FindingCode::ImportDataAction,
            Severity::Warn,
            dict.page,
            named(&object, target(dict)),
        );
    }
    for (kind, severity) in [(&b"GoToR"[..], Severity::Note), (b"GoToE", Severity::Warn)] {
        if says(kind) {
            findings.add(
                FindingCode::RemoteGotoAction,
                severity,
                dict.page,
                named(&object, target(dict)),
            );
        }
    }
    if says(b"Hide") && dict.has(b"T") {
        findings.add(FindingCode::HideAction, Severity::Warn, dict.page, object.clone());
    }
    if says(b"SetOCGState") {
        let detail = format!("{object} switches layers");
        findings.add(FindingCode::OptionalContent, Severity::Warn, dict.page, detail);
    }
    for kind in ["Rendition", "Movie", "Sound", "GoTo3DView", "RichMediaExecute"] {
        if says(kind.as_bytes()) && !dict.has(b"K") {
            findings.add(
                FindingCode::RichMedia,
                Severity::Block,
                dict.page,
                format!("{object}: action {kind}"),
            );
        }
    }
}

/// Whether the dictionary is plainly no action, or one that only moves around in the document: the usual case, quickly.
fn is_plain(dict: &DictView<'_, '_>) -> bool {
    if dict.has(b"JS") {
        return false;
    }
    let mut kinds = dict.entries.iter().filter(|entry| is_name(entry.key, b"S"));
    match (kinds.next(), kinds.next()) {
        (None, _) => true,
        (Some(kind), None) => matches!(
            kind.value,
            Value::Name(b"GoTo" | b"Named" | b"Transparency" | b"Thread")
        ),
        _ => false,
    }
}

fn uri(dict: &DictView<'_, '_>, findings: &mut Findings) {
    let uri = dict.text(b"URI").unwrap_or_default();
    let (scheme, rest) = uri.split_once(':').unwrap_or(("", &uri));
    let scheme = scheme.trim().to_ascii_lowercase();
    match scheme.as_str() {
        "javascript" | "vbscript" => {
            let detail = format!("object {}: a link that runs a script", dict.number);
            findings.add(FindingCode::Javascript, Severity::Block, dict.page, detail);
        }
        "http" | "https" => {
            let host = rest
                .trim_start_matches('/')
                .split(['/', '?', '#'])
                .next()
                .unwrap_or_default();
            // What stands before an @ is a user name, often made to look like the host.
            let host = host.rsplit('@').next().unwrap_or_default();
            findings.add_once(FindingCode::UriAction, Severity::Note, dict.page, host);
        }
        "mailto" => findings.add_once(FindingCode::UriAction, Severity::Note, dict.page, "mailto"),
        // Without a scheme it is relative to the catalog's base; with another one it may open a program.
        _ => {
            let severity = if scheme.is_empty() {
                Severity::Note
            } else {
                Severity::Warn
            };
            findings.add_once(FindingCode::UriAction, severity, dict.page, uri);
        }
    }
}

/// The file or address of an action: /F as a string, or as a file specification.
fn target(dict: &DictView<'_, '_>) -> Option<String> {
    match dict.resolved(b"F") {
        Resolved::Text(_) => dict.text(b"F"),
        Resolved::Dict(text) => {
            let spec = dict.view(text);
            spec.text(b"UF").or_else(|| spec.text(b"F"))
        }
        _ => None,
    }
}

fn named(object: &str, target: Option<String>) -> String {
    target.map_or(object.to_owned(), |target| format!("{object}: {target}"))
}
