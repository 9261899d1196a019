//! The project's own files, for the tests that read the source.
//!
//! Not its business: what a file may contain.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The root of the checkout.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the checkout")
        .to_owned()
}

/// Everything that is part of the project: tracked, or about to be. Without git: everything outside of made folders.
#[must_use]
pub fn files() -> Vec<PathBuf> {
    let root = root();
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .ok()
        .filter(|output| output.status.success() && !output.stdout.is_empty());
    let mut files: Vec<PathBuf> = match listed {
        Some(output) => output
            .stdout
            .split(|octet| *octet == 0)
            .filter(|name| !name.is_empty())
            .map(|name| root.join(String::from_utf8_lossy(name).as_ref()))
            .collect(),
        None => walk(&root),
    };
    files.retain(|file| file.is_file());
    files.sort();
    assert!(
        files.len() > 100,
        "only {} files found under {}",
        files.len(),
        root.display()
    );
    files
}

/// Every Rust source file of the project.
#[must_use]
pub fn sources() -> Vec<PathBuf> {
    files()
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// A path as it is written in messages and lists: from the root, with slashes.
#[must_use]
pub fn relative(file: &Path) -> String {
    file.strip_prefix(root())
        .unwrap_or(file)
        .to_string_lossy()
        .replace('\\', "/")
}

/// A text file's content.
#[must_use]
pub fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let made = ["target", "node_modules", ".venv", "demo-output", ".git", "__pycache__"];
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder of the checkout").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            if !made.iter().any(|name| path.file_name().is_some_and(|own| own == *name)) {
                found.extend(walk(&path));
            }
        } else {
            found.push(path);
        }
    }
    found
}
