//! Verifying a file that need not be on the desk.

use countersign_desk::view::VerifyView;
use tauri::State;

use super::{Answer, on_desk, on_shell};
use crate::{picker::Kind, shell::Shell};

/// A report that was made because of a drop or an argument.
#[tauri::command]
#[specta::specta]
pub(crate) async fn verify_shown(shell: State<'_, Shell>, report: String) -> Answer<VerifyView> {
    on_desk(&shell, move |desk| desk.verify_shown(&report)).await
}

/// Asks for a file in a dialog of the system and verifies it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn verify_pick(shell: State<'_, Shell>) -> Answer<Option<VerifyView>> {
    on_shell(&shell, |shell| {
        let desk = shell.desk()?;
        let files = shell.pick_files("pick-verify", Kind::Pdf, false);
        files.first().map(|file| desk.verify_file(file)).transpose()
    })
    .await
}
