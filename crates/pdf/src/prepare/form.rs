//! The edits around a signature: field and widget, page, form and catalog (ISO 32000-2 12.7). Each changes one key.

use hayro_syntax::object::{Null, ObjRef};
use hayro_syntax::page::Page;

use crate::appearance;
use crate::appearance::placement::Placement;
use crate::append::Section;
use crate::document::Document;
use crate::lexer::Cursor;
use crate::refusal::Refusal;
use crate::request::{Appearance, SignatureRequest};
use crate::splice::{push, set, source_of};
use crate::text::text_string;

use super::signature::lock_entries;

/// Sets /V of an existing field.
pub(super) fn fill_field(section: &mut Section<'_>, field: u32, signature: u32) -> Result<(), Refusal> {
    let source = section.source(field)?;
    section.put(field, set(&source, "V", &reference(signature))?);
    Ok(())
}

/// Gives each widget of an existing field an appearance in its own rectangle, by the rotation of its own page.
pub(super) fn dress_widgets(section: &mut Section<'_>, widgets: &[u32], wanted: &Appearance) -> Result<(), Refusal> {
    let pages = section.document().pages_of(&widgets.iter().copied().collect());
    let mut seen = false;
    for widget in widgets {
        let page = pages.get(widget).copied();
        let Some(place) = appearance::placement::of_widget(section.document(), *widget, page) else {
            continue;
        };
        seen = true;
        let stream = appearance::build(section, wanted, &place)?;
        let source = section.source(*widget)?;
        let value = [b"<< /N ".as_slice(), &reference(stream), b" >>"].concat();
        section.put(*widget, set(&source, "AP", &value)?);
    }
    seen.then_some(()).ok_or(Refusal::Unsupported {
        what: "an appearance for a field that has no extent",
    })
}

/// A new field that is its own widget, put on its page.
pub(super) fn new_field(
    section: &mut Section<'_>,
    request: &SignatureRequest,
    name: &str,
    page: u32,
    place: &Option<Placement>,
    signature: u32,
) -> Result<u32, Refusal> {
    let field = section.reserve();
    let page_object = section.document().page_object(page)?;
    let mut body = b"<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T ".to_vec();
    body.extend(text_string(name));
    body.extend(format!("\n/F {FLAGS_PRINT_LOCKED}\n/P ").bytes());
    body.extend(section.reference_to(page_object));
    body.extend_from_slice(b"\n/V ");
    body.extend(reference(signature));
    match (place, &request.visible) {
        (Some(place), Some(wanted)) => {
            let stream = appearance::build(section, wanted, place)?;
            let [x0, y0, x1, y1] = place.rect.map(appearance::number);
            body.extend(format!("\n/Rect [{x0} {y0} {x1} {y1}]\n/AP << /N {stream} 0 R >>").bytes());
        }
        // No extent: "not visible" (12.7.5.5).
        _ => body.extend_from_slice(b"\n/Rect [0 0 0 0]"),
    }
    if let Some(lock) = &request.lock {
        let object = section.reserve();
        section.put(
            object,
            [b"<< /Type /SigFieldLock ".as_slice(), &lock_entries(lock), b" >>"].concat(),
        );
        body.extend(format!("\n/Lock {object} 0 R").bytes());
    }
    body.extend_from_slice(b"\n>>");
    section.put(field, body);
    let mut source = section.source(page_object)?;
    if let Some(shared) = shared_annotations(section.document(), page)? {
        // What is put on this page must not be seen on another one.
        let own = section.array_source(shared)?;
        source = set(&source, "Annots", &own)?;
    }
    if let Some(source) = with_element(section, &source, "Annots", field)? {
        section.put(page_object, source);
    }
    Ok(field)
}

/// The array of the page's annotations, when it is an object that something else has for its own: another page, or the
/// form as its list of fields.
fn shared_annotations(document: &Document, page: u32) -> Result<Option<u32>, Refusal> {
    let pages = document.pdf().pages();
    let place = usize::try_from(page).unwrap_or(usize::MAX).wrapping_sub(1);
    let of_page = |page: &Page<'_>| page.raw().get_ref("Annots");
    let Some(array) = pages
        .get(place)
        .and_then(of_page)
        .filter(|array| document.exists(*array))
    else {
        return Ok(None);
    };
    let others = || pages.iter().enumerate().filter(|(other, _)| *other != place);
    let form = document.checked(&document.catalog()?, "AcroForm")?;
    let shared = form.is_some_and(|form| form.get_ref("Fields") == Some(array))
        || others().any(|(_, other)| of_page(other) == Some(array));
    Ok(shared.then_some(array.obj_number))
}

/// Enters a new field in the form, and says that the file has signatures and is only to be appended to (table 225).
pub(super) fn register(section: &mut Section<'_>, field: Option<u32>, first: bool) -> Result<(), Refusal> {
    let catalog = section.catalog()?;
    let source = section.source(catalog)?;
    match section.dictionary_under(&source, "AcroForm")? {
        Held::Object(form) => {
            let before = section.source(form)?;
            let after = form_with(section, before.clone(), field, first)?;
            if after != before {
                section.put(form, after);
            }
        }
        Held::Inline(before) => {
            let after = form_with(section, before.clone(), field, first)?;
            if after != before {
                section.put(catalog, set(&source, "AcroForm", &after)?);
            }
        }
        Held::Nothing => {
            let form = section.reserve();
            let body = form_with(section, b"<<>>".to_vec(), field, true)?;
            section.put(form, body);
            section.put(catalog, set(&source, "AcroForm", &reference(form))?);
        }
    }
    Ok(())
}

