//! What the window may call: a few lines each, over the desk. Only ids and choices come in, only views go out.
//!
//! Not its business: what happens (desk), which of them the window is allowed (capabilities/main.json). Everything that may
//! take time runs on a thread where waiting is allowed; a panic there is a fault by code, not the end of the program.

mod contracts;
mod review;
mod settings;
mod sign;
mod verify;
mod window;

pub(crate) use contracts::*;
pub(crate) use review::*;
pub(crate) use settings::*;
pub(crate) use sign::*;
pub(crate) use verify::*;
pub(crate) use window::*;

use countersign_desk::{Desk, view::FaultShown};
use tauri::async_runtime::spawn_blocking;

use crate::shell::Shell;

/// What a command gives.
pub(crate) type Answer<T> = Result<T, FaultShown>;

/// Does work with the shell where it may wait.
pub(crate) async fn on_shell<T: Send + 'static>(
    shell: &Shell,
    work: impl FnOnce(&Shell) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    let shell = shell.clone();
    spawn_blocking(move || work(&shell))
        .await
        .unwrap_or_else(|_| Err(FaultShown::new("internal", "window")))
}

/// Does work with the desk that is open, once it is.
pub(crate) async fn on_desk<T: Send + 'static>(
    shell: &Shell,
    work: impl FnOnce(&Desk) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    on_shell(shell, move |shell| work(&*shell.desk()?)).await
}
