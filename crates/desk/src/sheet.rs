//! `countersign.inspect/1` as the facts beside the pages.
//!
//! Not its business: the facts themselves (pdf), what the person did (entry).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    card::short,
    report::text,
    view::{FieldShown, FindingShown, FindingWeight, PageSize, RefusalShown, RevisionShown},
};

/// What is kept beside a contract, so that it opens at once the next time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// Version of the program that found them: another one looks again.
    pub(crate) program: String,
    /// SHA-256 of what was looked at.
    pub(crate) sha256: String,
    /// `countersign.inspect/1`.
    pub(crate) inspect: Value,
    /// Sizes of the pages; empty when the reader gave none.
    pub(crate) sizes: Vec<PageSize>,
}

impl Facts {
    pub(crate) fn pages(&self) -> u32 {
        number(&self.inspect, "pages").map_or(0, short)
    }

    pub(crate) fn pdf_version(&self) -> String {
        self.inspect.get("pdf_version").map(text).unwrap_or_default()
    }

    pub(crate) fn encrypted(&self) -> bool {
        flag(&self.inspect, "encrypted")
    }

    pub(crate) fn signable(&self) -> bool {
        // Findings to accept are no refusal: the person decides on them.
        self.refusals().iter().all(|refusal| refusal.code == "content-blocked")
    }

    pub(crate) fn signature_count(&self) -> u32 {
        short(list(&self.inspect, "signatures").len() as u64)
    }

    pub(crate) fn revisions(&self) -> Vec<RevisionShown> {
        let revision = |value: &Value| RevisionShown {
            end: number(value, "end").map_or(0, short),
            signed_by: value.get("signed_by").and_then(Value::as_str).map(str::to_owned),
        };
        list(&self.inspect, "revisions").iter().map(revision).collect()
    }

    pub(crate) fn fields(&self) -> Vec<FieldShown> {
        let field = |value: &Value| FieldShown {
            name: value.get("name").map(text).unwrap_or_default(),
            page: number(value, "page").map(short),
            rect: value
                .get("rect")
                .and_then(|rect| serde_json::from_value(rect.clone()).ok()),
            signed: flag(value, "signed"),
            locks: value.get("lock").is_some_and(|lock| !lock.is_null()),
        };
        list(&self.inspect, "fields").iter().map(field).collect()
    }

    pub(crate) fn findings(&self) -> Vec<FindingShown> {
        let finding = |value: &Value| FindingShown {
            code: value.get("code").map(text).unwrap_or_default(),
            weight: match value.get("severity").and_then(Value::as_str) {
                Some("note") => FindingWeight::Note,
                Some("warn") => FindingWeight::Warn,
                _ => FindingWeight::Block,
            },
            page: number(value, "page").map(short),
            detail: value.get("detail").map(text).unwrap_or_default(),
        };
        list(&self.inspect, "findings").iter().map(finding).collect()
    }

    /// Codes of findings that must be accepted before it can be signed.
    pub(crate) fn blocking(&self) -> Vec<String> {
        let blocking = self
            .findings()
            .into_iter()
            .filter(|finding| finding.weight == FindingWeight::Block);
        blocking.map(|finding| finding.code).collect()
    }

    pub(crate) fn refusals(&self) -> Vec<RefusalShown> {
        let refusal = |value: &Value| RefusalShown {
            code: value.get("code").map(text).unwrap_or_default(),
            detail: value.get("detail").map(text).unwrap_or_default(),
        };
        list(&self.inspect, "refusals").iter().map(refusal).collect()
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn number(value: &Value, key: &str) -> Option<u64> {
    value.get(key).and_then(Value::as_u64)
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}
