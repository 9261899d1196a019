//! Objects with two readings: keys and numbers given twice, streams whose end is in doubt.

use super::Expected::{Accepted, Refused, Told};
use super::raw::{
    Body, CATALOG, CONTENT, Entry, FIRST, FONT, HEADER, Layout, OTHER, SPARE, TREE, stream, stream_of_length, text,
};
use super::{Case, OTHER_PRICE, PRICE, case, changed};

pub(super) fn cases() -> Vec<Case> {
    [keys(), lengths(), contents(), packed()].concat()
}

const KEY: &str = "duplicate-key";

fn keys() -> Vec<Case> {
    let other = format!("/Contents {OTHER} 0 R");
    vec![
        changed("Contents twice", Refused(KEY), |body| body.add(FIRST, &other)),
        changed("Contents twice, the second escaped", Refused(KEY), |body| {
            body.add(FIRST, &other.replace("Contents", "Con#74ents"));
        }),
        changed("Contents twice alike", Told(KEY), |body| {
            body.add(FIRST, &format!("/Contents {CONTENT} 0 R"));
        }),
        changed("MediaBox twice", Refused(KEY), |body| {
            body.add(FIRST, "/MediaBox [0 0 100 100]");
        }),
        changed("Type twice in a page", Refused("page-tree-ambiguous"), |body| {
            body.add(FIRST, "/Ty#70e /Pages");
        }),
        changed("Kids twice", Refused(KEY), |body| {
            body.add(TREE, &format!("/Kids [{FIRST} 0 R]"));
        }),
        changed("Pages twice in the catalog", Refused(KEY), |body| {
            body.add(CATALOG, &format!("/Pages {SPARE} 0 R"));
            body.put(SPARE, format!("<< /Type /Pages /Count 1 /Kids [{FIRST} 0 R] >>"));
        }),
        changed("font twice in the resources", Refused(KEY), |body| {
            body.replace(FIRST, "/F1 3 0 R", "/F1 3 0 R /F1 9 0 R");
            body.put(SPARE, "<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>");
        }),
        changed("encoding twice in a font", Refused(KEY), |body| {
            body.add(
                FONT,
                "/Encoding /WinAnsiEncoding /Encoding << /Differences [57 /one] >>",
            );
        }),
        changed("Subtype twice in an annotation", Refused(KEY), |body| {
            body.add(FIRST, "/Annots [9 0 R]");
            body.put(
                SPARE,
                "<< /Type /Annot /Subtype /Link /Subtype /Widget /Rect [0 0 1 1] >>",
            );
        }),
        changed("Filter twice in a stream", Refused(KEY), |body| {
            let data = hexed(PRICE);
            body.put(CONTENT, stream("/Filter /ASCIIHexDecode /Filter null", data.as_bytes()));
        }),
        changed("Length twice in a stream", Refused(KEY), |body| {
            body.put(CONTENT, stream("/Length 3", text(PRICE).as_bytes()));
        }),
        {
            let mut body = Body::two_pages();
            body.put(SPARE, "<< /Type /Catalog /Pages 10 0 R >>");
            body.put(10, format!("<< /Type /Pages /Count 1 /Kids [{FIRST} 0 R] >>"));
            body.trailer = format!("/Root {SPARE} 0 R");
            case("Root twice in the trailer", Refused(KEY), body.file())
        },
        changed("a key with an escape", Accepted, |body| {
            body.replace(FIRST, "/Contents", "/Con#74ents");
        }),
    ]
}

const LENGTH: &str = "stream-length";

fn lengths() -> Vec<Case> {
    let (price, other) = (text(PRICE), text(OTHER_PRICE));
    // Both texts, with an end between them.
    let both = format!("{price}\nendstream\n{other}");
    let (first, whole) = (price.len(), both.len());
    let of = |name, expected, data: &str, length: usize| {
        let body = stream_of_length("", data.as_bytes(), length);
        changed(name, expected, move |file| file.put(CONTENT, body))
    };
    vec![
        of("Length ends inside", Told(LENGTH), &price, 10),
        of(
            "Length ends inside, another end before",
            Refused(LENGTH),
            &both,
            first + 4,
        ),
        of("Length ends at the first of two ends", Refused(LENGTH), &both, first),
        of("Length ends at the second of two ends", Refused(LENGTH), &both, whole),
        of("Length ends beyond", Refused(LENGTH), &price, first + 40),
        of("Length ends beyond the file", Refused(LENGTH), &price, 1_000_000),
        of("Length counts the end of line", Accepted, &price, first + 1),
        of("Length leaves out blanks", Accepted, &format!("{price}  \r\n"), first),
        changed("Length missing", Told(LENGTH), |body| {
            let data = format!("<< >>\nstream\n{}\nendstream", text(PRICE));
            body.put(CONTENT, data);
        }),
        changed("Length negative", Refused(LENGTH), |body| {
            body.put(CONTENT, format!("<< /Length -1 >>\nstream\n{}\nendstream", text(PRICE)));
        }),
        changed("Length to nothing", Told(LENGTH), |body| {
            body.put(
                CONTENT,
                format!("<< /Length 90 0 R >>\nstream\n{}\nendstream", text(PRICE)),
            );
        }),
        changed("Length an object of its own", Accepted, |body| {
            body.put(
                CONTENT,
                format!("<< /Length {SPARE} 0 R >>\nstream\n{}\nendstream", text(PRICE)),
            );
            body.put(SPARE, text(PRICE).len().to_string());
        }),
        object_inside_a_stream(),
    ]
}

