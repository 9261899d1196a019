//! The form's fields (ISO 32000-2 12.7.4) as far as signing needs them: names, signature fields and the locks they ask for.
//!
//! Not its business: values of other fields, and whether a lock forbids something (see `permissions`).

use std::collections::{HashMap, HashSet};

use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Null, Object, Rect, String as PdfString};
use serde::{Deserialize, Serialize};

use crate::document::{Document, Misplaced};
use crate::request::DocMdp;
use crate::text::decode_text;

/// Which fields a signature locks (ISO 32000-2 tables 236 and 258).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldLock {
    /// All fields.
    All,
    /// All but these and what is below them.
    Exclude(Vec<String>),
    /// These and what is below them.
    Include(Vec<String>),
}

impl FieldLock {
    /// Whether a field of this fully qualified name is locked.
    #[must_use]
    pub fn locks(&self, name: &str) -> bool {
        let covers = |scope: &String| {
            name.strip_prefix(scope.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        match self {
            Self::All => true,
            Self::Exclude(names) => !names.iter().any(covers),
            Self::Include(names) => names.iter().any(covers),
        }
    }

    /// Reads /Action and /Fields, which lock dictionaries and FieldMDP parameters share. What cannot be read locks all.
    pub(crate) fn read(dict: &Dict<'_>) -> Self {
        let names = || -> Option<Vec<String>> {
            let fields = dict.get::<Array<'_>>("Fields")?;
            Some(
                fields
                    .iter::<PdfString<'_>>()
                    .map(|name| decode_text(name.as_bytes()))
                    .collect(),
            )
        };
        match dict.get::<Name<'_>>("Action").as_deref() {
            Some(b"Include") => names().map_or(Self::All, Self::Include),
            Some(b"Exclude") => names().map_or(Self::All, Self::Exclude),
            _ => Self::All,
        }
    }
}

/// A signature field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignatureField {
    /// The fully qualified name.
    pub name: String,
    /// The page that shows it, the first is 1.
    pub page: Option<u32>,
    /// Its rectangle in the page's own coordinates.
    pub rect: Option<[f64; 4]>,
    /// Whether it holds a signature.
    pub signed: bool,
    /// What signing it locks.
    pub lock: Option<FieldLock>,
    /// What may still be changed after it was signed (/P of the lock, PDF 2.0).
    pub lock_permission: Option<DocMdp>,
    /// Its object number.
    pub object: u32,
}

impl SignatureField {
    /// Whether its rectangle is large enough for something to be seen in it.
    #[must_use]
    pub fn has_extent(&self) -> bool {
        self.rect.is_some_and(extends)
    }
}

fn extends([left, bottom, right, top]: [f64; 4]) -> bool {
    right - left >= SMALLEST && top - bottom >= SMALLEST
}

/// Any field of the form.
#[derive(Debug, Clone)]
pub(crate) struct FormField {
    pub(crate) name: String,
    /// The object number; none for a field that is written directly in an array.
    pub(crate) object: Option<u32>,
    pub(crate) is_signature: bool,
    pub(crate) signed: bool,
    /// Has named kids: not a field of its own but a branch of the tree.
    pub(crate) branch: bool,
    /// The object numbers of its widgets; its own one when field and widget are one dictionary.
    pub(crate) widgets: Vec<u32>,
}

impl Document {
    /// The signature fields, in the order of the form.
    #[must_use]
    pub fn fields(&self) -> Vec<SignatureField> {
        let form = Walk::over(self).found;
        let wanted: Vec<&FormField> = form
            .iter()
            .filter(|field| field.is_signature && !field.branch)
            .collect();
        let pages = self.pages_of(&wanted.iter().flat_map(|field| field.widgets.iter().copied()).collect());
        wanted
            .into_iter()
            .filter_map(|field| {
                let object = field.object?;
                let dict = self.lenient_dict(object)?;
                let lock = dict.get::<Dict<'_>>("Lock");
                let on_page = |widget: u32| pages.get(&widget).copied();
                // Of several widgets, the first that is seen.
                let widgets = field.widgets.iter().copied();
                let widget = widgets
                    .clone()
                    .find(|widget| on_page(*widget).is_some() && self.extent(*widget).is_some())
                    .or(widgets.clone().next());
                Some(SignatureField {
                    name: field.name.clone(),
                    page: widget.and_then(on_page),
                    rect: widget.and_then(|widget| self.widget_rect(widget)),
                    signed: field.signed,
                    lock_permission: lock
                        .as_ref()
                        .and_then(|lock| DocMdp::try_from(i64::from(lock.get::<i32>("P")?)).ok()),
                    lock: lock.as_ref().map(FieldLock::read),
                    object,
                })
            })
            .collect()
    }

