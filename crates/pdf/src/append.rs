//! Laying out an appended section (ISO 32000-2 7.5.6): objects, cross-reference section of the file's kind, trailer.
//!
//! Not its business: what the objects say.

use hayro_syntax::object::{Dict, FromBytes};
use sha2::{Digest, Sha256};

use crate::document::{Document, MAX_SIZE};
use crate::refusal::Refusal;
use crate::splice::{elements, pairs, source_of, without};
use crate::xref::{Entry, SectionKind};

/// The objects of a section that is to be appended.
pub(crate) struct Section<'a> {
    document: &'a Document,
    next: u32,
    objects: Vec<NewObject>,
}

struct NewObject {
    number: u32,
    generation: u16,
    body: Vec<u8>,
}

/// The bytes of a section, and where its objects stand in the whole file.
pub(crate) struct Laid {
    pub(crate) tail: Vec<u8>,
    offsets: Vec<(u32, u64)>,
}

impl Laid {
    /// Where the object starts in the whole file.
    pub(crate) fn offset(&self, number: u32) -> Option<u64> {
        self.offsets.iter().find(|entry| entry.0 == number).map(|entry| entry.1)
    }
}

impl<'a> Section<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        // Object 0 heads the list of free objects.
        Self {
            document,
            next: document.xref().size().max(1),
            objects: Vec::new(),
        }
    }

    pub(crate) fn document(&self) -> &'a Document {
        self.document
    }

    /// The source text of a dictionary object as it stands now: of this section, or of the file.
    pub(crate) fn source(&self, number: u32) -> Result<Vec<u8>, Refusal> {
        match self.objects.iter().find(|object| object.number == number) {
            Some(object) => Ok(object.body.clone()),
            None => Ok(self.document.plain_object(number)?.to_vec()),
        }
    }

    /// The source text of an array object as it stands now.
    pub(crate) fn array_source(&self, number: u32) -> Result<Vec<u8>, Refusal> {
        match self.objects.iter().find(|object| object.number == number) {
            Some(object) => Ok(object.body.clone()),
            None => Ok(self.document.array_object(number)?),
        }
    }

    /// A reference to an object of the file.
    pub(crate) fn reference_to(&self, number: u32) -> Vec<u8> {
        match self.document.xref().lookup(number) {
            Some(Entry::At { generation, .. }) => format!("{number} {generation} R").into_bytes(),
            _ => format!("{number} 0 R").into_bytes(),
        }
    }

    /// A number that no section of the file has used.
    pub(crate) fn reserve(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        number
    }

    /// Adds an object under a number from [`Section::reserve`], or a new version of an object of the file.
    pub(crate) fn put(&mut self, number: u32, body: Vec<u8>) {
        let generation = match self.document.xref().lookup(number) {
            Some(Entry::At { generation, .. }) => generation,
            _ => 0,
        };
        self.objects.retain(|object| object.number != number);
        self.objects.push(NewObject {
            number,
            generation,
            body,
        });
    }

    /// Writes it all.
    pub(crate) fn lay_out(mut self) -> Result<Laid, Refusal> {
        let prefix = self.document.bytes();
        // Offsets in the file count from where all its others do; what `Laid` gives counts from the first byte.
        let base = self.document.xref().base();
        let counted = |place: usize| (place as u64).saturating_sub(base);
        let newest = self
            .document
            .xref()
            .newest()
            .ok_or(Refusal::DamagedXref { object: 0 })?;
        let mut tail = Vec::new();
        if !matches!(prefix.last(), Some(b'\n' | b'\r')) {
            tail.push(b'\n');
        }
        self.objects.sort_by_key(|object| object.number);
        let mut entries: Vec<(u32, u16, u64)> = Vec::new();
        for object in &self.objects {
            entries.push((object.number, object.generation, counted(prefix.len() + tail.len())));
            tail.extend(format!("{} {} obj\n", object.number, object.generation).bytes());
            tail.extend_from_slice(&object.body);
            tail.extend_from_slice(b"\nendobj\n");
        }
        let offsets = entries.iter().map(|entry| (entry.0, entry.2 + base)).collect();
        let start = counted(prefix.len() + tail.len());
        let stream_number = (newest.kind() == SectionKind::Stream).then(|| self.reserve());
        if self.next > MAX_OBJECT {
            return Err(Refusal::Unsupported {
                what: "object numbers beyond the limit of readers",
            });
        }
        let trailer = self.trailer(&tail)?;
        match stream_number {
            None => {
                tail.extend_from_slice(b"xref\n");
                for run in runs(&entries) {
                    tail.extend(format!("{} {}\n", run.first().map_or(0, |entry| entry.0), run.len()).bytes());
                    for (_, generation, offset) in run {
                        tail.extend(format!("{offset:010} {generation:05} n \n").bytes());
                    }
                }
                tail.extend_from_slice(b"trailer\n<<\n");
                tail.extend_from_slice(&trailer);
                tail.extend_from_slice(b">>\n");
            }
            Some(number) => {
                entries.push((number, 0, start));
                let mut index = String::new();
                let mut data = Vec::new();
                for run in runs(&entries) {
                    index.push_str(&format!("{} {} ", run.first().map_or(0, |entry| entry.0), run.len()));
                }
                for (_, generation, offset) in &entries {
                    let offset = u32::try_from(*offset).map_err(|_| Refusal::TooLarge {
                        size: *offset,
                        limit: MAX_SIZE,
                    })?;
                    data.push(1);
                    data.extend(offset.to_be_bytes());
                    data.extend(generation.to_be_bytes());
                }
                tail.extend(
                    format!(
                        "{number} 0 obj\n<<\n/Type /XRef\n/W [1 4 2]\n/Index [{}]\n/Length {}\n",
                        index.trim_end(),
                        data.len()
                    )
                    .bytes(),
                );
                tail.extend_from_slice(&trailer);
                tail.extend_from_slice(b">>\nstream\n");
                tail.extend_from_slice(&data);
                tail.extend_from_slice(b"\nendstream\nendobj\n");
            }
        }
        tail.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        let size = (prefix.len() + tail.len()) as u64;
        if size > MAX_SIZE {
            return Err(Refusal::TooLarge { size, limit: MAX_SIZE });
        }
        Ok(Laid { tail, offsets })
    }

    /// "All the entries except Prev from the previous trailer, whether modified or not" (7.5.6).
    fn trailer(&self, objects: &[u8]) -> Result<Vec<u8>, Refusal> {
        let xref = self.document.xref();
        let newest = xref.newest().ok_or(Refusal::DamagedXref { object: 0 })?;
        let place = newest.trailer();
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let source = self
            .document
            .bytes()
            .get(at(place.start)..at(place.end))
            .unwrap_or_default();
        let mut trailer = without(source, OWN_KEYS)?;
        if !pairs(source)?.iter().any(|pair| pair.key == b"Root") {
            let (number, generation) = xref.root().ok_or(Refusal::DamagedXref { object: 0 })?;
            trailer.extend(format!("/Root {number} {generation} R\n").bytes());
        }
        // The second half tells this version of the file from the one before (14.4); it is derived, not drawn.
        let old = self.old_id();
        let digest = Sha256::new()
            .chain_update(old.as_deref().unwrap_or_default())
            .chain_update(self.document.size().to_be_bytes())
            .chain_update(
                self.document
                    .bytes()
                    .get(self.document.bytes().len().saturating_sub(ID_WINDOW)..)
                    .unwrap_or_default(),
            )
            .chain_update(objects)
            .finalize();
        let new = format!("<{}>", hex::encode_upper(digest.get(..16).unwrap_or_default())).into_bytes();
        let old = old.unwrap_or_else(|| new.clone());
        trailer.extend([b"/ID [".as_slice(), &old, b" ", &new, b"]\n"].concat());
        trailer.extend(
            format!(
                "/Size {}\n/Prev {}\n",
                self.next,
                xref.start().saturating_sub(xref.base())
            )
            .bytes(),
        );
        Ok(trailer)
    }

    /// The first half of the file's /ID, as it is written.
    fn old_id(&self) -> Option<Vec<u8>> {
        self.document.xref().sections().iter().find_map(|section| {
            let place = section.trailer();
            let source = self
                .document
                .bytes()
                .get(usize::try_from(place.start).ok()?..usize::try_from(place.end).ok()?)?;
            let id = source_of(source, "ID").ok()??;
            // An /ID that is an object of its own is read through the document.
            let resolved = match Dict::from_bytes(source)?.get_ref("ID") {
                Some(reference) => self.document.array_object(reference.obj_number).ok()?,
                None => id.to_vec(),
            };
            let first = elements(&resolved).ok()?.first()?.clone();
            resolved
                .get(first)
                .filter(|text| text.first().is_some_and(|byte| matches!(byte, b'<' | b'(')))
                .map(<[u8]>::to_vec)
        })
    }
}

/// Neighbouring object numbers together: the subsections.
fn runs(entries: &[(u32, u16, u64)]) -> impl Iterator<Item = &[(u32, u16, u64)]> {
    entries.chunk_by(|before, after| before.0.checked_add(1) == Some(after.0))
}

/// Keys that the new section writes itself or must not have.
const OWN_KEYS: &[&str] = &[
    "DL",
    "DecodeParms",
    "F",
    "FDecodeParms",
    "FFilter",
    "Filter",
    "ID",
    "Index",
    "Length",
    "Prev",
    "Size",
    "Type",
    "W",
    "XRefStm",
];
/// Readers stop here (ISO 32000-1 annex C).
const MAX_OBJECT: u32 = 8_388_608;
/// How much of the end of the file goes into the second half of /ID: at least its last trailer.
const ID_WINDOW: usize = 4096;
