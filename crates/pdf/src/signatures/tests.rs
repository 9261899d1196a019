//! Signatures as they stand in files, sound and forged: coverage, revisions, anomalies.

use super::{CoverageProblem, EmbeddedSignature, LaterChanges, SignatureKind, SignatureProblem};
use crate::review::testing::{Maker, find};

/// A file with a form of two fields, signed once as `S` (object 5, field 4).
fn signed() -> Maker {
    signed_with("")
}

fn signed_with(extra: &str) -> Maker {
    let mut maker = form();
    maker.sign(5, 4, "S", extra);
    maker
}

fn form() -> Maker {
    let fields = [(4, "<</FT/Sig/T(S)/P 3 0 R>>"), (9, "<</FT/Sig/T(T)>>")];
    Maker::page("/AcroForm<</Fields[4 0 R 9 0 R]>>", "/Annots[4 0 R 9 0 R]", &fields)
}

fn only(maker: &Maker) -> EmbeddedSignature {
    let mut found = maker.open().signatures();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Writes other numbers over those of the ByteRange, in the same room.
fn set_numbers(maker: &mut Maker, change: impl Fn([i64; 4]) -> String) {
    let at = find(&maker.bytes, b"/ByteRange[") + b"/ByteRange".len();
    let end = at + find(&maker.bytes[at..], b"]") + 1;
    let text = String::from_utf8(maker.bytes[at + 1..end - 1].to_vec()).unwrap();
    let numbers: Vec<i64> = text.split(' ').map(|number| number.parse().unwrap()).collect();
    let new = format!("[{}]", change([numbers[0], numbers[1], numbers[2], numbers[3]]));
    assert!(new.len() <= end - at, "{new}");
    maker.bytes[at..end].fill(b' ');
    maker.bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
}

#[test]
fn a_signature_over_the_whole_file() {
    let maker = signed_with(
        "/M(D:20261124100000+08'00')/Name<FEFF5F204E09>/Reason(a \\(b\\))/Location(x)\
         /Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]",
    );
    let document = maker.open();
    let signature = only(&maker);
    assert_eq!(signature.coverage.problems, []);
    assert!(signature.coverage.whole_revision && signature.covers_whole_file);
    assert_eq!(signature.problems, []);
    assert_eq!((signature.field.as_str(), signature.page), ("S", Some(1)));
    assert_eq!(
        (signature.revision, signature.revision_end),
        (2, maker.bytes.len() as u64)
    );
    assert_eq!(signature.kind, SignatureKind::Signature);
    assert_eq!(
        (signature.filter.as_str(), signature.sub_filter.as_str()),
        ("Adobe.PPKLite", "ETSI.CAdES.detached")
    );
    assert_eq!(signature.contents, [0; 32]);
    assert_eq!(signature.claimed_time.unwrap().to_string(), "2026-11-24T02:00:00Z");
    assert_eq!(signature.name.as_deref(), Some("张三"));
    assert_eq!(signature.reason.as_deref(), Some("a (b)"));
    assert_eq!(signature.location.as_deref(), Some("x"));
    assert_eq!(signature.docmdp, Some(1));
    assert_eq!(document.later_changes(&signature), LaterChanges::None);
}

/// Every way to cover too little must be told, and none may come out whole.
#[test]
fn coverage_problems() {
    use CoverageProblem::*;
    type Change = fn(&mut Maker);
    let cases: [(&str, Change, &[CoverageProblem]); 29] = [
        (
            "starts later",
            |m| set_numbers(m, |[_, b, c, d]| format!("1 {} {c} {d}", b - 1)),
            &[DoesNotStartAtZero],
        ),
        (
            "gap from one byte earlier",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {} {c} {d}", b - 1)),
            &[GapTooWide],
        ),
        (
            "gap without the bracket",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {} {c} {d}", b + 1)),
            &[GapTooNarrow],
        ),
        (
            "gap to one byte later",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {b} {} {}", c + 1, d - 1)),
            &[GapTooWide],
        ),
        (
            "gap ends earlier",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {b} {} {}", c - 1, d + 1)),
            &[GapTooNarrow],
        ),
        (
            "shifted",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {} {} {}", b + 2, c + 2, d - 2)),
            &[GapElsewhere],
        ),
        (
            "gap before the signature",
            |m| set_numbers(m, |[a, b, _, d]| format!("{a} {} {} {d}", b - 200, b - 100)),
            &[GapElsewhere, TailUncovered],
        ),
        (
            "tail uncovered",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {b} {c} {}", d - 7)),
            &[TailUncovered],
        ),
        (
            "one byte of the marker uncovered",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {b} {c} {}", d - 2)),
            &[TailUncovered],
        ),
        (
            "beyond the file",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {b} {c} {}", d + 1)),
            &[BeyondFile],
        ),
        (
            "wraps around",
            |m| set_numbers(m, |[_, b, c, _]| format!("0 {b} {c} 18446744073709551615")),
            &[BeyondFile],
        ),
        (
            "too great to be a number",
            |m| set_numbers(m, |[_, b, _, _]| format!("0 {b} 18446744073709551616 9")),
            &[BeyondFile],
        ),
        (
            "negative",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {b} {c} -{d}")),
            &[Negative],
        ),
        (
            "overlapping",
            |m| set_numbers(m, |[a, b, _, d]| format!("{a} {b} {} {d}", b - 1)),
            &[Overlapping],
        ),
        (
            "swapped",
            |m| set_numbers(m, |[a, b, c, d]| format!("{c} {d} {a} {b}")),
            &[Overlapping],
        ),
        (
            "no first range",
            |m| set_numbers(m, |[_, _, c, d]| format!("0 0 {c} {d}")),
            &[EmptyRange],
        ),
        (
            "no second range",
            |m| set_numbers(m, |[a, b, c, _]| format!("{a} {b} {c} 0")),
            &[EmptyRange],
        ),
        (
            "only one range",
            |m| set_numbers(m, |[a, b, _, _]| format!("{a} {b}")),
            &[NotFourNumbers],
        ),
        (
            "five numbers",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {b} {c} {d} 1")),
            &[NotFourNumbers],
        ),
        (
            "fractions",
            |m| set_numbers(m, |[a, b, c, d]| format!("{a} {b}. {c} {d}")),
            &[NotFourNumbers],
        ),
        (
            "a name",
            |m| set_numbers(m, |[_, b, c, d]| format!("/a {b} {c} {d}")),
            &[NotFourNumbers],
        ),
        (
            "a reference in it",
            |m| set_numbers(m, |[_, b, c, _]| format!("0 {b} {c} 3 0 R")),
            &[ByteRangeIndirect],
        ),
        (
            "no range at all",
            |m| m.replace("/ByteRange[", "/ByteRangX["),
            &[ByteRangeMissing],
        ),
        (
            "contents under another key",
            |m| m.replace("/Contents<", "/Content1<"),
            &[ContentsMissing],
        ),
        (
            "something else between the digits",
            |m| m.replace("<00000000", "<0000)000"),
            &[DictionaryMalformed],
        ),
        (
            "garbage in the dictionary",
            |m| m.replace("/Type/Sig/Filter", "(e)(Sign)/Filter"),
            &[DictionaryMalformed],
        ),
        (
            "marker gone",
            |m| {
                let end = m.bytes.len();
                m.bytes[end - 6..].fill(b' ');
            },
            &[TailUncovered],
        ),
        (
            "later text in the signed part is not seen here",
            |m| m.bytes.extend(b"\n"),
            &[],
        ),
        ("unchanged", |_| {}, &[]),
    ];
    for (what, change, expected) in cases {
        let mut maker = signed();
        change(&mut maker);
        let Ok(document) = crate::document::open(maker.bytes.clone()) else {
            assert!(matches!(what, "marker gone"), "{what}: not opened");
            continue;
        };
        let found = document.signatures();
        assert_eq!(found.len(), 1, "{what}");
        let coverage = &found[0].coverage;
        assert_eq!(coverage.whole_revision, expected.is_empty(), "{what}: {coverage:?}");
        for problem in expected {
            assert!(coverage.problems.contains(problem), "{what}: {coverage:?}");
        }
        let later = document.later_changes(&found[0]);
        assert_eq!(later == LaterChanges::None, expected.is_empty(), "{what}");
    }
}

#[test]
fn keys_that_occur_twice() {
    for (extra, problem) in [
        ("/Contents<00>", CoverageProblem::ContentsDuplicated),
        ("/#43ontents<00>", CoverageProblem::ContentsDuplicated),
        ("/ByteRange[0 1 2 3]", CoverageProblem::ByteRangeDuplicated),
    ] {
        let signature = only(&signed_with(extra));
        assert!(!signature.coverage.whole_revision, "{extra}");
        assert!(
            signature.coverage.problems.contains(&problem),
            "{extra}: {:?}",
            signature.coverage
        );
    }
}

#[test]
fn parts_that_are_references() {
    let mut maker = form();
    let size = 4000;
    let text = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange 6 0 R/Contents 7 0 R>>";
    let range = format!("[0 100 200 {size}]");
    maker.revision(&[(5, text), (6, &range), (7, "<0001>"), (4, "<</FT/Sig/T(S)/V 5 0 R>>")]);
    maker.bytes.extend(vec![b' '; size]);
    let signature = only_open(&maker.bytes);
    assert_eq!(signature.kind, SignatureKind::DocTimestamp);
    assert_eq!(signature.byte_range, Some([0, 100, 200, size as u64]));
    assert!(
        signature
            .coverage
            .problems
            .contains(&CoverageProblem::ByteRangeIndirect)
    );
    assert!(signature.coverage.problems.contains(&CoverageProblem::ContentsIndirect));
}

fn only_open(bytes: &[u8]) -> EmbeddedSignature {
    // The marker must stand near the end: white space after it is moved in front of the file's last line.
    let mut found = crate::document::open(bytes.trim_ascii_end().to_vec())
        .unwrap()
        .signatures();
    assert_eq!(found.len(), 1);
    let mut signature = found.remove(0);
    if signature.byte_range.is_none() {
        signature.byte_range = Some([0, 0, 0, 0]);
    }
    signature
}

#[test]
fn what_comes_after() {
    let mut maker = signed();
    let end = maker.bytes.len() as u64;
    maker.sign(10, 9, "T", "");
    let document = maker.open();
    let found = document.signatures();
    assert_eq!(
        found.iter().map(|s| (s.field.as_str(), s.revision)).collect::<Vec<_>>(),
        [("S", 2), ("T", 3)]
    );
    assert_eq!(found[0].revision_end, end);
    assert!(found[0].coverage.whole_revision && !found[0].covers_whole_file);
    assert!(found[1].coverage.whole_revision && found[1].covers_whole_file);
    assert_eq!(document.later_changes(&found[0]), LaterChanges::Unknown);
    assert_eq!(document.later_changes(&found[1]), LaterChanges::None);
    assert!(found.iter().all(|signature| signature.problems.is_empty()), "{found:?}");

    let mut junk = signed();
    junk.bytes.extend(b"%junk");
    let signature = only(&junk);
    assert!(signature.coverage.whole_revision && !signature.covers_whole_file);
    assert_eq!(junk.open().later_changes(&signature), LaterChanges::Unknown);
}

/// A signature is never dropped, and never whole when its own revision does not know it.
#[test]
fn signatures_that_are_hidden_or_moved() {
    use SignatureProblem::*;
    type Change = fn(&mut Maker);
    let cases: [(&str, Change, SignatureProblem, bool); 8] = [
        (
            "removed from its field",
            |m| {
                m.revision(&[(4, "<</FT/Sig/T(S)>>")]);
            },
            OnlyInEarlierRevision,
            true,
        ),
        (
            "field removed from the form",
            |m| {
                m.revision(&[(1, "<</Type/Catalog/Pages 2 0 R>>"), (3, "<</Type/Page/Parent 2 0 R>>")]);
            },
            OnlyInEarlierRevision,
            true,
        ),
        (
            "form removed, widget left",
            |m| {
                m.revision(&[(1, "<</Type/Catalog/Pages 2 0 R>>")]);
            },
            NotInForm,
            true,
        ),
        (
            "value overwritten",
            |m| {
                m.revision(&[(5, "<</Type/Sig>>")]);
            },
            OnlyInEarlierRevision,
            true,
        ),
        (
            "renamed",
            |m| {
                m.revision(&[(4, "<</FT/Sig/T(Chairman)/V 5 0 R>>")]);
            },
            Renamed,
            true,
        ),
        (
            "type taken away",
            |m| {
                m.revision(&[(4, "<</FT/Tx/T(S)/V 5 0 R>>")]);
            },
            FieldTypeWrong,
            true,
        ),
        (
            "used by a second field",
            |m| {
                m.revision(&[(9, "<</FT/Sig/T(T)/V 5 0 R>>")]);
            },
            Shared,
            true,
        ),
        (
            "value of another kind",
            |m| {
                m.revision(&[(9, "<</FT/Sig/T(T)/V(signed)>>")]);
            },
            ValueNotADictionary,
            false,
        ),
    ];
    for (what, change, problem, whole) in cases {
        let mut maker = signed();
        change(&mut maker);
        let document = maker.open();
        let found = document.signatures();
        let odd = found.iter().find(|signature| signature.problems.contains(&problem));
        let odd = odd.unwrap_or_else(|| panic!("{what}: {found:?}"));
        assert_eq!(odd.coverage.whole_revision, whole, "{what}: {odd:?}");
        assert_eq!(document.later_changes(odd), LaterChanges::Unknown, "{what}");
        let genuine = found
            .iter()
            .any(|signature| signature.coverage.whole_revision && signature.revision == 2);
        assert!(genuine, "{what}: {found:?}");
    }
}

/// A later update makes a field point to a signature-like object that an earlier revision holds but does not use.
#[test]
fn a_signature_that_its_revision_does_not_know() {
    let mut maker = form();
    let hole = "0".repeat(64);
    let sleeper = format!(
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 0000000000 0000000000 0000000000]/Contents<{hole}>>>"
    );
    let offset = maker.revision(&[(20, &sleeper)])[0];
    maker.set_range(offset);
    maker.revision(&[(4, "<</FT/Sig/T(S)/V 20 0 R>>")]);
    let signature = only(&maker);
    assert_eq!(signature.problems, [SignatureProblem::NotInItsRevision]);
    assert_eq!(signature.coverage.problems, [CoverageProblem::NotInItsRevision]);
}

