//! Private copies that a killed run has left beside an output, and that no session will ever come back to.
//!
//! A copy that a session names is never touched, nor one that another process holds. Not its business: sessions (resume).

use std::{
    fs::File,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use countersign_signing::{Stage, ports::Sessions as _};
use countersign_store::snapshot::SnapshotState;

use crate::{Engine, fault::Fault};

impl Engine {
    /// Removes them. What cannot be removed stays: it is private and does no harm.
    ///
    /// # Errors
    /// When the sessions cannot be read.
    pub(crate) fn sweep(&mut self, output: &Path) -> Result<(), Fault> {
        let found = self.copies.beside(output);
        if found.is_empty() {
            return Ok(());
        }
        let rows = self
            .database()?
            .unfinished()
            .map_err(|error| Fault::store(Stage::Open, &error))?;
        let mut wanted = Vec::new();
        for row in rows {
            // A session whose copy cannot be told might want any of them.
            let Ok(state) = serde_json::from_str::<SnapshotState>(&row.part) else {
                return Ok(());
            };
            wanted.push(state.part);
        }
        let wants = |part: &PathBuf| wanted.iter().any(|named| named.file_name() == part.file_name());
        for part in found.iter().filter(|part| !wants(part)) {
            if let Some(_held) = hold(part) {
                let _ = std::fs::remove_file(part);
            }
        }
        Ok(())
    }
}

/// The copies in a folder, as it was when it was first looked at: a batch does not read its folder for every file. What
/// comes later is not a killed run's.
#[derive(Default)]
pub(crate) struct Copies {
    seen: Option<(PathBuf, Vec<PathBuf>)>,
}

impl Copies {
    /// Files named `.{output}.{8 hex}.part` in the output's folder.
    fn beside(&mut self, output: &Path) -> Vec<PathBuf> {
        let folder = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if self.seen.as_ref().is_none_or(|(seen, _)| seen != folder) {
            self.seen = Some((folder.to_owned(), copies_in(folder)));
        }
        let copies = self.seen.iter().flat_map(|(_, copies)| copies);
        let is_of = |copy: &&PathBuf| {
            let middle = middle_of(copy);
            middle.is_some() && middle == output.file_name().map(OsStrExt::as_bytes)
        };
        copies.filter(is_of).cloned().collect()
    }
}

fn copies_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| (entry.path(), entry))
        .filter(|(path, entry)| middle_of(path).is_some() && entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|(path, _)| path)
        .collect()
}

/// The name of the output that a copy is for.
fn middle_of(copy: &Path) -> Option<&[u8]> {
    let middle = copy
        .file_name()?
        .as_bytes()
        .strip_prefix(b".")?
        .strip_suffix(b".part")?;
    let (rest, digits) = middle.split_at_checked(middle.len().checked_sub(8)?)?;
    digits
        .iter()
        .all(u8::is_ascii_hexdigit)
        .then(|| rest.strip_suffix(b"."))
        .flatten()
}

/// The lock of a copy, or of what has become of it, that no living process holds.
pub(crate) fn hold(part: &Path) -> Option<File> {
    let file = File::open(part).ok()?;
    file.try_lock().ok().map(|()| file)
}
