//! The second, independent reader: does another program see the same document? Page count, what the pages' content
//! streams hold, and the values of the form.
//!
//! It loads the whole file (about twice its size in memory), so it is bounded, runs only when it is asked for, and is
//! never in the write path. Not its business: what the differences mean.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use lopdf::{Document as Lopdf, LoadOptions, Object};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::document::Document;
use crate::fields::MAX_NAME_BYTES;
use crate::findings::{Finding, FindingCode, Severity, bounded};
use crate::review::source::{DictView, Resolved, Source};
use crate::signatures::fields::{FieldTree, FieldValue};
use crate::text::decode_text;

mod cost;

/// The largest file that is given to the second reader.
pub const MAX_BYTES: u64 = 64 << 20;
/// The content of so many pages is compared.
const COMPARED_PAGES: usize = 20;
/// A page whose content is larger than this is not compared.
const MAX_CONTENT: usize = 16 << 20;
/// What a single object stream may decode to.
const MAX_DECODED: usize = 16 << 20;
/// So many form values are compared.
const COMPARED_FIELDS: usize = 5_000;
const MAX_DEPTH: usize = 64;

/// What the second reader sees, beside what the first one sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SecondReading {
    /// Why nothing was compared.
    pub not_compared: Option<NotCompared>,
    /// How many pages it counts.
    pub pages: Option<u32>,
    /// Pages whose content was compared.
    pub compared_pages: u32,
    /// Form fields whose value was compared.
    pub compared_fields: u32,
    /// Where the two readers differ.
    pub disagreements: Vec<Disagreement>,
}

/// Why the second reader was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NotCompared {
    /// It would decrypt, and what it then sees is not comparable.
    Encrypted,
    /// The file is larger than it is given, in bytes, in objects or in what its object streams decode to.
    TooLarge,
    /// It broke off with a fault of its own.
    Crashed,
}

/// A difference between the readers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are named after what they hold")]
pub enum Disagreement {
    /// The second reader cannot open the file at all.
    Unopened { reason: String },
    /// The number of pages.
    PageCount { first: u32, second: u32 },
    /// The content of a page.
    PageContent { page: u32 },
    /// The value of a field; none where a reader does not see the field or its value.
    FieldValue {
        field: String,
        first: Option<String>,
        second: Option<String>,
    },
}

impl SecondReading {
    /// The reading as findings.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let finding = |code, severity, page, detail: String| Finding {
            code,
            severity,
            page,
            detail: bounded(detail),
        };
        let skipped = self.not_compared.map(|why| {
            let detail = match why {
                NotCompared::Encrypted => "the file is encrypted",
                NotCompared::TooLarge => "the file is too large",
                NotCompared::Crashed => "the second reader broke off",
            };
            finding(FindingCode::NotCompared, Severity::Note, None, detail.to_owned())
        });
        let differences = self.disagreements.iter().map(|difference| {
            let (page, detail) = match difference {
                Disagreement::Unopened { reason } => (None, format!("another reader cannot open the file: {reason}")),
                Disagreement::PageCount { first, second } => {
                    (None, format!("{first} pages, another reader sees {second}"))
                }
                Disagreement::PageContent { page } => (Some(*page), "another reader sees other content".to_owned()),
                Disagreement::FieldValue { field, first, second } => {
                    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
                    (
                        None,
                        format!("field {field}: {}, another reader sees {}", shown(first), shown(second)),
                    )
                }
            };
            finding(FindingCode::ReadersDisagree, Severity::Warn, page, detail)
        });
        skipped.into_iter().chain(differences).collect()
    }
}

/// Reads the document a second time and compares; files above [`MAX_BYTES`] are not compared.
#[must_use]
pub fn compare(document: &Document) -> SecondReading {
    compare_up_to(document, MAX_BYTES)
}

/// Reads a document of at most `limit` bytes a second time and compares.
#[must_use]
pub fn compare_up_to(document: &Document, limit: u64) -> SecondReading {
    let skipped = |why| SecondReading {
        not_compared: Some(why),
        ..SecondReading::default()
    };
    if document.size() > limit.min(MAX_BYTES) {
        return skipped(NotCompared::TooLarge);
    }
    if document.encrypted() {
        return skipped(NotCompared::Encrypted);
    }
    if !cost::bearable(document) {
        return skipped(NotCompared::TooLarge);
    }
    // The reader is given hostile files; a panic in it must not end the review. Nothing of it is used afterwards.
    catch_unwind(AssertUnwindSafe(|| reading(document))).unwrap_or_else(|_| skipped(NotCompared::Crashed))
}

