//! What a person does, step by step, and what must be seen after each.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use countersign_tests::{
    judge::{Judge, tools},
    surroundings::Chain,
    window::{
        app::App,
        dialog,
        page::Page,
        scene::{CONTRACT, Scene},
        until,
    },
};
use serde_json::Value;

/// Reviewing, signing, stamping: each takes a second or two, on a busy machine more.
pub(crate) const SLOW: Duration = Duration::from_secs(40);
/// A chain with a block each second, some confirmations, and looks at it that become rarer.
pub(crate) const FINAL: Duration = Duration::from_secs(90);

/// The file is picked, and its review opens. Returns the contract's id.
pub(crate) fn add(scene: &Scene, app: &App<'_>) -> String {
    add_file(scene, app, &scene.contract())
}

/// The same with another file.
pub(crate) fn add_file(scene: &Scene, app: &App<'_>, file: &Path) -> String {
    scene.pick(file);
    app.page().click("desk.add");
    on(app.page(), "review");
    app.page().wait_for("review.page", SLOW);
    app.page().attribute("app", "data-contract")
}

/// Waits for a screen.
pub(crate) fn on(page: &Page, screen: &str) {
    page.wait_attribute("app", "data-screen", screen, SLOW);
}

/// Opens a contract that is on the desk.
pub(crate) fn open(page: &Page, contract: &str) {
    if page.count("app[data-screen=\"desk\"]") == 0 {
        page.click("nav.desk");
    }
    page.click(&format!("desk.card[data-contract=\"{contract}\"] desk.card-open"));
}

/// Where a contract stands on the desk.
pub(crate) fn stands(page: &Page, contract: &str, state: &str) {
    if page.count("app[data-screen=\"desk\"]") == 0 {
        page.click("nav.desk");
    }
    page.wait_for(
        &format!("desk.card[data-contract=\"{contract}\"][data-state=\"{state}\"]"),
        SLOW,
    );
}

/// Looks at every page, as long as it takes until each counts as seen.
pub(crate) fn look_at_all_pages(page: &Page) {
    let scroll = "const e = document.querySelector('[data-testid=\"pages\"]'); \
                  const drawn = [...document.querySelectorAll('[data-testid=\"review.page\"]')].some(p => p.dataset.rendered === 'true'); \
                  if (!drawn) return false; \
                  if (e.scrollTop + e.clientHeight >= e.scrollHeight - 4) e.scrollTop = 0; \
                  else e.scrollTop += e.clientHeight / 2; return true;";
    until("every page to be seen", SLOW, || {
        let seen = page.attribute("coverage", "data-seen");
        let pages = page.attribute("coverage", "data-pages");
        if seen == pages {
            return Ok(());
        }
        // Flying past does not count: this is how long a glance lasts.
        let _scrolled = page.run(scroll, &[])?;
        std::thread::sleep(GLANCE);
        Err(format!("{seen} of {pages}; {}", page.seen()))
    });
}

/// The program counts what was in view longer than 350 ms.
const GLANCE: Duration = Duration::from_millis(420);

/// From the review to the sign screen, with a credential and the chain chosen.
pub(crate) fn approve(page: &Page) {
    page.click("continue");
    on(page, "sign");
    page.wait_for("sign.credential[data-problem=\"\"]", SLOW);
    choose_credential(page);
    page.choose("sign.endpoint", Chain::NAME);
}

/// The card of the key for P-256.
pub(crate) fn choose_credential(page: &Page) {
    let card = "sign.credential[data-problem=\"\"][data-person*=\"p256\"]";
    page.wait_for(card, SLOW);
    page.click(card);
    page.wait_for(&format!("{card}[data-chosen=\"true\"]"), SLOW);
}

/// Adds, reads, approves: everything before the button that signs.
pub(crate) fn prepare(scene: &Scene, app: &App<'_>) -> String {
    let contract = add(scene, app);
    look_at_all_pages(app.page());
    approve(app.page());
    contract
}

/// Presses the button, and types the PIN into the native dialog.
pub(crate) fn sign(scene: &Scene, app: &App<'_>) {
    app.page().click("sign.start");
    give_pin(app, &scene.desk.pin());
}

/// The native dialog, once it is there.
pub(crate) fn pin_dialog<'a>(app: &App<'a>) -> dialog::Dialog<'a> {
    dialog::wait(app.display(), dialog::PIN, SLOW)
}

/// Types it and confirms.
pub(crate) fn give_pin(app: &App<'_>, pin: &str) {
    let dialog = pin_dialog(app);
    dialog.type_text(pin);
    dialog.key("Return");
    dialog.wait_closed();
}

