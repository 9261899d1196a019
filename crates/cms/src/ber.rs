//! Turns the BER of other people's messages into something that can be walked: definite lengths, primitive strings.
//!
//! It sorts nothing and shortens nothing: an element without indefinite lengths and without strings in pieces keeps its
//! octets, so that what was signed over stays what it was. Bounded in depth and size. X.690 §8.

use crate::CmsError;
use crate::asn1::{self, Asn1Error, Reader, Tlv};

/// What was not as DER wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repairs {
    /// Strings that came in pieces.
    pub constructed_strings: u32,
    /// Elements of indefinite length.
    pub indefinite_lengths: u32,
    /// Lengths written longer than necessary; these octets are left as they are.
    pub long_lengths: u32,
    /// Octets after the message.
    pub trailing_octets: usize,
    /// Whether one of them is not zero.
    pub trailing_nonzero: bool,
}

impl Repairs {
    /// Whether the message was DER as far as lengths and strings go; octets after it do not count.
    #[must_use]
    pub const fn is_der(&self) -> bool {
        self.constructed_strings == 0 && self.indefinite_lengths == 0 && self.long_lengths == 0
    }
}

/// The first element of the octets without indefinite lengths, and what had to be done for that.
pub(crate) fn normalise(octets: &[u8]) -> Result<(Vec<u8>, Repairs), CmsError> {
    if octets.len() > MAX_OCTETS {
        return Err(CmsError::TooLarge {
            found: octets.len(),
            limit: MAX_OCTETS,
        });
    }
    let mut repairs = Repairs::default();
    let mut out = Vec::with_capacity(octets.len());
    let rest = element(octets, 0, &mut out, &mut repairs)?;
    repairs.trailing_octets = rest.len();
    repairs.trailing_nonzero = rest.iter().any(|&octet| octet != 0);
    Ok((out, repairs))
}

/// Writes the first element of `octets` and returns what follows it.
fn element<'a>(octets: &'a [u8], depth: usize, out: &mut Vec<u8>, repairs: &mut Repairs) -> Result<&'a [u8], CmsError> {
    if depth > MAX_DEPTH {
        return Err(CmsError::TooDeep { limit: MAX_DEPTH });
    }
    let header = asn1::header(octets)?;
    let start = out.len();
    let Some(_) = header.length else {
        return indefinite(octets, &header, depth, out, repairs);
    };
    let mut reader = Reader::new(octets);
    let whole = reader.any()?;
    if !header.minimal {
        repairs.long_lengths = repairs.long_lengths.saturating_add(1);
    }
    if header.tag & CONSTRUCTED == 0 {
        out.extend_from_slice(whole.full);
        return Ok(reader.rest());
    }
    let before = *repairs;
    let inside = children(whole.value, depth, out, repairs);
    let string = is_string_in_pieces(header.tag);
    match inside {
        Err(CmsError::TooDeep { limit }) => return Err(CmsError::TooDeep { limit }),
        // What calls itself constructed and is not: left to whoever has to understand it.
        Err(_) => *repairs = before,
        Ok(()) => {
            let repaired = (before.indefinite_lengths, before.constructed_strings)
                != (repairs.indefinite_lengths, repairs.constructed_strings);
            if string || repaired {
                close(header.tag, start, out, repairs)?;
                return Ok(reader.rest());
            }
        }
    }
    out.truncate(start);
    out.extend_from_slice(whole.full);
    Ok(reader.rest())
}

fn indefinite<'a>(
    octets: &'a [u8],
    header: &asn1::Header,
    depth: usize,
    out: &mut Vec<u8>,
    repairs: &mut Repairs,
) -> Result<&'a [u8], CmsError> {
    if header.tag & CONSTRUCTED == 0 {
        return Err(Asn1Error::Length.into());
    }
    repairs.indefinite_lengths = repairs.indefinite_lengths.saturating_add(1);
    let start = out.len();
    let mut rest = octets.get(header.octets..).unwrap_or_default();
    loop {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            rest = after;
            break;
        }
        rest = element(rest, depth + 1, out, repairs)?;
    }
    close(header.tag, start, out, repairs)?;
    Ok(rest)
}

