//! The chain of cross-reference sections, walked by us from `startxref` through every /Prev (ISO 32000-2 7.5.4 to 7.5.8).
//!
//! hayro-syntax hides the trailers, the kind of a section and its own silent repairs; an appended section needs all of
//! them. Anything odd in the chain is an error here, never a guess. Not its business: objects and their values.

mod section;
mod walk;

pub use section::{Entry, Section, SectionKind};

/// All cross-reference sections, the newest first.
#[derive(Debug, Clone)]
pub struct XrefChain {
    sections: Vec<Section>,
    start: u64,
}

impl XrefChain {
    /// The sections, the newest first. There is always at least one.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The section that `startxref` names.
    #[must_use]
    pub fn newest(&self) -> Option<&Section> {
        self.sections.first()
    }

    /// The offset after the last `startxref`: the /Prev of a section that is appended.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Where an object stands according to the whole chain.
    #[must_use]
    pub fn lookup(&self, number: u32) -> Option<Entry> {
        self.sections.iter().find_map(|section| section.lookup(number))
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
        self.sections.iter().map(Section::highest).max().unwrap_or(0)
    }

    /// The catalog's object number and generation: the newest section that names one.
    #[must_use]
    pub fn root(&self) -> Option<(u32, u16)> {
        self.sections.iter().find_map(Section::root)
    }

    /// Whether any section of the chain has an /Encrypt.
    #[must_use]
    pub fn encrypted(&self) -> bool {
        self.sections.iter().any(Section::encrypted)
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
