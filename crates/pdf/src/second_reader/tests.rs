//! What the second reader sees, and what it is spared.

use super::{Disagreement, SecondReading, compare};
use crate::findings::FindingCode;
use crate::review::ReviewLimits;
use crate::review::testing::Maker;

#[test]
fn what_the_readers_see() {
    let agree = Maker::page(
        "/AcroForm<</Fields[5 0 R 6 0 R]>>",
        "/Contents 4 0 R/Resources<<>>",
        &[
            (4, "<</Length 9>>stream\nBT (a) ET\nendstream"),
            (5, "<</FT/Tx/T(a)/V(100.00)>>"),
            (6, "<</FT/Ch/T(b)/Kids[7 0 R]/V<FEFF540C>>>"),
            (7, "<</T(c)/Parent 6 0 R>>"),
        ],
    );
    let reading = compare(&agree.open());
    assert_eq!(reading.disagreements, []);
    assert_eq!(
        (reading.pages, reading.compared_pages, reading.compared_fields),
        (Some(1), 1, 3)
    );

    // What the readers differ about is a finding.
    let differing = SecondReading {
        disagreements: vec![Disagreement::PageCount { first: 2, second: 1 }],
        ..SecondReading::default()
    };
    let found = differing.findings();
    let found: Vec<_> = found
        .iter()
        .map(|finding| (finding.code, finding.detail.as_str()))
        .collect();
    assert_eq!(
        found,
        [(FindingCode::ReadersDisagree, "2 pages, another reader sees 1")]
    );

    let limits = ReviewLimits {
        second_reader_bytes: 10,
        ..ReviewLimits::default()
    };
    let skipped = agree.open().review(&limits);
    assert_eq!(
        skipped.findings.first().map(|finding| finding.code),
        Some(FindingCode::NotCompared)
    );
    let thorough = agree.open().review(&ReviewLimits::default());
    assert_eq!(thorough.findings, []);
}

/// A small file must not be able to ask the second reader for gigabytes.
#[test]
fn costly_files_are_not_compared() {
    use super::NotCompared;
    let numbers = format!("[{}]", "0 ".repeat(2_100_000));
    let zeros = {
        use std::io::Write;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b' '; 20 << 20]).unwrap();
        encoder.finish().unwrap()
    };
    let many = Maker::page("", "/X 4 0 R", &[(4, &numbers)]);
    assert_eq!(compare(&many.open()).not_compared, Some(NotCompared::TooLarge));
    // The same in an object stream: the newest section says that object 4 is in stream 5.
    let mut packed = Maker::page("", "/X 4 0 R", &[]);
    let prev = crate::lexer::find(&packed.bytes, b"xref\n0 1").unwrap();
    let container = packed.bytes.len();
    let head = format!(
        "5 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {}>>stream\n",
        zeros.len()
    );
    packed.bytes.extend(head.bytes());
    packed.bytes.extend(zeros);
    packed.bytes.extend(b"\nendstream\nendobj\n");
    let start = packed.bytes.len();
    let mut rows = vec![2, 0, 0, 0, 5, 0];
    for offset in [container, start] {
        rows.push(1);
        rows.extend(u32::try_from(offset).unwrap().to_be_bytes());
        rows.push(0);
    }
    let head = format!(
        "6 0 obj\n<</Type/XRef/Size 7/Index[4 3]/W[1 4 1]/Root 1 0 R/Prev {prev}/Length {}>>stream\n",
        rows.len()
    );
    packed.bytes.extend(head.bytes());
    packed.bytes.extend(rows);
    packed
        .bytes
        .extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    assert_eq!(compare(&packed.open()).not_compared, Some(NotCompared::TooLarge));
}
