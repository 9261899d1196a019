//! Names, permissions and identities of the private copy and the output.
//!
//! Not its business: contents.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions, TryLockError},
    hash::{BuildHasher, Hasher, RandomState},
    io,
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        fs::{MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use rustix::fs::OFlags;

use super::SnapshotError;

/// Opens the source for reading. A pipe without a writer does not make it wait.
pub(super) fn open_source(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

/// The output with the real path of its folder: a change of the working folder must not move it.
pub(super) fn absolute(output: &Path) -> Result<PathBuf, SnapshotError> {
    let folder = match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let refused = |source| SnapshotError::OutputFolder {
        path: folder.to_owned(),
        source,
    };
    let Some(name) = output.file_name() else {
        return Err(refused(io::Error::new(io::ErrorKind::InvalidInput, "no file name")));
    };
    Ok(fs::canonicalize(folder).map_err(refused)?.join(name))
}

/// Refuses an output that is the source, also through a link of either kind.
pub(super) fn refuse_source(output: &Path, source: (u64, u64)) -> Result<(), SnapshotError> {
    for facts in [fs::metadata(output), fs::symlink_metadata(output)] {
        match facts {
            Ok(facts) if (facts.dev(), facts.ino()) == source => {
                return Err(SnapshotError::OutputIsSource {
                    path: output.to_owned(),
                });
            }
            _ => {}
        }
    }
    Ok(())
}

/// A file without a name in the folder of `part`, 0600: a process that is killed leaves nothing of it. Where the file system
/// knows no such files, it has a name for a moment.
pub(super) fn create_nameless(part: &Path) -> Result<File, SnapshotError> {
    let folder = part.parent().unwrap_or(Path::new("/"));
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .mode(0o600)
        .custom_flags((OFlags::TMPFILE | OFlags::CLOEXEC).bits().cast_signed());
    if let Ok(file) = options.open(folder) {
        return Ok(file);
    }
    let (file, path) = create_part(part)?;
    fs::remove_file(&path).map_err(|error| SnapshotError::io("remove", &path, error))?;
    Ok(file)
}

/// Makes the private file `.{name}.{8 hex}.part` beside the output: new, mode 0600, locked.
pub(super) fn create_part(output: &Path) -> Result<(File, PathBuf), SnapshotError> {
    let folder = output.parent().unwrap_or(Path::new("/"));
    let name = output.file_name().unwrap_or_default().as_bytes();
    // A name may have 255 octets.
    let name = name.get(..name.len().min(230)).unwrap_or(name);
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..16 {
        let mut part = vec![b'.'];
        part.extend_from_slice(name);
        part.extend_from_slice(format!(".{:08x}.part", fresh()).as_bytes());
        let path = folder.join(OsString::from_vec(part));
        let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(flags.bits().cast_signed());
        match options.open(&path) {
            Ok(file) => {
                lock(&file, &path)?;
                return Ok((file, path));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                return Err(SnapshotError::DiskFull {
                    path: folder.to_owned(),
                });
            }
            Err(source) => {
                return Err(SnapshotError::OutputFolder {
                    path: folder.to_owned(),
                    source,
                });
            }
        }
    }
    Err(SnapshotError::OutputFolder {
        path: folder.to_owned(),
        source: last,
    })
}

/// Opens a private file that was left, never through a link, and locks it.
pub(super) fn open_part(path: &Path) -> Result<File, SnapshotError> {
    let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(flags.bits().cast_signed());
    let file = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SnapshotError::Damaged {
            path: path.to_owned(),
            what: "missing",
        },
        _ => SnapshotError::io("open", path, error),
    })?;
    lock(&file, path)?;
    Ok(file)
}

/// Group and others get of the output what they have of the source, never more; the owner may read and write it.
pub(super) const fn output_mode(source: u32) -> u32 {
    (source & 0o066) | 0o600
}

/// Inode and time of making; 0 where the file system does not tell the time, which then proves nothing.
pub(super) fn identity(facts: &Metadata) -> (u64, u64) {
    let made = facts
        .created()
        .ok()
        .and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    (
        facts.ino(),
        made.and_then(|made| u64::try_from(made.as_nanos()).ok())
            .unwrap_or_default(),
    )
}

/// The lock ends with the process, so a crash leaves none behind. A file system without locks is no reason to refuse.
fn lock(file: &File, path: &Path) -> Result<(), SnapshotError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(SnapshotError::Busy { path: path.to_owned() }),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Different for every call and process; O_EXCL does the rest.
fn fresh() -> u32 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    let octets = hasher.finish();
    u32::try_from(octets & 0xffff_ffff).unwrap_or_default()
}
