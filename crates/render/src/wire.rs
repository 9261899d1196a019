//! The protocol between the renderer and its worker.
//!
//! A frame is four octets of length (little endian, of all that follows), one octet for the kind, and the fields in order:
//! integers and floats little endian, texts and octets with four octets of length before them, lists with four octets of
//! count. The renderer sends a [`Request`] and waits for exactly one [`Answer`]. What is longer than agreed, too short, or
//! has something left at its end is no frame.
//!
//! Not its business: processes, deadlines, and whether an answer fits its request.

use std::io::{self, Read, Write};

use crate::picture::{FallbackFont, MOST_PAGES, MOST_TEXT, PageText, Png, Size, Warning};

/// Requests have a few numbers.
const MOST_REQUEST: u32 = 64;
/// A picture of forty million pixels without any compression, and room for names.
const MOST_ANSWER: u32 = 176 << 20;
/// Names and notes in an answer.
const MOST_NOTES: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// The first: how many octets of the file are the document, how long a request may take, and how much memory.
    Open {
        octets: u64,
        seconds: u64,
        memory: u64,
    },
    Page {
        page: u32,
        width: u32,
    },
    Text {
        page: u32,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Facts { sizes: Vec<Size>, confined: bool },
    Picture(Png),
    Text(PageText),
    Refused(Refusal),
}

/// Why the worker does not do it. Limits of sizes are told by the renderer, which knows them as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Encrypted,
    /// The reader panicked; the worker ends after it has said so.
    Panicked,
    TooManyPages {
        pages: u32,
    },
    /// A page, a size or an order of requests that the renderer should not have asked for.
    Unasked,
    Unreadable,
}

impl Request {
    pub(crate) fn send(&self, to: &mut impl Write) -> io::Result<()> {
        let mut body = Vec::new();
        match self {
            Self::Open {
                octets,
                seconds,
                memory,
            } => {
                body.push(1);
                body.extend(octets.to_le_bytes());
                body.extend(seconds.to_le_bytes());
                body.extend(memory.to_le_bytes());
            }
            Self::Page { page, width } => {
                body.push(2);
                body.extend(page.to_le_bytes());
                body.extend(width.to_le_bytes());
            }
            Self::Text { page } => {
                body.push(3);
                body.extend(page.to_le_bytes());
            }
        }
        send(&body, to)
    }

    /// The next request; none when the other end has closed.
    pub(crate) fn receive(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(body) = receive(from, MOST_REQUEST)? else {
            return Ok(None);
        };
        let mut fields = Fields(&body);
        let request = (|| {
            Some(match fields.octet()? {
                1 => Self::Open {
                    octets: fields.u64()?,
                    seconds: fields.u64()?,
                    memory: fields.u64()?,
                },
                2 => Self::Page {
                    page: fields.u32()?,
                    width: fields.u32()?,
                },
                3 => Self::Text { page: fields.u32()? },
                _ => return None,
            })
        })();
        fields.end(request).map(Some)
    }
}

impl Answer {
    pub(crate) fn send(&self, to: &mut impl Write) -> io::Result<()> {
        let mut body = Vec::new();
        match self {
            Self::Facts { sizes, confined } => {
                body.push(1);
                body.push(u8::from(*confined));
                count(sizes.len(), &mut body)?;
                for size in sizes {
                    body.extend(size.width.to_le_bytes());
                    body.extend(size.height.to_le_bytes());
                }
            }
            Self::Picture(png) => {
                body.reserve_exact(png.octets.len().saturating_add(1024));
                body.push(2);
                body.extend(png.width.to_le_bytes());
                body.extend(png.height.to_le_bytes());
                let warnings = png.warnings.get(..MOST_NOTES).unwrap_or(&png.warnings);
                count(warnings.len(), &mut body)?;
                for warning in warnings {
                    let (kind, number) = told(*warning);
                    body.push(kind);
                    body.extend(number.to_le_bytes());
                }
                let fonts = png.fallback_fonts.get(..MOST_NOTES).unwrap_or(&png.fallback_fonts);
                count(fonts.len(), &mut body)?;
                for font in fonts {
                    body.push(u8::from(font.wanted.is_some()));
                    octets(font.wanted.as_deref().unwrap_or_default().as_bytes(), &mut body)?;
                    octets(font.used.as_bytes(), &mut body)?;
                }
                octets(&png.octets, &mut body)?;
            }
            Self::Text(PageText { text, untold, cut }) => {
                body.push(3);
                octets(text.as_bytes(), &mut body)?;
                body.extend(untold.to_le_bytes());
                body.push(u8::from(*cut));
            }
            Self::Refused(refusal) => {
                body.push(4);
                let (kind, number) = match refusal {
                    Refusal::Encrypted => (1, 0),
                    Refusal::Panicked => (2, 0),
                    Refusal::TooManyPages { pages } => (3, *pages),
                    Refusal::Unasked => (4, 0),
                    Refusal::Unreadable => (5, 0),
                };
                body.push(kind);
                body.extend(number.to_le_bytes());
            }
        }
        send(&body, to)
    }

