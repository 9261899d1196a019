//! The judges notice what is wrong: a matrix that cannot turn red proves nothing.

use std::path::Path;

use countersign_tests::{desk::Workshop, judge::Judge};

use super::{cases, cell, inputs};

type Alter = fn(&mut Vec<u8>);

const ALTERATIONS: &[(&str, Alter)] = &[
    ("a word of the contract", |bytes| replace(bytes, b"2026-02", b"2036-02")),
    ("a digit of the signature", |bytes| {
        let at = find(bytes, b"/Contents <") + 900;
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
    }),
    ("the byte range", |bytes| {
        replace(bytes, b"/ByteRange [0 ", b"/ByteRange [1 ");
    }),
    ("the field's name", |bytes| {
        replace(bytes, b"(Signature1)", b"(Signature9)");
    }),
    ("something after the end", |bytes| {
        bytes.extend(b"% one more line\n%%EOF\n");
    }),
    ("the last line", |bytes| bytes.truncate(bytes.len() - 12)),
];

#[test]
fn what_was_altered_is_noticed() {
    let Some(judge) = Judge::shared() else { return };
    let desk = Workshop::shared().desk();
    let inputs = inputs::some(&desk.work(), &["classic"]);
    let input = &inputs["classic"];
    let cells = cases::all(&inputs, false);
    let sound = cells.iter().find(|cell| cell.column == "P-256 sha256 B-T").unwrap();
    assert_eq!(cell::check(&desk, Some(judge), input, sound), Ok("ok".to_owned()));
    let file = desk.work().join("out/signed-0.pdf");
    let signed = std::fs::read(&file).unwrap();
    let verdict = |bytes: &[u8], path: &Path| {
        std::fs::write(path, bytes).unwrap();
        cell::judged(&desk, Some(judge), input, sound, path)
    };
    assert_eq!(verdict(&signed, &file), Ok(()));
    for (what, alter) in ALTERATIONS {
        let mut bytes = signed.clone();
        alter(&mut bytes);
        assert_ne!(bytes, signed, "{what}: nothing was altered");
        assert!(
            verdict(&bytes, &file).is_err(),
            "{what} was altered, and no judge noticed"
        );
    }
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).unwrap()
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let at = find(bytes, from);
    bytes[at..at + to.len()].copy_from_slice(to);
}
