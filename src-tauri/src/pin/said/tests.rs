//! A table of questions and what their dialogs say.

use countersign_desk::{ports::PinFlags, view::Language};
use countersign_engine::SigningStage;

use super::*;

const ENGLISH: Text = Text(Language::English);
const CHINESE: Text = Text(Language::Chinese);

fn question(flags: PinFlags, purpose: PinPurpose) -> PinAsk {
    PinAsk {
        token: "UKey 0001".to_owned(),
        credential: "CN=Li Lei".to_owned(),
        document: "合同.pdf 1f2e3d4c".to_owned(),
        purpose,
        flags,
    }
}

fn flags(count_low: bool, final_try: bool) -> PinFlags {
    PinFlags {
        count_low,
        final_try,
        ..PinFlags::default()
    }
}

#[test]
fn everything_that_is_asked_for_is_said() {
    for text in [ENGLISH, CHINESE] {
        let said = Said::entry(
            text,
            &question(flags(false, false), PinPurpose::Login),
            "合同.pdf",
            false,
        );
        let values: Vec<&str> = said.rows.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            values,
            ["合同.pdf 1f2e3d4c", "CN=Li Lei", "UKey 0001", text.get("purpose-sign")]
        );
        assert_eq!((said.practice, said.consent, said.warnings.len()), (None, None, 0));
        assert!(said.entry.is_some() && said.agree.is_some() && !said.waits);
    }
}

#[test]
fn warnings_and_consent_follow_the_flags() {
    let cases = [
        (flags(false, false), None, false),
        (flags(true, false), Some("pin-count-low"), false),
        (flags(true, true), Some("pin-final-try"), true),
        (flags(false, true), Some("pin-final-try"), true),
    ];
    for (flags, warning, consent) in cases {
        let said = Said::entry(ENGLISH, &question(flags, PinPurpose::EachSignature), "a", false);
        let expected: Vec<&str> = warning.map(|key| ENGLISH.get(key)).into_iter().collect();
        assert_eq!(said.warnings, expected, "{flags:?}");
        assert_eq!(said.consent.is_some(), consent, "{flags:?}");
    }
}

#[test]
fn practice_says_so_in_every_dialog() {
    let ask = question(flags(false, true), PinPurpose::Login);
    let fault = Fault::new(SigningStage::Sign, "pin-incorrect");
    for (text, word) in [(ENGLISH, "PRACTICE"), (CHINESE, "演练")] {
        for said in [
            Said::entry(text, &ask, "a", true),
            Said::on_device(text, &ask, "a", true),
            Said::last_try(text, &ask, "a", true),
            Said::again(text, &fault, true),
        ] {
            assert!(said.practice.is_some_and(|line| line.contains(word)));
        }
    }
}

#[test]
fn titles_are_told_apart() {
    let ask = question(PinFlags::default(), PinPurpose::Login);
    let fault = Fault::new(SigningStage::Sign, "pin-incorrect");
    for (text, entry) in [(ENGLISH, "Countersign PIN"), (CHINESE, "会签 PIN")] {
        assert_eq!(Said::entry(text, &ask, "a", false).title, entry);
        for other in [
            Said::on_device(text, &ask, "a", false).title,
            Said::last_try(text, &ask, "a", false).title,
            Said::again(text, &fault, false).title,
        ] {
            assert!(!other.contains(entry), "{other}");
        }
    }
}

#[test]
fn cancel_promises_no_more_than_it_does() {
    let ask = question(PinFlags::default(), PinPurpose::Login);
    for text in [ENGLISH, CHINESE] {
        let device = Said::on_device(text, &ask, "a", false);
        assert_eq!(device.note.as_deref(), Some(text.get("device-cancel")));
        assert!(device.waits && device.entry.is_none() && device.agree.is_none());
        assert_eq!(Said::entry(text, &ask, "a", false).note, None);
    }
}

#[test]
fn a_locked_token_is_not_tried_again() {
    let fault = |tries: &str| Fault::new(SigningStage::Sign, "pin-incorrect").with("tries", tries);
    let cases = [
        ("unknown", None, true),
        ("low", Some("pin-count-low"), true),
        ("final", Some("pin-final-try"), true),
        ("locked", Some("pin-locked"), false),
    ];
    for (tries, warning, may) in cases {
        let said = Said::again(ENGLISH, &fault(tries), false);
        let expected: Vec<&str> = warning.map(|key| ENGLISH.get(key)).into_iter().collect();
        assert_eq!(
            (said.warnings, said.agree.is_some()),
            (expected.iter().map(|&w| w.to_owned()).collect(), may),
            "{tries}"
        );
    }
}

#[test]
fn a_name_cannot_forge_lines_or_turn_text() {
    let mut ask = question(PinFlags::default(), PinPurpose::Login);
    ask.document = "a\nToken: other\u{202e}fdp.exe".to_owned();
    let said = Said::entry(ENGLISH, &ask, "a", false);
    let value = &said.rows[0].1;
    assert!(!value.contains(['\n', '\u{202e}']), "{value:?}");
}
