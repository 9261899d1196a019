//! What leaves the machine, and when: nothing before the approval, then the request for a stamp and nothing else, and the
//! chain only after the person's word. The kernel's calls of the application and all its children are read.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign_tests::{
    skip::skip,
    window::{
        app::{App, Stage},
        network::{self, Left},
        scene::Scene,
    },
};

use super::steps;

pub(crate) fn nothing_leaves_before_its_time(stage: Stage<'_>) {
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        skip("strace is not on this machine; what leaves it is not counted");
        return;
    }
    let scene = Scene::new();
    let Some(node) = &scene.node else { return };
    let trace = stage.logs.join("calls");
    let mut start = scene.start();
    start.under = network::STRACE.iter().map(|word| (*word).to_owned()).collect();
    start.under.extend(["-o".to_owned(), trace.display().to_string()]);
    let app = App::start(stage, &start);
    let page = app.page();
    let driver = app.driver_port();
    steps::prepare(&scene, &app);
    let approved = now();
    steps::sign(&scene, &app);
    steps::on(page, "receipt");
    steps::stage(page, "recorded", "done", steps::SLOW);
    page.wait_for("receipt.submit", steps::SLOW);
    let submitted = now();
    steps::submit(page);
    steps::finished(page);
    app.kill();

    // The web view of a test lets the driver in by a socket of its own; a product's has none.
    let mut all = network::destinations(&trace);
    all.retain(|left| left.port != driver);
    let within =
        |from: f64, to: f64| -> Vec<&Left> { all.iter().filter(|left| left.at >= from && left.at < to).collect() };
    assert_eq!(within(0.0, approved), Vec::<&Left>::new(), "before the approval");
    let between = within(approved, submitted);
    assert!(!between.is_empty(), "no request for a stamp: the trace shows nothing");
    for left in &between {
        assert_eq!(
            left.port,
            scene.tsa.port(),
            "between approval and submission: {}",
            left.line
        );
    }
    let after = within(submitted, f64::MAX);
    assert!(!after.is_empty(), "no submission: the trace shows nothing");
    for left in &after {
        assert_eq!(left.port, node.port(), "after the submission: {}", left.line);
    }
    eprintln!(
        "before the approval 0 connections, until the submission {}, then {}",
        between.len(),
        after.len()
    );
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock that is not before 1970")
        .as_secs_f64()
}
