//! One cross-reference section with its trailer. Not its business: how sections hang together.

use std::ops::Range;

/// How a section is written; what is appended to a file has the kind of its last section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// A table whose trailer also names a cross-reference stream (ISO 32000-2 7.5.8.4).
    Hybrid,
    /// A cross-reference stream (7.5.8).
    Stream,
    /// A classic table (7.5.4).
    Table,
}

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Plainly in the file.
    At {
        /// The byte where `N G obj` starts.
        offset: u64,
        /// The generation.
        generation: u16,
    },
    /// Deleted, or never used.
    Free,
    /// In an object stream.
    InStream {
        /// The object number of the object stream.
        stream: u32,
        /// The place in that stream.
        index: u32,
    },
}

/// One section of the chain.
#[derive(Debug, Clone)]
pub struct Section {
    pub(super) kind: SectionKind,
    pub(super) offset: u64,
    pub(super) trailer: Range<u64>,
    pub(super) end: u64,
    pub(super) size: u32,
    pub(super) root: Option<(u32, u16)>,
    pub(super) prev: Option<u64>,
    /// /Prev is there, and 0.
    pub(super) zero_prev: bool,
    pub(super) encrypted: bool,
    /// Sorted by object number, each number once.
    pub(super) entries: Vec<(u32, Entry)>,
    /// Objects of which the table and the hidden stream of a hybrid section say different things.
    pub(super) contested: Vec<u32>,
    /// Objects that only the hidden stream of a hybrid section has.
    pub(super) hidden: Vec<u32>,
}

impl Section {
    /// How the section is written.
    #[must_use]
    pub fn kind(&self) -> SectionKind {
        self.kind
    }

    /// Where the section starts: at `xref`, or at the object that is the cross-reference stream.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the source text of its trailer dictionary (or stream dictionary) stands.
    #[must_use]
    pub fn trailer(&self) -> Range<u64> {
        self.trailer.clone()
    }

    /// The byte after its %%EOF and end of line.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Its /Root.
    #[must_use]
    pub fn root(&self) -> Option<(u32, u16)> {
        self.root
    }

    /// Its /Prev.
    #[must_use]
    pub fn prev(&self) -> Option<u64> {
        self.prev
    }

    /// Whether its trailer has an /Encrypt.
    #[must_use]
    pub fn encrypted(&self) -> bool {
        self.encrypted
    }

    /// Objects of which the table and the hidden stream of a hybrid section say different things (7.5.8.4).
    pub(crate) fn contested(&self) -> &[u32] {
        &self.contested
    }

    /// Objects that the hidden stream of a hybrid section has and its table does not mention.
    pub(crate) fn hidden(&self) -> &[u32] {
        &self.hidden
    }

    /// All its entries, by object number.
    #[must_use]
    pub fn entries(&self) -> &[(u32, Entry)] {
        &self.entries
    }

    /// What this section alone says about an object.
    #[must_use]
    pub fn lookup(&self, number: u32) -> Option<Entry> {
        let place = self.entries.binary_search_by_key(&number, |entry| entry.0).ok()?;
        self.entries.get(place).map(|entry| entry.1)
    }

    pub(super) fn highest(&self) -> u32 {
        let used = self.entries.last().map_or(0, |entry| entry.0.saturating_add(1));
        self.size.max(used)
    }
}
