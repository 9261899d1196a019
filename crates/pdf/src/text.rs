//! Text strings of PDF (ISO 32000-2 7.9.2.2), both ways. Not its business: what they mean.

/// A text string as source text: a literal for plain ASCII, otherwise UTF-16BE in hexadecimal.
pub(crate) fn text_string(text: &str) -> Vec<u8> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        let mut source = vec![b'('];
        for byte in text.bytes() {
            if matches!(byte, b'(' | b')' | b'\\') {
                source.push(b'\\');
            }
            source.push(byte);
        }
        source.push(b')');
        return source;
    }
    let mut source = b"<FEFF".to_vec();
    for unit in text.encode_utf16() {
        source.extend(format!("{unit:04X}").bytes());
    }
    source.push(b'>');
    source
}

/// The text of a text string: UTF-16BE, UTF-8 or PDFDocEncoding, told apart by their first bytes.
pub(crate) fn decode_text(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        let units = rest.chunks(2).map(|pair| match pair {
            [high, low] => u16::from_be_bytes([*high, *low]),
            _ => 0xfffd,
        });
        return char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
    }
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return String::from_utf8_lossy(rest).into_owned();
    }
    bytes.iter().map(|&byte| pdf_doc_char(byte)).collect()
}

/// ISO 32000-2 annex D.3; the rest is Latin-1.
fn pdf_doc_char(byte: u8) -> char {
    const HIGH: [char; 33] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł',
        'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
    ];
    const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    let from = |table: &[char], first: u8| table.get(usize::from(byte.saturating_sub(first))).copied();
    match byte {
        0x18..=0x1f => from(&LOW, 0x18),
        0x80..=0xa0 => from(&HIGH, 0x80),
        _ => None,
    }
    .unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_string_comes_back_from_either_encoding() {
        for (text, source) in [
            ("Signature1", "(Signature1)"),
            ("a(b)\\", "(a\\(b\\)\\\\)"),
            ("甲方", "<FEFF753265B9>"),
            ("é", "<FEFF00E9>"),
        ] {
            assert_eq!(String::from_utf8(text_string(text)).unwrap(), source, "{text}");
        }
        for (bytes, text) in [
            (&b"\xfe\xff\x75\x32"[..], "甲"),
            (b"\xef\xbb\xbf\xe7\x94\xb2", "甲"),
            (b"caf\xe9 \xa0\x80", "café €•"),
            (b"\xfe\xff\x00", "\u{fffd}"),
        ] {
            assert_eq!(decode_text(bytes), text);
        }
    }
}
