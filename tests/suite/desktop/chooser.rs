//! The desktop's own dialogs for files, driven by keys.

use std::path::Path;

use countersign_tests::window::{
    app::{App, Stage},
    dialog,
    reader::words,
    scene::{PICK, Scene},
    until,
};

use super::steps;

pub(crate) fn files_are_chosen_in_the_desktops_dialog(stage: Stage<'_>) {
    let scene = Scene::new();
    let mut start = scene.start();
    // Without a list of answers the real dialogs come.
    start.environment.retain(|(name, _)| name != PICK);
    let app = App::start(stage, &start);
    let page = app.page();
    // Nothing is chosen, nothing happens.
    page.click("desk.add");
    let chooser = dialog::wait(app.display(), &words("pick-contracts"), steps::SLOW);
    chooser.key("Escape");
    chooser.wait_closed();
    assert_eq!(page.count("desk.card"), 0);

    page.click("desk.add");
    let chooser = dialog::wait(app.display(), &words("pick-contracts"), steps::SLOW);
    chooser.key("ctrl+l");
    chooser.type_text(&scene.contract().display().to_string());
    chooser.agree();
    steps::on(page, "review");
    steps::look_at_all_pages(page);
    steps::approve(page);

    // Where the signed file goes: another folder, another name.
    let chosen = |place: &Path| {
        page.click("sign.choose-output");
        let chooser = dialog::wait(app.display(), &words("pick-output"), steps::SLOW);
        chooser.key("ctrl+a");
        chooser.type_text(&place.display().to_string());
        chooser.agree();
    };
    let before = page.text("sign.output");
    chosen(&scene.contract());
    steps::fault(page, "output-is-source");
    assert_eq!(page.text("sign.output"), before);
    let elsewhere = scene.folder().join("elsewhere");
    std::fs::create_dir_all(&elsewhere).unwrap();
    let place = elsewhere.join("agreed.pdf");
    chosen(&place);
    until("the new place", steps::SLOW, || match page.text("sign.output") {
        name if name == "agreed.pdf" => Ok(()),
        name => Err(name),
    });
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    steps::stage(page, "recorded", "done", steps::SLOW);
    assert!(place.is_file(), "nothing at the chosen place");
    assert_eq!(std::fs::read_dir(scene.desk.work()).unwrap().count(), 1);
}
