//! Whole, damaged and odd chains. Not the objects behind them.

use super::*;
use crate::sample::{KINDS, Kind, contract};
use crate::{OpenError, open};

fn broken(kind: Kind, from: &str, to: &str) -> Vec<u8> {
    let file = contract("", "", &[], kind);
    let place =
        crate::lexer::find_last(&file, from.as_bytes()).unwrap_or_else(|| unreachable!("{from} is in the file"));
    [&file[..place], to.as_bytes(), &file[place + from.len()..]].concat()
}

#[test]
fn every_kind_of_section_is_walked() {
    for (kind, section, sections) in [
        (Kind::Classic, SectionKind::Table, 1),
        (Kind::Hybrid, SectionKind::Hybrid, 1),
        (Kind::Linearized, SectionKind::Table, 2),
        (Kind::Packed, SectionKind::Stream, 1),
    ] {
        let file = contract("", "", &[], kind);
        let document = open(file.clone()).unwrap();
        let xref = document.xref();
        assert_eq!(
            (xref.newest().unwrap().kind(), xref.sections().len()),
            (section, sections),
            "{kind:?}"
        );
        assert_eq!(xref.revisions_end(), [file.len() as u64], "{kind:?} is one revision");
        assert_eq!((xref.root(), document.page_count()), (Some((1, 0)), 1));
        let packed = matches!(xref.lookup(3), Some(Entry::InStream { .. }));
        assert_eq!(packed, matches!(kind, Kind::Hybrid | Kind::Packed));
        assert!(xref.lookup(0).is_none_or(|entry| entry == Entry::Free));
    }
}

#[test]
fn a_damaged_chain_is_refused_even_where_a_reader_would_repair_it() {
    for (kind, from, to, code) in [
        (Kind::Classic, "%PDF-", "%FDP-", "not-a-pdf"),
        (Kind::Classic, "startxref", "startyref", "damaged-xref"),
        (Kind::Classic, "startxref\n", "startxref\n1", "damaged-xref"),
        (Kind::Classic, "%%EOF", "%%EO", "damaged-xref"),
        (Kind::Classic, "%%EOF", "%%EOF\n9 0 obj\n", "damaged-xref"),
        (Kind::Classic, "trailer", "trailor", "damaged-xref"),
        (Kind::Classic, "/Root 1 0 R", "/Root 2 0 R", "damaged-xref"),
        (Kind::Classic, "/Root 1 0 R", "/Roof 1 0 R", "damaged-xref"),
        (Kind::Classic, "/Size 4", "/Size 4 /Prev 1", "damaged-xref"),
        (Kind::Classic, "/Size 4", "/Size 4 /Prev -1", "damaged-xref"),
        (Kind::Classic, "/Size 4", "/Size 4 /Prev 9 0 R", "damaged-xref"),
        (Kind::Classic, "/Size 4", "/Size 4 /XRefStm 9", "damaged-xref"),
        (Kind::Classic, " 00000 n", " 00000 x", "damaged-xref"),
        (Kind::Classic, "3 1\n00", "3 1\n01", "damaged-xref"),
        (Kind::Classic, "3 0 obj", "4 0 obj", "damaged-xref"),
        (Kind::Classic, "/Kids [3 0 R]", "/Kids [2 0 R]", "page-tree-ambiguous"),
        (Kind::Classic, "/Kids [3 0 R]", "/Kidz [3 0 R]", "damaged-pages"),
        (Kind::Packed, "/W [1 4 2]", "/W [1 4 9]", "damaged-xref"),
        (Kind::Packed, "/W [1 4 2]", "/W [0 0 0]", "damaged-xref"),
        (Kind::Packed, "/W [1 4 2]", "/W [2 4 2]", "damaged-xref"),
        (Kind::Packed, "/Index [1 1", "/Index [1 9", "damaged-xref"),
    ] {
        let result = open(broken(kind, from, to));
        assert_eq!(
            result.as_ref().err().map(OpenError::code),
            Some(code),
            "{kind:?}: {from} became {to}"
        );
    }
}

#[test]
fn what_harms_nobody_is_tolerated() {
    for (kind, from, to) in [
        (Kind::Classic, "%%EOF", "%%EOF\r\n\0\0\n<!-- served by a web site -->\n"),
        (Kind::Classic, "%%EOF", "%%EOF   "),
        (Kind::Classic, "/Size 4", "/Size 4 /Prev 0"),
        (Kind::Classic, "startxref\n", "startxref   \r\n"),
        (Kind::Packed, "%%EOF\n", "%%EOF"),
    ] {
        assert!(open(broken(kind, from, to)).is_ok(), "{kind:?}: {from} became {to}");
    }
}

#[test]
fn a_chain_that_bites_its_tail_ends() {
    let file = contract("", "", &[], Kind::Classic);
    let start = crate::lexer::find(&file, b"xref\n").unwrap();
    let looped = broken(Kind::Classic, "/Size 4", &format!("/Size 4 /Prev {start}"));
    assert_eq!(open(looped).err(), Some(OpenError::PrevLoop { offset: start as u64 }));
}

#[test]
fn an_encryption_in_any_section_is_noticed() {
    for kind in KINDS {
        let file = broken(kind, "/Root 1 0 R", "/Root 1 0 R /Encrypt 9 0 R");
        // Longer text moves nothing that comes before the last trailer; the linearized file's first one stays clean.
        let walked = XrefChain::walk(&file, 0);
        assert!(
            walked.is_err() || walked.is_ok_and(|chain| chain.encrypted()),
            "{kind:?}"
        );
    }
}

#[test]
fn bytes_cut_off_anywhere_and_bytes_changed_anywhere_do_not_panic() {
    for kind in KINDS {
        let file = contract("", "", &[], kind);
        for cut in 0..file.len() {
            assert!(
                open(&file[..cut]).is_err() || cut + 2 > file.len(),
                "{kind:?} cut at {cut}"
            );
        }
        for (place, byte) in (0..file.len()).flat_map(|place| [(place, b'9'), (place, b'<'), (place, 0), (place, 0xff)])
        {
            let mut changed = file.clone();
            changed[place] = byte;
            if let Ok(document) = open(changed) {
                let _ = (document.fields(), document.restrictions().is_ok());
            }
        }
    }
}
