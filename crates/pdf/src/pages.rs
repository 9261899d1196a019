//! The page tree (ISO 32000-2 7.7.3), walked by us as the common readers walk it, and compared with the reader's pages.
//!
//! The reader behind `Document` skips what it cannot read and, as a last resort, gathers anything that looks like a page.
//! A signature must not rest on such a guess: what a person reviewed would not be what another reader shows. Poppler,
//! PDFium, pdf.js, MuPDF and qpdf differ about a node that has /Kids and is not of type /Pages, and about a page that
//! says to be something else: those end the reading. What our reader takes like most is a doubt that the review tells.
//! Not its business: contents.

use std::cell::Cell;
use std::collections::HashSet;

use crate::document::{Document, Misplaced};
use crate::error::OpenError;
use crate::findings::{FindingCode, Severity};
use crate::review::source::{DictView, Found, Resolved, Source};
use crate::review::syntax::{Value, elements, is_name};
use crate::xref::Entry;

mod attributes;

use attributes::Attributes;

/// Something about the page tree that a signatory has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(crate) code: FindingCode,
    pub(crate) severity: Severity,
    /// The page that it is about; for an inner node the next one below it.
    pub(crate) page: u32,
    pub(crate) object: u32,
    pub(crate) what: &'static str,
}

/// The pages of a document.
#[derive(Debug, Default)]
pub(crate) struct PageTree {
    pages: Vec<u32>,
    doubts: Vec<Doubt>,
}

impl PageTree {
    /// The object numbers of the pages, in order.
    pub(crate) fn pages(&self) -> &[u32] {
        &self.pages
    }

    pub(crate) fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    /// Walks the tree from the catalog.
    pub(crate) fn read(document: &Document) -> Result<Self, OpenError> {
        let read = Cell::new(0);
        let source = Source::new(document, &read);
        let (catalog, _) = source.catalog().ok_or_else(|| {
            let number = document.xref().root().map_or(0, |root| root.0);
            document.damaged_at(Misplaced { number })
        })?;
        let mut walk = Walk {
            source,
            tree: Self::default(),
            seen: HashSet::new(),
        };
        if catalog.name(b"Type").as_deref() != Some(b"Catalog") {
            walk.told(catalog.number, "the catalog is not of type /Catalog");
        }
        let root = match catalog.raw(b"Pages") {
            Some(Value::Reference(id)) if document.exists(id.into()) => id.obj_number,
            _ => return Err(OpenError::PagesUnreadable),
        };
        walk.root(root)?;
        Ok(walk.tree)
    }

    fn next(&self) -> u32 {
        u32::try_from(self.pages.len() + 1).unwrap_or(u32::MAX)
    }
}

struct Walk<'a> {
    source: Source<'a>,
    tree: PageTree,
    seen: HashSet<u32>,
}

/// An inner node whose kids are being walked.
struct Frame<'a> {
    node: DictView<'a, 'a>,
    kids: std::vec::IntoIter<Value<'a>>,
    attributes: Attributes,
    /// The pages that were found before it.
    before: usize,
}

impl<'a> Walk<'a> {
    fn doubt(&mut self, severity: Severity, object: u32, what: &'static str) {
        self.tree.doubts.push(Doubt {
            code: FindingCode::PageTreeAmbiguous,
            severity,
            page: self.tree.next(),
            object,
            what,
        });
    }

    fn told(&mut self, object: u32, what: &'static str) {
        self.doubt(Severity::Warn, object, what);
    }

    fn blocked(&mut self, object: u32, what: &'static str) {
        self.doubt(Severity::Block, object, what);
    }

    fn ambiguous<T>(&self, object: u32, what: &'static str) -> Result<T, OpenError> {
        Err(OpenError::PagesAmbiguous {
            page: self.tree.next(),
            object,
            what,
        })
    }

    fn node(&self, number: u32) -> Result<DictView<'a, 'a>, OpenError> {
        let document = self.source.document();
        let misplaced = || document.damaged_at(Misplaced { number });
        match self.source.find(number) {
            Found::Plain(_) | Found::Packed(_) | Found::Decrypted(_) => {}
            Found::Nothing | Found::Deleted | Found::Unreadable => return Err(misplaced()),
        }
        self.source
            .dict(number)
            .map(|(node, _)| node)
            .ok_or(OpenError::PagesUnreadable)
    }

    fn root(&mut self, number: u32) -> Result<(), OpenError> {
        self.seen.insert(number);
        let root = self.node(number)?;
        match root.name(b"Type").as_deref() {
            Some(b"Pages") => {}
            None => self.told(number, "the root of the page tree has no /Type"),
            Some(_) => self.blocked(number, "the root of the page tree is not of type /Pages"),
        }
        if self.names_something(&root, b"Parent") {
            self.blocked(number, "the root of the page tree has a /Parent");
        }
        let mut stack = vec![self.frame(root, &Attributes::default())?];
        while let Some(frame) = stack.last_mut() {
            let Some(kid) = frame.kids.next() else {
                if let Some(frame) = stack.pop() {
                    self.count(&frame);
                }
                continue;
            };
            let (parent, above) = (frame.node.number, frame.attributes.clone());
            let Some(kid) = self.kid(parent, kid)? else { continue };
            let own = Attributes::read(&kid);
            self.parent(&kid, parent, &own, &above);
            if self.is_inner(&kid)? {
                if stack.len() >= MAX_DEPTH {
                    return Err(OpenError::PagesUnreadable);
                }
                stack.push(self.frame(kid, &above)?);
            } else {
                let page = self.tree.next();
                let doubts = own.below(&above).judge(page, kid.number, kid.has(b"Contents"));
                self.tree.doubts.extend(doubts);
                self.tree.pages.push(kid.number);
            }
        }
        Ok(())
    }

