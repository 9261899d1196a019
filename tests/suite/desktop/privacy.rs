//! What the page is never told: the PIN, a path, an octet of the contract's file. Everything between page and program is
//! read along.

use countersign_tests::window::{app::Stage, scene::Scene, spy};

use super::steps;

pub(crate) fn no_pin_and_no_path_in_the_page(stage: Stage<'_>) {
    let scene = Scene::with_sample();
    let app = scene.open(stage);
    let page = app.page();
    spy::begin(page);
    steps::prepare(&scene, &app);
    let before = spy::seen(page).keys.len();
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    steps::to_the_end(&scene, &app);
    page.click("nav.settings");
    page.wait_for("settings.language", steps::SLOW);
    page.click("nav.about");
    page.wait_for("about.version", steps::SLOW);

    let seen = spy::seen(page);
    assert_eq!(seen.keys.len(), before, "keys while the PIN was typed: {:?}", seen.keys);
    let (sent, received) = (count(&seen.messages, "> "), count(&seen.messages, "< "));
    assert!(sent >= 20 && received >= 20, "only {sent} and {received} messages");
    let folder = scene.folder().display().to_string();
    let pin = scene.desk.pin();
    let never = [
        ("a path", folder.as_str()),
        ("a path", "softhsm2.conf"),
        ("a path of a module", "/usr/lib"),
        ("the PIN", pin.as_str()),
        ("the contract's octets", "%PDF-"),
        ("the contract's octets", "JVBERi0"),
    ];
    for message in &seen.messages {
        for (what, word) in never {
            // Digests and times may hold the PIN's digits by chance: it counts where it stands alone.
            let found = message.match_indices(word).any(|(at, _)| {
                let around = [
                    message[..at].chars().next_back(),
                    message[at + word.len()..].chars().next(),
                ];
                word != pin || around.into_iter().flatten().all(|c| !c.is_ascii_alphanumeric())
            });
            assert!(!found, "{what} in {}", message.chars().take(600).collect::<String>());
        }
    }
    eprintln!("{sent} messages to the program and {received} from it were read");
}

fn count(messages: &[String], direction: &str) -> usize {
    messages.iter().filter(|message| message.starts_with(direction)).count()
}
