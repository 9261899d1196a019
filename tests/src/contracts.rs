//! Contracts to sign, made by our own code: every way in which a file may be built that a signer has to cope with.
//!
//! Not its business: what is expected of each (the suites), and contracts that only other tools can make (`foreign`).
//! Every contract has two pages with text in English and Chinese. ISO 32000-2 7.5, 12.7.

mod body;
mod damaged;
pub mod foreign;
mod writer;

pub use body::{Annots, Field, Form, Shape};
pub use damaged::damaged;
pub(crate) use writer::deflate;
use writer::{File, Kind, Objects};

/// The name of the signature field in contracts that have an empty one.
pub const PARTY: &str = "Party A";
/// The name of the text field in contracts that have a form.
pub const AMOUNT: &str = "Amount";

/// A file to sign.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Names the case in tables.
    pub name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Contract {
    pub(crate) fn new(name: &'static str, bytes: Vec<u8>) -> Self {
        Self { name, bytes }
    }
}

/// A plain contract with a cross-reference table.
#[must_use]
pub fn classic() -> Contract {
    let body = Shape::default().body();
    Contract::new("classic", File::new("1.7", Kind::Table).with(&body).finish())
}

/// A plain contract with a cross-reference stream and object streams.
#[must_use]
pub fn streams() -> Contract {
    let body = Shape::default().body();
    Contract::new(
        "xref-stream",
        File::new("1.7", Kind::ObjectStreams).with(&body).finish(),
    )
}

/// Every sound contract that our own code makes.
#[must_use]
pub fn sound() -> Vec<Contract> {
    let mut all = vec![classic(), streams()];
    all.extend(layouts());
    all.extend(forms());
    all.extend(empty_fields());
    all.extend(histories());
    all
}

fn layouts() -> Vec<Contract> {
    let body = Shape::default().body();
    let made = |name, file: File| Contract::new(name, file.with(&body).finish());
    vec![
        made("pdf-2.0", File::new("2.0", Kind::Table)),
        made("pdf-2.0-xref-stream", File::new("2.0", Kind::ObjectStreams)),
        made("xref-stream-plain-objects", File::new("1.5", Kind::Stream)),
        made("hybrid", File::new("1.5", Kind::Hybrid)),
        made("crlf", File::new("1.4", Kind::Table).lines_end_with("\r\n")),
        made("cr-table", File::new("1.4", Kind::Table).lines_end_with("\r")),
        made("no-last-eol", File::new("1.7", Kind::Table).without_last_eol()),
        made(
            "no-last-eol-xref-stream",
            File::new("1.7", Kind::ObjectStreams).without_last_eol(),
        ),
        Contract::new(
            "inherited-rotated",
            File::new("1.7", Kind::Table)
                .with(
                    &Shape {
                        inherited: true,
                        ..Shape::default()
                    }
                    .body(),
                )
                .finish(),
        ),
    ]
}

fn forms() -> Vec<Contract> {
    let shapes = [
        (
            "form-indirect",
            Shape {
                form: Form::Indirect,
                fields_inline: true,
                ..Shape::default()
            },
        ),
        (
            "form-inline",
            Shape {
                form: Form::Inline,
                fields_inline: true,
                ..Shape::default()
            },
        ),
        (
            "form-fields-object",
            Shape {
                form: Form::Indirect,
                fields_inline: false,
                ..Shape::default()
            },
        ),
        (
            "form-inline-fields-object",
            Shape {
                form: Form::Inline,
                fields_inline: false,
                ..Shape::default()
            },
        ),
        (
            "annots-inline",
            Shape {
                annots: Annots::Inline,
                ..Shape::default()
            },
        ),
        (
            "annots-object",
            Shape {
                annots: Annots::Object,
                ..Shape::default()
            },
        ),
        (
            "annots-empty",
            Shape {
                annots: Annots::Empty,
                ..Shape::default()
            },
        ),
    ];
    let table = shapes.iter().map(|(name, shape)| (*name, Kind::Table, shape.clone()));
    let everything = Shape {
        form: Form::Indirect,
        fields_inline: false,
        annots: Annots::Object,
        ..Shape::default()
    };
    table
        .chain([("form-in-object-streams", Kind::ObjectStreams, everything)])
        .map(shaped)
        .collect()
}