fn children(mut rest: &[u8], depth: usize, out: &mut Vec<u8>, repairs: &mut Repairs) -> Result<(), CmsError> {
    while !rest.is_empty() {
        rest = element(rest, depth + 1, out, repairs)?;
    }
    Ok(())
}

/// Puts tag and length before what was written since `start`, after joining a string in pieces.
fn close(tag: u8, start: usize, out: &mut Vec<u8>, repairs: &mut Repairs) -> Result<(), CmsError> {
    let mut content = out.split_off(start.min(out.len()));
    let mut tag = tag;
    if is_string_in_pieces(tag) {
        repairs.constructed_strings = repairs.constructed_strings.saturating_add(1);
        content = joined(tag, &content)?;
        tag &= !CONSTRUCTED;
    }
    out.push(tag);
    asn1::push_length(out, content.len());
    out.append(&mut content);
    Ok(())
}

/// The pieces of a string, which are by now primitive, in one.
fn joined(tag: u8, content: &[u8]) -> Result<Vec<u8>, Asn1Error> {
    let mut pieces: Vec<Tlv<'_>> = Vec::new();
    let mut reader = Reader::new(content);
    while !reader.is_empty() {
        let piece = reader.any()?;
        if piece.tag & CONSTRUCTED != 0 {
            return Err(Asn1Error::Value { tag });
        }
        pieces.push(piece);
    }
    let mut octets = Vec::with_capacity(content.len());
    if tag & !CONSTRUCTED == asn1::BIT_STRING {
        // Each piece says how many bits of its last octet are unused; only the last one may have any.
        octets.push(
            pieces
                .last()
                .and_then(|piece| piece.value.first())
                .copied()
                .unwrap_or(0),
        );
        for piece in &pieces {
            octets.extend_from_slice(piece.value.get(1..).unwrap_or_default());
        }
    } else {
        for piece in &pieces {
            octets.extend_from_slice(piece.value);
        }
    }
    Ok(octets)
}

/// BIT STRING, OCTET STRING, and the character strings, in their constructed form.
const fn is_string_in_pieces(tag: u8) -> bool {
    matches!(tag, 0x23 | 0x24 | 0x2c | 0x32..=0x36 | 0x3a..=0x3c | 0x3e)
}

const CONSTRUCTED: u8 = 0x20;
const MAX_DEPTH: usize = 64;
const MAX_OCTETS: usize = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, output: &str) -> Repairs {
        let (octets, repairs) = normalise(&hex::decode(input).unwrap()).unwrap();
        assert_eq!(hex::encode(octets), output, "{input}");
        repairs
    }

    #[test]
    fn repaired() {
        let repairs = check(
            "308002030102030401050000ff",
            "3008020301020304 0105".replace(' ', "").as_str(),
        );
        assert_eq!(repairs.indefinite_lengths, 1);
        assert!(repairs.trailing_nonzero);
        let repairs = check("24800402010224800401030000040104000000", "040401020304");
        assert_eq!(
            (
                repairs.indefinite_lengths,
                repairs.constructed_strings,
                repairs.trailing_octets
            ),
            (2, 2, 1)
        );
        assert!(!repairs.trailing_nonzero);
        check("300a2308030200ff030204f0", "3005030304fff0");
        check("308024030401050000", "3003040105");
    }

    #[test]
    fn kept() {
        for octets in ["3000", "3081020500", "a0021234", "3106020102020101"] {
            let repairs = check(octets, octets);
            assert_eq!(repairs.indefinite_lengths, 0);
        }
        assert!(!check("3081020500", "3081020500").is_der());
    }

    #[test]
    fn refused() {
        for octets in ["", "30", "3080", "30800201", "0480", "3005020101", "1f8101"] {
            assert!(normalise(&hex::decode(octets).unwrap()).is_err(), "{octets}");
        }
        let deep = [0x30, 0x80].repeat(100_000);
        assert_eq!(normalise(&deep), Err(CmsError::TooDeep { limit: MAX_DEPTH }));
    }
}