/// The page's entry leads into the octets of a stream: who repairs the file may not see it there.
fn object_inside_a_stream() -> Case {
    let mut file = Layout::new(HEADER);
    for (number, body) in &Body::two_pages().objects {
        if *number == FIRST {
            let object = [format!("{FIRST} 0 obj\n").as_bytes(), body, b"\nendobj"].concat();
            let start = file.bytes.len();
            file.object(SPARE, &stream("", &object));
            let inside = file.bytes[start..].windows(6).position(|octets| octets == b"stream");
            let inside = start + inside.expect("a stream") + b"stream\n".len();
            file.entries.insert(FIRST, Entry::At(inside));
        } else {
            file.object(*number, body);
        }
    }
    case("an object inside a stream", Refused("object-overlap"), file.table(""))
}

const CONTENT_CODE: &str = "content-undecodable";

fn contents() -> Vec<Case> {
    let packed = crate::contracts::deflate(text(PRICE).as_bytes());
    let short = packed[..packed.len() / 2].to_vec();
    let mut garbled = packed.clone();
    garbled[packed.len() / 2] ^= 0xff;
    let of = |name, expected, entries: &'static str, data: Vec<u8>| {
        changed(name, expected, move |body| body.put(CONTENT, stream(entries, &data)))
    };
    let listed = |name, expected, list: &'static str| {
        changed(name, expected, move |body| body.replace(FIRST, "/Contents 6 0 R", list))
    };
    vec![
        of("content deflated", Accepted, "/Filter /FlateDecode", packed.clone()),
        of("content cut off", Refused(CONTENT_CODE), "/Filter /FlateDecode", short),
        of("content of a wrong checksum", Accepted, "/Filter /FlateDecode", garbled),
        of(
            "content not deflated",
            Refused(CONTENT_CODE),
            "/Filter /FlateDecode",
            text(PRICE).into_bytes(),
        ),
        of(
            "content with an unknown filter",
            Refused(CONTENT_CODE),
            "/Filter /ZStandard",
            packed.clone(),
        ),
        of(
            "content as a picture",
            Refused(CONTENT_CODE),
            "/Filter /DCTDecode",
            packed,
        ),
        of(
            "content in hexadecimal",
            Accepted,
            "/Filter [/ASCIIHexDecode]",
            hexed(PRICE).into_bytes(),
        ),
        changed("content in two parts", Accepted, |body| {
            body.replace(FIRST, "/Contents 6 0 R", &format!("/Contents [{SPARE} 0 R 6 0 R]"));
            body.put(SPARE, stream("", b"0 g"));
        }),
        listed("content null in a list", Told(CONTENT_CODE), "/Contents [null 6 0 R]"),
        listed(
            "content to nothing in a list",
            Told(CONTENT_CODE),
            "/Contents [6 0 R 90 0 R]",
        ),
        listed("content is a dictionary", Refused(CONTENT_CODE), "/Contents 3 0 R"),
        listed(
            "content is a dictionary in a list",
            Refused(CONTENT_CODE),
            "/Contents [6 0 R 3 0 R]",
        ),
        listed("no content", Accepted, ""),
    ]
}

fn hexed(words: &str) -> String {
    format!("{}>", hex::encode(text(words)))
}

/// Files with an object stream: `inside` are the numbers in its head, `places` what the chain says.
fn streamed(name: &'static str, expected: super::Expected, entries: &str, twice: Option<u32>, first: u32) -> Case {
    let body = Body::two_pages();
    let other = String::from_utf8(body.objects[&FIRST].clone()).expect("text");
    let other = other.replace(&format!("{CONTENT} 0 R"), &format!("{OTHER} 0 R"));
    let mut inside: Vec<(u32, &[u8])> = Vec::new();
    let mut file = Layout::new(HEADER);
    for (number, text) in &body.objects {
        if text.ends_with(b"endstream") {
            file.object(*number, text);
        } else {
            file.entries
                .insert(*number, Entry::Within(SPARE, u32::try_from(inside.len()).expect("few")));
            inside.push((*number, text));
        }
    }
    if let Some(number) = twice {
        inside.push((number, other.as_bytes()));
    }
    file.entries.insert(FIRST, Entry::Within(SPARE, first));
    file.object_stream(SPARE, entries, &inside);
    let at = file.section_stream(10, true, "");
    case(name, expected, file.end(at))
}

const OBJECT: &str = "duplicate-object";

fn packed() -> Vec<Case> {
    vec![
        streamed("object stream", Accepted, "", None, 3),
        streamed(
            "an object twice in a stream, the first named",
            Refused(OBJECT),
            "",
            Some(FIRST),
            3,
        ),
        streamed(
            "an object twice in a stream, the second named",
            Refused(OBJECT),
            "",
            Some(FIRST),
            5,
        ),
        streamed("an unnamed object in a stream", Accepted, "", Some(77), 3),
        streamed(
            "an index that leads to another object",
            Refused("damaged-xref"),
            "",
            Some(77),
            5,
        ),
        streamed("object stream that extends itself", Accepted, "/Extends 9 0 R", None, 3),
    ]
}
