//! What is appended to a file: the section with its hole for the CMS, and the filling of that hole.
//!
//! Not its business: digests (the caller hashes the prefix and the two parts) and the CMS.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The bytes to append to the file, with a hole for the CMS. Plain data: it can be kept and resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appendix {
    /// What follows the original bytes.
    #[serde(with = "crate::at_rest")]
    pub tail: Vec<u8>,
    /// The number of original bytes.
    pub prefix_len: u64,
    /// The /ByteRange: everything but the string in /Contents.
    pub byte_range: [u64; 4],
    /// The fully qualified name of the field.
    pub field: String,
    /// Where the hexadecimal digits of /Contents stand in the whole file, without `<` and `>`.
    pub contents_hex: Range<u64>,
}

/// The CMS does not fit into the hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature needs {needed} bytes, the hole has {capacity}")]
pub struct ContentsTooSmall {
    /// The bytes of DER.
    pub needed: usize,
    /// The bytes that fit.
    pub capacity: usize,
}

/// A hole cannot be filled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RefillError {
    /// The new CMS does not fit.
    #[error(transparent)]
    ContentsTooSmall(#[from] ContentsTooSmall),
    /// Between the two ranges stands no hexadecimal string.
    #[error("the gap of the byte range {byte_range:?} is not one hexadecimal string")]
    NotAHole {
        /// The byte range that was given.
        byte_range: [u64; 4],
    },
}

impl Appendix {
    /// Writes the CMS into the hole, padded with zeros.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn fill(&mut self, der: &[u8]) -> Result<(), ContentsTooSmall> {
        let hole = self.hole();
        let digits = digits(der, hole.len())?;
        if let Some(place) = self.tail.get_mut(hole) {
            place.copy_from_slice(&digits);
        }
        Ok(())
    }

    /// The two parts of the tail that the digest covers, in order, after the prefix.
    #[must_use]
    pub fn signed_tail_parts(&self) -> (&[u8], &[u8]) {
        let hole = self.hole();
        let before = self.tail.get(..hole.start.saturating_sub(1)).unwrap_or_default();
        let after = self.tail.get(hole.end.saturating_add(1)..).unwrap_or_default();
        (before, after)
    }

    /// The room in the hole, in bytes of DER.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.hole().len() / 2
    }

    /// The digits within the tail; empty when the value was tampered with and points elsewhere.
    fn hole(&self) -> Range<usize> {
        let within = |offset: u64| usize::try_from(offset.checked_sub(self.prefix_len)?).ok();
        match (within(self.contents_hex.start), within(self.contents_hex.end)) {
            (Some(start), Some(end)) if start <= end && end <= self.tail.len() => start..end,
            _ => 0..0,
        }
    }
}

/// New digits for the hole of a signature that is already in a file (a timestamp is added to its CMS later).
///
/// # Errors
/// When the gap of the byte range is not exactly one hexadecimal string, or the CMS does not fit.
pub fn refill(bytes: &[u8], byte_range: [u64; 4], der: &[u8]) -> Result<(Range<u64>, Vec<u8>), RefillError> {
    let not_a_hole = RefillError::NotAHole { byte_range };
    let [start, length, resume, _] = byte_range;
    let gap_start = start.checked_add(length).ok_or(not_a_hole)?;
    let at = |offset: u64| usize::try_from(offset).map_err(|_| not_a_hole);
    let gap = bytes.get(at(gap_start)?..at(resume)?).ok_or(not_a_hole)?;
    let hole = gap
        .strip_prefix(b"<")
        .and_then(|gap| gap.strip_suffix(b">"))
        .ok_or(not_a_hole)?;
    if !hole.iter().all(u8::is_ascii_hexdigit) {
        return Err(not_a_hole);
    }
    Ok((gap_start + 1..resume - 1, digits(der, hole.len())?))
}

fn digits(der: &[u8], room: usize) -> Result<Vec<u8>, ContentsTooSmall> {
    let capacity = room / 2;
    if der.len() > capacity {
        return Err(ContentsTooSmall {
            needed: der.len(),
            capacity,
        });
    }
    let mut digits = hex::encode(der).into_bytes();
    digits.resize(room, b'0');
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appendix() -> Appendix {
        Appendix {
            tail: b"ab<0000>cd".to_vec(),
            prefix_len: 10,
            byte_range: [0, 12, 18, 2],
            field: String::new(),
            contents_hex: 13..17,
        }
    }

    #[test]
    fn the_hole_is_filled_and_padded() {
        let mut appendix = appendix();
        assert_eq!(appendix.signed_tail_parts(), (&b"ab"[..], &b"cd"[..]));
        appendix.fill(&[0xab]).unwrap();
        assert_eq!(appendix.tail, b"ab<ab00>cd");
        assert_eq!(
            appendix.fill(&[1, 2, 3]),
            Err(ContentsTooSmall { needed: 3, capacity: 2 })
        );
        assert_eq!(appendix.tail, b"ab<ab00>cd");
    }

    #[test]
    fn a_tampered_appendix_does_not_panic() {
        for contents_hex in [0..4, 13..99, 99..100, u64::MAX..u64::MAX] {
            let mut appendix = Appendix {
                contents_hex,
                ..appendix()
            };
            assert!(appendix.fill(&[1]).is_err());
            let _ = appendix.signed_tail_parts();
        }
    }

    #[test]
    fn a_hole_is_refilled_only_where_one_is() {
        let file = b"0123456789ab<ab00>cd";
        assert_eq!(refill(file, [0, 12, 18, 2], &[1, 2]), Ok((13..17, b"0102".to_vec())));
        assert!(matches!(
            refill(file, [0, 12, 18, 2], &[1, 2, 3]),
            Err(RefillError::ContentsTooSmall(_))
        ));
        for byte_range in [
            [0, 11, 18, 2],
            [0, 12, 17, 2],
            [0, 99, 180, 2],
            [u64::MAX, 12, 18, 2],
            [0, 18, 12, 2],
        ] {
            assert_eq!(
                refill(file, byte_range, &[1]),
                Err(RefillError::NotAHole { byte_range })
            );
        }
    }
}
