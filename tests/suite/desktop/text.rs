//! The text of a page is there to be selected and searched: Chinese above all, which can be missing without a word. And it
//! is let go of with its page.

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

/// Every layer of text can be collected once its page is gone; the engine of the window keeps what stands in certain circles.
pub(crate) fn the_text_of_pages_is_let_go(stage: Stage<'_>) {
    let scene = Scene::with_sample();
    let app = scene.open(stage);
    let page = app.page();
    steps::told(
        page,
        "window.layers = { known: new WeakSet(), made: 0, gone: 0 }; \
         window.layers.registry = new FinalizationRegistry(() => { window.layers.gone += 1; }); return '';",
    );
    steps::add(&scene, &app);
    until("the text of every page", steps::SLOW, || {
        let made = page.run(
            "const [l, e] = [window.layers, document.querySelector('[data-testid=\"pages\"]')]; \
             for (const layer of document.querySelectorAll('.textLayer')) { \
               if (l.known.has(layer)) continue; \
               l.known.add(layer); l.registry.register(layer); l.made += 1; \
             } \
             if (e.scrollTop + e.clientHeight >= e.scrollHeight - 4) e.scrollTop = 0; \
             else e.scrollTop += e.clientHeight / 2; \
             return l.made;",
            &[],
        )?;
        if made.as_u64() >= Some(ENOUGH) {
            Ok(())
        } else {
            Err(made.to_string())
        }
    });
    page.click("nav.desk");
    steps::on(page, "desk");
    until("its being collected", steps::SLOW, || {
        // Litter, for the collector comes only when there is some.
        let held = page.run(
            "let litter = []; \
             for (let i = 0; i < 400000; i += 1) litter.push({ i, all: [i] }); \
             return window.layers.made - window.layers.gone;",
            &[],
        )?;
        // It looks for addresses on the stack too, and may take a number for one.
        if held.as_u64().is_some_and(|held| held <= 1) {
            Ok(())
        } else {
            Err(format!("{held} of them are held"))
        }
    });
}

/// Layers of text that are watched: the contract has fewer pages, and they are drawn again when one comes back to them.
const ENOUGH: u64 = 8;

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
