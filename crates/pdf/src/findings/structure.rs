//! What of a file's structure readers may take differently: which pages there are, which of two objects counts, what the
//! content of a page is (ISO 32000-2 7.3.7, 7.5, 7.7.3, 7.8.2).
//!
//! `block` where common readers show different content, `warn` where they agree so far and the file is fragile. Not its
//! business: what is in the content, and files that cannot be opened at all (`OpenError`).

use super::{FindingCode, Findings, Severity};
use crate::document::Document;
use crate::review::source::Source;
use crate::xref::Entry;

mod contents;
pub(crate) mod keys;
mod repaired;
pub(crate) mod streams;

/// Judges the structure as a whole; keys and streams of the objects on the way are judged by the walk.
pub(crate) fn judge(source: Source<'_>, findings: &mut Findings) {
    let document = source.document();
    for doubt in document.page_doubts() {
        let detail = format!("object {}: {}", doubt.object, doubt.what);
        findings.add(doubt.code, doubt.severity, Some(doubt.page), detail);
    }
    hybrids(document, findings);
    repeated(document, findings);
    keys::judge_sections(source, findings);
    contents::judge(source, findings);
    repaired::judge(document, findings);
}

fn hybrids(document: &Document, findings: &mut Findings) {
    let sections = document.xref().sections();
    for section in sections {
        for number in section.contested() {
            let detail = format!("object {number}: the table and its hidden stream differ");
            findings.add(FindingCode::HybridDiffers, Severity::Block, None, detail);
        }
    }
    for (place, section) in sections.iter().enumerate() {
        let older = || sections.iter().skip(place + 1);
        let containers = |number: u32| {
            let inside = |entry: &(u32, Entry)| matches!(entry.1, Entry::InStream { stream, .. } if stream == number);
            section.entries().iter().any(inside)
        };
        let packed = section
            .hidden()
            .iter()
            .filter(|number| matches!(section.lookup(**number), Some(Entry::InStream { .. })));
        // PDFium does not find an object that no table mentions.
        let silent = packed
            .filter(|number| older().all(|section| section.lookup(**number).is_none()) && !containers(**number))
            .take(MAX_LISTED);
        for number in silent {
            let detail = format!("object {number}: only the hidden stream names it");
            findings.add(FindingCode::HybridDiffers, Severity::Warn, None, detail);
        }
    }
}

/// Objects that stand twice in the object stream from which they are taken.
fn repeated(document: &Document, findings: &mut Findings) {
    let chain = document.xref();
    if document.encrypted() {
        return;
    }
    let containers = chain.sections().iter().flat_map(|section| section.entries());
    let mut streams: Vec<u32> = containers
        .filter_map(|(_, entry)| match entry {
            Entry::InStream { stream, .. } => Some(*stream),
            _ => None,
        })
        .collect();
    streams.sort_unstable();
    streams.dedup();
    for stream in streams {
        let Some(Entry::At { offset, .. }) = chain.lookup(stream) else {
            continue;
        };
        let repeated = document.container(offset).map(|container| container.repeated());
        for number in repeated.unwrap_or_default() {
            if matches!(chain.lookup(number), Some(Entry::InStream { stream: holder, .. }) if holder == stream) {
                let detail = format!("object {number} stands twice in object stream {stream}");
                findings.add(FindingCode::DuplicateObject, Severity::Block, None, detail);
            }
        }
    }
}

/// So many objects are looked for in older sections.
const MAX_LISTED: usize = 1000;
