//! A reader and a writer of ASN.1 tag-length-value elements over borrowed octets.
//!
//! It never copies, so that a caller can hash or embed the very octets of a file, and it never indexes. Lengths that are
//! longer than DER wants are read (X.690 §8.1.3.5); indefinite lengths are [`crate::ber`]'s business, meaning is the caller's.

/// Why octets are not the element that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the compared values")]
#[non_exhaustive]
pub enum Asn1Error {
    /// A length that runs past the end, or is indefinite where that is not handled.
    #[error("ASN.1 length not acceptable")]
    Length,
    /// Octets left over after the last expected element.
    #[error("{octets} octets after the last ASN.1 element")]
    Trailing { octets: usize },
    /// Another tag than expected.
    #[error("ASN.1 tag {found:#04x} where {expected:#04x} was expected")]
    Tag { expected: u8, found: u8 },
    /// The end came before the element.
    #[error("ASN.1 element cut short")]
    Truncated,
    /// The content of a primitive element is not of its type.
    #[error("content of an ASN.1 element with tag {tag:#04x} not acceptable")]
    Value { tag: u8 },
}

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// One element: its tag octet, its content, and all its octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    pub(crate) full: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The elements inside.
    pub(crate) fn reader(&self) -> Reader<'a> {
        Reader::new(self.value)
    }
}

/// Walks over the elements of a slice.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn peek_tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever its tag.
    pub(crate) fn any(&mut self) -> Result<Tlv<'a>, Asn1Error> {
        let header = header(self.rest)?;
        let length = header.length.ok_or(Asn1Error::Length)?;
        let end = header.octets.checked_add(length).ok_or(Asn1Error::Length)?;
        let (full, rest) = self.rest.split_at_checked(end).ok_or(Asn1Error::Truncated)?;
        let (_, value) = full.split_at_checked(header.octets).ok_or(Asn1Error::Truncated)?;
        self.rest = rest;
        Ok(Tlv {
            tag: header.tag,
            value,
            full,
        })
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Tlv<'a>, Asn1Error> {
        match self.peek_tag() {
            Some(found) if found == tag => self.any(),
            Some(found) => Err(Asn1Error::Tag { expected: tag, found }),
            None => Err(Asn1Error::Truncated),
        }
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, Asn1Error> {
        if self.peek_tag() == Some(tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Nothing may be left.
    pub(crate) fn finish(&self) -> Result<(), Asn1Error> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Asn1Error::Trailing {
                octets: self.rest.len(),
            })
        }
    }
}

/// One element that fills the slice.
pub(crate) fn single(octets: &[u8], tag: u8) -> Result<Tlv<'_>, Asn1Error> {
    let mut reader = Reader::new(octets);
    let element = reader.expect(tag)?;
    reader.finish()?;
    Ok(element)
}

/// Tag and length octets. `length` is `None` when it is indefinite.
pub(crate) struct Header {
    pub(crate) tag: u8,
    pub(crate) octets: usize,
    pub(crate) length: Option<usize>,
    pub(crate) minimal: bool,
}

/// Reads tag and length. Tag numbers above 30 do not occur in any message that is read here.
pub(crate) fn header(octets: &[u8]) -> Result<Header, Asn1Error> {
    let (&tag, rest) = octets.split_first().ok_or(Asn1Error::Truncated)?;
    if tag & 0x1f == 0x1f {
        return Err(Asn1Error::Value { tag });
    }
    let (&first, rest) = rest.split_first().ok_or(Asn1Error::Truncated)?;
    if first < 0x80 {
        return Ok(Header {
            tag,
            octets: 2,
            length: Some(usize::from(first)),
            minimal: true,
        });
    }
    let count = usize::from(first & 0x7f);
    if count == 0 {
        return Ok(Header {
            tag,
            octets: 2,
            length: None,
            minimal: false,
        });
    }
    // Eight octets of length, most of them zero, are met in the wild; more are not.
    if count > 8 {
        return Err(Asn1Error::Length);
    }
    let digits = rest.get(..count).ok_or(Asn1Error::Truncated)?;
    let length = digits.iter().fold(0_u64, |sum, &digit| (sum << 8) | u64::from(digit));
    let minimal = length > 0x7f && digits.first() != Some(&0);
    let length = usize::try_from(length).map_err(|_| Asn1Error::Length)?;
    Ok(Header {
        tag,
        octets: 2 + count,
        length: Some(length),
        minimal,
    })
}

/// The magnitude of an INTEGER without leading zeros (empty for zero). A set sign bit is read as part of the magnitude:
/// some cards forget the leading zero.
pub(crate) fn magnitude(value: &[u8]) -> &[u8] {
    let zeros = value.iter().take_while(|&&octet| octet == 0).count();
    value.get(zeros..).unwrap_or_default()
}

/// A small non-negative INTEGER.
pub(crate) fn small(element: &Tlv<'_>) -> Result<u32, Asn1Error> {
    let refused = Asn1Error::Value { tag: element.tag };
    if element.value.first().is_none_or(|&first| first >= 0x80) {
        return Err(refused);
    }
    let digits = magnitude(element.value);
    if digits.len() > 4 {
        return Err(refused);
    }
    Ok(digits.iter().fold(0_u32, |sum, &digit| (sum << 8) | u32::from(digit)))
}

