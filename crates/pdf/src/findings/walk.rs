//! One bounded walk over every object that can be reached from the catalog, page by page first.
//!
//! Each dictionary on the way is shown to every family of findings. Cycles end because an object is visited once;
//! depth, objects and tokens are bounded, and reaching a bound is itself a finding.

use std::borrow::Cow;

use hayro_syntax::object::{Object, ObjectIdentifier};

use super::structure::{keys, streams::Streams};
use super::{FindingCode, Findings, Severity, actions, annotations, attachments, fonts};
use crate::review::ReviewLimits;
use crate::review::source::{DictView, Found, Source};
use crate::review::syntax::{Entry, Lexer, Token, Value, is_name};

/// Walks the document and adds what it finds.
pub(crate) fn walk(source: Source<'_>, limits: &ReviewLimits, findings: &mut Findings) {
    let size = source.document().xref().size();
    let mut walk = Walk {
        source,
        limits,
        findings,
        seen: vec![0; (size as usize).div_ceil(64)],
        size,
        queue: Vec::new(),
        later: Vec::new(),
        objects: 0,
        tokens: 0,
        streams: Streams::new(source.document()),
    };
    let pages = source.document().pages();
    // Marked first, so that a link on one page does not claim the next page's content for itself.
    for number in pages {
        walk.mark(*number);
    }
    for (page, number) in (1_u32..).zip(pages) {
        walk.queue.push((ObjectIdentifier::new(*number, 0), Some(page)));
        walk.drain();
    }
    let later = std::mem::take(&mut walk.later);
    let root = source.document().pdf().xref().root_id();
    for id in later.into_iter().chain([root]) {
        if walk.mark(id.obj_number) {
            walk.queue.push((id, None));
        }
        walk.drain();
    }
    let Walk {
        streams,
        findings,
        seen,
        ..
    } = &mut walk;
    streams.judge_unreached(source, |number| is_marked(seen, number), findings);
    if source.exhausted() {
        let detail = "too much is looked up over and over, the rest was not";
        walk.findings
            .add(FindingCode::BudgetExhausted, Severity::Warn, None, detail);
    }
    if walk.exhausted() {
        let detail = format!(
            "{} objects and {} tokens were looked at, the rest was not",
            walk.objects, walk.tokens
        );
        walk.findings
            .add(FindingCode::BudgetExhausted, Severity::Warn, None, detail);
    }
}

struct Walk<'a, 'w> {
    source: Source<'a>,
    limits: &'w ReviewLimits,
    findings: &'w mut Findings,
    /// One bit an object number.
    seen: Vec<u64>,
    size: u32,
    queue: Vec<(ObjectIdentifier, Option<u32>)>,
    /// Reached upwards (/Parent): belongs to no single page.
    later: Vec<ObjectIdentifier>,
    objects: u64,
    tokens: u64,
    streams: Streams<'a>,
}

/// Where the text of an object stands, and what follows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    /// Plainly in the file, which goes on after it.
    File,
    /// In an object stream, which goes on after it.
    Stream,
    /// Nothing follows.
    Itself,
}

struct Frame<'a> {
    is_dict: bool,
    /// The key waiting for its value.
    key: Option<&'a [u8]>,
    /// The key that governs an array's elements.
    governed_by: Option<&'a [u8]>,
    first_entry: usize,
    start: usize,
}

fn is_marked(seen: &[u64], number: u32) -> bool {
    let word = seen.get((number / 64) as usize).copied().unwrap_or(0);
    word & (1 << (number % 64)) != 0
}

