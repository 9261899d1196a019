//! The page tree (ISO 32000-2 7.7.3), walked by us and compared with the reader's pages.
//!
//! The reader skips what it cannot read and, as a last resort, gathers anything that looks like a page. A signature must
//! not rest on such a guess: what a person reviewed would not be what another reader shows. Not its business: contents.

use std::collections::HashSet;

use hayro_syntax::object::array::ArrayIter;
use hayro_syntax::object::{Dict, MaybeRef, Name, Object};

use crate::document::{Document, Misplaced};
use crate::error::OpenError;
use crate::xref::Entry;

impl Document {
    /// The object number of a page, the first is 1.
    pub(crate) fn page_object(&self, page: u32) -> Result<u32, Misplaced> {
        let index = usize::try_from(page).ok().and_then(|page| page.checked_sub(1));
        let dict = index
            .and_then(|index| self.pdf().pages().get(index))
            .ok_or(Misplaced { number: 0 })?
            .raw();
        let number = dict.obj_id().ok_or(Misplaced { number: 0 })?.obj_number;
        // A page that is written directly in the tree has its parent's number.
        if std::ptr::eq(self.object(number)?.data(), dict.data()) {
            Ok(number)
        } else {
            Err(Misplaced { number })
        }
    }

    /// Every node of the tree stands where our chain says, and its leaves are the reader's pages.
    pub(crate) fn check_pages(&self) -> Result<(), OpenError> {
        let catalog = self.catalog().map_err(|misplaced| self.damaged_at(misplaced))?;
        let root = catalog.get_ref("Pages").filter(|root| self.exists(*root));
        let leaves = self.leaves(root.ok_or(OpenError::PagesUnreadable)?.obj_number)?;
        let pages = self.pdf().pages();
        let same = leaves.len() == pages.len()
            && leaves
                .iter()
                .zip(pages.iter())
                .all(|(leaf, page)| std::ptr::eq(*leaf, page.raw().data()));
        if same { Ok(()) } else { Err(OpenError::PagesUnreadable) }
    }

    /// The source texts of the pages, in order.
    fn leaves(&self, root: u32) -> Result<Vec<&[u8]>, OpenError> {
        let mut leaves = Vec::new();
        let mut seen = HashSet::from([root]);
        let root = self.object(root).map_err(|misplaced| self.damaged_at(misplaced))?;
        let mut stack = vec![self.kids_of(&root)?];
        while let Some(frame) = stack.last_mut() {
            let Some(kid) = frame.next() else {
                stack.pop();
                continue;
            };
            let dict = match kid {
                // A reference to nothing is null, and no page.
                MaybeRef::Ref(reference) if !self.exists(reference) => continue,
                // Some readers would show it again, some not, some would never end.
                MaybeRef::Ref(reference) if !seen.insert(reference.obj_number) => {
                    return Err(OpenError::PagesUnreadable);
                }
                MaybeRef::Ref(reference) => self
                    .object(reference.obj_number)
                    .map_err(|misplaced| self.damaged_at(misplaced))?,
                MaybeRef::NotRef(Object::Dict(dict)) => dict,
                MaybeRef::NotRef(_) => continue,
            };
            if dict.get::<Name<'_>>("Type").as_deref() == Some(b"Pages") {
                if stack.len() >= MAX_DEPTH {
                    return Err(OpenError::PagesUnreadable);
                }
                stack.push(self.kids_of(&dict)?);
            } else {
                leaves.push(dict.data());
            }
        }
        Ok(leaves)
    }

    fn kids_of<'a>(&'a self, node: &Dict<'a>) -> Result<ArrayIter<'a>, OpenError> {
        let kids = self
            .checked_array(node, "Kids")
            .map_err(|misplaced| self.damaged_at(misplaced))?;
        Ok(kids.ok_or(OpenError::PagesUnreadable)?.raw_iter())
    }

    fn damaged_at(&self, misplaced: Misplaced) -> OpenError {
        let offset = match self.xref().lookup(misplaced.number) {
            Some(Entry::At { offset, .. }) => offset,
            _ => self.xref().start(),
        };
        OpenError::DamagedXref {
            what: "an object is not where its entry says",
            offset,
        }
    }
}

/// Deeper trees are refused.
const MAX_DEPTH: usize = 64;
