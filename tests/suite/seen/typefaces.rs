//! On a machine without any typeface: Chinese is drawn, what cannot be drawn is told, and nothing stops a signature.

use countersign_tests::{
    contracts,
    desk::{Pin, Workshop, program},
    readers::{self, PageView},
    surroundings::without_typefaces,
};

use super::{arguments, cut, files, ink};
use crate::readers::compare;

/// Reasons that stand in the signature, and the characters of each that are told as not drawn.
const REASONS: [(&str, &str); 7] = [
    ("江南信托有限公司", ""),
    ("喆堃珺昇甯淼翀镕 中華人民共和國", ""),
    ("Société Jiāngnán, 2026 ¥", ""),
    ("𠮷野家", "𠮷"),
    ("批准 ☺👍", "☺👍"),
    ("e\u{301}", "\u{301}"),
    ("שלום", "שלום"),
];

#[test]
fn a_signature_is_drawn_without_any_typeface_of_the_machine() {
    let workshop = Workshop::shared();
    let desk = workshop.desk();
    let Some(bare) = without_typefaces(&program(), &desk.work()) else {
        return;
    };
    let field = [("A", 0, "/Rect [100 100 300 180]")];
    let prepared = files::two_pages(["/MediaBox [0 0 595 842]"; 2], &field);
    let new = contracts::classic().bytes;
    for (reason, missing) in REASONS {
        for (bytes, place, page) in [
            (&prepared, ["--field", "A"], 0),
            (&new, ["--visible", "2,100,100,200,80"], 1),
        ] {
            let (from, to) = (desk.put("from.pdf", bytes), desk.work().join("to.pdf"));
            let words = arguments(&desk, &from, &to, &[place[0], place[1], "--reason", reason]);
            let run = desk.run_as(&bare, &words, Pin::File);
            assert_eq!(run.exit, Some(0), "{reason}: {}", run.told());
            let notes = run.json["results"][0]["notes"].as_array().cloned().unwrap_or_default();
            let told: Vec<_> = notes
                .iter()
                .map(|note| (note["code"].as_str(), note["characters"].as_str()))
                .collect();
            let expected = (!missing.is_empty()).then_some((Some("appearance-incomplete"), Some(missing)));
            assert_eq!(told, expected.into_iter().collect::<Vec<_>>(), "{reason}");
            for (name, shown) in readers::OTHERS.iter().zip(readers::others(&to)) {
                let Some(shown) = shown else { continue };
                let drawn = ink(&cut(&shown.unwrap().pages[page], [102, 102, 196, 76]));
                assert!(drawn > 20, "{reason}: {name} shows {drawn} thousandths of ink");
            }
        }
    }
}

#[test]
fn pages_with_chinese_that_is_not_embedded_are_drawn_without_any_typeface_of_the_machine() {
    let desk = Workshop::shared().desk();
    // 江南信托有限公司, in UCS-2.
    let content = "BT /F1 24 Tf 72 700 Td <6C5F 5357 4FE1 6258 6709 9650 516C 53F8> Tj ET";
    let file = desk.put(
        "chinese.pdf",
        &files::file(&[
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
                .to_owned(),
            format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
            "<< /Type /Font /Subtype /Type0 /BaseFont /SimHei /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>".to_owned(),
            "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /SimHei /FontDescriptor 7 0 R /DW 1000 \
             /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>"
                .to_owned(),
            "<< /Type /FontDescriptor /FontName /SimHei /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 880 \
             /Descent -120 /CapHeight 800 /StemV 80 >>"
                .to_owned(),
        ]),
    );
    let Some(shown) = readers::ours_without_typefaces(&file, &desk.work()) else {
        return;
    };
    let page = &shown.unwrap().pages[0];
    assert_eq!(compare::letters(&page.text), "江南信托有限公司");
    // Each character looks different: none is the box for what is missing.
    let characters: Vec<PageView> = (0..8).map(|place| cut(page, [72 + 24 * place, 694, 24, 28])).collect();
    for (place, character) in characters.iter().enumerate() {
        assert!(ink(character) > 60, "{place}: {} thousandths of ink", ink(character));
        let same = characters[..place].iter().any(|other| other.grey == character.grey);
        assert!(!same, "{place} looks like another one");
    }
}
