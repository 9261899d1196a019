//! A file from the words of its objects, with nothing put right. Not its business: what is ambiguous about them.

use std::collections::BTreeMap;

use super::{OTHER_PRICE, PRICE};

pub(super) const CATALOG: u32 = 1;
pub(super) const TREE: u32 = 2;
pub(super) const FONT: u32 = 3;
pub(super) const FIRST: u32 = 4;
pub(super) const SECOND: u32 = 5;
pub(super) const CONTENT: u32 = 6;
pub(super) const SECOND_CONTENT: u32 = 7;
/// A content stream that no page names, unless a case makes one name it.
pub(super) const OTHER: u32 = 8;
/// A number that is free for a case.
pub(super) const SPARE: u32 = 9;

/// The objects of a file by number.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) objects: BTreeMap<u32, Vec<u8>>,
    /// More in the trailer.
    pub(super) trailer: String,
}

impl Body {
    /// Two pages below one root.
    pub(super) fn two_pages() -> Self {
        let page = |content: u32| {
            format!(
                "<< /Type /Page /Parent {TREE} 0 R /MediaBox [0 0 595 842] \
                 /Resources << /Font << /F1 {FONT} 0 R >> >> /Contents {content} 0 R >>"
            )
        };
        let mut body = Self {
            objects: BTreeMap::new(),
            trailer: String::new(),
        };
        body.put(CATALOG, format!("<< /Type /Catalog /Pages {TREE} 0 R >>"));
        body.put(
            TREE,
            format!("<< /Type /Pages /Count 2 /Kids [{FIRST} 0 R {SECOND} 0 R] >>"),
        );
        body.put(FONT, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
        body.put(FIRST, page(CONTENT));
        body.put(SECOND, page(SECOND_CONTENT));
        body.put(CONTENT, stream("", text(PRICE).as_bytes()));
        body.put(SECOND_CONTENT, stream("", text("Second page").as_bytes()));
        body.put(OTHER, stream("", text(OTHER_PRICE).as_bytes()));
        body
    }

    pub(super) fn put(&mut self, number: u32, body: impl Into<Vec<u8>>) {
        self.objects.insert(number, body.into());
    }

    /// Replaces a part of an object, which must be there.
    pub(super) fn replace(&mut self, number: u32, from: &str, to: &str) {
        let old = String::from_utf8(self.objects[&number].clone()).expect("an object of text");
        assert!(old.contains(from), "{from} is not in {old}");
        self.put(number, old.replacen(from, to, 1));
    }

    /// More at the end of a dictionary that is an object.
    pub(super) fn add(&mut self, number: u32, entries: &str) {
        let mut old = String::from_utf8(self.objects[&number].clone()).expect("an object of text");
        let end = old.rfind(">>").expect("a dictionary");
        old.insert_str(end, &format!("{entries} "));
        self.put(number, old);
    }

    /// With a table.
    pub(super) fn file(&self) -> Vec<u8> {
        let mut out = Layout::new(HEADER);
        for (number, body) in &self.objects {
            out.object(*number, body);
        }
        out.table(&self.trailer)
    }
}

/// A file that is being written.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub(super) bytes: Vec<u8>,
    /// The entries of the section that is being written.
    pub(super) entries: BTreeMap<u32, Entry>,
    size: u32,
    pub(super) last: Option<usize>,
    /// What is taken off every offset.
    pub(super) shift: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Entry {
    At(usize),
    Within(u32, u32),
}

impl Layout {
    pub(super) fn new(header: &[u8]) -> Self {
        Self {
            bytes: header.to_vec(),
            size: 1,
            ..Self::default()
        }
    }

    /// Writes an object and notes where.
    pub(super) fn object(&mut self, number: u32, body: &[u8]) {
        let at = self.bytes.len() - self.shift;
        self.entries.insert(number, Entry::At(at));
        self.unlisted(number, body);
    }

