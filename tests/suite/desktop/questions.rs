//! Two questions to the person at the same time: the one that comes later waits.

use std::time::{Duration, Instant};

use countersign_tests::{
    contracts,
    window::{app::Stage, dialog, gate::State, scene::Scene, until},
};

use super::steps;

pub(crate) fn a_second_question_waits(stage: Stage<'_>) {
    let Some(scene) = Scene::with_token_account() else {
        return;
    };
    let Some(node) = &scene.node else { return };
    let app = scene.open(stage);
    let first = steps::prepare(&scene, &app);
    steps::sign(&scene, &app);
    steps::on(app.page(), "receipt");
    steps::stage(app.page(), "recorded", "done", steps::SLOW);
    // A login is good for everything in the same process: it is forgotten with it.
    app.kill();
    let app = scene.open(stage);
    let page = app.page();
    // The node is slow: the first contract's account is to be used only when the second contract is being signed.
    node.set(State::Held);
    steps::stands(page, &first, "ready-to-submit");
    steps::open(page, &first);
    steps::submit(page);
    until("the node to be asked", steps::SLOW, || match node.connections() {
        0 => Err(page.seen()),
        _ => Ok(()),
    });
    page.click("nav.desk");
    let mut other = contracts::classic().bytes;
    other.extend_from_slice(b"\n% another\n");
    let second = steps::add_file(&scene, &app, &scene.desk.put("second.pdf", &other));
    steps::look_at_all_pages(page);
    steps::approve(page);
    page.click("sign.start");
    let signing = steps::pin_dialog(&app);
    node.set(State::Open);
    // Everything that has to be known before the account is used is asked of the node; then it is quiet.
    let (mut asked, mut since) = (0, Instant::now());
    until("the account to be needed", steps::SLOW, || {
        if node.passed() != asked {
            (asked, since) = (node.passed(), Instant::now());
        }
        match asked > 1 && since.elapsed() > QUIET {
            true => Ok(()),
            false => Err(format!("{asked} pieces went through")),
        }
    });
    assert_eq!(dialog::windows(app.display(), dialog::PIN).len(), 1);
    signing.type_text(&scene.desk.pin());
    signing.key("Return");
    signing.wait_closed();
    // Now it is the account's turn.
    steps::give_pin(&app, &scene.desk.pin());
    steps::stands(page, &second, "ready-to-submit");
    steps::stands(page, &first, "done");
}

/// Between two calls to the node there is no such pause.
const QUIET: Duration = Duration::from_millis(1200);