/// The ranges end at a marker that is only a comment in the middle of the revision.
#[test]
fn a_marker_before_the_end_of_the_revision() {
    let mut maker = form();
    let before = maker.bytes.len();
    maker.sign(5, 4, "S", "");
    let offset = before + find(&maker.bytes[before..], b"5 0 obj");
    let tail_at = before + find(&maker.bytes[before..], b"startxref");
    let tail = maker.bytes.split_off(tail_at);
    maker.bytes.extend(b"%%EOF\n");
    maker.set_range(offset);
    maker.bytes.extend(b"30 0 obj\n(not covered)\nendobj\n");
    maker.bytes.extend(tail);
    let signature = only(&maker);
    assert!(!signature.coverage.whole_revision, "{signature:?}");
    assert!(!signature.covers_whole_file);
}

/// Objects can be put where an old table already points, with nothing but the old startxref said again.
#[test]
fn bytes_without_a_revision_of_their_own() {
    let mut maker = signed();
    let start = String::from_utf8_lossy(&maker.bytes)
        .rsplit("startxref\n")
        .next()
        .map(str::to_owned)
        .unwrap();
    maker
        .bytes
        .extend(format!("30 0 obj\n(new)\nendobj\nstartxref\n{start}").bytes());
    let signature = only(&maker);
    assert!(
        signature.coverage.whole_revision && !signature.covers_whole_file,
        "{signature:?}"
    );
    let document = maker.open();
    assert_eq!(document.later_changes(&signature), LaterChanges::Unknown);
    let review = document.review(&crate::review::ReviewLimits::first_reader());
    let codes: Vec<_> = review.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["changed-after-signature", "content-after-eof"]);
}

