//! Services that are away: what has been reached stays, what is missing is said, and it goes on when they are back.

use countersign_tests::window::{app::Stage, gate::State, scene::Scene};

use super::steps;

pub(crate) fn an_authority_is_down_then_back(stage: Stage<'_>) {
    let scene = Scene::new();
    scene.tsa.set(State::Shut);
    let app = scene.open(stage);
    let page = app.page();
    let contract = steps::prepare(&scene, &app);
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    steps::stage(page, "signed", "done", steps::SLOW);
    steps::stage(page, "stamped", "waiting", steps::SLOW);
    steps::fault(page, "tsa-unreachable");
    steps::stands(page, &contract, "waiting-for-stamp");
    scene.tsa.set(State::Open);
    steps::open(page, &contract);
    steps::retry(page, "stamped");
    steps::to_the_end(&scene, &app);
}

pub(crate) fn a_chain_is_down_then_back(stage: Stage<'_>) {
    let scene = Scene::new();
    let Some(node) = &scene.node else { return };
    node.set(State::Shut);
    let app = scene.open(stage);
    let page = app.page();
    let contract = steps::prepare(&scene, &app);
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    steps::submit(page);
    steps::stage(page, "submitted", "waiting", steps::SLOW);
    steps::fault(page, "endpoint-unreachable");
    steps::stands(page, &contract, "waiting-for-chain");
    node.set(State::Open);
    steps::open(page, &contract);
    steps::retry(page, "submitted");
    steps::finished(page);
    steps::no_pin_asked(&app);
    steps::verified(page);
    steps::judged(&scene);
}
