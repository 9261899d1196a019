//! The exact octets that were opened, with their hash state kept, so that nothing is read twice.
//!
//! Not its business: where they lie (store takes the private copy).

use std::sync::Arc;

use countersign_cms::{DigestAlgorithm, Hasher};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Octets that live somewhere else, typically in a memory map of a private copy.
pub type Octets = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// What is said of the source file. The name is for the people at this machine only; it never leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFacts {
    /// File name without folder.
    pub name: String,
    /// Octets.
    pub size: u64,
    /// SHA-256 of the whole file.
    #[serde(with = "hex::serde")]
    pub sha256: [u8; 32],
}

/// The octets of the private copy and the state of SHA-256 after all of them.
#[derive(Clone)]
pub struct Prefix {
    octets: Octets,
    sha256: Sha256,
}

impl Prefix {
    /// `sha256` must be the state after exactly these octets.
    #[must_use]
    pub fn new(octets: Octets, sha256: Sha256) -> Self {
        Self { octets, sha256 }
    }

    /// Hashes the octets itself; for small files and tests.
    #[must_use]
    pub fn hashed(octets: Octets) -> Self {
        let sha256 = Sha256::new_with_prefix((*octets).as_ref());
        Self { octets, sha256 }
    }

    /// The octets.
    #[must_use]
    pub fn octets(&self) -> &Octets {
        &self.octets
    }

    /// SHA-256 of the octets.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256.clone().finalize().into()
    }

    /// A hasher that has taken in the octets. SHA-256 continues the kept state; the others read the octets once more.
    #[must_use]
    pub fn hasher(&self, algorithm: DigestAlgorithm) -> Hasher {
        if algorithm == DigestAlgorithm::Sha256 {
            return Hasher::sha256_from(self.sha256.clone());
        }
        let mut hasher = Hasher::new(algorithm);
        hasher.update((*self.octets).as_ref());
        hasher
    }

    /// SHA-256 of the octets followed by `tail`.
    #[must_use]
    pub fn sha256_with(&self, tail: &[u8]) -> [u8; 32] {
        let mut state = self.sha256.clone();
        state.update(tail);
        state.finalize().into()
    }
}
