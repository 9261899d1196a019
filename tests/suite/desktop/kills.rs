//! `kill -9` at each stage, and another start on the same home: nothing is lost, and once the signature exists nobody is
//! asked for a PIN again.

use countersign_tests::{
    surroundings::{Chain, Left},
    window::{
        app::{App, Stage},
        dialog,
        gate::State,
        scene::{Scene, chain},
    },
};

use super::{pins, steps};

pub(crate) fn while_reviewing(stage: Stage<'_>) {
    let scene = Scene::new();
    let app = scene.open(stage);
    let contract = steps::add(&scene, &app);
    steps::look_at_all_pages(app.page());
    app.kill();
    let app = scene.open(stage);
    let page = app.page();
    steps::stands(page, &contract, "to-review");
    steps::open(page, &contract);
    steps::on(page, "review");
    // What was seen stays seen.
    let pages = page.attribute("coverage", "data-pages");
    page.wait_attribute("coverage", "data-seen", &pages, steps::SLOW);
    steps::approve(page);
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    steps::to_the_end(&scene, &app);
}

pub(crate) fn at_the_pin(stage: Stage<'_>) {
    let scene = Scene::new();
    let app = scene.open(stage);
    let contract = steps::prepare(&scene, &app);
    app.page().click("sign.start");
    let _asked = steps::pin_dialog(&app);
    app.kill();
    let app = scene.open(stage);
    let page = app.page();
    steps::no_pin_asked(&app);
    page.wait_for(
        &format!("desk.card[data-contract=\"{contract}\"][data-state=\"waiting-for-token\"]"),
        steps::SLOW,
    );
    steps::open(page, &contract);
    pins::sign_again(&scene, &app);
    steps::to_the_end(&scene, &app);
}

pub(crate) fn before_the_stamp(stage: Stage<'_>) {
    let scene = Scene::new();
    scene.tsa.set(State::Held);
    let app = scene.open(stage);
    let contract = steps::prepare(&scene, &app);
    steps::sign(&scene, &app);
    steps::stage(app.page(), "signed", "done", steps::SLOW);
    app.kill();
    scene.tsa.set(State::Open);
    let app = scene.open(stage);
    go_on(&scene, &app, &contract);
}

pub(crate) fn before_the_submission(stage: Stage<'_>) {
    let scene = Scene::new();
    let app = scene.open(stage);
    let contract = steps::prepare(&scene, &app);
    steps::sign(&scene, &app);
    steps::stage(app.page(), "recorded", "done", steps::SLOW);
    app.kill();
    let before = sent();
    let app = scene.open(stage);
    // Another start is no word that it may go.
    steps::stands(app.page(), &contract, "ready-to-submit");
    assert_eq!(sent(), before, "transactions");
    go_on(&scene, &app, &contract);
}

pub(crate) fn before_it_is_final(stage: Stage<'_>) {
    let scene = Scene::new().confirmations(6);
    let before = sent();
    let app = scene.open(stage);
    let contract = steps::prepare(&scene, &app);
    steps::sign(&scene, &app);
    steps::submit(app.page());
    steps::stage(app.page(), "submitted", "done", steps::SLOW);
    app.kill();
    let app = scene.open(stage);
    let page = app.page();
    steps::open(page, &contract);
    steps::finished(page);
    assert_eq!(sent(), before + 1, "transactions");
    steps::no_pin_asked(&app);
    steps::verified(page);
    steps::judged(&scene);
}

pub(crate) fn when_all_is_done(stage: Stage<'_>) {
    let scene = Scene::new();
    let app = scene.open(stage);
    let contract = steps::prepare(&scene, &app);
    steps::sign(&scene, &app);
    steps::submit(app.page());
    steps::finished(app.page());
    app.kill();
    let app = scene.open(stage);
    let page = app.page();
    steps::stands(page, &contract, "done");
    steps::open(page, &contract);
    steps::finished(page);
    steps::verified(page);
    steps::judged(&scene);
}

/// Transactions of the account, all those of earlier cases being final.
fn sent() -> u64 {
    chain().map_or(0, Chain::sent)
}

/// The signature exists: it goes on by itself, up to the person's word, and nobody is asked for a PIN.
fn go_on(scene: &Scene, app: &App<'_>, contract: &str) {
    let page = app.page();
    steps::stands(page, contract, "ready-to-submit");
    assert!(
        dialog::windows(app.display(), dialog::PIN).is_empty(),
        "a PIN is asked for again"
    );
    steps::open(page, contract);
    steps::to_the_end(scene, app);
    let left = Left::read(&scene.desk);
    assert_eq!((left.records.len(), left.unfinished.len()), (1, 0));
}
