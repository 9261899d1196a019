//! PDF files made from objects, for the tests of the review side.

use std::fmt::Write as _;

use crate::document::{Document, open};

/// A file that grows by revisions; object 1 is the catalog, 2 the page tree, 3 the only page.
pub(crate) struct Maker {
    pub(crate) bytes: Vec<u8>,
    startxref: Option<usize>,
    size: u32,
}

impl Maker {
    /// An empty file with its header.
    pub(crate) fn new() -> Self {
        Self {
            bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            startxref: None,
            size: 1,
        }
    }

    /// One page, with more in the catalog and in the page.
    pub(crate) fn page(catalog: &str, page: &str, objects: &[(u32, &str)]) -> Self {
        let mut all = vec![
            (1, format!("<</Type/Catalog/Pages 2 0 R{catalog}>>")),
            (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
            (3, format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{page}>>")),
        ];
        all.extend(objects.iter().map(|(number, text)| (*number, (*text).to_owned())));
        let all: Vec<(u32, &str)> = all.iter().map(|(number, text)| (*number, text.as_str())).collect();
        let mut maker = Self::new();
        maker.revision(&all);
        maker
    }

    /// Appends objects and a table; gives the offsets of the objects.
    pub(crate) fn revision(&mut self, objects: &[(u32, &str)]) -> Vec<usize> {
        let mut offsets = Vec::new();
        let mut table = String::from("xref\n");
        if self.startxref.is_none() {
            table.push_str("0 1\n0000000000 65535 f \n");
        }
        for (number, text) in objects {
            offsets.push(self.bytes.len());
            write!(table, "{number} 1\n{:010} 00000 n \n", self.bytes.len()).unwrap();
            self.bytes.extend(format!("{number} 0 obj\n{text}\nendobj\n").bytes());
            self.size = self.size.max(number + 1);
        }
        let start = self.bytes.len();
        let prev = self.startxref.map(|prev| format!("/Prev {prev}")).unwrap_or_default();
        self.bytes.extend(table.bytes());
        self.bytes.extend(
            format!(
                "trailer\n<</Size {}/Root 1 0 R{prev}>>\nstartxref\n{start}\n%%EOF\n",
                self.size
            )
            .bytes(),
        );
        self.startxref = Some(start);
        offsets
    }

    /// Appends a signature (object `number`, as value of the field object `field`) and sets its ByteRange.
    pub(crate) fn sign(&mut self, number: u32, field: u32, name: &str, extra: &str) {
        let hole = "0".repeat(64);
        let signature = format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 0000000000 0000000000 0000000000]\
             /Contents<{hole}>{extra}>>"
        );
        let widget = format!("<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/V {number} 0 R/Rect[0 0 0 0]/P 3 0 R>>");
        let offset = self.revision(&[(number, &signature), (field, &widget)])[0];
        self.set_range(offset);
    }

    /// Fills in the ByteRange placeholder of the object at `offset` so that it covers all but its own /Contents.
    pub(crate) fn set_range(&mut self, offset: usize) {
        let start = offset + find(&self.bytes[offset..], b"/Contents<") + b"/Contents".len();
        let end = start + find(&self.bytes[start..], b">") + 1;
        let range = format!("[0 {start:010} {end:010} {:010}]", self.bytes.len() - end);
        let at = offset + find(&self.bytes[offset..], b"/ByteRange[") + b"/ByteRange".len();
        self.bytes[at..at + range.len()].copy_from_slice(range.as_bytes());
    }

    /// Replaces the first occurrence of a text by one of the same length.
    pub(crate) fn replace(&mut self, old: &str, new: &str) {
        assert_eq!(old.len(), new.len());
        let at = find(&self.bytes, old.as_bytes());
        self.bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
    }

    pub(crate) fn open(&self) -> Document {
        open(self.bytes.clone()).unwrap()
    }
}

pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> usize {
    crate::lexer::find(bytes, needle).unwrap()
}
