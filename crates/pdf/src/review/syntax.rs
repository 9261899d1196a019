//! Reading the source text of one object, token by token (ISO 32000-2 7.2, 7.3).
//!
//! The reader behind `Document` resolves references and decrypts, but it hides where a value stands in its dictionary,
//! how often a key occurs and what was skipped as garbage. A review must see exactly that. Not the business of this
//! file: references, streams, content operators.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use hayro_syntax::object::ObjectIdentifier;

/// One token of an object's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    DictOpen,
    DictClose,
    ArrayOpen,
    ArrayClose,
    /// A name without its solidus, escapes as written.
    Name(&'a [u8]),
    /// A literal or hexadecimal string with its delimiters.
    Text(&'a [u8]),
    /// A number or a keyword.
    Word(&'a [u8]),
}

/// Splits a text into tokens; ends at the first byte that starts none.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Whether everything has been read.
    pub(crate) fn at_end(&mut self) -> bool {
        self.skip_space();
        self.at >= self.text.len()
    }

    /// Where the next token may start.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.at += rest.iter().position(|&byte| !wanted(byte)).unwrap_or(rest.len());
    }

    fn skip_space(&mut self) {
        loop {
            self.skip_while(is_space);
            if self.text.get(self.at) != Some(&b'%') {
                return;
            }
            self.skip_while(|byte| byte != b'\r' && byte != b'\n');
        }
    }

    /// The next token and where it stands.
    pub(crate) fn next(&mut self) -> Option<(Token<'a>, Range<usize>)> {
        self.skip_space();
        let start = self.at;
        let rest = self.rest();
        let token = match rest {
            [b'<', b'<', ..] => self.advance(2, Token::DictOpen),
            [b'>', b'>', ..] => self.advance(2, Token::DictClose),
            [b'[', ..] => self.advance(1, Token::ArrayOpen),
            [b']', ..] => self.advance(1, Token::ArrayClose),
            [b'<', ..] => self.hex()?,
            [b'(', ..] => self.literal()?,
            [b'/', ..] => {
                self.at += 1;
                self.skip_while(is_regular);
                Token::Name(self.text.get(start + 1..self.at)?)
            }
            [first, ..] if is_regular(*first) => {
                self.skip_while(is_regular);
                Token::Word(self.text.get(start..self.at)?)
            }
            _ => return None,
        };
        Some((token, start..self.at))
    }

    /// The rest `G R` of a reference whose object number has just been read, or nothing at all.
    pub(crate) fn reference(&mut self, number: &[u8]) -> Option<ObjectIdentifier> {
        // Most numbers are no references; what follows tells without reading tokens.
        if !number.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut ahead = self.clone();
        ahead.skip_space();
        if !ahead.rest().first().is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let (Token::Word(generation), _) = ahead.next()? else {
            return None;
        };
        ahead.skip_space();
        if ahead.rest().first() != Some(&b'R') {
            return None;
        }
        let (Token::Word(b"R"), _) = ahead.next()? else {
            return None;
        };
        let id = ObjectIdentifier::new(digits(number)?, i32::try_from(digits(generation)?).ok()?);
        *self = ahead;
        Some(id)
    }

    fn advance(&mut self, by: usize, token: Token<'a>) -> Token<'a> {
        self.at += by;
        token
    }

    fn hex(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        self.at += 1;
        self.skip_while(|byte| byte.is_ascii_hexdigit() || is_space(byte));
        if self.text.get(self.at) != Some(&b'>') {
            return None;
        }
        self.at += 1;
        Some(Token::Text(self.text.get(start..self.at)?))
    }

    fn literal(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        let mut open = 0_usize;
        loop {
            match self.text.get(self.at)? {
                b'\\' => self.at += 1,
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Some(Token::Text(self.text.get(start..self.at)?));
            }
        }
    }
}

/// A value as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Name(&'a [u8]),
    /// With delimiters.
    Text(&'a [u8]),
    Word(&'a [u8]),
    Reference(ObjectIdentifier),
    /// With delimiters.
    Dict(&'a [u8]),
    /// Without delimiters.
    Array(&'a [u8]),
}

/// One entry of a dictionary as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// The key as written, without its solidus.
    pub(crate) key: &'a [u8],
    pub(crate) value: Value<'a>,
    /// Where the value stands in the text of the dictionary.
    pub(crate) at: Range<usize>,
}

/// The entries of a dictionary in the order of the file, every occurrence of a key, as far as they can be read; and
/// whether there is nothing else in its text.
pub(crate) fn readable_entries(dict: &[u8]) -> (Vec<Entry<'_>>, bool) {
    let mut lexer = Lexer::new(dict);
    let mut found = Vec::new();
    if !matches!(lexer.next(), Some((Token::DictOpen, _))) {
        return (found, false);
    }
    let mut clean = true;
    loop {
        match lexer.next() {
            Some((Token::DictClose, _)) => return (found, clean && lexer.at_end()),
            Some((Token::Name(key), _)) => match value(&mut lexer, dict) {
                Some((value, at)) => found.push(Entry { key, value, at }),
                None => return (found, false),
            },
            // Garbage where a key should be: the main reader skips it too.
            Some((Token::DictOpen | Token::ArrayOpen, _)) => {
                clean = false;
                if skip_container(&mut lexer).is_none() {
                    return (found, false);
                }
            }
            Some(_) => clean = false,
            None => return (found, false),
        }
    }
}

/// The elements of an array (given without its delimiters) as they are written, at most `limit`.
pub(crate) fn elements(array: &[u8], limit: usize) -> Option<Vec<Value<'_>>> {
    let mut lexer = Lexer::new(array);
    let mut found = Vec::new();
    while !lexer.at_end() {
        if found.len() >= limit {
            return None;
        }
        found.push(value(&mut lexer, array)?.0);
    }
    Some(found)
}

pub(crate) fn value<'a>(lexer: &mut Lexer<'a>, text: &'a [u8]) -> Option<(Value<'a>, Range<usize>)> {
    let (token, at) = lexer.next()?;
    let value = match token {
        Token::Name(name) => Value::Name(name),
        Token::Text(raw) => Value::Text(raw),
        Token::Word(word) => match lexer.reference(word) {
            Some(id) => Value::Reference(id),
            None => Value::Word(word),
        },
        Token::DictOpen | Token::ArrayOpen => {
            let end = skip_container(lexer)?;
            let whole = text.get(at.start..end)?;
            let value = match token {
                Token::DictOpen => Value::Dict(whole),
                _ => Value::Array(text.get(at.end..end.checked_sub(1)?)?),
            };
            return Some((value, at.start..end));
        }
        Token::DictClose | Token::ArrayClose => return None,
    };
    Some((value, at.start..lexer.at))
}

/// Reads to the end of a container whose opening has been read; containers inside are only counted.
fn skip_container(lexer: &mut Lexer<'_>) -> Option<usize> {
    let mut open = 1_usize;
    while open > 0 {
        match lexer.next()?.0 {
            Token::DictOpen | Token::ArrayOpen => open += 1,
            Token::DictClose | Token::ArrayClose => open -= 1,
            _ => {}
        }
    }
    Some(lexer.at)
}

/// The last value of a key: the one that this product's main reader takes.
pub(crate) fn last<'e, 'a>(entries: &'e [Entry<'a>], key: &[u8]) -> Option<&'e Value<'a>> {
    entries
        .iter()
        .rev()
        .find(|entry| is_name(entry.key, key))
        .map(|entry| &entry.value)
}

