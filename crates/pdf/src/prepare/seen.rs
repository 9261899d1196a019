//! Tests: where a visible signature is seen, on files with several pages, widgets and shared arrays.

use std::collections::HashSet;

use hayro_syntax::object::{Array, Dict, Rect};

use super::*;
use crate::open;
use crate::request::{Appearance, Measured, SubFilter};
use crate::sample::{KINDS, Kind, file};

fn request(field: Option<&str>) -> SignatureRequest {
    SignatureRequest {
        field: field.map(str::to_owned),
        new_field_name: None,
        sub_filter: SubFilter::EtsiCadesDetached,
        certify: None,
        lock: None,
        visible: Some(Appearance {
            page: 1,
            rect: [100.0, 100.0, 200.0, 60.0],
            measured: Measured::AsSeen,
            png: None,
            lines: Vec::new(),
            fonts: Vec::new(),
        }),
        reason: None,
        location: None,
        name: None,
        contact: None,
        claimed_time: "2026-11-24T10:00:00Z".parse().unwrap(),
        contents_capacity: 64,
    }
}

/// Two pages (objects 3 and 4) with these entries, a form, and what else is given.
fn two_pages(kind: Kind, pages: [&str; 2], form: &str, more: &[(u32, &str)]) -> Vec<u8> {
    let page = |entries: &str| format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Resources<<>>{entries}>>");
    let [first, second] = pages.map(page);
    let catalog = format!("<< /Type /Catalog /Pages 2 0 R {form} >>");
    let mut objects = vec![
        (1, catalog.as_str()),
        (2, "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>"),
        (3, first.as_str()),
        (4, second.as_str()),
    ];
    objects.extend_from_slice(more);
    file(kind, &objects)
}

fn signed(file: &[u8], request: &SignatureRequest) -> Document {
    let document = open(file.to_vec()).unwrap();
    let mut appendix = document.prepare(request).unwrap();
    appendix.fill(&[0x30, 0x00]).unwrap();
    open([file, &appendix.tail].concat()).unwrap()
}

/// The annotations of both pages.
fn annotations(document: &Document) -> [Vec<u32>; 2] {
    [0, 1].map(|page| {
        let array = document.pdf().pages()[page].raw().get::<Array<'_>>("Annots");
        let items = array.iter().flat_map(|array| array.raw_iter());
        items.filter_map(|item| Some(item.as_obj_ref()?.obj_number)).collect()
    })
}