fn reading(document: &Document) -> SecondReading {
    let options = LoadOptions {
        max_decompressed_size: Some(MAX_DECODED),
        ..LoadOptions::default()
    };
    let second = match Lopdf::load_mem_with_options(document.counted_bytes(), options) {
        Ok(second) => second,
        Err(error) => {
            let reason = bounded(error.to_string());
            let disagreements = vec![Disagreement::Unopened { reason }];
            return SecondReading {
                disagreements,
                ..SecondReading::default()
            };
        }
    };
    let mut result = SecondReading::default();
    let pages: Vec<_> = second.page_iter().collect();
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    result.pages = Some(count);
    if count != document.page_count() {
        result.disagreements.push(Disagreement::PageCount {
            first: document.page_count(),
            second: count,
        });
    }
    for (number, (id, page)) in (1_u32..)
        .zip(pages.iter().zip(document.pdf().pages().iter()))
        .take(COMPARED_PAGES)
    {
        // First the reader that bounds what it decodes.
        let Ok(content) = second.get_page_content_with_limit(*id, MAX_CONTENT) else {
            continue;
        };
        result.compared_pages += 1;
        if digest(&content) != digest(page.page_stream().unwrap_or_default()) {
            result.disagreements.push(Disagreement::PageContent { page: number });
        }
    }
    let (first, second) = (own_values(document), other_values(&second));
    for name in first
        .keys()
        .chain(second.keys().filter(|name| !first.contains_key(*name)))
    {
        let (first, second) = (first.get(name), second.get(name));
        result.compared_fields += 1;
        if first != second && result.disagreements.len() < 64 {
            let short = |value: Option<&String>| value.map(|value| bounded(value.clone()));
            let field = bounded(name.clone());
            result.disagreements.push(Disagreement::FieldValue {
                field,
                first: short(first),
                second: short(second),
            });
        }
    }
    result
}

/// Readers differ in the white space that they put between the parts of a page's content.
fn digest(content: &[u8]) -> [u8; 32] {
    let mut state = Sha256::new();
    for part in content.split(u8::is_ascii_whitespace) {
        state.update(part);
    }
    state.finalize().into()
}

/// Text and choice values as the first reader sees them.
fn own_values(document: &Document) -> BTreeMap<String, String> {
    let read = Cell::new(0);
    let source = Source::new(document, &read);
    let tree = FieldTree::read(document);
    let mut values = BTreeMap::new();
    for field in tree.fields().iter().filter(|field| field.in_form).take(COMPARED_FIELDS) {
        let holder: Option<DictView<'_, '_>> = match field.value {
            Some(FieldValue::Inside(number)) => source.dict(number).map(|(dict, _)| dict),
            _ => None,
        };
        let value = match (field.value, holder) {
            (Some(FieldValue::Object(number)), _) => source.resolve_number(number),
            (_, Some(holder)) => holder.resolved(b"V"),
            _ => continue,
        };
        if let Some(value) = shown(value) {
            values.insert(field.name.clone(), value);
        }
    }
    values
}

fn shown(value: Resolved<'_>) -> Option<String> {
    match value {
        Resolved::Text(bytes) => Some(decode_text(&bytes)),
        Resolved::Name(name) => Some(String::from_utf8_lossy(&name).into_owned()),
        _ => None,
    }
}

/// A field that waits: its object, the name above it, the value that it inherits, and how deep it stands.
type Pending<'a> = (&'a Object, Rc<str>, Option<Rc<str>>, usize);

/// The same values as the second reader sees them, by the same rules.
fn other_values(second: &Lopdf) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let form = second
        .catalog()
        .and_then(|catalog| catalog.get_deref(b"AcroForm", second))
        .and_then(Object::as_dict);
    let Ok(fields) = form
        .and_then(|form| form.get_deref(b"Fields", second))
        .and_then(Object::as_array)
    else {
        return values;
    };
    let mut seen = std::collections::HashSet::new();
    // Names and values are shared by all fields below: a long one must not be copied for each.
    let mut stack: Vec<Pending<'_>> = fields
        .iter()
        .rev()
        .map(|field| (field, Rc::from(""), None, 0))
        .collect();
    let mut name_bytes = 0_usize;
    while let Some((object, prefix, inherited, depth)) = stack.pop() {
        if values.len() >= COMPARED_FIELDS || depth > MAX_DEPTH || name_bytes > MAX_NAME_BYTES {
            break;
        }
        if let Object::Reference(id) = object
            && !seen.insert(*id)
        {
            continue;
        }
        let Ok(dict) = second.dereference(object).and_then(|(_, object)| object.as_dict()) else {
            continue;
        };
        let name = match dict.get_deref(b"T", second) {
            Ok(Object::String(text, _)) if prefix.is_empty() => Rc::from(decode_text(text)),
            Ok(Object::String(text, _)) => Rc::from(format!("{prefix}.{}", decode_text(text))),
            _ => prefix,
        };
        name_bytes = name_bytes.saturating_add(name.len());
        let own = match dict.get_deref(b"V", second) {
            Ok(Object::String(text, _)) => Some(Rc::from(decode_text(text))),
            Ok(Object::Name(text)) => Some(Rc::from(String::from_utf8_lossy(text).as_ref())),
            _ => None,
        };
        let value: Option<Rc<str>> = own.clone().or(inherited);
        let kids = dict
            .get_deref(b"Kids", second)
            .and_then(Object::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let is_field = |kid: &&Object| {
            let kid = second.dereference(kid).and_then(|(_, kid)| kid.as_dict());
            kid.is_ok_and(|kid| kid.has(b"T") || kid.has(b"V") || kid.has(b"Kids"))
        };
        let before = stack.len();
        for kid in kids.iter().rev().filter(is_field) {
            stack.push((kid, name.clone(), value.clone(), depth + 1));
        }
        if let Some(value) = value
            && (stack.len() == before || own.is_some())
        {
            values.insert(name.to_string(), value.to_string());
        }
    }
    values
}

#[cfg(test)]
mod tests;
