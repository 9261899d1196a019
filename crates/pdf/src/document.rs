//! An opened file: its bytes, the reader over them and our own view of its cross-reference chain.
//!
//! Every object that matters is taken through [`Document::object`], which compares where the reader found it with where
//! our chain says it is: the reader repairs damaged files silently, and a signature must not depend on a guess.
//! Not its business: signatures and what may be changed.

use std::cell::Cell;
use std::sync::Arc;

use hayro_syntax::object::{Array, Dict, Null, ObjRef, Object, ObjectIdentifier};
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf, PdfVersion};

use crate::bytes::PdfBytes;
use crate::error::OpenError;
use crate::lexer::{Cursor, find};
use crate::packed::{Container, Containers};
use crate::pages::{Doubt, PageTree};
use crate::review::source::{Found, Source};
use crate::review::syntax::{Lexer, Token};
use crate::unpack;
use crate::xref::{Entry, XrefChain};

/// Opens a file: walks its cross-reference chain, hands it to the reader and checks that both agree.
///
/// # Errors
/// When nothing of the file can be relied on.
pub fn open(bytes: impl Into<PdfBytes>) -> Result<Document, OpenError> {
    let bytes: PdfBytes = bytes.into();
    let data = bytes.as_ref();
    let size = data.len() as u64;
    let head = data.get(..HEADER_WINDOW).unwrap_or(data);
    let header = find(head, b"%PDF-").ok_or(OpenError::NotPdf)?;
    if size > MAX_SIZE {
        return Err(OpenError::TooLarge { size, limit: MAX_SIZE });
    }
    let xref = chain(data, header as u64)?;
    unpack::check(data, &xref)?;
    let (root, root_generation) = xref.root().ok_or(OpenError::DamagedXref {
        what: "no catalog",
        offset: xref.start(),
    })?;
    let counted = Arc::new(Counted {
        bytes: bytes.clone(),
        base: usize::try_from(xref.base()).unwrap_or(usize::MAX),
    });
    let pdf = Pdf::new(counted).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => OpenError::Encrypted,
        LoadPdfError::Decryption(_) => OpenError::EncryptionUnsupported,
        LoadPdfError::Invalid => OpenError::PagesUnreadable,
    })?;
    let found = pdf.xref().root_id();
    if found != ObjectIdentifier::new(root, i32::from(root_generation)) {
        return Err(OpenError::RootDisagrees {
            chain: root,
            reader: found.obj_number,
        });
    }
    let containers = Containers::new(bytes.clone(), &xref);
    let mut document = Document {
        bytes,
        pdf: Arc::new(pdf),
        xref,
        containers: Arc::new(containers),
        tree: PageTree::default(),
    };
    document.tree = PageTree::read(&document)?;
    document.check_pages()?;
    Ok(document)
}

/// Readers count offsets from the header; what a gateway put before it may also have been counted by who wrote the file.
fn chain(data: &[u8], header: u64) -> Result<XrefChain, OpenError> {
    if header > 0
        && let Ok(chain) = XrefChain::walk(data, header)
        && chain.leads_to_its_root(data)
    {
        return Ok(chain);
    }
    XrefChain::walk(data, 0)
}

/// The part of a file from which its offsets count.
struct Counted {
    bytes: PdfBytes,
    base: usize,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref().get(self.base..).unwrap_or_default()
    }
}

/// An opened file.
pub struct Document {
    bytes: PdfBytes,
    /// Shared by the revisions of a file that is not encrypted: they are read through our own chain.
    pdf: Arc<Pdf>,
    xref: XrefChain,
    containers: Arc<Containers>,
    tree: PageTree,
}

impl Document {
    /// The revision that ends at `end`, as the file that it once was: its bytes are a prefix of today's.
    ///
    /// Not opened by the reader unless the file is encrypted: only what our own chain leads to can be asked of it.
    pub(crate) fn revision(&self, end: usize) -> Option<Self> {
        let bytes = PdfBytes::from(Arc::new(Prefix {
            bytes: self.bytes.clone(),
            end,
        }));
        if self.encrypted() {
            return open(bytes).ok();
        }
        let xref = self.xref.of_revision(self.bytes(), end);
        let Some(xref) = xref.filter(|xref| xref.root().is_some()) else {
            return open(bytes).ok();
        };
        let mut earlier = Self {
            bytes,
            pdf: Arc::clone(&self.pdf),
            xref,
            containers: Arc::clone(&self.containers),
            tree: PageTree::default(),
        };
        earlier.tree = PageTree::read(&earlier).ok()?;
        Some(earlier)
    }

    /// The object numbers of the pages, in order.
    pub(crate) fn pages(&self) -> &[u32] {
        self.tree.pages()
    }