/// In an object stream no range can spare the /Contents.
#[test]
fn a_signature_in_an_object_stream() {
    let mut maker = form();
    let packed =
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 100 200 300]/Contents<00>>>";
    let stream = format!(
        "<</Type/ObjStm/N 1/First 4/Length {}>>stream\n5 0 {packed}\nendstream",
        packed.len() + 4
    );
    let offsets = maker.revision(&[(6, &stream), (4, "<</FT/Sig/T(S)/V 5 0 R>>")]);
    // The newest section becomes a cross-reference stream that says where object 5 is.
    let prev = find(&maker.bytes, b"xref\n0 1");
    let cut = offsets[1] + find(&maker.bytes[offsets[1]..], b"xref\n");
    maker.bytes.truncate(cut);
    let mut rows = Vec::new();
    for (kind, second, third) in [(1, offsets[1], 0), (2, 6, 0), (1, offsets[0], 0), (1, cut, 0)] {
        rows.push(u8::try_from(kind).unwrap());
        rows.extend(u32::try_from(second).unwrap().to_be_bytes());
        rows.push(third);
    }
    maker.bytes.extend(
        format!(
            "7 0 obj\n<</Type/XRef/Size 10/Index[4 4]/W[1 4 1]/Root 1 0 R/Prev {prev}/Length {}>>stream\n",
            rows.len()
        )
        .bytes(),
    );
    maker.bytes.extend(rows);
    maker
        .bytes
        .extend(format!("\nendstream\nendobj\nstartxref\n{cut}\n%%EOF\n").bytes());
    let signature = only(&maker);
    assert_eq!(signature.field, "S");
    assert_eq!(signature.sub_filter, "ETSI.CAdES.detached");
    assert!(signature.coverage.problems.contains(&CoverageProblem::InObjectStream));
}

