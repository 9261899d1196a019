//! A reader with keys of its own: nothing is typed on this machine, and what happens on the device is followed.

use countersign_tests::window::{
    app::{App, Stage},
    dialog::{self, Dialog},
    reader::{Reader, words},
    scene::Scene,
};

use super::{pins, steps};

pub(crate) fn a_pin_is_entered_on_the_device(stage: Stage<'_>) {
    let (Some(scene), Some(reader)) = (Scene::with_shim(), Reader::start()) else {
        return;
    };
    let shim = scene.shim.as_ref().unwrap();
    shim.fault("pad wait");
    let app = App::start(stage, &reader.lets_read(scene.start()));
    steps::prepare(&scene, &app);
    app.page()
        .wait_for("sign.credential[data-pin-pad=\"true\"]", steps::SLOW);
    app.page().click("sign.start");
    let dialog = on_device(&app);
    for key in ["device-heading", "device-cancel"] {
        reader.wait_for(&dialog, key, |part| part.name == words(key));
    }
    // There is nothing to type into and nothing to agree to, and keys change nothing.
    let parts = reader.parts(app.display(), &dialog.title());
    let buttons: Vec<&str> = parts
        .iter()
        .filter(|part| part.role == "push button" && part.is("showing"))
        .map(|part| part.name.as_str())
        .collect();
    assert_eq!(buttons, [words("button-cancel")], "{parts:?}");
    let typed = ["text", "password text", "entry"];
    assert!(
        !parts.iter().any(|part| typed.contains(&part.role.as_str())),
        "{parts:?}"
    );
    dialog.type_text(&scene.desk.pin());
    assert_eq!(signatures(&scene), 0);
    steps::no_pin_asked(&app);
    assert!(!dialog::windows(app.display(), dialog::ON_DEVICE).is_empty());
    // Entered: it closes by itself.
    shim.fault("pad");
    dialog.wait_closed();
    steps::signed(&scene, &app);
    assert_eq!((nulls(&scene), signatures(&scene)), (1, 1));
}

pub(crate) fn a_device_refuses(stage: Stage<'_>) {
    let Some(scene) = Scene::with_shim() else { return };
    let shim = scene.shim.as_ref().unwrap();
    shim.fault("pad wait");
    let app = scene.open(stage);
    let page = app.page();
    let contract = steps::prepare(&scene, &app);
    page.click("sign.start");
    let dialog = on_device(&app);
    // A wrong PIN, entered there: said here, and tried again.
    shim.fault("pad wrong");
    dialog.wait_closed();
    let again = dialog::wait(app.display(), dialog::AGAIN, steps::SLOW);
    shim.fault("pad wait");
    again.key("Return");
    again.wait_closed();
    // Then it is cancelled there.
    let dialog = on_device(&app);
    shim.fault("pad cancel");
    dialog.wait_closed();
    steps::fault(page, "cancelled");
    steps::stands(page, &contract, "waiting-for-token");
    assert_eq!((nulls(&scene), signatures(&scene)), (2, 0));
    // Nothing was lost.
    shim.fault("pad");
    steps::open(page, &contract);
    pins::choose_again(&app);
    page.click("sign.start");
    steps::signed(&scene, &app);
    assert_eq!((nulls(&scene), signatures(&scene)), (3, 1));
}

pub(crate) fn a_device_says_yes_too_late(stage: Stage<'_>) {
    let Some(scene) = Scene::with_shim() else { return };
    let shim = scene.shim.as_ref().unwrap();
    shim.fault("pad wait");
    let app = scene.open(stage);
    let page = app.page();
    let contract = steps::prepare(&scene, &app);
    page.click("sign.start");
    // Cancelled here, and then the PIN is entered all the same: nothing is signed.
    let dialog = on_device(&app);
    dialog.key("Escape");
    dialog.wait_closed();
    shim.fault("pad");
    steps::fault(page, "cancelled");
    steps::stands(page, &contract, "waiting-for-token");
    assert_eq!((nulls(&scene), signatures(&scene)), (1, 0));
    assert_eq!(std::fs::read_dir(scene.desk.work()).unwrap().count(), 1);
    // That login is not made use of later, either: the device asks again.
    shim.fault("pad wait");
    steps::open(page, &contract);
    pins::choose_again(&app);
    page.click("sign.start");
    let dialog = on_device(&app);
    shim.fault("pad");
    dialog.wait_closed();
    steps::signed(&scene, &app);
    assert_eq!((nulls(&scene), signatures(&scene)), (2, 1));
}

fn on_device<'a>(app: &App<'a>) -> Dialog<'a> {
    dialog::wait(app.display(), dialog::ON_DEVICE, steps::SLOW)
}

fn nulls(scene: &Scene) -> usize {
    count(scene, "null-login")
}

fn signatures(scene: &Scene) -> usize {
    count(scene, "sign")
}

fn count(scene: &Scene, word: &str) -> usize {
    let calls = scene.shim.as_ref().unwrap().calls();
    calls.iter().filter(|call| *call == word).count()
}
