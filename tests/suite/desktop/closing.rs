//! The window is closed while something runs: it goes on without a window, the program ends by itself, and what is left to
//! do is picked up at the next start.

use countersign_tests::window::{app::Stage, dialog, gate::State, scene::Scene, until};

use super::steps;

pub(crate) fn closed_before_the_stamp(stage: Stage<'_>) {
    let scene = Scene::new();
    scene.tsa.set(State::Held);
    let app = scene.open(stage);
    let contract = steps::prepare(&scene, &app);
    let window = dialog::wait(app.display(), "Countersign", steps::SLOW);
    steps::sign(&scene, &app);
    until("the authority to be asked", steps::SLOW, || {
        match scene.tsa.connections() {
            0 => Err(app.page().seen()),
            _ => Ok(()),
        }
    });
    window.key("alt+F4");
    until("the window to go", steps::SLOW, || {
        match dialog::windows(app.display(), "Countersign").len() {
            0 => Ok(()),
            _ => Err(dialog::titles(app.display())),
        }
    });
    assert!(app.lives(), "the authority has not answered yet");
    // It never does: the signature is kept without its stamp, and then there is nothing more to do.
    until("the program to end", steps::SLOW, || {
        if app.lives() { Err("it runs".to_owned()) } else { Ok(()) }
    });
    drop(app);
    scene.tsa.set(State::Open);
    let app = scene.open(stage);
    let page = app.page();
    steps::stands(page, &contract, "ready-to-submit");
    steps::no_pin_asked(&app);
    steps::open(page, &contract);
    steps::to_the_end(&scene, &app);
}
