//! Small documents for the tests, written object by object.

use std::fmt::Write;
use std::fs::File;
use std::io::Write as _;

/// A page: the entries of its dictionary beside its type, parent and content, and its content.
pub(crate) struct Page<'a>(pub(crate) &'a str, pub(crate) &'a str);

/// A document of these pages. `objects` follow from number 10.
pub(crate) fn document(pages: &[Page<'_>], objects: &[String]) -> Vec<u8> {
    let first = 10 + objects.len();
    let kids: Vec<String> = (0..pages.len())
        .map(|page| format!("{} 0 R", first + 2 * page))
        .collect();
    let mut all = vec![
        (1, "<< /Type /Catalog /Pages 2 0 R >>".to_owned()),
        (
            2,
            format!("<< /Type /Pages /Count {} /Kids [{}] >>", pages.len(), kids.join(" ")),
        ),
    ];
    all.extend(
        objects
            .iter()
            .cloned()
            .enumerate()
            .map(|(at, object)| (10 + at, object)),
    );
    for (at, Page(entries, content)) in pages.iter().enumerate() {
        let number = first + 2 * at;
        // A page that says itself what its content is has none of ours.
        let contents = if entries.contains("/Contents [") {
            String::new()
        } else {
            format!("/Contents {} 0 R", number + 1)
        };
        all.push((number, format!("<< /Type /Page /Parent 2 0 R {contents} {entries} >>")));
        all.push((number + 1, stream("", content)));
    }
    let (mut file, mut offsets) = ("%PDF-1.7\n".to_owned(), Vec::new());
    for (number, object) in all {
        offsets.push((number, file.len()));
        write!(file, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let (xref, size) = (file.len(), first + 2 * pages.len());
    file.push_str("xref\n");
    for (number, offset) in offsets {
        write!(file, "{number} 1\n{offset:010} 00000 n \n").unwrap();
    }
    write!(
        file,
        "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n"
    )
    .unwrap();
    file.into_bytes()
}

pub(crate) fn stream(entries: &str, content: &str) -> String {
    format!(
        "<< /Length {} {entries} >>\nstream\n{content}\nendstream",
        content.len()
    )
}

pub(crate) fn file(octets: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(octets).unwrap();
    file
}