#[test]
fn fields_in_a_tree() {
    let mut maker = Maker::page(
        "/AcroForm<</Fields[4 0 R]>>",
        "/Annots[6 0 R]",
        &[
            (4, "<</FT/Sig/T(a)/Kids[5 0 R]>>"),
            (5, "<</T(b)/Parent 4 0 R/Kids[6 0 R 4 0 R 5 0 R]>>"),
            (6, "<</Subtype/Widget/Parent 5 0 R>>"),
        ],
    );
    maker.sign(7, 8, "unused", "");
    maker.revision(&[(5, "<</T(b)/Parent 4 0 R/V 7 0 R/Kids[6 0 R]>>")]);
    let found = maker.open().signatures();
    let tree = found.iter().find(|signature| signature.field == "a.b").unwrap();
    assert_eq!(tree.page, Some(1));
    assert!(tree.problems.contains(&SignatureProblem::NotInItsRevision));
}

#[test]
fn unsigned_files_have_no_signatures() {
    assert_eq!(form().open().signatures(), []);
    assert_eq!(Maker::page("", "", &[]).open().signatures(), []);
    let null = Maker::page(
        "/AcroForm<</Fields[4 0 R 6 0 R]>>",
        "",
        &[
            (4, "<</FT/Sig/T(S)/V null>>"),
            (6, "<</FT/Sig/T(T)/V 7 0 R>>"),
            (7, "null"),
        ],
    );
    assert_eq!(null.open().signatures(), []);
}

