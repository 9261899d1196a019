//! The two encodings of a pair (r, s): DER SEQUENCE of INTEGERs (RFC 3279 §2.2.3) and bare concatenation (PKCS#11).
//!
//! Strict: of the many BER forms of one pair only the DER form is read. Whether it verifies is [`crate::key`]'s business.

use crate::asn1::{self, INTEGER, SEQUENCE};
use crate::key::SignatureFailure;

/// The DER form of the bare concatenation of r and s, each in half of the octets. `None` when it cannot be that.
#[must_use]
pub fn raw_to_der(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.is_empty() || !raw.len().is_multiple_of(2) || raw.len() > 2 * 72 {
        return None;
    }
    let (r, s) = raw.split_at_checked(raw.len() / 2)?;
    Some(pair(r, s))
}

/// The bare form of a DER value, each number in `field` octets.
pub(crate) fn fixed(der: &[u8], field: usize) -> Result<Vec<u8>, SignatureFailure> {
    let malformed = |_| SignatureFailure::Malformed;
    let mut reader = asn1::single(der, SEQUENCE).map_err(malformed)?.reader();
    let r = asn1::magnitude(reader.expect(INTEGER).map_err(malformed)?.value);
    let s = asn1::magnitude(reader.expect(INTEGER).map_err(malformed)?.value);
    // Written again it must be the same: that rules out negative numbers, long lengths, extra zeros and trailing elements.
    if pair(r, s) != der {
        return Err(SignatureFailure::Malformed);
    }
    let mut octets = Vec::with_capacity(2 * field);
    for number in [r, s] {
        let padding = field.checked_sub(number.len()).ok_or(SignatureFailure::Bad)?;
        octets.resize(octets.len() + padding, 0);
        octets.extend_from_slice(number);
    }
    Ok(octets)
}

/// The longest DER form over a field of so many bits.
pub(crate) const fn max_der_len(bits: usize) -> usize {
    // One more octet for the sign when the field fills its last octet, tag and length of each number, and of the SEQUENCE.
    let number = bits.div_ceil(8) + if bits.is_multiple_of(8) { 1 } else { 0 } + 2;
    let content = 2 * number;
    content + if content > 127 { 3 } else { 2 }
}

fn pair(r: &[u8], s: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::integer(r), &asn1::integer(s)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for field in [32_usize, 48, 66] {
            for fill in [0x01_u8, 0x7f, 0x80, 0xff] {
                let raw = vec![fill; 2 * field];
                assert_eq!(fixed(&raw_to_der(&raw).unwrap(), field).unwrap(), raw);
            }
        }
        assert_eq!(raw_to_der(&[0xff; 64]).unwrap().len(), max_der_len(256));
        assert_eq!(raw_to_der(&[0xff; 96]).unwrap().len(), max_der_len(384));
        let mut widest = vec![0xff; 132];
        widest[0] = 1;
        widest[66] = 1;
        assert_eq!(raw_to_der(&widest).unwrap().len(), max_der_len(521));
    }

    #[test]
    fn only_der_is_read() {
        let refused: &[&[u8]] = &[
            &[],
            &[0x30, 6, 2, 1, 1, 2, 1],
            &[0x30, 6, 2, 1, 1, 2, 1, 1, 0],
            &[0x30, 7, 2, 1, 1, 2, 1, 1, 0],
            &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],
            &[0x30, 7, 2, 2, 0, 1, 2, 1, 1],
            &[0x30, 6, 2, 1, 0x81, 2, 1, 1],
            &[0x31, 6, 2, 1, 1, 2, 1, 1],
        ];
        for octets in refused {
            assert!(fixed(octets, 32).is_err(), "{octets:02x?}");
        }
        assert!(fixed(&[0x30, 6, 2, 1, 1, 2, 1, 1], 32).is_ok());
        for raw in [&[][..], &[1], &[1, 2, 3], &[0; 146]] {
            assert_eq!(raw_to_der(raw), None);
        }
    }
}
