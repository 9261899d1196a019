//! A file that other readers have to repair: they search it for objects and take the last of each number. That is the
//! same file only if every object that counts is the last of its number.
//!
//! Repaired are files with bytes before the header whose offsets count from the first byte, and streams of a wrong
//! /Length; by the reader that draws our own picture, chains that are longer than it follows or end in /Prev 0. Not its business: whether a reader repairs well.

use std::collections::HashMap;

use super::super::{FindingCode, Findings, Severity};
use crate::document::Document;
use crate::lexer::{Cursor, find, is_white};
use crate::xref::Entry;

pub(super) fn judge(document: &Document, findings: &mut Findings) {
    let head = document.bytes().get(..1024).unwrap_or(document.bytes());
    let header = find(head, b"%PDF-").unwrap_or(0);
    let counted = usize::try_from(document.xref().base()).unwrap_or(usize::MAX);
    let chain = document.xref();
    let long = chain.sections().len() > MAX_FOLLOWED || chain.ends_in_zero();
    if header == counted && !long && !findings.has(FindingCode::StreamLength) {
        return;
    }
    let last = last_of_each(document.bytes());
    let mut later: Vec<u32> = last
        .into_iter()
        .filter(|&(number, offset)| match chain.lookup(number) {
            Some(Entry::At { offset: ours, .. }) => offset > ours.saturating_add(SLACK),
            Some(Entry::InStream { .. }) => true,
            Some(Entry::Free) | None => false,
        })
        .map(|(number, _)| number)
        .collect();
    later.sort_unstable();
    for number in later {
        let detail = format!("object {number} stands again further on: a reader that repairs the file takes that");
        findings.add(FindingCode::ObjectOverlap, Severity::Block, None, detail);
    }
}

/// Where `N G obj` stands last, for each number.
fn last_of_each(bytes: &[u8]) -> HashMap<u32, u64> {
    let mut last = HashMap::new();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| find(rest, b"obj")) {
        let word = at + found;
        at = word + 3;
        if let Some((number, offset)) = header_before(bytes, word) {
            last.insert(number, offset as u64);
        }
    }
    last
}

/// The object number whose header ends at `word`, and where it starts.
fn header_before(bytes: &[u8], word: usize) -> Option<(u32, usize)> {
    let back = |mut end: usize, wanted: fn(u8) -> bool| {
        while end > 0 && bytes.get(end - 1).copied().is_some_and(wanted) {
            end -= 1;
        }
        end
    };
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let generation = back(back(word, is_white), is_digit);
    let between = back(generation, is_white);
    let number = back(between, is_digit);
    if number == between || between == generation {
        return None;
    }
    let (found, _) = Cursor::new(bytes, number).object_header()?;
    Some((found, number))
}

/// Sections that the drawing reader follows before it starts to search.
const MAX_FOLLOWED: usize = 250;
/// White space may stand between an entry's offset and the object.
const SLACK: u64 = 16;
