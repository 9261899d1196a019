//! A PIN out of a file or a pipe: the first line, without what editors and shells add to it.
//!
//! A wrong PIN costs a try, so what is certainly no part of it is taken off: a UTF-8 byte order mark and the line end (LF or
//! CRLF). A blank may be part of a PIN and stays. Text in UTF-16 is refused. Read without a buffer of somebody else's, into
//! memory that is wiped. Not its business: the terminal (`ask`).

use std::io::{ErrorKind, Read};

use countersign_engine::ports::PinRefusal;
use zeroize::Zeroizing;

/// Room for all of it from the start: a buffer that grows leaves its old self behind, unwiped.
const LIMIT: usize = 1024;
const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
const UTF16_MARKS: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];

/// The PIN in the first line; octets at most `LIMIT`.
///
/// # Errors
/// `Unavailable` when there is none, it is too long, or the text is UTF-16.
pub(crate) fn first_line(from: &mut dyn Read) -> Result<Zeroizing<Vec<u8>>, PinRefusal> {
    let mut line = Zeroizing::new(Vec::with_capacity(LIMIT));
    let mut octet = Zeroizing::new([0_u8; 1]);
    loop {
        match from.read(octet.as_mut_slice()) {
            Ok(0) => break,
            Ok(_) if *octet == *b"\n" => break,
            Ok(_) if line.len() == LIMIT => return Err(PinRefusal::Unavailable),
            Ok(_) => line.extend_from_slice(octet.as_slice()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(PinRefusal::Unavailable),
        }
    }
    if UTF16_MARKS.iter().any(|mark| line.starts_with(mark)) {
        return Err(PinRefusal::Unavailable);
    }
    if line.starts_with(&UTF8_MARK) {
        line.drain(..UTF8_MARK.len());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    if line.is_empty() {
        return Err(PinRefusal::Unavailable);
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_line_ends_are_no_part_of_a_pin() {
        let long = [b'1'; LIMIT + 1];
        let cases: [(&[u8], Option<&[u8]>); 15] = [
            (b"1234", Some(b"1234")),
            (b"1234\n", Some(b"1234")),
            (b"1234\r\n", Some(b"1234")),
            (b"1234\n\n", Some(b"1234")),
            (b"1234\nnote to self\n", Some(b"1234")),
            (b"\xef\xbb\xbf1234\n", Some(b"1234")),
            (b"\xef\xbb\xbf1234\r\n", Some(b"1234")),
            (b"1234 \n", Some(b"1234 ")),
            (b" 1234\n", Some(b" 1234")),
            (b"", None),
            (b"\n1234\n", None),
            (b"\xef\xbb\xbf\r\n", None),
            (b"\xff\xfe1\x002\x00\n\x00", None),
            (b"\xfe\xff\x001\x002\x00\n", None),
            (&long, None),
        ];
        for (text, expected) in cases {
            let found = first_line(&mut &*text).ok();
            assert_eq!(found.as_deref().map(Vec::as_slice), expected, "{text:?}");
        }
    }
}
