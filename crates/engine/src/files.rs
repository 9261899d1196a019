//! Files for shells that keep things of their own beside the store: private copies, small notes, marks of files.
//!
//! Not its business: what they keep. Everything is private to the user.

use std::path::{Path, PathBuf};

use countersign_signing::Stage;
use countersign_store::{atomic, snapshot};

pub use countersign_store::snapshot::{FileMark, Taken};

use crate::{clock::random_hex, fault::Fault, faults};

/// Copies a file into a folder, under its own name, and hashes what it copies. `progress` hears octets done and octets in
/// all; when it answers no, the copy is removed.
///
/// # Errors
/// As for any file that is to be signed; `cancelled`.
pub fn take_copy(
    source: &Path,
    folder: &Path,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<(PathBuf, Taken), Fault> {
    snapshot::take_into(source, folder, snapshot::Options::default().limit, progress).map_err(|error| match error {
        snapshot::SnapshotError::Stopped => Fault::new(Stage::Open, "cancelled"),
        error => faults::snapshot(Stage::Open, &error),
    })
}

/// What a file looks like from outside; `None` when there is none.
#[must_use]
pub fn mark(path: &Path) -> Option<FileMark> {
    snapshot::mark(path)
}

/// Whether a file holds exactly the octets with this SHA-256.
///
/// # Errors
/// When it is there and cannot be read.
pub fn holds(path: &Path, sha256: &[u8; 32]) -> Result<bool, Fault> {
    snapshot::placed(path, sha256).map_err(|error| faults::snapshot(Stage::Open, &error))
}

/// Whether new files can be made in a folder.
#[must_use]
pub fn takes_files(folder: &Path) -> bool {
    snapshot::takes_files(folder)
}

/// Writes a small private file in one step.
///
/// # Errors
/// When it could not be kept; then the old one is as it was.
pub fn write_private(path: &Path, octets: &[u8]) -> Result<(), Fault> {
    atomic::write(path, octets, 0o600).map_err(|error| {
        Fault::new(Stage::Open, "store-unusable")
            .with("path", path.display().to_string())
            .because(&error)
    })
}

/// A name that nothing has yet.
#[must_use]
pub fn fresh_id() -> String {
    random_hex::<8>()
}
