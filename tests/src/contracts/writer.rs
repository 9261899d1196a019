//! Lays objects out as a PDF file, section by section, with any kind of cross-reference (ISO 32000-2 7.5).
//!
//! Not its business: what the objects are.

use std::{collections::BTreeMap, io::Write as _};

/// How a section says where its objects are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A table (7.5.4).
    Table,
    /// A stream (7.5.8), the objects stand free.
    Stream,
    /// A stream, and the objects in an object stream (7.5.7).
    ObjectStreams,
    /// A table for old readers that hides what only a stream names (7.5.8.4).
    Hybrid,
}

/// Objects by number; the catalog is 1.
#[derive(Debug, Clone, Default)]
pub(super) struct Objects {
    live: BTreeMap<u32, (u16, Vec<u8>)>,
    freed: BTreeMap<u32, u16>,
}

impl Objects {
    pub(super) fn put(&mut self, number: u32, body: impl Into<Vec<u8>>) {
        self.live.insert(number, (0, body.into()));
    }

    pub(super) fn put_generation(&mut self, number: u32, generation: u16, body: impl Into<Vec<u8>>) {
        self.live.insert(number, (generation, body.into()));
    }

    pub(super) fn free(&mut self, number: u32, next_generation: u16) {
        self.freed.insert(number, next_generation);
    }

    pub(super) fn stream(&mut self, number: u32, entries: &str, data: &[u8]) {
        let head = format!("<< {entries} /Length {} >>\nstream\n", data.len());
        self.put(number, [head.as_bytes(), data, b"\nendstream"].concat());
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.live.extend(other.live.clone());
    }

    pub(super) fn body(&self, number: u32) -> Vec<u8> {
        self.live[&number].1.clone()
    }

    pub(super) fn text(&self, number: u32) -> String {
        String::from_utf8(self.body(number)).expect("an object of text")
    }
}

/// A file that is being written.
pub(super) struct File {
    bytes: Vec<u8>,
    kind: Kind,
    eol: &'static str,
    last_eol: bool,
    size: u32,
    last_section: Option<usize>,
}

enum Entry {
    Free(u16),
    At(usize, u16),
    Within(u32, usize),
}

impl File {
    pub(super) fn new(version: &str, kind: Kind) -> Self {
        let bytes = [format!("%PDF-{version}").as_bytes(), b"\n%\xe2\xe3\xcf\xd3\n"].concat();
        Self {
            bytes,
            kind,
            eol: "\n",
            last_eol: true,
            size: 1,
            last_section: None,
        }
    }

    pub(super) fn lines_end_with(mut self, eol: &'static str) -> Self {
        self.bytes = String::from_utf8_lossy(&self.bytes[..8])
            .replace('\n', eol)
            .into_bytes();
        self.bytes
            .extend([eol.as_bytes(), b"%\xe2\xe3\xcf\xd3", eol.as_bytes()].concat());
        self.eol = eol;
        self
    }

    pub(super) fn without_last_eol(mut self) -> Self {
        self.last_eol = false;
        self
    }

    pub(super) fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// One more section.
    pub(super) fn with(mut self, objects: &Objects) -> Self {
        let mut entries: BTreeMap<u32, Entry> = objects
            .freed
            .iter()
            .map(|(number, generation)| (*number, Entry::Free(*generation)))
            .collect();
        if self.last_section.is_none() {
            entries.insert(0, Entry::Free(65535));
        }
        let highest = objects
            .live
            .keys()
            .chain(objects.freed.keys())
            .max()
            .copied()
            .unwrap_or(0);
        self.size = self.size.max(highest + 1);
        let packs = matches!(self.kind, Kind::ObjectStreams | Kind::Hybrid);
        let mut packed = Vec::new();
        for (number, (generation, body)) in &objects.live {
            // A stream, an object with a generation and what an old reader needs first stay outside.
            let old_readers = self.kind == Kind::Hybrid && *number <= super::body::FIRST_HIDDEN;
            // What is freed later stays outside, too: qpdf warns of a number that was once in an object stream.
            let freed = *number == super::body::SPARE && self.kind == Kind::ObjectStreams;
            let free_standing = body.ends_with(b"endstream") || *generation > 0 || old_readers || freed;
            if packs && !free_standing {
                packed.push((*number, body));
            } else {
                entries.insert(*number, Entry::At(self.object(*number, *generation, body), *generation));
            }
        }
        if !packed.is_empty() {
            let holder = self.reserve();
            let (mut index, mut inside) = (String::new(), Vec::new());
            for (place, (number, body)) in packed.iter().enumerate() {
                index.push_str(&format!("{number} {} ", inside.len()));
                inside.extend([body.as_slice(), b" "].concat());
                entries.insert(*number, Entry::Within(holder, place));
            }
            let entries_text = format!(
                "/Type /ObjStm /N {} /First {} /Filter /FlateDecode",
                packed.len(),
                index.len()
            );
            let data = deflate(&[index.as_bytes(), &inside].concat());
            entries.insert(holder, Entry::At(self.stream_object(holder, &entries_text, &data), 0));
        }
        let at = match self.kind {
            Kind::Table => self.table(&entries, None),
            Kind::Stream | Kind::ObjectStreams => self.stream(entries, true).0,
            Kind::Hybrid => {
                let (hidden, mut seen): (BTreeMap<_, _>, BTreeMap<_, _>) = entries
                    .into_iter()
                    .partition(|(_, entry)| matches!(entry, Entry::Within(..)));
                let (at, number) = self.stream(hidden, false);
                seen.insert(number, Entry::At(at, 0));
                self.table(&seen, Some(at))
            }
        };
        self.line("startxref");
        self.line(&at.to_string());
        self.bytes.extend_from_slice(b"%%EOF");
        if self.last_eol {
            self.bytes.extend_from_slice(self.eol.as_bytes());
        }
        self.last_section = Some(at);
        self
    }

