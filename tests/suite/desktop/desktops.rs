//! What the window asks of a desktop: notifications, opening the signed file, showing it in its folder.

use countersign_tests::window::{
    app::{App, Stage},
    gate::State,
    reader::words,
    scene::Scene,
    session::Session,
};

use super::steps;

pub(crate) fn what_arrives_is_notified(stage: Stage<'_>) {
    let scene = Scene::new();
    let Some(session) = Session::start(stage.logs, &scene.user()) else {
        return;
    };
    scene.tsa.set(State::Shut);
    let app = App::start(stage, &session.within(scene.start()));
    let page = app.page();
    let contract = steps::prepare(&scene, &app);
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    steps::stage(page, "stamped", "waiting", steps::SLOW);
    assert_eq!(session.calls("Notify"), 0);
    // The stamp arrives by itself, later.
    scene.tsa.set(State::Open);
    steps::retry(page, "stamped");
    let stamped = session.wait_call("Notify");
    let expected = words("notify-stamp-arrived").replace("{name}", "contract.pdf");
    assert_eq!(
        stamped,
        ["Notify", &words("app-title"), &expected, "default", "Countersign"]
    );
    // A click leads to it.
    page.click("nav.about");
    steps::on(page, "about");
    session.click();
    page.wait_attribute("app", "data-contract", &contract, steps::SLOW);
    steps::on(page, "receipt");
    if scene.node.is_some() {
        steps::submit(page);
        steps::finished(page);
        let expected = words("notify-chain-final").replace("{name}", "contract.pdf");
        session.wait_call(&format!("Notify\t{}\t{expected}\t", words("app-title")));
        assert_eq!(session.calls("Notify"), 2);
    }
}

pub(crate) fn the_signed_file_is_opened_and_shown(stage: Stage<'_>) {
    let scene = Scene::new();
    let Some(mut session) = Session::start(stage.logs, &scene.user()) else {
        return;
    };
    let app = App::start(stage, &session.within(scene.start()));
    let page = app.page();
    steps::prepare(&scene, &app);
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    steps::stage(page, "recorded", "done", steps::SLOW);
    let output = steps::output(&scene);
    page.click("receipt.open");
    assert_eq!(session.wait_opened("reader"), output);
    page.click("receipt.folder");
    let shown = session.wait_call("ShowItems");
    assert_eq!(shown, ["ShowItems", &format!("file://{}", output.display())]);
    // Without a file manager that can select, the folder is opened.
    session.end_services();
    page.click("receipt.folder");
    assert_eq!(session.wait_opened("files"), scene.desk.work());
    // What is gone is not opened.
    std::fs::remove_file(output).unwrap();
    page.click("receipt.open");
    steps::fault(page, "output-missing");
}