    /// The answer to the request that was sent.
    ///
    /// `InvalidData` when it is none, `UnexpectedEof` when the other end has closed before it was complete.
    pub(crate) fn receive(from: &mut impl Read) -> io::Result<Self> {
        let body = receive(from, MOST_ANSWER)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut fields = Fields(&body);
        let answer = Self::read(&mut fields);
        fields.end(answer)
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(match fields.octet()? {
            1 => {
                let confined = fields.flag()?;
                let sizes = fields.list(MOST_PAGES as usize, |fields| {
                    Some(Size {
                        width: fields.f32()?,
                        height: fields.f32()?,
                    })
                })?;
                Self::Facts { sizes, confined }
            }
            2 => {
                let (width, height) = (fields.u32()?, fields.u32()?);
                let warnings = fields.list(MOST_NOTES, |fields| heard(fields.octet()?, fields.u32()?))?;
                let fallback_fonts = fields.list(MOST_NOTES, |fields| {
                    let told = fields.flag()?;
                    let wanted = fields.text(MOST_NOTES)?;
                    Some(FallbackFont {
                        wanted: told.then_some(wanted),
                        used: fields.text(MOST_NOTES)?,
                    })
                })?;
                Self::Picture(Png {
                    width,
                    height,
                    warnings,
                    fallback_fonts,
                    octets: fields.octets(MOST_ANSWER as usize)?.to_vec(),
                })
            }
            3 => Self::Text(PageText {
                text: fields.text(MOST_TEXT)?,
                untold: fields.u32()?,
                cut: fields.flag()?,
            }),
            4 => Self::Refused(match (fields.octet()?, fields.u32()?) {
                (1, 0) => Refusal::Encrypted,
                (2, 0) => Refusal::Panicked,
                (3, pages) => Refusal::TooManyPages { pages },
                (4, 0) => Refusal::Unasked,
                (5, 0) => Refusal::Unreadable,
                _ => return None,
            }),
            _ => return None,
        })
    }
}

fn told(warning: Warning) -> (u8, u32) {
    match warning {
        Warning::AnnotationNotDrawn => (1, 0),
        Warning::GlyphsMissing { count } => (2, count),
        Warning::FontUnsupported => (3, 0),
        Warning::ImageUndecodable => (4, 0),
        Warning::NoCjkFont => (5, 0),
        Warning::ContentUnreadable => (6, 0),
    }
}

fn heard(kind: u8, number: u32) -> Option<Warning> {
    Some(match (kind, number) {
        (1, 0) => Warning::AnnotationNotDrawn,
        (2, count) => Warning::GlyphsMissing { count },
        (3, 0) => Warning::FontUnsupported,
        (4, 0) => Warning::ImageUndecodable,
        (5, 0) => Warning::NoCjkFont,
        (6, 0) => Warning::ContentUnreadable,
        _ => return None,
    })
}

fn send(body: &[u8], to: &mut impl Write) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(body)?;
    to.flush()
}

/// The octets of a frame. Room is made for what arrives, not for what the length promises.
fn receive(from: &mut impl Read, most: u32) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    let mut filled = 0;
    while let Some(rest) = length.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_le_bytes(length);
    if length == 0 || length > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut body)?;
    if u32::try_from(body.len()) == Ok(length) {
        Ok(Some(body))
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn count(number: usize, body: &mut Vec<u8>) -> io::Result<()> {
    body.extend(u32::try_from(number).map_err(io::Error::other)?.to_le_bytes());
    Ok(())
}

fn octets(octets: &[u8], body: &mut Vec<u8>) -> io::Result<()> {
    count(octets.len(), body)?;
    body.extend(octets);
    Ok(())
}

/// What is left of a frame.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn octet(&mut self) -> Option<u8> {
        self.array::<1>().map(|[octet]| octet)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.octet()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn f32(&mut self) -> Option<f32> {
        self.array().map(f32::from_le_bytes)
    }

    fn length(&mut self, most: usize) -> Option<usize> {
        usize::try_from(self.u32()?).ok().filter(|length| *length <= most)
    }

    fn octets(&mut self, most: usize) -> Option<&'a [u8]> {
        let length = self.length(most)?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn text(&mut self, most: usize) -> Option<String> {
        String::from_utf8(self.octets(most)?.to_vec()).ok()
    }

    fn list<T>(&mut self, most: usize, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.length(most)?;
        (0..length).map(|_| item(self)).collect()
    }

    /// The value, if it was one and nothing is left.
    fn end<T>(&self, value: Option<T>) -> io::Result<T> {
        value
            .filter(|_| self.0.is_empty())
            .ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

#[cfg(test)]
mod tests;
