//! The person at the window, as the desk knows them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use countersign_desk::{
    ChangeAsk, Fault, Person,
    ports::{Pin, PinAsk, PinRefusal},
    view::DeskEvent,
};

use crate::{
    agree, notify,
    pin::{self, About},
    shell::Shell,
};

/// The port.
pub(crate) struct AtWindow {
    shell: Shell,
    /// "Cancel" was pressed while something was entered on a device.
    withdrawn: Arc<AtomicBool>,
}

impl AtWindow {
    pub(crate) fn new(shell: Shell) -> Self {
        Self {
            shell,
            withdrawn: Arc::default(),
        }
    }

    fn about<'a>(&self, contract: &'a str) -> About<'a> {
        About {
            contract,
            name: self.shell.name_of(contract),
            practice: self.shell.is_practice(),
        }
    }
}

impl Person for AtWindow {
    fn pin(&self, ask: &PinAsk, contract: &str) -> Result<Pin, PinRefusal> {
        pin::ask(&self.shell, ask, &self.about(contract))
    }

    fn on_device(&self, ask: &PinAsk, contract: &str) -> Result<(), PinRefusal> {
        let withdrawn = Arc::clone(&self.withdrawn);
        withdrawn.store(false, Ordering::Release);
        pin::show_on_device(&self.shell, ask, &self.about(contract), move || {
            withdrawn.store(true, Ordering::Release);
        });
        Ok(())
    }

    fn device_done(&self) {
        pin::withdraw(self.shell.app(), None);
    }

    fn device_withdrawn(&self) -> bool {
        self.withdrawn.load(Ordering::Acquire)
    }

    fn try_again(&self, fault: &Fault, contract: &str) -> bool {
        pin::ask_again(&self.shell, fault, &self.about(contract))
    }

    /// A PIN that is typed here is typed into a dialog that has to be told so itself; a device has no such dialog.
    fn accept_final_try(&self, ask: &PinAsk, contract: &str) -> bool {
        !ask.flags.protected_path || pin::may_spend_last_try(&self.shell, ask, &self.about(contract))
    }

    fn agrees(&self, ask: &ChangeAsk) -> bool {
        agree::agrees(&self.shell, ask)
    }

    fn event(&self, event: DeskEvent) {
        self.shell.tell(event);
    }

    fn notify(&self, code: &str, contract: &str, name: &str) {
        notify::notify(&self.shell, code, contract, name);
    }
}
