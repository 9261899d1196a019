//! Digests by algorithm, at once or in pieces.
//!
//! A caller that hashed a file while reading it hands over the kept state of the hash. No IO here.

use sha2::Digest;

use crate::algorithm::DigestAlgorithm;

impl DigestAlgorithm {
    /// The digest of these octets.
    #[must_use]
    pub fn hash(self, octets: &[u8]) -> Vec<u8> {
        let mut hasher = Hasher::new(self);
        hasher.update(octets);
        hasher.finalize()
    }
}

/// A digest in the making.
#[derive(Debug, Clone)]
pub struct Hasher(State);

#[derive(Debug, Clone)]
enum State {
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
    Sm3(sm3::Sm3),
}

impl Hasher {
    /// A fresh one.
    #[must_use]
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        Self(match algorithm {
            DigestAlgorithm::Sha1 => State::Sha1(sha1::Sha1::new()),
            DigestAlgorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            DigestAlgorithm::Sha384 => State::Sha384(sha2::Sha384::new()),
            DigestAlgorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
            DigestAlgorithm::Sm3 => State::Sm3(sm3::Sm3::new()),
        })
    }

    /// Continues a kept SHA-256 state.
    #[must_use]
    pub const fn sha256_from(state: sha2::Sha256) -> Self {
        Self(State::Sha256(state))
    }

    /// Continues a kept SHA-384 state.
    #[must_use]
    pub const fn sha384_from(state: sha2::Sha384) -> Self {
        Self(State::Sha384(state))
    }

    /// Continues a kept SHA-512 state.
    #[must_use]
    pub const fn sha512_from(state: sha2::Sha512) -> Self {
        Self(State::Sha512(state))
    }

    /// Continues a kept SM3 state.
    #[must_use]
    pub const fn sm3_from(state: sm3::Sm3) -> Self {
        Self(State::Sm3(state))
    }

    /// Which digest this becomes.
    #[must_use]
    pub const fn algorithm(&self) -> DigestAlgorithm {
        match self.0 {
            State::Sha1(_) => DigestAlgorithm::Sha1,
            State::Sha256(_) => DigestAlgorithm::Sha256,
            State::Sha384(_) => DigestAlgorithm::Sha384,
            State::Sha512(_) => DigestAlgorithm::Sha512,
            State::Sm3(_) => DigestAlgorithm::Sm3,
        }
    }

    /// Takes in more octets.
    pub fn update(&mut self, octets: &[u8]) {
        match &mut self.0 {
            State::Sha1(state) => state.update(octets),
            State::Sha256(state) => state.update(octets),
            State::Sha384(state) => state.update(octets),
            State::Sha512(state) => state.update(octets),
            State::Sm3(state) => state.update(octets),
        }
    }

    /// The digest of all that was taken in.
    #[must_use]
    pub fn finalize(self) -> Vec<u8> {
        match self.0 {
            State::Sha1(state) => state.finalize().to_vec(),
            State::Sha256(state) => state.finalize().to_vec(),
            State::Sha384(state) => state.finalize().to_vec(),
            State::Sha512(state) => state.finalize().to_vec(),
            State::Sm3(state) => state.finalize().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers_and_lengths() {
        let cases = [
            (DigestAlgorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                DigestAlgorithm::Sha256,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                DigestAlgorithm::Sm3,
                "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
            ),
        ];
        for (algorithm, expected) in cases {
            assert_eq!(hex::encode(algorithm.hash(b"abc")), expected);
        }
        for algorithm in DigestAlgorithm::ALL {
            assert_eq!(algorithm.hash(b"").len(), algorithm.output_len());
            assert_eq!(DigestAlgorithm::from_oid(algorithm.oid()), Some(algorithm));
            assert_eq!(DigestAlgorithm::from_identifier(&algorithm.identifier()), Ok(algorithm));
            assert_eq!(Hasher::new(algorithm).algorithm(), algorithm);
        }
    }

    #[test]
    fn a_kept_state_goes_on() {
        let mut state = sha2::Sha256::new();
        state.update(b"a");
        let mut hasher = Hasher::sha256_from(state);
        hasher.update(b"bc");
        assert_eq!(hasher.finalize(), DigestAlgorithm::Sha256.hash(b"abc"));
    }
}
