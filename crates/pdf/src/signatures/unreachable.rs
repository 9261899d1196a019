//! Signatures that lie in the octets of a file and that nothing in the current document leads to: behind an older
//! `startxref`, in a section that /Prev skips, in an object that no field names.
//!
//! Only here are octets searched, and only to say that there is something: what is found never counts as a signature of the
//! document, and no file that holds one is called unsigned. The search is bounded; where it ends early it says so. A key
//! that is written with escapes is not looked for. Not its business: whether the octets under such a signature changed.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

use hayro_syntax::object::{ObjectIdentifier, Stream};
use memchr::memmem;

use super::coverage::{self, Judged};
use super::{
    Coverage, CoverageProblem, EmbeddedSignature, SignatureKind, SignatureProblem, date, docmdp, name, text_of,
};
use crate::document::Document;
use crate::review::source::{DictView, Resolved, Source};
use crate::review::syntax::{
    Entry as DictEntry, Lexer, Token, Value, elements, is_name, is_space, readable_entries, value,
};
use crate::xref::Entry;

/// What the octets hold beside the signatures of the document.
#[derive(Debug)]
pub(super) struct Unreachable {
    pub(super) signatures: Vec<EmbeddedSignature>,
    /// Whether every place was looked at.
    pub(super) complete: bool,
    /// Whether there is any place at all that could be of a signature, known ones included.
    pub(super) any: bool,
}

/// Looks for signature dictionaries that are none of `known`.
pub(super) fn search(document: &Document, known: &[EmbeddedSignature]) -> Unreachable {
    let read = Cell::new(0);
    let mut search = Search {
        document,
        source: Source::new(document, &read),
        known,
        budget: MAX_READ,
        offsets: None,
        found: Unreachable {
            signatures: Vec::new(),
            complete: true,
            any: false,
        },
    };
    search.octets();
    search.containers();
    search.found.complete &= !search.source.exhausted();
    search.found
}

struct Search<'a> {
    document: &'a Document,
    source: Source<'a>,
    known: &'a [EmbeddedSignature],
    /// Octets that may still be read as dictionaries.
    budget: usize,
    /// Where the objects of all sections stand, once somebody asked.
    offsets: Option<Vec<u64>>,
    found: Unreachable,
}

/// What stands around a place.
enum Around<'a> {
    /// The dictionary that has the key there, and where it begins.
    Dict(&'a [u8], usize),
    /// Something else: text, a comment, a stream.
    Elsewhere,
    /// What cannot be read to its end: a file that was cut, for one.
    Torn,
}

impl<'a> Search<'a> {
    fn octets(&mut self) {
        let file = self.document.bytes();
        for (count, place) in memmem::find_iter(file, KEY).enumerate() {
            self.found.any = true;
            if count >= MAX_PLACES || self.found.signatures.len() >= MAX_FOUND {
                self.found.complete = false;
                return;
            }
            let range = written_range(file, place + KEY.len());
            if range.is_some_and(|range| self.known.iter().any(|known| known.byte_range == Some(range))) {
                continue;
            }
            match self.around(place) {
                Around::Dict(text, at) => self.dictionary(text, at, place),
                Around::Torn if range.is_some() && !self.in_a_stream(place) => {
                    self.add(torn(range));
                }
                Around::Torn | Around::Elsewhere => {}
            }
        }
    }

    fn dictionary(&mut self, text: &'a [u8], at: usize, place: usize) {
        let dict = self.source.view(text, 0, None);
        if !is_signature(&dict) {
            return;
        }
        let judged = judge(self.document.bytes(), text, Some(at));
        // A ByteRange that spares exactly this dictionary's own Contents is of this file, whatever stands around it.
        let at_its_place =
            judged.byte_range.is_some() && judged.end.is_some() && !judged.problems.iter().any(misplaced);
        let copied = !judged.contents.is_empty() && self.known.iter().any(|known| known.contents == judged.contents);
        if at_its_place || !(copied || self.in_a_stream(place)) {
            let signature = described(&dict, judged, None);
            self.add(signature);
        }
    }

