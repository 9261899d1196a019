//! Objects as text: plain ones straight from the file, compressed ones from the reader's object streams.
//!
//! No stream is decoded and none is measured: only dictionaries are read, so the size of a page's pictures costs
//! nothing, and a wrong /Length never makes the reader search or repair. Not its business: what the objects mean.

use std::borrow::Cow;
use std::cell::Cell;

use hayro_syntax::object::{FromBytes, Object, ObjectIdentifier, String as PdfString};

use super::syntax::{Entry, Lexer, Token, Value, integer, is_name, last, plain_name, readable_entries, value};
use crate::document::Document;
use crate::text::decode_text;
use crate::xref::Entry as Place;

/// Where objects are taken from.
/// Copies share one count of what was looked up.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    document: &'a Document,
    read: &'a Cell<u64>,
}

/// Bytes of looked-up dictionaries and arrays that one task may read: an object that thousands of others name must not
/// be read thousands of times without end.
const MAX_LOOKED_UP: u64 = 64 << 20;
/// What the look-up of a small compressed object costs, in bytes of plain text.
const PACKED_COST: usize = 512;

/// What stands under an object number.
pub(crate) enum Found<'a> {
    /// The text from the object's value on; what follows the value belongs to the file.
    Plain(&'a [u8]),
    /// The text from the object's value on, in an object stream.
    Packed(&'a [u8]),
    /// A value from an object stream of an encrypted file.
    Decrypted(Object<'a>),
    /// No such object: the null object (ISO 32000-2 7.3.10).
    Nothing,
    /// Deleted by the newest section that speaks of it, though an older one has it.
    Deleted,
    /// There should be an object, and it cannot be read.
    Unreadable,
}

impl<'a> Source<'a> {
    /// `read` counts what the task has looked up so far.
    pub(crate) fn new(document: &'a Document, read: &'a Cell<u64>) -> Self {
        Self { document, read }
    }

    /// Whether the bound on look-ups was reached: from then on everything looked up is null.
    pub(crate) fn exhausted(self) -> bool {
        self.read.get() > MAX_LOOKED_UP
    }

    fn charge(self, bytes: usize) {
        self.read.set(self.read.get().saturating_add(bytes as u64));
    }

    pub(crate) fn document(self) -> &'a Document {
        self.document
    }

    pub(crate) fn find(self, number: u32) -> Found<'a> {
        let chain = self.document.xref();
        match chain.lookup(number) {
            Some(Place::At { offset, .. }) => match self.plain(number, offset) {
                Some(text) => Found::Plain(text),
                None => Found::Unreadable,
            },
            Some(Place::InStream { stream, index }) => {
                // A broken container would send the reader searching through the whole file.
                let container = match chain.lookup(stream) {
                    Some(Place::At { offset, .. }) => self.plain(stream, offset).map(|_| offset),
                    _ => None,
                };
                let found = container.and_then(|offset| {
                    if self.document.encrypted() {
                        let id = ObjectIdentifier::new(number, 0);
                        return self.document.pdf().xref().get(id).map(Found::Decrypted);
                    }
                    let text = self.document.container(offset)?.member(number, index)?;
                    Some(Found::Packed(text))
                });
                found.unwrap_or(Found::Unreadable)
            }
            Some(Place::Free) => {
                let older = chain
                    .sections()
                    .iter()
                    .any(|s| s.lookup(number).is_some_and(|place| place != Place::Free));
                if older { Found::Deleted } else { Found::Nothing }
            }
            None => Found::Nothing,
        }
    }

    /// The text from the value of the object that stands at this offset, if it is this object.
    pub(crate) fn plain(self, number: u32, offset: u64) -> Option<&'a [u8]> {
        let text = self.document.bytes().get(usize::try_from(offset).ok()?..)?;
        let mut lexer = Lexer::new(text);
        let (Token::Word(found), _) = lexer.next()? else {
            return None;
        };
        let (Token::Word(generation), _) = lexer.next()? else {
            return None;
        };
        // `obj` may touch what follows only where that is a delimiter, so it is a word of its own.
        let (Token::Word(b"obj"), _) = lexer.next()? else {
            return None;
        };
        integer(generation)?;
        (integer(found)? == i64::from(number))
            .then(|| text.get(lexer.position()..))
            .flatten()
    }

    /// A dictionary from its text.
    pub(crate) fn view(self, text: &'a [u8], number: u32, page: Option<u32>) -> DictView<'a, 'a> {
        self.charge(text.len());
        let entries = if self.exhausted() {
            Vec::new()
        } else {
            readable_entries(text).0
        };
        let entries = Cow::Owned(entries);
        DictView {
            entries,
            source: self,
            number,
            page,
            is_stream: false,
        }
    }

    /// The dictionary that is an object.
    pub(crate) fn dict(self, number: u32) -> Option<(DictView<'a, 'a>, &'a [u8])> {
        match self.resolve_number(number) {
            Resolved::Dict(text) => Some((self.view(text, number, None), text)),
            _ => None,
        }
    }

    /// The catalog, as our chain names it.
    pub(crate) fn catalog(self) -> Option<(DictView<'a, 'a>, &'a [u8])> {
        self.dict(self.document.xref().root()?.0)
    }

    /// The value that is an object.
    pub(crate) fn resolve_number(self, number: u32) -> Resolved<'a> {
        self.resolve(Value::Reference(ObjectIdentifier::new(number, 0)))
    }

    /// A value with a reference followed (one step: an object is never just a reference).
    pub(crate) fn resolve(self, given: Value<'a>) -> Resolved<'a> {
        match given {
            Value::Reference(_) if self.exhausted() => Resolved::Other,
            Value::Reference(id) => match self.find(id.obj_number) {
                Found::Plain(text) | Found::Packed(text) => match value(&mut Lexer::new(text), text) {
                    Some((found, at)) => {
                        self.charge(at.len());
                        Resolved::direct(found)
                    }
                    None => Resolved::Other,
                },
                Found::Decrypted(object) => {
                    self.charge(PACKED_COST);
                    Resolved::decrypted(object)
                }
                Found::Nothing | Found::Deleted | Found::Unreadable => Resolved::Other,
            },
            direct => Resolved::direct(direct),
        }
    }
}