/// A signature that nothing leads to is found wherever it lies; what only looks like one is none.
#[test]
fn what_nothing_leads_to() {
    use crate::sample::{KINDS, Kind, contract};
    let dict = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Contents<3000>/ByteRange[0 10 20 30]>>";
    let stream = format!("<</Length {}>>\nstream\n{dict}\nendstream", dict.len());
    let nested = format!("<</Old[1 [2] {dict}]>>");
    let text = "<</Title(/ByteRange [0 10 20 30])>>";
    let cases = [
        ("an object that nothing names", dict, 1, true),
        ("inside an array of another object", nested.as_str(), 1, true),
        ("the data of a stream", stream.as_str(), 0, false),
        ("a text that speaks of it", text, 0, true),
        ("a ByteRange of something else", "<</ByteRange[0 10 20 30]>>", 0, true),
    ];
    for kind in KINDS {
        for (what, body, expected, in_a_container) in cases {
            // Streams are never in object streams, and there only objects themselves are looked at.
            if kind != Kind::Classic && (!in_a_container || what.contains("array")) {
                continue;
            }
            let file = contract("", "", &[(9, body)], kind);
            let document = crate::open(crate::PdfBytes::from(std::sync::Arc::new(file))).unwrap();
            let survey = document.survey_signatures();
            assert_eq!(survey.signatures, [], "{what}, {kind:?}");
            assert_eq!(survey.unreachable.len(), expected, "{what}, {kind:?}");
            assert_eq!(survey.cuts, [], "{what}, {kind:?}");
            for found in survey.unreachable {
                assert_eq!(found.problems, [SignatureProblem::NotInCurrentRevision], "{what}");
                assert!(!found.coverage.whole_revision && !found.covers_whole_file, "{what}");
                assert_eq!(found.contents, [0x30, 0]);
            }
        }
    }
    // One that the document leads to is not told twice; behind an older startxref it is told.
    let maker = signed();
    let survey = maker.open().survey_signatures();
    assert_eq!((survey.signatures.len(), survey.unreachable.len()), (1, 0));
    let start = find(&maker.bytes, b"startxref\n") + b"startxref\n".len();
    let older: String = maker.bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .map(|&byte| char::from(byte))
        .collect();
    let mut hidden = maker.bytes.clone();
    hidden.extend(format!("startxref\n{older}\n%%EOF\n").bytes());
    let document = crate::open(crate::PdfBytes::from(std::sync::Arc::new(hidden))).unwrap();
    let survey = document.survey_signatures();
    assert_eq!((survey.signatures.len(), survey.unreachable.len()), (0, 1));
    let [found] = survey.unreachable.as_slice() else {
        panic!()
    };
    assert_eq!(found.coverage.problems, [CoverageProblem::NotInItsRevision]);
}
