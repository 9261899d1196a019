//! Signing small files of every kind; each result is read again and held against what must be true of any signed file.

use super::*;
use crate::open;
use crate::request::{Appearance, DocMdp, Measured, SubFilter};
use crate::sample::{KINDS, Kind, contract};
use crate::{FieldLock, SectionKind};

fn request() -> SignatureRequest {
    SignatureRequest {
        field: None,
        new_field_name: None,
        sub_filter: SubFilter::EtsiCadesDetached,
        certify: None,
        lock: None,
        visible: None,
        reason: Some("/ByteRange [ /Contents < (".to_owned()),
        location: Some("上海".to_owned()),
        name: None,
        contact: None,
        claimed_time: "2026-11-24T10:00:00Z".parse().unwrap(),
        contents_capacity: 64,
    }
}

fn seen(page: u32, rect: [f64; 4]) -> Option<Appearance> {
    Some(Appearance {
        page,
        rect,
        measured: Measured::AsSeen,
        png: None,
        lines: Vec::new(),
        fonts: Vec::new(),
    })
}

/// Signs, and holds the result against everything that must be true of any signed file.
fn sign(file: &[u8], request: &SignatureRequest) -> Vec<u8> {
    let before = open(file.to_vec()).unwrap();
    let mut appendix = before.prepare(request).unwrap();
    assert_eq!(before.refusals(request), []);
    assert_eq!(before.prepare(request).unwrap(), appendix, "the same bytes every time");
    appendix.fill(&[0x30, 0x01, 0x42]).unwrap();
    let signed = [file, &appendix.tail].concat();
    let [start, length, resume, rest] = appendix.byte_range.map(|number| usize::try_from(number).unwrap());
    assert_eq!(
        (start, resume + rest),
        (0, signed.len()),
        "the byte range covers all of the file"
    );
    assert_eq!(
        signed[length..resume],
        *format!("<{:0<128}>", "300142").as_bytes(),
        "and leaves out /Contents alone"
    );
    let (one, two) = appendix.signed_tail_parts();
    assert_eq!([file, one].concat(), signed[..length]);
    assert_eq!(two, &signed[resume..]);

    let after = open(signed.clone()).unwrap();
    assert_eq!(after.page_count(), before.page_count());
    let field = after
        .fields()
        .into_iter()
        .find(|field| field.name == appendix.field)
        .unwrap();
    assert!(field.signed && field.page == Some(1));
    // A missing end of line after the old end-of-file marker is added, and counts as the old revision's.
    let mut ends = before.revisions_end();
    *ends.last_mut().unwrap() += u64::from(!file.ends_with(b"\n"));
    assert_eq!(after.revisions_end().split_last().unwrap().1, ends);
    assert_eq!(after.revisions_end().last(), Some(&after.size()));
    let (old, new) = (before.xref().newest().unwrap(), after.xref().newest().unwrap());
    let kind = if old.kind() == SectionKind::Stream {
        SectionKind::Stream
    } else {
        SectionKind::Table
    };
    assert_eq!((new.kind(), new.prev()), (kind, Some(before.xref().start())));
    assert!(after.xref().size() > before.xref().size());
    signed
}

fn codes(file: &[u8], request: &SignatureRequest) -> Vec<&'static str> {
    let document = open(file.to_vec()).unwrap();
    let codes: Vec<_> = document.refusals(request).iter().map(Refusal::code).collect();
    assert_eq!(
        document.prepare(request).err().map(|refusal| refusal.code()),
        codes.first().copied()
    );
    codes
}

const FIELD: (u32, &str) = (
    5,
    "<< /FT /Sig /T (Sig1) /Type /Annot /Subtype /Widget /Rect [10 10 110 60] /F 4 /P 3 0 R >>",
);