    /// What is doubtful about the page tree.
    pub(crate) fn page_doubts(&self) -> &[Doubt] {
        self.tree.doubts()
    }

    /// The object stream that stands at this offset.
    pub(crate) fn container(&self, offset: u64) -> Option<&Container> {
        self.containers.at(offset)
    }

    /// All bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The bytes from which the file counts its offsets: what another reader that trusts them is given.
    pub(crate) fn counted_bytes(&self) -> &[u8] {
        let base = usize::try_from(self.xref.base()).unwrap_or(usize::MAX);
        self.bytes().get(base..).unwrap_or_default()
    }

    /// The bytes as a handle that other readers can share.
    #[must_use]
    pub fn shared_bytes(&self) -> PdfBytes {
        self.bytes.clone()
    }

    /// The size of the file in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.bytes().len() as u64
    }

    pub(crate) fn pdf(&self) -> &Pdf {
        &self.pdf
    }

    /// The number of pages.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        u32::try_from(self.pdf.pages().len()).unwrap_or(u32::MAX)
    }

    /// The version of PDF that the file claims, as `1.7`.
    #[must_use]
    pub fn version(&self) -> String {
        match self.pdf.version() {
            PdfVersion::Pdf10 => "1.0",
            PdfVersion::Pdf11 => "1.1",
            PdfVersion::Pdf12 => "1.2",
            PdfVersion::Pdf13 => "1.3",
            PdfVersion::Pdf14 => "1.4",
            PdfVersion::Pdf15 => "1.5",
            PdfVersion::Pdf16 => "1.6",
            PdfVersion::Pdf17 => "1.7",
            PdfVersion::Pdf20 => "2.0",
        }
        .to_owned()
    }

    /// Whether the file is encrypted; since it is open, without a password (only rights are restricted).
    #[must_use]
    pub fn encrypted(&self) -> bool {
        self.xref.encrypted()
    }

    /// Our own view of the cross-reference chain.
    #[must_use]
    pub fn xref(&self) -> &XrefChain {
        &self.xref
    }

    /// The end of each revision, the oldest first: the byte after its %%EOF and end of line.
    #[must_use]
    pub fn revisions_end(&self) -> Vec<u64> {
        self.xref.revisions_end()
    }

    /// Whether our chain has the object that is referred to, and it is not `null` itself; if not, the reference is
    /// `null` (ISO 32000-2 7.3.10).
    pub(crate) fn exists(&self, reference: ObjRef) -> bool {
        let number = reference.obj_number;
        let listed = match self.xref.lookup(number) {
            Some(Entry::At { generation, .. }) => i32::from(generation) == reference.gen_number,
            Some(Entry::InStream { .. }) => reference.gen_number == 0,
            Some(Entry::Free) | None => false,
        };
        listed && !self.is_null(number)
    }

    /// Whether a key has a value: `null`, and a reference to nothing, are none.
    pub(crate) fn has_value(&self, dict: &Dict<'_>, key: &str) -> bool {
        match dict.get_ref(key) {
            Some(reference) => self.exists(reference),
            None => dict.contains_key(key) && dict.get::<Null>(key).is_none(),
        }
    }

    fn is_null(&self, number: u32) -> bool {
        let read = Cell::new(0);
        match Source::new(self, &read).find(number) {
            Found::Plain(text) | Found::Packed(text) => {
                matches!(Lexer::new(text).next(), Some((Token::Word(b"null"), _)))
            }
            Found::Decrypted(object) => matches!(object, Object::Null(_)),
            Found::Nothing | Found::Deleted | Found::Unreadable => false,
        }
    }

    /// The dictionary that is referred to: none if the reference is `null`, an error if it cannot be had as our chain says.
    pub(crate) fn referred(&self, reference: ObjRef) -> Result<Option<Dict<'_>>, Misplaced> {
        if self.exists(reference) {
            self.object(reference.obj_number).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The dictionary under a key; if it is an object of its own, it must stand where our chain says.
    pub(crate) fn checked<'a>(&'a self, dict: &Dict<'a>, key: &str) -> Result<Option<Dict<'a>>, Misplaced> {
        match dict.get_ref(key) {
            Some(reference) => self.referred(reference),
            None => Ok(dict.get::<Dict<'_>>(key)),
        }
    }

    /// The array under a key; if it is an object of its own, it must stand where our chain says.
    pub(crate) fn checked_array<'a>(&'a self, dict: &Dict<'a>, key: &str) -> Result<Option<Array<'a>>, Misplaced> {
        match dict.get_ref(key) {
            Some(reference) if self.exists(reference) => self.array(reference.obj_number).map(Some),
            Some(_) => Ok(None),
            None => Ok(dict.get::<Array<'_>>(key)),
        }
    }

    /// The source text of a dictionary object that is not a stream.
    pub(crate) fn plain_object(&self, number: u32) -> Result<&[u8], Misplaced> {
        let source = self.object(number)?.data();
        self.ends_plainly(source, b"", number)?;
        Ok(source)
    }

    /// The source text of an array object, from `[` to `]`.
    pub(crate) fn array_object(&self, number: u32) -> Result<Vec<u8>, Misplaced> {
        // The reader gives the text between the brackets.
        let inner = self.array(number)?.data();
        self.ends_plainly(inner, b"]", number)?;
        Ok([b"[", inner, b"]"].concat())
    }

    fn array(&self, number: u32) -> Result<Array<'_>, Misplaced> {
        let (id, entry) = self.identify(number)?;
        let array = self.pdf.xref().get::<Array<'_>>(id).ok_or(Misplaced { number })?;
        if self.stands_at(array.data(), number, entry) {
            Ok(array)
        } else {
            Err(Misplaced { number })
        }
    }

    /// After the source text comes the end of the object: it is no stream, and nothing follows it.
    fn ends_plainly(&self, source: &[u8], bracket: &[u8], number: u32) -> Result<(), Misplaced> {
        let Some(offset) = self.offset_of(source) else {
            return Ok(());
        };
        let end = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .saturating_add(source.len());
        let mut cursor = Cursor::new(self.bytes(), end);
        let closed = cursor.tag(bracket);
        cursor.skip_blank();
        if closed && cursor.tag(b"endobj") {
            Ok(())
        } else {
            Err(Misplaced { number })
        }
    }

    fn identify(&self, number: u32) -> Result<(ObjectIdentifier, Entry), Misplaced> {
        let entry = self.xref.lookup(number).ok_or(Misplaced { number })?;
        let generation = match entry {
            Entry::At { generation, .. } => generation,
            Entry::InStream { stream, .. } => match self.xref.lookup(stream) {
                // The object stream itself must stand where our chain says.
                Some(Entry::At { .. }) => self.object(stream).map(|_| 0)?,
                _ => return Err(Misplaced { number: stream }),
            },
            Entry::Free => return Err(Misplaced { number }),
        };
        Ok((ObjectIdentifier::new(number, i32::from(generation)), entry))
    }

    /// A dictionary object (or the dictionary of a stream object) that stands exactly where our chain says.
    pub(crate) fn object(&self, number: u32) -> Result<Dict<'_>, Misplaced> {
        let (id, entry) = self.identify(number)?;
        let dict = self.pdf.xref().get::<Dict<'_>>(id).ok_or(Misplaced { number })?;
        if self.stands_at(dict.data(), number, entry) {
            Ok(dict)
        } else {
            Err(Misplaced { number })
        }
    }

    /// The catalog.
    pub(crate) fn catalog(&self) -> Result<Dict<'_>, Misplaced> {
        self.object(self.pdf.xref().root_id().obj_number)
    }

    /// Where a slice that the reader gave out lies in the file; none for text from an object stream.
    pub(crate) fn offset_of(&self, part: &[u8]) -> Option<u64> {
        let bytes = self.bytes();
        let offset = (part.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize)?;
        (offset.checked_add(part.len())? <= bytes.len()).then_some(offset as u64)
    }

    fn stands_at(&self, source: &[u8], number: u32, entry: Entry) -> bool {
        match (entry, self.offset_of(source)) {
            (Entry::At { offset, generation }, Some(found)) => {
                found >= offset && found - offset < HEADER_SLACK && self.headed(offset, found, (number, generation))
            }
            (Entry::InStream { .. }, None) => true,
            _ => false,
        }
    }

    /// Between the entry and the value stands only `N G obj` and white space (for an array, its bracket as well).
    fn headed(&self, offset: u64, found: u64, id: (u32, u16)) -> bool {
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let head = self.bytes().get(place(offset)..place(found)).unwrap_or_default();
        let mut cursor = Cursor::new(head, 0);
        cursor.skip_blank();
        let header = cursor.object_header();
        cursor.skip_blank();
        if cursor.tag(b"[") {
            cursor.skip_blank();
        }
        header == Some(id) && cursor.rest().is_empty()
    }
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

/// An object that is missing, of the wrong kind, or not where our chain says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misplaced {
    pub(crate) number: u32,
}

/// Readers look for the header in the first 1024 bytes.
const HEADER_WINDOW: usize = 1024;
/// The reader keeps offsets of the chain in 31 bits.
pub(crate) const MAX_SIZE: u64 = 0x7fff_ffff;
/// `4294967295 65535 obj`, white space and a comment.
const HEADER_SLACK: u64 = 256;
