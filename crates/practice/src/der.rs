//! Just enough DER (X.690) for what this crate makes and reads: definite lengths, low tag numbers.
//!
//! Not its business: anybody else's encodings; those are countersign-cms's. Used for public keys from a token, for
//! certificates of our own making and for time-stamp requests from loopback.

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// `[n]`, constructed.
pub(crate) const fn context(n: u8) -> u8 {
    0xa0 | n
}

/// One element.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    if let Ok(short @ 0..0x80) = u8::try_from(length) {
        out.push(short);
    } else {
        let octets = length.to_be_bytes();
        let significant: Vec<u8> = octets.into_iter().skip_while(|octet| *octet == 0).collect();
        out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
        out.extend(significant);
    }
    out.extend_from_slice(content);
    out
}

/// A constructed element of parts that are encoded already.
pub(crate) fn join(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag, &parts.concat())
}

/// SET OF: the encodings in ascending order (X.690 §11.6).
pub(crate) fn set_of(tag: u8, mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    tlv(tag, &parts.concat())
}

/// A non-negative INTEGER from its big-endian octets.
pub(crate) fn unsigned(octets: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = octets.iter().copied().skip_while(|octet| *octet == 0).collect();
    if content.first().is_none_or(|first| *first >= 0x80) {
        content.insert(0, 0);
    }
    tlv(INTEGER, &content)
}

/// OBJECT IDENTIFIER from dotted decimal. `None` when it is not one.
pub(crate) fn oid(dotted: &str) -> Option<Vec<u8>> {
    let mut arcs = dotted.split('.').map(|arc| arc.parse::<u64>().ok());
    let (first, second) = (arcs.next()??, arcs.next()??);
    if first > 2 || (first < 2 && second > 39) {
        return None;
    }
    let mut content = Vec::new();
    let mut push = |arc: u64| {
        let mut septets = vec![u8::try_from(arc & 0x7f).unwrap_or(0)];
        let mut rest = arc >> 7;
        while rest > 0 {
            septets.push(0x80 | u8::try_from(rest & 0x7f).unwrap_or(0));
            rest >>= 7;
        }
        content.extend(septets.into_iter().rev());
    };
    push(first.checked_mul(40)?.checked_add(second)?);
    for arc in arcs {
        push(arc?);
    }
    Some(tlv(OID, &content))
}

/// Reads elements one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

/// One element as read: its content and all of its octets.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next element, whatever it is.
    pub(crate) fn any(&mut self) -> Option<Element<'a>> {
        let (_tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = octets
                    .iter()
                    .fold(0_usize, |sum, octet| (sum << 8) | usize::from(*octet));
                (length, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let (whole, _) = self.0.split_at_checked(self.0.len() - rest.len())?;
        self.0 = rest;
        Some(Element { content, whole })
    }

    /// The next element if it has this tag; otherwise nothing is consumed.
    pub(crate) fn next(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.peek()? != tag {
            return None;
        }
        self.any()
    }

    /// Into the next element, which must have this tag.
    pub(crate) fn enter(&mut self, tag: u8) -> Option<Self> {
        self.next(tag).map(|element| Self(element.content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_those_of_x690() {
        for (made, expected) in [
            (oid("1.2.840.113549"), Some("06062a864886f70d")),
            (oid("2.999.3"), Some("0603883703")),
            (oid("3.1"), None),
            (oid("1.2.x"), None),
            (oid("1"), None),
            (Some(unsigned(&[0, 0, 0x80])), Some("02020080")),
            (Some(unsigned(&[])), Some("020100")),
            (Some(tlv(OCTET_STRING, &[7; 2])), Some("04020707")),
            (
                Some(set_of(SET, vec![vec![5, 0], vec![2, 1, 1]])),
                Some("31050201010500"),
            ),
        ] {
            assert_eq!(made.map(hex::encode).as_deref(), expected);
        }
        for length in [127_usize, 128, 255, 256, 65_536] {
            let made = tlv(OCTET_STRING, &vec![1; length]);
            let mut reader = Reader::new(&made);
            assert_eq!(reader.next(OCTET_STRING).map(|e| e.content.len()), Some(length));
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn cut_encodings_are_refused() {
        let made = tlv(SEQUENCE, &tlv(OCTET_STRING, &[1; 300]));
        for cut in 0..made.len() {
            assert!(Reader::new(&made[..cut]).any().is_none(), "cut at {cut}");
        }
        assert!(Reader::new(&[0x30, 0x80, 0, 0]).any().is_none(), "indefinite length");
    }
}
