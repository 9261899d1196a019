//! Object streams (ISO 32000-2 7.5.7), unpacked at most once each, for all revisions of a file.
//!
//! The reader behind `Document` hides the head of an object stream, and readers differ about a number that stands there
//! twice. Not its business: encrypted files (the reader decrypts), and whether the chain names the right stream.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use hayro_syntax::object::{FromBytes, Stream};

use crate::bytes::PdfBytes;
use crate::lexer::Cursor;
use crate::xref::{Entry, XrefChain};

/// The object streams that a chain names in any of its sections, by the offset at which they stand.
pub(crate) struct Containers {
    bytes: PdfBytes,
    by_offset: HashMap<u64, OnceLock<Option<Container>>>,
}

/// An unpacked object stream.
pub(crate) struct Container {
    data: Vec<u8>,
    /// Number and place of each object, in the order of the head.
    members: Vec<(u32, usize)>,
}

impl Containers {
    pub(crate) fn new(bytes: PdfBytes, xref: &XrefChain) -> Self {
        let entries = || xref.sections().iter().flat_map(|section| section.entries());
        let numbers: HashSet<u32> = entries()
            .filter_map(|(_, entry)| match entry {
                Entry::InStream { stream, .. } => Some(*stream),
                _ => None,
            })
            .collect();
        // A container may have been written anew under its number: each version counts.
        let by_offset = entries()
            .filter(|(number, _)| numbers.contains(number))
            .filter_map(|(_, entry)| match entry {
                Entry::At { offset, .. } => Some((*offset, OnceLock::new())),
                _ => None,
            })
            .collect();
        Self { bytes, by_offset }
    }

    /// The object stream that stands at this offset.
    pub(crate) fn at(&self, offset: u64) -> Option<&Container> {
        let read = || Container::read(self.bytes.as_ref(), offset);
        self.by_offset.get(&offset)?.get_or_init(read).as_ref()
    }
}

impl Container {
    fn read(bytes: &[u8], offset: u64) -> Option<Self> {
        let mut cursor = Cursor::new(bytes, usize::try_from(offset).ok()?);
        cursor.skip_white();
        cursor.object_header()?;
        cursor.skip_blank();
        let stream = Stream::from_bytes(cursor.rest())?;
        let count = stream.dict().get::<usize>("N")?;
        let first = stream.dict().get::<usize>("First")?;
        let data = stream.decoded_data().ok()?.into_owned();
        let mut head = Cursor::new(data.get(..first)?, 0);
        let mut members = Vec::new();
        // Every pair takes four bytes at least, so a great /N ends with the text.
        for _ in 0..count {
            head.skip_blank();
            let number = head.number()?.try_into().ok()?;
            head.skip_blank();
            let place = usize::try_from(head.number()?).ok()?.checked_add(first)?;
            members.push((number, place));
        }
        Some(Self { data, members })
    }

    /// The text from an object's value on, if the head has that object at that index.
    pub(crate) fn member(&self, number: u32, index: u32) -> Option<&[u8]> {
        let (found, place) = *self.members.get(usize::try_from(index).ok()?)?;
        (found == number).then(|| self.data.get(place..)).flatten()
    }

    /// Numbers that stand in the head more than once.
    pub(crate) fn repeated(&self) -> HashSet<u32> {
        let mut seen = HashSet::new();
        let numbers = self.members.iter().map(|member| member.0);
        numbers.filter(|number| !seen.insert(*number)).collect()
    }
}
