//! A notification of the desktop when something arrives that the person waited for. Without a notification service: nothing.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
};

use countersign_desk::view::DeskEvent;
use gtk::{
    gio,
    glib::{ToVariant as _, Variant},
};

use crate::shell::Shell;

const SERVICE: &str = "org.freedesktop.Notifications";
const OBJECT: &str = "/org/freedesktop/Notifications";
/// Milliseconds that the service has to answer.
const ANSWER_MS: i32 = 2000;
/// Codes that have words of their own.
const KNOWN: [&str; 3] = ["stamp-arrived", "chain-final", "chain-blocked"];
/// Of so many a click is still understood.
const SHOWN_MAX: usize = 64;

/// Contracts by the number that the service gave.
type Shown = BTreeMap<u32, String>;

thread_local! {
    static SHOWN: RefCell<Shown> = const { RefCell::new(Shown::new()) };
    static LISTENING: Cell<bool> = const { Cell::new(false) };
}

/// Tells it; a click shows the contract.
pub(crate) fn notify(shell: &Shell, code: &str, contract: &str, name: &str) {
    let text = shell.text();
    let key = if KNOWN.contains(&code) {
        format!("notify-{code}")
    } else {
        "notify-other".to_owned()
    };
    let title = if shell.is_practice() {
        "app-title-practice"
    } else {
        "app-title"
    };
    let summary = text.get(title).to_owned();
    let body = text.filled(&key, "name", name);
    let show = text.get("notify-show").to_owned();
    let (shell, contract) = (shell.clone(), contract.to_owned());
    let app = shell.app().clone();
    // Signals are delivered to the thread that subscribed.
    let _ = app.run_on_main_thread(move || send(shell, contract, &summary, &body, &show));
}

fn send(shell: Shell, contract: String, summary: &str, body: &str, show: &str) {
    let Ok(bus) = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE) else {
        return;
    };
    let hints: HashMap<&str, Variant> = [("desktop-entry", "Countersign".to_variant())].into();
    let actions = vec!["default", show];
    let message = (
        "Countersign",
        0_u32,
        "countersign-desktop",
        summary,
        escaped(body),
        actions,
        hints,
        -1_i32,
    );
    let listening = bus.clone();
    bus.call(
        Some(SERVICE),
        OBJECT,
        SERVICE,
        "Notify",
        Some(&message.to_variant()),
        None,
        gio::DBusCallFlags::NONE,
        ANSWER_MS,
        gio::Cancellable::NONE,
        move |answer| {
            if let Some((id,)) = answer.ok().and_then(|answer| answer.get::<(u32,)>()) {
                listen(&listening, shell);
                SHOWN.with_borrow_mut(|shown| keep(shown, id, contract));
            }
        },
    );
}

/// One more; a service that never says which ones are gone does not make it grow.
fn keep(shown: &mut Shown, id: u32, contract: String) {
    shown.insert(id, contract);
    while shown.len() > SHOWN_MAX {
        shown.pop_first();
    }
}

/// One subscription for all of them, as long as the program runs.
fn listen(bus: &gio::DBusConnection, shell: Shell) {
    if LISTENING.replace(true) {
        return;
    }
    bus.signal_subscribe(
        Some(SERVICE),
        Some(SERVICE),
        None,
        Some(OBJECT),
        None,
        gio::DBusSignalFlags::NONE,
        move |_, _, _, _, signal, values| {
            let contract = SHOWN.with_borrow_mut(|shown| told(shown, signal, values));
            if let Some(contract) = contract {
                shell.bring_forward();
                shell.tell(DeskEvent::Open { contract });
            }
        },
    );
}

/// The contract of a notification that was clicked.
fn told(shown: &mut Shown, signal: &str, values: &Variant) -> Option<String> {
    match signal {
        "ActionInvoked" => {
            let (clicked, _) = values.get::<(u32, String)>()?;
            shown.get(&clicked).cloned()
        }
        "NotificationClosed" => {
            let (closed, _) = values.get::<(u32, u32)>()?;
            shown.remove(&closed);
            None
        }
        _ => None,
    }
}

/// Bodies may be read as markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_names_its_contract_until_the_notification_is_gone() {
        let mut shown = Shown::new();
        for id in 0..100 {
            keep(&mut shown, id, format!("c{id}"));
        }
        assert_eq!(shown.len(), SHOWN_MAX);
        let click = |id: u32| (id, "default".to_owned()).to_variant();
        assert_eq!(told(&mut shown, "ActionInvoked", &click(0)), None);
        assert_eq!(told(&mut shown, "ActionInvoked", &click(99)).as_deref(), Some("c99"));
        assert_eq!(
            told(&mut shown, "NotificationClosed", &(99_u32, 2_u32).to_variant()),
            None
        );
        assert_eq!(told(&mut shown, "ActionInvoked", &click(99)), None);
        assert_eq!(told(&mut shown, "ActionInvoked", &"junk".to_variant()), None);
    }
}
