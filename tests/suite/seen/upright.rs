//! Rotations, boxes and units of pages: each signature looks like the one on a plain page, where it was asked for.

use countersign_tests::{
    contracts,
    desk::{Desk, Pin, Workshop},
    readers::{self, OTHERS, PageView},
};

use super::{arguments, cut, files, ink};
use crate::readers::compare;

/// Where the signature is asked for, as it is seen.
const PLACE: [usize; 4] = [40, 50, 150, 60];
/// The largest difference of a square of the cut picture: it is drawn by other paths of the readers when turned.
const MOST: u32 = 60;

/// Signs, and gives what each reader shows.
fn signed(desk: &Desk, bytes: &[u8], more: &[&str]) -> Vec<(&'static str, Vec<PageView>)> {
    let (from, to) = (desk.put("from.pdf", bytes), desk.work().join("to.pdf"));
    let run = desk.run(&arguments(desk, &from, &to, more), Pin::File);
    assert_eq!(run.exit, Some(0), "{more:?}: {}", run.told());
    let others = OTHERS.into_iter().zip(readers::others(&to));
    let shown = others.filter_map(|(name, shown)| Some((name, shown?)));
    shown
        .map(|(name, shown)| (name, shown.unwrap_or_else(|error| panic!("{name}: {error}")).pages))
        .collect()
}

/// The same picture at these places of the pages.
fn alike(case: &str, plain: &[(&str, Vec<PageView>)], shown: &[(&str, Vec<PageView>)], page: usize, place: [usize; 4]) {
    for ((name, plain), (_, shown)) in plain.iter().zip(shown) {
        let (one, other) = (cut(&plain[0], PLACE), cut(&shown[page], place));
        assert!(ink(&one) > 20, "{name} shows the plain one");
        assert!(
            compare::pictures(&one, &turned(&one)) > MOST,
            "a signature on its head would be seen"
        );
        let most = compare::pictures(&one, &other);
        assert!(most <= MOST, "{case}: {name} shows it elsewhere or turned, by {most}");
    }
}

/// Turned by 180 degrees.
fn turned(page: &PageView) -> PageView {
    let mut turned = page.clone();
    turned.grey.reverse();
    turned
}

/// With a seal at the left, which would be elsewhere in a signature that is turned.
fn visible(desk: &Desk) -> [String; 4] {
    let seal = desk.put("seal.png", &contracts::seal());
    let [left, bottom, width, height] = PLACE;
    let place = format!("1,{left},{bottom},{width},{height}");
    [
        "--visible".to_owned(),
        place,
        "--image".to_owned(),
        seal.to_str().unwrap().to_owned(),
    ]
}

#[test]
fn a_new_signature_is_upright_and_in_place_on_every_page() {
    let desk = Workshop::shared().desk();
    let words = visible(&desk);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let page = |entries: &str| files::two_pages([entries, "/MediaBox [0 0 595 842]"], &[]);
    let plain = signed(&desk, &page("/MediaBox [0 0 595 842]"), &words);
    for rotate in ["0", "90", "180", "270", "-90", "450"] {
        for boxes in [
            "/MediaBox [0 0 595 842]",
            "/MediaBox [-50 -20 545 822] /CropBox [0 30 500 800]",
        ] {
            let case = format!("{boxes} /Rotate {rotate}");
            let shown = signed(&desk, &page(&case), &words);
            alike(&case, &plain, &shown, 0, PLACE);
            for (name, pages) in &shown {
                assert_eq!(ink(&pages[1]), 0, "{case}: {name} shows something on the other page");
            }
        }
    }
}

#[test]
fn prepared_fields_with_one_rectangle_are_upright_each_on_its_page() {
    let desk = Workshop::shared().desk();
    // A square in the middle: it is the same place however the page is turned. Below short lines stands a long one.
    let rect = "/Rect [221 221 371 371]";
    let long = "m".repeat(30);
    for rotate in ["0", "90", "180", "270", "-90", "450"] {
        let turned = format!("/MediaBox [0 0 592 592] /Rotate {rotate}");
        let own = format!("{rect} /MK << /R 90 >>");
        let fields = [("A", 0, rect), ("B", 1, own.as_str())];
        let file = files::two_pages([&turned, "/MediaBox [0 0 592 592]"], &fields);
        for (field, page) in [("A", 0), ("B", 1)] {
            for (name, pages) in signed(&desk, &file, &["--field", field, "--reason", &long]) {
                let half = |left| darkness(&cut(&pages[page], [left, 223, 73, 146]));
                let (left, right) = (half(223), half(296));
                assert!(
                    left > right * 5 / 4 && right > 0,
                    "/Rotate {rotate}: {name} shows {field} turned: {left} at the left, {right} at the right"
                );
                assert_eq!(ink(&pages[1 - page]), 0, "{name} shows {field} on the other page");
            }
        }
    }
}

/// How dark it is altogether.
fn darkness(page: &PageView) -> u64 {
    page.grey.iter().map(|grey| u64::from(255 - grey)).sum()
}
