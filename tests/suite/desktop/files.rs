//! Files: one that changes under the reader, one that comes with a second start.

use std::process::{Command, Stdio};

use countersign_tests::{
    contracts,
    window::{app::Stage, scene::Scene, until},
};

use super::steps;

pub(crate) fn a_file_changes_during_the_review(stage: Stage<'_>) {
    let scene = Scene::with_sample();
    let app = scene.open(stage);
    let page = app.page();
    steps::add(&scene, &app);
    steps::look_at_all_pages(page);
    let before = page.text("review.sha256");
    std::fs::write(scene.contract(), contracts::classic().bytes).unwrap();
    page.wait_for("review.refresh", steps::SLOW);
    // What is shown is still the private copy, and it is not signed.
    assert_eq!(page.text("review.sha256"), before);
    assert_eq!(page.attribute("continue", "aria-disabled"), "true");
    page.click("review.refresh");
    until("the new file", steps::SLOW, || {
        let now = page.text("review.sha256");
        if now == before { Err(page.seen()) } else { Ok(()) }
    });
    assert_eq!(page.attribute("coverage", "data-pages"), "2");
    steps::look_at_all_pages(page);
    steps::approve(page);
    // And once more, later than anybody looks: the button itself refuses.
    let mut other = contracts::classic().bytes;
    other.extend_from_slice(b"\n% another\n");
    std::fs::write(scene.contract(), other).unwrap();
    page.click("sign.start");
    steps::fault(page, "changed-since-review");
    steps::no_pin_asked(&app);
    assert_eq!(
        std::fs::read_dir(scene.desk.work()).unwrap().count(),
        1,
        "nothing was written beside the contract"
    );
}

pub(crate) fn a_second_start_hands_its_file_over(stage: Stage<'_>) {
    let scene = Scene::new();
    let app = scene.open(stage);
    let page = app.page();
    assert_eq!(page.count("desk.card"), 0);
    let second = Command::new(&stage.tools.binary)
        .arg(scene.contract())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(stage.display.environment())
        .envs(scene.start().environment)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ended = countersign_tests::surroundings::ended(second, steps::SLOW);
    assert_eq!(ended.status.code(), Some(0));
    steps::on(page, "review");
    page.wait_for("review.page", steps::SLOW);
    page.click("nav.desk");
    page.wait_for("desk.card[data-name=\"contract.pdf\"]", steps::SLOW);
    assert_eq!(page.count("desk.card"), 1);
}
