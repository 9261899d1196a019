//! Contracts on the desk, and what became of them.

use countersign_desk::view::{DeskView, Receipt, VerifyView};
use tauri::State;

use super::{Answer, on_desk, on_shell};
use crate::{opening, picker::Kind, pin, shell::Shell};

/// Everything the first screen shows.
#[tauri::command]
#[specta::specta]
pub(crate) async fn desk_view(shell: State<'_, Shell>) -> Answer<DeskView> {
    on_desk(&shell, |desk| desk.desk_view()).await
}

/// Takes a contract off the desk.
#[tauri::command]
#[specta::specta]
pub(crate) async fn desk_remove(shell: State<'_, Shell>, contract: String) -> Answer<()> {
    on_desk(&shell, move |desk| desk.desk_remove(&contract)).await
}

/// What became of an approval.
#[tauri::command]
#[specta::specta]
pub(crate) async fn receipt_view(shell: State<'_, Shell>, contract: String) -> Answer<Receipt> {
    on_desk(&shell, move |desk| desk.receipt_view(&contract)).await
}

/// The person's word: what was held is sent.
#[tauri::command]
#[specta::specta]
pub(crate) async fn receipt_submit(shell: State<'_, Shell>, contract: String) -> Answer<()> {
    on_desk(&shell, move |desk| desk.receipt_submit(&contract)).await
}

/// Tries again what did not go on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn receipt_retry(shell: State<'_, Shell>, contract: String) -> Answer<()> {
    on_desk(&shell, move |desk| desk.receipt_retry(&contract)).await
}

/// Opens the signed file with the program that the system has for it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn receipt_open(shell: State<'_, Shell>, contract: String) -> Answer<()> {
    on_desk(&shell, move |desk| opening::open(&desk.output_path(&contract)?)).await
}

/// Shows the signed file in its folder.
#[tauri::command]
#[specta::specta]
pub(crate) async fn receipt_show_folder(shell: State<'_, Shell>, contract: String) -> Answer<()> {
    on_desk(&shell, move |desk| {
        opening::show_in_folder(&desk.output_path(&contract)?)
    })
    .await
}

/// Verifies the signed file anew.
#[tauri::command]
#[specta::specta]
pub(crate) async fn receipt_verify(shell: State<'_, Shell>, contract: String) -> Answer<VerifyView> {
    on_desk(&shell, move |desk| desk.receipt_verify(&contract)).await
}

/// Asks for files in a dialog of the system and puts them on the desk; their ids.
#[tauri::command]
#[specta::specta]
pub(crate) async fn desk_add(shell: State<'_, Shell>) -> Answer<Vec<String>> {
    on_shell(&shell, |shell| {
        let files = shell.pick_files("pick-contracts", Kind::Pdf, true);
        if files.is_empty() {
            return Ok(Vec::new());
        }
        shell.desk()?.desk_add(&files)
    })
    .await
}

/// Stops what is being done for a contract, and takes a question about it away.
#[tauri::command]
#[specta::specta]
pub(crate) async fn work_cancel(shell: State<'_, Shell>, contract: String) -> Answer<()> {
    on_shell(&shell, move |shell| {
        let stopped = shell.desk()?.work_cancel(&contract);
        pin::withdraw(shell.app(), Some(contract));
        stopped
    })
    .await
}
