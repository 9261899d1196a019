//! What the reader passes over without a word, looked for by ourselves: content that cannot be decoded, and annotations
//! that have something to show and no appearance to show it by (ISO 32000-2 12.5.5; other programs make one up).
//!
//! Not its business: whether such a document may be signed (crate pdf).

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Rect, Stream};
use hayro::hayro_syntax::page::Page;

use super::notes::Notes;
use crate::picture::Warning;

/// No more annotations of a page are looked at; the rest counts as not drawn.
const MOST_ANNOTATIONS: usize = 10_000;
/// No field has more ancestors.
const MOST_PARENTS: usize = 32;
/// Flags 2 and 6: hidden, not to be viewed (table 167).
const NOT_SHOWN: u32 = 1 << 1 | 1 << 5;

pub(super) fn note(page: &Page<'_>, notes: &Notes) {
    if !content_is_whole(page.raw()) {
        notes.warn(Warning::ContentUnreadable);
    }
    if let Some(annotations) = page.raw().get::<Array<'_>>("Annots") {
        let mut annotations = annotations.iter::<Dict<'_>>();
        if annotations
            .by_ref()
            .take(MOST_ANNOTATIONS)
            .any(|annotation| is_lost(&annotation))
            || annotations.next().is_some()
        {
            notes.warn(Warning::AnnotationNotDrawn);
        }
    }
}

fn content_is_whole(page: &Dict<'_>) -> bool {
    let readable = |stream: &Stream<'_>| stream.decoded_data().is_ok();
    match page.get::<Object<'_>>("Contents") {
        None => !page.contains_key("Contents"),
        Some(Object::Null(_)) => true,
        Some(Object::Stream(stream)) => readable(&stream),
        Some(Object::Array(parts)) => {
            let streams: Vec<Stream<'_>> = parts.iter().collect();
            streams.len() == parts.raw_iter().count() && streams.iter().all(readable)
        }
        Some(_) => false,
    }
}

/// Whether a person misses something when this annotation is not drawn, and it will not be.
fn is_lost(annotation: &Dict<'_>) -> bool {
    let shown = annotation.get::<u32>("F").unwrap_or(0) & NOT_SHOWN == 0;
    let has_room = annotation
        .get::<Rect>("Rect")
        .is_some_and(|rect| rect.width() > 0.0 && rect.height() > 0.0);
    if !shown || !has_room || annotation.get::<Dict<'_>>("AP").is_some() {
        return false;
    }
    match annotation.get::<Name<'_>>("Subtype").as_ref().map(AsRef::as_ref) {
        // A frame around a link at most; a window that opens by hand.
        Some(b"Link" | b"Popup") => false,
        Some(b"Widget") => holds_a_value(annotation),
        _ => true,
    }
}

/// Whether a field has a value that would be seen, its own or inherited (12.7.4.1). A signature's is not.
fn holds_a_value(widget: &Dict<'_>) -> bool {
    let (mut kind, mut value) = (None, None);
    let mut field = Some(widget.clone());
    for _ in 0..MOST_PARENTS {
        let Some(level) = field else {
            break;
        };
        kind = kind.or_else(|| level.get::<Name<'_>>("FT"));
        value = value.or_else(|| level.get::<Object<'_>>("V"));
        field = level.get("Parent");
    }
    let empty = match &value {
        None | Some(Object::Null(_)) => true,
        Some(Object::String(text)) => text.as_bytes().is_empty(),
        Some(Object::Name(state)) => state.as_ref() == b"Off".as_slice(),
        Some(_) => false,
    };
    let signature = kind.is_some_and(|kind| kind.as_ref() == b"Sig".as_slice());
    !empty && !signature
}
