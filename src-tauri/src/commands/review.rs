//! Reading a contract.

use countersign_desk::view::ReviewSheet;
use tauri::State;

use super::{Answer, on_desk};
use crate::shell::Shell;

/// All facts of a contract.
#[tauri::command]
#[specta::specta]
pub(crate) async fn review_open(shell: State<'_, Shell>, contract: String) -> Answer<ReviewSheet> {
    on_desk(&shell, move |desk| desk.review_open(&contract)).await
}

/// A page was seen; `picture`: as the signing engine draws it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn review_seen(shell: State<'_, Shell>, contract: String, page: u32, picture: bool) -> Answer<()> {
    on_desk(&shell, move |desk| desk.review_seen(&contract, page, picture)).await
}

/// Turns a contract down.
#[tauri::command]
#[specta::specta]
pub(crate) async fn review_reject(shell: State<'_, Shell>, contract: String, reason: String) -> Answer<()> {
    on_desk(&shell, move |desk| desk.review_reject(&contract, &reason)).await
}

/// Takes a rejected contract up again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn review_reopen(shell: State<'_, Shell>, contract: String) -> Answer<()> {
    on_desk(&shell, move |desk| desk.review_reopen(&contract)).await
}

/// Takes the file as it is on disk now; seen marks are cleared.
#[tauri::command]
#[specta::specta]
pub(crate) async fn review_refresh(shell: State<'_, Shell>, contract: String) -> Answer<ReviewSheet> {
    on_desk(&shell, move |desk| desk.review_refresh(&contract)).await
}

/// The window could not show a page without doubt.
#[tauri::command]
#[specta::specta]
pub(crate) async fn page_warning(shell: State<'_, Shell>, contract: String, page: u32, text: String) -> Answer<()> {
    on_desk(&shell, move |desk| desk.page_warning(&contract, page, &text)).await
}