#[test]
fn every_shape_of_form_and_annotations_is_signed_in_every_kind_of_file() {
    for kind in KINDS {
        for (catalog, page, more) in [
            ("", "", &[][..]),
            ("/AcroForm null", "/Annots null", &[]),
            ("/AcroForm 99 0 R", "/Annots 99 0 R", &[]),
            ("/AcroForm << /Fields [] >>", "/Annots[]", &[]),
            (
                "/AcroForm << /Fields [5 0 R] /DA (/Helv 0 Tf) >>",
                "/Annots[5 0 R]",
                &[FIELD],
            ),
            (
                "/AcroForm 6 0 R",
                "/Annots 8 0 R",
                &[
                    FIELD,
                    (6, "<</Fields 7 0 R/SigFlags 1>>"),
                    (7, "[5 0 R]"),
                    (8, "[ 5 0 R ]"),
                ],
            ),
            ("/AcroForm<</Fields 7 0 R>>", "/Annots[5 0 R]", &[FIELD, (7, "[5 0 R]")]),
        ] {
            let once = sign(&contract(catalog, page, more, kind), &request());
            let text = String::from_utf8_lossy(&once);
            let document = open(once.clone()).unwrap();
            let form = document
                .catalog()
                .unwrap()
                .get::<hayro_syntax::object::Dict<'_>>("AcroForm")
                .unwrap();
            assert_eq!(form.get::<u32>("SigFlags"), Some(3), "{catalog}");
            assert!(!catalog.contains("/DA") || text.matches("/DA (/Helv 0 Tf)").count() >= 1);
            if !more.is_empty() {
                sign(
                    &once,
                    &SignatureRequest {
                        field: Some("Sig1".to_owned()),
                        visible: seen(9, [0.0; 4]),
                        ..request()
                    },
                );
            }
        }
    }
}

#[test]
fn five_signatures_in_a_row_keep_each_other() {
    for kind in KINDS {
        let mut file = contract("", "", &[], kind);
        for number in 1..=5 {
            file = sign(&file, &request());
            let names: Vec<String> = open(file.clone())
                .unwrap()
                .fields()
                .into_iter()
                .map(|field| field.name)
                .collect();
            assert_eq!(names.len(), number);
            assert_eq!(names.last(), Some(&format!("Signature{number}")));
        }
    }
}

#[test]
fn a_field_with_its_widget_apart_gets_value_and_appearance_where_each_belongs() {
    let more = [
        (5, "<< /FT /Sig /T (Group) /Kids [6 0 R] >>"),
        (6, "<< /T (Sig) /Parent 5 0 R /Kids [7 0 R] >>"),
        (7, "<< /Parent 6 0 R /Subtype /Widget /Rect [10 10 110 60] /F 4 >>"),
    ];
    let file = contract(
        "/AcroForm << /Fields [5 0 R] >>",
        "/Annots[7 0 R]",
        &more,
        Kind::Classic,
    );
    let wanted = SignatureRequest {
        field: Some("Group.Sig".to_owned()),
        visible: seen(1, [0.0; 4]),
        ..request()
    };
    let signed = sign(&file, &wanted);
    let document = open(signed).unwrap();
    assert!(document.object(6).unwrap().contains_key("V") && !document.object(6).unwrap().contains_key("AP"));
    assert!(document.object(7).unwrap().contains_key("AP") && !document.object(7).unwrap().contains_key("V"));
    for name in ["Group", "Nope", "Group.Sig.x"] {
        let code = codes(
            &file,
            &SignatureRequest {
                field: Some(name.to_owned()),
                ..request()
            },
        );
        assert_eq!(
            code,
            [if name == "Group" {
                "field-not-signature"
            } else {
                "field-missing"
            }],
            "{name}"
        );
    }
}

