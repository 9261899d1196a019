//! Lines of text as filled outlines (ISO 32000-2 8.5.2), from TrueType, OpenType and collections.
//!
//! One glyph for one character, from left to right, advances from the typeface: enough for Chinese and Latin labels. What no
//! typeface can draw becomes a box; what does not fit is left out ([`Shortfall`](super::Shortfall) tells both). Not its
//! business: shaping, hinting, typefaces that have to be found.

use std::borrow::Cow;
use std::fmt::Write as _;

use skrifa::{DrawMemory, PathSink, ScalerFont};

use super::number;
use super::typefaces::{Typefaces, shown};

/// The operators that draw the lines into a room with this origin and size, as large as they fit.
pub(super) fn draw(fonts: &[Cow<'static, [u8]>], lines: &[String], origin: [f64; 2], room: [f64; 2]) -> String {
    let typefaces = Typefaces::read(fonts);
    let scalers: Vec<ScalerFont> = typefaces
        .fonts()
        .iter()
        .map(|font| ScalerFont::unhinted(font.clone(), Some(EM)))
        .collect();
    let advance = |(place, glyph)| {
        let scaler: &ScalerFont = scalers.get(place)?;
        let advance = f64::from(scaler.linear_glyph_metrics().h_advance(glyph));
        Some((scaler, glyph, advance))
    };
    let substitute = typefaces.substitute();
    let glyphs: Vec<Vec<_>> = shown(lines)
        .0
        .iter()
        .map(|line| {
            line.chars()
                .filter_map(|character| typefaces.find(character).or(substitute).and_then(advance))
                .collect()
        })
        .collect();
    let widest = glyphs
        .iter()
        .map(|line| line.iter().map(|glyph| glyph.2).sum::<f64>())
        .fold(1.0, f64::max);
    let size = (room[1] / (glyphs.len() as f64 * LEADING))
        .min(room[0] * f64::from(EM) / widest)
        .min(LARGEST);
    let mut content = "q 0 g\n".to_owned();
    // In a field without room nothing can be read anyway.
    if size.is_nan() || size <= 0.0 {
        return String::new();
    }
    let scale = size / f64::from(EM);
    let top = origin[1] + (room[1] + glyphs.len() as f64 * size * LEADING) / 2.0;
    for (row, line) in glyphs.iter().enumerate() {
        let mut left = origin[0];
        let baseline = top - (row as f64 * LEADING + ASCENT) * size;
        for (scaler, glyph, advance) in line {
            let mut path = Path {
                content: String::new(),
                left,
                baseline,
                scale,
                last: [0.0; 2],
            };
            let drawn = scaler
                .outline(*glyph)
                .is_some_and(|outline| outline.draw(DrawMemory::Scratch, &mut path).is_ok());
            if drawn && !path.content.is_empty() && content.len() + path.content.len() <= MAX_CONTENT {
                content.push_str(&path.content);
                content.push_str("f\n");
            }
            left += advance * scale;
        }
    }
    content.push_str("Q\n");
    content
}

struct Path {
    content: String,
    left: f64,
    baseline: f64,
    scale: f64,
    last: [f64; 2],
}

impl Path {
    fn point(&self, x: f32, y: f32) -> [f64; 2] {
        [
            self.left + f64::from(x) * self.scale,
            self.baseline + f64::from(y) * self.scale,
        ]
    }

    fn write(&mut self, points: &[[f64; 2]], operator: char) {
        for point in points {
            let _ = write!(self.content, "{} {} ", number(point[0]), number(point[1]));
            self.last = *point;
        }
        self.content.push(operator);
        self.content.push('\n');
    }
}

impl PathSink for Path {
    fn move_to(&mut self, x: f32, y: f32) {
        self.write(&[self.point(x, y)], 'm');
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.write(&[self.point(x, y)], 'l');
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        // PDF has cubic curves only: both control points lie two thirds of the way to the quadratic one.
        let (start, control, end) = (self.last, self.point(cx0, cy0), self.point(x, y));
        let towards = |from: [f64; 2]| {
            [0, 1].map(|axis: usize| match axis {
                0 => from[0] + (control[0] - from[0]) * 2.0 / 3.0,
                _ => from[1] + (control[1] - from[1]) * 2.0 / 3.0,
            })
        };
        self.write(&[towards(start), towards(end), end], 'c');
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.write(&[self.point(cx0, cy0), self.point(cx1, cy1), self.point(x, y)], 'c');
    }

    fn close(&mut self) {
        self.content.push_str("h\n");
    }
}

/// The size at which outlines are taken from the font.
const EM: f32 = 1000.0;
/// From baseline to baseline, in sizes.
const LEADING: f64 = 1.25;
/// From the top of a line to its baseline, in sizes.
const ASCENT: f64 = 0.95;
/// No larger, even where there is room.
const LARGEST: f64 = 14.0;
/// Bounds what a typeface with monstrous outlines can write; glyphs beyond it are left out.
const MAX_CONTENT: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// A TrueType font whose only character is 甲, a triangle of 500 by 700 units with an advance of 1000.
    fn font() -> Vec<u8> {
        let words = |words: &[u16]| -> Vec<u8> { words.iter().flat_map(|word| word.to_be_bytes()).collect() };
        let mut head = vec![0; 54];
        head[..4].copy_from_slice(&[0, 1, 0, 0]);
        head[12..16].copy_from_slice(&0x5f0f_3cf5_u32.to_be_bytes());
        head[18..20].copy_from_slice(&1000_u16.to_be_bytes());
        let mut maxp = vec![0; 32];
        maxp[..6].copy_from_slice(&[0, 1, 0, 0, 0, 2]);
        let mut hhea = vec![0; 36];
        hhea[..4].copy_from_slice(&[0, 1, 0, 0]);
        hhea[35] = 1;
        let glyph = [
            words(&[1, 0, 0, 500, 700, 2, 0]),
            vec![1, 1, 1],
            words(&[0, 500, 0, 0, 0, 700]),
            vec![0],
        ]
        .concat();
        let tables: [(&[u8], Vec<u8>); 7] = [
            (
                b"cmap",
                words(&[0, 1, 3, 10, 0, 12, 12, 0, 0, 28, 0, 0, 0, 1, 0, 0x7532, 0, 0x7532, 0, 1]),
            ),
            (b"glyf", glyph),
            (b"head", head),
            (b"hhea", hhea),
            (b"hmtx", words(&[1000, 0, 0])),
            (b"loca", words(&[0, 0, 15])),
            (b"maxp", maxp),
        ];
        let mut font = [vec![0, 1, 0, 0], words(&[7, 64, 2, 48])].concat();
        let mut body = Vec::new();
        for (tag, table) in &tables {
            font.extend_from_slice(tag);
            font.extend([0; 4]);
            font.extend(u32::try_from(12 + 7 * 16 + body.len()).unwrap().to_be_bytes());
            font.extend(u32::try_from(table.len()).unwrap().to_be_bytes());
            body.extend_from_slice(table);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        font.extend(body);
        font
    }

    fn fonts(files: &[Vec<u8>]) -> Vec<Cow<'static, [u8]>> {
        files.iter().map(|file| Cow::Owned(file.clone())).collect()
    }

    #[test]
    fn characters_become_filled_outlines_side_by_side() {
        let drawn = draw(&fonts(&[font()]), &["甲甲".to_owned()], [3.0, 3.0], [200.0, 12.5]);
        // Twelve and a half points of height make a size of ten: the triangle is 5 wide and 7 high.
        let expected = "q 0 g\n3 6 m\n8 6 l\n8 13 l\nh\nf\n13 6 m\n18 6 l\n18 13 l\nh\nf\nQ\n";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn what_cannot_be_drawn_is_told_and_stops_nothing() {
        use crate::request::{Appearance, Measured};
        let line = |text: &str| vec![text.to_owned()];
        let cases = [
            // Lines, typefaces, characters that are told, cut, unusable files.
            (line("甲"), vec![font()], "", false, vec![]),
            (line("甲乙丙乙"), vec![font()], "乙丙", false, vec![]),
            (line("甲"), vec![b"no typeface".to_vec(), font()], "", false, vec![0]),
            (line("甲"), vec![], "甲", false, vec![]),
            (line("甲\u{200b}\u{fe0f}"), vec![font()], "", false, vec![]),
            (line("甲א"), vec![font()], "א", false, vec![]),
            (line(&"甲".repeat(257)), vec![font()], "…", true, vec![]),
            (vec!["甲".to_owned(); 33], vec![font()], "", true, vec![]),
        ];
        for (lines, files, characters, cut, unusable) in cases {
            let appearance = Appearance {
                page: 1,
                rect: [0.0, 0.0, 200.0, 20.0],
                measured: Measured::AsSeen,
                png: None,
                lines: lines.clone(),
                fonts: fonts(&files),
            };
            let told = appearance.shortfall();
            assert_eq!(
                (told.characters.as_str(), told.cut, told.unusable),
                (characters, cut, unusable),
                "{lines:?}"
            );
            let drawn = draw(&appearance.fonts, &lines, [3.0, 3.0], [200.0, 20.0]);
            assert!(drawn.starts_with("q 0 g\n") && drawn.ends_with("Q\n"), "{lines:?}");
        }
        assert_eq!(draw(&fonts(&[font()]), &line("甲"), [3.0, 3.0], [200.0, -1.0]), "");
    }
}
