//! Files to verify that were not signed in this window: a sound one, and one with a changed octet.

use countersign_tests::{
    desk::{Key, Pin},
    surroundings::sign,
    window::{app::Stage, scene::Scene},
};

use super::steps;

pub(crate) fn a_changed_octet_is_told(stage: Stage<'_>) {
    let scene = Scene::new();
    let run = scene.desk.run(
        &sign(&scene.desk, "contract.pdf", "signed.pdf", Key::P256, &["--no-submit"]),
        Pin::File,
    );
    assert_eq!(run.exit, Some(0), "{}", run.told());
    let signed = scene.desk.work().join("signed.pdf");
    let mut octets = std::fs::read(&signed).unwrap();
    let word = b"/MediaBox";
    let at = octets.windows(word.len()).position(|window| window == word).unwrap();
    octets[at + 1] ^= 0x20;
    let changed = scene.desk.put("changed.pdf", &octets);

    let app = scene.open(stage);
    let page = app.page();
    page.click("nav.verify");
    for (file, overall, facts) in [
        (&signed, "TOTAL-PASSED", ["bytes-intact", "signer-trusted"]),
        (&changed, "TOTAL-FAILED", ["bytes-broken", "signer-unknown"]),
    ] {
        scene.pick(file);
        page.click("verify.pick");
        page.wait_for(&format!("verify.overall[data-value=\"{overall}\"]"), steps::SLOW);
        for (fact, value) in ["bytes", "signer"].into_iter().zip(facts) {
            let name = format!("verify.fact[data-fact=\"{fact}\"]");
            assert_eq!(page.attribute(&name, "data-value"), value, "{overall}: {fact}");
        }
    }
}
