//! The main job in the window, once, with everything well.

use countersign_tests::{
    surroundings::{Left, strays},
    window::{app::Stage, scene::Scene},
};
use sha2::{Digest as _, Sha256};

use super::steps;

pub(crate) fn from_the_contract_to_the_report(stage: Stage<'_>) {
    let scene = Scene::with_sample();
    let app = scene.open(stage);
    let page = app.page();
    let contract = steps::add(&scene, &app);
    // What is shown is what lies there.
    let digest = hex::encode(Sha256::digest(std::fs::read(scene.contract()).unwrap()));
    assert_eq!(page.text("review.sha256"), digest);
    assert_eq!(page.attribute("continue", "aria-disabled"), "true");
    steps::look_at_all_pages(page);
    steps::approve(page);
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    for name in ["signed", "stamped", "embedded", "recorded"] {
        steps::stage(page, name, "done", steps::SLOW);
    }
    // It is held until the person says so, and shown exactly.
    assert!(page.count("receipt.payload-field") >= 4, "{}", page.seen());
    steps::stands(page, &contract, "ready-to-submit");
    steps::open(page, &contract);
    steps::to_the_end(&scene, &app);

    let signed = hex::encode(Sha256::digest(std::fs::read(steps::output(&scene)).unwrap()));
    steps::stands(page, &contract, "done");
    steps::open(page, &contract);
    assert_eq!(page.text("receipt.sha256"), signed);
    app.kill();
    let left = Left::read(&scene.desk);
    assert_eq!((left.records.len(), left.unfinished.len()), (1, 0));
    assert_eq!(strays(&scene.desk.work()), Vec::<std::path::PathBuf>::new());
}
