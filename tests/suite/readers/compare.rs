//! Whether two readers show the same: pages, their sizes, their text, their pictures.
//!
//! Readers draw the same glyph with other typefaces and other edges. Pictures are therefore compared as averages over
//! squares; what a text says is compared as text.

use countersign_tests::readers::{PageView, Shown};

/// The side of a square, in points: about a line of text.
const SQUARE: usize = 16;
/// The largest difference of two averages (0 to 255). Other typefaces make up to TYPEFACES, a missing word more.
const MOST: u32 = 40;
/// Pixels by which sizes may differ: readers round them up, down, or to the nearest.
const ROUNDING: usize = 1;

/// What differs first, if anything does. Two readers that show nothing agree.
pub(crate) fn difference(one: &Shown, other: &Shown) -> Option<String> {
    let (one, other) = match (one, other) {
        (Ok(one), Ok(other)) => (one, other),
        (Err(_), Err(_)) => return None,
        _ => return Some("only one shows it".to_owned()),
    };
    if one.count != other.count {
        return Some(format!("{} and {} pages", one.count, other.count));
    }
    (1..)
        .zip(one.pages.iter().zip(&other.pages))
        .find_map(|(number, (one, other))| page(one, other).map(|how| format!("page {number}: {how}")))
}

fn page(one: &PageView, other: &PageView) -> Option<String> {
    if one.width.abs_diff(other.width) > ROUNDING || one.height.abs_diff(other.height) > ROUNDING {
        return Some(format!(
            "{}x{} and {}x{}",
            one.width, one.height, other.width, other.height
        ));
    }
    if letters(&one.text) != letters(&other.text) {
        return Some(format!("{:?} and {:?}", one.text.trim(), other.text.trim()));
    }
    let most = pictures(one, other);
    (most > MOST).then(|| format!("pictures, by {most} of 255"))
}

/// Without white space, which readers make up.
pub(crate) fn letters(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace() && !character.is_control())
        .collect()
}

/// The largest difference of two squares.
pub(crate) fn pictures(one: &PageView, other: &PageView) -> u32 {
    let (width, height) = (one.width.min(other.width), one.height.min(other.height));
    let mut most = 0;
    for top in (0..height).step_by(SQUARE) {
        for left in (0..width).step_by(SQUARE) {
            let average = |page: &PageView| {
                let rows = top..(top + SQUARE).min(height);
                let pixels = rows.flat_map(|row| {
                    let start = row * page.width + left;
                    &page.grey[start..start + SQUARE.min(width - left)]
                });
                let (sum, count) = pixels.fold((0_u32, 0_u32), |(sum, count), pixel| {
                    (sum + u32::from(*pixel), count + 1)
                });
                sum / count.max(1)
            };
            most = most.max(average(one).abs_diff(average(other)));
        }
    }
    most
}

#[test]
fn differences_are_seen() {
    use countersign_tests::readers::View;
    let white = PageView {
        width: 40,
        height: 40,
        grey: vec![255; 1600],
        text: "a b".to_owned(),
    };
    let mut black = white.clone();
    black.grey[..16].fill(0);
    let mut covered = white.clone();
    covered.grey[..400].fill(0);
    let mut wide = white.clone();
    (wide.width, wide.grey) = (43, vec![255; 43 * 40]);
    let mut words = white.clone();
    words.text = "ac".to_owned();
    let shown = |pages: &[&PageView]| {
        Ok(View {
            count: pages.len(),
            pages: pages.iter().map(|page| (*page).clone()).collect(),
        })
    };
    let nothing = || Err("unreadable".to_owned());
    for (one, other, differ) in [
        (shown(&[&white]), shown(&[&white]), false),
        (shown(&[&white]), shown(&[&black]), false),
        (shown(&[&white]), shown(&[&covered]), true),
        (shown(&[&white]), shown(&[&wide]), true),
        (shown(&[&white]), shown(&[&words]), true),
        (shown(&[&white]), shown(&[&white, &white]), true),
        (shown(&[&white]), nothing(), true),
        (nothing(), nothing(), false),
    ] {
        assert_eq!(difference(&one, &other).is_some(), differ, "{one:?} {other:?}");
    }
}
