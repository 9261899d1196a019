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

/// What a question is about, besides what the token is asked to do.
pub(crate) struct About<'a> {
    /// Its id.
    pub(crate) contract: &'a str,
    /// Its file name.
    pub(crate) name: String,
    /// Practice means only.
    pub(crate) practice: bool,
}

/// What came back from a dialog.
enum Answered {
    /// OK, with what was typed, if anything was to be typed.
    Yes(Option<Pin>),
    No,
    /// It was taken away: nobody said anything.
    Withdrawn,
}

/// Hears the answer, once.
type Hear = Box<dyn FnOnce(Answered) + Send>;

/// Waits for a PIN.
pub(crate) fn ask(shell: &Shell, ask: &PinAsk, about: &About<'_>) -> Result<Pin, PinRefusal> {
    match asked(
        shell,
        Said::entry(shell.text(), ask, &about.name, about.practice),
        about,
    ) {
        Answered::Yes(Some(pin)) => Ok(pin),
        Answered::Yes(None) | Answered::No | Answered::Withdrawn => Err(PinRefusal::Cancelled),
    }
}

/// Whether to go on with a PIN that is entered on the device; only the last try needs the question.
pub(crate) fn may_spend_last_try(shell: &Shell, ask: &PinAsk, about: &About<'_>) -> bool {
    let said = Said::last_try(shell.text(), ask, &about.name, about.practice);
    matches!(asked(shell, said, about), Answered::Yes(_))
}

/// Shows what to do on the device, and returns at once. The device cannot be stopped from here: a no is heard, and what
/// the device allows afterwards is not made use of.
pub(crate) fn show_on_device(shell: &Shell, ask: &PinAsk, about: &About<'_>, said_no: impl FnOnce() + Send + 'static) {
    let said = Said::on_device(shell.text(), ask, &about.name, about.practice);
    let hear: Hear = Box::new(move |answered| {
        if matches!(answered, Answered::No) {
            said_no();
        }
    });
    let (parent, contract) = (shell.clone(), about.contract.to_owned());
    let _ = shell
        .app()
        .run_on_main_thread(move || dialog::show(&parent, said, contract, hear));
}

/// After a wrong PIN: whether to be asked once more.
pub(crate) fn ask_again(shell: &Shell, fault: &Fault, about: &About<'_>) -> bool {
    let said = Said::again(shell.text(), fault, about.practice);
    matches!(asked(shell, said, about), Answered::Yes(_))
}

/// On the main thread: takes away what is shown, for the program ends.
pub(crate) fn withdraw_now() {
    dialog::withdraw(None);
}

/// Takes a dialog away: it was answered on the device, or the work for this contract was cancelled.
pub(crate) fn withdraw(app: &AppHandle, contract: Option<String>) {
    let _ = app.run_on_main_thread(move || dialog::withdraw(contract.as_deref()));
}

fn asked(shell: &Shell, said: Said, about: &About<'_>) -> Answered {
    if shell.is_closing() {
        return Answered::No;
    }
    let (tell, told) = mpsc::channel();
    // Nobody listens any more when the program ends.
    let hear: Hear = Box::new(move |answered| drop(tell.send(answered)));
    let (parent, contract) = (shell.clone(), about.contract.to_owned());
    if shell
        .app()
        .run_on_main_thread(move || dialog::show(&parent, said, contract, hear))
        .is_err()
    {
        return Answered::No;
    }
    // When the dialog goes without an answer, or cannot come any more, nobody said yes.
    loop {
        match told.recv_timeout(PAUSE) {
            Ok(answered) => return answered,
            Err(RecvTimeoutError::Timeout) if !shell.is_closing() => {}
            Err(_) => return Answered::Withdrawn,
        }
    }
}
