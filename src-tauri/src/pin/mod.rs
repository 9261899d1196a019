//! Asking for a PIN in a dialog that no web view owns: the person sees once more, from Rust, what will be signed and with
//! which key, and only then types. A page that was taken over can neither see the PIN nor change what is shown here.
//!
//! DOMAIN A2, A3. Not its business: whether a PIN may be asked for (engine), sending it (token).

mod dialog;
mod said;

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use countersign_desk::{
    Fault,
    ports::{Pin, PinAsk, PinRefusal},
};
use tauri::AppHandle;

use crate::shell::Shell;
use said::Said;

/// Between two looks whether the program ends.
const PAUSE: Duration = Duration::from_millis(200);

/// What came back from a dialog.
enum Answered {
    /// OK, with what was typed, if anything was to be typed.
    Yes(Option<Pin>),
    No,
}

/// Waits for a PIN.
pub(crate) fn ask(shell: &Shell, ask: &PinAsk, contract: &str, practice: bool) -> Result<Pin, PinRefusal> {
    match asked(shell, Said::entry(shell.text(), ask, contract, practice)) {
        Answered::Yes(Some(pin)) => Ok(pin),
        Answered::Yes(None) | Answered::No => Err(PinRefusal::Cancelled),
    }
}

/// Whether to go on with a PIN that is entered on the device; only the last try needs the question.
pub(crate) fn may_spend_last_try(shell: &Shell, ask: &PinAsk, contract: &str, practice: bool) -> bool {
    matches!(
        asked(shell, Said::last_try(shell.text(), ask, contract, practice)),
        Answered::Yes(_)
    )
}

/// Shows what to do on the device, and returns at once.
pub(crate) fn show_on_device(shell: &Shell, ask: &PinAsk, contract: &str, practice: bool) {
    let said = Said::on_device(shell.text(), ask, contract, practice);
    let (tell, _) = mpsc::channel();
    let parent = shell.clone();
    let _ = shell
        .app()
        .run_on_main_thread(move || dialog::show(&parent, said, tell));
}

/// After a wrong PIN: whether to be asked once more.
pub(crate) fn ask_again(shell: &Shell, fault: &Fault, practice: bool) -> bool {
    matches!(
        asked(shell, Said::again(shell.text(), fault, practice)),
        Answered::Yes(_)
    )
}

/// The same, on the main thread.
pub(crate) fn withdraw_now() {
    dialog::withdraw();
}

/// Takes away whatever dialog is shown: it was answered on the device, or the work was cancelled.
pub(crate) fn withdraw(app: &AppHandle) {
    let _ = app.run_on_main_thread(dialog::withdraw);
}

fn asked(shell: &Shell, said: Said) -> Answered {
    if shell.is_closing() {
        return Answered::No;
    }
    let (tell, told) = mpsc::channel();
    let parent = shell.clone();
    if shell
        .app()
        .run_on_main_thread(move || dialog::show(&parent, said, tell))
        .is_err()
    {
        return Answered::No;
    }
    // When the dialog goes without an answer, or cannot come any more, nobody said yes.
    loop {
        match told.recv_timeout(PAUSE) {
            Ok(answered) => return answered,
            Err(RecvTimeoutError::Timeout) if !shell.is_closing() => {}
            Err(_) => return Answered::No,
        }
    }
}
