//! The person at the window, as the desk knows them.

use countersign_desk::{
    ChangeAsk, Fault, Person,
    ports::{Pin, PinAsk, PinRefusal},
    view::DeskEvent,
};

use crate::{agree, notify, pin, shell::Shell};

/// The port.
pub(crate) struct AtWindow {
    shell: Shell,
}

impl AtWindow {
    pub(crate) const fn new(shell: Shell) -> Self {
        Self { shell }
    }
}

impl Person for AtWindow {
    fn pin(&self, ask: &PinAsk, contract: &str) -> Result<Pin, PinRefusal> {
        pin::ask(
            &self.shell,
            ask,
            &self.shell.name_of(contract),
            self.shell.is_practice(),
        )
    }

    fn on_device(&self, ask: &PinAsk, contract: &str) -> Result<(), PinRefusal> {
        pin::show_on_device(
            &self.shell,
            ask,
            &self.shell.name_of(contract),
            self.shell.is_practice(),
        );
        Ok(())
    }

    fn device_done(&self) {
        pin::withdraw(self.shell.app());
    }

    fn try_again(&self, fault: &Fault) -> bool {
        pin::ask_again(&self.shell, fault, self.shell.is_practice())
    }

    /// A PIN that is typed here is typed into a dialog that has to be told so itself; a device has no such dialog.
    fn accept_final_try(&self, ask: &PinAsk, contract: &str) -> bool {
        !ask.flags.protected_path
            || pin::may_spend_last_try(
                &self.shell,
                ask,
                &self.shell.name_of(contract),
                self.shell.is_practice(),
            )
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
