//! Another program with files, and a hand that drags them onto the window.

use std::{path::Path, process::Command};

use super::{display::Display, page::SOON, process::Group, program, until};

/// The other program, in the upper left corner.
#[derive(Debug)]
pub struct Source<'a> {
    display: &'a Display,
    log: std::path::PathBuf,
    _program: Group,
}

/// The middle of its window.
const GRIP: (i32, i32) = (50, 30);

impl<'a> Source<'a> {
    /// Starts it with one file; `None`, said loudly, when it cannot be made here.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(display: &'a Display, logs: &Path, file: &Path) -> Option<Self> {
        let program = program::compile("drag-source", "gtk+-3.0")?;
        let log = logs.join("drag.log");
        let _of_the_one_before = std::fs::remove_file(&log);
        let mut command = Command::new(program);
        command
            .arg(format!("file://{}", file.display()))
            .envs(display.environment())
            .env("LANG", "C.UTF-8");
        let source = Self {
            display,
            _program: Group::start(&mut command, &log),
            log,
        };
        source.wait_said("ready", 1);
        Some(source)
    }

    /// Takes hold of the file, and moves it over the middle of the window in small steps, as hands do.
    pub fn drag(&self) {
        self.hand(&["mousemove", &GRIP.0.to_string(), &GRIP.1.to_string(), "mousedown", "1"]);
        for step in 1..=12 {
            let (x, y) = (GRIP.0 + step * 50, GRIP.1 + step * 35);
            self.hand(&["mousemove", &x.to_string(), &y.to_string(), "sleep", "0.03"]);
        }
    }

    /// Lets go of it; waits until the drop was taken.
    ///
    /// # Panics
    /// When it was not.
    pub fn drop_it(&self) {
        let before = self.said("dropped");
        self.hand(&["mouseup", "1"]);
        self.wait_said("dropped", before + 1);
    }

    fn hand(&self, does: &[&str]) {
        let _done = self.display.xdotool(does);
    }

    fn said(&self, word: &str) -> usize {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().filter(|line| *line == word).count()
    }

    fn wait_said(&self, word: &str, times: usize) {
        until(word, SOON, || {
            if self.said(word) >= times {
                return Ok(());
            }
            Err(std::fs::read_to_string(&self.log).unwrap_or_default())
        });
    }
}
