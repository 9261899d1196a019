//! Small files for tests, one for every way to write a cross-reference section. Only compiled for tests.

use std::collections::BTreeMap;

/// The ways to write a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Classic,
    Hybrid,
    Linearized,
    Packed,
}

pub(crate) const KINDS: [Kind; 4] = [Kind::Classic, Kind::Hybrid, Kind::Linearized, Kind::Packed];

/// A file of these objects (number and body); object 1 is the catalog. Where the kind allows, all of them are in an
/// object stream.
pub(crate) fn file(kind: Kind, objects: &[(u32, &str)]) -> Vec<u8> {
    let objects: BTreeMap<u32, &str> = objects.iter().copied().collect();
    let next = objects.keys().last().map_or(1, |last| last + 1);
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    match kind {
        Kind::Classic => {
            let offsets = plain(&mut out, objects.into_iter());
            let start = out.len();
            table(&mut out, &offsets, true);
            out.extend(
                format!("trailer\n<< /Size {next} /Root 1 0 R /ID [<0102> <0304>] >>\nstartxref\n{start}\n%%EOF")
                    .bytes(),
            );
        }
        Kind::Packed => {
            let start = packed(&mut out, &objects, next, "");
            out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        }
        Kind::Hybrid => {
            // The catalog is plain, the rest is hidden from old readers.
            let offsets = plain(
                &mut out,
                objects
                    .iter()
                    .filter(|object| *object.0 == 1)
                    .map(|(number, body)| (*number, *body)),
            );
            let hidden = objects
                .iter()
                .filter(|object| *object.0 != 1)
                .map(|(number, body)| (*number, *body))
                .collect();
            let stream = packed(&mut out, &hidden, next, "");
            let start = out.len();
            table(&mut out, &offsets, true);
            let size = next + 2;
            out.extend(
                format!("trailer\n<< /Size {size} /Root 1 0 R /XRefStm {stream} >>\nstartxref\n{start}\n%%EOF\n")
                    .bytes(),
            );
        }
        Kind::Linearized => {
            // The first section stands at the front and is the newer one; the second, of the catalog alone, at the end.
            let front: Vec<(u32, &str)> = objects
                .iter()
                .filter(|object| *object.0 != 1)
                .map(|(n, b)| (*n, *b))
                .collect();
            let table_size = 5 + front.len() * 29;
            let trailer = |prev: usize| {
                format!("trailer\n<< /Size {next} /Root 1 0 R /Prev {prev:010} >>\nstartxref\n0\n%%EOF\n")
            };
            let start = out.len();
            let mut body = vec![0; start + table_size + trailer(0).len()];
            let offsets = plain(&mut body, front.into_iter());
            let catalog = plain(
                &mut body,
                objects.iter().filter(|object| *object.0 == 1).map(|(n, b)| (*n, *b)),
            );
            let main = body.len();
            table(&mut body, &catalog, true);
            body.extend(format!("trailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
            let mut head = Vec::new();
            table(&mut head, &offsets, false);
            head.resize(table_size, b' ');
            head.extend(trailer(main).bytes());
            out.extend(head);
            let rest = body.split_off(out.len());
            out.extend(rest);
        }
    }
    out
}

/// A catalog, one page and what else is given.
pub(crate) fn contract(catalog: &str, page: &str, more: &[(u32, &str)], kind: Kind) -> Vec<u8> {
    let catalog = format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>");
    let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Resources<<>>{page}>>");
    let mut objects = vec![
        (1, catalog.as_str()),
        (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        (3, page.as_str()),
    ];
    objects.extend_from_slice(more);
    file(kind, &objects)
}

fn plain<'a>(out: &mut Vec<u8>, objects: impl Iterator<Item = (u32, &'a str)>) -> Vec<(u32, usize)> {
    let mut offsets = Vec::new();
    for (number, body) in objects {
        offsets.push((number, out.len()));
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    offsets
}

fn table(out: &mut Vec<u8>, offsets: &[(u32, usize)], head: bool) {
    out.extend_from_slice(b"xref\n");
    if head {
        out.extend_from_slice(b"0 1\n0000000000 65535 f \n");
    }
    for (number, offset) in offsets {
        out.extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
    }
}

/// An object stream (number `next`) and a cross-reference stream (the one after) that names its objects.
fn packed(out: &mut Vec<u8>, objects: &BTreeMap<u32, &str>, next: u32, extra: &str) -> usize {
    let (mut head, mut body) = (String::new(), String::new());
    for (number, text) in objects {
        head.push_str(&format!("{number} {} ", body.len()));
        body.push_str(text);
        body.push('\n');
    }
    let container = out.len();
    let dict = format!(
        "<< /Type /ObjStm /N {} /First {} /Length {} >>",
        objects.len(),
        head.len(),
        head.len() + body.len()
    );
    out.extend(format!("{next} 0 obj\n{dict}\nstream\n{head}{body}\nendstream\nendobj\n").bytes());
    let start = out.len();
    let (mut index, mut data) = (String::new(), Vec::new());
    let mut entry = |number: u32, kind: u8, second: u32, third: u16| {
        index.push_str(&format!("{number} 1 "));
        data.push(kind);
        data.extend(second.to_be_bytes());
        data.extend(third.to_be_bytes());
    };
    for (place, number) in (0_u16..).zip(objects.keys()) {
        entry(*number, 2, next, place);
    }
    entry(next, 1, u32::try_from(container).unwrap(), 0);
    entry(next + 1, 1, u32::try_from(start).unwrap(), 0);
    let size = next + 2;
    let dict = format!(
        "<< /Type /XRef /Size {size} /Root 1 0 R /W [1 4 2] /Index [{index}] /Length {} {extra}>>",
        data.len()
    );
    out.extend(format!("{} 0 obj\n{dict}\nstream\n", next + 1).bytes());
    out.extend(data);
    out.extend_from_slice(b"\nendstream\nendobj\n");
    start
}
