//! What the engine asks and tells the person, as a trait that every shell implements: the command line, later the window.
//!
//! Not its business: wording. PIN rules that must hold in every shell are here, not in the shells.

use countersign_signing::{
    Stage,
    ports::{PinFlags, PinRefusal, Prompt},
};
use serde::Serialize;
use serde_json::Value;

use crate::fault::Fault;

/// What is shown before an approval.
#[derive(Debug, Clone, Serialize)]
pub struct ReviewShown {
    /// File name.
    pub name: String,
    /// `countersign.inspect/1` of the very octets that will be signed.
    pub inspect: Value,
    /// Who would sign: subject and issuer of the certificate.
    pub signer: Value,
}

/// What happens, for progress.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A stage begins.
    Stage {
        /// Which file.
        name: String,
        /// Which stage.
        stage: Stage,
    },
    /// Something that a person should read; nothing has failed.
    Note {
        /// Stable code.
        code: String,
        /// Values.
        detail: Value,
    },
}

/// A person, or what stands for one.
pub trait Interaction: Prompt {
    /// Something happened.
    fn tell(&mut self, event: &Event);

    /// The explicit yes or no to what is shown. It is put together when it is asked for: a batch without a person shows
    /// nothing.
    fn approve(&mut self, shown: &dyn Fn() -> ReviewShown) -> bool;

    /// Whether somebody is there who can be asked for the approval.
    fn can_ask(&self) -> bool {
        true
    }

    /// After a wrong PIN: whether the person wants to be asked once more. Never yes without a person.
    fn try_again(&mut self, fault: &Fault) -> bool;

    /// Exactly what will leave the machine, before it does, and whether it may go now. Where not, it waits in the outbox until
    /// it is released.
    fn preview(&mut self, endpoint: &str, payload: &Value) -> bool;

    /// Whether the person wants it to stop. Asked between stages and while waiting.
    fn cancelled(&mut self) -> bool;
}

/// What a shell may do about a PIN without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinRules {
    /// A person is there and types it.
    pub person_present: bool,
    /// The last try before the lock was accepted explicitly.
    pub accept_final_try: bool,
    /// Another try after a wrong one was accepted explicitly.
    pub accept_low_count: bool,
}

/// Whether a PIN may be sent to a token in this state. Asked before every PIN, in every shell.
///
/// # Errors
/// Why not.
pub const fn may_spend_a_try(flags: PinFlags, rules: PinRules) -> Result<(), PinRefusal> {
    if flags.final_try && !rules.accept_final_try {
        return Err(PinRefusal::FinalTry);
    }
    if flags.count_low && !rules.person_present && !rules.accept_final_try && !rules.accept_low_count {
        return Err(PinRefusal::CountLow);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_try_is_spent_without_consent() {
        let flags = |count_low, final_try| PinFlags {
            count_low,
            final_try,
            ..PinFlags::default()
        };
        let rules = |person_present, accept_final_try| PinRules {
            person_present,
            accept_final_try,
            accept_low_count: false,
        };
        let cases = [
            (flags(false, false), rules(false, false), Ok(())),
            (flags(true, false), rules(true, false), Ok(())),
            (flags(true, false), rules(false, false), Err(PinRefusal::CountLow)),
            (flags(true, true), rules(true, false), Err(PinRefusal::FinalTry)),
            (flags(true, true), rules(false, false), Err(PinRefusal::FinalTry)),
            (flags(true, true), rules(true, true), Ok(())),
            (flags(true, true), rules(false, true), Ok(())),
        ];
        for (flags, rules, expected) in cases {
            assert_eq!(may_spend_a_try(flags, rules), expected, "{flags:?} {rules:?}");
        }
        let low = PinRules {
            accept_low_count: true,
            ..rules(false, false)
        };
        assert_eq!(may_spend_a_try(flags(true, false), low), Ok(()));
        assert_eq!(may_spend_a_try(flags(true, true), low), Err(PinRefusal::FinalTry));
    }
}
