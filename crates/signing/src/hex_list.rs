//! Certificates in a session at rest: hexadecimal text each; arrays of numbers are twice as long.
//!
//! Not its business: what they are.

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

pub(crate) fn serialize<S: Serializer>(list: &[Vec<u8>], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(list.iter().map(hex::encode))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<u8>>, D::Error> {
    let list = Vec::<String>::deserialize(from)?;
    list.iter()
        .map(|text| hex::decode(text).map_err(D::Error::custom))
        .collect()
}