    /// Writes an object that the section does not name.
    pub(super) fn unlisted(&mut self, number: u32, body: &[u8]) {
        self.size = self.size.max(number + 1);
        self.bytes
            .extend([format!("{number} 0 obj\n").as_bytes(), body, b"\nendobj\n"].concat());
    }

    /// An object stream as it is given: the numbers in its head, and the bodies.
    pub(super) fn object_stream(&mut self, number: u32, entries: &str, inside: &[(u32, &[u8])]) {
        let (mut head, mut bodies) = (String::new(), Vec::new());
        for (member, body) in inside {
            head.push_str(&format!("{member} {} ", bodies.len()));
            bodies.extend([*body, b"\n"].concat());
        }
        let entries = format!("/Type /ObjStm /N {} /First {} {entries}", inside.len(), head.len());
        self.object(number, &stream(&entries, &[head.as_bytes(), &bodies].concat()));
    }

    /// Ends the section with a table. Compressed objects have no place in one.
    pub(super) fn table(&mut self, trailer: &str) -> Vec<u8> {
        let start = self.bytes.len() - self.shift;
        let mut out = String::from("xref\n0 1\n0000000000 65535 f \n");
        for (number, entry) in std::mem::take(&mut self.entries) {
            match entry {
                Entry::At(at) => out.push_str(&format!("{number} 1\n{at:010} 00000 n \n")),
                Entry::Within(..) => out.push_str(&format!("{number} 1\n0000000000 65535 f \n")),
            }
        }
        let (size, prev) = (self.size, self.previous());
        out.push_str(&format!("trailer\n<< /Size {size} /Root 1 0 R {prev}{trailer} >>\n"));
        self.bytes.extend(out.into_bytes());
        self.end(start)
    }

    /// Writes a cross-reference stream over the entries and gives its place. It names itself where `number` is given.
    pub(super) fn section_stream(&mut self, number: u32, names_itself: bool, trailer: &str) -> usize {
        let at = self.bytes.len() - self.shift;
        if names_itself {
            self.entries.insert(number, Entry::At(at));
            self.size = self.size.max(number + 1);
        }
        let (mut index, mut data) = (String::new(), Vec::new());
        for (member, entry) in std::mem::take(&mut self.entries) {
            index.push_str(&format!("{member} 1 "));
            let (kind, second, third) = match entry {
                Entry::At(at) => (1, u32::try_from(at).expect("a small file"), 0),
                Entry::Within(holder, place) => (2, holder, u16::try_from(place).expect("a place")),
            };
            data.extend([&[kind][..], &second.to_be_bytes(), &third.to_be_bytes()].concat());
        }
        let (size, prev) = (self.size, self.previous());
        let head = format!("/Type /XRef /Size {size} /Root 1 0 R /W [1 4 2] /Index [{index}] {prev}{trailer}");
        let body = stream(&head, &data);
        self.bytes
            .extend([format!("{number} 0 obj\n").as_bytes(), &body, b"\nendobj\n"].concat());
        at
    }

    /// Ends the file with the section at `start`.
    pub(super) fn end(&mut self, start: usize) -> Vec<u8> {
        self.bytes.extend(format!("startxref\n{start}\n%%EOF\n").into_bytes());
        self.last = Some(start);
        self.bytes.clone()
    }

    fn previous(&self) -> String {
        self.last.map(|at| format!("/Prev {at} ")).unwrap_or_default()
    }
}

pub(super) fn text(words: &str) -> String {
    format!("BT /F1 14 Tf 72 700 Td ({words}) Tj ET")
}

pub(super) fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    stream_of_length(entries, data, data.len())
}

/// A stream that claims another length.
pub(super) fn stream_of_length(entries: &str, data: &[u8], length: usize) -> Vec<u8> {
    let head = format!("<< {entries} /Length {length} >>\nstream\n");
    [head.as_bytes(), data, b"\nendstream"].concat()
}

pub(super) const HEADER: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
