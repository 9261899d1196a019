//! Digest states of the private copy, kept so that nothing is read twice.
//!
//! Not its business: which digest a signature uses (cms). A state is about 104 octets and goes on where it was stopped.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{
    Digest, Sha256, Sha384, Sha512,
    digest::{
        array::Array,
        common::hazmat::{SerializableState, SerializedState},
    },
};
use sm3::Sm3;

/// Digests that are wanted beside SHA-256. Each costs a pass of its own in another thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// SHA-384.
    pub sha384: bool,
    /// SHA-512.
    pub sha512: bool,
    /// SM3: about a tenth of the speed of SHA-256 with processor support.
    pub sm3: bool,
}

/// Digest states after the same octets.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hashes {
    /// SHA-256.
    #[serde(with = "state")]
    pub sha256: Sha256,
    /// SHA-384, where wanted.
    #[serde(with = "optional_state", default, skip_serializing_if = "Option::is_none")]
    pub sha384: Option<Sha384>,
    /// SHA-512, where wanted.
    #[serde(with = "optional_state", default, skip_serializing_if = "Option::is_none")]
    pub sha512: Option<Sha512>,
    /// SM3, where wanted.
    #[serde(with = "optional_state", default, skip_serializing_if = "Option::is_none")]
    pub sm3: Option<Sm3>,
}

impl Hashes {
    /// Before the first octet.
    #[must_use]
    pub fn new(wanted: Wanted) -> Self {
        Self {
            sha256: Sha256::new(),
            sha384: wanted.sha384.then(Sha384::new),
            sha512: wanted.sha512.then(Sha512::new),
            sm3: wanted.sm3.then(Sm3::new),
        }
    }

    /// What is kept.
    #[must_use]
    pub const fn wanted(&self) -> Wanted {
        Wanted {
            sha384: self.sha384.is_some(),
            sha512: self.sha512.is_some(),
            sm3: self.sm3.is_some(),
        }
    }

    /// Goes on with all of them.
    pub fn update(&mut self, octets: &[u8]) {
        self.sha256.update(octets);
        if let Some(hash) = &mut self.sha384 {
            hash.update(octets);
        }
        if let Some(hash) = &mut self.sha512 {
            hash.update(octets);
        }
        if let Some(hash) = &mut self.sm3 {
            hash.update(octets);
        }
    }

    /// SHA-256 so far.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256.clone().finalize().into()
    }

    /// SM3 so far, where wanted.
    #[must_use]
    pub fn sm3(&self) -> Option<[u8; 32]> {
        self.sm3.clone().map(|hash| hash.finalize().into())
    }
}

impl std::fmt::Debug for Hashes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Hashes {{ sha256: {}.. }}", hex::encode(&self.sha256()[..4]))
    }
}

mod state {
    use super::{Array, Deserialize, Deserializer, SerializableState, SerializedState, Serializer};
    use serde::de::Error as _;

    pub(super) fn serialize<H: SerializableState, S: Serializer>(hash: &H, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(hash.serialize()))
    }

    pub(super) fn deserialize<'de, H: SerializableState, D: Deserializer<'de>>(from: D) -> Result<H, D::Error> {
        let octets = hex::decode(String::deserialize(from)?).map_err(D::Error::custom)?;
        let octets: SerializedState<H> =
            Array::try_from(octets.as_slice()).map_err(|_| D::Error::custom("a digest state of another length"))?;
        H::deserialize(&octets).map_err(D::Error::custom)
    }
}

mod optional_state {
    use super::{Deserialize, Deserializer, SerializableState, Serializer, state};

    pub(super) fn serialize<H: SerializableState, S: Serializer>(hash: &Option<H>, to: S) -> Result<S::Ok, S::Error> {
        match hash {
            Some(hash) => state::serialize(hash, to),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, H: SerializableState, D: Deserializer<'de>>(from: D) -> Result<Option<H>, D::Error> {
        struct One<H>(H);
        impl<'de, H: SerializableState> Deserialize<'de> for One<H> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                state::deserialize(from).map(One)
            }
        }
        Ok(Option::<One<H>>::deserialize(from)?.map(|one| one.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_state_goes_on_where_it_was() {
        let wanted = Wanted {
            sha384: true,
            sha512: true,
            sm3: true,
        };
        for split in [0, 1, 63, 64, 65, 127, 128, 1000] {
            let octets = [7_u8; 1000];
            let mut hashes = Hashes::new(wanted);
            hashes.update(&octets[..split]);
            let text = serde_json::to_string(&hashes).unwrap();
            let mut again: Hashes = serde_json::from_str(&text).unwrap();
            assert_eq!(again.wanted(), wanted);
            again.update(&octets[split..]);
            assert_eq!(again.sha256(), <[u8; 32]>::from(Sha256::digest(octets)));
            assert_eq!(again.sha384.unwrap().finalize(), Sha384::digest(octets));
            assert_eq!(again.sha512.unwrap().finalize(), Sha512::digest(octets));
            assert_eq!(again.sm3.unwrap().finalize(), Sm3::digest(octets));
        }
        let text = serde_json::to_string(&Hashes::new(Wanted::default())).unwrap();
        assert!(text.len() < 240, "{text}");
        for bad in [
            "{}",
            "{\"sha256\":\"\"}",
            "{\"sha256\":\"00\"}",
            &text.replace("sha256", "sha384"),
            &text[..text.len() - 4],
        ] {
            assert!(serde_json::from_str::<Hashes>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sm3_of_the_standard() {
        let mut hashes = Hashes::new(Wanted {
            sm3: true,
            ..Wanted::default()
        });
        hashes.update(b"abc");
        let expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(hex::encode(hashes.sm3().unwrap()), expected);
    }
}
