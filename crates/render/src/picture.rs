//! What is asked for and what is handed out: sizes, pictures, warnings, limits.

use std::time::Duration;

use crate::error::RenderError;

/// The widest picture.
const MOST_WIDTH: u64 = 4096;
/// The most pixels of one picture.
const MOST_PIXELS: u64 = 40_000_000;
/// hayro keeps offsets in 31 bits.
pub(crate) const MOST_OCTETS: u64 = (1 << 31) - 1;
/// Sizes of so many pages are listed.
pub(crate) const MOST_PAGES: u32 = 100_000;
/// The longest text of a page, in octets of UTF-8.
pub(crate) const MOST_TEXT: usize = 4 << 20;

/// What a worker may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the request to the last octet of its answer, starting a worker included.
    pub deadline: Duration,
    /// Address space in octets, beside the map of the document: pictures, layers, typefaces, decoded images.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            memory: 2 << 30,
        }
    }
}

/// The size of a page as it is shown, in points: what the CropBox leaves, turned by /Rotate (ISO 32000-2 7.7.3.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// In points.
    pub width: f32,
    /// In points.
    pub height: f32,
}

impl Size {
    pub(crate) fn is_finite(self) -> bool {
        self.width.is_finite() && self.height.is_finite()
    }

    /// The pixels of a picture with this width.
    pub(crate) fn pixels(self, width: u32) -> Result<(u16, u16), RenderError> {
        let height = (f64::from(width) * f64::from(self.height) / f64::from(self.width)).round();
        // A cast from a float keeps within the type; what is not a number is refused below.
        let (wide, high) = (u64::from(width), (height as u64).max(1));
        let refused = RenderError::TooLarge {
            width: wide,
            height: high,
            most_width: MOST_WIDTH,
            most_pixels: MOST_PIXELS,
        };
        if !height.is_finite() || wide == 0 || wide > MOST_WIDTH || wide.saturating_mul(high) > MOST_PIXELS {
            return Err(refused);
        }
        match (u16::try_from(wide), u16::try_from(high)) {
            (Ok(wide), Ok(high)) => Ok((wide, high)),
            _ => Err(refused),
        }
    }
}

/// What the reader found when it opened the document.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentFacts {
    /// The octets that are drawn from: as many as the file had when it was opened.
    pub octets: u64,
    /// One for each page, in order.
    pub sizes: Vec<Size>,
    /// The worker cannot open, start or connect to anything any more. False where the kernel has no filter for that; the
    /// limits of time, memory and writing hold all the same.
    pub confined: bool,
}

impl DocumentFacts {
    /// How many pages there are.
    #[must_use]
    pub fn pages(&self) -> u32 {
        u32::try_from(self.sizes.len()).unwrap_or(u32::MAX)
    }

    /// The size of a page; the first is 1.
    pub(crate) fn size(&self, page: u32) -> Result<Size, RenderError> {
        page.checked_sub(1)
            .and_then(|index| self.sizes.get(usize::try_from(index).ok()?))
            .copied()
            .ok_or(RenderError::PageMissing {
                page,
                pages: self.pages(),
            })
    }
}

/// A page as pixels, on white.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Png {
    /// In pixels, as asked for.
    pub width: u32,
    /// In pixels, by the page's proportions.
    pub height: u32,
    /// A PNG file.
    pub octets: Vec<u8>,
    /// What may be missing from the picture. Empty when nothing is known to be.
    pub warnings: Vec<Warning>,
    /// Typefaces that the page uses and the document does not contain.
    pub fallback_fonts: Vec<FallbackFont>,
}

/// The text of a page, in the order in which it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageText {
    /// Lines end where the writing moves to another line.
    pub text: String,
    /// Glyphs whose characters the document does not tell.
    pub untold: u32,
    /// The text was longer than is handed out.
    pub cut: bool,
}

/// A typeface that stood in for one that the document does not contain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FallbackFont {
    /// The name in the document. The reader does not tell it for simple fonts, which have 256 characters.
    pub wanted: Option<String>,
    /// What was used: one of the fourteen standard typefaces (built in), or a typeface of this machine.
    pub used: String,
}

/// Why a picture may be incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Warning {
    /// An annotation or a form field has something to show, and no appearance, or none that could be found.
    AnnotationNotDrawn,
    /// The page's content, or a part of it, could not be read.
    ContentUnreadable,
    /// Characters for which the typeface has no shape: a box, or nothing, stands in their place.
    GlyphsMissing {
        /// How many.
        count: u32,
    },
    /// A typeface could not be loaded.
    FontUnsupported,
    /// A picture on the page could not be decoded.
    ImageUndecodable,
    /// A typeface for Chinese, Japanese or Korean is not in the document, and none was found on this machine.
    NoCjkFont,
}

impl Warning {
    /// The name that shells go by.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AnnotationNotDrawn => "annotation-not-drawn",
            Self::ContentUnreadable => "content-unreadable",
            Self::GlyphsMissing { .. } => "glyphs-missing",
            Self::FontUnsupported => "font-unsupported",
            Self::ImageUndecodable => "image-undecodable",
            Self::NoCjkFont => "no-cjk-font",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_the_proportions_and_the_limits() {
        let cases = [
            ((595.0, 842.0), 595, Some((595, 842))),
            ((595.0, 842.0), 1240, Some((1240, 1755))),
            ((595.0, 842.0), 4096, Some((4096, 5796))),
            ((595.0, 842.0), 4097, None),
            ((595.0, 842.0), 0, None),
            // 4096 by 9765 is just within 40 million.
            ((4096.0, 9765.0), 4096, Some((4096, 9765))),
            ((4096.0, 9766.0), 4096, None),
            ((1.0, 70_000.0), 100, None),
            ((70_000.0, 1.0), 100, Some((100, 1))),
            ((f32::NAN, 1.0), 100, None),
            ((0.0, 1.0), 100, None),
            ((1.0, f32::INFINITY), 100, None),
        ];
        for ((width, height), asked, expected) in cases {
            let found = Size { width, height }.pixels(asked).ok();
            assert_eq!(found, expected, "{width} x {height} at {asked}");
        }
    }

    #[test]
    fn the_first_page_is_1() {
        let facts = DocumentFacts {
            octets: 1,
            confined: true,
            sizes: vec![Size {
                width: 1.0,
                height: 2.0,
            }],
        };
        assert!(facts.size(1).is_ok());
        for page in [0, 2, u32::MAX] {
            assert_eq!(facts.size(page), Err(RenderError::PageMissing { page, pages: 1 }));
        }
    }
}