fn empty_fields() -> Vec<Contract> {
    let with = |field| Shape {
        form: Form::Indirect,
        fields_inline: true,
        annots: Annots::Inline,
        field,
        ..Shape::default()
    };
    [
        ("empty-field", Kind::Table, with(Field::Merged)),
        ("empty-field-kids", Kind::Table, with(Field::Kids)),
        ("empty-field-xref-stream", Kind::ObjectStreams, with(Field::Merged)),
        ("empty-field-kids-xref-stream", Kind::ObjectStreams, with(Field::Kids)),
        ("empty-field-locks", Kind::Table, with(Field::Locking)),
        ("duplicate-field-name", Kind::Table, with(Field::Twice)),
    ]
    .map(shaped)
    .into()
}

fn shaped((name, kind, shape): (&'static str, Kind, Shape)) -> Contract {
    Contract::new(name, File::new("1.7", kind).with(&shape.body()).finish())
}

/// Two later sections: objects changed, freed, and used again with another generation.
fn histories() -> Vec<Contract> {
    let body = Shape {
        annots: Annots::Object,
        ..Shape::default()
    }
    .body();
    let later = |name, first, second, third| {
        let mut file = File::new("1.6", first).with(&body);
        let mut changed = Objects::default();
        changed.put(body::INFO, "<< /Title (Loan agreement, second reading) >>");
        changed.free(body::SPARE, 1);
        file = file.kind(second).with(&changed);
        let mut changed = Objects::default();
        changed.put_generation(body::SPARE, 1, "<< /Note (used again) >>");
        changed.put(body::INFO, "<< /Title (Loan agreement, third reading) >>");
        Contract::new(name, file.kind(third).with(&changed).finish())
    };
    // The first page moves to a number that was used and freed before.
    let (mut unused, mut freed, mut moved) = (Objects::default(), Objects::default(), Objects::default());
    unused.extend(&body);
    unused.put(body::REUSED, "<< /Note (will be freed) >>");
    freed.free(body::REUSED, 1);
    moved.put_generation(body::REUSED, 1, body.body(body::PAGES[0]));
    moved.put(2, body.text(2).replace("[3 0 R", &format!("[{} 1 R", body::REUSED)));
    let generation = File::new("1.7", Kind::Table).with(&unused).with(&freed).with(&moved);
    vec![
        later("history", Kind::Table, Kind::Table, Kind::Table),
        later(
            "history-xref-stream",
            Kind::ObjectStreams,
            Kind::Stream,
            Kind::ObjectStreams,
        ),
        later("history-mixed", Kind::Table, Kind::Stream, Kind::Table),
        later(
            "history-mixed-to-stream",
            Kind::ObjectStreams,
            Kind::Table,
            Kind::Stream,
        ),
        Contract::new("generation", generation.finish()),
    ]
}

/// A picture of a seal: 24 by 24 pixels, colours and transparency.
#[must_use]
pub fn seal() -> Vec<u8> {
    const SIDE: u32 = 24;
    let mut rows = Vec::new();
    for y in 0..SIDE {
        rows.push(0);
        for x in 0..SIDE {
            let (dx, dy) = (f64::from(x) - 11.5, f64::from(y) - 11.5);
            let ring = (8.0..11.5).contains(&dx.hypot(dy));
            rows.extend([200, 20, 20, if ring { 255 } else { 0 }]);
        }
    }
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        let length = u32::try_from(data.len()).expect("a small picture");
        [&length.to_be_bytes()[..], kind, data, &crc.sum().to_be_bytes()].concat()
    };
    let header = [&SIDE.to_be_bytes()[..], &SIDE.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        chunk(b"IDAT", &deflate(&rows)),
        chunk(b"IEND", b""),
    ]
    .concat()
}
