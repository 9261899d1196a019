//! Earlier revisions of a file, each opened as the file that it once was: its bytes are a prefix of today's.

use super::fields::FieldTree;
use crate::document::Document;
use crate::review::syntax::is_space;

/// Objects of all opened revisions together: more than a thousand signatures have.
const MAX_OBJECTS: u64 = 8_000_000;
/// Fields and pages of all opened revisions together.
const MAX_FIELDS: u64 = 2_000_000;

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
    let (mut objects, mut fields) = (0_u64, 0_u64);
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
        } else if objects > MAX_OBJECTS || fields > MAX_FIELDS {
            State::Skipped
        } else {
            match document.revision(end) {
                Some(earlier) => {
                    let tree = FieldTree::read(&earlier);
                    objects += u64::from(earlier.xref().size());
                    fields += (tree.fields().len() + earlier.pages().len()) as u64;
                    State::Opened(Box::new(earlier), tree)
                }
                None => State::Unreadable,
            }
        };
        revisions.push(Revision { end, state });
    }
    revisions.reverse();
    revisions
}
