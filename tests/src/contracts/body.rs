//! The objects of a contract: two pages of text, and the form or annotations that a case is about.
//!
//! Not its business: where they stand in the file.

use super::{AMOUNT, PARTY, writer::Objects};

pub(super) const PAGES: [u32; 2] = [3, 4];
pub(super) const INFO: u32 = 5;
/// Objects up to this one are seen by old readers of a hybrid file: the pages and their text, as office programs do it.
pub(super) const FIRST_HIDDEN: u32 = GLYPH;
/// An object that nothing refers to.
pub(super) const SPARE: u32 = 30;
/// A number that is free for use in later sections.
pub(super) const REUSED: u32 = 31;
const CONTENT: [u32; 2] = [6, 7];
const LATIN: u32 = 8;
const CHINESE: u32 = 9;
const TO_UNICODE: u32 = 10;
const GLYPH: u32 = 11;
const FORM: u32 = 12;
const FIELDS: u32 = 13;
const AMOUNT_FIELD: u32 = 14;
const AMOUNT_LOOK: u32 = 15;
const PARTY_FIELD: u32 = 16;
const PARTY_WIDGET: u32 = 17;
const ANNOTS: u32 = 18;
const LINK: u32 = 19;
const LOCK: u32 = 20;

/// Whether there is a form, and how the catalog holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// None.
    #[default]
    Absent,
    /// An object of its own.
    Indirect,
    /// Within the catalog.
    Inline,
}

/// The first page's annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Annots {
    /// No such key, unless a field needs it.
    #[default]
    Absent,
    /// An empty array.
    Empty,
    /// An array within the page.
    Inline,
    /// An array that is an object of its own.
    Object,
}

/// The empty signature field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Field {
    /// None.
    #[default]
    Absent,
    /// Field and widget in one.
    Merged,
    /// A field with one widget as its kid.
    Kids,
    /// Field and widget in one, and who signs it locks the text field.
    Locking,
    /// Two fields of one name.
    Twice,
}

/// What is special about a contract.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// The form.
    pub form: Form,
    /// The form's list of fields stands within it.
    pub fields_inline: bool,
    /// Annotations.
    pub annots: Annots,
    /// Signature field.
    pub field: Field,
    /// Pages take size, resources and rotation from their parent.
    pub inherited: bool,
}

impl Shape {
    pub(super) fn body(&self) -> Objects {
        let mut objects = Objects::default();
        self.catalog(&mut objects);
        self.pages(&mut objects);
        fonts(&mut objects);
        self.fields(&mut objects);
        objects.put(INFO, "<< /Title (Loan agreement) >>");
        objects.put(SPARE, "<< /Note (nothing refers to this) >>");
        objects
    }

    fn field_numbers(&self) -> Vec<u32> {
        let mut fields = if self.form == Form::Absent {
            vec![]
        } else {
            vec![AMOUNT_FIELD]
        };
        match self.field {
            Field::Absent => {}
            Field::Merged | Field::Kids | Field::Locking => fields.push(PARTY_FIELD),
            Field::Twice => fields.extend([PARTY_FIELD, PARTY_WIDGET]),
        }
        fields
    }

    fn catalog(&self, objects: &mut Objects) {
        let list = references(&self.field_numbers());
        let fields = if self.fields_inline {
            list
        } else {
            if self.form != Form::Absent {
                objects.put(FIELDS, list);
            }
            format!("{FIELDS} 0 R")
        };
        let form = format!("<< /Fields {fields} /DA (/F1 10 Tf 0 g) /DR << /Font << /F1 {LATIN} 0 R >> >> >>");
        let entry = match self.form {
            Form::Absent => String::new(),
            Form::Inline => format!(" /AcroForm {form}"),
            Form::Indirect => {
                objects.put(FORM, form);
                format!(" /AcroForm {FORM} 0 R")
            }
        };
        objects.put(1, format!("<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN){entry} >>"));
    }

    fn pages(&self, objects: &mut Objects) {
        let common = format!(
            " /MediaBox [0 0 595 842] /Resources << /Font << /F1 {LATIN} 0 R /F2 {CHINESE} 0 R >> >>{}",
            if self.inherited {
                " /Rotate 90 /CropBox [10 10 585 832]"
            } else {
                ""
            }
        );
        let (above, below) = if self.inherited {
            (common, String::new())
        } else {
            (String::new(), common)
        };
        objects.put(
            2,
            format!("<< /Type /Pages /Count 2 /Kids {}{above} >>", references(&PAGES)),
        );
        for (place, (page, content)) in PAGES.into_iter().zip(CONTENT).enumerate() {
            let annots = if place == 0 {
                self.annotations(objects)
            } else {
                String::new()
            };
            objects.put(
                page,
                format!("<< /Type /Page /Parent 2 0 R /Contents {content} 0 R{below}{annots} >>"),
            );
            let text = format!(
                "BT /F1 14 Tf 72 760 Td (Loan agreement 2026-0{}, clause {}: the borrower repays.) Tj \
                 0 -40 Td /F2 24 Tf <01020304> Tj ET",
                place + 1,
                place * 7 + 1
            );
            objects.stream(content, "", text.as_bytes());
        }
    }