/// An OBJECT IDENTIFIER in dotted form; an arc that does not fit in 128 bits makes it unreadable.
pub(crate) fn dotted(value: &[u8]) -> Result<String, Asn1Error> {
    let refused = Asn1Error::Value { tag: OID };
    if value.is_empty() || value.len() > 64 || value.last().is_some_and(|&last| last >= 0x80) {
        return Err(refused);
    }
    let mut text = String::new();
    let mut arc = 0_u128;
    for &octet in value {
        if arc > (u128::MAX >> 7) {
            return Err(refused);
        }
        arc = (arc << 7) | u128::from(octet & 0x7f);
        if octet < 0x80 {
            if text.is_empty() {
                let first = (arc / 40).min(2);
                text = format!("{first}.{}", arc - first * 40);
            } else {
                text.push('.');
                text.push_str(&arc.to_string());
            }
            arc = 0;
        }
    }
    Ok(text)
}

/// One element.
pub(crate) fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(value.len() + 6);
    octets.push(tag);
    push_length(&mut octets, value.len());
    octets.extend_from_slice(value);
    octets
}

pub(crate) fn push_length(octets: &mut Vec<u8>, length: usize) {
    if let Ok(short) = u8::try_from(length)
        && short < 0x80
    {
        octets.push(short);
        return;
    }
    let digits = length.to_be_bytes();
    let digits = magnitude(&digits);
    octets.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
    octets.extend_from_slice(digits);
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, &parts.concat())
}

/// SET OF, sorted as DER wants it (X.690 §11.6).
pub(crate) fn set_of(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    tlv(tag, &elements.concat())
}

/// A non-negative INTEGER from its magnitude.
pub(crate) fn integer(digits: &[u8]) -> Vec<u8> {
    let digits = magnitude(digits);
    let mut value = Vec::with_capacity(digits.len() + 1);
    if digits.first().is_none_or(|&first| first >= 0x80) {
        value.push(0);
    }
    value.extend_from_slice(digits);
    tlv(INTEGER, &value)
}

/// An OBJECT IDENTIFIER from its dotted form. Empty content when the text is none: only our own constants come here.
pub(crate) fn oid(text: &str) -> Vec<u8> {
    oid_from_text(text).unwrap_or_else(|| tlv(OID, &[]))
}

/// An OBJECT IDENTIFIER from a dotted form that somebody typed.
pub(crate) fn oid_from_text(text: &str) -> Option<Vec<u8>> {
    let arc = |digits: &str| {
        digits
            .parse::<u128>()
            .ok()
            .filter(|_| digits.bytes().all(|octet| octet.is_ascii_digit()))
    };
    let mut arcs = text.split('.');
    let (first, second) = (arc(arcs.next()?)?, arc(arcs.next()?)?);
    if first > 2 || (first < 2 && second > 39) {
        return None;
    }
    let mut content = Vec::new();
    push_arc(&mut content, first.checked_mul(40)?.checked_add(second)?);
    for digits in arcs {
        push_arc(&mut content, arc(digits)?);
    }
    (content.len() <= 64).then(|| tlv(OID, &content))
}

fn push_arc(content: &mut Vec<u8>, arc: u128) {
    let groups = (128 - arc.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let bits = u8::try_from((arc >> (7 * group)) & 0x7f).unwrap_or_default();
        content.push(if group == 0 { bits } else { bits | 0x80 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_identifiers_go_both_ways() {
        for text in [
            "1.2.840.113549.1.1.11",
            "2.16.840.1.101.3.4.2.1",
            "1.2.156.10197.1.501",
            "2.999.3",
            "0.4.0.2023.1.1",
        ] {
            let octets = oid(text);
            assert_eq!(dotted(single(&octets, OID).unwrap().value).unwrap(), text);
        }
        for text in ["", "1", "3.1", "1.40", "1.2.", "1.2.x", "1.2.-3", "1.2.+3"] {
            assert_eq!(oid_from_text(text), None, "{text}");
        }
        assert!(dotted(&[]).is_err());
        assert!(dotted(&[0x2a, 0x86]).is_err());
        assert!(dotted(&[0xff; 40]).is_err());
    }

    #[test]
    fn lengths() {
        for length in [0_usize, 1, 127, 128, 255, 256, 65535, 65536] {
            let octets = tlv(OCTET_STRING, &vec![7; length]);
            let element = single(&octets, OCTET_STRING).unwrap();
            assert_eq!(element.value.len(), length);
            assert!(single(octets.get(..octets.len() - 1).unwrap(), OCTET_STRING).is_err());
        }
        assert_eq!(single(&[4, 0x82, 0, 1, 9], OCTET_STRING).unwrap().value, [9]);
        assert!(single(&[4, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9], OCTET_STRING).is_err());
        assert!(single(&[4, 0x88, 255, 255, 255, 255, 255, 255, 255, 255, 9], OCTET_STRING).is_err());
    }

    #[test]
    fn integers() {
        assert_eq!(integer(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [2, 1, 0]);
        assert_eq!(integer(&[0x7f]), [2, 1, 0x7f]);
        assert!(small(&single(&[2, 1, 0xff], INTEGER).unwrap()).is_err());
        assert_eq!(small(&single(&[2, 2, 1, 0], INTEGER).unwrap()), Ok(256));
    }
}
