//! A token that is pulled, and put in again.

use countersign_tests::window::{app::Stage, scene::Scene};

use super::{pins, steps};

pub(crate) fn a_token_goes_and_comes_back(stage: Stage<'_>) {
    let Some(scene) = Scene::with_shim() else { return };
    let shim = scene.shim.as_ref().unwrap();
    shim.fault("gone");
    let app = scene.open(stage);
    let page = app.page();
    let contract = steps::add(&scene, &app);
    steps::look_at_all_pages(page);
    page.click("continue");
    steps::on(page, "sign");
    page.wait_for("sign.no-credential", steps::SLOW);
    // It is seen without being asked for.
    shim.well();
    page.wait_for("sign.credential[data-problem=\"\"]", steps::SLOW);
    shim.fault("gone");
    page.wait_for("sign.no-credential", steps::SLOW);
    shim.well();
    steps::choose_credential(page);
    page.choose("sign.endpoint", countersign_tests::surroundings::Chain::NAME);
    // Pulled while the PIN is being typed.
    page.click("sign.start");
    let dialog = steps::pin_dialog(&app);
    shim.fault("removed");
    dialog.type_text(&scene.desk.pin());
    dialog.key("Return");
    dialog.wait_closed();
    steps::fault(page, "token-removed");
    steps::stands(page, &contract, "waiting-for-token");
    shim.well();
    steps::open(page, &contract);
    pins::sign_again(&scene, &app);
    steps::to_the_end(&scene, &app);
}
