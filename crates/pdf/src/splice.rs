//! Editing a dictionary or an array by splicing into its own source text: everything that is not edited stays byte for byte.
//!
//! The scanner is strict. Text that two readers could take differently (a key given twice, something that is not a key
//! where one must stand) is not edited at all. Not its business: which object the text belongs to.

use std::ops::Range;

use crate::lexer::{Cursor, is_delimiter, is_white};

/// One key of a dictionary and where it and its value stand in the source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The key without the slash, `#xx` resolved.
    pub(crate) key: Vec<u8>,
    pub(crate) value: Range<usize>,
    start: usize,
}

/// The source text cannot be edited safely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unspliceable;

/// The pairs of a dictionary given as source text from `<<` to `>>`.
pub(crate) fn pairs(source: &[u8]) -> Result<Vec<Pair>, Unspliceable> {
    let mut cursor = Cursor::new(source, 0);
    if !cursor.tag(b"<<") {
        return Err(Unspliceable);
    }
    let mut pairs = Vec::new();
    loop {
        cursor.skip_blank();
        if cursor.tag(b">>") {
            return if cursor.rest().is_empty() {
                Ok(pairs)
            } else {
                Err(Unspliceable)
            };
        }
        let start = cursor.pos();
        let key = name(&mut cursor).ok_or(Unspliceable)?;
        cursor.skip_blank();
        let value_start = cursor.pos();
        value(&mut cursor, 0).ok_or(Unspliceable)?;
        pairs.push(Pair {
            key,
            value: value_start..cursor.pos(),
            start,
        });
    }
}

/// The dictionary with `key` set to `new`, the rest of its text untouched.
pub(crate) fn set(source: &[u8], key: &str, new: &[u8]) -> Result<Vec<u8>, Unspliceable> {
    match one(&pairs(source)?, key)? {
        Some(value) => replace(source, value, &padded(new)),
        None => {
            let end = source.len().checked_sub(2).ok_or(Unspliceable)?;
            let mut entry = format!("\n/{key}").into_bytes();
            entry.extend(padded(new));
            entry.push(b'\n');
            replace(source, end..end, &entry)
        }
    }
}

/// The source text of the value of `key`.
pub(crate) fn source_of<'a>(source: &'a [u8], key: &str) -> Result<Option<&'a [u8]>, Unspliceable> {
    Ok(one(&pairs(source)?, key)?.and_then(|value| source.get(value)))
}

/// The array (source text from `[` to `]`) with one more element at its end.
pub(crate) fn push(source: &[u8], element: &[u8]) -> Result<Vec<u8>, Unspliceable> {
    elements(source)?;
    let end = source.len().checked_sub(1).ok_or(Unspliceable)?;
    replace(source, end..end, &padded(element))
}

/// Where the elements of an array stand.
pub(crate) fn elements(source: &[u8]) -> Result<Vec<Range<usize>>, Unspliceable> {
    let mut cursor = Cursor::new(source, 0);
    if !cursor.tag(b"[") {
        return Err(Unspliceable);
    }
    let mut elements = Vec::new();
    loop {
        cursor.skip_blank();
        if cursor.tag(b"]") {
            return if cursor.rest().is_empty() {
                Ok(elements)
            } else {
                Err(Unspliceable)
            };
        }
        let start = cursor.pos();
        value(&mut cursor, 0).ok_or(Unspliceable)?;
        elements.push(start..cursor.pos());
    }
}

/// The dictionary without the given keys, as the text between its brackets.
pub(crate) fn without(source: &[u8], keys: &[&str]) -> Result<Vec<u8>, Unspliceable> {
    let mut kept = Vec::new();
    for pair in pairs(source)? {
        if !keys.iter().any(|key| key.as_bytes() == pair.key) {
            kept.extend_from_slice(source.get(pair.start..pair.value.end).ok_or(Unspliceable)?);
            kept.push(b'\n');
        }
    }
    Ok(kept)
}

fn one(pairs: &[Pair], key: &str) -> Result<Option<Range<usize>>, Unspliceable> {
    let mut found = pairs.iter().filter(|pair| pair.key == key.as_bytes());
    let first = found.next();
    if found.next().is_some() {
        Err(Unspliceable)
    } else {
        Ok(first.map(|pair| pair.value.clone()))
    }
}

fn replace(source: &[u8], place: Range<usize>, new: &[u8]) -> Result<Vec<u8>, Unspliceable> {
    let head = source.get(..place.start).ok_or(Unspliceable)?;
    let tail = source.get(place.end..).ok_or(Unspliceable)?;
    Ok([head, new, tail].concat())
}

/// With a space on both sides, so that it cannot grow together with its neighbours.
fn padded(text: &[u8]) -> Vec<u8> {
    [b" ", text, b" "].concat()
}

fn name(cursor: &mut Cursor<'_>) -> Option<Vec<u8>> {
    if !cursor.tag(b"/") {
        return None;
    }
    let mut name = Vec::new();
    while let Some(byte) = cursor.peek().filter(|&byte| !is_delimiter(byte) && !is_white(byte)) {
        cursor.advance(1);
        let escaped = (byte == b'#')
            .then(|| cursor.rest().get(..2))
            .flatten()
            .and_then(|pair| hex::decode(pair).ok());
        match escaped.as_deref() {
            Some([byte]) => {
                name.push(*byte);
                cursor.advance(2);
            }
            _ => name.push(byte),
        }
    }
    Some(name)
}