    /// All fields of the form with a name of their own; all of them or an error.
    pub(crate) fn form_fields(&self) -> Result<Vec<FormField>, Misplaced> {
        let walk = Walk::over(self);
        walk.missed.map_or(Ok(walk.found), Err)
    }

    /// The rectangle of a widget, lower left corner first.
    pub(crate) fn widget_rect(&self, widget: u32) -> Option<[f64; 4]> {
        let rect = self.lenient_dict(widget)?.get::<Rect>("Rect")?;
        Some([rect.x0, rect.y0, rect.x1, rect.y1])
    }

    /// The rectangle of a widget that is large enough to be seen.
    pub(crate) fn extent(&self, widget: u32) -> Option<[f64; 4]> {
        self.widget_rect(widget).filter(|rect| extends(*rect))
    }

    /// A dictionary by its object number, for looking only.
    pub(crate) fn lenient_dict(&self, number: u32) -> Option<Dict<'_>> {
        self.object(number).ok()
    }

    /// The page (from 1) that shows each of these widgets: /Annots names it there. Where several do, its own /P decides,
    /// else the first.
    pub(crate) fn pages_of(&self, widgets: &HashSet<u32>) -> HashMap<u32, u32> {
        let mut found: HashMap<u32, u32> = HashMap::new();
        if widgets.is_empty() {
            return found;
        }
        for (number, page) in (1_u32..).zip(self.pdf().pages().iter()) {
            let Some(annotations) = page.raw().get::<Array<'_>>("Annots") else {
                continue;
            };
            let references = annotations.raw_iter().filter_map(|item| item.as_obj_ref());
            for widget in references.map(|item| item.obj_number) {
                if !widgets.contains(&widget) {
                    continue;
                }
                let asked = || Some(self.lenient_dict(widget)?.get_ref("P")?.obj_number);
                if !found.contains_key(&widget) || asked() == page.raw().obj_id().map(|id| id.obj_number) {
                    found.insert(widget, number);
                }
            }
        }
        found
    }
}

struct Walk<'a> {
    document: &'a Document,
    seen: HashSet<u32>,
    found: Vec<FormField>,
    /// Bytes of all names: each holds those of the fields above it.
    name_bytes: usize,
    /// Something of the form that could not be read as our chain says.
    missed: Option<Misplaced>,
}

impl<'a> Walk<'a> {
    fn over(document: &'a Document) -> Self {
        let mut walk = Walk {
            document,
            seen: HashSet::new(),
            found: Vec::new(),
            name_bytes: 0,
            missed: None,
        };
        let form = document
            .catalog()
            .and_then(|catalog| document.checked(&catalog, "AcroForm"));
        if let Some(form) = walk.note(form) {
            walk.kids(&form, "Fields", "", false, 0);
        }
        walk
    }

    fn note<T>(&mut self, result: Result<Option<T>, Misplaced>) -> Option<T> {
        result.unwrap_or_else(|misplaced| {
            self.missed.get_or_insert(misplaced);
            None
        })
    }