    /// The kid as a dictionary, none for what every reader skips.
    fn kid(&mut self, parent: u32, kid: Value<'a>) -> Result<Option<DictView<'a, 'a>>, OpenError> {
        let document = self.source.document();
        match kid {
            Value::Reference(id) if !document.exists(id.into()) => {
                self.told(parent, "one of /Kids is a reference to nothing");
                Ok(None)
            }
            // Some readers would show it again, some not, some would never end.
            Value::Reference(id) if !self.seen.insert(id.obj_number) => {
                self.ambiguous(id.obj_number, "it stands in the page tree twice")
            }
            Value::Reference(id) => self.node(id.obj_number).map(Some),
            Value::Word(b"null") => {
                self.told(parent, "one of /Kids is null");
                Ok(None)
            }
            _ => self.ambiguous(parent, "one of /Kids is not a reference"),
        }
    }

    /// Whether a node has pages below it; where readers differ, there is no answer.
    fn is_inner(&mut self, node: &DictView<'a, 'a>) -> Result<bool, OpenError> {
        let number = node.number;
        let kids = node.entries.iter().any(|entry| is_name(entry.key, b"Kids"));
        let kind = node.name(b"Type");
        if !kids && kind.is_none() && !node.has(b"Type") {
            self.told(number, "a page has no /Type");
            return Ok(false);
        }
        match (kind.as_deref(), kids) {
            (Some(b"Pages"), true) => Ok(true),
            (Some(b"Page"), false) => Ok(false),
            (Some(b"Page"), true) => self.ambiguous(number, "it is of type /Page and has /Kids"),
            (Some(b"Pages"), false) => self.ambiguous(number, "it is of type /Pages and has no /Kids"),
            (_, true) => self.ambiguous(number, "it has /Kids and is not of type /Pages"),
            (_, false) => self.ambiguous(number, "it has no /Kids and is not of type /Page"),
        }
    }

    fn frame(&self, node: DictView<'a, 'a>, above: &Attributes) -> Result<Frame<'a>, OpenError> {
        let Resolved::Array(text) = node.resolved(b"Kids") else {
            return Err(OpenError::PagesUnreadable);
        };
        let kids = elements(text, MAX_KIDS).ok_or(OpenError::PagesUnreadable)?;
        Ok(Frame {
            attributes: Attributes::read(&node).below(above),
            node,
            kids: kids.into_iter(),
            before: self.tree.pages.len(),
        })
    }

    /// /Count is the number of pages below the node (table 30); readers that trust it show so many.
    fn count(&mut self, frame: &Frame<'a>) {
        let below = self.tree.pages.len() - frame.before;
        let said = frame
            .node
            .integer(b"Count")
            .and_then(|count| usize::try_from(count).ok());
        if said != Some(below) {
            self.blocked(frame.node.number, "/Count is not the number of pages below the node");
        }
    }

    /// Some readers inherit from the node above, some from the one that /Parent names.
    fn parent(&mut self, kid: &DictView<'a, 'a>, parent: u32, own: &Attributes, above: &Attributes) {
        if matches!(kid.raw(b"Parent"), Some(Value::Reference(id)) if id.obj_number == parent) {
            return;
        }
        if self.names_something(kid, b"Parent") {
            self.blocked(kid.number, "/Parent is not the node above");
        } else if own.lacks_some_of(above) {
            self.blocked(kid.number, "it has no /Parent to inherit from");
        } else {
            self.told(kid.number, "it has no /Parent");
        }
    }

    fn names_something(&self, dict: &DictView<'a, 'a>, key: &[u8]) -> bool {
        match dict.raw(key) {
            Some(Value::Reference(id)) => self.source.document().exists(id.into()),
            _ => dict.has(key),
        }
    }
}

impl Document {
    /// The object number of a page, the first is 1.
    pub(crate) fn page_object(&self, page: u32) -> Result<u32, Misplaced> {
        let index = usize::try_from(page).ok().and_then(|page| page.checked_sub(1));
        let number = index.and_then(|index| self.pages().get(index).copied());
        let number = number.ok_or(Misplaced { number: 0 })?;
        self.object(number).map(|_| number)
    }

    /// The reader's pages are ours.
    pub(crate) fn check_pages(&self) -> Result<(), OpenError> {
        let pages = self.pdf().pages();
        if pages.len() != self.pages().len() {
            return Err(OpenError::PagesUnreadable);
        }
        for (number, page) in self.pages().iter().zip(pages.iter()) {
            let dict = self.object(*number).map_err(|misplaced| self.damaged_at(misplaced))?;
            if !std::ptr::eq(dict.data(), page.raw().data()) {
                return Err(OpenError::PagesUnreadable);
            }
        }
        Ok(())
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
/// More kids of one node are no contract.
const MAX_KIDS: usize = 1_000_000;
