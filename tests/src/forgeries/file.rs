//! Where things stand in a signed file, and how a forger writes into it.
//!
//! Not its business: which changes are forgeries.

use std::ops::Range;

use super::der::Node;

/// Where `needle` stands for the first time.
#[must_use]
pub fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// Where `needle` stands for the last time.
#[must_use]
pub fn find_last(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).rposition(|window| window == needle)
}

/// What stands between the brackets of the last /ByteRange.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn range_text(bytes: &[u8]) -> Range<usize> {
    let open = find_last(bytes, b"/ByteRange [").expect("a ByteRange") + 12;
    open..open + find(&bytes[open..], b"]").expect("its end")
}

/// The four numbers of the last /ByteRange.
///
/// # Panics
/// When they are not four numbers.
#[must_use]
pub fn byte_range(bytes: &[u8]) -> [usize; 4] {
    let text = String::from_utf8_lossy(&bytes[range_text(bytes)]).into_owned();
    let numbers: Vec<usize> = text
        .split_whitespace()
        .map(|word| word.parse().expect("a number"))
        .collect();
    numbers.try_into().expect("four numbers")
}

/// The digits of the last /Contents, without what encloses them.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn hole(bytes: &[u8]) -> Range<usize> {
    let open = find_last(bytes, b"/Contents <").expect("a Contents") + 11;
    open..open + find(&bytes[open..], b">").expect("its end")
}

/// The signature's message, without what fills it up.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn message(bytes: &[u8]) -> Node {
    let contents = hex::decode(&bytes[hole(bytes)]).expect("hexadecimal digits");
    Node::read(&contents).0
}

/// The same file with other octets in the last /Contents, filled up with zeros.
///
/// # Panics
/// When they do not fit.
#[must_use]
pub fn with_contents(bytes: &[u8], contents: &[u8]) -> Vec<u8> {
    let (mut bytes, hole) = (bytes.to_vec(), hole(bytes));
    let digits = hex::encode(contents);
    assert!(
        digits.len() <= hole.len(),
        "{} digits for a hole of {}",
        digits.len(),
        hole.len()
    );
    bytes[hole.clone()].fill(b'0');
    bytes[hole.start..hole.start + digits.len()].copy_from_slice(digits.as_bytes());
    bytes
}

/// The same file with this text in the last /ByteRange; lengths stay.
///
/// # Panics
/// When there is no room for it.
#[must_use]
pub fn with_range(bytes: &[u8], text: &str) -> Vec<u8> {
    let (mut bytes, place) = (bytes.to_vec(), range_text(bytes));
    assert!(text.len() <= place.len(), "{text}: longer than {}", place.len());
    bytes[place.clone()].fill(b' ');
    bytes[place.start..place.start + text.len()].copy_from_slice(text.as_bytes());
    bytes
}

/// The same file with `from` replaced where it stands last by something of the same length.
///
/// # Panics
/// When it does not stand there, or the lengths differ.
#[must_use]
pub fn swapped(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "{from} and {to}");
    let at = find_last(bytes, from.as_bytes()).unwrap_or_else(|| panic!("{from} does not stand in the file"));
    let mut bytes = bytes.to_vec();
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    bytes
}

/// The number after the last `key`.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn number_after(bytes: &[u8], key: &str) -> usize {
    let at = find_last(bytes, key.as_bytes()).unwrap_or_else(|| panic!("{key} does not stand in the file")) + key.len();
    let text: String = bytes[at..]
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace())
        .take_while(|byte| byte.is_ascii_digit())
        .map(|byte| char::from(*byte))
        .collect();
    text.parse().expect("a number")
}

/// The body of the last version of an object that stands free.
///
/// # Panics
/// When it does not.
#[must_use]
pub fn body(bytes: &[u8], number: usize) -> String {
    let head = format!("\n{number} 0 obj");
    let at =
        find_last(bytes, head.as_bytes()).unwrap_or_else(|| panic!("object {number} does not stand free")) + head.len();
    let end = at + find(&bytes[at..], b"endobj").expect("its end");
    String::from_utf8_lossy(&bytes[at..end]).trim().to_owned()
}

/// Objects by number, and entries of the cross-reference that point anywhere.
#[derive(Debug, Clone, Default)]
pub struct Update {
    objects: Vec<(usize, String)>,
    pointers: Vec<(usize, usize)>,
}

impl Update {
    /// Adds an object, new or changed.
    #[must_use]
    pub fn put(mut self, number: usize, body: impl Into<String>) -> Self {
        self.objects.push((number, body.into()));
        self
    }

    /// Lets an entry point to octets that stand in the file already.
    #[must_use]
    pub fn point(mut self, number: usize, offset: usize) -> Self {
        self.pointers.push((number, offset));
        self
    }

    /// Writes the section behind the file, with the kind of cross-reference that its last section has.
    ///
    /// # Panics
    /// When the file has no sections.
    #[must_use]
    pub fn after(&self, bytes: &[u8]) -> Vec<u8> {
        let previous = number_after(bytes, "startxref");
        let root = number_after(bytes, "/Root");
        let mut size = number_after(bytes, "/Size");
        let table = bytes[previous..].starts_with(b"xref");
        let mut file = bytes.to_vec();
        if !file.ends_with(b"\n") {
            file.push(b'\n');
        }
        let mut entries: Vec<(usize, usize)> = self.pointers.clone();
        for (number, body) in &self.objects {
            entries.push((*number, file.len()));
            file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        }
        entries.sort_unstable();
        size = entries
            .iter()
            .map(|(number, _)| number + 1)
            .chain([size])
            .max()
            .expect("one at least");
        let at = file.len();
        if table {
            file.extend_from_slice(b"xref\n");
            for (number, offset) in &entries {
                file.extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
            }
            file.extend(format!("trailer\n<< /Size {size} /Root {root} 0 R /Prev {previous} >>\n").bytes());
        } else {
            let own = size;
            entries.push((own, at));
            let index: String = entries.iter().map(|(number, _)| format!("{number} 1 ")).collect();
            let data: Vec<u8> = entries
                .iter()
                .flat_map(|(_, offset)| {
                    let offset = u32::try_from(*offset).expect("a small file").to_be_bytes();
                    [&[1][..], &offset, &[0, 0]].concat()
                })
                .collect();
            let head = format!(
                "{own} 0 obj\n<< /Type /XRef /Size {} /Root {root} 0 R /Prev {previous} /W [1 4 2] /Index [{index}] /Length {} >>\nstream\n",
                own + 1,
                data.len()
            );
            file.extend(head.bytes());
            file.extend(data);
            file.extend_from_slice(b"\nendstream\nendobj\n");
        }
        file.extend(format!("startxref\n{at}\n%%EOF\n").bytes());
        file
    }
}
