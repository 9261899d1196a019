//! A message bus of its own: what one case does with a desktop's services is no other's business, nor a person's.

use std::process::Command;

use super::{display::first_line, process::Group};

/// Names it to programs.
pub const ADDRESS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// The bus; it ends with the value.
#[derive(Debug)]
pub struct Bus {
    address: String,
    _daemon: Group,
}

impl Bus {
    /// Starts it.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start() -> Self {
        let mut daemon = Group::talking(
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address=1"])
                // What it starts must not find the desktop of whoever runs the tests.
                .env_remove("DISPLAY")
                .env_remove("XDG_RUNTIME_DIR"),
        );
        Self {
            address: first_line(&mut daemon),
            _daemon: daemon,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}
