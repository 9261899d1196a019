//! ByteRanges that name something else than the whole revision: as an outsider writes them, and as a signer does whose
//! signature over what they name is right.
//!
//! Not its business: what stands in the parts that are left out.

use super::{
    Add, Cast, Expect, Signed,
    file::{Update, byte_range, find_last, range_text, with_range},
};

pub(super) fn all(signed: &Signed, cast: &Cast, add: &mut Add<'_>) {
    let file = &signed.plain;
    let [zero, a, b, c] = byte_range(file);
    assert_eq!(zero, 0);
    // As numbers that a signer can sign for, with the finding.
    let signable = [
        ("starts at the second octet", [1, a - 1, b, c], "does-not-start-at-zero"),
        ("gap wider to the left", [0, a - 20, b, c], "gap-too-wide"),
        ("gap wider to the right", [0, a, b + 20, c - 20], "gap-too-wide"),
        (
            "gap without what encloses Contents",
            [0, a + 1, b - 1, c + 1],
            "gap-too-narrow",
        ),
        (
            "gap of half the Contents",
            [0, a + 1 + (b - a) / 2, b, c],
            "gap-too-narrow",
        ),
        ("gap elsewhere", [0, a - 60, a - 20, b + c - a + 20], "gap-elsewhere"),
        ("only the first part of the file", [0, 200, b, 40], "gap-too-wide"),
        ("ends too early", [0, a, b, c - 30], "tail-uncovered"),
        ("ends before %%EOF", [0, a, b, c - 6], "tail-uncovered"),
        ("ends right behind Contents", [0, a, b, 1], "tail-uncovered"),
        ("first range empty", [0, 0, b, c], "empty-range"),
        ("second range empty", [0, a, b, 0], "empty-range"),
        ("ranges that overlap", [0, a, a - 40, c], "overlapping"),
        ("ranges out of order", [b, c, 0, a], "overlapping"),
        ("the same range twice", [0, a, 0, a], "overlapping"),
    ];
    for (name, range, code) in signable {
        let text = range.map(|number| number.to_string()).join(" ");
        let lying = with_range(file, &text);
        add(&format!("ByteRange {name}"), lying.clone(), Expect::uncovered(code));
        add(
            &format!("ByteRange {name}, signed so by an insider"),
            cast.insider.signed(&lying),
            Expect::uncovered(code),
        );
    }
    let written = [
        ("beyond the file", format!("0 {a} {b} {}", c + 1), "beyond-file"),
        ("huge", format!("0 {a} {b} 9999999999"), "beyond-file"),
        (
            "greater than any number",
            format!("0 {a} {b} 99999999999999999999"),
            "beyond-file",
        ),
        ("whose sum wraps", format!("0 {a} {b} {}", u64::MAX), "beyond-file"),
        ("negative", format!("0 {a} {b} -{c}"), "negative"),
        ("negative at the start", format!("-1 {a} {b} {c}"), "negative"),
        ("of three numbers", format!("0 {a} {b}"), "not-four-numbers"),
        ("of five numbers", format!("0 {a} {b} {c} 0"), "not-four-numbers"),
        (
            "of two pairs and one more",
            format!("0 {a} {b} {} {} 1", c - 1, b + c - 1),
            "not-four-numbers",
        ),
        ("empty", String::new(), "not-four-numbers"),
        ("with a fraction", format!("0 {a} {b} {c}.0"), "not-four-numbers"),
        ("with a sign", format!("0 {a} {b} +{c}"), "not-four-numbers"),
        ("with null", format!("0 {a} {b} null"), "not-four-numbers"),
        ("with a name", format!("0 {a} {b} /{c}"), "not-four-numbers"),
        (
            "with a number that is an object",
            format!("0 {a} {b} 3 0 R"),
            "byte-range-indirect",
        ),
        ("with leading zeros", format!("0 {a:08} {b:08} {c}"), "digest-mismatch"),
    ];
    for (name, text, code) in written {
        add(
            &format!("ByteRange {name}"),
            with_range(file, &text),
            Expect::failed(code),
        );
    }
    add(
        "ByteRange with a comment",
        with_range(file, &format!("0 {a} %{b}")),
        Expect::open("value-unreadable").uncovering(),
    );
    // Two of them: the room of the spaces takes the second one.
    let place = range_text(file);
    let mut twice = file.clone();
    let second = format!("0 {a} {b} {c}]/ByteRange[0 1 2 3");
    if second.len() <= place.len() {
        twice[place.clone()].fill(b' ');
        twice[place.start..place.start + second.len()].copy_from_slice(second.as_bytes());
        add("two ByteRanges", twice, Expect::uncovered("byte-range-duplicated"));
    }
    // A later section points the signature's object to another dictionary with the old ByteRange.
    let (dictionary, body) = dictionary(file);
    let moved = Update::default().put(dictionary, body.clone()).after(file);
    add(
        "the signature dictionary written again behind its revision",
        moved,
        Expect::uncovered("gap-elsewhere"),
    );
    let without = body.replace("/ByteRange", "/ByteRangf");
    add(
        "the dictionary written again without ByteRange",
        Update::default().put(dictionary, without).after(file),
        Expect::uncovered("byte-range-missing"),
    );
}

/// The signature dictionary's number and text.
pub(super) fn dictionary(file: &[u8]) -> (usize, String) {
    let at = find_last(file, b"/ByteRange [").expect("a ByteRange");
    let head = find_last(&file[..at], b" 0 obj").expect("its object");
    let start = file[..head]
        .iter()
        .rposition(|byte| !byte.is_ascii_digit())
        .expect("a line before")
        + 1;
    let number = String::from_utf8_lossy(&file[start..head]).parse().expect("a number");
    (number, super::file::body(file, number))
}