    fn line(&mut self, text: &str) {
        self.bytes.extend([text.as_bytes(), self.eol.as_bytes()].concat());
    }

    fn reserve(&mut self) -> u32 {
        self.size += 1;
        self.size - 1
    }

    fn object(&mut self, number: u32, generation: u16, body: &[u8]) -> usize {
        let at = self.bytes.len();
        self.line(&format!("{number} {generation} obj"));
        self.bytes.extend_from_slice(body);
        self.line("");
        self.line("endobj");
        at
    }

    fn stream_object(&mut self, number: u32, entries: &str, data: &[u8]) -> usize {
        let head = format!("<< {entries} /Length {} >>\nstream\n", data.len());
        self.object(number, 0, &[head.as_bytes(), data, b"\nendstream"].concat())
    }

    fn trailer(&self) -> String {
        let previous = self.last_section.map(|at| format!(" /Prev {at}")).unwrap_or_default();
        format!(
            "/Size {} /Root 1 0 R /Info {} 0 R /ID [<{ID}> <{ID}>]{previous}",
            self.size,
            super::body::INFO
        )
    }

    fn table(&mut self, entries: &BTreeMap<u32, Entry>, stream: Option<usize>) -> usize {
        let at = self.bytes.len();
        self.line("xref");
        for run in runs(entries.keys().copied()) {
            self.line(&format!("{} {}", run[0], run.len()));
            for number in run {
                let (offset, generation, word) = match &entries[&number] {
                    Entry::Free(generation) => (0, *generation, 'f'),
                    Entry::At(offset, generation) => (*offset, *generation, 'n'),
                    Entry::Within(..) => panic!("a table has no place for object {number}"),
                };
                // Twenty octets with the end of the line, whatever that is.
                let end = if self.eol.len() == 2 {
                    self.eol.to_owned()
                } else {
                    format!(" {}", self.eol)
                };
                self.bytes
                    .extend(format!("{offset:010} {generation:05} {word}{end}").into_bytes());
            }
        }
        let stream = stream.map(|at| format!(" /XRefStm {at}")).unwrap_or_default();
        let trailer = self.trailer();
        self.line("trailer");
        self.line(&format!("<< {trailer}{stream} >>"));
        at
    }

    fn stream(&mut self, mut entries: BTreeMap<u32, Entry>, names_itself: bool) -> (usize, u32) {
        let number = self.reserve();
        let at = self.bytes.len();
        if names_itself {
            entries.insert(number, Entry::At(at, 0));
        }
        let index: Vec<String> = runs(entries.keys().copied())
            .iter()
            .map(|run| format!("{} {}", run[0], run.len()))
            .collect();
        let mut data = Vec::new();
        for entry in entries.values() {
            let (kind, middle, last): (u8, usize, u16) = match entry {
                Entry::Free(generation) => (0, 0, *generation),
                Entry::At(offset, generation) => (1, *offset, *generation),
                Entry::Within(holder, place) => (
                    2,
                    usize::try_from(*holder).expect("a number"),
                    u16::try_from(*place).expect("a place"),
                ),
            };
            data.push(kind);
            data.extend(u32::try_from(middle).expect("a small file").to_be_bytes());
            data.extend(last.to_be_bytes());
        }
        let text = format!(
            "/Type /XRef /W [1 4 2] /Index [{}] /Filter /FlateDecode {}",
            index.join(" "),
            self.trailer()
        );
        (self.stream_object(number, &text, &deflate(&data)), number)
    }
}

/// Consecutive numbers together.
fn runs(numbers: impl Iterator<Item = u32>) -> Vec<Vec<u32>> {
    let mut runs: Vec<Vec<u32>> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| last + 1 == number) => run.push(number),
            _ => runs.push(vec![number]),
        }
    }
    runs
}

pub(crate) fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).expect("memory");
    encoder.finish().expect("memory")
}

const ID: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
