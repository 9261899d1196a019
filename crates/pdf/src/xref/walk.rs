//! Reading the chain: from the last `startxref` through every /Prev and /XRefStm.
//!
//! A table may be spelled a little freely (entries of 19 bytes, white space before `xref`), since every reader accepts
//! that; what it says must be exact. Not its business: whether the objects are really where the entries say.

use hayro_syntax::object::{Array, Dict, FromBytes, Null, Stream};

use super::XrefChain;
use super::section::{Entry, Section, SectionKind};
use crate::error::OpenError;
use crate::lexer::{Cursor, find, find_last};
use crate::unpack::unpacked;

impl XrefChain {
    /// Walks the chain of a file.
    pub(crate) fn walk(bytes: &[u8]) -> Result<Self, OpenError> {
        let start = startxref(bytes)?;
        let mut sections: Vec<Section> = Vec::new();
        let mut budget = MAX_ENTRIES;
        let mut next = Some(start);
        while let Some(offset) = next {
            if sections.iter().any(|section| section.offset == offset) {
                return Err(OpenError::PrevLoop { offset });
            }
            if sections.len() >= MAX_SECTIONS {
                return Err(damaged("more sections than a file may have", offset));
            }
            let section = section(bytes, offset, &mut budget)?;
            next = section.prev;
            sections.push(section);
        }
        Ok(Self { sections, start })
    }
}

/// The offset after the last `startxref`, which must stand at the very end.
fn startxref(bytes: &[u8]) -> Result<u64, OpenError> {
    let size = bytes.len() as u64;
    let window_start = bytes.len().saturating_sub(TAIL_WINDOW);
    let window = bytes.get(window_start..).unwrap_or_default();
    let place = find_last(window, b"startxref").ok_or(damaged("no startxref at the end", size))?;
    let mut cursor = Cursor::new(bytes, window_start + place + b"startxref".len());
    cursor.skip_white();
    let offset = cursor
        .number()
        .ok_or(damaged("startxref without a number", cursor.pos() as u64))?;
    cursor.skip_white();
    if !cursor.tag(b"%%EOF") {
        return Err(damaged("no end-of-file marker after startxref", cursor.pos() as u64));
    }
    // Readers look for the marker near the end and ignore what follows; it must not look like a part of the file.
    let junk = cursor.rest();
    if junk.len() > MAX_JUNK
        || [&b"obj"[..], b"xref", b"trailer", b"stream"]
            .iter()
            .any(|word| find(junk, word).is_some())
    {
        return Err(damaged("data after the end-of-file marker", cursor.pos() as u64));
    }
    if offset >= size {
        return Err(damaged("startxref points past the end", offset));
    }
    Ok(offset)
}

fn section(bytes: &[u8], offset: u64, budget: &mut usize) -> Result<Section, OpenError> {
    let mut cursor = Cursor::new(bytes, usize::try_from(offset).unwrap_or(usize::MAX));
    cursor.skip_white();
    if cursor.tag(b"xref") {
        table(bytes, offset, cursor, budget)
    } else {
        stream(bytes, offset, cursor, budget)
    }
}

fn table(bytes: &[u8], offset: u64, mut cursor: Cursor<'_>, budget: &mut usize) -> Result<Section, OpenError> {
    let mut entries: Vec<(u32, Entry)> = Vec::new();
    loop {
        cursor.skip_blank();
        if cursor.tag(b"trailer") {
            break;
        }
        let at = cursor.pos() as u64;
        let bad = || damaged("a subsection of the table is malformed", at);
        let first = cursor.number().ok_or_else(bad)?;
        cursor.skip_white();
        let count = cursor.number().ok_or_else(bad)?;
        *budget = usize::try_from(count)
            .ok()
            .and_then(|count| budget.checked_sub(count))
            .ok_or(damaged("more objects than a file may have", at))?;
        for number in first..first.saturating_add(count) {
            let number = u32::try_from(number).map_err(|_| bad())?;
            entries.push((number, table_entry(&mut cursor)?));
        }
    }
    cursor.skip_blank();
    let trailer = Dict::from_bytes(cursor.rest()).ok_or(damaged("the trailer cannot be read", cursor.pos() as u64))?;
    let trailer_start = cursor.pos();
    cursor.advance(trailer.data().len());
    let mut section = from_trailer(&trailer, offset, trailer_start)?;
    if let Some(hidden) = integer(&trailer, b"XRefStm", trailer_start)? {
        // A free entry of the table hides an object of the stream from old readers (7.5.8.4); it is not deleted.
        section.kind = SectionKind::Hybrid;
        let mut inner = Cursor::new(bytes, usize::try_from(hidden).unwrap_or(usize::MAX));
        inner.skip_white();
        let stream = stream(bytes, hidden, inner, budget)?;
        section.size = section.size.max(stream.size);
        section.encrypted |= stream.encrypted;
        let free = entries
            .extract_if(.., |entry| entry.1 == Entry::Free)
            .collect::<Vec<_>>();
        entries.extend(stream.entries);
        entries.extend(free);
    }
    section.entries = first_of_each(entries);
    section.end = section_end(bytes, cursor);
    Ok(section)
}

