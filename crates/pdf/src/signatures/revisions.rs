//! Earlier revisions of a file, each opened as the file that it once was: its bytes are a prefix of today's.

use std::sync::Arc;

use super::fields::FieldTree;
use crate::bytes::PdfBytes;
use crate::document::{Document, open};
use crate::review::syntax::is_space;

/// How many earlier revisions are opened.
const MAX_OPENED: usize = 64;
/// Objects of all opened revisions together.
const MAX_OBJECTS: u64 = 2_000_000;

/// One revision.
pub(super) struct Revision {
    pub(super) end: usize,
    pub(super) state: State,
}

/// Whether a revision could be opened.
pub(super) enum State {
    /// It is the file itself: nothing follows it.
    Newest,
    Opened(Box<Document>, FieldTree),
    /// Opening it failed.
    Unreadable,
    /// It was not tried: there are too many.
    Skipped,
}

/// All revisions, the oldest first.
pub(super) fn all(document: &Document) -> Vec<Revision> {
    let ends = document.revisions_end();
    let mut objects = 0_u64;
    let newest = ends.len().saturating_sub(1);
    let mut revisions: Vec<Revision> = Vec::with_capacity(ends.len());
    // The newest first: they are the likelier ones to hold a signature when there are too many.
    for (index, &end) in ends.iter().enumerate().rev() {
        let end = usize::try_from(end).unwrap_or(usize::MAX);
        // Anything behind its end must not have a say: then the newest revision is opened by itself, like the others.
        let to_the_end = document
            .bytes()
            .get(end..)
            .is_some_and(|rest| rest.iter().all(|&byte| is_space(byte)));
        let state = if index == newest && to_the_end {
            State::Newest
        } else if newest - index > MAX_OPENED || objects > MAX_OBJECTS {
            State::Skipped
        } else {
            match open(PdfBytes::from(Arc::new(Prefix {
                bytes: document.shared_bytes(),
                end,
            }))) {
                Ok(earlier) => {
                    objects += u64::from(earlier.xref().size());
                    let tree = FieldTree::read(&earlier);
                    State::Opened(Box::new(earlier), tree)
                }
                Err(_) => State::Unreadable,
            }
        };
        revisions.push(Revision { end, state });
    }
    revisions.reverse();
    revisions
}

struct Prefix {
    bytes: PdfBytes,
    end: usize,
}

impl AsRef<[u8]> for Prefix {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref().get(..self.end).unwrap_or_default()
    }
}
