//! The private copy: a contract is read once, into a file of our own that later becomes the output.
//!
//! Nothing that happens to the source afterwards can change what is reviewed, signed and put out (what was seen is what is
//! signed). Not its business: what is in the file (pdf), what is appended to it (signing).
//!
//! ```no_run
//! # use std::path::Path;
//! use countersign_store::snapshot::{Options, Overwrite, Snapshot};
//! let mut snapshot = Snapshot::take(Path::new("contract.pdf"), Path::new("signed.pdf"), &Options::default())?;
//! let contract = snapshot.bytes();          // shown to the person, hashed by snapshot.hashes()
//! snapshot.append(b"incremental update")?;  // again as often as needed: it replaces the last one
//! let result = snapshot.result()?;          // verified before anything is put in place
//! snapshot.finish(Overwrite::Never)?;
//! # Ok::<(), countersign_store::snapshot::SnapshotError>(())
//! ```

mod copy;
mod error;
mod finish;
mod hashes;
mod map;
mod place;
mod taken;

use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, Weak},
    thread::JoinHandle,
};

use serde::{Deserialize, Serialize};

pub use error::SnapshotError;
pub use finish::{Finished, Overwrite, placed};
pub use hashes::{Hashes, Wanted};
pub use map::Bytes;
pub use taken::{FileMark, Taken, mark, take_into, takes_files};

/// What a copy must and may be.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Digests beside SHA-256.
    pub wanted: Wanted,
    /// SHA-256 of the file that was approved earlier: anything else is refused.
    pub approved: Option<[u8; 32]>,
    /// Octets at most.
    pub limit: u64,
    /// The output may be the source itself: it is replaced in one step, and only when that was asked for.
    pub replace_source: bool,
}

impl Default for Options {
    /// Offsets in a cross-reference section have ten digits: 4 GiB is far below that and far above contracts.
    fn default() -> Self {
        Self {
            wanted: Wanted::default(),
            approved: None,
            limit: 4 * 1024 * 1024 * 1024,
            replace_source: false,
        }
    }
}

/// No file has this device and inode: nothing is refused.
const NOBODY: (u64, u64) = (0, 0);

/// A private copy, removed when it is dropped unless it was finished or kept.
pub struct Snapshot {
    state: SnapshotState,
    file: File,
    bytes: Bytes,
    appended: Option<Appended>,
    settling: Option<JoinHandle<io::Result<()>>>,
    lent: Mutex<Vec<Weak<dyn AsRef<[u8]> + Send + Sync>>>,
    kept: bool,
}

/// What is needed to go on after the process has ended. Plain data, for the session's body.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotState {
    /// The private copy.
    pub part: PathBuf,
    /// Where the result goes.
    pub output: PathBuf,
    /// Octets of the source.
    pub len: u64,
    /// Digest states after them.
    pub hashes: Hashes,
    /// Device and inode of the source, never to be replaced; zeros when replacing it was asked for.
    pub source: (u64, u64),
    /// Permission bits of the output.
    pub mode: u32,
    /// Inode of the private copy and when it was made, in nanoseconds: inodes are used again, this pair is not.
    pub identity: (u64, u64),
}

#[derive(Clone)]
struct Appended {
    len: u64,
    hashes: Hashes,
}

impl Snapshot {
    /// Copies the source into a private file beside the output, and hashes the copy.
    ///
    /// The source may be named through a symbolic link; it is opened for reading only and never waits for a pipe's writer.
    ///
    /// # Errors
    /// For a source or an output folder that is not usable, a source that changes meanwhile, a full device.
    pub fn take(source: &Path, output: &Path, options: &Options) -> Result<Self, SnapshotError> {
        let (from, before) = open_source(source, options.limit)?;
        let output = place::absolute(output)?;
        let guarded = if options.replace_source {
            NOBODY
        } else {
            (before.dev(), before.ino())
        };
        place::refuse_source(&output, guarded)?;
        let (file, part) = place::create_part(&output)?;
        let taken =
            fill(&from, &file, &before, source, &part, options, Settle::Early).and_then(|(hashes, settling)| {
                let of = |error| SnapshotError::io("map", &part, error);
                let bytes = map::map(&file, before.len()).map_err(of)?;
                let identity = place::identity(&file.metadata().map_err(of)?);
                Ok((hashes, settling, bytes, identity))
            });
        match taken {
            Ok((hashes, settling, bytes, identity)) => Ok(Self {
                state: SnapshotState {
                    part,
                    output,
                    len: before.len(),
                    hashes,
                    source: guarded,
                    mode: place::output_mode(before.mode()),
                    identity,
                },
                file,
                bytes,
                appended: None,
                settling,
                lent: Mutex::default(),
                kept: false,
            }),
            Err(error) => {
                // The error that led here says more than one of tidying up.
                let _ = std::fs::remove_file(&part);
                Err(error)
            }
        }
    }

