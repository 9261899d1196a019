//! Canonical JSON (RFC 8785) of the values that are hashed.
//!
//! Not its business: what the values mean. The canonicalizer rounds integers above 2^53 without a word, so they are
//! refused here before it sees them; so are floating-point numbers and nulls, which no schema of ours has.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::EvidenceError;

/// The canonical octets of a value.
///
/// # Errors
/// `IntegerTooLarge` and `Kind` for what RFC 8785 or our schemas cannot carry.
pub fn to_canonical(value: &impl Serialize) -> Result<Vec<u8>, EvidenceError> {
    let value = serde_json::to_value(value).map_err(|error| malformed(&error))?;
    refuse_numbers(&value, "")?;
    serde_json_canonicalizer::to_vec(&value).map_err(|error| malformed(&error))
}

/// Reads a value whose octets must be canonical: anything that would be lost or changed by encoding it again is refused.
///
/// # Errors
/// `TooLarge`, `Malformed` (unknown, missing, repeated keys), `NotCanonical`.
pub fn from_canonical<T: Serialize + DeserializeOwned>(octets: &[u8], limit: usize) -> Result<T, EvidenceError> {
    if octets.len() > limit {
        return Err(EvidenceError::TooLarge {
            size: octets.len(),
            limit,
        });
    }
    let value: T = serde_json::from_slice(octets).map_err(|error| malformed(&error))?;
    let again = to_canonical(&value)?;
    if again != octets {
        let offset = again.iter().zip(octets).take_while(|(a, b)| a == b).count();
        return Err(EvidenceError::NotCanonical { offset });
    }
    Ok(value)
}

/// SHA-256 over a tag line and the canonical octets: no digest of one schema can stand for one of another.
#[must_use]
pub fn tagged_digest(tag: &str, canonical: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(tag.as_bytes());
    hash.update(b"\n");
    hash.update(canonical);
    hash.finalize().into()
}

fn malformed(error: &serde_json::Error) -> EvidenceError {
    EvidenceError::Malformed {
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    }
}

/// Depth is bounded by the type that was serialised, or by serde_json's own limit of 128.
fn refuse_numbers(value: &Value, key: &str) -> Result<(), EvidenceError> {
    match value {
        Value::Null => Err(EvidenceError::Kind {
            key: key.to_owned(),
            kind: "null",
        }),
        Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => {
            let small = match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => value <= MAX_INTEGER,
                (None, Some(value)) => value.unsigned_abs() <= MAX_INTEGER,
                (None, None) => {
                    return Err(EvidenceError::Kind {
                        key: key.to_owned(),
                        kind: "a fraction",
                    });
                }
            };
            small.then_some(()).ok_or_else(|| EvidenceError::IntegerTooLarge {
                key: key.to_owned(),
                value: number.to_string(),
            })
        }
        Value::Array(items) => items.iter().try_for_each(|item| refuse_numbers(item, key)),
        Value::Object(members) => members.iter().try_for_each(|(name, item)| refuse_numbers(item, name)),
    }
}

/// 2^53 - 1: the largest integer whose neighbours are exact, too.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_exact_or_refused() {
        let accepted = [
            (json!({"b": 1, "a": [true, "x"]}), r#"{"a":[true,"x"],"b":1}"#),
            (json!({"n": 9_007_199_254_740_991_u64}), r#"{"n":9007199254740991}"#),
            (json!({"n": -9_007_199_254_740_991_i64}), r#"{"n":-9007199254740991}"#),
            (json!({"合": "会签\u{2028}"}), "{\"合\":\"会签\u{2028}\"}"),
        ];
        for (value, expected) in accepted {
            assert_eq!(to_canonical(&value).unwrap(), expected.as_bytes());
        }
        let refused = [
            json!({"n": 9_007_199_254_740_992_u64}),
            json!({"n": u64::MAX}),
            json!({"n": i64::MIN}),
            json!({"n": 1.5}),
            json!({"n": null}),
            json!([[[1e300]]]),
        ];
        for value in refused {
            assert!(to_canonical(&value).is_err(), "{value}");
        }
    }
}
