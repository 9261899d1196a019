//! Optional content (ISO 32000-2 8.11): layers that can be shown and hidden.

use super::{FindingCode, Findings, Severity};
use crate::review::source::DictView;

/// Groups that are counted; a document with more has the greater number told as "at least".
const COUNTED: usize = 10_000;

pub(crate) fn judge(catalog: &DictView<'_, '_>, findings: &mut Findings) {
    if !catalog.has(b"OCProperties") {
        return;
    }
    let properties = catalog.dict(b"OCProperties");
    let Some(properties) = properties else {
        findings.add(
            FindingCode::OptionalContent,
            Severity::Warn,
            None,
            "layers that cannot be read",
        );
        return;
    };
    let groups = properties.array(b"OCGs", COUNTED).map(|groups| groups.len());
    let default = properties.dict(b"D");
    let off = default
        .as_ref()
        .and_then(|default| default.array(b"OFF", COUNTED))
        .map_or(0, |off| off.len());
    let base_off = default
        .as_ref()
        .is_some_and(|default| default.says(b"BaseState", b"OFF"));
    match groups {
        Some(0) if off == 0 => {}
        Some(count) => {
            let hidden = if base_off {
                "all off at first".to_owned()
            } else {
                format!("{off} off at first")
            };
            findings.add(
                FindingCode::OptionalContent,
                Severity::Warn,
                None,
                format!("{count} layers, {hidden}"),
            );
        }
        None => findings.add(
            FindingCode::OptionalContent,
            Severity::Warn,
            None,
            "layers that cannot be counted",
        ),
    }
}