    /// Opens a private copy that an earlier process left.
    ///
    /// Nothing is read again when the file is the one that was left; its octets are verified when the session verifies its
    /// result. If it is another file (a restored backup), it is read, and must have the same SHA-256.
    ///
    /// # Errors
    /// `Damaged` when it is missing, short or different; `Busy` when another process works on it.
    pub fn resume(state: &SnapshotState) -> Result<Self, SnapshotError> {
        let part = &state.part;
        let damaged = |what| SnapshotError::Damaged {
            path: part.clone(),
            what,
        };
        let file = place::open_part(part)?;
        let of = |error| SnapshotError::io("read", part, error);
        let facts = file.metadata().map_err(of)?;
        if !facts.is_file() || facts.nlink() != 1 {
            return Err(damaged("not a file of our own"));
        }
        if facts.len() < state.len || state.len == 0 {
            return Err(damaged("shorter than it was"));
        }
        let identity = place::identity(&facts);
        if identity != state.identity || identity.1 == 0 {
            let hashes = copy::hash(&file, state.len, Wanted::default()).map_err(of)?;
            if hashes.sha256() != state.hashes.sha256() {
                return Err(damaged("other octets"));
            }
        }
        let bytes = map::map(&file, state.len).map_err(of)?;
        let state = SnapshotState {
            identity,
            ..state.clone()
        };
        // Kept until the session says otherwise: a signature may depend on it.
        Ok(Self {
            state,
            file,
            bytes,
            appended: None,
            settling: None,
            lent: Mutex::default(),
            kept: true,
        })
    }

    /// Keeps the first `len` octets only: what follows them will be written anew by [`Snapshot::append`]. They are hashed
    /// again.
    ///
    /// # Errors
    /// `Lent` while somebody holds [`Snapshot::bytes`]; `Damaged` when there are fewer octets.
    pub fn cut(&mut self, len: u64) -> Result<(), SnapshotError> {
        let part = &self.state.part;
        let of = |error| SnapshotError::io("read", part, error);
        if len == 0 || len > self.state.len {
            return Err(SnapshotError::Damaged {
                path: part.clone(),
                what: "shorter than it was",
            });
        }
        if Bytes::strong_count(&self.bytes) > 1 {
            return Err(SnapshotError::Lent { path: part.clone() });
        }
        let hashes = copy::hash(&self.file, len, self.state.hashes.wanted()).map_err(of)?;
        self.bytes = map::map(&self.file, len).map_err(of)?;
        self.state.hashes = hashes;
        self.state.len = len;
        self.appended = None;
        Ok(())
    }

    /// The octets of the contract.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        Bytes::clone(&self.bytes)
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.state.len
    }

    /// Never: an empty file is refused.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.state.len == 0
    }

    /// SHA-256 of the contract.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.state.hashes.sha256()
    }

    /// Digest states after the contract's octets; clone one to go on with the appended ones.
    #[must_use]
    pub const fn hashes(&self) -> &Hashes {
        &self.state.hashes
    }

    /// Plain data to resume from. Call [`Snapshot::keep`] once it is stored.
    #[must_use]
    pub const fn state(&self) -> &SnapshotState {
        &self.state
    }

    /// From now on the private copy outlives this value.
    pub const fn keep(&mut self) {
        self.kept = true;
    }

    /// Waits until the copy is on the device. Large copies are written while they are made and read; calling this before the
    /// approval leaves only the appended octets for the time after it.
    ///
    /// # Errors
    /// When the device did not take it.
    pub fn settle(&mut self) -> Result<(), SnapshotError> {
        let Some(settling) = self.settling.take() else {
            return Ok(());
        };
        let result = settling
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the writing thread ended early")));
        result.map_err(|error| SnapshotError::io("sync", &self.state.part, error))
    }

    /// Removes the private copy, whether it was kept or not.
    ///
    /// # Errors
    /// When it could not be removed.
    pub fn abandon(mut self) -> Result<(), SnapshotError> {
        self.kept = true;
        std::fs::remove_file(&self.state.part).map_err(|error| SnapshotError::io("remove", &self.state.part, error))
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing can be done about a failure here; the copy is private either way.
            let _ = std::fs::remove_file(&self.state.part);
        }
    }
}

