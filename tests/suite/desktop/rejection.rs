//! A contract that is turned down, and taken up again.

use countersign_tests::window::{app::Stage, scene::Scene};

use super::steps;

const REASON: &str = "第三条的期限不对 (clause 3)";

pub(crate) fn rejected_and_taken_up_again(stage: Stage<'_>) {
    let Some(scene) = Scene::with_shim() else { return };
    let app = scene.open(stage);
    let page = app.page();
    let contract = steps::add(&scene, &app);
    page.click("review.reject");
    // Not without a reason.
    page.click("review.reject-confirm");
    page.element("review.reject-reason[aria-invalid=\"true\"]");
    page.element("review.reject-reason").type_text(REASON);
    page.click("review.reject-confirm");
    steps::stands(page, &contract, "rejected");
    assert_eq!(page.text("desk.rejected"), REASON);
    app.kill();

    let app = scene.open(stage);
    let page = app.page();
    steps::stands(page, &contract, "rejected");
    assert_eq!(page.text("desk.rejected"), REASON);
    steps::open(page, &contract);
    steps::on(page, "review");
    assert_eq!(page.text("review.rejected"), REASON);
    assert_eq!(page.count("continue"), 0, "a rejected contract can be approved");
    page.click("review.reopen");
    page.wait_for("continue", steps::SLOW);
    steps::stands(page, &contract, "to-review");
    assert_eq!(page.count("desk.rejected"), 0);
    // Neither the token nor the folder knows of it.
    assert_eq!(steps::logins(&scene), 0);
    assert_eq!(std::fs::read_dir(scene.desk.work()).unwrap().count(), 1);
}
