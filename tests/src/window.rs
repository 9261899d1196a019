//! The application in a real window on a display of its own: display, driver, page, native dialogs, services that come
//! and go, and what may be watched (messages of the page, packets of the process).
//!
//! Not its business: what should be seen (the desktop suite). Elements are found by `data-testid` only. Every wait is for
//! a condition and has a deadline.

pub mod app;
pub mod bus;
pub mod dialog;
pub mod display;
pub mod drag;
pub mod gate;
pub mod http;
pub mod network;
pub mod page;
pub mod process;
pub mod program;
pub mod reader;
pub mod runner;
pub mod scene;
pub mod session;
pub mod shim;
pub mod spy;

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{repository, skip::skip};

/// Names the binary to drive instead of `target/PROFILE/countersign-desktop-e2e`.
pub const BINARY: &str = "COUNTERSIGN_DESKTOP";

/// Waits until `look` finds something.
///
/// # Panics
/// When it does not in time; `last` says what was seen instead.
pub fn until<T>(what: &str, within: Duration, mut look: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + within;
    loop {
        match look() {
            Ok(found) => return found,
            Err(instead) => assert!(
                Instant::now() < deadline,
                "waited {within:?} for {what}; instead: {instead}"
            ),
        }
        std::thread::sleep(PAUSE);
    }
}

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// What is needed and where it is. `None`, said loudly, when something is missing.
#[must_use]
pub fn tools() -> Option<Tools> {
    let mut missing = Vec::new();
    for tool in [
        "Xvfb",
        "openbox",
        "dbus-daemon",
        "xdotool",
        "import",
        "WebKitWebDriver",
        "node",
    ] {
        if !on_the_path(tool) {
            missing.push(tool.to_owned());
        }
    }
    let driver = repository::root().join("node_modules/@crabnebula/tauri-driver/cli.js");
    if !driver.is_file() {
        missing.push("tauri-driver (npm ci)".to_owned());
    }
    let binary = binary();
    if !binary.is_file() {
        missing.push(format!("{} (make app builds it)", binary.display()));
    }
    if missing.is_empty() {
        return Some(Tools { driver, binary });
    }
    skip(&format!(
        "not on this machine: {}; nothing of the window is tested",
        missing.join(", ")
    ));
    None
}

/// Where things are.
#[derive(Debug, Clone)]
pub struct Tools {
    /// tauri-driver's script.
    pub driver: PathBuf,
    /// The application.
    pub binary: PathBuf,
}

fn binary() -> PathBuf {
    std::env::var_os(BINARY).map_or_else(
        || {
            let test = std::env::current_exe().expect("this test's own path");
            let profile = test.ancestors().nth(2).expect("target/PROFILE").to_owned();
            profile.join("countersign-desktop-e2e")
        },
        PathBuf::from,
    )
}

fn on_the_path(tool: &str) -> bool {
    Command::new("sh")
        .args(["-c", "command -v \"$0\"", tool])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
