//! From the private copy to the output: append, sync, rename.
//!
//! A reader of the output's folder sees the whole result or nothing. Not its business: whether the result is right; the
//! session verifies [`Snapshot::result`] before it calls [`Snapshot::finish`].

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{FileExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::PoisonError,
    time::{Duration, Instant},
};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

use super::{Appended, Bytes, Snapshot, SnapshotError, map, place};

/// Whether an output that exists may be replaced. The source never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// It stays and the call fails.
    Never,
    /// It is replaced in one step.
    Replace,
}

/// The output in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Where.
    pub path: PathBuf,
    /// Octets.
    pub size: u64,
    /// SHA-256.
    pub sha256: [u8; 32],
    /// SM3, where wanted.
    pub sm3: Option<[u8; 32]>,
    /// Time that the device took to store file and folder.
    pub synced: Duration,
}

impl Snapshot {
    /// Writes octets behind the contract's own, in place of any appended before.
    ///
    /// # Errors
    /// `Lent` while somebody holds an earlier [`Snapshot::result`]; when they could not be written. The contract's own octets
    /// are untouched.
    pub fn append(&mut self, tail: &[u8]) -> Result<(), SnapshotError> {
        let lent = self.lent.get_mut().unwrap_or_else(PoisonError::into_inner);
        lent.retain(|result| result.strong_count() > 0);
        if !lent.is_empty() {
            return Err(SnapshotError::Lent {
                path: self.state.part.clone(),
            });
        }
        self.appended = None;
        let of = |error| SnapshotError::io("write", &self.state.part, error);
        let len = self.state.len + tail.len() as u64;
        self.file.write_all_at(tail, self.state.len).map_err(of)?;
        self.file.set_len(len).map_err(of)?;
        let mut hashes = self.state.hashes.clone();
        hashes.update(tail);
        self.appended = Some(Appended { len, hashes });
        Ok(())
    }

    /// Contract and appended octets as they are in the file: what is verified before it is put in place.
    ///
    /// # Errors
    /// When nothing was appended, or it cannot be mapped.
    pub fn result(&self) -> Result<Bytes, SnapshotError> {
        let appended = self.appended()?;
        let result =
            map::map(&self.file, appended.len).map_err(|error| SnapshotError::io("map", &self.state.part, error))?;
        self.lent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Bytes::downgrade(&result));
        Ok(result)
    }

    /// SHA-256 of contract and appended octets.
    ///
    /// # Errors
    /// When nothing was appended.
    pub fn result_sha256(&self) -> Result<[u8; 32], SnapshotError> {
        Ok(self.appended()?.hashes.sha256())
    }

    /// Puts the result in place: sync, rename, sync of the folder. After an error the private copy is still there.
    ///
    /// # Errors
    /// `OutputExists`, `OutputIsSource`, and what the device says.
    pub fn finish(&mut self, overwrite: Overwrite) -> Result<Finished, SnapshotError> {
        let begun = Instant::now();
        self.settle()?;
        let mut synced = begun.elapsed();
        let appended = self.appended()?.clone();
        let (part, output) = (&self.state.part, &self.state.output);
        let of = |error| SnapshotError::io("finish", part, error);

        let facts = self.file.metadata().map_err(of)?;
        let named = fs::symlink_metadata(part).map_err(of)?;
        if (facts.dev(), facts.ino()) != (named.dev(), named.ino()) {
            return Err(SnapshotError::Damaged {
                path: part.clone(),
                what: "another file took its name",
            });
        }
        if facts.len() != appended.len {
            return Err(SnapshotError::Damaged {
                path: part.clone(),
                what: "another length",
            });
        }
        place::refuse_source(output, self.state.source)?;
        if overwrite == Overwrite::Never && fs::symlink_metadata(output).is_ok() {
            return Err(SnapshotError::OutputExists { path: output.clone() });
        }

        self.file
            .set_permissions(Permissions::from_mode(self.state.mode))
            .map_err(of)?;
        let begun = Instant::now();
        self.file.sync_all().map_err(of)?;
        synced += begun.elapsed();
        rename(part, output, overwrite)?;
        // From here on the name is the output's: there is no private copy to be removed any more.
        self.kept = true;
        let begun = Instant::now();
        let folder = output.parent().unwrap_or(Path::new("/"));
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| SnapshotError::io("sync", folder, error))?;
        synced += begun.elapsed();
        Ok(Finished {
            path: output.clone(),
            size: appended.len,
            sha256: appended.hashes.sha256(),
            sm3: appended.hashes.sm3(),
            synced,
        })
    }

    fn appended(&self) -> Result<&Appended, SnapshotError> {
        self.appended.as_ref().ok_or_else(|| SnapshotError::NotAppended {
            path: self.state.part.clone(),
        })
    }
}

pub(super) fn rename(part: &Path, output: &Path, overwrite: Overwrite) -> Result<(), SnapshotError> {
    let of = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => SnapshotError::OutputExists {
            path: output.to_owned(),
        },
        _ => SnapshotError::io("rename", output, error),
    };
    if overwrite == Overwrite::Replace {
        return fs::rename(part, output).map_err(of);
    }
    match renameat_with(CWD, part, CWD, output, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // File systems that cannot do it: a second name fails as surely when the first one is taken.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            fs::hard_link(part, output).map_err(of)?;
            fs::remove_file(part).map_err(of)
        }
        Err(errno) => Err(of(errno.into())),
    }
}

/// Whether the output holds exactly the result with this SHA-256: after a crash between rename and the session's own note,
/// the private copy is gone and this tells that the work was done.
///
/// # Errors
/// When the output is there but cannot be read.
pub fn placed(output: &Path, sha256: &[u8; 32]) -> Result<bool, SnapshotError> {
    let of = |error| SnapshotError::io("read", output, error);
    let file = match place::open_source(output) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(of(error)),
    };
    let facts = file.metadata().map_err(of)?;
    if !facts.is_file() {
        return Ok(false);
    }
    let hashes = super::copy::hash(&file, facts.len(), super::Wanted::default()).map_err(of)?;
    Ok(hashes.sha256() == *sha256)
}