fn value(cursor: &mut Cursor<'_>, depth: u32) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    match cursor.peek()? {
        b'/' => name(cursor).map(|_| ()),
        b'(' => literal(cursor),
        b'[' => {
            cursor.advance(1);
            until(cursor, b"]", depth)
        }
        b'<' if cursor.tag(b"<<") => until(cursor, b">>", depth),
        b'<' => {
            cursor.advance(1);
            while cursor.peek()? != b'>' {
                if !cursor.peek()?.is_ascii_hexdigit() && !is_white(cursor.peek()?) {
                    return None;
                }
                cursor.advance(1);
            }
            cursor.advance(1);
            Some(())
        }
        b'0'..=b'9' => {
            let mut reference = *cursor;
            if is_reference(&mut reference) {
                *cursor = reference;
                return Some(());
            }
            word(cursor)
        }
        _ => word(cursor),
    }
}

fn until(cursor: &mut Cursor<'_>, end: &[u8], depth: u32) -> Option<()> {
    loop {
        cursor.skip_blank();
        if cursor.tag(end) {
            return Some(());
        }
        value(cursor, depth + 1)?;
    }
}

/// A number, `true`, `false` or `null`; nothing else stands bare in an object.
fn word(cursor: &mut Cursor<'_>) -> Option<()> {
    let rest = cursor.rest();
    let length = rest
        .iter()
        .position(|&byte| is_delimiter(byte) || is_white(byte))
        .unwrap_or(rest.len());
    let word = rest.get(..length)?;
    cursor.advance(length);
    let numeric = !word.is_empty() && word.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.'));
    (numeric || matches!(word, b"true" | b"false" | b"null")).then_some(())
}

fn is_reference(cursor: &mut Cursor<'_>) -> bool {
    let blank = |cursor: &mut Cursor<'_>| {
        let before = cursor.pos();
        cursor.skip_blank();
        cursor.pos() > before
    };
    cursor.number().is_some()
        && blank(cursor)
        && cursor.number().is_some()
        && blank(cursor)
        && cursor.tag(b"R")
        && cursor.peek().is_none_or(|byte| is_delimiter(byte) || is_white(byte))
}

fn literal(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut open = 0_u32;
    loop {
        match cursor.peek()? {
            b'(' => open += 1,
            b')' => open -= 1,
            b'\\' => cursor.advance(1),
            _ => {}
        }
        cursor.advance(1);
        if open == 0 {
            return Some(());
        }
    }
}

/// Deeper nesting is refused, not followed.
const MAX_DEPTH: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(result: Result<Vec<u8>, Unspliceable>) -> Option<String> {
        result.ok().map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn setting_a_key_leaves_the_rest_alone() {
        for (source, key, value, expected) in [
            ("<</A 1/B 2>>", "A", "7", Some("<</A  7 /B 2>>")),
            ("<</A 1/B 2>>", "B", "7", Some("<</A 1/B  7 >>")),
            ("<< /A (x\\)>>)>>", "B", "[1]", Some("<< /A (x\\)>>)\n/B [1] \n>>")),
            ("<</A<</B 3>>>>", "B", "1", Some("<</A<</B 3>>\n/B 1 \n>>")),
            ("<</A 1 0 R/B[1 2 R]>>", "A", "2 0 R", Some("<</A  2 0 R /B[1 2 R]>>")),
            ("<</A 1 0 R/B[1 2]>>", "A", "2 0 R", Some("<</A  2 0 R /B[1 2]>>")),
            ("<</#41 1>>", "A", "2", Some("<</#41  2 >>")),
            ("<</A%/A 9\n1>>", "A", "2", Some("<</A%/A 9\n 2 >>")),
            ("<</A 1/A 2>>", "A", "3", None),
            ("<</A>>", "A", "3", None),
            ("<</A 1 junk>>", "B", "3", None),
            ("<</A (open>>", "B", "3", None),
            ("<</A 1", "B", "3", None),
            ("", "B", "3", None),
        ] {
            assert_eq!(
                text(set(source.as_bytes(), key, value.as_bytes())).as_deref(),
                expected,
                "{source}"
            );
        }
    }

    #[test]
    fn pushing_keeps_the_elements() {
        assert_eq!(text(push(b"[1 0 R]", b"2 0 R")).as_deref(), Some("[1 0 R 2 0 R ]"));
        assert_eq!(text(push(b"[]", b"2 0 R")).as_deref(), Some("[ 2 0 R ]"));
        assert_eq!(push(b"[(]", b"1"), Err(Unspliceable));
        assert_eq!(elements(b"[1 0 R 5<</A[]>>(])]").unwrap().len(), 4);
    }

    #[test]
    fn dropping_keys_keeps_the_others_word_for_word() {
        assert_eq!(
            text(without(b"<</Size 4/Root 1 0 R/X<</Size 1>>>>", &["Size"])).as_deref(),
            Some("/Root 1 0 R\n/X<</Size 1>>\n")
        );
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = format!("<</A{}{}>>", "[".repeat(1000), "]".repeat(1000));
        assert_eq!(pairs(deep.as_bytes()), Err(Unspliceable));
    }
}
