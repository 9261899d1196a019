//! What is added behind a signed file: incremental saving, shadows, wrapped copies.
//!
//! Not its business: whether an addition is permitted. Until that is judged every addition is `unknown`, and none passes.

use super::{
    Add, Expect, Signed,
    file::{Update, body, byte_range, find, number_after},
    ranges::dictionary,
};

/// Numbers of the contracts that `contracts` makes.
const PAGE: usize = 3;
const CONTENT: usize = 6;
/// A number that no contract of ours uses.
const FREE: usize = 400;

const EVIL: &str = "BT /F1 14 Tf 72 760 Td (The borrower repays ten times as much.) Tj ET";

fn stream(text: &str) -> String {
    format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len())
}

pub(super) fn all(signed: &Signed, add: &mut Add<'_>) {
    let file = &signed.stamped;
    let later = Expect::open("later-changes-not-judged").changed_later();
    let behind = |text: &[u8]| [file.as_slice(), text].concat();
    add("white space behind the file", behind(b"\r\n\n  "), Expect::harmless());
    add(
        "a comment behind the file",
        behind(b"% a comment\n"),
        Expect::open("later-changes-not-judged").intact(),
    );
    add(
        "octets behind the file",
        behind(b"\0\x01\x02"),
        Expect::open("later-changes-not-judged").intact(),
    );
    add(
        "a second %%EOF",
        behind(b"%%EOF\n"),
        Expect::open("later-changes-not-judged").intact(),
    );
    // Its cross-reference leads to the first revision: the file that is shown then has no signature, and one lies in it.
    add(
        "the contract once more behind the file",
        behind(&signed.contract),
        Expect::open("not-in-current-revision").intact(),
    );

    let update = Update::default;
    add("a section without objects", update().after(file), later);
    add(
        "page content written again",
        update().put(CONTENT, stream(EVIL)).after(file),
        later,
    );
    let page = body(file, PAGE);
    add(
        "a page with other content",
        update()
            .put(PAGE, page.replace(&format!("{CONTENT} 0 R"), &format!("{FREE} 0 R")))
            .put(FREE, stream(EVIL))
            .after(file),
        later,
    );
    let note =
        "<< /Type /Annot /Subtype /FreeText /Rect [50 700 500 800] /Contents (ten times as much) /DA (/F1 14 Tf) >>";
    let annotated = page.replacen("/Annots [", &format!("/Annots [{FREE} 0 R "), 1);
    assert_ne!(annotated, page, "the signed page has annotations");
    add(
        "an annotation over the text",
        update().put(PAGE, annotated).put(FREE, note).after(file),
        later,
    );
    let catalog = body(file, 1);
    let other_pages = format!("<< /Type /Pages /Count 1 /Kids [{} 0 R] >>", FREE + 1);
    let other_page = format!(
        "<< /Type /Page /Parent {FREE} 0 R /MediaBox [0 0 595 842] /Contents {} 0 R >>",
        FREE + 2
    );
    let replaced = update()
        .put(1, catalog.replace("/Pages 2 0 R", &format!("/Pages {FREE} 0 R")))
        .put(FREE, other_pages)
        .put(FREE + 1, other_page)
        .put(FREE + 2, stream(EVIL));
    add("another page tree", replaced.after(file), later);
    add(
        "the signature's own objects written again, unchanged",
        update().put(1, catalog.clone()).put(PAGE, page.clone()).after(file),
        later,
    );
    shadows(signed, add);
    hidden(signed, add);
    wrapped(signed, add);
}

/// What is shown changes by a later section that adds next to nothing (shadow attacks).
fn shadows(signed: &Signed, add: &mut Add<'_>) {
    let file = &signed.stamped;
    let later = Expect::open("later-changes-not-judged").changed_later();
    let update = Update::default;
    // Hide: what covered the text is taken away. Here: the second page is taken out of the tree.
    add(
        "hide: a page taken out",
        update().put(2, "<< /Type /Pages /Count 1 /Kids [4 0 R] >>").after(file),
        later,
    );
    // Replace: a font with other shapes under the same text.
    add(
        "replace: another font",
        update()
            .put(8, "<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>")
            .after(file),
        later,
    );
    // Hide and replace: an entry of the cross-reference goes to octets that were signed already.
    if let Some(at) = find(file, b"\n7 0 obj").map(|at| at + 1) {
        add(
            "hide and replace: an entry points to other signed octets",
            update().point(CONTENT, at).after(file),
            Expect::never(),
        );
    }
    // A value shown by the form, with an appearance of its own.
    let catalog = body(file, 1);
    let form = number_after(catalog.as_bytes(), "/AcroForm");
    let text = body(file, form);
    let changed = text.replacen("/Fields [", &format!("/Fields [{FREE} 0 R "), 1);
    let field =
        "<< /FT /Tx /T (Amount due) /V (ten times) /Type /Annot /Subtype /Widget /Rect [72 700 300 720] /P 3 0 R >>";
    add(
        "another form field",
        update().put(form, changed).put(FREE, field).after(file),
        later,
    );
}