impl<'a> Walk<'a, '_> {
    fn exhausted(&self) -> bool {
        self.objects >= self.limits.objects || self.tokens >= self.limits.tokens
    }

    /// Whether the object is met for the first time.
    fn mark(&mut self, number: u32) -> bool {
        if number >= self.size {
            return false;
        }
        let Some(word) = self.seen.get_mut((number / 64) as usize) else {
            return false;
        };
        let bit = 1_u64 << (number % 64);
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }

    fn drain(&mut self) {
        while let Some((id, page)) = self.queue.pop() {
            if self.exhausted() {
                self.queue.clear();
                return;
            }
            self.objects += 1;
            self.object(id.obj_number, page);
        }
    }

    fn object(&mut self, number: u32, page: Option<u32>) {
        match self.source.find(number) {
            Found::Plain(text) => self.text(text, number, page, In::File),
            Found::Packed(text) => self.text(text, number, page, In::Stream),
            Found::Decrypted(Object::Dict(dict)) => self.text(dict.data(), number, page, In::Itself),
            // The text of an array comes without its delimiters.
            Found::Decrypted(Object::Array(array)) => self.text(array.data(), number, page, In::Itself),
            Found::Decrypted(_) | Found::Nothing => {}
            Found::Deleted => {
                let severity = if page.is_some() { Severity::Warn } else { Severity::Note };
                let detail = format!("object {number} is deleted but still used: readers differ about it");
                self.findings.add(FindingCode::ReadersDisagree, severity, page, detail);
            }
            Found::Unreadable => {
                // On a page, one reader shows nothing and another one what it finds by searching.
                let severity = if page.is_some() {
                    Severity::Block
                } else {
                    Severity::Warn
                };
                let detail = format!("object {number} is not where its entry says");
                self.findings.add(FindingCode::UnreadableObject, severity, page, detail);
            }
        }
    }

    fn text(&mut self, text: &'a [u8], number: u32, page: Option<u32>, place: In) {
        let mut lexer = Lexer::new(text);
        let mut frames: Vec<Frame<'a>> = Vec::with_capacity(8);
        let mut pool: Vec<Entry<'a>> = Vec::with_capacity(16);
        loop {
            if place == In::Itself && frames.is_empty() && lexer.at_end() {
                return;
            }
            let Some((token, at)) = lexer.next() else {
                self.unreadable(number, page);
                return;
            };
            self.tokens += 1;
            if self.tokens >= self.limits.tokens {
                return;
            }
            let value = match token {
                Token::DictOpen | Token::ArrayOpen => {
                    if frames.len() >= self.limits.depth {
                        let detail = format!("object {number} is nested deeper than {} levels", self.limits.depth);
                        self.findings.add(FindingCode::TooDeep, Severity::Warn, page, detail);
                        return;
                    }
                    let governed_by = frames.last().and_then(|frame| frame.key.or(frame.governed_by));
                    let is_dict = token == Token::DictOpen;
                    frames.push(Frame {
                        is_dict,
                        key: None,
                        governed_by,
                        first_entry: pool.len(),
                        start: at.start,
                    });
                    continue;
                }
                Token::DictClose | Token::ArrayClose => {
                    let closes_dict = token == Token::DictClose;
                    let Some(frame) = frames.pop().filter(|frame| frame.is_dict == closes_dict) else {
                        self.unreadable(number, page);
                        return;
                    };
                    if frame.is_dict {
                        let is_stream = place == In::File
                            && frames.is_empty()
                            && matches!(lexer.clone().next(), Some((Token::Word(b"stream"), _)));
                        let found = pool.get(frame.first_entry..).unwrap_or_default();
                        let view = DictView {
                            entries: Cow::Borrowed(found),
                            source: self.source,
                            number,
                            page,
                            is_stream,
                        };
                        judge(&view, self.findings);
                        keys::judge(&view, self.findings);
                        if is_stream && let Some(rest) = text.get(lexer.position()..) {
                            self.streams.judge(&view, rest, self.findings);
                        }
                    }
                    pool.truncate(frame.first_entry);
                    let whole = text.get(frame.start..at.end).unwrap_or_default();
                    if frame.is_dict {
                        Value::Dict(whole)
                    } else {
                        Value::Array(whole.get(1..whole.len().saturating_sub(1)).unwrap_or_default())
                    }
                }
                Token::Name(name) => Value::Name(name),
                Token::Text(raw) => Value::Text(raw),
                Token::Word(word) => match lexer.reference(word) {
                    Some(id) => {
                        let key = frames.last().and_then(|frame| frame.key.or(frame.governed_by));
                        self.follow(id, key, page);
                        Value::Reference(id)
                    }
                    None => Value::Word(word),
                },
            };
            match frames.last_mut() {
                Some(frame) if frame.is_dict => match (frame.key.take(), value) {
                    (None, Value::Name(name)) => frame.key = Some(name),
                    // Garbage where a key should be: the reader skips it too.
                    (None, _) => {}
                    (Some(key), value) => pool.push(Entry {
                        key,
                        value,
                        at: at.start..lexer.position(),
                    }),
                },
                Some(_) => {}
                None if place == In::Itself => {}
                None => return,
            }
        }
    }

    fn follow(&mut self, id: ObjectIdentifier, key: Option<&[u8]>, page: Option<u32>) {
        let upwards = key.is_some_and(|key| is_name(key, b"Parent") || is_name(key, b"P"));
        if upwards && page.is_some() {
            self.later.push(id);
        } else if self.mark(id.obj_number) {
            self.queue.push((id, page));
        }
    }

    fn unreadable(&mut self, number: u32, page: Option<u32>) {
        let detail = format!("the text of object {number} is malformed");
        self.findings
            .add(FindingCode::UnreadableObject, Severity::Warn, page, detail);
    }
}

fn judge(dict: &DictView<'_, '_>, findings: &mut Findings) {
    // Each family starts from a few keys, and most dictionaries have none of them.
    let (mut action, mut annotation, mut attachment, mut font) = (false, false, dict.is_stream, false);
    for entry in dict.entries.iter() {
        match entry.key {
            b"S" | b"JS" => action = true,
            b"Rect" => annotation = true,
            b"EF" | b"Collection" => attachment = true,
            b"BaseFont" => font = true,
            escaped if escaped.contains(&b'#') => (action, annotation, attachment, font) = (true, true, true, true),
            _ => {}
        }
    }
    if action {
        actions::judge(dict, findings);
    }
    if annotation {
        annotations::judge(dict, findings);
    }
    if attachment {
        attachments::judge(dict, findings);
    }
    if font {
        fonts::judge(dict, findings);
    }
}