/// Nobody asks for a PIN now.
pub(crate) fn no_pin_asked(app: &App<'_>) {
    let asked = dialog::windows(app.display(), dialog::PIN);
    assert!(
        asked.is_empty(),
        "a PIN is asked for: {}",
        dialog::titles(app.display())
    );
}

/// Waits until a stage of the receipt stands so.
pub(crate) fn stage(page: &Page, stage: &str, state: &str, within: Duration) {
    page.wait_for(
        &format!("receipt.stage[data-stage=\"{stage}\"][data-state=\"{state}\"]"),
        within,
    );
}

/// It is tried again, by the button or by itself, until the stage is done.
pub(crate) fn retry(page: &Page, stage: &str) {
    let done = format!("receipt.stage[data-stage=\"{stage}\"][data-state=\"done\"]");
    until(&done, FINAL, || {
        if page.count(&done) > 0 {
            return Ok(());
        }
        let _perhaps_it_goes_on_already = page.tap("receipt.retry");
        Err(page.seen())
    });
}

/// The person's word that the payload may go.
pub(crate) fn submit(page: &Page) {
    page.wait_for("receipt.submit", SLOW);
    page.click("receipt.submit");
}

/// Everything that was asked for is done.
pub(crate) fn finished(page: &Page) {
    for name in ["signed", "stamped", "embedded", "recorded"] {
        stage(page, name, "done", SLOW);
    }
    stage(page, "final", "done", FINAL);
}

/// Signed, stamped and recorded, and judged; nothing is submitted.
pub(crate) fn signed(scene: &Scene, app: &App<'_>) {
    on(app.page(), "receipt");
    stage(app.page(), "recorded", "done", SLOW);
    judged(scene);
}

/// From a signed contract to the end, without another PIN, and everything judged.
pub(crate) fn to_the_end(scene: &Scene, app: &App<'_>) {
    submit(app.page());
    finished(app.page());
    no_pin_asked(app);
    verified(app.page());
    judged(scene);
}

/// The report of the finished file: all four facts.
pub(crate) fn verified(page: &Page) {
    page.click("receipt.verify");
    on(page, "verify");
    page.wait_for("verify.overall[data-value=\"TOTAL-PASSED\"]", SLOW);
    let facts = [
        ("bytes", "bytes-intact"),
        ("signer", "signer-trusted"),
        ("time", "time-stamp-trusted"),
        ("chain", "chain-matches"),
    ];
    for (fact, value) in facts {
        let name = format!("verify.fact[data-fact=\"{fact}\"]");
        assert_eq!(page.attribute(&name, "data-value"), value, "{fact}");
    }
}

/// The one signed file beside the contract.
pub(crate) fn output(scene: &Scene) -> PathBuf {
    let made: Vec<PathBuf> = std::fs::read_dir(scene.desk.work())
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| name != CONTRACT))
        .collect();
    match made.as_slice() {
        [one] => one.clone(),
        other => panic!("beside the contract stand {other:?}"),
    }
}

/// What others say of the signed file: pyHanko strictly, pdfsig, qpdf.
pub(crate) fn judged(scene: &Scene) {
    let file = output(scene);
    let before = std::fs::read(scene.contract()).unwrap();
    assert!(
        std::fs::read(&file).unwrap().starts_with(&before),
        "the contract is no prefix of {}",
        file.display()
    );
    if let Some(judge) = Judge::shared() {
        let root = scene.desk.root();
        let verdicts = judge.judge(&file, &[&root as &Path], true).unwrap();
        let [verdict] = verdicts.as_slice() else {
            panic!("{} signatures", verdicts.len());
        };
        assert!(
            verdict.bottom_line && verdict.intact && verdict.valid && verdict.trusted,
            "{verdict:?}"
        );
        let stamp = verdict.timestamp.as_ref();
        assert!(stamp.is_some_and(|stamp| stamp.valid && stamp.trusted), "{verdict:?}");
    }
    if let Some(said) = tools::pdfsig(&file) {
        assert_eq!(said, ["Signature is Valid."]);
    }
    if let Some(complaints) = tools::qpdf_complaints(&file) {
        assert_eq!(complaints, Vec::<String>::new());
    }
}

/// How often the person has been asked for a PIN is known by the program's own log; here: the token's calls, by the shim.
pub(crate) fn logins(scene: &Scene) -> usize {
    let shim = scene.shim.as_ref().expect("a scene with a shim");
    shim.calls().iter().filter(|call| call.starts_with("login")).count()
}

/// A fault with this code is shown.
pub(crate) fn fault(page: &Page, code: &str) {
    page.wait_for(&format!("fault[data-code=\"{code}\"]"), SLOW);
}

/// A value of the page as text.
pub(crate) fn told(page: &Page, script: &str) -> String {
    match page.told(script) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
