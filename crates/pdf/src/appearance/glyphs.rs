//! Lines of text as filled outlines (ISO 32000-2 8.5.2), from TrueType, OpenType and collections.
//!
//! One glyph for one character, from left to right, advances from the font: enough for Chinese and Latin labels. Not its
//! business: shaping, hinting, fonts that have to be found.

use std::fmt::Write as _;

use skrifa::{DrawMemory, Font, GlyphId, PathSink, ScalerFont};

use super::number;
use crate::refusal::Refusal;

/// The operators that draw the lines into a room with this origin and size, as large as they fit.
pub(super) fn draw(font: &[u8], lines: &[String], origin: [f64; 2], room: [f64; 2]) -> Result<String, Refusal> {
    let font = Font::new(font.to_vec(), 0).ok_or(Refusal::FontUnusable {
        what: "it is no font, or of an unknown kind",
    })?;
    if lines.len() > MAX_LINES || lines.iter().any(|line| line.chars().count() > MAX_CHARACTERS) {
        return Err(Refusal::Unsupported {
            what: "so much text in an appearance",
        });
    }
    let characters = font.charmap();
    let scaler = ScalerFont::unhinted(font.clone(), Some(EM));
    let advances = scaler.linear_glyph_metrics();
    // An empty box in place of a name would be worse than a refusal.
    let lacking = Refusal::FontUnusable {
        what: "it lacks a character of the text",
    };
    let glyph = |character: char| -> Result<(GlyphId, f64), Refusal> {
        let glyph = characters.map_unicode(character).ok_or(lacking.clone())?;
        Ok((glyph, f64::from(advances.h_advance(glyph))))
    };
    let glyphs: Vec<Vec<_>> = lines
        .iter()
        .map(|line| line.chars().map(glyph).collect())
        .collect::<Result<_, _>>()?;
    let widest = glyphs
        .iter()
        .map(|line| line.iter().map(|glyph| glyph.1).sum::<f64>())
        .fold(1.0, f64::max);
    let size = (room[1] / (glyphs.len() as f64 * LEADING))
        .min(room[0] * f64::from(EM) / widest)
        .min(LARGEST);
    if size.is_nan() || size <= 0.0 {
        return Err(Refusal::Unsupported {
            what: "text in so small an appearance",
        });
    }
    let scale = size / f64::from(EM);
    let mut content = "q 0 g\n".to_owned();
    let top = origin[1] + (room[1] + glyphs.len() as f64 * size * LEADING) / 2.0;
    for (row, line) in glyphs.iter().enumerate() {
        let mut left = origin[0];
        let baseline = top - (row as f64 * LEADING + ASCENT) * size;
        for (glyph, advance) in line {
            if let Some(outline) = scaler.outline(*glyph) {
                let mut path = Path {
                    content: String::new(),
                    left,
                    baseline,
                    scale,
                    last: [0.0; 2],
                };
                outline
                    .draw(DrawMemory::Scratch, &mut path)
                    .map_err(|_| Refusal::FontUnusable {
                        what: "an outline is broken",
                    })?;
                if !path.content.is_empty() {
                    content.push_str(&path.content);
                    content.push_str("f\n");
                }
            }
            left += advance * scale;
        }
        if content.len() > MAX_CONTENT {
            return Err(Refusal::Unsupported {
                what: "so much text in an appearance",
            });
        }
    }
    content.push_str("Q\n");
    Ok(content)
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
const MAX_LINES: usize = 32;
const MAX_CHARACTERS: usize = 256;
/// Bounds what a font with monstrous outlines can write.
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

    #[test]
    fn characters_become_filled_outlines_side_by_side() {
        let drawn = draw(&font(), &["甲甲".to_owned()], [3.0, 3.0], [200.0, 12.5]).unwrap();
        // Twelve and a half points of height make a size of ten: the triangle is 5 wide and 7 high.
        let expected = "q 0 g\n3 6 m\n8 6 l\n8 13 l\nh\nf\n13 6 m\n18 6 l\n18 13 l\nh\nf\nQ\n";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn what_cannot_be_drawn_as_it_reads_is_refused() {
        let line = |text: &str| vec![text.to_owned()];
        for (lines, room, code) in [
            (line("乙"), [200.0, 20.0], "font-unusable"),
            (line("甲"), [200.0, -1.0], "unsupported"),
            (line(&"甲".repeat(257)), [200.0, 20.0], "unsupported"),
            (vec![String::new(); 33], [200.0, 20.0], "unsupported"),
        ] {
            assert_eq!(draw(&font(), &lines, [3.0, 3.0], room).unwrap_err().code(), code);
        }
    }
}
