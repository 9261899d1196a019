//! Copying and hashing in one go.
//!
//! The hashers read the copy, close behind the copier: what is hashed is what will be put out, and its pages are still in
//! the cache. Copying and hashing side by side costs no more than hashing alone. Not its business: names and permissions.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
};

use rustix::{fs::copy_file_range, io::Errno};
use sha2::Digest;

use super::hashes::{Hashes, Wanted};

/// Below this a thread costs more than it saves.
const SMALL: u64 = 1024 * 1024;

/// How far the copier goes before it tells.
const STEP: u64 = 2 * 1024 * 1024;

/// Octets in memory for each thread.
const BUFFER: usize = 128 * 1024;

/// How much is written before the device is asked to begin, while copying goes on.
const SYNC_STEP: u64 = 32 * 1024 * 1024;

/// Bounds of one copy.
pub(super) struct Plan<'a> {
    /// Octets that the source has by its own account.
    pub(super) size: u64,
    /// Digests beside SHA-256.
    pub(super) wanted: Wanted,
    /// Name of the copy, to have the device store it while it is used.
    pub(super) settle: Option<&'a Path>,
}

/// What came of it.
pub(super) struct Copied {
    pub(super) hashes: Hashes,
    /// Ends when the copy is on the device.
    pub(super) settling: Option<thread::JoinHandle<io::Result<()>>>,
}

/// Why a copy was not made.
pub(super) enum CopyError {
    /// The source has fewer or more octets than before.
    Size,
    Read(io::Error),
    Write(io::Error),
}

/// Copies `size` octets and hashes the copy.
pub(super) fn copy(source: &File, copy: &File, plan: &Plan<'_>) -> Result<Copied, CopyError> {
    if plan.size < SMALL {
        let hashes = copy_small(source, copy, plan)?;
        return Ok(Copied { hashes, settling: None });
    }
    let progress = Arc::new(Progress::default());
    let settling = plan
        .settle
        .map(|name| start_settling(name, &progress))
        .transpose()
        .map_err(CopyError::Write)?;
    let hashes = thread::scope(|scope| {
        let copier = scope.spawn(|| {
            let result = copy_large(source, copy, plan.size, &progress);
            progress.end(result.is_err());
            result
        });
        let beside = (
            plan.wanted
                .sha384
                .then(|| scope.spawn(|| follow(copy, sha2::Sha384::new(), &progress))),
            plan.wanted
                .sha512
                .then(|| scope.spawn(|| follow(copy, sha2::Sha512::new(), &progress))),
            plan.wanted
                .sm3
                .then(|| scope.spawn(|| follow(copy, sm3::Sm3::new(), &progress))),
        );
        let sha256 = follow(copy, sha2::Sha256::new(), &progress);
        joined(copier)?;
        Ok(Hashes {
            sha256: sha256.map_err(CopyError::Write)?,
            sha384: beside.0.map(join_hash).transpose()?,
            sha512: beside.1.map(join_hash).transpose()?,
            sm3: beside.2.map(join_hash).transpose()?,
        })
    })?;
    Ok(Copied { hashes, settling })
}

/// Hashes a file that is already in place.
pub(super) fn hash(file: &File, size: u64, wanted: Wanted) -> io::Result<Hashes> {
    let mut hashes = Hashes::new(wanted);
    let mut buffer = vec![0; BUFFER];
    let mut at = 0;
    while at < size {
        let want = usize::try_from(size - at).map_or(BUFFER, |rest| rest.min(BUFFER));
        let part = buffer.get_mut(..want).unwrap_or_default();
        file.read_exact_at(part, at)?;
        hashes.update(part);
        at += want as u64;
    }
    Ok(hashes)
}

fn copy_small(source: &File, copy: &File, plan: &Plan<'_>) -> Result<Hashes, CopyError> {
    let mut hashes = Hashes::new(plan.wanted);
    let mut buffer = vec![0; usize::try_from(plan.size).map_or(BUFFER, |size| (size + 1).min(BUFFER))];
    let mut at = 0;
    loop {
        let count = read_some(source, &mut buffer, at).map_err(CopyError::Read)?;
        let octets = buffer.get(..count).unwrap_or_default();
        if octets.is_empty() {
            return (at == plan.size).then_some(hashes).ok_or(CopyError::Size);
        }
        // The very octets that are written are the ones that are hashed.
        copy.write_all_at(octets, at).map_err(CopyError::Write)?;
        hashes.update(octets);
        at += count as u64;
        if at > plan.size {
            return Err(CopyError::Size);
        }
    }
}

