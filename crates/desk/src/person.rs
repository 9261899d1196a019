//! What the desk asks and tells the person: a port that the window implements.
//!
//! Not its business: how a dialog looks. Every method may wait for the person; one question is asked at a time.

use countersign_engine::{
    Fault,
    ports::{Pin, PinAsk, PinRefusal},
};

use crate::{settings::ChangeAsk, view::DeskEvent};

/// A person at a window.
pub trait Person: Send + Sync + 'static {
    /// A PIN typed into a dialog that no web view owns.
    ///
    /// # Errors
    /// When none is given.
    fn pin(&self, ask: &PinAsk, contract: &str) -> Result<Pin, PinRefusal>;

    /// The PIN is entered on the device: shows so, and returns. The dialog closes with [`Person::device_done`]. What the
    /// person says there meanwhile is told by [`Person::device_withdrawn`].
    ///
    /// # Errors
    /// When the person says no.
    fn on_device(&self, ask: &PinAsk, contract: &str) -> Result<(), PinRefusal>;

    /// Whatever was entered on the device has been answered.
    fn device_done(&self) {}

    /// Whether the person has said no since [`Person::on_device`].
    fn device_withdrawn(&self) -> bool {
        false
    }

    /// After a wrong PIN: whether to be asked once more.
    fn try_again(&self, fault: &Fault, contract: &str) -> bool;

    /// Whether the last try before the token locks may be spent. Asked before [`Person::pin`], and only then.
    fn accept_final_try(&self, ask: &PinAsk, contract: &str) -> bool {
        let _ = (ask, contract);
        false
    }

    /// Whether a change of the settings is what the person wants; asked where no web view has a say.
    fn agrees(&self, ask: &ChangeAsk) -> bool {
        let _ = ask;
        false
    }

    /// Something happened.
    fn event(&self, event: DeskEvent);

    /// Something arrived that the person waited for: `stamp-arrived`, `chain-final`, `chain-blocked`; with the contract's
    /// id and file name.
    fn notify(&self, code: &str, contract: &str, name: &str);
}
