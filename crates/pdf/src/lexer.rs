//! A cursor over PDF source text: just enough to walk the cross-reference chain and to find the ends of values.
//!
//! Not its business: objects. Those are read by hayro-syntax.

/// A position in source text. Nothing here panics: past the end there is nothing to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], pos: usize) -> Self {
        Self { bytes, pos }
    }

    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.pos..).unwrap_or_default()
    }

    pub(crate) fn advance(&mut self, count: usize) {
        self.pos = self.pos.saturating_add(count).min(self.bytes.len());
    }

    pub(crate) fn skip_white(&mut self) {
        while self.peek().is_some_and(is_white) {
            self.pos += 1;
        }
    }

    /// White space and comments (ISO 32000-2 7.2.4).
    pub(crate) fn skip_blank(&mut self) {
        loop {
            self.skip_white();
            if self.peek() != Some(b'%') {
                return;
            }
            while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                self.pos += 1;
            }
        }
    }

    pub(crate) fn tag(&mut self, tag: &[u8]) -> bool {
        let found = self.rest().starts_with(tag);
        if found {
            self.pos += tag.len();
        }
        found
    }

    /// An unsigned decimal number; a number that does not fit is none.
    pub(crate) fn number(&mut self) -> Option<u64> {
        let start = self.pos;
        let mut value = 0_u64;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            self.pos += 1;
        }
        (self.pos > start).then_some(value)
    }

    /// `12 0 obj`, giving number and generation.
    pub(crate) fn object_header(&mut self) -> Option<(u32, u16)> {
        let number = self.number()?.try_into().ok()?;
        self.skip_blank();
        let generation = self.number()?.try_into().ok()?;
        self.skip_blank();
        self.tag(b"obj").then_some((number, generation))
    }

    /// One end-of-line marker, if there is one.
    pub(crate) fn end_of_line(&mut self) {
        if !self.tag(b"\r\n") && !self.tag(b"\n") {
            self.tag(b"\r");
        }
    }
}

/// ISO 32000-2 table 1.
pub(crate) fn is_white(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// ISO 32000-2 table 2.
pub(crate) fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

/// Where `needle` stands first in `haystack`.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len().max(1))
        .position(|window| window == needle)
}

/// Where `needle` stands last in `haystack`.
pub(crate) fn find_last(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len().max(1))
        .rposition(|window| window == needle)
}
