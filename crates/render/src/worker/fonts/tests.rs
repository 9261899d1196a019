//! Which typeface stands in for which.

use std::sync::Arc;

use hayro::hayro_interpret::font::{FallbackFontQuery, FontQuery};
use hayro::hayro_interpret::hayro_cmap::{CharacterCollection, CidFamily};

use super::*;

/// Folders with empty files of these names, which is enough to be found; and with one octet, to be mapped.
fn machine(files: &[&str]) -> (tempfile::TempDir, Fonts) {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("opentype/noto");
    std::fs::create_dir_all(&deep).unwrap();
    for file in files {
        std::fs::write(deep.join(file), b"x").unwrap();
    }
    let fonts = Fonts::find_in([folder.path().join("none"), folder.path().to_owned()].into_iter());
    (folder, fonts)
}

fn query(name: &str, family: CidFamily) -> FallbackFontQuery {
    FallbackFontQuery {
        post_script_name: Some(name.to_owned()),
        character_collection: Some(CharacterCollection { family, supplement: 0 }),
        ..FallbackFontQuery::default()
    }
}

/// The files of a machine, what a document wants, and the file and place in it that it gets.
type Case<'a> = (&'a [&'a str], &'a str, CidFamily, Option<(&'a str, u32)>);

#[test]
fn style_and_region_choose_the_typeface() {
    let all = [
        "NotoSansCJK-Regular.ttc",
        "NotoSansCJK-Bold.ttc",
        "NotoSerifCJK-Regular.ttc",
        "NotoSerifCJK-Bold.ttc",
        "Other.ttf",
    ];
    let few = ["wqy-microhei.ttc", "Other.ttf"];
    let cases: [Case<'_>; 10] = [
        (
            &all,
            "STSong-Light",
            CidFamily::AdobeGB1,
            Some(("NotoSerifCJK-Regular.ttc", 2)),
        ),
        (
            &all,
            "SimHei",
            CidFamily::AdobeGB1,
            Some(("NotoSansCJK-Regular.ttc", 2)),
        ),
        (
            &all,
            "SimSun,Bold",
            CidFamily::AdobeGB1,
            Some(("NotoSerifCJK-Bold.ttc", 2)),
        ),
        (
            &all,
            "MSung",
            CidFamily::AdobeCNS1,
            Some(("NotoSerifCJK-Regular.ttc", 3)),
        ),
        (
            &all,
            "KozGoPro",
            CidFamily::AdobeJapan1,
            Some(("NotoSansCJK-Regular.ttc", 0)),
        ),
        (
            &all,
            "HYGoThic",
            CidFamily::AdobeKorea1,
            Some(("NotoSansCJK-Regular.ttc", 1)),
        ),
        (&few, "STSong-Light", CidFamily::AdobeGB1, Some(("wqy-microhei.ttc", 0))),
        (
            &["Other.ttf"],
            "STSong-Light",
            CidFamily::AdobeGB1,
            Some((countersign_typeface::NAME, 0)),
        ),
        (
            &[],
            "MSung",
            CidFamily::AdobeCNS1,
            Some((countersign_typeface::NAME, 0)),
        ),
        (&[], "HYGoThic", CidFamily::AdobeKorea1, None),
    ];
    for (files, name, family, expected) in cases {
        let (_folder, fonts) = machine(files);
        let found = fonts
            .composite(&query(name, family))
            .map(|(_, index, file)| (file, index));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_machine_without_the_characters_is_told() {
    let (_folder, fonts) = machine(&[]);
    let notes = Notes::default();
    let asked = FontQuery::Fallback(query("HYGo\u{7}Thic", CidFamily::AdobeKorea1));
    assert!(Arc::new(fonts).resolve(&asked, &notes).is_some());
    let (warnings, fonts) = notes.all();
    assert_eq!(warnings, [Warning::NoCjkFont]);
    let used = FallbackFont {
        wanted: Some("HYGo\u{fffd}Thic".into()),
        used: "Helvetica".into(),
    };
    assert_eq!(fonts, [used]);
}
