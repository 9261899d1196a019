//! What a visible signature says, and the typeface of this machine that it is drawn with (Chinese and Latin letters).
//!
//! Decoration, never proof (DOMAIN C9). Not its business: drawing (pdf). Without a typeface the field shows its frame and
//! picture only.

use std::path::Path;

use countersign_cms::Certificate;
use countersign_pdf::{Appearance, Document, Measured};
use countersign_signing::Choices;
use jiff::Timestamp;

/// Fills in who, when and why where the choices leave it open. A field that the file shows already gets an appearance as well.
pub(crate) fn complete(choices: &mut Choices, document: &Document, certificate: &[u8], now: Timestamp) {
    if choices.visible.is_none() {
        choices.visible = shown_field(choices, document);
    }
    let Some(visible) = &mut choices.visible else { return };
    if !visible.lines.is_empty() {
        return;
    }
    let Ok(certificate) = Certificate::from_der(certificate) else {
        return;
    };
    let seconds = Timestamp::from_second(now.as_second()).unwrap_or(now);
    visible.lines = [certificate.common_name(), certificate.organization()]
        .into_iter()
        .flatten()
        .chain([seconds.to_string()])
        .chain(choices.reason.clone())
        .collect();
}

/// The named field of the file, if it has a place on a page.
fn shown_field(choices: &Choices, document: &Document) -> Option<Appearance> {
    let name = choices.field.as_deref()?;
    let field = document.fields().into_iter().find(|field| field.name == name)?;
    let [left, bottom, right, top] = field.rect?;
    let (width, height) = ((right - left).abs(), (top - bottom).abs());
    let rect = [left.min(right), bottom.min(top), width, height];
    (width > 1.0 && height > 1.0).then(|| Appearance {
        page: field.page.unwrap_or(1),
        rect,
        measured: Measured::OnPage,
        png: None,
        lines: Vec::new(),
        font: appearance_font(),
    })
}

/// Where Debian and Ubuntu, then others, put typefaces with Chinese letters; the first that is there is taken.
const PLACES: &[&str] = &[
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
];

/// Octets at most: the largest collections have some 20 MiB.
const LIMIT: u64 = 64 * 1024 * 1024;

/// The typeface's file.
#[must_use]
pub fn appearance_font() -> Option<Vec<u8>> {
    PLACES
        .iter()
        .map(Path::new)
        .find(|path| std::fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.len() <= LIMIT))
        .and_then(|path| std::fs::read(path).ok())
}
