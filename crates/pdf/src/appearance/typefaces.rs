//! Which typeface draws a character: the first of several that has it, else a box in its place.
//!
//! A signature never fails over its decoration; whoever shows the result says what could not be drawn ([`Shortfall`]). Not
//! its business: shaping. Scripts that need it (Arabic, Hebrew, Indic) would come out wrong, so they count as not drawable.

use std::borrow::Cow;

use skrifa::{Font, GlyphId};

use crate::request::Appearance;

/// What an appearance cannot show as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shortfall {
    /// Characters that no typeface can draw, each once, in their order. A box stands in their place.
    pub characters: String,
    /// Lines or ends of lines were left out, because there are too many or they are too long.
    pub cut: bool,
    /// Files that are no typefaces, by their place in the list.
    pub unusable: Vec<usize>,
}

impl Shortfall {
    /// Whether everything is shown as it is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Appearance {
    /// What of the lines cannot be shown with the typefaces that are given.
    #[must_use]
    pub fn shortfall(&self) -> Shortfall {
        let typefaces = Typefaces::read(&self.fonts);
        let (lines, cut) = shown(&self.lines);
        let mut found = Shortfall {
            cut,
            unusable: typefaces.unusable.clone(),
            ..Shortfall::default()
        };
        for character in lines.iter().flat_map(|line| line.chars()) {
            if typefaces.find(character).is_none() && !found.characters.contains(character) {
                found.characters.push(character);
            }
        }
        found
    }
}

/// The typefaces in the order of preference.
pub(super) struct Typefaces {
    fonts: Vec<Font>,
    unusable: Vec<usize>,
}

impl Typefaces {
    pub(super) fn read(files: &[Cow<'static, [u8]>]) -> Self {
        let mut found = Self {
            fonts: Vec::new(),
            unusable: Vec::new(),
        };
        for (place, file) in files.iter().enumerate() {
            let font = match file {
                Cow::Borrowed(octets) => Font::new(*octets, 0),
                Cow::Owned(octets) => Font::new(octets.clone(), 0),
            };
            match font {
                Some(font) => found.fonts.push(font),
                None => found.unusable.push(place),
            }
        }
        found
    }

    pub(super) fn fonts(&self) -> &[Font] {
        &self.fonts
    }

    /// The typeface, by its place, and the glyph.
    pub(super) fn find(&self, character: char) -> Option<(usize, GlyphId)> {
        if needs_shaping(character) {
            return None;
        }
        self.fonts.iter().enumerate().find_map(|(place, font)| {
            let glyph = font.charmap().map_unicode(character)?;
            (glyph.to_u32() != 0).then_some((place, glyph))
        })
    }

    /// What stands in the place of a character that cannot be drawn.
    pub(super) fn substitute(&self) -> Option<(usize, GlyphId)> {
        SUBSTITUTES.iter().find_map(|&character| self.find(character))
    }
}

/// The lines without characters that show nothing, as far as there is room; and whether something was left out.
pub(super) fn shown(lines: &[String]) -> (Vec<String>, bool) {
    let mut cut = lines.len() > MAX_LINES;
    let lines = lines.iter().take(MAX_LINES).map(|line| {
        let visible: Vec<char> = line.chars().filter(|&character| !is_ignorable(character)).collect();
        cut |= visible.len() > MAX_CHARACTERS;
        match visible.get(..MAX_CHARACTERS) {
            Some(head) if visible.len() > MAX_CHARACTERS => head.iter().chain(&['…']).collect(),
            _ => visible.iter().collect(),
        }
    });
    (lines.collect::<Vec<String>>(), cut)
}

/// Controls, joiners and variation selectors: they show nothing by themselves (Unicode 16, Default_Ignorable_Code_Point).
fn is_ignorable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Written from right to left, or with letters that change by their neighbours.
fn needs_shaping(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}' | '\u{590}'..='\u{8ff}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefe}'
    )
}

const SUBSTITUTES: [char; 2] = ['\u{25a1}', '?'];
const MAX_LINES: usize = 32;
const MAX_CHARACTERS: usize = 256;
