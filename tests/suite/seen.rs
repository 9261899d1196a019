//! Visible signatures as other readers show them: in place, upright, on their own page only, and with their text on every
//! machine.
//!
//! Not its business: what is drawn in detail (crate pdf), and whether the signature is valid (`interop`).

mod files;
mod typefaces;
mod upright;

use countersign_tests::{
    desk::{Desk, Key},
    readers::PageView,
};

/// The words of a run that signs `from` into `to`.
fn arguments(desk: &Desk, from: &std::path::Path, to: &std::path::Path, more: &[&str]) -> Vec<String> {
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let _old = std::fs::remove_file(to);
    let mut all = vec!["sign".to_owned(), path(from), "-o".to_owned(), path(to)];
    all.extend(["--yes", "--no-submit", "--level", "B-B", "--credential"].map(str::to_owned));
    all.extend([desk.credential(Key::P256), "--chain".to_owned(), path(&desk.chain())]);
    all.extend(more.iter().map(|word| (*word).to_owned()));
    all
}

/// A part of a page, given as it is seen: left, bottom, width, height.
fn cut(page: &PageView, [left, bottom, width, height]: [usize; 4]) -> PageView {
    let top = page.height - bottom - height;
    let rows = (top..top + height).map(|row| row * page.width + left);
    PageView {
        width,
        height,
        grey: rows
            .flat_map(|start| page.grey[start..start + width].to_vec())
            .collect(),
        text: String::new(),
    }
}

/// How much is drawn: the share of dark pixels, in thousandths.
fn ink(page: &PageView) -> usize {
    page.grey.iter().filter(|grey| **grey < 128).count() * 1000 / page.grey.len()
}
