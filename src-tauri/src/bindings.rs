//! The commands and the event as TypeScript sees them.
//!
//! `ui/src/lib/bindings.ts` is made from this, and a test fails when it is stale. To write it anew:
//! `COUNTERSIGN_WRITE_BINDINGS=1 cargo test -p countersign-desktop bindings`.

use countersign_desk::view;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::{Builder, Event, collect_commands, collect_events};

use crate::commands as all;

/// The one event of the window.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[tauri_specta(event_name = "desk-event")]
pub(crate) struct Told(pub(crate) view::DeskEvent);

/// Everything that crosses.
pub(crate) fn builder() -> Builder<tauri::Wry> {
    Builder::new()
        .commands(collect_commands![
            all::about_view,
            all::desk_add,
            all::desk_remove,
            all::desk_view,
            all::page_warning,
            all::practice_enter,
            all::practice_leave,
            all::practice_pin,
            all::receipt_open,
            all::receipt_retry,
            all::receipt_show_folder,
            all::receipt_submit,
            all::receipt_verify,
            all::receipt_view,
            all::review_open,
            all::review_refresh,
            all::review_reject,
            all::review_reopen,
            all::review_seen,
            all::screen_shown,
            all::settings_add_anchor,
            all::settings_add_module,
            all::settings_change,
            all::settings_describe_evm,
            all::settings_probe_endpoint,
            all::settings_probe_modules,
            all::settings_probe_tsa,
            all::settings_view,
            all::sign_choose_output,
            all::sign_keep,
            all::sign_options,
            all::sign_preview,
            all::sign_start,
            all::tokens_view,
            all::ui_ready,
            all::verify_pick,
            all::verify_shown,
            all::work_cancel,
        ])
        .events(collect_events![Told])
        .typ::<view::DeskEvent>()
        // What is optional is always there, as null: one shape in both directions.
        .disable_serde_phases()
}

#[cfg(test)]
mod tests;
