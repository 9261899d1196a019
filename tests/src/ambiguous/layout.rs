//! Where objects stand: junk, sections, tables and streams that speak of the same objects (7.5).

use super::Expected::{Accepted, Refused, Told};
use super::raw::{Body, CATALOG, CONTENT, Entry, FIRST, HEADER, Layout, OTHER, SPARE, TREE, stream, text};
use super::{Case, OTHER_PRICE, PRICE, case};

pub(super) fn cases() -> Vec<Case> {
    [junk(), hybrids(), sections()].concat()
}

const JUNK: &[u8] = b"HTTP/1.1 200 OK\r\nX-Served-By: gate\r\n\r\n";

fn junk() -> Vec<Case> {
    let header = [JUNK, HEADER].concat();
    let written = |shift: usize, more: &[u8]| {
        let mut file = Layout::new(&header);
        file.shift = shift;
        for (number, body) in &Body::two_pages().objects {
            file.object(*number, body);
        }
        file.bytes.extend_from_slice(more);
        file.table("")
    };
    // A comment that looks like a newer page to a reader that searches for objects.
    let page = String::from_utf8(Body::two_pages().objects[&FIRST].clone()).expect("text");
    let decoy = page.replace(&format!("{CONTENT} 0 R"), &format!("{OTHER} 0 R"));
    let decoy = format!("{FIRST} 0 obj\n{decoy}\nendobj\n");
    vec![
        case(
            "junk, offsets from the header",
            Told("content-before-header"),
            written(JUNK.len(), b""),
        ),
        case(
            "junk, offsets from the first octet",
            Told("content-before-header"),
            written(0, b""),
        ),
        case(
            "junk, offsets from the header, a decoy behind",
            Told("content-before-header"),
            written(JUNK.len(), decoy.as_bytes()),
        ),
        case(
            "junk, offsets from the first octet, a decoy behind",
            Refused("object-overlap"),
            written(0, decoy.as_bytes()),
        ),
    ]
}

/// How the tables of a hybrid file speak of the first page, which its hidden stream names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// Not at all.
    Never,
    /// As free in the section before, as office programs write it.
    FreeBefore,
    /// As free in the same section.
    FreeBeside,
    /// As another object.
    Other,
}

fn hybrid(name: &'static str, expected: super::Expected, seen: Seen) -> Case {
    let mut body = Body::two_pages();
    let mut file = Layout::new(HEADER);
    let mut hidden = body.objects[&FIRST].clone();
    if seen == Seen::Other {
        let page = String::from_utf8(hidden).expect("text");
        hidden = page.replace(&format!("{CONTENT} 0 R"), &format!("{OTHER} 0 R")).into();
    } else {
        body.objects.remove(&FIRST);
    }
    for (number, text) in &body.objects {
        file.object(*number, text);
    }
    if seen == Seen::FreeBefore {
        file.entries.insert(FIRST, Entry::Within(SPARE, 0));
        file.table("");
    }
    let mut table = std::mem::take(&mut file.entries);
    file.object_stream(SPARE, "", &[(FIRST, &hidden)]);
    file.entries.insert(FIRST, Entry::Within(SPARE, 0));
    let previous = file.last.take();
    let at = file.section_stream(10, true, "");
    file.last = previous;
    if seen == Seen::FreeBeside {
        table.insert(FIRST, Entry::Within(SPARE, 0));
    }
    file.entries = table;
    case(name, expected, file.table(&format!("/XRefStm {at}")))
}

fn hybrids() -> Vec<Case> {
    let differs = Refused("hybrid-differs");
    vec![
        hybrid("hybrid as office programs write it", Accepted, Seen::FreeBefore),
        hybrid("hybrid whose table is silent", Told("hybrid-differs"), Seen::Never),
        hybrid(
            "hybrid whose table frees what its stream has",
            differs,
            Seen::FreeBeside,
        ),
        hybrid("hybrid whose table and stream differ", differs, Seen::Other),
    ]
}

fn plain() -> Layout {
    let mut file = Layout::new(HEADER);
    for (number, body) in &Body::two_pages().objects {
        file.object(*number, body);
    }
    file
}

/// A table written by hand behind the plain objects.
fn tabled(name: &'static str, expected: super::Expected, change: impl FnOnce(String, &Layout) -> String) -> Case {
    let mut file = plain();
    let start = file.bytes.len();
    let whole = file.clone().table("");
    let tail = String::from_utf8(whole[start..].to_vec()).expect("a table is text");
    let tail = change(tail, &file);
    file.bytes.extend(tail.into_bytes());
    case(name, expected, file.bytes)
}

fn at(file: &Layout, number: u32) -> usize {
    match file.entries[&number] {
        Entry::At(at) => at,
        Entry::Within(..) => panic!("object {number} is compressed"),
    }
}

fn sections() -> Vec<Case> {
    let entry = |number: u32, at: usize| format!("{number} 1\n{at:010} 00000 n \n");
    let updated = |count: u32| {
        let mut file = plain();
        file.table("");
        for update in 0..count {
            file.object(SPARE, format!("<< /Producer (saved {update} times) >>").as_bytes());
            file.table(&format!("/Info {SPARE} 0 R"));
        }
        file.bytes
    };
    vec![
        tabled("Prev 0", Accepted, |tail, _| tail.replace("/Root", "/Prev 0 /Root")),
        tabled("an object twice in one table", Refused("damaged-xref"), |tail, file| {
            let (page, other) = (at(file, FIRST), at(file, CATALOG));
            tail.replace(
                "trailer",
                &format!("{}trailer", entry(FIRST, other).replace(&page.to_string(), "")),
            )
        }),
        tabled("an object twice alike in one table", Accepted, |tail, file| {
            tail.replace("trailer", &format!("{}trailer", entry(FIRST, at(file, FIRST))))
        }),
        tabled(
            "an entry that leads to another object",
            Refused("damaged-xref"),
            |tail, file| tail.replace(&entry(TREE, at(file, TREE)), &entry(TREE, at(file, CATALOG))),
        ),
        tabled(
            "a content entry that leads to another object",
            Refused("unreadable-object"),
            |tail, file| tail.replace(&entry(CONTENT, at(file, CONTENT)), &entry(CONTENT, at(file, OTHER))),
        ),
        {
            let mut file = plain();
            let section = file.section_stream(SPARE, false, "");
            case(
                "a section stream that does not name itself",
                Accepted,
                file.end(section),
            )
        },
        case("177 updates", Accepted, updated(177)),
        case("300 updates", Accepted, updated(300)),
        {
            let mut file = plain();
            file.table("");
            file.object(CONTENT, &stream("", text(OTHER_PRICE).as_bytes()));
            file.table("");
            file.object(CONTENT, &stream("", text(PRICE).as_bytes()));
            case("content replaced twice", Accepted, file.table(""))
        },
    ]
}
