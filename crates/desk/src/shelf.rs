//! All contracts of a desk: taken on, kept, found, taken off.
//!
//! A folder is complete when its `entry.json` is there; half-copied ones are removed at the start. One program at a time
//! has a desk open. Not its business: where a contract stands (standing).

use std::{
    collections::BTreeMap,
    fs::{DirBuilder, File, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use countersign_engine::{SessionStage, files};
use jiff::Timestamp;

use crate::{
    Desk,
    entry::{COPY, Entry},
    running::locked,
    view::{ContractState, DeskEvent, FaultShown, StageName},
};

/// Folder of the desk in the home.
pub(crate) const FOLDER: &str = "desk";
/// Files that were verified, below it: gone at the next start.
pub(crate) const REPORTS: &str = "reports";

/// What was found at the start.
pub(crate) struct Found {
    pub(crate) entries: BTreeMap<String, Entry>,
    /// Folders that cannot be read; they are left alone.
    pub(crate) faults: Vec<FaultShown>,
    pub(crate) lock: File,
}

fn unusable(error: &dyn std::fmt::Display) -> FaultShown {
    FaultShown::new("store-unusable", "open").because(error)
}

fn make(folder: &Path) -> Result<(), FaultShown> {
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(folder);
    made.map_err(|error| unusable(&error).with("path", folder.display().to_string()))
}

/// Opens the shelf of a home.
pub(crate) fn open(shelf: &Path) -> Result<Found, FaultShown> {
    make(shelf)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let lock = options.open(shelf.join(".lock")).map_err(|error| unusable(&error))?;
    if let Err(std::fs::TryLockError::WouldBlock) = lock.try_lock() {
        return Err(FaultShown::new("busy", "open").with("what", "desk"));
    }
    let _ = std::fs::remove_dir_all(shelf.join(REPORTS));
    let mut found = Found {
        entries: BTreeMap::new(),
        faults: Vec::new(),
        lock,
    };
    let folders = std::fs::read_dir(shelf).map_err(|error| unusable(&error))?;
    for folder in folders
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
    {
        match Entry::read(&folder.path()) {
            Some(Ok(entry)) if folder.file_name().to_str() == Some(&entry.id) => {
                found.entries.insert(entry.id.clone(), entry);
            }
            Some(Ok(_)) => found.faults.push(unusable(&"an entry in another one's folder")),
            Some(Err(fault)) => found.faults.push(fault),
            None => {
                // It is private, and nothing points to it.
                let _ = std::fs::remove_dir_all(folder.path());
            }
        }
    }
    Ok(found)
}

impl Desk {
    pub(crate) fn shelf_folder(&self) -> PathBuf {
        self.home.join(FOLDER)
    }

    /// A contract as it is now.
    pub(crate) fn entry(&self, id: &str) -> Result<Entry, FaultShown> {
        let found = locked(&self.shelf).get(id).cloned();
        found.ok_or_else(|| FaultShown::new("contract-unknown", "open").with("contract", id))
    }

    /// Changes a contract, on disk first.
    pub(crate) fn change<T>(&self, id: &str, change: impl FnOnce(&mut Entry) -> T) -> Result<T, FaultShown> {
        let mut shelf = locked(&self.shelf);
        let entry = shelf
            .get_mut(id)
            .ok_or_else(|| FaultShown::new("contract-unknown", "open").with("contract", id))?;
        let mut changed = entry.clone();
        let value = change(&mut changed);
        if changed != *entry {
            changed.changed = Timestamp::now();
            changed.keep(&self.shelf_folder())?;
            *entry = changed;
        }
        Ok(value)
    }

    /// Takes private copies of contracts; the same octets twice are one contract. Files that cannot be taken are told by
    /// events.
    ///
    /// # Errors
    /// The first reason, when none could be taken.
    pub fn desk_add(&self, paths: &[PathBuf]) -> Result<Vec<String>, FaultShown> {
        let mut ids = Vec::new();
        let mut faults = Vec::new();
        for path in paths {
            match self.add(path) {
                Ok(id) if !ids.contains(&id) => ids.push(id),
                Ok(_) => {}
                Err(fault) => faults.push(fault),
            }
        }
        match faults.first() {
            Some(first) if ids.is_empty() => return Err(first.clone()),
            _ => {
                for fault in faults {
                    self.person.event(DeskEvent::Fault { contract: None, fault });
                }
            }
        }
        Ok(ids)
    }

    fn add(&self, path: &Path) -> Result<String, FaultShown> {
        let id = files::fresh_id();
        let running = self.begin(&id, StageName::Opened)?;
        let folder = self.shelf_folder().join(&id);
        let taken = self.take(path, &id, &folder, running.cancel());
        let entry = match taken {
            Ok(entry) => entry,
            Err(fault) => {
                let _ = std::fs::remove_dir_all(&folder);
                return Err(fault);
            }
        };
        let mut shelf = locked(&self.shelf);
        if let Some(known) = shelf.values_mut().find(|known| known.sha256 == entry.sha256) {
            let _ = std::fs::remove_dir_all(&folder);
            if files::mark(&known.source).is_none() {
                // The file was moved: from now on it is looked for where it is.
                let moved = Entry {
                    source: entry.source,
                    mark: entry.mark,
                    ..known.clone()
                };
                moved.keep(&self.shelf_folder())?;
                *known = moved;
            }
            return Ok(known.id.clone());
        }
        if let Err(fault) = entry.keep(&self.shelf_folder()) {
            let _ = std::fs::remove_dir_all(&folder);
            return Err(fault);
        }
        shelf.insert(id.clone(), entry);
        drop(shelf);
        self.tell_changed(Some(&id));
        Ok(id)
    }

    /// The private copy, and an entry that is not on the shelf yet.
    pub(crate) fn take(
        &self,
        path: &Path,
        id: &str,
        folder: &Path,
        cancel: &std::sync::atomic::AtomicBool,
    ) -> Result<Entry, FaultShown> {
        let source = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        make(&folder.join(COPY))?;
        let mut progress = |done: u64, all: u64| {
            self.tell_progress(id, "copy", done, all);
            !cancel.load(Ordering::Relaxed)
        };
        let (copy, taken) = files::take_copy(&source, &folder.join(COPY), &mut progress)?;
        if !looks_like_pdf(&copy) {
            return Err(FaultShown::new("not-a-pdf", "open").with("name", name_of(&copy)));
        }
        let now = Timestamp::now();
        Ok(Entry {
            id: id.to_owned(),
            name: name_of(&copy),
            mark: taken.mark,
            added: now,
            changed: now,
            size: taken.size,
            sha256: hex::encode(taken.sha256),
            sm3: hex::encode(taken.sm3),
            copy: Path::new(COPY).join(copy.file_name().unwrap_or_default()),
            source,
            pages: None,
            earlier_signatures: 0,
            seen: Default::default(),
            seen_as_picture: Default::default(),
            warnings: BTreeMap::new(),
            rejected: None,
            chosen_output: None,
            draft: None,
            approval: None,
            fault: None,
        })
    }

    /// Takes it off the desk. Never touches a finished file.
    ///
    /// # Errors
    /// `busy` while something runs; `not-now` while a signature of it is not at its end.
    pub fn desk_remove(&self, contract: &str) -> Result<(), FaultShown> {
        let entry = self.entry(contract)?;
        let _running = self.begin(contract, StageName::Opened)?;
        let stand = self.stand(&entry)?;
        let waits = matches!(
            self.state_of(&entry, &stand),
            ContractState::WaitingForStamp | ContractState::WaitingForChain
        );
        if waits
            || stand
                .session
                .is_some_and(|session| session.stage > SessionStage::Prepared)
        {
            return Err(FaultShown::new("not-now", "open").with("contract", contract));
        }
        self.pictures_forget(contract);
        let folder = entry.folder(&self.shelf_folder());
        let mut shelf = locked(&self.shelf);
        // Without its entry the rest is swept at the next start, whatever happens now.
        std::fs::remove_file(folder.join(crate::entry::FILE)).map_err(|error| unusable(&error))?;
        shelf.remove(contract);
        drop(shelf);
        let _ = std::fs::remove_dir_all(&folder);
        self.tell_changed(None);
        Ok(())
    }
}

/// A header within the first octets: what readers accept (ISO 32000-2 7.5.2 and its history).
fn looks_like_pdf(path: &Path) -> bool {
    use std::io::Read;
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(1024 + 5).read_to_end(&mut head));
    read.is_ok() && head.windows(5).any(|window| window == b"%PDF-")
}

pub(crate) fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