/// The signature is made to disappear from what is named.
fn hidden(signed: &Signed, add: &mut Add<'_>) {
    let file = &signed.stamped;
    let update = Update::default;
    let catalog = body(file, 1);
    let form = number_after(catalog.as_bytes(), "/AcroForm");
    let (value, text) = dictionary(file);
    let field = number_after(body(file, form).as_bytes(), "/Fields [");
    let widget = body(file, field);
    let value_entry = format!("/V {value} 0 R");
    assert!(widget.contains(&value_entry), "{widget}");
    let gone = Expect::broken("only-in-earlier-revision");
    add(
        "the field taken out of the form",
        update().put(form, "<< /Fields [] >>").after(file),
        Expect::broken("not-in-form"),
    );
    add(
        "the form taken out of the catalog",
        update().put(1, "<< /Type /Catalog /Pages 2 0 R >>").after(file),
        Expect::broken("not-in-form"),
    );
    add(
        "the field's value taken away",
        update().put(field, widget.replace(&value_entry, "")).after(file),
        gone,
    );
    add(
        "the field's value null",
        update().put(field, widget.replace(&value_entry, "/V null")).after(file),
        gone,
    );
    add(
        "the signature's object null",
        update().put(value, "null").after(file),
        gone,
    );
    add(
        "the field is a text field now",
        update().put(field, widget.replace("/FT /Sig", "/FT /Tx")).after(file),
        Expect::broken("field-type-wrong"),
    );
    add(
        "the field has another name",
        update().put(field, widget.replace("/T (", "/T (Not ")).after(file),
        Expect::broken("renamed"),
    );
    let second = widget.replace("/T (", "/T (Second ");
    let fields = format!("<< /Fields [{field} 0 R {FREE} 0 R] /SigFlags 3 >>");
    add(
        "two fields with one value",
        update().put(form, fields.clone()).put(FREE, second.clone()).after(file),
        Expect::broken("shared"),
    );
    let copied = update()
        .put(form, fields)
        .put(FREE, second.replace(&value_entry, &format!("/V {} 0 R", FREE + 1)))
        .put(FREE + 1, text.clone());
    add(
        "a copy of the signature in another field",
        copied.after(file),
        Expect::uncovered("gap-elsewhere"),
    );
    add(
        "another signer's name in the dictionary",
        update()
            .put(value, text.replacen("/Filter", "/Name (Somebody else) /Filter", 1))
            .after(file),
        Expect::uncovered(""),
    );
    let stripped = text.replacen("/Contents <", "/Contents <00> /Old <", 1);
    add(
        "the dictionary written again with Contents of a zero",
        update().put(value, stripped).after(file),
        Expect::uncovered("cms-unreadable"),
    );
}

/// The signed file is carried inside another one, and its signature named from there (signature wrapping).
fn wrapped(signed: &Signed, add: &mut Add<'_>) {
    let file = &signed.stamped;
    let [_, a, b, c] = byte_range(file);
    let (_, text) = dictionary(file);
    // All of the signed file as a stream; the outer signature dictionary names the octets in there.
    let head = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
    let mut outer = head.to_vec();
    let mut offsets = Vec::new();
    let mut put = |outer: &mut Vec<u8>, number: usize, body: &[u8]| {
        offsets.push((number, outer.len()));
        outer.extend(format!("{number} 0 obj\n").bytes());
        outer.extend(body);
        outer.extend_from_slice(b"\nendobj\n");
    };
    let attachment = [
        format!("<< /Type /EmbeddedFile /Length {} >>\nstream\n", file.len()).as_bytes(),
        file,
        b"\nendstream",
    ]
    .concat();
    put(&mut outer, 10, &attachment);
    let inside = find(&outer, file).expect("it was put there");
    let start = text.find("/ByteRange [").expect("a ByteRange");
    let end = start + text[start..].find(']').expect("its end") + 1;
    let range = format!("/ByteRange [{inside} {a} {} {c}]", inside + b);
    let moved = format!("{}{range}{}", &text[..start], &text[end..]);
    put(
        &mut outer,
        1,
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /SigFlags 3 >> >>",
    );
    put(&mut outer, 2, b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>");
    put(
        &mut outer,
        3,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Annots [5 0 R] >>",
    );
    put(
        &mut outer,
        5,
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /V 4 0 R /Rect [0 0 0 0] /P 3 0 R >>",
    );
    put(&mut outer, 6, stream(EVIL).as_bytes());
    put(&mut outer, 4, moved.as_bytes());
    let at = outer.len();
    outer.extend_from_slice(b"xref\n0 1\n0000000000 65535 f \n");
    offsets.sort_unstable();
    for (number, offset) in &offsets {
        outer.extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
    }
    outer.extend(format!("trailer\n<< /Size 11 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n").bytes());
    add(
        "the signed file as an attachment that is named as signed",
        outer,
        Expect::uncovered("does-not-start-at-zero"),
    );
    // Everything that was signed stays where it was; the new content and a new dictionary stand in the widened gap.
    let (number, _) = dictionary(file);
    let gap = format!("\nendobj\n{CONTENT} 0 obj\n{}\nendobj\n", stream(EVIL));
    let mut widened = file[..b].to_vec();
    widened.extend(gap.bytes());
    let shifted = widened.len();
    widened.extend_from_slice(&file[b..]);
    let range = format!("/ByteRange [0 {a} {shifted} {c}]");
    let again = format!("{}{range}{}", &text[..start], &text[end..]);
    add(
        "new content in a widened gap",
        Update::default().put(number, again).after(&widened),
        Expect::never(),
    );
}
