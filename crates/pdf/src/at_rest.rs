//! How an appended section is written into a session at rest: hexadecimal, with the hole's padding counted, not spelled.
//!
//! A hole has room for a timestamp token: tens of kilobytes of the digit zero, written to disk several times for each
//! signature. `*N.` stands for N octets of the digit zero. Not its business: what is in the section.

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// Shorter runs are spelled.
const RUN: usize = 64;

/// Octets of a section at most. What is at rest may have been tampered with: a number in it must not fill the memory.
const LIMIT: usize = 64 * 1024 * 1024;

pub(crate) fn serialize<S: Serializer>(octets: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&encode(octets))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    decode(&String::deserialize(from)?).ok_or_else(|| D::Error::custom("not a section at rest"))
}

fn encode(octets: &[u8]) -> String {
    let mut text = Vec::with_capacity(octets.len().min(16 * 1024) * 2);
    let mut rest = octets;
    while !rest.is_empty() {
        let (plain, after) = rest.split_at_checked(start_of_run(rest)).unwrap_or((rest, &[]));
        for octet in plain {
            text.extend([octet >> 4, octet & 15].map(digit));
        }
        let zeros = zeros(after);
        if zeros > 0 {
            text.extend_from_slice(format!("*{zeros}.").as_bytes());
        }
        rest = after.get(zeros..).unwrap_or_default();
    }
    String::from_utf8(text).unwrap_or_default()
}

const fn digit(value: u8) -> u8 {
    value + if value < 10 { b'0' } else { b'a' - 10 }
}

/// Where the next run that is worth counting begins; the length when there is none.
fn start_of_run(octets: &[u8]) -> usize {
    let mut zeros = 0;
    for (at, octet) in octets.iter().enumerate() {
        zeros = if *octet == b'0' { zeros + 1 } else { 0 };
        if zeros == RUN {
            return at + 1 - RUN;
        }
    }
    octets.len()
}

/// How many digits zero it begins with.
fn zeros(octets: &[u8]) -> usize {
    let whole = octets
        .chunks_exact(RUN)
        .take_while(|chunk| **chunk == [b'0'; RUN])
        .count()
        * RUN;
    let rest = octets.iter().skip(whole);
    whole + rest.take_while(|octet| **octet == b'0').count()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut parts = text.split('*');
    octets.extend(hex::decode(parts.next()?).ok()?);
    for part in parts {
        let (count, spelled) = part.split_once('.')?;
        let end = octets.len().checked_add(count.parse().ok()?)?;
        if end > LIMIT {
            return None;
        }
        octets.resize(end, b'0');
        octets.extend(hex::decode(spelled).ok()?);
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let run = |count| vec![b'0'; count];
        let cases = [
            Vec::new(),
            b"ab<00>".to_vec(),
            run(RUN - 1),
            run(RUN),
            [b"<30".as_slice(), &run(20_000), b">"].concat(),
            [run(RUN), vec![0; 300], run(RUN + 1), b"*5.".to_vec(), run(1)].concat(),
        ];
        for octets in cases {
            let text = encode(&octets);
            assert_eq!(decode(&text), Some(octets), "{text}");
        }
        assert_eq!(encode(&run(20_000)), "*20000.");
    }

    #[test]
    fn what_is_not_one_is_refused() {
        for text in [
            "0",
            "zz",
            "*",
            "*5",
            "*-1.",
            "*5.0",
            "*67108865.",
            "*67108864.00*1.",
            "*18446744073709551615.*2.",
            "00**5.",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
