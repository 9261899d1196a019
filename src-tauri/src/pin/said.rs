//! What a PIN dialog says, put together without a dialog.

use countersign_desk::{
    Fault,
    ports::{PinAsk, PinPurpose},
};

use crate::text::Text;

/// One dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Of its window; no other window of the program has it.
    pub(crate) title: String,
    /// First line, large.
    pub(crate) heading: String,
    /// Practice means only.
    pub(crate) practice: Option<String>,
    /// Label and value.
    pub(crate) rows: Vec<(String, String)>,
    /// What the token says of the tries that are left.
    pub(crate) warnings: Vec<String>,
    /// Must be ticked before it can be agreed to.
    pub(crate) consent: Option<String>,
    /// Label of the entry; none when nothing is typed here.
    pub(crate) entry: Option<String>,
    /// What the buttons do not say of themselves.
    pub(crate) note: Option<String>,
    /// Something is awaited that happens elsewhere.
    pub(crate) waits: bool,
    /// Button that agrees; none when there is nothing to agree to.
    pub(crate) agree: Option<String>,
    /// Button that does not.
    pub(crate) cancel: String,
}

impl Said {
    /// The PIN is typed here.
    pub(crate) fn entry(text: Text, ask: &PinAsk, contract: &str, practice: bool) -> Self {
        let agree = match ask.purpose {
            PinPurpose::ChainAccount => "button-send",
            PinPurpose::Login | PinPurpose::EachSignature => "button-sign",
        };
        Self {
            title: text.get("pin-title").to_owned(),
            entry: Some(text.get("pin-entry").to_owned()),
            agree: Some(text.get(agree).to_owned()),
            consent: ask.flags.final_try.then(|| text.get("pin-consent").to_owned()),
            ..Self::about(text, ask, contract, practice)
        }
    }

    /// The PIN is typed on the device.
    pub(crate) fn on_device(text: Text, ask: &PinAsk, contract: &str, practice: bool) -> Self {
        Self {
            title: text.get("device-title").to_owned(),
            heading: text.get("device-heading").to_owned(),
            // A device that waits cannot be stopped from here, and nobody is to believe so.
            note: Some(text.get("device-cancel").to_owned()),
            waits: true,
            ..Self::about(text, ask, contract, practice)
        }
    }

    /// The last try on a device may be spent.
    pub(crate) fn last_try(text: Text, ask: &PinAsk, contract: &str, practice: bool) -> Self {
        Self {
            title: text.get("last-title").to_owned(),
            heading: text.get("last-heading").to_owned(),
            consent: Some(text.get("pin-consent").to_owned()),
            agree: Some(text.get("button-go-on").to_owned()),
            ..Self::about(text, ask, contract, practice)
        }
    }

    /// Once more after a wrong PIN.
    pub(crate) fn again(text: Text, fault: &Fault, practice: bool) -> Self {
        let tries = fault.detail.get("tries").and_then(|tries| tries.as_str());
        let warning = match tries {
            Some("locked") => Some("pin-locked"),
            Some("final") => Some("pin-final-try"),
            Some("low") => Some("pin-count-low"),
            _ => None,
        };
        let locked = tries == Some("locked") || fault.code == "pin-locked";
        Self {
            title: text.get("again-title").to_owned(),
            heading: text.get("again-heading").to_owned(),
            practice: practice.then(|| text.get("practice").to_owned()),
            rows: Vec::new(),
            warnings: warning.map(|key| text.get(key).to_owned()).into_iter().collect(),
            consent: None,
            entry: None,
            note: None,
            waits: false,
            agree: (!locked).then(|| text.get("button-again").to_owned()),
            cancel: text.get("button-cancel").to_owned(),
        }
    }

    fn about(text: Text, ask: &PinAsk, contract: &str, practice: bool) -> Self {
        let (heading, purpose) = match ask.purpose {
            PinPurpose::Login => ("pin-heading", "purpose-sign"),
            PinPurpose::EachSignature => ("pin-heading", "purpose-each"),
            PinPurpose::ChainAccount => ("pin-heading-account", "purpose-account"),
        };
        let mut rows = Vec::new();
        // The document as the engine names it, with its digest; the account of an endpoint signs no document.
        for (label, value) in [
            ("row-contract", (!ask.document.contains(contract)).then_some(contract)),
            ("row-document", Some(ask.document.as_str())),
            ("row-credential", Some(ask.credential.as_str())),
            ("row-token", Some(ask.token.as_str())),
            ("row-purpose", Some(text.get(purpose))),
        ] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                rows.push((text.labelled(label), one_line(value)));
            }
        }
        let flags = [
            (ask.flags.final_try, "pin-final-try"),
            (ask.flags.count_low && !ask.flags.final_try, "pin-count-low"),
        ];
        Self {
            title: String::new(),
            heading: text.get(heading).to_owned(),
            practice: practice.then(|| text.get("practice").to_owned()),
            rows,
            warnings: flags
                .into_iter()
                .filter(|(set, _)| *set)
                .map(|(_, key)| text.get(key).to_owned())
                .collect(),
            consent: None,
            entry: None,
            note: None,
            waits: false,
            agree: None,
            cancel: text.get("button-cancel").to_owned(),
        }
    }
}

/// A value from a file or a token, on one line: control characters and marks that turn the direction of text could make
/// the dialog say something else than it does.
fn one_line(value: &str) -> String {
    countersign_plain_text::bounded(value, 300)
}

#[cfg(test)]
mod tests;
