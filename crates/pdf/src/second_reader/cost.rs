//! What a file would cost the second reader. It keeps every object in memory, about thirty times the text of a file of
//! nothing but small numbers, and decodes every object stream at once: a small file must not be able to ask for
//! gigabytes. Not its business: the file's size as such.

use std::collections::HashSet;
use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_syntax::object::{Name, ObjectIdentifier, Stream};

use crate::document::Document;
use crate::review::syntax::{Lexer, Token};
use crate::xref::Entry;

/// Objects of the file.
const MAX_OBJECTS: u32 = 100_000;
/// Tokens of all objects outside streams.
const MAX_TOKENS: usize = 2_000_000;
/// Bytes that all object streams decode to.
const MAX_DECODED: u64 = 16 << 20;

/// Whether the second reader may be given the file.
pub(super) fn bearable(document: &Document) -> bool {
    if document.xref().size() > MAX_OBJECTS {
        return false;
    }
    let mut tokens = MAX_TOKENS;
    let mut containers: HashSet<u32> = HashSet::new();
    // It reads every entry of every section, also what a newer section overrides.
    for (_, entry) in document.xref().sections().iter().flat_map(|section| section.entries()) {
        match *entry {
            Entry::At { offset, .. } => match plain(document, offset, tokens) {
                Some(left) => tokens = left,
                None => return false,
            },
            Entry::InStream { stream, .. } => {
                containers.insert(stream);
            }
            Entry::Free => {}
        }
    }
    let mut decoded = MAX_DECODED;
    containers
        .into_iter()
        .all(|container| match container_size(document, container, decoded) {
            Some(size) => {
                decoded -= size;
                true
            }
            None => false,
        })
}

/// The tokens left after the object at `offset`; none when there are too many.
fn plain(document: &Document, offset: u64, mut left: usize) -> Option<usize> {
    let text = usize::try_from(offset)
        .ok()
        .and_then(|offset| document.bytes().get(offset..))
        .unwrap_or_default();
    let mut lexer = Lexer::new(text);
    while let Some((token, _)) = lexer.next() {
        left = left.checked_sub(1)?;
        if matches!(token, Token::Word(b"endobj" | b"stream")) {
            break;
        }
    }
    Some(left)
}

/// What an object stream decodes to; none when that is more than `limit` or cannot be told.
fn container_size(document: &Document, number: u32, limit: u64) -> Option<u64> {
    let Some(Entry::At { generation, .. }) = document.xref().lookup(number) else {
        return Some(0);
    };
    let id = ObjectIdentifier::new(number, i32::from(generation));
    let Some(stream) = document.pdf().xref().get::<Stream<'_>>(id) else {
        return Some(0);
    };
    let raw = stream.raw_data();
    let filter = match stream.dict().get::<Name<'_>>("Filter") {
        Some(filter) => filter,
        None if stream.dict().contains_key("Filter") => return None,
        None => return u64::try_from(raw.len()).ok().filter(|&size| size <= limit),
    };
    if filter.as_ref() != b"FlateDecode" {
        return None;
    }
    let mut decoder = ZlibDecoder::new(raw.as_ref()).take(limit + 1);
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0_u64;
    while let Ok(read @ 1..) = decoder.read(&mut buffer) {
        size += u64::try_from(read).ok()?;
    }
    (size <= limit).then_some(size)
}
