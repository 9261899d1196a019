//! Reading the chain: from the last `startxref` through every /Prev and /XRefStm.
//!
//! A table may be spelled a little freely (entries of 19 bytes, white space before `xref`), since every reader accepts
//! that; what it says must be exact. Not its business: whether the objects are really where the entries say.

use std::collections::HashSet;
use std::sync::Arc;

use hayro_syntax::object::{Array, Dict, FromBytes, Null, Stream};

use super::XrefChain;
use super::section::{Entry, Section, SectionKind};
use crate::error::OpenError;
use crate::lexer::{Cursor, find, find_last};
use crate::unpack::{is_counted, unpacked};

impl XrefChain {
    /// Walks the chain of a file whose offsets count from `base`.
    pub(crate) fn walk(bytes: &[u8], base: u64) -> Result<Self, OpenError> {
        let start = startxref(bytes, base)?;
        let mut sections: Vec<Arc<Section>> = Vec::new();
        let mut seen = HashSet::new();
        let mut budget = MAX_ENTRIES;
        let mut next = Some(start);
        while let Some(offset) = next {
            if !seen.insert(offset) {
                return Err(OpenError::PrevLoop { offset });
            }
            if sections.len() >= MAX_SECTIONS {
                return Err(damaged("more sections than a file may have", offset));
            }
            let section = section(bytes, base, offset, &mut budget)?;
            next = section.prev;
            sections.push(Arc::new(section));
        }
        Ok(Self::new(sections, start, base))
    }
}

/// Where the section stands that the last `startxref` names, which must stand at the very end.
pub(super) fn startxref(bytes: &[u8], base: u64) -> Result<u64, OpenError> {
    let size = bytes.len() as u64;
    let window_start = bytes.len().saturating_sub(TAIL_WINDOW);
    let window = bytes.get(window_start..).unwrap_or_default();
    let place = find_last(window, b"startxref").ok_or(damaged("no startxref at the end", size))?;
    let mut cursor = Cursor::new(bytes, window_start + place + b"startxref".len());
    cursor.skip_white();
    let offset = cursor
        .number()
        .and_then(|offset| offset.checked_add(base))
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

fn section(bytes: &[u8], base: u64, offset: u64, budget: &mut usize) -> Result<Section, OpenError> {
    let mut cursor = Cursor::new(bytes, usize::try_from(offset).unwrap_or(usize::MAX));
    cursor.skip_white();
    if cursor.tag(b"xref") {
        table(bytes, base, offset, cursor, budget)
    } else {
        stream(bytes, base, offset, cursor, budget)
    }
}

fn table(
    bytes: &[u8],
    base: u64,
    offset: u64,
    mut cursor: Cursor<'_>,
    budget: &mut usize,
) -> Result<Section, OpenError> {
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
            entries.push((number, table_entry(&mut cursor, base)?));
        }
    }
    cursor.skip_blank();
    let trailer = Dict::from_bytes(cursor.rest()).ok_or(damaged("the trailer cannot be read", cursor.pos() as u64))?;
    let trailer_start = cursor.pos();
    cursor.advance(trailer.data().len());
    let mut section = from_trailer(&trailer, base, offset, trailer_start)?;
    let mut entries = one_of_each(entries, offset)?;
    if let Some(hidden) = integer(&trailer, b"XRefStm", trailer_start)? {
        let hidden = hidden.saturating_add(base);
        section.kind = SectionKind::Hybrid;
        let mut inner = Cursor::new(bytes, usize::try_from(hidden).unwrap_or(usize::MAX));
        inner.skip_white();
        let stream = stream(bytes, base, hidden, inner, budget)?;
        section.size = section.size.max(stream.size);
        section.encrypted |= stream.encrypted;
        entries = merge(entries, stream.entries, &mut section);
    }
    section.entries = entries;
    section.end = section_end(bytes, cursor);
    Ok(section)
}

/// The entries of a hybrid section: those of the table, and what only its hidden stream has. Where both speak of an
/// object, readers differ (7.5.8.4 hides an object by a free entry of an earlier section, not of the same one).
fn merge(mut table: Vec<(u32, Entry)>, stream: Vec<(u32, Entry)>, section: &mut Section) -> Vec<(u32, Entry)> {
    let seen = |table: &[(u32, Entry)], number: u32| table.binary_search_by_key(&number, |entry| entry.0).ok();
    let mut fresh = Vec::new();
    for (number, entry) in stream.into_iter().filter(|entry| entry.1 != Entry::Free) {
        let Some(known) = seen(&table, number).and_then(|place| table.get_mut(place)) else {
            section.hidden.push(number);
            fresh.push((number, entry));
            continue;
        };
        if known.1 != entry {
            section.contested.push(number);
        }
        if known.1 == Entry::Free {
            known.1 = entry;
        }
    }
    table.extend(fresh);
    table.sort_by_key(|entry| entry.0);
    table
}

