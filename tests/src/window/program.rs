//! Small programs in C that stand for others on a desktop: compiled once, on the spot, with the libraries that the
//! application itself is built with.
//!
//! Not its business: what they do (`programs/`, and the modules that run them).

use std::{
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use super::runner::folder;
use crate::{repository, skip::skip};

/// The program; `None`, said loudly, when it cannot be made here.
///
/// # Panics
/// When the compiler and the libraries are there and do not take it.
#[must_use]
pub fn compile(name: &str, package: &str) -> Option<PathBuf> {
    let missing = |what: &str| {
        skip(&format!("{what} is missing: without {name} this is not tested"));
        None
    };
    let run = |command: &mut Command| command.stdin(Stdio::null()).output();
    let Some(flags) = run(Command::new("pkg-config").args(["--cflags", "--libs", package]))
        .ok()
        .filter(|output| output.status.success())
    else {
        return missing(package);
    };
    let made = folder("desktop-programs").join(name);
    let Ok(output) = run(Command::new("cc")
        .args(["-O1", "-o"])
        .arg(&made)
        .arg(repository::root().join(format!("tests/src/window/programs/{name}.c")))
        .args(words(&flags)))
    else {
        return missing("cc");
    };
    assert!(
        output.status.success(),
        "{name}.c: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(made)
}

fn words(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().map(str::to_owned).collect()
}
