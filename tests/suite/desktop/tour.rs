//! The very first start: the practice tour, from the offer to a verified contract.

use countersign_tests::window::{app::Stage, scene::Scene};

use super::steps;

pub(crate) fn the_practice_tour(stage: Stage<'_>) {
    let scene = Scene::empty();
    let app = scene.open(stage);
    let page = app.page();
    assert_eq!(page.attribute("app", "data-practice"), "false");
    page.click("desk.first-tour");
    // Its keys are made now.
    page.wait_attribute("app", "data-practice", "true", steps::FINAL);
    page.wait_for("desk.card[data-state=\"to-review\"]", steps::SLOW);
    page.click("desk.card-open");
    steps::on(page, "review");
    steps::look_at_all_pages(page);
    page.click("continue");
    steps::on(page, "sign");
    page.wait_for("sign.credential[data-problem=\"\"]", steps::SLOW);
    page.click("sign.credential");
    let pin = page.text("sign.practice-pin");
    page.click("sign.start");
    steps::give_pin(&app, &pin);
    steps::on(page, "receipt");
    steps::submit(page);
    steps::finished(page);
    page.click("receipt.verify");
    steps::on(page, "verify");
    page.wait_for("verify.overall[data-value=\"TOTAL-PASSED\"]", steps::SLOW);
    assert_eq!(page.attribute("app", "data-practice"), "true");
}
