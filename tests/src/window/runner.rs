//! Runs the cases one after the other on one display, tells the time of each, and keeps what is needed to understand a
//! failure: a picture of the display and the logs.

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex},
    time::Instant,
};

use super::{Tools, app::Stage, display::Display};

/// One case.
#[derive(Clone, Copy)]
pub struct Case {
    /// What it shows.
    pub name: &'static str,
    /// Does it, or panics.
    pub run: fn(Stage<'_>),
}

/// Runs the cases that the arguments name (all without a name), as the standard runner does.
#[must_use]
pub fn run(cases: &[Case], tools: &Tools) -> ExitCode {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let chosen: Vec<&Case> = cases
        .iter()
        .filter(|case| wanted.is_empty() || wanted.iter().any(|part| case.name.contains(part.as_str())))
        .collect();
    if std::env::args().any(|argument| argument == "--list") {
        for case in &chosen {
            eprintln!("{}: test", case.name);
        }
        return ExitCode::SUCCESS;
    }
    eprintln!("\nrunning {} tests", chosen.len());
    if chosen.is_empty() {
        return told(0, 0, cases.len(), Instant::now());
    }
    let logs = folder("desktop-logs");
    let _old = fs::remove_dir_all(folder("desktop-failures"));
    let began = Instant::now();
    let display = Arc::new(Display::start(&logs));
    let at: Arc<Mutex<PathBuf>> = Arc::default();
    keep_pictures(&display, &at);
    let mut failed = Vec::new();
    for case in &chosen {
        let own = logs.join(case.name);
        let _old = fs::remove_dir_all(&own);
        fs::create_dir_all(&own).expect("a folder under target");
        at.lock().expect("no panic while held").clone_from(&own);
        let began = Instant::now();
        let ran = panic::catch_unwind(AssertUnwindSafe(|| {
            (case.run)(Stage {
                display: &display,
                tools,
                logs: &own,
            });
        }));
        let took = began.elapsed().as_secs_f32();
        if ran.is_ok() {
            eprintln!("test {} ... ok ({took:.1} s)", case.name);
            let _passed = fs::remove_dir_all(&own);
        } else {
            let kept = folder("desktop-failures").join(case.name);
            let _kept = fs::rename(&own, &kept);
            eprintln!("test {} ... FAILED ({took:.1} s); see {}", case.name, kept.display());
            failed.push(case.name);
        }
    }
    let _hook = panic::take_hook();
    eprintln!();
    for name in &failed {
        eprintln!("    {name}");
    }
    told(
        chosen.len() - failed.len(),
        failed.len(),
        cases.len() - chosen.len(),
        began,
    )
}

/// The line that is counted.
fn told(passed: usize, failed: usize, not_chosen: usize, began: Instant) -> ExitCode {
    let result = if failed == 0 { "ok" } else { "FAILED" };
    eprintln!(
        "\ntest result: {result}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {not_chosen} filtered out; \
         finished in {:.2}s\n",
        began.elapsed().as_secs_f32()
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A picture is taken before the window goes.
fn keep_pictures(display: &Arc<Display>, at: &Arc<Mutex<PathBuf>>) {
    let (display, at) = (Arc::clone(display), Arc::clone(at));
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        if let Ok(at) = at.lock() {
            display.picture(&at.join("display.png"));
            let _kept = fs::write(at.join("failure.txt"), what.to_string());
        }
        before(what);
    }));
}

/// `target/NAME`, made.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn folder(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test's own path");
    let target: &Path = test.ancestors().nth(3).expect("target");
    let folder = target.join(name);
    fs::create_dir_all(&folder).expect("a folder under target");
    folder
}
