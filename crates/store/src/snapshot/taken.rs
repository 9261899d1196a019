//! A private copy that stays: for a shell that shows a contract long before it is signed.
//!
//! Not its business: the copy that is signed (mod.rs), which is taken from this one and hashed anew.

use std::{
    fs::{self, File, OpenOptions},
    io::Read,
    io::Write,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
};

use rustix::fs::Access;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::{SnapshotError, open_source};

/// Octets of one step.
const STEP: usize = 4 * 1024 * 1024;

/// What a file looks like from outside. Equal marks mean that nobody has written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMark {
    /// Device.
    pub device: u64,
    /// Inode.
    pub inode: u64,
    /// Octets.
    pub size: u64,
    /// Time of the last change of the contents: seconds and nanoseconds.
    pub modified: (i64, i64),
    /// Time of the last change of anything: seconds and nanoseconds.
    pub changed: (i64, i64),
}

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Octets.
    pub size: u64,
    /// SHA-256 of the copy.
    pub sha256: [u8; 32],
    /// SM3 of the copy.
    pub sm3: [u8; 32],
    /// The source when it was read.
    pub mark: FileMark,
}

/// `None` when there is no file, or it may not be looked at.
#[must_use]
pub fn mark(path: &Path) -> Option<FileMark> {
    fs::metadata(path)
        .ok()
        .filter(fs::Metadata::is_file)
        .as_ref()
        .map(mark_of)
}

fn mark_of(facts: &fs::Metadata) -> FileMark {
    FileMark {
        device: facts.dev(),
        inode: facts.ino(),
        size: facts.len(),
        modified: (facts.mtime(), facts.mtime_nsec()),
        changed: (facts.ctime(), facts.ctime_nsec()),
    }
}

/// Whether new files can be made in a folder.
#[must_use]
pub fn takes_files(folder: &Path) -> bool {
    folder.is_dir() && rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// Copies the source into a new file of its own name in `folder`, mode 0600, hashed as it is written, and stored on the
/// device. `progress` hears octets done and octets in all; when it answers no, the copy is removed.
///
/// # Errors
/// As for [`super::Snapshot::take`]; `Stopped`.
pub fn take_into(
    source: &Path,
    folder: &Path,
    limit: u64,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<(PathBuf, Taken), SnapshotError> {
    let (from, before) = open_source(source, limit)?;
    let name = source.file_name().ok_or_else(|| SnapshotError::NotRegular {
        path: source.to_owned(),
    })?;
    let path = folder.join(name);
    let of = |error| SnapshotError::io("write", &path, error);
    let mut options = OpenOptions::new();
    let to = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(of)?;
    let taken = fill(from, to, &before, source, &path, progress);
    if taken.is_err() {
        // The error that led here says more than one of tidying up.
        let _ = fs::remove_file(&path);
    }
    Ok((path.clone(), taken?))
}

fn fill(
    from: File,
    mut to: File,
    before: &fs::Metadata,
    source: &Path,
    path: &Path,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Taken, SnapshotError> {
    let of = |error| SnapshotError::io("write", path, error);
    let changed = |what| SnapshotError::SourceChanged {
        path: source.to_owned(),
        what,
    };
    let size = before.len();
    // One octet more than it should have, so that a file that grows is noticed.
    let mut from = from.take(size.saturating_add(1));
    let mut buffer = vec![0; usize::try_from(size.saturating_add(1)).map_or(STEP, |size| size.min(STEP))];
    let (mut sha256, mut sm3) = (Sha256::new(), Sm3::new());
    let mut done = 0;
    loop {
        let count = fill_up(&mut from, &mut buffer).map_err(|error| SnapshotError::SourceUnreadable {
            path: source.to_owned(),
            source: error,
        })?;
        let octets = buffer.get(..count).unwrap_or_default();
        if octets.is_empty() {
            break;
        }
        // SM3 takes longest: it is made beside the rest. The very octets that are written are the ones that are hashed.
        thread::scope(|scope| {
            let beside = scope.spawn(|| sm3.update(octets));
            sha256.update(octets);
            let written = to.write_all(octets);
            let _hashed = beside.join();
            written
        })
        .map_err(of)?;
        done += count as u64;
        if done > size {
            return Err(changed("its size, while it was copied"));
        }
        if !progress(done, size) {
            return Err(SnapshotError::Stopped);
        }
    }
    if done != size {
        return Err(changed("its size, while it was copied"));
    }
    to.sync_all().map_err(of)?;
    let from = from.into_inner();
    let after = from.metadata().map_err(of)?;
    if (after.len(), after.mtime(), after.mtime_nsec()) != (size, before.mtime(), before.mtime_nsec()) {
        return Err(changed("its size or time, while it was copied"));
    }
    Ok(Taken {
        size,
        sha256: sha256.finalize().into(),
        sm3: sm3.finalize().into(),
        mark: mark_of(&after),
    })
}

fn fill_up(from: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut at = 0;
    while let Some(rest) = buffer.get_mut(at..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(count) => at += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_octets_and_the_digests() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("合同.pdf");
        for size in [1, STEP - 1, STEP, STEP + 1, 2 * STEP + 17] {
            let octets: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            fs::write(&source, &octets).unwrap();
            let to = folder.path().join(size.to_string());
            fs::create_dir(&to).unwrap();
            let mut told = Vec::new();
            let (path, taken) = take_into(&source, &to, u64::MAX, &mut |done, all| {
                told.push((done, all));
                true
            })
            .unwrap();
            assert_eq!(fs::read(&path).unwrap(), octets);
            assert_eq!(path.file_name(), source.file_name());
            assert_eq!(taken.size, size as u64);
            assert_eq!(taken.sha256, <[u8; 32]>::from(Sha256::digest(&octets)));
            assert_eq!(taken.sm3, <[u8; 32]>::from(Sm3::digest(&octets)));
            assert_eq!(Some(taken.mark), mark(&source));
            assert_eq!(told.last(), Some(&(size as u64, size as u64)));
        }
    }

    #[test]
    fn a_copy_that_is_stopped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.pdf");
        fs::write(&source, vec![7; 3 * STEP]).unwrap();
        let to = folder.path().join("to");
        fs::create_dir(&to).unwrap();
        let mut calls = 0;
        let stopped = take_into(&source, &to, u64::MAX, &mut |_, _| {
            calls += 1;
            calls < 2
        });
        assert!(matches!(stopped, Err(SnapshotError::Stopped)));
        assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
        let absent = take_into(&folder.path().join("absent"), &to, u64::MAX, &mut |_, _| true);
        assert!(matches!(absent, Err(SnapshotError::SourceMissing { .. })));
        let large = take_into(&source, &to, 10, &mut |_, _| true);
        assert!(matches!(large, Err(SnapshotError::TooLarge { .. })));
    }
}
