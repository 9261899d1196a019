//! Tokens and credentials as cards, looked at in the thread that owns the tokens.
//!
//! While that thread signs, the last look stands. Not its business: PKCS#11 (token).

use std::sync::atomic::Ordering;

use countersign_engine::{
    Engine, ModuleSurvey, PRACTICE_TOKEN, Reason, SlotSurvey, Unusable,
    ports::{PinFlags, TokenFacts},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    Desk,
    entry::Entry,
    running::locked,
    view::{
        CredentialCard, CredentialProblem, DeskEvent, FaultShown, PinState, SignChoices, TokenCard, TokenTrouble,
        TokensView,
    },
};

/// What was seen last.
#[derive(Default)]
pub(crate) struct Look {
    pub(crate) view: Option<TokensView>,
    pub(crate) modules: Vec<ModuleSurvey>,
    /// URIs by credential id.
    uris: Vec<(String, String)>,
}

/// An opaque name: the same in every run, so that an approval that waits finds its token again.
pub(crate) fn opaque(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes())).chars().take(16).collect()
}

impl Desk {
    /// Tokens and credentials. `fresh`: looks again, unless a signature is being made at this moment.
    ///
    /// # Errors
    /// `not-now` when the desk is closed.
    pub fn tokens_view(&self, fresh: bool) -> Result<TokensView, FaultShown> {
        self.watching.store(true, Ordering::Relaxed);
        let known = locked(&self.tokens).view.clone();
        match known {
            Some(known) if !fresh || self.is_signing() => return Ok(known),
            _ => {}
        }
        let desk = self.me.clone();
        self.signing
            .run(|| true, move |engine| desk.upgrade().map(|desk| desk.look(engine)))?;
        let seen = locked(&self.tokens).view.clone();
        seen.ok_or_else(|| FaultShown::new("not-now", "sign"))
    }

    /// Which screen is shown: tokens are watched only where they are.
    pub fn screen_shown(&self, screen: &str) {
        self.watching
            .store(matches!(screen, "sign" | "settings" | "review"), Ordering::Relaxed);
    }

    fn is_signing(&self) -> bool {
        locked(&self.running)
            .values()
            .any(|work| work.stage >= crate::view::StageName::Approved)
    }

    /// In the thread that owns the tokens, when it has nothing else to do.
    pub(crate) fn look_if_watched(&self, engine: &Engine) {
        if self.watching.load(Ordering::Relaxed) && self.still_open().is_ok() {
            self.look(engine);
        }
    }

    pub(crate) fn look(&self, engine: &Engine) {
        let modules = engine.survey();
        self.keep_look(engine, modules);
    }

    pub(crate) fn keep_look(&self, engine: &Engine, modules: Vec<ModuleSurvey>) {
        let (view, uris) = cards(engine, &modules, self.practice);
        let same = |old: &TokensView| {
            (&old.credentials, &old.tokens, &old.troubles) == (&view.credentials, &view.tokens, &view.troubles)
        };
        let mut look = locked(&self.tokens);
        let news = !look.view.as_ref().is_some_and(same);
        *look = Look {
            view: Some(view),
            modules,
            uris,
        };
        drop(look);
        if news {
            self.person.event(DeskEvent::Tokens);
        }
    }

    pub(crate) fn knows_credential(&self, id: &str) -> bool {
        locked(&self.tokens).uris.iter().any(|(known, _)| known == id)
    }

    /// The credential that was chosen; one that was approved before is known also while its token is away.
    pub(crate) fn credential_uri(&self, choices: &SignChoices, entry: &Entry) -> Result<String, FaultShown> {
        let find = || {
            let look = locked(&self.tokens);
            look.uris
                .iter()
                .find(|(id, _)| *id == choices.credential)
                .map(|(_, uri)| uri.clone())
        };
        if let Some(uri) = find() {
            return Ok(uri);
        }
        let approved = entry
            .approval
            .as_ref()
            .filter(|approval| approval.choices.credential == choices.credential);
        if let Some(approval) = approved {
            return Ok(approval.uri.clone());
        }
        self.tokens_view(true)?;
        find().ok_or_else(|| FaultShown::new("credential-gone", "sign"))
    }
}

type Uris = Vec<(String, String)>;

