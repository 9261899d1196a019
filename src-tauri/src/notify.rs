//! A notification of the desktop when something arrives that the person waited for. Without a notification service: nothing.

use std::collections::HashMap;

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
                listen(&listening, id, shell, contract);
            }
        },
    );
}

fn listen(bus: &gio::DBusConnection, id: u32, shell: Shell, contract: String) {
    bus.signal_subscribe(
        Some(SERVICE),
        Some(SERVICE),
        Some("ActionInvoked"),
        Some(OBJECT),
        None,
        gio::DBusSignalFlags::NONE,
        move |_, _, _, _, _, values| {
            if values.get::<(u32, String)>().is_some_and(|(clicked, _)| clicked == id) {
                shell.bring_forward();
                shell.tell(DeskEvent::Open {
                    contract: contract.clone(),
                });
            }
        },
    );
}

/// Bodies may be read as markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