fn table_entry(cursor: &mut Cursor<'_>) -> Result<Entry, OpenError> {
    let at = cursor.pos() as u64;
    let bad = || damaged("an entry of the table is malformed", at);
    cursor.skip_white();
    let offset = cursor.number().ok_or_else(bad)?;
    cursor.skip_white();
    let generation = cursor.number().ok_or_else(bad)?;
    cursor.skip_white();
    let entry = match cursor.peek() {
        // Offset 0 cannot hold an object: writers use it for numbers that they left out.
        Some(b'n') if offset == 0 => Entry::Free,
        Some(b'n') => Entry::At {
            offset,
            generation: generation.try_into().map_err(|_| bad())?,
        },
        Some(b'f') => Entry::Free,
        _ => return Err(bad()),
    };
    cursor.advance(1);
    Ok(entry)
}

fn stream(bytes: &[u8], offset: u64, mut cursor: Cursor<'_>, budget: &mut usize) -> Result<Section, OpenError> {
    let at = cursor.pos() as u64;
    if cursor.object_header().is_none() {
        return Err(damaged("no cross-reference section here", offset));
    }
    cursor.skip_blank();
    let start = cursor.pos();
    let unreadable = damaged("the cross-reference stream cannot be read", at);
    let stream = Stream::from_bytes(cursor.rest()).ok_or(unreadable.clone())?;
    let dict = stream.dict();
    let mut section = from_trailer(dict, offset, start)?;
    section.kind = SectionKind::Stream;
    let widths = dict
        .get::<[u8; 3]>("W")
        .ok_or(damaged("a cross-reference stream without /W", at))?;
    if widths.iter().any(|&width| width > 8) || widths.iter().all(|&width| width == 0) {
        return Err(damaged("a cross-reference stream with an impossible /W", at));
    }
    let ranges: Vec<(u32, u32)> = match dict.get::<Array<'_>>("Index") {
        Some(index) => index.iter::<(u32, u32)>().collect(),
        None => vec![(0, section.size)],
    };
    let count = ranges
        .iter()
        .try_fold(0_usize, |sum, range| sum.checked_add(range.1 as usize));
    *budget = count
        .and_then(|count| budget.checked_sub(count))
        .ok_or(damaged("more objects than a file may have", at))?;
    let width: u64 = widths.iter().map(|&width| u64::from(width)).sum();
    // Predictors add a byte a row; a little more harms nobody.
    let expected = (count.unwrap_or(0) as u64)
        .saturating_mul(width + 1)
        .saturating_add(SLACK);
    let size = unpacked(&stream, expected);
    if size > expected {
        return Err(OpenError::TooLarge { size, limit: expected });
    }
    let data = stream.decoded_data().map_err(|_| unreadable)?;
    let mut rest = data.as_ref();
    let mut field = |width: u8| -> Option<u64> {
        let (head, tail) = rest.split_at_checked(usize::from(width))?;
        rest = tail;
        Some(head.iter().fold(0_u64, |value, &byte| (value << 8) | u64::from(byte)))
    };
    let [kind_width, second_width, third_width] = widths;
    for (first, count) in ranges {
        for number in first
            ..first
                .checked_add(count)
                .ok_or(damaged("an impossible object number", at))?
        {
            let short = damaged("the cross-reference stream is too short", at);
            let kind = field(kind_width).ok_or(short.clone())?;
            let second = field(second_width).ok_or(short.clone())?;
            let third = field(third_width).ok_or(short)?;
            let entry = stream_entry(if kind_width == 0 { 1 } else { kind }, second, third)
                .ok_or(damaged("an entry of the cross-reference stream is malformed", at))?;
            section.entries.push((number, entry));
        }
    }
    section.entries = first_of_each(std::mem::take(&mut section.entries));
    // The stream's data may be anywhere in `bytes`; its end is where `startxref` follows.
    section.end = section_end(bytes, cursor);
    Ok(section)
}

