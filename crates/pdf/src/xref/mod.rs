//! The chain of cross-reference sections, walked by us from `startxref` through every /Prev (ISO 32000-2 7.5.4 to 7.5.8).
//!
//! hayro-syntax hides the trailers, the kind of a section and its own silent repairs; an appended section needs all of
//! them. Anything odd in the chain is an error here, never a guess. Not its business: objects and their values.

use std::sync::Arc;

use crate::lexer::Cursor;

mod section;
mod walk;

pub use section::{Entry, Section, SectionKind};

/// All cross-reference sections, the newest first.
#[derive(Debug, Clone)]
pub struct XrefChain {
    sections: Vec<Arc<Section>>,
    start: u64,
    base: u64,
    /// What all sections together say, by object number; empty when there is only one section.
    merged: Vec<(u32, Entry)>,
}

impl XrefChain {
    fn new(sections: Vec<Arc<Section>>, start: u64, base: u64) -> Self {
        let mut merged: Vec<(u32, Entry)> = Vec::new();
        if sections.len() > 1 {
            // The sort is stable: of the entries for one number the newest comes first.
            merged.extend(sections.iter().flat_map(|section| section.entries()).copied());
            merged.sort_by_key(|entry| entry.0);
            merged.dedup_by_key(|entry| entry.0);
            merged.shrink_to_fit();
        }
        Self {
            sections,
            start,
            base,
            merged,
        }
    }

    /// The sections, the newest first. There is always at least one.
    #[must_use]
    pub fn sections(&self) -> &[Arc<Section>] {
        &self.sections
    }

    /// The section that `startxref` names.
    #[must_use]
    pub fn newest(&self) -> Option<&Section> {
        self.sections.first().map(Arc::as_ref)
    }

    /// Where the newest section starts in the file.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The byte from which the file counts its offsets: its header, or the first byte (ISO 32000-2 7.5.2, 7.5.4).
    /// All offsets that this chain gives out count from the first byte.
    #[must_use]
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Whether the oldest section says /Prev 0.
    pub(crate) fn ends_in_zero(&self) -> bool {
        self.sections.last().is_some_and(|section| section.zero_prev)
    }

    /// Whether the catalog stands where the chain says: the offsets count from where we think.
    pub(crate) fn leads_to_its_root(&self, bytes: &[u8]) -> bool {
        let Some((root, _)) = self.root() else { return false };
        let holder = match self.lookup(root) {
            Some(Entry::InStream { stream, .. }) => stream,
            _ => root,
        };
        let Some(Entry::At { offset, .. }) = self.lookup(holder) else {
            return false;
        };
        let mut cursor = Cursor::new(bytes, usize::try_from(offset).unwrap_or(usize::MAX));
        cursor.skip_blank();
        cursor.object_header().is_some_and(|(number, _)| number == holder)
    }

    /// Where an object stands according to the whole chain.
    #[must_use]
    pub fn lookup(&self, number: u32) -> Option<Entry> {
        let entries: &[(u32, Entry)] = match self.sections.as_slice() {
            [only] => only.entries(),
            _ => &self.merged,
        };
        let place = entries.binary_search_by_key(&number, |entry| entry.0).ok()?;
        entries.get(place).map(|entry| entry.1)
    }

    /// The chain of the revision that ends at `end`, if the section that its `startxref` names is one of this chain:
    /// what the bytes up to there say by themselves, without reading them again.
    pub(crate) fn of_revision(&self, bytes: &[u8], end: usize) -> Option<Self> {
        let start = walk::startxref(bytes.get(..end)?, self.base).ok()?;
        let place = self.sections.iter().position(|section| section.offset() == start)?;
        let sections: Vec<_> = self.sections.get(place..)?.to_vec();
        let within = |section: &Arc<Section>| section.end() <= end as u64;
        sections
            .iter()
            .all(within)
            .then(|| Self::new(sections, start, self.base))
    }

    /// Where an object stood in the revision that ends at `end` (a value of [`XrefChain::revisions_end`]).
    #[must_use]
    pub fn lookup_at(&self, number: u32, end: u64) -> Option<Entry> {
        self.sections
            .iter()
            .filter(|section| section.end() <= end)
            .find_map(|section| section.lookup(number))
    }

    /// One more than the greatest object number that any section claims or uses.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.sections.iter().map(|section| section.highest()).max().unwrap_or(0)
    }

    /// The catalog's object number and generation: the newest section that names one.
    #[must_use]
    pub fn root(&self) -> Option<(u32, u16)> {
        self.sections.iter().find_map(|section| section.root())
    }

    /// Whether any section of the chain has an /Encrypt.
    #[must_use]
    pub fn encrypted(&self) -> bool {
        self.sections.iter().any(|section| section.encrypted())
    }

    /// The end of each revision, the oldest first: the byte after its %%EOF and end of line.
    ///
    /// The two sections of a linearized file are one revision: the first stands at the front but is the newer one.
    #[must_use]
    pub fn revisions_end(&self) -> Vec<u64> {
        let mut ends: Vec<u64> = Vec::new();
        for section in self.sections.iter().rev() {
            if ends.last().is_none_or(|&last| section.end() > last) {
                ends.push(section.end());
            }
        }
        ends
    }
}

#[cfg(test)]
mod tests;