fn copy_large(source: &File, copy: &File, size: u64, progress: &Progress) -> Result<(), CopyError> {
    let mut at = 0;
    let mut in_kernel = true;
    let mut buffer = Vec::new();
    while at < size {
        let step = STEP.min(size - at);
        if in_kernel {
            let (mut from, mut to) = (at, at);
            let step = usize::try_from(step).unwrap_or(BUFFER);
            match copy_file_range(source, Some(&mut from), copy, Some(&mut to), step) {
                // Some file systems say "end" for what they cannot copy: read() decides.
                Ok(0) => in_kernel = false,
                Ok(count) => at += count as u64,
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM | Errno::BADF) => {
                    in_kernel = false;
                }
                Err(errno) => return Err(CopyError::Write(errno.into())),
            }
        } else {
            buffer.resize(BUFFER, 0);
            let want = usize::try_from(step).map_or(BUFFER, |step| step.min(BUFFER));
            let count = read_some(source, buffer.get_mut(..want).unwrap_or_default(), at).map_err(CopyError::Read)?;
            let octets = buffer.get(..count).unwrap_or_default();
            if octets.is_empty() {
                return Err(CopyError::Size);
            }
            copy.write_all_at(octets, at).map_err(CopyError::Write)?;
            at += count as u64;
        }
        progress.reach(at);
    }
    let grown = read_some(source, &mut [0; 1], size).map_err(CopyError::Read)? > 0;
    if grown { Err(CopyError::Size) } else { Ok(()) }
}

fn read_some(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, at) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Hashes the copy as far as it goes, until the copier ends.
fn follow<H: Digest>(copy: &File, mut hash: H, progress: &Progress) -> io::Result<H> {
    let mut buffer = vec![0; BUFFER];
    let mut at = 0;
    loop {
        let reached = progress.beyond(at);
        if reached == at {
            return Ok(hash);
        }
        while at < reached {
            let want = usize::try_from(reached - at).map_or(BUFFER, |rest| rest.min(BUFFER));
            let part = buffer.get_mut(..want).unwrap_or_default();
            copy.read_exact_at(part, at)?;
            hash.update(&*part);
            at += want as u64;
        }
    }
}

/// Writes the copy to the device while it is still being made, hashed, and read by a person.
fn start_settling(name: &Path, progress: &Arc<Progress>) -> io::Result<thread::JoinHandle<io::Result<()>>> {
    // Opened anew: a clone would share, and hold, the lock of the copy.
    let file = File::open(name)?;
    let progress = Arc::clone(progress);
    thread::Builder::new().name("settle".to_owned()).spawn(move || {
        let mut synced = 0;
        loop {
            let reached = progress.beyond(synced + SYNC_STEP - 1);
            if reached <= synced || progress.failed() {
                return Ok(());
            }
            file.sync_data()?;
            synced = reached;
        }
    })
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, Result<T, CopyError>>) -> Result<T, CopyError> {
    thread
        .join()
        .unwrap_or_else(|_| Err(CopyError::Write(io::Error::other("a copying thread ended early"))))
}

fn join_hash<T>(thread: thread::ScopedJoinHandle<'_, io::Result<T>>) -> Result<T, CopyError> {
    let ended = || Err(io::Error::other("a hashing thread ended early"));
    thread.join().unwrap_or_else(|_| ended()).map_err(CopyError::Write)
}

/// How far the copier is.
#[derive(Default)]
struct Progress {
    state: Mutex<Reached>,
    moved: Condvar,
}

#[derive(Default)]
struct Reached {
    octets: u64,
    ended: bool,
    failed: bool,
}

impl Progress {
    fn reach(&self, octets: u64) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).octets = octets;
        self.moved.notify_all();
    }

    fn end(&self, failed: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ended = true;
        state.failed = failed;
        drop(state);
        self.moved.notify_all();
    }

    fn failed(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).failed
    }

    /// Waits until there is more than `octets`, or no more will come.
    fn beyond(&self, octets: u64) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.octets <= octets && !state.ended {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.octets
    }
}
