//! A desk to sign at: a home, a practice token, a practice authority with its time-stamping, and the program itself.
//!
//! The token's keys are made once for a process; every desk gets a copy of the token's folder and a home of its own,
//! because SoftHSM2 with two processes on one folder fails now and then. The program runs as a child, as at a user's.
//! Not its business: what the program should answer.

mod run;
mod workshop;

use std::path::{Path, PathBuf};

pub use run::{Pin, Run};
pub use workshop::{Identity, Workshop, program, stale};

/// The keys on the practice token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// RSA, 2048 bits.
    Rsa2048,
    /// RSA, 3072 bits.
    Rsa3072,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

impl Key {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rsa2048, Self::Rsa3072, Self::P256, Self::P384];

    /// CKA_LABEL.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa2048",
            Self::Rsa3072 => "rsa3072",
            Self::P256 => "p256",
            Self::P384 => "p384",
        }
    }
}

/// A home with a token of its own.
pub struct Desk {
    pub(crate) workshop: &'static Workshop,
    pub(crate) dir: PathBuf,
}

impl Desk {
    /// The folder that `--home` names.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.dir.join("home")
    }

    /// A folder to work in.
    #[must_use]
    pub fn work(&self) -> PathBuf {
        self.dir.join("work")
    }

    /// SoftHSM2's configuration of this desk's token.
    #[must_use]
    pub fn token_conf(&self) -> PathBuf {
        self.dir.join("token/softhsm2.conf")
    }

    /// The RFC 7512 URI of a key.
    #[must_use]
    pub fn credential(&self, key: Key) -> String {
        self.workshop.token.uri(key.label())
    }

    /// The file with the PIN (0600).
    #[must_use]
    pub fn pin_file(&self) -> PathBuf {
        self.workshop.dir.join("pin")
    }

    /// The PIN.
    #[must_use]
    pub fn pin(&self) -> String {
        workshop::PIN.to_owned()
    }

    /// The practice root, PEM.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.workshop.pki.root_path()
    }

    /// Issuing authority and root, PEM.
    #[must_use]
    pub fn chain(&self) -> PathBuf {
        self.workshop.pki.chain_path()
    }

    /// The workshop behind it.
    #[must_use]
    pub const fn workshop(&self) -> &'static Workshop {
        self.workshop
    }

    /// Puts a file into the folder to work in.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.work().join(name);
        std::fs::write(&path, bytes).expect("a folder to write to");
        path
    }

    /// Writes the home's configuration anew, with `more` after what every desk has.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn configure(&self, more: &str) {
        std::fs::write(
            self.home().join("config.toml"),
            format!("{}\n{more}", self.configuration()),
        )
        .expect("a home to write to");
    }

    fn configuration(&self) -> String {
        let quoted = |path: &Path| Path::display(path).to_string().replace('\\', "\\\\");
        format!(
            "[signing]\nlevel = \"B-T\"\n\n[trust]\nanchors = [\"{}\"]\n\n[[tsa]]\nurl = \"{}\"\n",
            quoted(&self.root()),
            self.workshop.tsa.url()
        )
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // Kept for looking at when a test failed.
        if !std::thread::panicking() {
            let _gone = std::fs::remove_dir_all(&self.dir);
        }
    }
}
