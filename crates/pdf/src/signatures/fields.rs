//! The tree of form fields (ISO 32000-2 12.7.4) and the widgets on the pages, as our own chain reads them.
//!
//! Fields are found from the form and, for those that the form does not name, from the pages. The walk is bounded and
//! survives cycles. Not its business: what a field's value means.

use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use crate::document::Document;
use crate::fields::MAX_NAME_BYTES;
use crate::findings::FindingCode;
use crate::review::source::{DictView, Resolved, Source};
use crate::review::syntax::{Value, elements};
use crate::text::decode_text;

/// A terminal field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The full name: partial names joined by dots.
    pub(crate) name: String,
    /// The type, inherited where it is.
    pub(crate) kind: Option<Vec<u8>>,
    /// The value, if it has one that is not null.
    pub(crate) value: Option<FieldValue>,
    /// The page of its first widget that is on a page, counted from 1.
    pub(crate) page: Option<u32>,
    /// Whether the form names it; otherwise only a page does.
    pub(crate) in_form: bool,
    /// Whether it has a name of its own, and is not just a part of a field that has a value of its own.
    pub(crate) named: bool,
}

/// Where the value of a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldValue {
    /// An object of its own.
    Object(u32),
    /// Written inside the field's own object.
    Inside(u32),
    /// Written inside a field that is no object itself.
    Adrift,
}

/// What the walk left out, and why.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    pub(crate) code: FindingCode,
    pub(crate) detail: String,
}

/// All terminal fields of a document.
#[derive(Debug, Default)]
pub(crate) struct FieldTree {
    fields: Vec<Field>,
    cuts: Vec<Cut>,
}

impl FieldTree {
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub(crate) fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    pub(crate) fn read(document: &Document) -> Self {
        let read = Cell::new(0);
        let source = Source::new(document, &read);
        let mut reading = Reading {
            source,
            tree: Self::default(),
            seen: HashSet::new(),
            pages: HashMap::new(),
            loose: Vec::new(),
            name_bytes: 0,
        };
        reading.page_annotations();
        reading.form();
        reading.widgets_outside_the_form();
        if source.exhausted() {
            reading.cut(
                FindingCode::BudgetExhausted,
                "the form is too large to be read to its end".to_owned(),
            );
        }
        reading.tree
    }
}

struct Reading<'a> {
    source: Source<'a>,
    tree: FieldTree,
    /// Objects that are part of the form; each is read once.
    seen: HashSet<u32>,
    /// The page of each annotation that is an object of its own.
    pages: HashMap<u32, u32>,
    /// The annotations of all pages in order: object number, or the text of a direct one.
    loose: Vec<(Option<u32>, u32, &'a [u8])>,
    /// Bytes of the names that wait or are kept.
    name_bytes: usize,
}

/// A field dictionary that waits to be read.
struct Pending<'a> {
    dict: DictView<'a, 'a>,
    number: Option<u32>,
    prefix: String,
    kind: Option<Vec<u8>>,
    value: Option<FieldValue>,
    depth: usize,
}

impl<'a> Reading<'a> {
    fn cut(&mut self, code: FindingCode, detail: String) {
        if self.tree.cuts.len() < 16 {
            self.tree.cuts.push(Cut { code, detail });
        }
    }

    fn page_annotations(&mut self) {
        let document = self.source.document();
        for (number, owner) in (1_u32..).zip(document.pages()) {
            let Some((view, _)) = self.source.dict(*owner) else {
                continue;
            };
            let Resolved::Array(text) = view.resolved(b"Annots") else {
                continue;
            };
            let Some(annotations) = elements(text, MAX_ANNOTATIONS) else {
                self.cut(
                    FindingCode::UnreadableObject,
                    format!("the annotations of page {number} cannot be listed"),
                );
                continue;
            };
            for annotation in annotations {
                if self.loose.len() >= MAX_ANNOTATIONS {
                    self.cut(
                        FindingCode::BudgetExhausted,
                        format!("more than {MAX_ANNOTATIONS} annotations"),
                    );
                    return;
                }
                match annotation {
                    Value::Reference(id) => {
                        if let Entry::Vacant(vacant) = self.pages.entry(id.obj_number) {
                            vacant.insert(number);
                            self.loose.push((Some(id.obj_number), number, &[]));
                        }
                    }
                    Value::Dict(text) => self.loose.push((None, number, text)),
                    _ => {}
                }
            }
        }
    }

    fn form(&mut self) {
        let Some((catalog, _)) = self.source.catalog() else {
            return;
        };
        let Some(form) = catalog.dict(b"AcroForm") else {
            if catalog.has(b"AcroForm") {
                self.cut(FindingCode::UnreadableObject, "the form cannot be read".to_owned());
            }
            return;
        };
        let Resolved::Array(text) = form.resolved(b"Fields") else {
            return;
        };
        let Some(top) = elements(text, MAX_FIELDS) else {
            self.cut(
                FindingCode::UnreadableObject,
                "the fields of the form cannot be listed".to_owned(),
            );
            return;
        };
        let mut stack: Vec<Pending<'a>> = Vec::new();
        for field in top.into_iter().rev() {
            let (dict, number) = match field {
                Value::Reference(id) if !self.seen.insert(id.obj_number) => continue,
                Value::Reference(id) => match self.source.dict(id.obj_number) {
                    Some((dict, _)) => (dict, Some(id.obj_number)),
                    None => continue,
                },
                Value::Dict(text) => (self.source.view(text, 0, None), None),
                _ => continue,
            };
            stack.push(Pending {
                dict,
                number,
                prefix: String::new(),
                kind: None,
                value: None,
                depth: 0,
            });
        }
        while let Some(pending) = stack.pop() {
            if self.tree.fields.len() >= MAX_FIELDS {
                self.cut(FindingCode::BudgetExhausted, format!("more than {MAX_FIELDS} fields"));
                return;
            }
            if self.name_bytes > MAX_NAME_BYTES {
                let detail = format!("field names of more than {MAX_NAME_BYTES} bytes");
                self.cut(FindingCode::BudgetExhausted, detail);
                return;
            }
            self.field(pending, &mut stack);
        }
    }

