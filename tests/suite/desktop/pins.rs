//! PINs: wrong, refused, locked.

use countersign_tests::window::{
    app::{App, Stage},
    dialog,
    scene::Scene,
    until,
};

use super::steps;

pub(crate) fn a_wrong_pin_then_the_right_one(stage: Stage<'_>) {
    let Some(scene) = Scene::with_shim() else { return };
    let app = scene.open(stage);
    steps::prepare(&scene, &app);
    app.page().click("sign.start");
    steps::give_pin(&app, "0000");
    // The person is asked whether to try again, and says yes.
    let again = dialog::wait(app.display(), dialog::PIN, steps::SLOW);
    if again.title().contains(dialog::AGAIN) {
        again.key("Return");
        again.wait_closed();
    }
    steps::give_pin(&app, &scene.desk.pin());
    steps::on(app.page(), "receipt");
    steps::to_the_end(&scene, &app);
    assert_eq!(steps::logins(&scene), 2, "{:?}", scene.shim.as_ref().unwrap().calls());
}

pub(crate) fn a_pin_is_not_given(stage: Stage<'_>) {
    let Some(scene) = Scene::with_shim() else { return };
    let app = scene.open(stage);
    let page = app.page();
    let contract = steps::prepare(&scene, &app);
    page.click("sign.start");
    let dialog = steps::pin_dialog(&app);
    dialog.key("Escape");
    dialog.wait_closed();
    steps::fault(page, "cancelled");
    steps::no_pin_asked(&app);
    assert_eq!(steps::logins(&scene), 0);
    // Nothing was lost: the same contract is signed at the second attempt.
    steps::stands(page, &contract, "waiting-for-token");
    steps::open(page, &contract);
    sign_again(&scene, &app);
    steps::to_the_end(&scene, &app);
}

pub(crate) fn a_locked_token(stage: Stage<'_>) {
    let Some(scene) = Scene::with_shim() else { return };
    let app = scene.open(stage);
    let page = app.page();
    let shim = scene.shim.as_ref().unwrap();
    let contract = steps::prepare(&scene, &app);
    // It is locked by somebody else, between choice and PIN: the token says so itself.
    shim.fault("login-locked");
    steps::sign(&scene, &app);
    steps::fault(page, "pin-locked");
    // From now on it says so in its flags, and nobody is asked for a PIN.
    shim.fault("locked");
    until("the locked card", steps::SLOW, || {
        match page.count("sign.credential[data-pin-state=\"locked\"]") {
            0 => Err(page.seen()),
            _ => Ok(()),
        }
    });
    steps::no_pin_asked(&app);
    assert_eq!(steps::logins(&scene), 1);
    // Unlocked by its administrator.
    shim.well();
    page.wait_for("sign.credential[data-pin-state=\"ok\"]", steps::SLOW);
    let _here = contract;
    steps::choose_credential(page);
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    steps::to_the_end(&scene, &app);
}

/// From wherever the contract's card has led to: its receipt, or the sign screen.
pub(crate) fn sign_again(scene: &Scene, app: &App<'_>) {
    choose_again(app);
    steps::sign(scene, app);
    steps::on(app.page(), "receipt");
}

/// The same up to the button that signs.
pub(crate) fn choose_again(app: &App<'_>) {
    let page = app.page();
    until("a way to sign", steps::SLOW, || {
        if page.count("app[data-screen=\"sign\"] sign.start") > 0 {
            return Ok(());
        }
        for name in ["receipt.sign", "continue[aria-disabled=\"false\"]"] {
            if page.count(name) > 0 {
                page.click(name);
            }
        }
        Err(page.seen())
    });
    steps::choose_credential(page);
    page.choose("sign.endpoint", countersign_tests::surroundings::Chain::NAME);
}
