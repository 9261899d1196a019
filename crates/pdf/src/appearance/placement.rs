//! From a rectangle as a person sees it to the page's own coordinates, under any /Rotate and box (ISO 32000-2 7.7.3.3).

use hayro_syntax::page::{Page, Rotation};

use crate::document::Document;
use crate::fields::SMALLEST;
use crate::refusal::Refusal;
use crate::request::Measured;

/// Where an appearance goes and how it is turned so that it stands upright.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placement {
    /// The /Rect in the page's coordinates, lower left corner first.
    pub(crate) rect: [f64; 4],
    /// Width and height as they are seen.
    pub(crate) size: [f64; 2],
    /// The /Matrix of the appearance stream.
    pub(crate) matrix: [f64; 6],
}

/// Places a rectangle (x, y, width, height) on a page, the first is 1.
pub(crate) fn place(document: &Document, page: u32, rect: [f64; 4], measured: Measured) -> Result<Placement, Refusal> {
    let pages = document.page_count();
    let index = usize::try_from(page).unwrap_or(usize::MAX).wrapping_sub(1);
    let found = document
        .pdf()
        .pages()
        .get(index)
        .ok_or(Refusal::PageMissing { page, pages })?;
    let visible = found.intersected_crop_box();
    let visible = [visible.x0, visible.y0, visible.x1, visible.y1];
    let turns = quarter_turns(found);
    let rect = match measured {
        Measured::AsSeen => rect,
        Measured::OnPage => as_seen(visible, turns, rect),
    };
    on_box(visible, turns, rect)
}

/// The way back from what [`on_box`] does.
fn as_seen(visible: [f64; 4], turns: u8, rect: [f64; 4]) -> [f64; 4] {
    let [x0, y0, x1, y1] = visible;
    let [x, y, width, height] = rect;
    match turns {
        1 => [y - y0, x1 - x - width, height, width],
        2 => [x1 - x - width, y1 - y - height, width, height],
        3 => [y1 - y - height, x - x0, height, width],
        _ => [x - x0, y - y0, width, height],
    }
}

/// The placement of a widget that has its rectangle already; none if that has no extent. A rotation of its own (/MK /R)
/// does not count: the signature stands upright on the page as it is seen.
pub(crate) fn of_widget(document: &Document, widget: u32, page: Option<u32>) -> Option<Placement> {
    let rect = document.extent(widget)?;
    let [width, height] = [rect[2] - rect[0], rect[3] - rect[1]];
    let index = page.and_then(|page| usize::try_from(page).ok()?.checked_sub(1));
    let turns = index
        .and_then(|index| document.pdf().pages().get(index))
        .map_or(0, quarter_turns);
    let size = if turns % 2 == 1 {
        [height, width]
    } else {
        [width, height]
    };
    Some(Placement {
        rect,
        size,
        matrix: upright(turns),
    })
}

fn on_box(visible: [f64; 4], turns: u8, rect: [f64; 4]) -> Result<Placement, Refusal> {
    let [x0, y0, x1, y1] = visible;
    let seen = if turns % 2 == 1 {
        [y1 - y0, x1 - x0]
    } else {
        [x1 - x0, y1 - y0]
    };
    let [left, bottom, width, height] = rect;
    let fits =
        |start: f64, length: f64, room: f64| start >= 0.0 && length >= SMALLEST && start + length <= room + ROUNDING;
    if !(fits(left, width, seen[0]) && fits(bottom, height, seen[1])) {
        return Err(Refusal::PlacementOutsidePage { rect, visible: seen });
    }
    let point = |right: f64, up: f64| match turns {
        1 => [x1 - up, y0 + right],
        2 => [x1 - right, y1 - up],
        3 => [x0 + up, y1 - right],
        _ => [x0 + right, y0 + up],
    };
    let [a, b] = [point(left, bottom), point(left + width, bottom + height)];
    Ok(Placement {
        rect: [a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])],
        size: [width, height],
        matrix: upright(turns),
    })
}

/// Turns the appearance against the page, so that both together are upright.
fn upright(turns: u8) -> [f64; 6] {
    match turns {
        1 => [0.0, 1.0, -1.0, 0.0, 0.0, 0.0],
        2 => [-1.0, 0.0, 0.0, -1.0, 0.0, 0.0],
        3 => [0.0, -1.0, 1.0, 0.0, 0.0, 0.0],
        _ => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
    }
}

/// How often the page is turned clockwise by 90 degrees.
fn quarter_turns(page: &Page<'_>) -> u8 {
    match page.rotation() {
        Rotation::None => 0,
        Rotation::Horizontal => 1,
        Rotation::Flipped => 2,
        Rotation::FlippedHorizontal => 3,
    }
}

/// Boxes are rounded by their writers.
const ROUNDING: f64 = 0.01;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_lands_where_it_is_seen() {
        // A box that does not start at zero; 10 from the left and 20 from the bottom as seen, 30 wide and 40 high.
        for (turns, rect) in [
            (0, [110.0, 220.0, 140.0, 260.0]),
            (1, [240.0, 210.0, 280.0, 240.0]),
            (2, [260.0, 440.0, 290.0, 480.0]),
            (3, [120.0, 460.0, 160.0, 490.0]),
        ] {
            let placed = on_box([100.0, 200.0, 300.0, 500.0], turns, [10.0, 20.0, 30.0, 40.0]).unwrap();
            assert_eq!(
                (placed.rect, placed.size),
                (rect, [30.0, 40.0]),
                "{turns} quarter turns"
            );
            let [x0, y0, x1, y1] = rect;
            let back = as_seen([100.0, 200.0, 300.0, 500.0], turns, [x0, y0, x1 - x0, y1 - y0]);
            assert_eq!(back, [10.0, 20.0, 30.0, 40.0], "{turns} quarter turns, and back");
        }
    }

    #[test]
    fn what_is_not_on_the_page_is_refused() {
        for (turns, rect) in [
            (0, [-1.0, 0.0, 30.0, 30.0]),
            (0, [180.0, 0.0, 30.0, 30.0]),
            (0, [0.0, 0.0, 250.0, 30.0]),
            (1, [0.0, 180.0, 30.0, 30.0]),
            (0, [0.0, 0.0, 1.0, 30.0]),
            (0, [f64::NAN, 0.0, 30.0, 30.0]),
            (0, [0.0, 0.0, f64::INFINITY, 30.0]),
        ] {
            let refused = on_box([100.0, 200.0, 300.0, 500.0], turns, rect);
            assert!(matches!(refused, Err(Refusal::PlacementOutsidePage { .. })), "{rect:?}");
        }
        assert!(on_box([100.0, 200.0, 300.0, 500.0], 1, [250.0, 0.0, 50.0, 200.0]).is_ok());
    }
}
