//! The text of a page is there to be selected and searched: Chinese above all, which can be missing without a word.

use countersign_tests::{
    judge::tools,
    window::{app::Stage, scene::Scene, until},
};

use super::steps;

pub(crate) fn chinese_text_can_be_selected(stage: Stage<'_>) {
    let scene = Scene::with_sample();
    let app = scene.open(stage);
    let page = app.page();
    steps::add(&scene, &app);
    let first = "review.page[data-page=\"1\"]";
    page.wait_for(&format!("{first}[data-rendered=\"true\"]"), steps::SLOW);
    assert_eq!(page.attribute(first, "data-reviewable"), "true");
    let layer = "document.querySelector('[data-testid=\"review.page\"][data-page=\"1\"] .textLayer')";
    let shown = until("its text", steps::SLOW, || {
        let text = steps::told(page, &format!("return {layer}?.textContent ?? '';"));
        if text.is_empty() { Err(page.seen()) } else { Ok(text) }
    });
    let selected = steps::told(
        page,
        &format!("getSelection().selectAllChildren({layer}); return getSelection().toString();"),
    );
    assert_eq!(characters(&selected), characters(&shown));
    assert!(shown.contains("基金托管协议"), "{shown}");
    let Some(theirs) = tools::page_text(&scene.contract(), 1) else {
        return;
    };
    let (ours, theirs) = (characters(&shown), characters(&theirs));
    assert!(
        ours == theirs,
        "only in the window or only elsewhere: {:?}",
        apart(&ours, &theirs)
    );
}

/// What is left of a text when lines and blanks do not count, nor the order of its pieces: the two programs cut lines
/// differently (pdftotext takes hyphens at their ends away), and nothing is allowed to be missing or added.
fn characters(text: &str) -> Vec<char> {
    let mut all: Vec<char> = text
        .chars()
        .filter(|c| !c.is_whitespace() && !['-', '\u{ad}'].contains(c))
        .collect();
    all.sort_unstable();
    all
}

/// What one has and the other has not, both being sorted.
fn apart(one: &[char], other: &[char]) -> Vec<char> {
    let mut rest = other.to_vec();
    let mut apart = Vec::new();
    for c in one {
        match rest.binary_search(c) {
            Ok(at) => drop(rest.remove(at)),
            Err(_) => apart.push(*c),
        }
    }
    apart.extend(rest);
    apart
}
