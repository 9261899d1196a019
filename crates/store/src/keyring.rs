//! Secrets by name: in the desktop's keyring, or, when the configuration says so, in files of the home folder.
//!
//! Not its business: PINs (never stored), prompts. A file is what it is: readable by whoever can read as this user.

use std::{
    fs::{DirBuilder, File},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use keyring::{Entry, Error};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    atomic,
    config::{SecretSource, SecretStore},
};

/// Name of the service in the keyring.
const SERVICE: &str = "countersign";

/// Octets of a secret at most.
const MAX_OCTETS: u64 = 16 * 1024;

/// Why a secret was not found or not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum SecretError {
    /// There is none of this name.
    #[error("no secret {name}")]
    Absent { name: String },
    /// There is no keyring, or it does not open.
    #[error("no keyring: {reason}")]
    NoKeyring { reason: String },
    /// The file may be read by others.
    #[error("{} has mode {mode:o}, expected 600", path.display())]
    Open { path: PathBuf, mode: u32 },
    /// Not a name for a secret.
    #[error("{name:?} cannot name a secret")]
    Name { name: String },
    /// The operating system said no.
    #[error("{}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
}

/// Where secrets are kept.
#[derive(Debug, Clone)]
pub struct SecretVault {
    store: SecretStore,
    home: PathBuf,
}

impl SecretVault {
    /// The store that the configuration names, never another one instead.
    #[must_use]
    pub fn new(store: SecretStore, home: &Path) -> Self {
        Self {
            store,
            home: home.to_owned(),
        }
    }

    /// The secret that a configuration points to. A line end at the end of a file is not part of it.
    ///
    /// # Errors
    /// When it is absent, or kept where others can read it.
    pub fn resolve(&self, source: &SecretSource) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        match source {
            SecretSource::Keyring(name) => self.find(name),
            SecretSource::File(path) => {
                let mut secret = read_private(path)?;
                while matches!(secret.last(), Some(b'\n' | b'\r')) {
                    secret.pop();
                }
                Ok(secret)
            }
        }
    }

    /// The secret of this name.
    ///
    /// # Errors
    /// When it is absent or there is no keyring.
    pub fn find(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        match self.store {
            SecretStore::Keyring => {
                let entry = entry(name)?;
                entry
                    .get_secret()
                    .map(Zeroizing::new)
                    .map_err(|error| keyring_error(name, error))
            }
            SecretStore::File => match read_private(&self.file(name)?) {
                Err(SecretError::Absent { .. }) => Err(SecretError::Absent { name: name.to_owned() }),
                other => other,
            },
        }
    }

    /// Keeps a secret, in place of any of the same name.
    ///
    /// # Errors
    /// When it could not be kept.
    pub fn keep(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        match self.store {
            SecretStore::Keyring => entry(name)?
                .set_secret(secret)
                .map_err(|error| keyring_error(name, error)),
            SecretStore::File => {
                let path = self.file(name)?;
                let failed = |error: io::Error| unreadable(&path, &error);
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(self.home.join("secrets"))
                    .map_err(failed)?;
                atomic::write(&path, secret, 0o600).map_err(failed)
            }
        }
    }

    fn file(&self, name: &str) -> Result<PathBuf, SecretError> {
        check_name(name)?;
        Ok(self.home.join("secrets").join(name))
    }
}

/// Reads a file that only its owner may read.
fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SecretError::Absent {
            name: path.display().to_string(),
        },
        _ => unreadable(path, &error),
    };
    let file = File::open(path).map_err(failed)?;
    let facts = file.metadata().map_err(failed)?;
    if !facts.is_file() {
        return Err(SecretError::Unreadable {
            path: path.to_owned(),
            reason: "not a regular file".to_owned(),
        });
    }
    if facts.mode() & 0o077 != 0 {
        return Err(SecretError::Open {
            path: path.to_owned(),
            mode: facts.mode() & 0o777,
        });
    }
    // Room for all of it from the start: a buffer that grows leaves copies behind.
    let mut secret = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_OCTETS).unwrap_or_default() + 64));
    file.take(MAX_OCTETS + 1).read_to_end(&mut secret).map_err(failed)?;
    if secret.len() as u64 > MAX_OCTETS {
        secret.zeroize();
        return Err(SecretError::Unreadable {
            path: path.to_owned(),
            reason: "over 16 KiB".to_owned(),
        });
    }
    Ok(secret)
}

fn entry(name: &str) -> Result<Entry, SecretError> {
    check_name(name)?;
    if let Err(error) = Entry::store_status() {
        return Err(SecretError::NoKeyring {
            reason: error.to_string(),
        });
    }
    Entry::new(SERVICE, name).map_err(|error| keyring_error(name, error))
}

fn keyring_error(name: &str, error: Error) -> SecretError {
    match error {
        Error::NoEntry => SecretError::Absent { name: name.to_owned() },
        // These hold the secret's octets; they are wiped, not shown.
        Error::BadEncoding(mut octets) | Error::BadDataFormat(mut octets, _) => {
            octets.zeroize();
            SecretError::NoKeyring {
                reason: "what it holds cannot be read".to_owned(),
            }
        }
        other => SecretError::NoKeyring {
            reason: other.to_string(),
        },
    }
}

fn check_name(name: &str) -> Result<(), SecretError> {
    let octet = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > 128 || name.starts_with('.') || !name.bytes().all(octet) {
        return Err(SecretError::Name {
            name: name.chars().take(128).collect(),
        });
    }
    Ok(())
}

fn unreadable(path: &Path, error: &io::Error) -> SecretError {
    SecretError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, time::Instant};

    use super::*;

    #[test]
    fn files_are_private_or_refused() {
        let home = tempfile::tempdir().unwrap();
        let vault = SecretVault::new(SecretStore::File, home.path());
        assert!(matches!(vault.find("tsa"), Err(SecretError::Absent { name }) if name == "tsa"));
        vault.keep("tsa", b"hunter2").unwrap();
        vault.keep("tsa", b"hunter3\n").unwrap();
        assert_eq!(vault.find("tsa").unwrap().as_slice(), b"hunter3\n");
        let path = home.path().join("secrets/tsa");
        assert_eq!(
            vault.resolve(&SecretSource::File(path.clone())).unwrap().as_slice(),
            b"hunter3"
        );
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(vault.find("tsa"), Err(SecretError::Open { mode: 0o640, .. })));
        for name in ["", "..", ".a", "a/b", "../../etc/passwd", "a\0b", &"x".repeat(129)] {
            assert!(matches!(vault.find(name), Err(SecretError::Name { .. })), "{name}");
            assert!(
                matches!(vault.keep(name, b"x"), Err(SecretError::Name { .. })),
                "{name}"
            );
        }
        fs::write(home.path().join("secrets/long"), vec![b'x'; 20_000]).unwrap();
        fs::set_permissions(home.path().join("secrets/long"), fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(vault.find("long"), Err(SecretError::Unreadable { .. })));
        assert!(vault.resolve(&SecretSource::File(home.path().to_owned())).is_err());
    }

    #[test]
    fn no_keyring_is_said_at_once() {
        let home = tempfile::tempdir().unwrap();
        let vault = SecretVault::new(SecretStore::Keyring, home.path());
        let begun = Instant::now();
        match vault.find("countersign-test-that-nobody-has") {
            Err(SecretError::NoKeyring { .. } | SecretError::Absent { .. }) => {}
            other => panic!("{:?}", other.err()),
        }
        assert!(begun.elapsed().as_secs() < 3);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "no other place instead");
    }
}
