//! Small files that ask a reader for gigabytes or minutes: each kind once, made here.
//!
//! Not its business: what a reader does with them (suite `bombs`). ISO 32000-2 7.4, 7.5.7, 12.7.4.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};

/// A file and what it is.
pub struct Bomb {
    /// Names it in the table.
    pub name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// All kinds.
#[must_use]
pub fn bombs() -> Vec<Bomb> {
    let twice = |data: &[u8]| deflated(&deflated(data));
    let spaces = vec![b' '; HALF_GIB];
    let bomb = |name, bytes| Bomb { name, bytes };
    vec![
        bomb(
            "object stream, two Flate",
            packed(&[(10, "[/FlateDecode /FlateDecode]", twice(&member(&spaces)))], 1),
        ),
        bomb(
            "object stream, ASCIIHex and Flate",
            packed(
                &[(10, "[/ASCIIHexDecode /FlateDecode]", hexed(&deflated(&member(&spaces))))],
                1,
            ),
        ),
        bomb(
            "20,000 object streams at one place",
            packed(&[(10, "/FlateDecode", deflated(&member(&spaces[..2_000_000])))], 20_000),
        ),
        bomb("300,000 field names of 30,000 bytes", names(300_000, 30_000)),
        bomb(
            "three million dictionaries in an array",
            array("<< /A << >> >> ", 1_500_000),
        ),
        bomb(
            "two million dictionaries in each other",
            reachable(
                &["<< /A ".repeat(2_000_000), ">>".repeat(2_000_000)]
                    .concat()
                    .into_bytes(),
            ),
        ),
        bomb(
            "embedded file, two Flate",
            filed("[/FlateDecode /FlateDecode]", &twice(&spaces), true),
        ),
        bomb(
            "page content, two Flate",
            filed("[/FlateDecode /FlateDecode]", &twice(&spaces), false),
        ),
        bomb(
            "page content, half a gigabyte",
            filed("/FlateDecode", &deflated(&spaces), false),
        ),
    ]
}

const HALF_GIB: usize = 1 << 29;

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).expect("memory");
    encoder.finish().expect("memory")
}

fn hexed(data: &[u8]) -> Vec<u8> {
    [hex::encode(data).as_bytes(), b">"].concat()
}

/// Object 20 in an object stream whose /First is 16.
fn member(filling: &[u8]) -> Vec<u8> {
    [b"20 0            (x)".as_slice(), filling].concat()
}

fn plain() -> BTreeMap<u32, Vec<u8>> {
    BTreeMap::from([
        (1, b"<< /Type /Catalog /Pages 2 0 R /X 20 0 R >>".to_vec()),
        (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec()),
        (
            3,
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Resources << >> >>".to_vec(),
        ),
    ])
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<< {entries} /Length {} >>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

fn write(out: &mut Vec<u8>, number: u32, body: &[u8]) -> usize {
    let offset = out.len();
    out.extend(format!("{number} 0 obj\n").bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(b"\nendobj\n");
    offset
}

/// A file with a table.
fn classic(objects: &BTreeMap<u32, Vec<u8>>) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let offsets: BTreeMap<u32, usize> = objects
        .iter()
        .map(|(number, body)| (*number, write(&mut out, *number, body)))
        .collect();
    let start = out.len();
    out.extend_from_slice(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, offset) in &offsets {
        out.extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
    }
    let size = offsets.keys().last().map_or(1, |last| last + 1);
    out.extend(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

/// A file whose object 20 and those after it are each in an object stream; `copies` stream numbers lead to one place.
fn packed(containers: &[(u32, &str, Vec<u8>)], copies: u32) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut rows: BTreeMap<u32, [u8; 7]> = BTreeMap::new();
    let row = |kind: u8, second: u32| {
        let [a, b, c, d] = second.to_be_bytes();
        [kind, a, b, c, d, 0, 0]
    };
    let place = |offset: usize| u32::try_from(offset).expect("a small file");
    for (number, body) in plain() {
        rows.insert(number, row(1, place(write(&mut out, number, &body))));
    }
    let members = 20..20 + copies;
    let first_container = members.end;
    for (number, filter, data) in containers {
        let body = stream(&format!("/Type /ObjStm /N 1 /First 16 /Filter {filter}"), data);
        let offset = place(write(&mut out, *number, &body));
        for copy in 0..copies {
            rows.insert(first_container + copy, row(1, offset));
        }
    }
    for (member, container) in members.zip(first_container..) {
        rows.insert(member, row(2, container));
    }
    let own = first_container + copies;
    let start = out.len();
    rows.insert(own, row(1, place(start)));
    let data: Vec<u8> = (0..=own)
        .flat_map(|number| rows.get(&number).copied().unwrap_or_default())
        .collect();
    let entries = format!(
        "/Type /XRef /Size {} /W [1 4 2] /Root 1 0 R /Filter /FlateDecode",
        own + 1
    );
    write(&mut out, own, &stream(&entries, &deflated(&data)));
    out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    out
}

/// A field with a long name and many parts.
fn names(parts: usize, length: usize) -> Vec<u8> {
    let mut objects = plain();
    let kids: Vec<String> = (0..parts).map(|part| format!("<< /T ({part}) >>")).collect();
    let field = format!("<< /FT /Tx /T ({}) /Kids [{}] >>", "n".repeat(length), kids.join(" "));
    objects.insert(5, field.into_bytes());
    objects.insert(
        1,
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>".to_vec(),
    );
    classic(&objects)
}

fn array(element: &str, count: usize) -> Vec<u8> {
    reachable(["[", &element.repeat(count), "]"].concat().as_bytes())
}

/// A file whose catalog leads to this object.
fn reachable(body: &[u8]) -> Vec<u8> {
    let mut objects = plain();
    objects.insert(20, body.to_vec());
    classic(&objects)
}

/// A file with a stream that is an embedded file, or the page's content.
fn filed(filter: &str, data: &[u8], embedded: bool) -> Vec<u8> {
    let mut objects = plain();
    objects.insert(5, stream(&format!("/Filter {filter}"), data));
    if embedded {
        let names = "[(a) << /Type /Filespec /F (a) /EF << /F 5 0 R >> >>]";
        let catalog = format!("<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names {names} >> >> >>");
        objects.insert(1, catalog.into_bytes());
    } else {
        objects.insert(
            3,
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Resources << >> /Contents 5 0 R >>".to_vec(),
        );
    }
    classic(&objects)
}