#[test]
fn a_certification_and_its_locks_bind_those_who_come_after() {
    let form = "/AcroForm << /Fields [5 0 R] >>";
    let file = contract(form, "/Annots[5 0 R]", &[FIELD], Kind::Packed);
    let field = |name: &str| SignatureRequest {
        field: Some(name.to_owned()),
        ..request()
    };
    let certify = |permission| SignatureRequest {
        certify: Some(permission),
        ..request()
    };
    let lock = |lock| SignatureRequest {
        lock: Some(lock),
        ..request()
    };
    let names = || vec!["Sig1".to_owned()];
    let visible = SignatureRequest {
        visible: seen(1, [10.0, 10.0, 50.0, 20.0]),
        ..request()
    };
    let stamp = SignatureRequest {
        sub_filter: SubFilter::EtsiRfc3161,
        ..request()
    };
    for (first, second, expected) in [
        (certify(DocMdp::NoChanges), field("Sig1"), &["docmdp-forbids"][..]),
        (certify(DocMdp::NoChanges), request(), &["docmdp-forbids"]),
        (certify(DocMdp::NoChanges), stamp.clone(), &[]),
        (certify(DocMdp::FormFilling), field("Sig1"), &[]),
        (certify(DocMdp::FormFilling), request(), &[]),
        (certify(DocMdp::FormFilling), visible.clone(), &["docmdp-forbids"]),
        (
            certify(DocMdp::Annotations),
            certify(DocMdp::Annotations),
            &["already-certified"],
        ),
        (request(), certify(DocMdp::FormFilling), &["certify-not-first"]),
        (request(), visible, &[]),
        (lock(FieldLock::All), field("Sig1"), &["field-locked"]),
        (lock(FieldLock::All), stamp, &[]),
        (lock(FieldLock::Include(names())), field("Sig1"), &["field-locked"]),
        (lock(FieldLock::Include(names())), request(), &[]),
        (lock(FieldLock::Exclude(names())), field("Sig1"), &[]),
        (lock(FieldLock::Exclude(names())), request(), &["field-locked"]),
        (field("Sig1"), field("Sig1"), &["field-already-signed"]),
    ] {
        let signed = sign(&file, &first);
        if expected.is_empty() {
            sign(&signed, &second);
        } else {
            assert_eq!(codes(&signed, &second), expected, "{first:?} then {second:?}");
        }
    }
}

#[test]
fn a_lock_that_the_field_asks_for_is_set_and_obeyed() {
    let locking = (
        5,
        "<< /FT /Sig /T (Sig1) /Subtype /Widget /Rect [0 0 0 0] /Lock << /Action /All /P 1 >> >>",
    );
    let file = contract(
        "/AcroForm << /Fields [5 0 R] >>",
        "/Annots[5 0 R]",
        &[locking],
        Kind::Classic,
    );
    let signed = sign(
        &file,
        &SignatureRequest {
            field: Some("Sig1".to_owned()),
            ..request()
        },
    );
    assert!(String::from_utf8_lossy(&signed).contains("/FieldMDP"));
    assert_eq!(codes(&signed, &request()), ["docmdp-forbids", "field-locked"]);
    let other = SignatureRequest {
        field: Some("Sig1".to_owned()),
        lock: Some(FieldLock::Include(vec![])),
        ..request()
    };
    assert_eq!(codes(&file, &other), ["unsupported"]);
}

#[test]
fn what_cannot_be_signed_is_refused_with_its_reason() {
    let twice = [
        FIELD,
        (6, "<< /FT /Sig /T (Sig1) >>"),
        (7, "<< /FT /Tx /T (Text) /Subtype /Widget >>"),
    ];
    let form = "/AcroForm << /Fields [5 0 R 6 0 R 7 0 R] >>";
    let field = |name: &str| SignatureRequest {
        field: Some(name.to_owned()),
        ..request()
    };
    let at = |page, rect| SignatureRequest {
        visible: seen(page, rect),
        ..request()
    };
    for (catalog, page, wanted, expected) in [
        (form, "", field("Sig1"), &["duplicate-field-name"][..]),
        (form, "", field("Text"), &["field-not-signature"]),
        (form, "", field("Sig2"), &["field-missing"]),
        (
            form,
            "",
            SignatureRequest {
                new_field_name: Some("Text".to_owned()),
                ..request()
            },
            &["duplicate-field-name"],
        ),
        (
            form,
            "",
            SignatureRequest {
                new_field_name: Some("a.b".to_owned()),
                ..request()
            },
            &["unsupported"],
        ),
        ("", "", at(2, [0.0, 0.0, 50.0, 20.0]), &["page-missing"]),
        ("", "", at(0, [0.0, 0.0, 50.0, 20.0]), &["page-missing"]),
        ("", "", at(1, [280.0, 0.0, 50.0, 20.0]), &["placement-outside-page"]),
        (
            "",
            "",
            SignatureRequest {
                contents_capacity: 0,
                ..request()
            },
            &["unsupported"],
        ),
        (
            "",
            "",
            SignatureRequest {
                contents_capacity: usize::MAX,
                ..request()
            },
            &["unsupported"],
        ),
        ("", "/Annots 5", request(), &["unsupported"]),
        ("", "/X 1/X 2/Annots[]/Annots[]", request(), &["unsupported"]),
        ("/AcroForm 7", "", request(), &["unsupported"]),
    ] {
        assert_eq!(
            codes(&contract(catalog, page, &twice, Kind::Classic), &wanted),
            expected,
            "{catalog} {page} {wanted:?}"
        );
    }
    let mut png = SignatureRequest {
        visible: seen(1, [0.0, 0.0, 50.0, 20.0]),
        ..request()
    };
    png.visible.as_mut().unwrap().png = Some(b"GIF89a".to_vec());
    assert_eq!(codes(&contract("", "", &[], Kind::Classic), &png), ["png-unusable"]);
    // A typeface that is none never stops a signature.
    let font = png.visible.as_mut().unwrap();
    (font.png, font.fonts, font.lines) = (None, vec![vec![0; 64].into()], vec!["x".to_owned()]);
    assert!(codes(&contract("", "", &[], Kind::Classic), &png).is_empty());
}

