//! Tokens that say in their flags that few tries are left, or one.

use countersign_tests::window::{
    app::{App, Stage},
    reader::{Part, Reader, words},
    scene::Scene,
};

use super::{pins, steps};

pub(crate) fn the_final_try_needs_consent(stage: Stage<'_>) {
    let (Some(scene), Some(reader)) = (Scene::with_shim(), Reader::start()) else {
        return;
    };
    let shim = scene.shim.as_ref().unwrap();
    shim.fault("low");
    let app = App::start(stage, &reader.lets_read(scene.start()));
    let page = app.page();
    let contract = steps::prepare(&scene, &app);
    // Few tries: said, and nothing has to be agreed to.
    page.wait_for("sign.credential[data-pin-state=\"count-low\"]", steps::SLOW);
    page.click("sign.start");
    let dialog = steps::pin_dialog(&app);
    reader.wait_for(&dialog, "the warning", |part| part.name == words("pin-count-low"));
    let parts = reader.parts(app.display(), &dialog.title());
    assert!(!parts.iter().any(|part| part.role == "check box"), "{parts:?}");
    dialog.key("Escape");
    dialog.wait_closed();
    steps::fault(page, "cancelled");
    assert_eq!(steps::logins(&scene), 0);

    // The final one: without the consent the PIN goes nowhere, whatever is pressed.
    shim.fault("final");
    steps::stands(page, &contract, "waiting-for-token");
    steps::open(page, &contract);
    pins::choose_again(&app);
    page.wait_for("sign.credential[data-pin-state=\"final-try\"]", steps::SLOW);
    page.click("sign.start");
    let dialog = steps::pin_dialog(&app);
    reader.wait_for(&dialog, "the warning", |part| part.name == words("pin-final-try"));
    let consent = |part: &Part| part.role == "check box" && part.name == words("pin-consent");
    let agree = |part: &Part| part.role == "push button" && part.name == words("button-sign");
    reader.wait_for(&dialog, "no consent yet", |part| consent(part) && !part.is("checked"));
    dialog.type_text(&scene.desk.pin());
    dialog.key("Return");
    reader.wait_for(&dialog, "a button that does nothing", |part| {
        agree(part) && !part.is("sensitive")
    });
    assert_eq!(steps::logins(&scene), 0, "a try was spent without consent");
    // From the entry back to the box, and with it ticked the button works.
    dialog.key("shift+Tab");
    reader.wait_for(&dialog, "the keyboard at the consent", |part| {
        consent(part) && part.is("focused")
    });
    dialog.key("space");
    reader.wait_for(&dialog, "the consent", |part| consent(part) && part.is("checked"));
    reader.wait_for(&dialog, "the button", |part| agree(part) && part.is("sensitive"));
    dialog.key("Tab");
    dialog.key("Return");
    dialog.wait_closed();
    steps::signed(&scene, &app);
    assert_eq!(steps::logins(&scene), 1);
}
