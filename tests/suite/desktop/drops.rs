//! Files that are dragged in from another program.

use countersign_tests::{
    desk::{Key, Pin},
    surroundings::sign,
    window::{app::Stage, drag::Source, scene::Scene},
};

use super::steps;

pub(crate) fn a_file_is_dragged_in(stage: Stage<'_>) {
    let scene = Scene::new();
    let app = scene.open(stage);
    let page = app.page();
    let Some(source) = Source::start(app.display(), stage.logs, &scene.contract()) else {
        return;
    };
    source.drag();
    // Said while it is over the window, and nothing else happens yet.
    page.wait_for("drop[data-files=\"1\"]", steps::SLOW);
    assert_eq!(page.count("desk.card"), 0);
    source.drop_it();
    steps::on(page, "review");
    page.wait_for("review.page", steps::SLOW);
    page.wait_gone("drop");
    page.click("nav.desk");
    page.wait_for("desk.card[data-name=\"contract.pdf\"]", steps::SLOW);
    assert_eq!(page.count("desk.card"), 1);
    drop(source);

    // On the verify screen it is verified, and not put on the desk.
    let run = scene.desk.run(
        &sign(&scene.desk, "contract.pdf", "signed.pdf", Key::P256, &["--no-submit"]),
        Pin::File,
    );
    assert_eq!(run.exit, Some(0), "{}", run.told());
    page.click("nav.verify");
    steps::on(page, "verify");
    let Some(source) = Source::start(app.display(), stage.logs, &scene.desk.work().join("signed.pdf")) else {
        return;
    };
    source.drag();
    source.drop_it();
    page.wait_for("verify.overall[data-value=\"TOTAL-PASSED\"]", steps::SLOW);
    page.click("nav.desk");
    steps::on(page, "desk");
    page.wait_for("desk.card", steps::SLOW);
    assert_eq!(page.count("desk.card"), 1);
}
