//! Settings, probes, what the program is.

use countersign_desk::view::{AboutView, AnchorUse, Probe, SettingsChange, SettingsView};
use tauri::State;

use super::{Answer, on_desk, on_shell};
use crate::{picker::Kind, shell::Shell};

/// Everything that is configured and found.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings_view(shell: State<'_, Shell>) -> Answer<SettingsView> {
    on_desk(&shell, |desk| desk.settings_view()).await
}

/// Asks an authority for a stamp over nothing of value.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings_probe_tsa(shell: State<'_, Shell>, index: u32) -> Answer<Probe> {
    on_desk(&shell, move |desk| desk.settings_probe_tsa(index)).await
}

/// Asks an endpoint who it is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings_probe_endpoint(shell: State<'_, Shell>, name: String) -> Answer<Probe> {
    on_desk(&shell, move |desk| desk.settings_probe_endpoint(&name)).await
}

/// Looks into every module anew.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings_probe_modules(shell: State<'_, Shell>) -> Answer<SettingsView> {
    on_desk(&shell, |desk| desk.settings_probe_modules()).await
}

/// What a node says of itself and of a contract, before they are pinned.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings_describe_evm(shell: State<'_, Shell>, url: String, contract: String) -> Answer<Probe> {
    on_desk(&shell, move |desk| desk.settings_describe_evm(&url, &contract)).await
}

/// Makes one change.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings_change(shell: State<'_, Shell>, change: SettingsChange) -> Answer<SettingsView> {
    on_shell(&shell, move |shell| {
        let view = shell.desk()?.settings_change(&change)?;
        shell.dress(&view);
        Ok(view)
    })
    .await
}

/// Asks for a file of certificates in a dialog of the system.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings_add_anchor(shell: State<'_, Shell>, used_for: AnchorUse) -> Answer<SettingsView> {
    on_shell(&shell, move |shell| {
        let desk = shell.desk()?;
        match shell.pick_files("pick-anchor", Kind::Certificates, false).first() {
            Some(file) => desk.settings_add_anchor(file, used_for),
            None => desk.settings_view(),
        }
    })
    .await
}

/// Asks for a PKCS#11 library in a dialog of the system.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings_add_module(shell: State<'_, Shell>) -> Answer<SettingsView> {
    on_shell(&shell, |shell| {
        let desk = shell.desk()?;
        match shell.pick_files("pick-module", Kind::Module, false).first() {
            Some(file) => desk.settings_add_module(file),
            None => desk.settings_view(),
        }
    })
    .await
}

/// What the program is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn about_view(shell: State<'_, Shell>) -> Answer<AboutView> {
    on_desk(&shell, |desk| desk.about_view(&crate::system())).await
}