    /// Makes the first page's annotations and returns the page's entry for them.
    fn annotations(&self, objects: &mut Objects) -> String {
        let mut numbers = match self.annots {
            Annots::Inline | Annots::Object => {
                objects.put(
                    LINK,
                    format!(
                        "<< /Type /Annot /Subtype /Link /Rect [72 700 200 715] /Border [0 0 0] /Dest [{} 0 R /Fit] >>",
                        PAGES[1]
                    ),
                );
                vec![LINK]
            }
            Annots::Absent | Annots::Empty => vec![],
        };
        let mut widgets = self.field_numbers();
        if self.field == Field::Kids {
            widgets.retain(|number| *number != PARTY_FIELD);
            widgets.push(PARTY_WIDGET);
        }
        numbers.extend(widgets);
        let list = references(&numbers);
        match self.annots {
            Annots::Absent if numbers.is_empty() => String::new(),
            Annots::Object => {
                objects.put(ANNOTS, list);
                format!(" /Annots {ANNOTS} 0 R")
            }
            _ => format!(" /Annots {list}"),
        }
    }

    fn fields(&self, objects: &mut Objects) {
        let page = PAGES[0];
        if self.form != Form::Absent {
            objects.put(
                AMOUNT_FIELD,
                format!(
                    "<< /Type /Annot /Subtype /Widget /FT /Tx /T ({AMOUNT}) /V (1000) /DA (/F1 10 Tf 0 g) /F 4 \
                     /P {page} 0 R /Rect [72 600 172 618] /AP << /N {AMOUNT_LOOK} 0 R >> >>"
                ),
            );
            let look = format!(
                "/Type /XObject /Subtype /Form /BBox [0 0 100 18] /Resources << /Font << /F1 {LATIN} 0 R >> >>"
            );
            objects.stream(AMOUNT_LOOK, &look, b"/Tx BMC q BT /F1 10 Tf 2 5 Td (1000) Tj ET Q EMC");
        }
        let widget = format!("/Type /Annot /Subtype /Widget /F 132 /P {page} 0 R /Rect [72 100 272 160]");
        let name = format!("/FT /Sig /T ({PARTY})");
        match self.field {
            Field::Absent => {}
            Field::Merged => objects.put(PARTY_FIELD, format!("<< {widget} {name} >>")),
            Field::Locking => {
                objects.put(PARTY_FIELD, format!("<< {widget} {name} /Lock {LOCK} 0 R >>"));
                objects.put(
                    LOCK,
                    format!("<< /Type /SigFieldLock /Action /Include /Fields [({AMOUNT})] >>"),
                );
            }
            Field::Kids => {
                objects.put(PARTY_FIELD, format!("<< {name} /Kids [{PARTY_WIDGET} 0 R] >>"));
                objects.put(PARTY_WIDGET, format!("<< {widget} /Parent {PARTY_FIELD} 0 R >>"));
            }
            Field::Twice => {
                objects.put(PARTY_FIELD, format!("<< {widget} {name} >>"));
                objects.put(PARTY_WIDGET, format!("<< {widget} {name} >>"));
            }
        }
    }
}

/// A Latin font of the standard fourteen, and a Chinese one that needs no file: four glyphs, drawn as boxes, that say
/// which characters they stand for.
fn fonts(objects: &mut Objects) {
    objects.put(
        LATIN,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    );
    objects.put(
        CHINESE,
        format!(
            "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 1 \
             /LastChar 4 /Widths [1000 1000 1000 1000] /Encoding << /Type /Encoding /Differences [1 /g1 /g2 /g3 /g4] >> \
             /CharProcs << /g1 {GLYPH} 0 R /g2 {GLYPH} 0 R /g3 {GLYPH} 0 R /g4 {GLYPH} 0 R >> /Resources << >> \
             /ToUnicode {TO_UNICODE} 0 R >>"
        ),
    );
    objects.stream(GLYPH, "", b"1000 0 0 0 1000 1000 d1 100 100 800 800 re f");
    let mapped: Vec<String> = ('\u{1}'..)
        .zip("\u{8d37}\u{6b3e}\u{5408}\u{540c}".chars())
        .map(|(code, character)| format!("<{:02x}> <{:04x}>", u32::from(code), u32::from(character)))
        .collect();
    let map = format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Contract def /CMapType 2 def\n\
         1 begincodespacerange <00> <ff> endcodespacerange\n{} beginbfchar\n{}\nendbfchar\nendcmap end end",
        mapped.len(),
        mapped.join("\n")
    );
    objects.stream(TO_UNICODE, "", map.as_bytes());
}

fn references(numbers: &[u32]) -> String {
    let list: Vec<String> = numbers.iter().map(|number| format!("{number} 0 R")).collect();
    format!("[{}]", list.join(" "))
}
