//! SoftHSM2 behind a module that misbehaves when told: the token is gone, locked, at its final try. It is the shim of the
//! token crate's own tests.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{repository, skip::skip};

/// Where the shim looks for its faults.
pub const HOME: &str = "COUNTERSIGN_TOKEN_HOME";

/// The module and its folder.
#[derive(Debug)]
pub struct Shim {
    folder: PathBuf,
}

impl Shim {
    /// Compiles it into this folder; `None`, said loudly, without a C compiler.
    ///
    /// # Panics
    /// When the compiler is there and does not take it.
    #[must_use]
    pub fn compile(folder: &Path, real: &Path, pin: &str) -> Option<Self> {
        let source = repository::root().join("crates/token/tests/softhsm/shim.c");
        let made = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1"])
            .arg(format!("-DMODULE=\"{}\"", real.display()))
            .arg(format!("-DPIN=\"{pin}\""))
            .arg("-o")
            .arg(folder.join("shim.so"))
            .arg(source)
            .arg("-ldl")
            .stdin(Stdio::null())
            .output();
        match made {
            Ok(output) => {
                assert!(
                    output.status.success(),
                    "cc: {}",
                    String::from_utf8_lossy(&output.stderr)
                );
                Some(Self {
                    folder: folder.to_owned(),
                })
            }
            Err(error) => {
                skip(&format!("cc: {error}; no token misbehaves"));
                None
            }
        }
    }

    /// The library.
    #[must_use]
    pub fn library(&self) -> PathBuf {
        self.folder.join("shim.so")
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// From now on it does this.
    ///
    /// # Panics
    /// When it cannot be told.
    pub fn fault(&self, name: &str) {
        // In one piece: it reads at every call.
        let new = self.folder.join("fault.next");
        fs::write(&new, name)
            .and_then(|()| fs::rename(&new, self.folder.join("fault")))
            .expect("a folder to write to");
    }

    /// From now on it does nothing of the kind.
    pub fn well(&self) {
        let _gone = fs::remove_file(self.folder.join("fault"));
    }

    /// What reached the token: `login u`, `sign` …
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}
