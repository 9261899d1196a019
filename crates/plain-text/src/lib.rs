//! Text of strangers (names of files and fields, certificates, answers of servers) made harmless for a person to read: on
//! the terminal, in the window, in dialogs and in reports.
//!
//! What cannot be seen, moves the cursor, ends the line or turns the order of letters becomes U+FFFD, so that it shows that
//! something stood there. Not its business: escaping for JSON, HTML or PDF, and letters that merely look like others.

/// Marks above or below one letter at most; Hebrew with accents needs three.
const MOST_MARKS: usize = 4;

/// The text on one line, with nothing in it that is not seen.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut before = Before::Nothing;
    text.chars()
        .map(|character| {
            let (shown, now) = step(&before, character);
            before = now;
            shown
        })
        .collect()
}

/// [`harmless`], and at most so many characters: a longer text ends in an ellipsis, which is counted.
#[must_use]
pub fn bounded(text: &str, most: usize) -> String {
    let Some((cut, _)) = text.char_indices().nth(most) else {
        return harmless(text);
    };
    let whole = text.get(..cut).unwrap_or_default();
    let kept = whole.char_indices().next_back().map_or(0, |(at, _)| at);
    let mut shown = harmless(whole.get(..kept).unwrap_or_default());
    if most > 0 {
        shown.push('…');
    }
    shown
}

/// [`harmless`] for each line of a text of ours that has several. A value from elsewhere must go through [`harmless`] before
/// it becomes part of such a text, or it could add lines.
#[must_use]
pub fn harmless_lines(text: &str) -> String {
    text.split('\n').map(harmless).collect::<Vec<_>>().join("\n")
}

/// What stands before a character.
enum Before {
    Nothing,
    Letter { marks: usize, variation: bool },
}

fn step(before: &Before, character: char) -> (char, Before) {
    let fresh = Before::Letter {
        marks: 0,
        variation: false,
    };
    match (before, character) {
        (
            &Before::Letter {
                marks,
                variation: false,
            },
            selector,
        ) if is_variation_selector(selector) => {
            let now = Before::Letter { marks, variation: true };
            (selector, now)
        }
        (&Before::Letter { marks, variation }, mark) if is_mark(mark) && marks < MOST_MARKS => {
            let now = Before::Letter {
                marks: marks + 1,
                variation,
            };
            (mark, now)
        }
        (_, other) if is_variation_selector(other) || is_mark(other) || is_unseen(other) => {
            (char::REPLACEMENT_CHARACTER, fresh)
        }
        (_, letter) => (letter, fresh),
    }
}

/// Choose one of several shapes of a letter: emoji, and ideographs in Chinese and Japanese names.
fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Marks that pile up above and below a letter (general categories Mn and Me, of the blocks whose marks stack).
fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        | '\u{711}' | '\u{730}'..='\u{74a}' | '\u{7eb}'..='\u{7f3}' | '\u{8ca}'..='\u{8e1}' | '\u{8e3}'..='\u{902}'
        | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{eb1}' | '\u{eb4}'..='\u{ebc}'
        | '\u{ec8}'..='\u{ece}' | '\u{f71}'..='\u{f7e}' | '\u{f80}'..='\u{f84}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20f0}' | '\u{2cef}'..='\u{2cf1}' | '\u{2de0}'..='\u{2dff}'
        | '\u{302a}'..='\u{302f}' | '\u{3099}'..='\u{309a}' | '\u{a66f}'..='\u{a672}' | '\u{a674}'..='\u{a67d}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Controls (C0, C1), ends of lines and paragraphs, direction, zero width, fillers, tags, noncharacters: Unicode's
/// Default_Ignorable_Code_Point without the variation selectors, and category Cc, Cf, Zl, Zp.
fn is_unseen(character: char) -> bool {
    let in_plane = u32::from(character) & 0xffff;
    character.is_control()
        || in_plane >= 0xfffe
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
            | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_becomes_the_replacement_character() {
        for (text, shown) in [
            ("", ""),
            ("合同 (终稿) №7 é.pdf", "合同 (终稿) №7 é.pdf"),
            ("\u{1b}[2J\u{1b}[HTOTAL-PASSED", "\u{fffd}[2J\u{fffd}[HTOTAL-PASSED"),
            (
                "a\nb\r\tc\u{7f}\u{85}\u{9b}31m\0",
                "a\u{fffd}b\u{fffd}\u{fffd}c\u{fffd}\u{fffd}\u{fffd}31m\u{fffd}",
            ),
            (
                "a\u{202e}fdp\u{2066}\u{61c}\u{200f}",
                "a\u{fffd}fdp\u{fffd}\u{fffd}\u{fffd}",
            ),
            (
                "a\u{200b}\u{200d}\u{feff}\u{2060}\u{ad}",
                "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("a\u{2028}b\u{2029}", "a\u{fffd}b\u{fffd}"),
            ("a\u{e0001}\u{e0041}\u{e007f}", "a\u{fffd}\u{fffd}\u{fffd}"),
            (
                "\u{3164}\u{115f}\u{2800}\u{fdd0}\u{ffff}",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            // One selector for a letter: an emoji, an ideograph of a name.
            ("☎\u{fe0f} 葛\u{e0100}", "☎\u{fe0f} 葛\u{e0100}"),
            ("\u{fe0f}a\u{fe0f}\u{fe0e}", "\u{fffd}a\u{fe0f}\u{fffd}"),
            // A mark at the start would sit on our own label.
            ("\u{301}a", "\u{fffd}a"),
            ("e\u{302}\u{301}", "e\u{302}\u{301}"),
            (
                "a\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}",
                "a\u{300}\u{300}\u{300}\u{300}\u{fffd}\u{300}",
            ),
        ] {
            assert_eq!(harmless(text), shown, "{text:?}");
            assert_eq!(harmless(shown), shown, "not stable: {text:?}");
        }
    }

    #[test]
    fn every_character_below_a_space_and_every_c1_control_is_replaced() {
        for character in ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}') {
            assert_eq!(harmless(&character.to_string()), "\u{fffd}", "{character:?}");
        }
    }

    #[test]
    fn long_texts_end_in_an_ellipsis() {
        for (text, most, shown) in [
            ("abcd", 4, "abcd"),
            ("abcde", 4, "abc…"),
            ("会签会签会", 3, "会签…"),
            ("a\nbcd", 3, "a\u{fffd}…"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
            ("", 0, ""),
        ] {
            assert_eq!(bounded(text, most), shown, "{text:?} {most}");
        }
    }

    #[test]
    fn lines_of_our_own_stay_lines() {
        assert_eq!(harmless_lines("a\n\u{1b}b\r\n"), "a\n\u{fffd}b\u{fffd}\n");
    }
}
