//! The window itself, and the practice desk.

use countersign_desk::view::DeskView;
use tauri::State;

use super::{Answer, on_desk, on_shell};
use crate::shell::{Shell, Which};

/// The PIN of the practice token, on the practice desk only; it is no secret.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_pin(shell: State<'_, Shell>) -> Answer<Option<String>> {
    on_desk(&shell, |desk| Ok(desk.practice_pin())).await
}

/// Goes to the practice desk.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_enter(shell: State<'_, Shell>) -> Answer<DeskView> {
    on_shell(&shell, |shell| shell.change_desk(Which::Practice)?.desk_view()).await
}

/// Goes back to the person's own desk.
#[tauri::command]
#[specta::specta]
pub(crate) async fn practice_leave(shell: State<'_, Shell>) -> Answer<DeskView> {
    on_shell(&shell, |shell| shell.change_desk(Which::Own)?.desk_view()).await
}

/// Which screen is shown: it says what a dropped file is for.
#[tauri::command]
#[specta::specta]
pub(crate) async fn screen_shown(shell: State<'_, Shell>, screen: String) -> Answer<()> {
    shell.screen_is(&screen);
    Ok(())
}

/// The window can be used, and listens to events: what was held back for it is told now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn ui_ready(shell: State<'_, Shell>) -> Answer<()> {
    shell.ui_is_ready();
    Ok(())
}
