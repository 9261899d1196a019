//! What the program is, and of what it is built.
//!
//! Not its business: the system and the web view, which the shell knows.

use std::{fs::File, io::Read};

use sha2::{Digest, Sha256};

use crate::{
    Desk,
    view::{AboutView, FaultShown, LibraryView},
};

/// Everything that was locked when the program was built.
const LOCK: &str = include_str!("../../../Cargo.lock");

impl Desk {
    /// What the program is.
    ///
    /// # Errors
    /// When its own file cannot be read.
    pub fn about_view(&self, system: &str) -> Result<AboutView, FaultShown> {
        Ok(AboutView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            libraries: libraries(LOCK),
            program_sha256: program_sha256().map_err(|error| FaultShown::new("internal", "open").because(&error))?,
            system: system.to_owned(),
        })
    }
}

fn program_sha256() -> std::io::Result<String> {
    let mut file = File::open(std::env::current_exe()?)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let count = file.read(&mut buffer)?;
        let part = buffer.get(..count).unwrap_or_default();
        if part.is_empty() {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(part);
    }
}

/// Names and versions of foreign packages. Their licences stand in the notices that are shipped beside the program.
fn libraries(lock: &str) -> Vec<LibraryView> {
    let mut found: Vec<LibraryView> = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key))?;
            Some(line.trim_start_matches(" = ").trim_matches('"').to_owned())
        };
        // Our own packages come from no registry.
        if let (Some(name), Some(version), Some(_)) = (value("name"), value("version"), value("source")) {
            found.push(LibraryView {
                name,
                version,
                licence: String::new(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_named() {
        let found = libraries(LOCK);
        assert!(
            found
                .iter()
                .any(|library| library.name == "serde" && library.version.starts_with("1."))
        );
        assert!(!found.iter().any(|library| library.name.starts_with("countersign")));
    }
}
