//! What the program is, and of what it is built.
//!
//! Not its business: the system and the web view, which the shell knows.

use std::{fs::File, io::Read};

use sha2::{Digest, Sha256};

use crate::{
    Desk,
    view::{AboutView, FaultShown, LibraryView},
};

/// What is linked into the program, and what is in its window: name, version, licence. Made from the packages themselves;
/// tests say when they are stale.
const LIBRARIES: [&str; 3] = [
    include_str!("../libraries/crates.tsv"),
    include_str!("../libraries/window.tsv"),
    include_str!("../libraries/typefaces.tsv"),
];

impl Desk {
    /// What the program is.
    ///
    /// # Errors
    /// When its own file cannot be read.
    pub fn about_view(&self, system: &str) -> Result<AboutView, FaultShown> {
        Ok(AboutView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            libraries: LIBRARIES.into_iter().flat_map(libraries).collect(),
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

/// A list, line by line.
fn libraries(list: &str) -> impl Iterator<Item = LibraryView> {
    list.lines().filter_map(|line| {
        let mut parts = line.split('\t').map(str::to_owned);
        Some(LibraryView {
            name: parts.next()?,
            version: parts.next()?,
            licence: parts.next()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_library_has_a_licence() {
        let found: Vec<_> = LIBRARIES.into_iter().flat_map(libraries).collect();
        let lines: usize = LIBRARIES.iter().map(|list| list.lines().count()).sum();
        assert_eq!(found.len(), lines, "a line that is none");
        for (name, licence) in [("tauri", "Apache-2.0 OR MIT"), ("pdfjs-dist", "Apache-2.0")] {
            let library = found.iter().find(|library| library.name == name);
            assert_eq!(library.map(|library| library.licence.as_str()), Some(licence), "{name}");
        }
        // The window tells lines apart by name and version.
        let lines: BTreeSet<_> = found.iter().map(|library| (&library.name, &library.version)).collect();
        assert_eq!(lines.len(), found.len());
        assert!(found.iter().all(|library| !library.licence.is_empty()));
        assert!(!found.iter().any(|library| library.name.starts_with("countersign")));
    }
}