    fn add(&mut self, signature: EmbeddedSignature) {
        let twice = self
            .found
            .signatures
            .iter()
            .any(|known| known.byte_range == signature.byte_range && known.contents == signature.contents);
        if !twice {
            self.found.signatures.push(signature);
        }
    }

    /// The object around a place is the nearest one that begins before it.
    fn around(&mut self, place: usize) -> Around<'a> {
        let file: &'a [u8] = self.document.bytes();
        let low = place.saturating_sub(MAX_OBJECT);
        let Some(before) = file.get(low..place) else {
            return Around::Elsewhere;
        };
        let headers = memmem::rfind_iter(before, b"obj").map(|at| low + at);
        let Some(header) = headers.take(MAX_HEADERS).find(|&at| is_header(file, at)) else {
            return Around::Torn;
        };
        let start = header + b"obj".len();
        let text = file
            .get(start..file.len().min(place.saturating_add(MAX_OBJECT)))
            .unwrap_or_default();
        let needed = text.len().min(place - start + MAX_OBJECT);
        if self.budget < place - start {
            self.found.complete = false;
            return Around::Torn;
        }
        match value(&mut Lexer::new(text), text) {
            Some((Value::Dict(dict), at)) if start + at.end > place => {
                self.budget = self.budget.saturating_sub(at.end.saturating_mul(2));
                match self.innermost(dict, start + at.start, place) {
                    Some((text, at)) => Around::Dict(text, at),
                    None => Around::Elsewhere,
                }
            }
            Some(_) => Around::Elsewhere,
            None => {
                self.budget = self.budget.saturating_sub(needed);
                Around::Torn
            }
        }
    }

    /// The dictionary inside this one (or itself) whose own key stands at the place.
    fn innermost(&self, outer: &'a [u8], at: usize, place: usize) -> Option<(&'a [u8], usize)> {
        let (mut text, mut at) = (outer, at);
        for _ in 0..MAX_DEPTH {
            let entries = readable_entries(text).0;
            let offset = |part: &[u8]| self.document.offset_of(part).and_then(|at| usize::try_from(at).ok());
            if entries.iter().any(|entry| offset(entry.key) == Some(place + 1)) {
                return Some((text, at));
            }
            let holder: &DictEntry<'a> = entries.iter().find(|entry| holds(&entry.at, at, place))?;
            text = match holder.value {
                Value::Dict(inner) => inner,
                Value::Array(items) => elements(items, MAX_ELEMENTS)?.into_iter().find_map(|item| match item {
                    Value::Dict(inner) => {
                        let start = offset(inner)?;
                        (start..start + inner.len()).contains(&place).then_some(inner)
                    }
                    _ => None,
                })?,
                _ => return None,
            };
            at = offset(text)?;
        }
        None
    }

    /// Whether a place is inside the data of a stream that a section names: of an attachment, for one.
    fn in_a_stream(&mut self, place: usize) -> bool {
        let document = self.document;
        let offsets = self.offsets.get_or_insert_with(|| offsets(document));
        let next = offsets.partition_point(|&offset| usize::try_from(offset).is_ok_and(|offset| offset <= place));
        let Some(&offset) = next.checked_sub(1).and_then(|index| offsets.get(index)) else {
            return false;
        };
        data_of(self.source, offset).is_some_and(|data| data.contains(&place))
    }

    /// Object streams hold dictionaries as well; a signature there covers nothing, and is one all the same.
    fn containers(&mut self) {
        let document = self.document;
        let chain = document.xref();
        let entries = || chain.sections().iter().flat_map(|section| section.entries());
        let containers: BTreeSet<u32> = entries()
            .filter_map(|(_, entry)| match entry {
                Entry::InStream { stream, .. } => Some(*stream),
                _ => None,
            })
            .collect();
        let finder = memmem::Finder::new(KEY);
        let holding: BTreeSet<u32> = containers
            .into_iter()
            .filter(|&number| match document.object(number) {
                Ok(_) => document
                    .pdf()
                    .xref()
                    .get::<Stream<'_>>(ObjectIdentifier::new(number, 0))
                    .and_then(|stream| stream.decoded_data().ok())
                    .is_some_and(|data| finder.find(&data).is_some()),
                Err(_) => false,
            })
            .collect();
        if holding.is_empty() {
            return;
        }
        self.found.any = true;
        let numbers: BTreeSet<u32> = entries()
            .filter(|(_, entry)| matches!(entry, Entry::InStream { stream, .. } if holding.contains(stream)))
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            if self.found.signatures.len() >= MAX_FOUND {
                self.found.complete = false;
                return;
            }
            let packed = matches!(chain.lookup(number), Some(Entry::InStream { .. }));
            if !packed || self.known.iter().any(|known| known.object == Some(number)) {
                continue;
            }
            let Resolved::Dict(text) = self.source.resolve_number(number) else {
                continue;
            };
            let dict = self.source.view(text, number, None);
            if dict.has(b"ByteRange") && is_signature(&dict) {
                let judged = judge(document.bytes(), text, None);
                let signature = described(&dict, judged, Some(number));
                self.add(signature);
            }
        }
    }
}

