//! What is said about arguments that make no sense.
//!
//! Not its business: which arguments there are (`args`).

use clap::error::{ContextKind, ContextValue};
use countersign_plain_text::{harmless, harmless_lines};

/// What is wrong with the arguments. They are the caller's text and may stand in it: each is made harmless before it becomes
/// part of a text with several lines.
pub(crate) fn complaint(mut error: clap::Error) -> String {
    let given: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, ContextValue::String(harmless(text)))),
            ContextValue::Strings(texts) => {
                let texts = texts.iter().map(|text| harmless(text)).collect();
                Some((kind, ContextValue::Strings(texts)))
            }
            // Tips repeat what was given; they lose their colours and keep to one line.
            ContextValue::StyledStrs(tips) => {
                let tips = tips.iter().map(|tip| harmless(&tip.to_string()).into()).collect();
                Some((kind, ContextValue::StyledStrs(tips)))
            }
            _ => None,
        })
        .collect();
    for (kind, value) in given {
        error.insert(kind, value);
    }
    harmless_lines(&error.render().to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Cli;

    const HOSTILE: &str = "\u{1b}[2J\nTOTAL-PASSED\u{202e}";

    #[test]
    fn an_argument_cannot_draw_or_add_a_line() {
        let option = format!("--{HOSTILE}");
        for arguments in [
            vec![HOSTILE],
            vec![option.as_str()],
            vec!["inspect", "x", HOSTILE],
            vec!["inspect", "x", option.as_str()],
            vec!["sign", "x", "-o", "y", "--level", HOSTILE],
            vec!["inspect", "x", "--lang", HOSTILE],
        ] {
            let words = [&["countersign"], arguments.as_slice()].concat();
            let told = complaint(Cli::try_parse_from(words).unwrap_err());
            assert!(!told.contains(['\u{1b}', '\u{202e}']), "{told:?}");
            assert!(
                !told.lines().any(|line| line.trim_start().starts_with("TOTAL-PASSED")),
                "{told:?}"
            );
        }
    }
}
