//! What is written on the sign screen, kept with the contract until it is approved and afterwards: leaving the screen, a
//! crash or a restart loses nothing that was typed.
//!
//! It decides nothing: what is approved is what the window sends with the approval, and that is checked as if there were no
//! draft. Never a PIN. Not its business: the approval (signing).

use serde::{Deserialize, Serialize};

use crate::{
    Desk,
    entry::Entry,
    running::locked,
    view::{FaultShown, SignChoices, SignDraft, Where},
};

/// Characters of a reason or a location that are kept; the window takes fewer.
const WORDS: usize = 1000;
/// Longer names are nobody's: names of credentials, levels and endpoints, qualified names of fields.
const NAME: usize = 4096;

/// A draft as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Draft {
    written: SignDraft,
    /// URL of the chosen authority: positions move when authorities are added and removed.
    #[serde(default)]
    tsa: Option<String>,
}

impl Draft {
    /// For another file: words stay, a field and a place do not.
    pub(crate) fn elsewhere(mut self) -> Self {
        self.written.at = Where::Invisible;
        self.written.field = String::new();
        self.written.place = None;
        self
    }
}

/// No longer than what a person writes.
fn bounded(mut draft: SignDraft) -> SignDraft {
    for words in [&mut draft.reason, &mut draft.location] {
        if let Some((end, _)) = words.char_indices().nth(WORDS) {
            words.truncate(end);
        }
    }
    for name in [&mut draft.credential, &mut draft.field, &mut draft.level] {
        if name.len() > NAME {
            name.clear();
        }
    }
    draft.endpoint = draft.endpoint.filter(|name| name.len() <= NAME);
    // A number that JSON does not have could not be read again.
    draft.place = draft.place.filter(|place| {
        [place.x, place.y, place.width, place.height]
            .iter()
            .all(|n| n.is_finite())
    });
    draft
}

impl Desk {
    /// Keeps what is written on the sign screen. Of a contract that is decided on nothing is kept.
    ///
    /// # Errors
    /// `contract-unknown`; `store-unusable`.
    pub fn sign_keep(&self, contract: &str, draft: SignDraft) -> Result<(), FaultShown> {
        if !self.is_open(&self.entry(contract)?)? {
            return Ok(());
        }
        let draft = self.kept(draft);
        self.change(contract, |entry| entry.draft = Some(draft))
    }

    fn kept(&self, draft: SignDraft) -> Draft {
        let views = locked(&self.views);
        let tsa = draft
            .tsa
            .and_then(|index| views.engine.config().tsa.get(index as usize));
        Draft {
            tsa: tsa.map(|tsa| tsa.url.clone()),
            written: bounded(draft),
        }
    }

    /// What was approved, as it is shown when the approval waits or was taken back.
    pub(crate) fn draft_from(&self, choices: &SignChoices) -> Draft {
        self.kept(SignDraft {
            credential: choices.credential.clone(),
            at: match (&choices.place, &choices.field) {
                (Some(_), _) => Where::Place,
                (None, Some(_)) => Where::Field,
                (None, None) => Where::Invisible,
            },
            field: choices.field.clone().unwrap_or_default(),
            place: choices.place,
            reason: choices.reason.clone(),
            location: choices.location.clone(),
            level: choices.level.clone(),
            tsa: choices.tsa,
            endpoint: choices.endpoint.clone(),
            submit_at_once: choices.submit_at_once,
        })
    }

    /// With the authority where it is in the list today.
    pub(crate) fn draft_of(&self, entry: &Entry) -> Option<SignDraft> {
        let Draft { written, tsa } = entry.draft.clone()?;
        let views = locked(&self.views);
        let list = &views.engine.config().tsa;
        let place = tsa.and_then(|url| list.iter().position(|tsa| tsa.url == url));
        Some(SignDraft {
            tsa: place.and_then(|place| u32::try_from(place).ok()),
            ..written
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Place;

    fn draft() -> SignDraft {
        SignDraft {
            credential: "k1".to_owned(),
            at: Where::Place,
            field: "A".to_owned(),
            place: Some(Place {
                page: 2,
                x: 1.0,
                y: 2.0,
                width: 3.0,
                height: 4.0,
            }),
            reason: "代表甲方".to_owned(),
            location: "上海".to_owned(),
            level: "B-T".to_owned(),
            tsa: Some(0),
            endpoint: Some("journal".to_owned()),
            submit_at_once: true,
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let long = SignDraft {
            reason: "章".repeat(WORDS + 1),
            location: "章".repeat(WORDS),
            credential: "k".repeat(NAME + 1),
            endpoint: Some("e".repeat(NAME + 1)),
            place: draft().place.map(|place| Place { x: f64::NAN, ..place }),
            ..draft()
        };
        let kept = bounded(long);
        assert_eq!(
            (kept.reason.chars().count(), kept.location.chars().count()),
            (WORDS, WORDS)
        );
        assert_eq!((kept.credential.as_str(), kept.endpoint, kept.place), ("", None, None));
        assert_eq!(bounded(draft()), draft(), "an ordinary one is left alone");
    }

    #[test]
    fn another_file_keeps_the_words_only() {
        let old = Draft {
            written: draft(),
            tsa: None,
        };
        let other = old.elsewhere().written;
        assert_eq!(
            (other.at, other.field.as_str(), other.place),
            (Where::Invisible, "", None)
        );
        assert_eq!((other.reason, other.endpoint), (draft().reason, draft().endpoint));
    }
}