fn holds(range: &Range<usize>, at: usize, place: usize) -> bool {
    (at + range.start..at + range.end).contains(&place)
}

fn is_signature(dict: &DictView<'_, '_>) -> bool {
    dict.has(b"Contents") || dict.has(b"Filter") || dict.has(b"SubFilter")
}

const fn misplaced(problem: &CoverageProblem) -> bool {
    matches!(
        problem,
        CoverageProblem::GapElsewhere | CoverageProblem::GapTooNarrow | CoverageProblem::GapTooWide
    )
}

/// Judged as if its own ByteRange ended its revision: there is no section to ask.
fn judge(file: &[u8], text: &[u8], at: Option<usize>) -> Judged {
    let entries = readable_entries(text).0;
    let range = entries.iter().rev().find(|entry| is_name(entry.key, b"ByteRange"));
    let end = match range.map(|entry| entry.value) {
        Some(Value::Array(numbers)) => coverage::numbers(numbers).ok(),
        _ => None,
    }
    .and_then(|[_, _, start, length]| usize::try_from(start.checked_add(length)?).ok());
    coverage::judge(file, text, at, end.unwrap_or(0), |_| None)
}

fn described(dict: &DictView<'_, '_>, judged: Judged, object: Option<u32>) -> EmbeddedSignature {
    let mut problems = judged.problems;
    problems.push(CoverageProblem::NotInItsRevision);
    problems.sort_unstable();
    problems.dedup();
    let sub_filter = name(dict, b"SubFilter");
    let stamp = dict.says(b"Type", b"DocTimeStamp") || sub_filter == "ETSI.RFC3161";
    EmbeddedSignature {
        kind: if stamp {
            SignatureKind::DocTimestamp
        } else {
            SignatureKind::Signature
        },
        filter: name(dict, b"Filter"),
        sub_filter,
        contents: judged.contents,
        coverage: Coverage {
            whole_revision: false,
            problems,
        },
        claimed_time: text_of(dict, b"M").and_then(|text| date::moment(&text)),
        name: text_of(dict, b"Name"),
        reason: text_of(dict, b"Reason"),
        location: text_of(dict, b"Location"),
        docmdp: docmdp(dict),
        object,
        ..torn(judged.byte_range)
    }
}

