//! What is seen of a signature on the page (ISO 32000-2 12.5.5): a thin frame, a picture, lines of text as outlines.
//!
//! Text is drawn as paths, not with a font: nothing has to be embedded, and the text that readers extract from the page
//! stays what it was. Not its business: which words are shown, and where fonts come from.

mod glyphs;
mod image;
pub(crate) mod placement;
mod typefaces;

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::append::Section;
use crate::refusal::Refusal;
use crate::request::Appearance;
use placement::Placement;
pub use typefaces::Shortfall;

/// Puts the appearance stream (a form XObject) and what it needs into the section; gives its object number.
pub(crate) fn build(section: &mut Section<'_>, wanted: &Appearance, place: &Placement) -> Result<u32, Refusal> {
    let [width, height] = place.size;
    let mut content = format!(
        "q 0.5 w 0 G 0.25 0.25 {} {} re S Q\n",
        number(width - 0.5),
        number(height - 0.5)
    );
    let lines = wanted.lines.as_slice();
    let mut resources = String::new();
    let mut text_left = MARGIN;
    if let Some(png) = &wanted.png {
        let picture = image::put(section, png)?;
        let _ = write!(resources, "/XObject << /Im0 {} 0 R >>", picture.object);
        let room = [
            if lines.is_empty() { width } else { width * PICTURE_SHARE } - 2.0 * MARGIN,
            height - 2.0 * MARGIN,
        ];
        let scale = (room[0] / f64::from(picture.width))
            .min(room[1] / f64::from(picture.height))
            .max(0.0);
        let size = [f64::from(picture.width) * scale, f64::from(picture.height) * scale];
        let left = MARGIN + (room[0] - size[0]) / 2.0;
        let bottom = MARGIN + (room[1] - size[1]) / 2.0;
        let _ = writeln!(
            content,
            "q {} 0 0 {} {} {} cm /Im0 Do Q",
            number(size[0]),
            number(size[1]),
            number(left),
            number(bottom)
        );
        text_left = width * PICTURE_SHARE;
    }
    if !lines.is_empty() {
        let room = [width - text_left - MARGIN, height - 2.0 * MARGIN];
        content.push_str(&glyphs::draw(&wanted.fonts, lines, [text_left, MARGIN], room));
    }
    let matrix = place.matrix.map(number).join(" ");
    let dict = format!(
        "/Type /XObject /Subtype /Form /BBox [0 0 {} {}] /Matrix [{matrix}] /Resources << {resources} >>",
        number(width),
        number(height)
    );
    let object = section.reserve();
    section.put(object, stream(&dict, content.as_bytes()));
    Ok(object)
}

/// A number as PDF writes it: no exponent, no needless digits.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A compressed stream object with these entries in its dictionary.
fn stream(dict: &str, data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to a vector does not fail; if it did, the data would stand uncompressed.
    let packed = encoder.write_all(data).and_then(|()| encoder.finish());
    let (filter, data) = match &packed {
        Ok(packed) => (" /Filter /FlateDecode", packed.as_slice()),
        Err(_) => ("", data),
    };
    let head = format!("<< {dict}{filter} /Length {} >>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// Space inside the frame, in points.
const MARGIN: f64 = 3.0;
/// How much of the width a picture gets when there is text beside it.
const PICTURE_SHARE: f64 = 0.4;
