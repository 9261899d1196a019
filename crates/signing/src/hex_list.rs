//! Octets in a session at rest: hexadecimal text; arrays of numbers are twice as long. Written several times for each
//! signature, so they are spelled in one go (`hex::encode` pushes digit by digit).
//!
//! Not its business: what they are.

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// One value; `hex::serde` reads it.
pub(crate) fn one<S: Serializer>(octets: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&spelled(octets))
}

pub(crate) fn serialize<S: Serializer>(list: &[Vec<u8>], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(list.iter().map(|octets| spelled(octets)))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<u8>>, D::Error> {
    let list = Vec::<String>::deserialize(from)?;
    list.iter()
        .map(|text| hex::decode(text).map_err(D::Error::custom))
        .collect()
}

fn spelled(octets: &[u8]) -> String {
    let mut text = vec![0; 2 * octets.len()];
    match hex::encode_to_slice(octets, &mut text) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => hex::encode(octets),
    }
}