#[test]
fn generations_and_the_first_half_of_the_id_are_kept() {
    let file = String::from_utf8_lossy(&contract("", "", &[], Kind::Classic)[15..]).replace("3 0 obj", "3 7 obj");
    // The header's binary comment is left out above; offsets are put right by padding.
    let file = format!("%PDF-1.7\n%aaaa\n{}", file.replace("[3 0 R]", "[3 7 R]"));
    let place = file.find("3 7 obj").unwrap();
    let file = file.replace(&format!("{place:010} 00000 n"), &format!("{place:010} 00007 n"));
    let signed = sign(file.as_bytes(), &request());
    let text = String::from_utf8_lossy(&signed);
    assert!(text.contains("\n3 7 obj\n") && text.contains("/P 3 7 R") && text.contains(" 00007 n \n"));
    let (old, new) = text.rsplit_once("/ID [<0102> <").unwrap();
    assert!(old.contains("/ID [<0102> <0304>]") && !new.starts_with("0304"));
}

#[test]
fn a_request_and_an_appendix_survive_being_written_down() {
    let mut wanted = SignatureRequest {
        certify: Some(DocMdp::FormFilling),
        lock: Some(FieldLock::All),
        ..request()
    };
    wanted.visible = seen(1, [1.0, 2.0, 30.0, 40.0]);
    wanted.visible.as_mut().unwrap().png = Some(vec![1, 2, 255]);
    let written = serde_json::to_string(&wanted).unwrap();
    assert!(
        written.contains("\"certify\":2") && written.contains("\"0102ff\"") && written.contains("ETSI.CAdES.detached")
    );
    assert_eq!(serde_json::from_str::<SignatureRequest>(&written).unwrap(), wanted);
    assert!(serde_json::from_str::<SignatureRequest>(&written.replace("\"certify\":2", "\"certify\":4")).is_err());
    let document = open(contract("", "", &[], Kind::Classic)).unwrap();
    let appendix = document.prepare(&request()).unwrap();
    assert_eq!(
        serde_json::from_str::<Appendix>(&serde_json::to_string(&appendix).unwrap()).unwrap(),
        appendix
    );
}

#[test]
fn a_reference_of_another_generation_is_to_nothing() {
    let file = contract(
        "/AcroForm 5 3 R",
        "/Annots 6 3 R",
        &[(5, "<</Fields[]>>"), (6, "[]")],
        Kind::Classic,
    );
    let document = open(sign(&file, &request())).unwrap();
    assert!(
        !document.object(5).unwrap().contains_key("SigFlags"),
        "what nobody refers to stays as it is"
    );
}

#[test]
fn a_signature_that_cannot_be_read_is_not_taken_for_none() {
    let field = (5, "<< /FT /Sig /T (Sig1) /V 6 0 R >>");
    let file = contract(
        "/AcroForm << /Fields [5 0 R] >>",
        "",
        &[field, (6, "<< /Type /Sig >>")],
        Kind::Classic,
    );
    let text = String::from_utf8_lossy(&file).replace("6 0 obj\n<< /Type /Sig >>", "7 0 obj\n<< /Type /Sig >>");
    let damaged = [&file[..15], &text.as_bytes()[text.find("1 0 obj").unwrap()..]].concat();
    assert_eq!(damaged.len(), file.len());
    assert_eq!(codes(&damaged, &request()), ["damaged-xref"]);
    sign(&file, &request());
}