    fn kids(&mut self, node: &Dict<'a>, key: &str, parent: &str, inherited: bool, depth: u32) {
        let Some(kids) = self.note(self.document.checked_array(node, key)) else {
            return;
        };
        for kid in kids.raw_iter() {
            if self.found.len() >= MAX_FIELDS || depth > MAX_DEPTH {
                self.missed.get_or_insert(Misplaced {
                    number: node.obj_id().map_or(0, |id| id.obj_number),
                });
                return;
            }
            match kid {
                MaybeRef::Ref(reference) => {
                    if self.seen.insert(reference.obj_number)
                        && let Some(dict) = self.note(self.document.referred(reference))
                    {
                        self.field(&dict, Some(reference.obj_number), parent, inherited, depth);
                    }
                }
                MaybeRef::NotRef(Object::Dict(dict)) => self.field(&dict, None, parent, inherited, depth),
                MaybeRef::NotRef(_) => {}
            }
        }
    }

    fn field(&mut self, dict: &Dict<'a>, object: Option<u32>, parent: &str, inherited: bool, depth: u32) {
        let partial = dict.get::<PdfString<'_>>("T").map(|name| decode_text(name.as_bytes()));
        let is_signature = dict
            .get::<Name<'_>>("FT")
            .map_or(inherited, |kind| kind.as_ref() == b"Sig");
        let Some(partial) = partial else {
            // A kid without a name is a widget of the field above it (12.7.4.1).
            if let (Some(object), Some(field)) =
                (object, self.found.iter_mut().rev().find(|field| field.name == parent))
            {
                field.widgets.push(object);
            }
            return;
        };
        let name = if parent.is_empty() {
            partial
        } else {
            format!("{parent}.{partial}")
        };
        self.name_bytes = self.name_bytes.saturating_add(name.len());
        if self.name_bytes > MAX_NAME_BYTES {
            let number = object.unwrap_or_default();
            self.missed.get_or_insert(Misplaced { number });
            return;
        }
        let place = self.found.len();
        let is_widget = dict
            .get::<Name<'_>>("Subtype")
            .is_some_and(|kind| kind.as_ref() == b"Widget");
        self.found.push(FormField {
            name: name.clone(),
            object,
            is_signature,
            signed: self.holds_value(dict),
            branch: false,
            widgets: object.filter(|_| is_widget).into_iter().collect(),
        });
        self.kids(dict, "Kids", &name, is_signature, depth + 1);
        let prefix = format!("{name}.");
        let branch = self
            .found
            .iter()
            .skip(place + 1)
            .any(|field| field.name.starts_with(&prefix));
        if let Some(field) = self.found.get_mut(place) {
            field.branch = branch;
        }
    }

    /// Whether /V is there. `null`, and a reference to nothing, are no value; one that cannot be read is.
    fn holds_value(&self, dict: &Dict<'a>) -> bool {
        match dict.get_ref("V") {
            Some(reference) => {
                self.document.exists(reference)
                    && (self.document.object(reference.obj_number).is_ok()
                        || self.document.pdf().xref().get::<Null>(reference.into()).is_none())
            }
            None => dict.contains_key("V") && dict.get::<Null>("V").is_none(),
        }
    }
}

/// Points; smaller than this nothing can be seen.
pub(crate) const SMALLEST: f64 = 4.0;
/// A form of more fields is no contract.
const MAX_FIELDS: usize = 100_000;
/// So long are the names of no form; a short text that thousands of fields stand under must not become gigabytes.
pub(crate) const MAX_NAME_BYTES: usize = 16 << 20;
/// A deeper tree of fields is no form.
const MAX_DEPTH: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_covers_a_name_and_what_is_below_it() {
        let names = || vec!["a.b".to_owned()];
        for (lock, name, locked) in [
            (FieldLock::All, "x", true),
            (FieldLock::Include(names()), "a.b", true),
            (FieldLock::Include(names()), "a.b.c", true),
            (FieldLock::Include(names()), "a.bc", false),
            (FieldLock::Include(names()), "a", false),
            (FieldLock::Exclude(names()), "a.b", false),
            (FieldLock::Exclude(names()), "a.b.c", false),
            (FieldLock::Exclude(names()), "a", true),
        ] {
            assert_eq!(lock.locks(name), locked, "{lock:?} {name}");
        }
    }
}
