//! One page as a PNG. What the reader says on the way goes along as warnings.

use std::sync::Arc;

use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};

use super::fonts::Fonts;
use super::notes::Notes;
use super::{read, unseen};
use crate::picture::{Png, Size, Warning};
use crate::wire::Refusal;

/// Draws a page in this width.
///
/// Each page has a cache of its own: one that lives longer grows without bound, and does not repeat for a second page what
/// it said about a typeface on the first.
pub(super) fn draw(page: &Page<'_>, width: u32, fonts: &Arc<Fonts>) -> Result<Png, Refusal> {
    let (points_wide, points_high) = page.render_dimensions();
    let size = Size {
        width: points_wide,
        height: points_high,
    };
    let (wide, high) = size.pixels(width).map_err(|_| Refusal::Unasked)?;
    // The reading counts what has no shape; both find out about typefaces, the drawing about pictures.
    let notes = Notes::default();
    let missing = read::read(page, fonts, &notes).shapeless;
    unseen::note(page, &notes);
    let settings = fonts.settings(&notes);

    let mut context = RenderContext::new(wide, high);
    let scale = Affine::scale_non_uniform(
        f64::from(wide) / f64::from(points_wide),
        f64::from(high) / f64::from(points_high),
    );
    let transform = scale * page.initial_transform(true).to_kurbo();
    let cache = RenderCache::new();
    render_into(
        page,
        &cache,
        &settings,
        &RenderSettings::default(),
        &mut context,
        transform,
    );
    context.flush();
    let mut pixmap = Pixmap::new(wide, high);
    let raster = RasterizerSettings {
        target_init: TargetInit::Clear(WHITE),
        ..RasterizerSettings::default()
    };
    context.render_with(&mut pixmap, &mut Resources::default(), raster);

    if missing > 0 {
        notes.warn(Warning::GlyphsMissing { count: missing });
    }
    let (warnings, fallback_fonts) = notes.all();
    Ok(Png {
        width: wide.into(),
        height: high.into(),
        octets: pixmap.into_png().map_err(|_| Refusal::Panicked)?,
        warnings,
        fallback_fonts,
    })
}