fn stream_entry(kind: u64, second: u64, third: u64) -> Option<Entry> {
    match kind {
        0 => Some(Entry::Free),
        1 if second == 0 => Some(Entry::Free),
        1 => Some(Entry::At {
            offset: second,
            generation: third.try_into().ok()?,
        }),
        2 => Some(Entry::InStream {
            stream: second.try_into().ok()?,
            index: third.try_into().ok()?,
        }),
        // "Any other value shall be interpreted as a reference to the null object" (table 18).
        _ => Some(Entry::Free),
    }
}

fn from_trailer(trailer: &Dict<'_>, offset: u64, at: usize) -> Result<Section, OpenError> {
    let size = integer(trailer, b"Size", at)?.unwrap_or(0);
    let root = match trailer.get_ref("Root") {
        Some(root) => Some((
            root.obj_number,
            root.gen_number
                .try_into()
                .map_err(|_| damaged("an impossible /Root", at as u64))?,
        )),
        None => None,
    };
    Ok(Section {
        kind: SectionKind::Table,
        offset,
        trailer: at as u64..(at + trailer.data().len()) as u64,
        end: 0,
        size: u32::try_from(size).map_err(|_| damaged("an impossible /Size", at as u64))?,
        root,
        prev: integer(trailer, b"Prev", at)?,
        encrypted: trailer.contains_key("Encrypt") && trailer.get::<Null>("Encrypt").is_none(),
        entries: Vec::new(),
    })
}

/// A whole number of the trailer; anything else under that key is damage, since readers would differ about it.
fn integer(trailer: &Dict<'_>, key: &[u8], at: usize) -> Result<Option<u64>, OpenError> {
    if !trailer.contains_key(key) {
        return Ok(None);
    }
    trailer
        .get::<u32>(key)
        .map(|value| Some(u64::from(value)))
        .ok_or(damaged("a number of the trailer is malformed", at as u64))
}

/// Where the section ends: after the `%%EOF` that follows it, and its end of line.
fn section_end(bytes: &[u8], mut cursor: Cursor<'_>) -> u64 {
    let window = cursor.rest();
    let Some(place) = find(window.get(..END_WINDOW).unwrap_or(window), b"%%EOF") else {
        return bytes.len() as u64;
    };
    cursor.advance(place + b"%%EOF".len());
    cursor.end_of_line();
    cursor.pos() as u64
}

/// Sorted by number; of entries for the same number the first stands.
fn first_of_each(mut entries: Vec<(u32, Entry)>) -> Vec<(u32, Entry)> {
    entries.sort_by_key(|entry| entry.0);
    entries.dedup_by_key(|entry| entry.0);
    entries.shrink_to_fit();
    entries
}

fn damaged(what: &'static str, offset: u64) -> OpenError {
    OpenError::DamagedXref { what, offset }
}

/// Where `startxref` must stand, counted from the end of the file.
const TAIL_WINDOW: usize = 4096;
/// How much may follow the last `%%EOF`: readers look for it in the last 1024 bytes (ISO 32000-1, implementation note).
const MAX_JUNK: usize = 1024;
/// How far after a trailer its `%%EOF` is looked for.
const END_WINDOW: usize = 1 << 20;
/// As many as hayro-syntax follows before it starts to guess.
const MAX_SECTIONS: usize = 250;
/// Entries of all sections together: bounds the memory that a file can ask for.
const MAX_ENTRIES: usize = 8_388_608;
/// How much more than its entries a cross-reference stream may unpack to.
const SLACK: u64 = 1 << 16;