fn table_entry(cursor: &mut Cursor<'_>, base: u64) -> Result<Entry, OpenError> {
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
            offset: offset.checked_add(base).ok_or_else(bad)?,
            generation: generation.try_into().map_err(|_| bad())?,
        },
        Some(b'f') => Entry::Free,
        _ => return Err(bad()),
    };
    cursor.advance(1);
    Ok(entry)
}

fn stream(
    bytes: &[u8],
    base: u64,
    offset: u64,
    mut cursor: Cursor<'_>,
    budget: &mut usize,
) -> Result<Section, OpenError> {
    let at = cursor.pos() as u64;
    let Some((own, _)) = cursor.object_header() else {
        return Err(damaged("no cross-reference section here", offset));
    };
    cursor.skip_blank();
    let start = cursor.pos();
    let unreadable = damaged("the cross-reference stream cannot be read", at);
    let stream = Stream::from_bytes(cursor.rest()).ok_or(unreadable.clone())?;
    let dict = stream.dict();
    let mut section = from_trailer(dict, base, offset, start)?;
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
    // Of a chain of filters only the upper bound is known.
    let limit = if is_counted(&stream) {
        expected
    } else {
        expected.max(MAX_CHAIN)
    };
    let size = unpacked(&stream, limit);
    if size > limit {
        return Err(OpenError::TooLarge { size, limit });
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
            let entry = stream_entry(if kind_width == 0 { 1 } else { kind }, second, third, base)
                .ok_or(damaged("an entry of the cross-reference stream is malformed", at))?;
            section.entries.push((number, entry));
        }
    }
    section.entries = one_of_each(std::mem::take(&mut section.entries), offset)?;
    // Without /Index, /Size is also what the entries are counted by; its own number is taken even if it is not listed.
    section.size = section.size.max(own.saturating_add(1));
    // The stream's data may be anywhere in `bytes`; its end is where `startxref` follows.
    section.end = section_end(bytes, cursor);
    Ok(section)
}

fn stream_entry(kind: u64, second: u64, third: u64, base: u64) -> Option<Entry> {
    match kind {
        0 => Some(Entry::Free),
        1 if second == 0 => Some(Entry::Free),
        1 => Some(Entry::At {
            offset: second.checked_add(base)?,
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

fn from_trailer(trailer: &Dict<'_>, base: u64, offset: u64, at: usize) -> Result<Section, OpenError> {
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
    let previous = integer(trailer, b"Prev", at)?;
    Ok(Section {
        kind: SectionKind::Table,
        offset,
        trailer: at as u64..(at + trailer.data().len()) as u64,
        end: 0,
        size: u32::try_from(size).map_err(|_| damaged("an impossible /Size", at as u64))?,
        root,
        zero_prev: previous == Some(0),
        // No section stands at the very front: writers say 0 where there is none.
        prev: previous.filter(|&prev| prev > 0).map(|prev| prev.saturating_add(base)),
        encrypted: trailer.contains_key("Encrypt") && trailer.get::<Null>("Encrypt").is_none(),
        entries: Vec::new(),
        contested: Vec::new(),
        hidden: Vec::new(),
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

/// Sorted by number, each number once. Readers differ about which of two different entries for one object counts.
fn one_of_each(mut entries: Vec<(u32, Entry)>, offset: u64) -> Result<Vec<(u32, Entry)>, OpenError> {
    entries.sort_by_key(|entry| entry.0);
    entries.dedup();
    let twice = entries
        .windows(2)
        .any(|pair| matches!(pair, [first, second] if first.0 == second.0));
    if twice {
        return Err(damaged("two different entries for one object", offset));
    }
    entries.shrink_to_fit();
    Ok(entries)
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
/// A file that was saved so often is no contract.
const MAX_SECTIONS: usize = 10_000;
/// Entries of all sections together: bounds the memory that a file can ask for.
const MAX_ENTRIES: usize = 8_388_608;
/// What a cross-reference stream with a chain of filters may come to at most.
const MAX_CHAIN: u64 = 64 << 20;
/// How much more than its entries a cross-reference stream may unpack to.
const SLACK: u64 = 1 << 16;