    fn field(&mut self, pending: Pending<'a>, stack: &mut Vec<Pending<'a>>) {
        let Pending {
            dict,
            number,
            prefix,
            kind,
            value,
            depth,
        } = pending;
        if depth > MAX_DEPTH {
            self.cut(
                FindingCode::TooDeep,
                format!("fields are nested deeper than {MAX_DEPTH} levels under {prefix}"),
            );
            return;
        }
        let partial = partial_name(&dict, number);
        let named = partial.is_some();
        let name = match partial {
            Some(partial) if prefix.is_empty() => partial,
            Some(partial) => format!("{prefix}.{partial}"),
            None => prefix,
        };
        let kind = dict.name(b"FT").or(kind);
        let value = value_of(&dict, number).or(value);
        let mut page = number.and_then(|number| self.pages.get(&number).copied());
        let mut children = 0_usize;
        if let Resolved::Array(text) = dict.resolved(b"Kids") {
            let Some(kids) = elements(text, MAX_FIELDS) else {
                self.cut(
                    FindingCode::UnreadableObject,
                    format!("the parts of field {name} cannot be listed"),
                );
                self.tree.fields.push(Field {
                    name,
                    kind,
                    value,
                    page,
                    in_form: true,
                    named,
                });
                return;
            };
            for kid in kids.into_iter().rev() {
                let (kid_dict, kid_number) = match kid {
                    Value::Reference(id) if !self.seen.insert(id.obj_number) => continue,
                    Value::Reference(id) => match self.source.dict(id.obj_number) {
                        Some((dict, _)) => (dict, Some(id.obj_number)),
                        None => continue,
                    },
                    Value::Dict(text) => (dict.view(text), None),
                    _ => continue,
                };
                // A part without a name is a widget of this field, unless it says that it is more.
                if kid_dict.has(b"T") || kid_dict.has(b"V") || kid_dict.has(b"Kids") {
                    children += 1;
                    // The name is kept for each of the parts.
                    self.name_bytes = self.name_bytes.saturating_add(name.len());
                    if self.name_bytes > MAX_NAME_BYTES {
                        break;
                    }
                    let (kind, prefix) = (kind.clone(), name.clone());
                    stack.push(Pending {
                        dict: kid_dict,
                        number: kid_number,
                        prefix,
                        kind,
                        value,
                        depth: depth + 1,
                    });
                } else if let Some(kid_number) = kid_number {
                    page = self.pages.get(&kid_number).copied().or(page);
                }
            }
        }
        // An inner node with a value of its own is kept too: a signature must not get lost in an odd tree.
        if children == 0 || value_of(&dict, number).is_some() {
            self.tree.fields.push(Field {
                name,
                kind,
                value,
                page,
                in_form: true,
                named,
            });
        }
    }

    /// Widgets that a page shows and the form does not know. Only those with a signature's value are kept.
    fn widgets_outside_the_form(&mut self) {
        for (number, page, text) in std::mem::take(&mut self.loose) {
            let dict = match number {
                Some(number) if self.seen.contains(&number) => continue,
                Some(number) => match self.source.dict(number) {
                    Some((dict, _)) => dict,
                    None => continue,
                },
                None => self.source.view(text, 0, Some(page)),
            };
            if !dict.says(b"Subtype", b"Widget") {
                continue;
            }
            let mut kind = dict.name(b"FT");
            let mut value = value_of(&dict, number);
            let mut names: Vec<String> = partial_name(&dict, number).into_iter().collect();
            let mut above = dict.raw(b"Parent");
            for _ in 0..MAX_DEPTH {
                let Some(Value::Reference(id)) = above else { break };
                let Some((parent, _)) = self.source.dict(id.obj_number) else {
                    break;
                };
                kind = kind.or_else(|| parent.name(b"FT"));
                value = value.or_else(|| value_of(&parent, Some(id.obj_number)));
                names.extend(partial_name(&parent, Some(id.obj_number)));
                above = parent.raw(b"Parent");
            }
            if kind.as_deref() == Some(b"Sig") && value.is_some() {
                names.reverse();
                let name = names.join(".");
                self.tree.fields.push(Field {
                    name,
                    kind,
                    value,
                    page: Some(page),
                    in_form: false,
                    named: true,
                });
            }
        }
    }
}

fn partial_name(dict: &DictView<'_, '_>, number: Option<u32>) -> Option<String> {
    if dict.source.document().encrypted()
        && let Some(number) = number
        && let Ok(decrypted) = dict.source.document().object(number)
    {
        return decrypted
            .get::<hayro_syntax::object::String<'_>>("T")
            .map(|text| decode_text(text.as_bytes()));
    }
    match dict.resolved(b"T") {
        Resolved::Text(bytes) => Some(decode_text(&bytes)),
        _ => None,
    }
}

fn value_of(dict: &DictView<'_, '_>, number: Option<u32>) -> Option<FieldValue> {
    match dict.raw(b"V")? {
        Value::Reference(id) => Some(FieldValue::Object(id.obj_number)),
        Value::Word(b"null") => None,
        _ => Some(number.map_or(FieldValue::Adrift, FieldValue::Inside)),
    }
}

/// As deep as a tree of fields may be.
const MAX_DEPTH: usize = 64;
const MAX_FIELDS: usize = 100_000;
const MAX_ANNOTATIONS: usize = 200_000;
