//! Native windows: the driver does not see them, so a person's hands are xdotool.

use std::time::{Duration, Instant};

use super::{display::Display, until};

/// What the title of every PIN dialog contains, in every language.
pub const PIN: &str = "PIN";

/// What the title of the question after a wrong PIN contains besides.
pub const AGAIN: &str = "wrong";

/// What the title of the dialog contains that says to enter the PIN on the device.
pub const ON_DEVICE: &str = "on the device";

/// A dialog that was agreed to goes sooner.
const AGAIN_AFTER: Duration = Duration::from_millis(1500);

/// A native window.
#[derive(Debug)]
pub struct Dialog<'a> {
    display: &'a Display,
    id: String,
}

/// The visible windows with this in their titles.
#[must_use]
pub fn windows(display: &Display, title: &str) -> Vec<String> {
    let found = display.xdotool(&["search", "--onlyvisible", "--name", title]);
    let ids = String::from_utf8_lossy(&found.stdout).into_owned();
    ids.lines().map(str::to_owned).collect()
}

/// Waits for a window with this in its title.
///
/// # Panics
/// When there is none in time.
#[must_use]
pub fn wait<'a>(display: &'a Display, title: &str, within: Duration) -> Dialog<'a> {
    let id = until(&format!("a window {title}"), within, || {
        windows(display, title)
            .into_iter()
            .next()
            .ok_or_else(|| format!("windows: {}", titles(display)))
    });
    Dialog { display, id }
}

/// The titles of all visible windows, for messages.
#[must_use]
pub fn titles(display: &Display) -> String {
    let all: Vec<String> = windows(display, "")
        .iter()
        .map(|id| {
            let name = display.xdotool(&["getwindowname", id]);
            String::from_utf8_lossy(&name.stdout).trim().to_owned()
        })
        .filter(|title| !title.is_empty())
        .collect();
    all.join(" | ")
}

impl<'a> Dialog<'a> {
    /// Where it is shown.
    #[must_use]
    pub const fn display(&self) -> &'a Display {
        self.display
    }

    /// Gives it the keyboard; waits until it has it.
    ///
    /// # Panics
    /// When it does not get it.
    pub fn focus(&self) {
        until("the keyboard", Duration::from_secs(10), || {
            let _asked = self.display.xdotool(&["windowactivate", &self.id]);
            let active = self.display.xdotool(&["getactivewindow"]);
            let active = String::from_utf8_lossy(&active.stdout).trim().to_owned();
            if active == self.id {
                Ok(())
            } else {
                Err(format!("window {active} has it, not {}", self.id))
            }
        });
    }

    /// Types into it.
    ///
    /// # Panics
    /// When it does not get the keyboard.
    pub fn type_text(&self, text: &str) {
        self.focus();
        let _typed = self.display.xdotool(&["type", "--delay", "15", text]);
    }

    /// Presses a key, as xdotool names it.
    ///
    /// # Panics
    /// When it does not get the keyboard.
    pub fn key(&self, name: &str) {
        self.focus();
        let _pressed = self.display.xdotool(&["key", name]);
    }

    /// Agrees with Return, as often as it takes until it is closed: a list that has just opened may take the first one.
    ///
    /// # Panics
    /// When it stays.
    pub fn agree(&self) {
        self.focus();
        let mut pressed: Option<Instant> = None;
        until("the dialog to close", Duration::from_secs(15), || {
            if !self.is_there() {
                return Ok(());
            }
            if pressed.is_none_or(|pressed| pressed.elapsed() > AGAIN_AFTER) {
                pressed = Some(Instant::now());
                let _pressed = self.display.xdotool(&["key", "Return"]);
            }
            Err(self.title())
        });
    }

    fn is_there(&self) -> bool {
        windows(self.display, "").contains(&self.id)
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> String {
        let name = self.display.xdotool(&["getwindowname", &self.id]);
        String::from_utf8_lossy(&name.stdout).trim().to_owned()
    }

    /// Waits until it is closed.
    ///
    /// # Panics
    /// When it stays.
    pub fn wait_closed(&self) {
        until("the dialog to close", Duration::from_secs(10), || {
            if self.is_there() { Err(self.title()) } else { Ok(()) }
        });
    }
}
