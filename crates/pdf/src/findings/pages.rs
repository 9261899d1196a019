//! Pages of a size that nobody prints: content can be put where nobody looks.

use hayro_syntax::page::Page;

use super::{FindingCode, Findings, Severity};
use crate::document::Document;

/// Above this side (in points) a page is larger than 2A0 (ISO 216: 1189 mm x 1682 mm).
const LONGEST_SIDE: f64 = 5000.0;
/// Below this side nothing can be read.
const SHORTEST_SIDE: f64 = 3.0;

pub(crate) fn judge(document: &Document, findings: &mut Findings) {
    for (index, page) in document.pdf().pages().iter().enumerate() {
        let (width, height) = sides(page);
        if width.max(height) > LONGEST_SIDE || width.min(height) < SHORTEST_SIDE {
            let detail = format!("{width:.0} x {height:.0} points");
            findings.add(
                FindingCode::HugePage,
                Severity::Warn,
                u32::try_from(index + 1).ok(),
                detail,
            );
        }
    }
}

/// Width and height of what is shown, in points.
fn sides(page: &Page<'_>) -> (f64, f64) {
    let shown = page.crop_box().intersect(page.media_box());
    let unit = page
        .raw()
        .get::<f32>("UserUnit")
        .filter(|unit| unit.is_finite() && *unit > 0.0)
        .map_or(1.0, f64::from);
    ((shown.x1 - shown.x0).abs() * unit, (shown.y1 - shown.y0).abs() * unit)
}
