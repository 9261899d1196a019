//! Without a mouse: keys only, as the window manager delivers them.

use std::time::Duration;

use countersign_tests::{
    surroundings::Chain,
    window::{
        app::{App, Stage},
        dialog,
        page::Page,
        scene::Scene,
        until,
    },
};

use super::steps;

/// No screen has more stops.
const STOPS: usize = 80;

pub(crate) fn with_the_keyboard_only(stage: Stage<'_>) {
    let scene = Scene::with_sample();
    let app = scene.open(stage);
    let page = app.page();
    let window = dialog::wait(app.display(), "Countersign", steps::SLOW);
    let hands = Hands { app: &app, window };
    scene.pick(&scene.contract());
    hands.go_to("desk.add");
    hands.key("Return");
    steps::on(page, "review");
    page.wait_for("review.page[data-page=\"1\"][data-rendered=\"true\"]", steps::SLOW);
    hands.go_to("pages");
    until("every page to be seen", steps::SLOW, || {
        let seen = page.attribute("coverage", "data-seen");
        if seen == page.attribute("coverage", "data-pages") {
            return Ok(());
        }
        hands.key("Next");
        std::thread::sleep(Duration::from_millis(450));
        let end = "const e = document.querySelector('[data-testid=\"pages\"]'); \
                   return e.scrollTop + e.clientHeight >= e.scrollHeight - 4;";
        if page.run(end, &[])? == true {
            hands.key("Home");
            std::thread::sleep(Duration::from_millis(450));
        }
        Err(format!("{seen}; {}", page.seen()))
    });
    hands.go_to("continue");
    hands.key("Return");
    steps::on(page, "sign");
    page.wait_for("sign.credential[data-problem=\"\"]", steps::SLOW);
    hands.go_to("sign.credential-choose");
    hands.key("space");
    page.wait_for("sign.credential[data-chosen=\"true\"]", steps::SLOW);
    assert_eq!(page.text("sign.endpoint"), Chain::NAME);
    hands.go_to("sign.start");
    hands.key("Return");
    steps::give_pin(&app, &scene.desk.pin());
    steps::on(page, "receipt");
    page.wait_for("receipt.submit", steps::SLOW);
    hands.go_to("receipt.submit");
    hands.key("Return");
    steps::finished(page);
    hands.go_to("receipt.verify");
    hands.key("Return");
    steps::on(page, "verify");
    page.wait_for("verify.overall[data-value=\"TOTAL-PASSED\"]", steps::SLOW);
    steps::judged(&scene);
}

struct Hands<'a> {
    app: &'a App<'a>,
    window: dialog::Dialog<'a>,
}

impl Hands<'_> {
    fn key(&self, name: &str) {
        self.window.key(name);
    }

    /// Tab until this has the keyboard.
    fn go_to(&self, name: &str) {
        let page = self.app.page();
        page.element(name);
        let mut been = Vec::new();
        for _ in 0..STOPS {
            let at = focused(page);
            if at == name {
                return;
            }
            been.push(at);
            self.key("Tab");
        }
        panic!("Tab does not reach {name}; it was at {}", been.join(", "));
    }
}

fn focused(page: &Page) -> String {
    steps::told(
        page,
        "const e = document.activeElement; return e?.closest('[data-testid]')?.dataset.testid ?? e?.tagName ?? '';",
    )
}