/// Whether a name as written means `name`.
#[inline]
pub(crate) fn is_name(written: &[u8], name: &[u8]) -> bool {
    match written.len().cmp(&name.len()) {
        Ordering::Less => false,
        Ordering::Equal => written == name,
        // An escape is longer than what it stands for.
        Ordering::Greater => written.contains(&b'#') && plain_name(written) == name,
    }
}

/// A name with its `#xx` escapes resolved (7.3.5).
pub(crate) fn plain_name(written: &[u8]) -> Cow<'_, [u8]> {
    if !written.contains(&b'#') {
        return Cow::Borrowed(written);
    }
    let mut plain = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let escaped = match (byte, tail) {
            (b'#', [high, low, after @ ..]) => hex_digit(*high).zip(hex_digit(*low)).map(|digits| (digits, after)),
            _ => None,
        };
        match escaped {
            Some(((high, low), after)) => {
                plain.push((high << 4) | low);
                rest = after;
            }
            None => plain.push(byte),
        }
    }
    Cow::Owned(plain)
}

fn digits(word: &[u8]) -> Option<u32> {
    word.iter().try_fold(0_u32, |value, &byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// An integer as written.
pub(crate) fn integer(word: &[u8]) -> Option<i64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

pub(crate) fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// White space (7.2.3, table 1).
pub(crate) fn is_space(byte: u8) -> bool {
    class(byte) == SPACE
}

fn is_regular(byte: u8) -> bool {
    class(byte) == REGULAR
}

fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(REGULAR)
}

const REGULAR: u8 = 0;
const SPACE: u8 = 1;
const DELIMITER: u8 = 2;
/// Every byte's class (7.2.3, tables 1 and 2).
const CLASSES: [u8; 256] = {
    let mut classes = [REGULAR; 256];
    let (spaces, delimiters) = ([0_u8, 9, 10, 12, 13, 32], *b"()<>[]{}/%");
    let mut index = 0;
    while index < spaces.len() {
        classes[spaces[index] as usize] = SPACE;
        index += 1;
    }
    index = 0;
    while index < delimiters.len() {
        classes[delimiters[index] as usize] = DELIMITER;
        index += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_dictionary() {
        let text = b"<</A 1/B(x\\)(y))/C<</D[1 0 R]>>/#41 12 0 R % note\n/E<4 1>/F null>>";
        let (found, clean) = readable_entries(text);
        assert!(clean);
        let keys: Vec<_> = found.iter().map(|entry| plain_name(entry.key).into_owned()).collect();
        assert_eq!(keys, [b"A", b"B", b"C", b"A", b"E", b"F"]);
        assert_eq!(found[1].value, Value::Text(b"(x\\)(y))"));
        assert_eq!(found[2].value, Value::Dict(b"<</D[1 0 R]>>"));
        assert_eq!(
            last(&found, b"A"),
            Some(&Value::Reference(ObjectIdentifier::new(12, 0)))
        );
        assert_eq!(&text[found[4].at.clone()], b"<4 1>");
    }

    #[test]
    fn texts_that_are_no_dictionary() {
        for text in [
            &b""[..],
            b"<<",
            b"<</A>>",
            b"<</A 1 2>>",
            b"<</A 1>> 5",
            b"[/A 1]",
            b"<</A (x>>",
            b"<</A <4g>>>",
            b"<</A {}>>",
            b"<</A )>>",
            b"<</A (\\",
            b"<</A [1>>",
        ] {
            assert!(!readable_entries(text).1, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn elements_of_an_array() {
        assert_eq!(elements(b"0 1 0 R 7", 9).map(|found| found.len()), Some(3));
        assert_eq!(elements(b" 0 1 2", 2), None);
        assert_eq!(elements(b" ", 2), Some(vec![]));
    }
}
