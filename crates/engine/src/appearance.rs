//! What a visible signature says, and the typefaces that it is drawn with.
//!
//! Decoration, never proof: a text that cannot be drawn is told in the result and stops nothing. Not its business: drawing (pdf).

use std::borrow::Cow;
use std::path::Path;

use countersign_cms::Certificate;
use countersign_pdf::{Appearance, Document, Measured};
use countersign_signing::Choices;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Fills in who, when and why where the choices leave it open, and the typefaces. A field that the file shows already gets
/// an appearance as well. Gives notes for the result.
pub(crate) fn complete(
    choices: &mut Choices,
    document: &Document,
    certificate: &[u8],
    now: Timestamp,
    font: Option<&Path>,
) -> Vec<Value> {
    if choices.visible.is_none() {
        choices.visible = shown_field(choices, document);
    }
    let reason = choices.reason.clone();
    let Some(visible) = &mut choices.visible else {
        return Vec::new();
    };
    if visible.lines.is_empty() {
        visible.lines = lines(certificate, now, reason);
    }
    dress(visible, font)
}

fn lines(certificate: &[u8], now: Timestamp, reason: Option<String>) -> Vec<String> {
    // A certificate that cannot be read is refused before anything is signed.
    let Ok(certificate) = Certificate::from_der(certificate) else {
        return Vec::new();
    };
    let seconds = Timestamp::from_second(now.as_second()).unwrap_or(now);
    [certificate.common_name(), certificate.organization()]
        .into_iter()
        .flatten()
        .chain([seconds.to_string()])
        .chain(reason)
        .collect()
}

/// The named field of the file, if it has a place on a page.
fn shown_field(choices: &Choices, document: &Document) -> Option<Appearance> {
    let name = choices.field.as_deref()?;
    let field = document.fields().into_iter().find(|field| field.name == name)?;
    let [left, bottom, right, top] = field.rect.filter(|_| field.has_extent())?;
    Some(Appearance {
        page: field.page.unwrap_or(1),
        rect: [left, bottom, right - left, top - bottom],
        measured: Measured::OnPage,
        png: None,
        lines: Vec::new(),
        fonts: Vec::new(),
    })
}

/// Adds the typefaces: the institution's, the program's own, and those of this machine for what both lack. Gives what is to
/// be told about the result; a signature never fails over its decoration.
fn dress(visible: &mut Appearance, chosen: Option<&Path>) -> Vec<Value> {
    let mut notes = Vec::new();
    let institution = chosen.map(|path| (path, read(path)));
    if let Some((path, None)) = &institution {
        notes.push(json!({"code": "font-unusable", "path": path.display().to_string()}));
    }
    let file = institution.and_then(|(_, file)| file).map(Cow::Owned);
    let own = file.is_none();
    visible.fonts = file
        .into_iter()
        .chain([Cow::Borrowed(countersign_typeface::REGULAR)])
        .collect();
    for path in PLACES.iter().map(Path::new) {
        if visible.shortfall().characters.is_empty() {
            break;
        }
        visible.fonts.extend(read(path).map(Cow::Owned));
    }
    let shortfall = visible.shortfall();
    if let (Some(path), false, true) = (chosen, own, shortfall.unusable.contains(&0)) {
        notes.push(json!({"code": "font-unusable", "path": path.display().to_string()}));
    }
    if !shortfall.characters.is_empty() || shortfall.cut {
        notes.push(json!({"code": "appearance-incomplete", "characters": shortfall.characters, "cut": shortfall.cut}));
    }
    notes
}

/// A file, unless it is away or too large for a typeface.
fn read(path: &Path) -> Option<Vec<u8>> {
    let facts = std::fs::metadata(path).ok()?;
    let fits = facts.is_file() && facts.len() <= LIMIT;
    fits.then(|| std::fs::read(path).ok()).flatten()
}

/// Where Debian, Ubuntu and others put typefaces with many letters: looked at only for what the program's own lacks.
const PLACES: &[&str] = &[
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
];

/// Octets at most: the largest collections have some 20 MiB.
const LIMIT: u64 = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_drawn_without_any_typeface_of_the_machine() {
        for (text, missing) in [
            ("江南信托有限公司 Jiāngnán Trust (Société)", ""),
            // Names that lie outside GB 2312.
            ("喆堃珺昇甯淼翀镕", ""),
            ("中華人民共和國 臺灣 東", ""),
            ("2026-12-01T09:15:25Z ¥€，。：；“”《》（）", ""),
            ("张\u{fe00}三\u{200d}", ""),
            ("𠮷", "𠮷"),
            ("☃", "☃"),
            ("שלום", "שלום"),
        ] {
            let appearance = Appearance {
                page: 1,
                rect: [0.0, 0.0, 200.0, 50.0],
                measured: Measured::AsSeen,
                png: None,
                lines: vec![text.to_owned()],
                fonts: vec![Cow::Borrowed(countersign_typeface::REGULAR)],
            };
            assert_eq!(appearance.shortfall().characters, missing, "{text}");
        }
    }

    #[test]
    fn an_institutions_typeface_that_cannot_be_used_is_told() {
        let folder = std::env::temp_dir();
        let broken = folder.join(format!("countersign-no-typeface-{}", std::process::id()));
        std::fs::write(&broken, b"no typeface").unwrap();
        for path in [broken.as_path(), Path::new("/nonexistent/typeface.ttf")] {
            let mut appearance = Appearance {
                page: 1,
                rect: [0.0, 0.0, 200.0, 50.0],
                measured: Measured::AsSeen,
                png: None,
                lines: vec!["张三".to_owned()],
                fonts: Vec::new(),
            };
            let notes = dress(&mut appearance, Some(path));
            let codes: Vec<_> = notes.iter().map(|note| note["code"].as_str().unwrap()).collect();
            assert_eq!(codes, ["font-unusable"], "{}", path.display());
        }
        std::fs::remove_file(&broken).unwrap();
    }
}
