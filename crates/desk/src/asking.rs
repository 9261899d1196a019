//! The engine's questions while it signs, answered by the person at the window.
//!
//! The approval was given before the engine was asked: here it holds unless it was taken back. Nothing is submitted from
//! here: what is recorded is held until the exact payload was shown. Not its business: dialogs (the shell).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use countersign_engine::{
    Event, Fault, Interaction, PinRules, ReviewShown, SigningStage, may_spend_a_try,
    ports::{Pin, PinAsk, PinRefusal, Prompt},
};
use serde_json::Value;

use crate::{Desk, view::StageName};

/// A person at a window, for one contract.
pub(crate) struct Asking<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) contract: String,
    pub(crate) cancel: Arc<AtomicBool>,
    /// A dialog says "enter it on the device".
    pub(crate) on_device: bool,
}

impl Asking<'_> {
    fn may_ask(&self, ask: &PinAsk) -> Result<(), PinRefusal> {
        if self.cancelled_now() {
            return Err(PinRefusal::Cancelled);
        }
        let rules = PinRules {
            person_present: true,
            accept_final_try: ask.flags.final_try && self.desk.person.accept_final_try(ask, &self.contract),
        };
        may_spend_a_try(ask.flags, rules)
    }

    fn cancelled_now(&self) -> bool {
        self.cancel.load(Ordering::Relaxed) || self.desk.still_open().is_err()
    }

    /// Whatever was asked on the device has been answered.
    pub(crate) fn answered(&mut self) {
        if std::mem::take(&mut self.on_device) {
            self.desk.person.device_done();
        }
    }
}

impl Prompt for Asking<'_> {
    fn pin(&mut self, ask: &PinAsk) -> Result<Pin, PinRefusal> {
        self.answered();
        self.may_ask(ask)?;
        self.desk.person.pin(ask, &self.contract)
    }

    fn enter_on_device(&mut self, ask: &PinAsk) -> Result<(), PinRefusal> {
        self.answered();
        self.may_ask(ask)?;
        self.desk.person.on_device(ask, &self.contract)?;
        self.on_device = true;
        Ok(())
    }
}

impl Interaction for Asking<'_> {
    fn tell(&mut self, event: &Event) {
        if let Event::Stage { stage, .. } = event {
            if *stage > SigningStage::Sign {
                self.answered();
            }
            self.desk.enter_stage(&self.contract, running(*stage));
        }
    }

    fn approve(&mut self, _shown: &dyn Fn() -> ReviewShown) -> bool {
        !self.cancelled_now()
    }

    fn try_again(&mut self, fault: &Fault) -> bool {
        self.answered();
        !self.cancelled_now() && self.desk.person.try_again(fault)
    }

    fn preview(&mut self, _endpoint: &str, _payload: &Value) -> bool {
        false
    }

    fn cancelled(&mut self) -> bool {
        self.cancelled_now()
    }
}

/// What the window calls the stage that begins.
const fn running(stage: SigningStage) -> StageName {
    match stage {
        SigningStage::Open | SigningStage::Review => StageName::Opened,
        SigningStage::Approve | SigningStage::Prepare => StageName::Approved,
        SigningStage::Sign => StageName::Signed,
        SigningStage::Timestamp => StageName::Stamped,
        SigningStage::Embed => StageName::Embedded,
        SigningStage::Record => StageName::Recorded,
        SigningStage::Submit | SigningStage::Verify => StageName::Submitted,
    }
}

/// Nobody is there, unless the person has just released something.
pub(crate) struct Unattended<'a> {
    pub(crate) desk: &'a Desk,
    /// What is recorded waits for the person's word.
    pub(crate) hold: bool,
    pub(crate) contract: Option<String>,
    pub(crate) present: bool,
}

impl Prompt for Unattended<'_> {
    fn pin(&mut self, ask: &PinAsk) -> Result<Pin, PinRefusal> {
        let (true, Some(contract)) = (self.present, &self.contract) else {
            return Err(PinRefusal::Unavailable);
        };
        let accept_final_try = ask.flags.final_try && self.desk.person.accept_final_try(ask, contract);
        may_spend_a_try(
            ask.flags,
            PinRules {
                person_present: true,
                accept_final_try,
            },
        )?;
        self.desk.person.pin(ask, contract)
    }

    fn enter_on_device(&mut self, ask: &PinAsk) -> Result<(), PinRefusal> {
        let (true, Some(contract)) = (self.present, &self.contract) else {
            return Err(PinRefusal::Unavailable);
        };
        let accept_final_try = ask.flags.final_try && self.desk.person.accept_final_try(ask, contract);
        may_spend_a_try(
            ask.flags,
            PinRules {
                person_present: true,
                accept_final_try,
            },
        )?;
        self.desk.person.on_device(ask, contract)
    }
}

impl Interaction for Unattended<'_> {
    fn tell(&mut self, _event: &Event) {}

    fn approve(&mut self, _shown: &dyn Fn() -> ReviewShown) -> bool {
        false
    }

    fn try_again(&mut self, _fault: &Fault) -> bool {
        false
    }

    fn preview(&mut self, _endpoint: &str, _payload: &Value) -> bool {
        !self.hold
    }

    fn cancelled(&mut self) -> bool {
        self.desk.still_open().is_err()
    }
}
