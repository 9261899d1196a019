//! Private copies that a killed run has left beside an output, and that no session will ever come back to.
//!
//! A copy that a session names is never touched, nor one that another process holds. Not its business: sessions (resume).

use std::{
    fs::File,
    os::unix::ffi::OsStrExt as _,
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
        let found = left_beside(output);
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

/// Files named `.{output}.{8 hex}.part` in the output's folder.
fn left_beside(output: &Path) -> Vec<PathBuf> {
    let folder = match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let Some(name) = output.file_name() else {
        return Vec::new();
    };
    let is_copy = |candidate: &std::ffi::OsStr| {
        let middle = candidate
            .as_bytes()
            .strip_prefix(b".")
            .and_then(|rest| rest.strip_prefix(name.as_bytes()))
            .and_then(|rest| rest.strip_prefix(b"."))
            .and_then(|rest| rest.strip_suffix(b".part"));
        middle.is_some_and(|digits| digits.len() == 8 && digits.iter().all(u8::is_ascii_hexdigit))
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| is_copy(&entry.file_name()) && entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
        .collect()
}

/// The lock of a copy that no living process holds.
fn hold(part: &Path) -> Option<File> {
    let file = File::open(part).ok()?;
    file.try_lock().ok().map(|()| file)
}
