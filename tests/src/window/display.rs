//! One display for the whole run: Xvfb, a window manager (dialogs get no focus without one) and a message bus of its own.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use super::{
    bus::{self, Bus},
    process::Group,
};

/// The display.
#[derive(Debug)]
pub struct Display {
    name: String,
    bus: Bus,
    log: PathBuf,
    // In this order they are ended.
    _manager: Group,
    _server: Group,
}

impl Display {
    /// Starts it; logs go to this folder.
    ///
    /// # Panics
    /// When a part does not come up.
    #[must_use]
    pub fn start(log: &Path) -> Self {
        let mut server = Group::talking(Command::new("Xvfb").args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1280x900x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]));
        // The server writes the number once it listens.
        let name = format!(":{}", first_line(&mut server));
        let manager = Group::start(
            Command::new("openbox").env("DISPLAY", &name).env("HOME", log),
            &log.join("openbox.log"),
        );
        Self {
            name,
            bus: Bus::start(),
            log: log.to_owned(),
            _manager: manager,
            _server: server,
        }
    }

    /// What a program needs to appear here and nowhere else.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, &str); 4] {
        [
            ("DISPLAY", &self.name),
            (bus::ADDRESS, self.bus.address()),
            // Neither another display server nor the screen reader's bus of somebody's desktop.
            ("GDK_BACKEND", "x11"),
            ("NO_AT_BRIDGE", "1"),
        ]
    }

    /// xdotool with these arguments.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn xdotool(&self, arguments: &[&str]) -> Output {
        Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.name)
            .output()
            .expect("xdotool")
    }

    /// A picture of everything that is on the display.
    pub fn picture(&self, to: &Path) {
        let _taken = Command::new("import")
            .args(["-display", &self.name, "-window", "root"])
            .arg(to)
            .status();
    }

    /// Where logs go.
    #[must_use]
    pub fn logs(&self) -> &Path {
        &self.log
    }
}

/// What a program says first.
pub(super) fn first_line(group: &mut Group) -> String {
    let mut line = String::new();
    let mut out = BufReader::new(group.child().stdout.take().expect("piped"));
    out.read_line(&mut line).expect("its first line");
    assert!(!line.trim().is_empty(), "it ended without a word");
    // The pipe stays open, or its next word would end it.
    std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    line.trim().to_owned()
}