/// A value without references at its top.
pub(crate) enum Resolved<'a> {
    Name(Vec<u8>),
    /// The bytes of a string, not decrypted.
    Text(Vec<u8>),
    Number(f64),
    /// The text of a dictionary, with delimiters.
    Dict(&'a [u8]),
    /// The text of an array, without delimiters.
    Array(&'a [u8]),
    /// A truth value, null, unreadable, a reference to a reference.
    Other,
}

impl<'a> Resolved<'a> {
    fn direct(value: Value<'a>) -> Self {
        match value {
            Value::Name(name) => Self::Name(plain_name(name).into_owned()),
            Value::Text(raw) => match PdfString::from_bytes(raw) {
                Some(text) => Self::Text(text.as_bytes().to_vec()),
                None => Self::Other,
            },
            Value::Word(word) => match std::str::from_utf8(word).ok().and_then(|word| word.parse::<f64>().ok()) {
                Some(number) if number.is_finite() => Self::Number(number),
                _ => Self::Other,
            },
            Value::Dict(text) => Self::Dict(text),
            Value::Array(text) => Self::Array(text),
            Value::Reference(_) => Self::Other,
        }
    }

    fn decrypted(object: Object<'a>) -> Self {
        match object {
            Object::Number(number) => Self::Number(number.as_f64()),
            Object::String(text) => Self::Text(text.as_bytes().to_vec()),
            Object::Name(name) => Self::Name(name.to_vec()),
            Object::Dict(dict) => Self::Dict(dict.data()),
            Object::Array(array) => Self::Array(array.data()),
            Object::Stream(stream) => Self::Dict(stream.dict().data()),
            Object::Boolean(_) | Object::Null(_) => Self::Other,
        }
    }
}

/// One dictionary, as written, with what can be looked up from it.
pub(crate) struct DictView<'w, 'a> {
    pub(crate) entries: Cow<'w, [Entry<'a>]>,
    pub(crate) source: Source<'a>,
    /// The object that it stands in.
    pub(crate) number: u32,
    /// The page that it was reached from, counted from 1.
    pub(crate) page: Option<u32>,
    /// Whether it is the dictionary of a stream.
    pub(crate) is_stream: bool,
}

impl<'a> DictView<'_, 'a> {
    pub(crate) fn has(&self, key: &[u8]) -> bool {
        self.entries
            .iter()
            .any(|entry| is_name(entry.key, key) && entry.value != Value::Word(b"null"))
    }

    pub(crate) fn raw(&self, key: &[u8]) -> Option<Value<'a>> {
        last(&self.entries, key).copied()
    }

    pub(crate) fn resolved(&self, key: &[u8]) -> Resolved<'a> {
        self.raw(key)
            .map_or(Resolved::Other, |value| self.source.resolve(value))
    }

    /// Whether any occurrence of `key` is the name `name`: readers differ about which of two occurrences counts.
    pub(crate) fn says(&self, key: &[u8], name: &[u8]) -> bool {
        self.entries
            .iter()
            .filter(|entry| is_name(entry.key, key))
            .any(|entry| match entry.value {
                Value::Name(written) => is_name(written, name),
                Value::Reference(_) => {
                    matches!(self.source.resolve(entry.value), Resolved::Name(found) if found == name)
                }
                _ => false,
            })
    }

    pub(crate) fn name(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self.resolved(key) {
            Resolved::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn integer(&self, key: &[u8]) -> Option<i64> {
        match self.raw(key) {
            Some(Value::Word(word)) => integer(word),
            Some(Value::Reference(_)) => match self.resolved(key) {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a float is cut to the range of the integer"
                )]
                Resolved::Number(number) => Some(number as i64),
                _ => None,
            },
            _ => None,
        }
    }

    /// A text string for showing; that of an encrypted file is not shown.
    pub(crate) fn text(&self, key: &[u8]) -> Option<String> {
        match self.resolved(key) {
            Resolved::Text(_) if self.source.document().encrypted() => Some("(encrypted text)".to_owned()),
            Resolved::Text(bytes) => Some(decode_text(&bytes)),
            _ => None,
        }
    }

    /// A dictionary under a key.
    pub(crate) fn dict(&self, key: &[u8]) -> Option<DictView<'a, 'a>> {
        match self.resolved(key) {
            Resolved::Dict(text) => Some(self.view(text)),
            _ => None,
        }
    }

    /// The elements of an array under a key, at most `limit`.
    pub(crate) fn array(&self, key: &[u8], limit: usize) -> Option<Vec<Value<'a>>> {
        match self.resolved(key) {
            Resolved::Array(text) => super::syntax::elements(text, limit),
            _ => None,
        }
    }

    /// A dictionary of the same object, from its text.
    pub(crate) fn view(&self, text: &'a [u8]) -> DictView<'a, 'a> {
        self.source.view(text, self.number, self.page)
    }
}
