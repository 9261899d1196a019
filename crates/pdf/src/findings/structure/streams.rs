//! Where a stream ends (ISO 32000-2 7.3.8): at /Length, where `endstream` follows. Where it does not, some readers search
//! from the stream's start, some from where /Length leads, some take what /Length says.
//!
//! Objects whose entry leads into the octets of a stream are found here as well. Not its business: filters.

use std::cell::Cell;

use super::super::{FindingCode, Findings, Severity};
use crate::document::Document;
use crate::lexer::{Cursor, find};
use crate::review::source::{DictView, Source};
use crate::review::syntax::{Lexer, Token, Value, value};
use crate::xref::Entry;

/// The streams of a file, one after the other.
pub(crate) struct Streams<'a> {
    document: &'a Document,
    /// Where objects stand, sorted; made when the first stream is judged.
    offsets: Option<Vec<u64>>,
    /// The bytes in which a word may still be searched.
    searchable: Cell<usize>,
}

/// What is said of a stream's end.
type Verdict = (Severity, &'static str);

impl<'a> Streams<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        Self {
            document,
            offsets: None,
            searchable: Cell::new(MAX_SEARCHED),
        }
    }

    /// Judges a stream by its dictionary and the text that follows that.
    pub(crate) fn judge(&mut self, dict: &DictView<'_, 'a>, after: &'a [u8], findings: &mut Findings) {
        let length = dict.integer(b"Length");
        let (end, verdict) = self.end(after, length, is_plain(dict));
        if let Some((severity, what)) = verdict {
            let detail = format!("object {}: {what}", dict.number);
            findings.add(FindingCode::StreamLength, severity, dict.page, detail);
        }
        self.overlap(dict, after, end, findings);
    }

    /// Judges the streams that the walk did not reach: object streams, sections, and what nothing refers to any more.
    pub(crate) fn judge_unreached(
        &mut self,
        source: Source<'a>,
        is_reached: impl Fn(u32) -> bool,
        findings: &mut Findings,
    ) {
        let chain = self.document.xref();
        let entries = chain.sections().iter().flat_map(|section| section.entries());
        let mut places: Vec<(u64, u32, bool)> = entries
            .filter_map(|(number, entry)| match entry {
                Entry::At { offset, .. } => Some((*offset, *number, chain.lookup(*number) == Some(*entry))),
                _ => None,
            })
            .filter(|(_, number, counts)| !counts || !is_reached(*number))
            .collect();
        places.sort_unstable();
        places.dedup();
        for (offset, number, counts) in places {
            let Some(text) = source.plain(number, offset) else {
                continue;
            };
            let mut lexer = Lexer::new(text);
            let Some((Value::Dict(dict), _)) = value(&mut lexer, text) else {
                continue;
            };
            let after = text.get(lexer.position()..).unwrap_or_default();
            if !matches!(lexer.next(), Some((Token::Word(b"stream"), _))) || source.exhausted() {
                continue;
            }
            let dict = source.view(dict, number, None);
            if counts {
                self.judge(&dict, after, findings);
            } else {
                let (end, _) = self.end(after, dict.integer(b"Length"), false);
                self.overlap(&dict, after, end, findings);
            }
        }
    }

    fn overlap(&mut self, dict: &DictView<'_, 'a>, after: &'a [u8], end: usize, findings: &mut Findings) {
        let Some(start) = self.document.offset_of(after) else {
            return;
        };
        if let Some(inner) = self.object_within(start, start.saturating_add(end as u64)) {
            let detail = format!(
                "an object stands at byte {inner}, within the stream of object {}",
                dict.number
            );
            findings.add(FindingCode::ObjectOverlap, Severity::Block, dict.page, detail);
        }
    }

    /// How far the stream reaches in the text after its dictionary, and what is wrong with that.
    fn end(&self, after: &[u8], length: Option<i64>, plain: bool) -> (usize, Option<Verdict>) {
        let mut cursor = Cursor::new(after, 0);
        cursor.skip_blank();
        cursor.tag(b"stream");
        let mut verdict = None;
        if !cursor.tag(b"\r\n") && !cursor.tag(b"\n") {
            verdict = Some((Severity::Block, "no end of line stands before its data"));
            cursor.end_of_line();
        }
        let start = cursor.pos();
        let data = cursor.rest();
        let given = length.and_then(|length| usize::try_from(length).ok());
        if let Some(behind) = given.and_then(|given| data.get(given..)) {
            let mut tail = Cursor::new(behind, 0);
            tail.skip_white();
            if tail.tag(b"endstream") {
                let end = start + given.unwrap_or_default();
                let inside = data.get(..given.unwrap_or_default()).unwrap_or_default();
                return (end, verdict.or_else(|| self.ended(tail, inside, plain)));
            }
        }
        let Some(first) = self.search(data, b"endstream") else {
            return (start, Some((Severity::Block, "its end is not found")));
        };
        let what = match (length, given) {
            (None, _) => (Severity::Warn, "/Length is missing"),
            (Some(_), None) => (Severity::Block, "/Length is negative"),
            (Some(_), Some(given)) if given > first => (Severity::Block, "/Length leads beyond its end"),
            (Some(_), Some(given)) => {
                let other = data.get(given..).and_then(|rest| self.search(rest, b"endstream"));
                // A second end before the object's own is where other readers would stop.
                let again = data
                    .get(first + b"endstream".len()..)
                    .is_some_and(|rest| self.goes_on(Cursor::new(rest, 0)));
                if other.map(|other| other + given) == Some(first) && !again {
                    (Severity::Warn, "/Length ends before its data do")
                } else {
                    (Severity::Block, "/Length ends inside, and there is more than one end")
                }
            }
        };
        (start + first, Some(verdict.unwrap_or(what)))
    }

    /// A stream that ends where /Length says.
    fn ended(&self, tail: Cursor<'_>, inside: &[u8], plain: bool) -> Option<Verdict> {
        if plain && self.search(inside, b"endstream").is_some() {
            return Some((Severity::Block, "its data speak of another end"));
        }
        let mut next = tail;
        next.skip_blank();
        if next.tag(b"endobj") {
            None
        } else if self.goes_on(tail) {
            Some((
                Severity::Block,
                "there is another end behind the one where /Length leads",
            ))
        } else {
            Some((
                Severity::Warn,
                "something stands between its end and that of the object",
            ))
        }
    }

    /// Whether another `endstream` comes before the end of the object.
    fn goes_on(&self, tail: Cursor<'_>) -> bool {
        let rest = tail.rest();
        let object = match self.search(rest, b"endobj") {
            Some(end) => rest.get(..end).unwrap_or(rest),
            None => rest,
        };
        self.search(object, b"endstream").is_some()
    }

    fn search(&self, text: &[u8], word: &[u8]) -> Option<usize> {
        let text = text.get(..self.searchable.get()).unwrap_or(text);
        let place = find(text, word);
        let read = place.unwrap_or(text.len());
        self.searchable.set(self.searchable.get().saturating_sub(read));
        place
    }

    /// The first object whose entry leads between these offsets.
    fn object_within(&mut self, start: u64, end: u64) -> Option<u64> {
        let offsets = self.offsets.get_or_insert_with(|| offsets(self.document));
        let place = offsets.partition_point(|&offset| offset < start);
        offsets.get(place).copied().filter(|&offset| offset < end)
    }
}

fn offsets(document: &Document) -> Vec<u64> {
    let chain = document.xref();
    let entries = chain.sections().iter().flat_map(|section| section.entries());
    let mut offsets: Vec<u64> = entries
        .filter_map(|(number, entry)| match entry {
            Entry::At { offset, .. } if chain.lookup(*number) == Some(*entry) => Some(*offset),
            _ => None,
        })
        .collect();
    offsets.sort_unstable();
    offsets
}

/// Whether the data are text as it is written, in which a word counts.
fn is_plain(dict: &DictView<'_, '_>) -> bool {
    !dict.has(b"Filter") && !dict.says(b"Subtype", b"Image") && !dict.says(b"Type", b"EmbeddedFile")
}

/// Bytes that are searched for ends of streams in one file.
const MAX_SEARCHED: usize = 256 << 20;