fn cards(engine: &Engine, modules: &[ModuleSurvey], practice: bool) -> (TokensView, Uris) {
    let mut view = TokensView {
        at: Timestamp::now().to_string(),
        credentials: Vec::new(),
        tokens: Vec::new(),
        troubles: Vec::new(),
    };
    let mut uris = Vec::new();
    for module in modules {
        if let Some(trouble) = &module.error {
            let fault = FaultShown::new(trouble.code, "sign").because(&trouble.detail);
            view.troubles.push(TokenTrouble {
                module: module.name.clone(),
                slot: String::new(),
                fault,
            });
        }
        for slot in &module.slots {
            if let Some(trouble) = &slot.error {
                let fault = FaultShown::new(trouble.code, "sign").because(&trouble.detail);
                view.troubles.push(TokenTrouble {
                    module: module.name.clone(),
                    slot: slot.description.clone(),
                    fault,
                });
            }
            let Some(token) = slot.token.as_ref().filter(|_| slot.initialized) else {
                continue;
            };
            // Practice credentials are no choice at a real desk, whatever else this program has loaded.
            if token.label == PRACTICE_TOKEN && !practice {
                continue;
            }
            let card = token_card(&module.name, token);
            for found in &slot.credentials {
                let Some(facts) = engine.credential_facts(found) else {
                    continue;
                };
                let id = opaque(&found.uri);
                uris.push((id.clone(), found.uri.clone()));
                view.credentials.push(CredentialCard {
                    id,
                    person: facts.person,
                    organisation: facts.organisation,
                    subject: found.subject.clone(),
                    issuer: facts.issuer,
                    not_before: facts.not_before.to_string(),
                    not_after: facts.not_after.to_string(),
                    days_left: days_between(Timestamp::now(), facts.not_after),
                    certificate_sha256: found.certificate_sha256.clone(),
                    key: facts.key,
                    algorithm: facts.algorithm,
                    extractable: found.extractable,
                    pin_each_time: found.always_authenticate,
                    token: card.clone(),
                    problem: facts.problem.map(|(code, detail)| CredentialProblem { code, detail }),
                });
            }
            view.troubles.extend(
                slot.unusable
                    .iter()
                    .filter_map(|found| trouble(&module.name, slot, found)),
            );
            view.tokens.push(card);
        }
    }
    let rank = |card: &CredentialCard| (card.problem.is_some(), card.token.pin == PinState::Locked);
    view.credentials.sort_by_key(rank);
    (view, uris)
}

/// What people would look for and not find (DOMAIN A4): nothing is left out without a reason.
fn trouble(module: &str, slot: &SlotSurvey, found: &Unusable) -> Option<TokenTrouble> {
    let code = match found.reason {
        Reason::KeyMismatch => "key-mismatch",
        Reason::NotForSigning | Reason::KeyNotForSigning => "certificate-key-usage",
        Reason::NoMechanism => "mechanism-missing",
        Reason::CertificateUnreadable | Reason::CertificateEmpty => "certificate-unreadable",
        _ => return None,
    };
    let fault = FaultShown::new(code, "sign")
        .with("what", found.what.as_str())
        .with("detail", found.detail.as_str());
    Some(TokenTrouble {
        module: module.to_owned(),
        slot: slot.token.as_ref().map(|token| token.label.clone()).unwrap_or_default(),
        fault,
    })
}

fn token_card(module: &str, token: &TokenFacts) -> TokenCard {
    TokenCard {
        label: token.label.clone(),
        serial: token.serial.clone(),
        manufacturer: token.manufacturer.clone(),
        model: token.model.clone(),
        module: module.to_owned(),
        pin: pin_state(token.pin),
        pin_pad: token.pin.protected_path,
        practice: token.label == PRACTICE_TOKEN,
    }
}

const fn pin_state(flags: PinFlags) -> PinState {
    match () {
        () if flags.locked => PinState::Locked,
        () if flags.final_try => PinState::FinalTry,
        () if flags.count_low => PinState::CountLow,
        () => PinState::Ok,
    }
}

fn days_between(now: Timestamp, then: Timestamp) -> i32 {
    let seconds = then.as_second().saturating_sub(now.as_second());
    i32::try_from(seconds.div_euclid(86_400)).unwrap_or(if seconds < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_signed() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (now, then, days) in [(0, 86_399, 0), (0, 86_400, 1), (1, 0, -1), (0, 0, 0), (86_400, 0, -1)] {
            assert_eq!(days_between(at(now), at(then)), days, "{now} {then}");
        }
    }

    #[test]
    fn the_worst_flag_counts() {
        let flags = |count_low, final_try, locked| PinFlags {
            count_low,
            final_try,
            locked,
            ..PinFlags::default()
        };
        assert_eq!(pin_state(flags(false, false, false)), PinState::Ok);
        assert_eq!(pin_state(flags(true, false, false)), PinState::CountLow);
        assert_eq!(pin_state(flags(true, true, false)), PinState::FinalTry);
        assert_eq!(pin_state(flags(true, true, true)), PinState::Locked);
    }
}
