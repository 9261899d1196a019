//! What a page inherits (ISO 32000-2 7.7.3.4): size, crop, rotation, resources.
//!
//! Readers differ about a page without a size and about values that are not what they should be. Not its business:
//! whether a size is plausible.

use super::Doubt;
use crate::findings::{FindingCode, Severity};
use crate::review::source::{DictView, Resolved};
use crate::review::syntax::{Value, elements};

/// How an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Attribute {
    #[default]
    Missing,
    /// `null`: some readers inherit all the same.
    Null,
    Sound,
    /// Not of the kind that it has to be.
    Odd,
}

/// The attributes of one node, or of a node with those above it.
#[derive(Debug, Clone, Default)]
pub(super) struct Attributes {
    media_box: Attribute,
    crop_box: Attribute,
    rotate: Attribute,
    resources: Attribute,
}

impl Attributes {
    pub(super) fn read(node: &DictView<'_, '_>) -> Self {
        Self {
            media_box: attribute(node, b"MediaBox", is_box),
            crop_box: attribute(node, b"CropBox", is_box),
            rotate: attribute(node, b"Rotate", |node, key| {
                node.integer(key).is_some_and(|angle| angle % 90 == 0)
            }),
            resources: attribute(node, b"Resources", |node, key| {
                matches!(node.resolved(key), Resolved::Dict(_))
            }),
        }
    }

    fn each(&self) -> [Attribute; 4] {
        [self.media_box, self.crop_box, self.rotate, self.resources]
    }

    /// These, and where one is missing, that of the nodes above.
    pub(super) fn below(&self, above: &Self) -> Self {
        let chosen = |own: Attribute, above: Attribute| match own {
            Attribute::Missing => above,
            // A null over a value: one reader inherits, another does not.
            Attribute::Null if above != Attribute::Missing => Attribute::Odd,
            own => own,
        };
        Self {
            media_box: chosen(self.media_box, above.media_box),
            crop_box: chosen(self.crop_box, above.crop_box),
            rotate: chosen(self.rotate, above.rotate),
            resources: chosen(self.resources, above.resources),
        }
    }

    /// Whether something above is not here.
    pub(super) fn lacks_some_of(&self, above: &Self) -> bool {
        let pairs = self.each().into_iter().zip(above.each());
        pairs
            .into_iter()
            .any(|(own, above)| own == Attribute::Missing && above != Attribute::Missing)
    }

    /// What is doubtful about a page with these attributes.
    pub(super) fn judge(&self, page: u32, object: u32, has_content: bool) -> Vec<Doubt> {
        let doubt = |code, severity, what| Doubt {
            code,
            severity,
            page,
            object,
            what,
        };
        let (size, tree) = (FindingCode::PageWithoutSize, FindingCode::PageTreeAmbiguous);
        let absent = |attribute| matches!(attribute, Attribute::Missing | Attribute::Null);
        let mut doubts = Vec::new();
        if absent(self.media_box) {
            doubts.push(doubt(
                size,
                Severity::Warn,
                "no /MediaBox: readers take a size of their own",
            ));
        }
        if has_content && absent(self.resources) {
            let what = "no /Resources: readers differ about the fonts that it names";
            doubts.push(doubt(FindingCode::PageWithoutResources, Severity::Warn, what));
        }
        let odd = [
            (self.media_box, size, "/MediaBox is not a rectangle"),
            (self.crop_box, size, "/CropBox is not a rectangle"),
            (self.rotate, tree, "/Rotate is not a multiple of 90"),
            (self.resources, tree, "/Resources is not a dictionary"),
        ];
        doubts.extend(
            odd.into_iter()
                .filter(|(attribute, ..)| *attribute == Attribute::Odd)
                .map(|(_, code, what)| doubt(code, Severity::Block, what)),
        );
        doubts
    }
}

fn attribute(node: &DictView<'_, '_>, key: &[u8], is_sound: impl Fn(&DictView<'_, '_>, &[u8]) -> bool) -> Attribute {
    match node.raw(key) {
        None => Attribute::Missing,
        Some(Value::Word(b"null")) => Attribute::Null,
        Some(Value::Reference(id)) if !node.source.document().exists(id.into()) => Attribute::Null,
        Some(_) if is_sound(node, key) => Attribute::Sound,
        Some(_) => Attribute::Odd,
    }
}

/// Four numbers with room between them (7.9.5).
fn is_box(node: &DictView<'_, '_>, key: &[u8]) -> bool {
    let Resolved::Array(text) = node.resolved(key) else {
        return false;
    };
    let number = |value| match node.source.resolve(value) {
        Resolved::Number(number) => Some(number),
        _ => None,
    };
    let Some(values) = elements(text, 4) else { return false };
    let numbers: Option<Vec<f64>> = values.into_iter().map(number).collect();
    match numbers.as_deref() {
        Some([left, bottom, right, top]) => left != right && bottom != top,
        _ => false,
    }
}
