//! Distinguished names as text for people (in the manner of RFC 4514).
//!
//! For display and reports only: names are compared by their octets. Characters that steer a terminal or the direction of
//! text are escaped, so that a certificate cannot draw what it is not.

use crate::asn1::{self, OID, Reader, SEQUENCE, SET, Tlv};

/// The whole name, most specific part first, cut when it is very long. An unreadable part becomes `?`.
pub(crate) fn text(name: &[u8]) -> String {
    let mut parts: Vec<String> = attributes(name)
        .into_iter()
        .map(|(oid, value)| format!("{}={}", label(&oid), escape(&value)))
        .collect();
    parts.reverse();
    let text = parts.join(",");
    if text.chars().count() > MAX_CHARACTERS {
        text.chars().take(MAX_CHARACTERS).chain(['…']).collect()
    } else {
        text
    }
}

/// The last value of this attribute type, which is the most specific one.
pub(crate) fn attribute(name: &[u8], oid: &str) -> Option<String> {
    let found = attributes(name)
        .into_iter()
        .rev()
        .find(|(candidate, _)| candidate == oid)?;
    Some(harmless(&found.1))
}

/// Text of a stranger for display: bounded, and nothing that cannot be seen.
pub(crate) fn harmless(text: &str) -> String {
    countersign_plain_text::bounded(text, MAX_CHARACTERS)
}

/// Attribute types and values in the order of the name.
fn attributes(name: &[u8]) -> Vec<(String, String)> {
    let Ok(name) = asn1::single(name, SEQUENCE) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut sets = name.reader();
    while let Ok(set) = sets.expect(SET) {
        let mut pairs = set.reader();
        while let Ok(pair) = pairs.expect(SEQUENCE) {
            if found.len() == MAX_PARTS {
                return found;
            }
            found.push(one(&mut pair.reader()).unwrap_or_else(|| ("?".to_owned(), "?".to_owned())));
        }
    }
    found
}

fn one(pair: &mut Reader<'_>) -> Option<(String, String)> {
    let oid = asn1::dotted(pair.expect(OID).ok()?.value).ok()?;
    let value = pair.any().ok()?;
    Some((oid, string(&value)))
}

/// The characters of a string element of any of the types that names use.
pub(crate) fn string(element: &Tlv<'_>) -> String {
    let octets = element.value;
    match element.tag {
        // BMPString
        0x1e => {
            let units = octets
                .chunks(2)
                .map(|pair| pair.iter().fold(0_u16, |unit, &octet| (unit << 8) | u16::from(octet)));
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        // UniversalString
        0x1c => octets
            .chunks(4)
            .map(|quad| quad.iter().fold(0_u32, |unit, &octet| (unit << 8) | u32::from(octet)))
            .map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        // UTF8String, NumericString, PrintableString, TeletexString, IA5String, VisibleString. What calls itself Teletex is
        // Latin-1 or UTF-8 in practice.
        0x0c | 0x12 | 0x13 | 0x14 | 0x16 | 0x1a => match str::from_utf8(octets) {
            Ok(text) => text.to_owned(),
            Err(_) => octets.iter().map(|&octet| char::from(octet)).collect(),
        },
        _ => format!("#{}", hex::encode(element.full)),
    }
}

/// RFC 4514 §2.4, and nothing that cannot be seen.
fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let value = countersign_plain_text::harmless(value);
    let last = value.chars().count().saturating_sub(1);
    for (at, character) in value.chars().enumerate() {
        let edge = character == ' ' && (at == 0 || at == last);
        if matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';') || edge || (character == '#' && at == 0) {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

fn label(oid: &str) -> &str {
    match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "givenName",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        other => other,
    }
}

const MAX_PARTS: usize = 64;
const MAX_CHARACTERS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::{oid, sequence, tlv};

    type Part<'a> = (&'a str, u8, &'a [u8]);

    fn name(parts: &[Part<'_>]) -> Vec<u8> {
        let sets: Vec<Vec<u8>> = parts
            .iter()
            .map(|(id, tag, value)| tlv(SET, &sequence(&[&oid(id), &tlv(*tag, value)])))
            .collect();
        tlv(SEQUENCE, &sets.concat())
    }

    #[test]
    fn readable() {
        let cases: [(&[Part<'_>], &str); 5] = [
            (
                &[("2.5.4.6", 0x13, b"CN"), ("2.5.4.3", 0x0c, "张三".as_bytes())],
                "CN=张三,C=CN",
            ),
            (&[("2.5.4.3", 0x1e, &[0x5f, 0x20, 0x4e, 0x09])], "CN=张三"),
            (&[("2.5.4.10", 0x14, b"Soci\xe9t\xe9, SA")], "O=Société\\, SA"),
            (&[("2.5.4.3", 0x0c, "a\u{202e}b\n".as_bytes())], "CN=a\u{fffd}b\u{fffd}"),
            (&[("2.999.1", 0x02, &[5])], "2.999.1=\\#020105"),
        ];
        for (parts, expected) in cases {
            assert_eq!(text(&name(parts)), expected);
        }
    }

    #[test]
    fn bounded() {
        let long = vec![b'x'; 5000];
        assert_eq!(
            text(&name(&[("2.5.4.3", 0x0c, &long)])).chars().count(),
            MAX_CHARACTERS + 1
        );
        assert_eq!(
            attribute(&name(&[("2.5.4.3", 0x0c, &long)]), "2.5.4.3")
                .unwrap()
                .chars()
                .count(),
            MAX_CHARACTERS
        );
        assert_eq!(text(b"junk"), "");
    }
}