/// All that is known of a signature whose dictionary cannot be read.
fn torn(byte_range: Option<[u64; 4]>) -> EmbeddedSignature {
    EmbeddedSignature {
        field: String::new(),
        page: None,
        kind: SignatureKind::Signature,
        filter: String::new(),
        sub_filter: String::new(),
        contents: Vec::new(),
        byte_range,
        revision: 0,
        revision_end: 0,
        coverage: Coverage {
            whole_revision: false,
            problems: vec![CoverageProblem::DictionaryMalformed, CoverageProblem::NotInItsRevision],
        },
        covers_whole_file: false,
        claimed_time: None,
        name: None,
        reason: None,
        location: None,
        docmdp: None,
        problems: vec![SignatureProblem::NotInCurrentRevision],
        object: None,
    }
}

/// The numbers behind the key, where they are written plainly.
fn written_range(file: &[u8], after: usize) -> Option<[u64; 4]> {
    let text = file.get(after..file.len().min(after.saturating_add(MAX_RANGE_TEXT)))?;
    let open = text.iter().position(|&byte| !is_space(byte))?;
    let inner = text.get(open..)?.strip_prefix(b"[")?;
    let close = memchr::memchr(b']', inner)?;
    coverage::numbers(inner.get(..close)?).ok()
}

/// `N G obj`, with `obj` at this place.
fn is_header(file: &[u8], at: usize) -> bool {
    let before = file.get(at.saturating_sub(MAX_HEADER)..at).unwrap_or_default();
    let rest = trim(before, is_space);
    let generation = trim(rest, |byte| byte.is_ascii_digit());
    let gap = trim(generation, is_space);
    let number = trim(gap, |byte| byte.is_ascii_digit());
    rest.len() < before.len()
        && generation.len() < rest.len()
        && gap.len() < generation.len()
        && number.len() < gap.len()
}

fn trim(text: &[u8], what: impl Fn(u8) -> bool) -> &[u8] {
    let kept = text.iter().rposition(|&byte| !what(byte)).map_or(0, |at| at + 1);
    text.get(..kept).unwrap_or_default()
}

/// Where the objects of all sections stand, in order.
fn offsets(document: &Document) -> Vec<u64> {
    let entries = document.xref().sections().iter().flat_map(|section| section.entries());
    let mut offsets: Vec<u64> = entries
        .filter_map(|(_, entry)| match entry {
            Entry::At { offset, .. } => Some(*offset),
            _ => None,
        })
        .collect();
    offsets.sort_unstable();
    offsets.dedup();
    offsets
}

/// The data of the stream that stands at an offset.
fn data_of(source: Source<'_>, offset: u64) -> Option<Range<usize>> {
    let file = source.document().bytes();
    let start = usize::try_from(offset).ok()?;
    let text = file.get(start..)?;
    let mut lexer = Lexer::new(text);
    for _ in 0..3 {
        lexer.next()?;
    }
    let (Value::Dict(dict), _) = value(&mut lexer, text)? else {
        return None;
    };
    let (Token::Word(b"stream"), word) = lexer.next()? else {
        return None;
    };
    let begin = start + word.end;
    let length = source
        .view(dict, 0, None)
        .integer(b"Length")
        .and_then(|length| usize::try_from(length).ok());
    let end = match length.and_then(|length| begin.checked_add(length)) {
        Some(end) if end <= file.len() => end,
        _ => begin + memmem::find(file.get(begin..)?, b"endstream")?,
    };
    Some(begin..end)
}

const KEY: &[u8] = b"/ByteRange";
/// Octets on either side of a place that belong to one object: a signature of the greatest size fits.
const MAX_OBJECT: usize = 9 << 20;
/// Octets that are read as dictionaries in one search.
const MAX_READ: usize = 256 << 20;
const MAX_PLACES: usize = 16_384;
/// Signatures of this kind that are told one by one.
const MAX_FOUND: usize = 64;
const MAX_HEADERS: usize = 8;
const MAX_HEADER: usize = 64;
const MAX_DEPTH: usize = 16;
const MAX_ELEMENTS: usize = 4096;
const MAX_RANGE_TEXT: usize = 256;