/// A private copy for reading only (inspect, verify): it has no name and ends with the value.
pub struct View {
    /// The octets.
    pub bytes: Bytes,
    /// How many.
    pub len: u64,
    /// Their digests.
    pub hashes: Hashes,
}

impl View {
    /// Copies the source into a nameless file in `folder` and hashes the copy.
    ///
    /// # Errors
    /// As for [`Snapshot::take`].
    pub fn take(source: &Path, folder: &Path, options: &Options) -> Result<Self, SnapshotError> {
        let (from, before) = open_source(source, options.limit)?;
        let part = place::absolute(&folder.join("view"))?;
        let file = place::create_nameless(&part)?;
        let (hashes, _) = fill(&from, &file, &before, source, &part, options, Settle::Never)?;
        let bytes = map::map(&file, before.len()).map_err(|error| SnapshotError::io("map", &part, error))?;
        Ok(Self {
            bytes,
            len: before.len(),
            hashes,
        })
    }
}

fn open_source(source: &Path, limit: u64) -> Result<(File, Metadata), SnapshotError> {
    let path = || source.to_owned();
    let from = place::open_source(source).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SnapshotError::SourceMissing { path: path() },
        _ => SnapshotError::SourceUnreadable {
            path: path(),
            source: error,
        },
    })?;
    let facts = from
        .metadata()
        .map_err(|error| SnapshotError::io("stat", source, error))?;
    if !facts.is_file() {
        return Err(SnapshotError::NotRegular { path: path() });
    }
    if facts.len() == 0 {
        return Err(SnapshotError::Empty { path: path() });
    }
    if facts.len() > limit {
        return Err(SnapshotError::TooLarge {
            path: path(),
            size: facts.len(),
            limit,
        });
    }
    Ok((from, facts))
}

/// Whether the device is asked to store the copy before it is finished.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settle {
    Early,
    Never,
}

type Filled = (Hashes, Option<JoinHandle<io::Result<()>>>);

fn fill(
    from: &File,
    file: &File,
    before: &Metadata,
    source: &Path,
    part: &Path,
    options: &Options,
    settle: Settle,
) -> Result<Filled, SnapshotError> {
    let changed = |what| SnapshotError::SourceChanged {
        path: source.to_owned(),
        what,
    };
    let plan = copy::Plan {
        size: before.len(),
        wanted: options.wanted,
        settle: (settle == Settle::Early).then_some(part),
    };
    let copied = copy::copy(from, file, &plan).map_err(|error| match error {
        copy::CopyError::Size => changed("its size, while it was copied"),
        copy::CopyError::Read(source_error) => SnapshotError::SourceUnreadable {
            path: source.to_owned(),
            source: source_error,
        },
        copy::CopyError::Write(error) => SnapshotError::io("write", part, error),
    })?;
    let after = from
        .metadata()
        .map_err(|error| SnapshotError::io("stat", source, error))?;
    let facts = |facts: &Metadata| (facts.len(), facts.mtime(), facts.mtime_nsec());
    if facts(before) != facts(&after) {
        return Err(changed("its size or time, while it was copied"));
    }
    if options
        .approved
        .is_some_and(|approved| approved != copied.hashes.sha256())
    {
        return Err(changed("not the file that was approved"));
    }
    Ok((copied.hashes, copied.settling))
}

#[cfg(test)]
mod tests;
