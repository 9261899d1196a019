//! What a native window says, as a screen reader is told it: no driver sees such windows.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

use super::{
    app::Start,
    bus::{ADDRESS, Bus},
    dialog::Dialog,
    display::Display,
    page::SOON,
    program, until,
};
use crate::repository;

/// A reader on a bus of its own.
#[derive(Debug)]
pub struct Reader {
    bus: Bus,
    program: PathBuf,
}

/// A part of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is, in the words of the accessibility interface: `push button`, `check box`, `password text`.
    pub role: String,
    /// What it says.
    pub name: String,
    /// `sensitive`, `focused`, `checked`, `showing`.
    pub states: Vec<String>,
}

impl Part {
    /// Whether it is in this state.
    #[must_use]
    pub fn is(&self, state: &str) -> bool {
        self.states.iter().any(|other| other == state)
    }
}

impl Reader {
    /// Begins; `None`, said loudly, where there is no such interface.
    #[must_use]
    pub fn start() -> Option<Self> {
        let program = program::compile("screen-reader", "atspi-2")?;
        Some(Self {
            bus: Bus::start(),
            program,
        })
    }

    /// The application has to be started so that it can be read.
    #[must_use]
    pub fn lets_read(&self, mut start: Start) -> Start {
        start.environment.extend([
            (ADDRESS.to_owned(), PathBuf::from(self.bus.address())),
            ("NO_AT_BRIDGE".to_owned(), PathBuf::from("0")),
        ]);
        start
    }

    /// Everything that a window with this in its title says now.
    ///
    /// # Panics
    /// When the reader cannot be run.
    #[must_use]
    pub fn parts(&self, display: &Display, title: &str) -> Vec<Part> {
        let read = Command::new(&self.program)
            .arg(title)
            .envs(display.environment())
            .env(ADDRESS, self.bus.address())
            .output()
            .expect("the program that was compiled");
        let text = String::from_utf8_lossy(&read.stdout).into_owned();
        text.lines().filter_map(part).collect()
    }

    /// Waits until a part of the dialog is as it is wanted; returns it.
    ///
    /// # Panics
    /// When none is, soon.
    pub fn wait_for(&self, dialog: &Dialog<'_>, what: &str, wanted: impl Fn(&Part) -> bool) -> Part {
        until(what, SOON, || {
            let parts = self.parts(dialog.display(), &dialog.title());
            match parts.iter().find(|part| wanted(part)) {
                Some(part) => Ok(part.clone()),
                None => Err(format!("{parts:?}")),
            }
        })
    }
}

fn part(line: &str) -> Option<Part> {
    let mut values = line.split('\t');
    Some(Part {
        role: values.next()?.to_owned(),
        name: values.next()?.to_owned(),
        states: values.next()?.split_whitespace().map(str::to_owned).collect(),
    })
}

/// The words of the native dialogs by their key, in the language that the cases run in.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn words(key: &str) -> String {
    let file = repository::root().join("src-tauri/locales/en.json");
    let text = std::fs::read_to_string(file).expect("the words of the dialogs");
    let words: Value = serde_json::from_str(&text).expect("JSON");
    words[key]
        .as_str()
        .unwrap_or_else(|| panic!("no words for {key}"))
        .to_owned()
}