/// Names the signature as the document's certification in /Perms (12.8.6).
pub(super) fn certify(section: &mut Section<'_>, signature: u32) -> Result<(), Refusal> {
    let catalog = section.catalog()?;
    let source = section.source(catalog)?;
    match section.dictionary_under(&source, "Perms")? {
        Held::Object(permissions) => {
            let before = section.source(permissions)?;
            section.put(permissions, set(&before, "DocMDP", &reference(signature))?);
        }
        Held::Inline(before) => {
            let after = set(&before, "DocMDP", &reference(signature))?;
            section.put(catalog, set(&source, "Perms", &after)?);
        }
        Held::Nothing => {
            let value = [b"<< /DocMDP ".as_slice(), &reference(signature), b" >>"].concat();
            section.put(catalog, set(&source, "Perms", &value)?);
        }
    }
    Ok(())
}

/// What stands under a key that should lead to a dictionary.
pub(crate) enum Held {
    Inline(Vec<u8>),
    Nothing,
    Object(u32),
}

fn form_with(section: &mut Section<'_>, form: Vec<u8>, field: Option<u32>, first: bool) -> Result<Vec<u8>, Refusal> {
    let mut form = form;
    if let Some(field) = field
        && let Some(after) = with_element(section, &form, "Fields", field)?
    {
        form = after;
    }
    // Once signed, any other value here is a change that a strict reader reports.
    if first {
        let flags = source_of(&form, "SigFlags")?.and_then(|source| Cursor::new(source, 0).number());
        let wanted = flags.unwrap_or(0) | SIGNATURES_EXIST_APPEND_ONLY;
        if flags != Some(wanted) {
            form = set(&form, "SigFlags", wanted.to_string().as_bytes())?;
        }
    }
    Ok(form)
}

/// The dictionary with one more reference in its array `key`; none when the array is an object and was changed there.
fn with_element(section: &mut Section<'_>, dict: &[u8], key: &str, element: u32) -> Result<Option<Vec<u8>>, Refusal> {
    let fresh = [b"[".as_slice(), &reference(element), b"]"].concat();
    let Some(value) = source_of(dict, key)? else {
        return Ok(Some(set(dict, key, &fresh)?));
    };
    if value == b"null" {
        return Ok(Some(set(dict, key, &fresh)?));
    }
    if value.starts_with(b"[") {
        let value = push(value, &reference(element))?;
        return Ok(Some(set(dict, key, &value)?));
    }
    let target = parse_reference(value).ok_or(Refusal::Unsupported {
        what: "a list of fields or annotations that is no array",
    })?;
    if !section.document().exists(target) || section.is_null(target) {
        return Ok(Some(set(dict, key, &fresh)?));
    }
    let number = target.obj_number;
    let source = section.array_source(number)?;
    section.put(number, push(&source, &reference(element))?);
    Ok(None)
}

impl Section<'_> {
    /// Whether the file says `null` in an object of its own.
    fn is_null(&self, object: ObjRef) -> bool {
        self.document().pdf().xref().get::<Null>(object.into()).is_some()
    }

    fn catalog(&self) -> Result<u32, Refusal> {
        self.document()
            .xref()
            .root()
            .map(|root| root.0)
            .ok_or(Refusal::DamagedXref { object: 0 })
    }

    fn dictionary_under(&self, dict: &[u8], key: &str) -> Result<Held, Refusal> {
        match source_of(dict, key)? {
            None | Some(b"null") => Ok(Held::Nothing),
            Some(value) if value.starts_with(b"<<") => Ok(Held::Inline(value.to_vec())),
            Some(value) => {
                let target = parse_reference(value).ok_or(Refusal::Unsupported {
                    what: "a form or permissions that are no dictionary",
                })?;
                Ok(if self.document().exists(target) {
                    Held::Object(target.obj_number)
                } else {
                    Held::Nothing
                })
            }
        }
    }
}

fn parse_reference(source: &[u8]) -> Option<ObjRef> {
    let mut cursor = Cursor::new(source, 0);
    let number = cursor.number()?.try_into().ok()?;
    cursor.skip_blank();
    let generation = cursor.number()?.try_into().ok()?;
    cursor.skip_blank();
    cursor.tag(b"R").then(|| ObjRef::new(number, generation))
}

/// A reference to an object that this section makes.
fn reference(number: u32) -> Vec<u8> {
    format!("{number} 0 R").into_bytes()
}

/// Print and Locked (table 167).
const FLAGS_PRINT_LOCKED: u32 = 132;
/// SignaturesExist and AppendOnly (table 225).
const SIGNATURES_EXIST_APPEND_ONLY: u64 = 3;
