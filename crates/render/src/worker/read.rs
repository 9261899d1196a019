//! The text of a page, as the reader maps codes to characters, and the count of what has no shape.
//!
//! Not its business: pixels, and the order in which a person would read columns: text comes in the order of drawing.

use std::sync::Arc;

use hayro::hayro_interpret::font::{Glyph, GlyphId, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache, SoftMask,
    interpret_page,
};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{BezPath, Point, Rect};

use super::fonts::Fonts;
use super::notes::Notes;
use crate::picture::{MOST_TEXT, PageText};

/// Typefaces have their outlines in thousandths of an em.
const EM: f64 = 1000.0;

/// A page that was read.
pub(super) struct Reading {
    pub(super) text: PageText,
    /// Characters that are drawn as the box for what is missing, or not at all.
    pub(super) shapeless: u32,
}

pub(super) fn read(page: &Page<'_>, fonts: &Arc<Fonts>, notes: &Notes) -> Reading {
    let transform = page.initial_transform(true).to_kurbo();
    let (width, height) = page.render_dimensions();
    let bounds = Rect::new(0.0, 0.0, width.into(), height.into());
    let cache = InterpreterCache::new();
    let mut context = Context::new(transform, bounds, &cache, page.xref(), fonts.settings(notes));
    let mut reader = Reader::default();
    interpret_page(page, &mut context, &mut reader);
    Reading {
        text: PageText {
            text: reader.text,
            untold: reader.untold,
            cut: reader.cut,
        },
        shapeless: reader.shapeless,
    }
}

#[derive(Default)]
struct Reader {
    text: String,
    untold: u32,
    cut: bool,
    shapeless: u32,
    /// Where the last glyph ended, and the size of its em.
    last: Option<(Point, f64)>,
}

impl Reader {
    fn put(&mut self, characters: &str) {
        if self.text.len().saturating_add(characters.len()) <= MOST_TEXT {
            self.text.push_str(characters);
        } else {
            self.cut = true;
        }
    }

    /// A line end or a space before a glyph that begins here.
    fn gap(&mut self, start: Point, vertical: bool) {
        let Some((end, em)) = self.last else {
            return;
        };
        let (along, across) = if vertical {
            (start.y - end.y, start.x - end.x)
        } else {
            (start.x - end.x, start.y - end.y)
        };
        if across.abs() > em * 0.5 || along < -em * 2.0 {
            self.put("\n");
        } else if along > em * 0.2 && !self.text.ends_with(char::is_whitespace) {
            self.put(" ");
        }
    }
}

impl<'a> Device<'a> for Reader {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let vertical = run.writing_mode() == WritingMode::Vertical;
        for positioned in run.glyphs() {
            let transform = props.transform * positioned.transform();
            let glyph: &Glyph<'a> = positioned;
            let told = match glyph.as_unicode() {
                Some(BfString::Char(character)) => Some(character.to_string()),
                Some(BfString::String(characters)) => Some(characters),
                None => None,
            };
            let blank = told.as_ref().is_some_and(|told| told.chars().all(char::is_whitespace));
            let (shapeless, advance) = match glyph {
                Glyph::Outline(outline) => (outline.glyph_id() == GlyphId::NOTDEF, outline.advance_width()),
                Glyph::Type3(glyph) => (false, glyph.advance_width()),
            };
            if shapeless && !blank && !matches!(mode, DrawMode::Invisible) {
                self.shapeless = self.shapeless.saturating_add(1);
            }
            let em = (transform * Point::new(0.0, EM) - transform * Point::ORIGIN).hypot();
            self.gap(transform * Point::ORIGIN, vertical);
            match told {
                Some(told) => self.put(&told),
                None => self.untold = self.untold.saturating_add(1),
            }
            let advance = advance.map_or(EM, f64::from);
            let end = if vertical {
                Point::new(0.0, -EM)
            } else {
                Point::new(advance, 0.0)
            };
            self.last = Some((transform * end, em));
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_clip_rect(&mut self, _: &Rect) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'a>, _: &DrawMode) {}
}
