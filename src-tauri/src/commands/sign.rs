//! Choosing and signing.

use countersign_desk::view::{PayloadView, SignChoices, SignDraft, SignOptions, TokensView};
use tauri::State;

use super::{Answer, on_desk, on_shell};
use crate::shell::Shell;

/// Tokens and the credentials on them; `fresh`: looks again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn tokens_view(shell: State<'_, Shell>, fresh: bool) -> Answer<TokensView> {
    on_desk(&shell, move |desk| desk.tokens_view(fresh)).await
}

/// Everything to choose from.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_options(shell: State<'_, Shell>, contract: String) -> Answer<SignOptions> {
    on_desk(&shell, move |desk| desk.sign_options(&contract)).await
}

/// Keeps what is written and not approved.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_keep(shell: State<'_, Shell>, contract: String, draft: SignDraft) -> Answer<()> {
    on_desk(&shell, move |desk| desk.sign_keep(&contract, draft)).await
}

/// What would leave the machine.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_preview(shell: State<'_, Shell>, choices: SignChoices) -> Answer<Option<PayloadView>> {
    on_desk(&shell, move |desk| desk.sign_preview(&choices)).await
}

/// Checks, and begins; what follows comes as events.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_start(shell: State<'_, Shell>, choices: SignChoices) -> Answer<()> {
    on_desk(&shell, move |desk| desk.sign_start(&choices)).await
}

/// Asks in a dialog of the system where the signed file goes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_choose_output(shell: State<'_, Shell>, contract: String) -> Answer<Option<SignOptions>> {
    on_shell(&shell, move |shell| {
        let desk = shell.desk()?;
        let proposed = desk.sign_options(&contract)?.output_name;
        let place = shell.pick_place("pick-output", &proposed);
        place
            .map(|place| desk.sign_choose_output(&contract, &place))
            .transpose()
    })
    .await
}
