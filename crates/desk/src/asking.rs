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

use crate::{Desk, turn::Turn, view::StageName};

/// The person who is asked for PINs, with the dialog that says "enter it on the device", which goes when this goes.
struct Asked<'a> {
    desk: &'a Desk,
    contract: String,
    cancel: Arc<AtomicBool>,
    /// As long as something is entered on the device nobody else asks.
    on_device: Option<Turn<'a>>,
}

impl<'a> Asked<'a> {
    const fn new(desk: &'a Desk, contract: String, cancel: Arc<AtomicBool>) -> Self {
        Self {
            desk,
            contract,
            cancel,
            on_device: None,
        }
    }

    fn cancelled_now(&self) -> bool {
        self.cancel.load(Ordering::Relaxed) || self.desk.still_open().is_err()
    }

    /// Waits until nobody else asks.
    fn turn(&self) -> Result<Turn<'a>, PinRefusal> {
        let turn = self.desk.turns.take(|| !self.cancelled_now());
        turn.ok_or(PinRefusal::Cancelled)
    }

    fn may_spend(&self, ask: &PinAsk) -> Result<(), PinRefusal> {
        let rules = PinRules {
            person_present: true,
            accept_low_count: false,
            accept_final_try: ask.flags.final_try && self.desk.person.accept_final_try(ask, &self.contract),
        };
        may_spend_a_try(ask.flags, rules)
    }

    fn pin(&mut self, ask: &PinAsk) -> Result<Pin, PinRefusal> {
        self.answered();
        let _turn = self.turn()?;
        self.may_spend(ask)?;
        self.desk.person.pin(ask, &self.contract)
    }

    fn enter_on_device(&mut self, ask: &PinAsk) -> Result<(), PinRefusal> {
        self.answered();
        let turn = self.turn()?;
        self.may_spend(ask)?;
        self.desk.person.on_device(ask, &self.contract)?;
        self.on_device = Some(turn);
        Ok(())
    }

    /// The device has answered: whether the person did not want that any more. From now on it is too late to say so.
    fn withdrawn(&mut self) -> bool {
        let withdrawn = self.on_device.is_some() && self.desk.person.device_withdrawn();
        self.answered();
        withdrawn
    }

    fn try_again(&mut self, fault: &Fault) -> bool {
        if self.withdrawn() {
            return false;
        }
        self.turn()
            .is_ok_and(|_turn| self.desk.person.try_again(fault, &self.contract))
    }

    /// Whatever was asked on the device has been answered.
    fn answered(&mut self) {
        // The turn ends when the dialog is gone.
        if let Some(_turn) = self.on_device.take() {
            self.desk.person.device_done();
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.answered();
    }
}

/// A person at a window, for one contract.
pub(crate) struct Asking<'a> {
    asked: Asked<'a>,
}

impl<'a> Asking<'a> {
    pub(crate) const fn new(desk: &'a Desk, contract: String, cancel: Arc<AtomicBool>) -> Self {
        Self {
            asked: Asked::new(desk, contract, cancel),
        }
    }
}

impl Prompt for Asking<'_> {
    fn pin(&mut self, ask: &PinAsk) -> Result<Pin, PinRefusal> {
        self.asked.pin(ask)
    }

    fn enter_on_device(&mut self, ask: &PinAsk) -> Result<(), PinRefusal> {
        self.asked.enter_on_device(ask)
    }

    fn withdrawn(&mut self) -> bool {
        self.asked.withdrawn() || self.asked.cancelled_now()
    }
}

impl Interaction for Asking<'_> {
    fn tell(&mut self, event: &Event) {
        if let Event::Stage { stage, .. } = event {
            if *stage > SigningStage::Sign {
                self.asked.answered();
            }
            self.asked.desk.enter_stage(&self.asked.contract, running(*stage));
        }
    }

    fn approve(&mut self, _shown: &dyn Fn() -> ReviewShown) -> bool {
        !self.asked.cancelled_now()
    }

    fn try_again(&mut self, fault: &Fault) -> bool {
        self.asked.try_again(fault)
    }

    fn preview(&mut self, _endpoint: &str, _payload: &Value) -> bool {
        false
    }

    fn cancelled(&mut self) -> bool {
        self.asked.cancelled_now()
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
    desk: &'a Desk,
    /// What is recorded waits for the person's word.
    hold: bool,
    present: Option<Asked<'a>>,
}

impl<'a> Unattended<'a> {
    /// `present`: the contract whose person has just said "submit" or "again".
    pub(crate) fn new(desk: &'a Desk, hold: bool, present: Option<String>) -> Self {
        Self {
            desk,
            hold,
            present: present.map(|contract| Asked::new(desk, contract, Arc::default())),
        }
    }
}

impl Prompt for Unattended<'_> {
    fn pin(&mut self, ask: &PinAsk) -> Result<Pin, PinRefusal> {
        self.present.as_mut().ok_or(PinRefusal::Unavailable)?.pin(ask)
    }

    fn enter_on_device(&mut self, ask: &PinAsk) -> Result<(), PinRefusal> {
        self.present
            .as_mut()
            .ok_or(PinRefusal::Unavailable)?
            .enter_on_device(ask)
    }

    fn withdrawn(&mut self) -> bool {
        self.present.as_mut().is_some_and(Asked::withdrawn)
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