/// The quarter turns of an object's appearance; none without one.
fn turns(document: &Document, widget: u32) -> Option<usize> {
    let form = document
        .object(widget)
        .unwrap()
        .get::<Dict<'_>>("AP")?
        .get::<hayro_syntax::object::Stream<'_>>("N")?;
    let matrix: Vec<f32> = form.dict().get::<Array<'_>>("Matrix").unwrap().iter().collect();
    let known = [
        [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        [0.0, 1.0, -1.0, 0.0, 0.0, 0.0],
        [-1.0, 0.0, 0.0, -1.0, 0.0, 0.0],
        [0.0, -1.0, 1.0, 0.0, 0.0, 0.0],
    ];
    let bbox = form.dict().get::<Rect>("BBox").unwrap();
    let rect = document.widget_rect(widget).unwrap();
    let found = known.iter().position(|known| *known == matrix[..]).unwrap();
    let size = [rect[2] - rect[0], rect[3] - rect[1]];
    let size = if found % 2 == 1 { [size[1], size[0]] } else { size };
    assert_eq!(
        [bbox.width(), bbox.height()],
        size,
        "the appearance fills its rectangle"
    );
    Some(found)
}

#[test]
fn a_new_signature_is_on_its_own_page_only() {
    const LINK: (u32, &str) = (6, "<< /Type /Annot /Subtype /Link /Rect [1 1 9 9] >>");
    const FORM: &str = "/AcroForm << /Fields [] >>";
    for kind in KINDS {
        for (pages, form, more, before) in [
            (["/Annots 5 0 R"; 2], FORM, &[(5, "[]"), LINK][..], &[][..]),
            (["/Annots 5 0 R"; 2], FORM, &[(5, "[6 0 R]"), LINK], &[6]),
            (["/Annots 5 0 R", "/Annots null"], FORM, &[(5, "[6 0 R]"), LINK], &[6]),
            (["/Annots 5 0 R", ""], FORM, &[(5, "null")], &[]),
            (["/Annots null", "/Annots 5 0 R"], FORM, &[(5, "[6 0 R]"), LINK], &[]),
            // The form's fields and the page's annotations in one array.
            (
                ["/Annots 5 0 R", "/Annots 5 0 R"],
                "/AcroForm << /Fields 5 0 R >>",
                &[(5, "[]")],
                &[],
            ),
        ] {
            let file = two_pages(kind, pages, form, more);
            let untouched = annotations(&open(file.clone()).unwrap())[1].clone();
            let document = signed(&file, &request(None));
            let fields = document.fields();
            let [field] = fields.as_slice() else {
                panic!("{fields:?}")
            };
            assert_eq!((field.page, field.signed), (Some(1), true), "{pages:?}");
            let [first, second] = annotations(&document);
            assert_eq!(first, [before, &[field.object]].concat(), "{pages:?} {kind:?}");
            // Where the form's list is the other page's array, the field stands in it, as all fields did.
            let listed = form.contains("5 0 R").then_some(field.object);
            assert_eq!(
                second,
                untouched.into_iter().chain(listed).collect::<Vec<_>>(),
                "{pages:?}"
            );
        }
    }
}

#[test]
fn a_prepared_field_stands_upright_by_the_rotation_of_its_own_page() {
    const FIRST: &str = "<< /FT /Sig /T (A) /Subtype /Widget /Rect [100 100 300 160] /P 3 0 R >>";
    const SECOND: &str = "<< /FT /Sig /T (B) /Subtype /Widget /Rect [100 100 300 160] /P 4 0 R >>";
    let form = "/AcroForm << /Fields [5 0 R 6 0 R] >>";
    for (rotate, expected) in [
        ("", 0),
        ("/Rotate 0", 0),
        ("/Rotate 90", 1),
        ("/Rotate 180", 2),
        ("/Rotate 270", 3),
        ("/Rotate -90", 3),
        ("/Rotate 450", 1),
    ] {
        let pages = [format!("{rotate}/Annots[5 0 R]"), "/Annots [6 0 R]".to_owned()];
        let file = two_pages(Kind::Classic, [&pages[0], &pages[1]], form, &[(5, FIRST), (6, SECOND)]);
        for (name, widget, expected, page) in [("A", 5, expected, 1), ("B", 6, 0, 2)] {
            let document = signed(&file, &request(Some(name)));
            assert_eq!(turns(&document, widget), Some(expected), "{rotate} {name}");
            let field = document.fields().into_iter().find(|field| field.signed).unwrap();
            assert_eq!((field.name.as_str(), field.page), (name, Some(page)), "{rotate}");
        }
    }
}

#[test]
fn every_widget_of_a_field_that_can_be_seen_gets_the_appearance() {
    let form = "/AcroForm << /Fields [5 0 R] >>";
    let field = "<< /FT /Sig /T (A) /Kids [6 0 R 7 0 R] >>";
    let widget = "<< /Subtype /Widget /Parent 5 0 R /Rect [100 100 300 160] >>";
    let turned = "<< /Subtype /Widget /Parent 5 0 R /Rect [300 160 100 100] /MK << /R 90 >> >>";
    let nowhere = "<< /Subtype /Widget /Parent 5 0 R /Rect [0 0 0 0] >>";
    let missing = "<< /Subtype /Widget /Parent 5 0 R /Rect [9 9 50 50] /P 77 0 R >>";
    for (kids, annots, expected) in [
        // One on each page; the second page is turned.
        ([widget, turned], ["6 0 R", "7 0 R"], [Some(0), Some(1)]),
        ([nowhere, widget], ["6 0 R", "7 0 R"], [None, Some(1)]),
        ([widget, missing], ["6 0 R", ""], [Some(0), Some(0)]),
        ([widget, widget], ["", "7 0 R 6 0 R"], [Some(1), Some(1)]),
    ] {
        let pages = [
            format!("/Annots[{}]", annots[0]),
            format!("/Rotate 90/Annots[{}]", annots[1]),
        ];
        let more = [(5, field), (6, kids[0]), (7, kids[1])];
        let file = two_pages(Kind::Classic, [&pages[0], &pages[1]], form, &more);
        let document = signed(&file, &request(Some("A")));
        assert_eq!([6, 7].map(|widget| turns(&document, widget)), expected, "{kids:?}");
        assert!(document.object(5).unwrap().contains_key("V"));
    }
    // A widget that both pages name belongs to the page that it names itself.
    let shared = "<< /FT /Sig /T (A) /Subtype /Widget /Rect [100 100 300 160] /P 4 0 R >>";
    let file = two_pages(
        Kind::Classic,
        ["/Annots 7 0 R", "/Rotate 90/Annots 7 0 R"],
        form,
        &[(5, shared), (7, "[5 0 R]")],
    );
    let document = signed(&file, &request(Some("A")));
    assert_eq!(turns(&document, 5), Some(1));
    assert_eq!(document.pages_of(&HashSet::from([5]))[&5], 2);
}

#[test]
fn a_field_without_extent_is_signed_when_nothing_visible_is_asked_for() {
    let form = "/AcroForm << /Fields [5 0 R] >>";
    for rect in ["[0 0 0 0]", "[10 10 110 10]", "[10 10 13 13]"] {
        let field = format!("<< /FT /Sig /T (A) /Subtype /Widget /Rect {rect} >>");
        let file = two_pages(Kind::Classic, ["/Annots[5 0 R]", ""], form, &[(5, &field)]);
        let document = open(file.clone()).unwrap();
        assert!(!document.fields()[0].has_extent());
        let asked = document.refusals(&request(Some("A")));
        assert!(matches!(asked[..], [Refusal::Unsupported { .. }]), "{asked:?}");
        let unseen = SignatureRequest {
            visible: None,
            ..request(Some("A"))
        };
        assert_eq!(turns(&signed(&file, &unseen), 5), None, "{rect}");
    }
}
