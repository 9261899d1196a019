//! The one window: what its web view may do, and what closing it means.
//!
//! Not its business: what is in it (ui).

mod drops;

use std::time::{Duration, Instant};

use countersign_desk::{Desk, view::ContractState};
use gtk::prelude::*;
use tauri::{
    AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::NewWindowResponse,
};

use crate::shell::Shell;

/// Its label.
pub(crate) const MAIN: &str = "main";
/// Where the page comes from while the window is developed.
const DEVELOPMENT: &str = "http://127.0.0.1:5173";
/// Between two looks whether work that goes on without a window is done.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the program waits without a window for answers of services.
const GOING_ON: Duration = Duration::from_secs(20 * 60);

/// Opens it.
pub(crate) fn open(app: &AppHandle, shell: &Shell) -> tauri::Result<WebviewWindow> {
    let main = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title(shell.text().get("app-title"))
        .inner_size(1240.0, 820.0)
        .min_inner_size(760.0, 520.0)
        .center()
        // The page goes nowhere, opens nothing, downloads nothing, keeps nothing.
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| tauri::webview::PermissionResponse::Deny)
        // A driver is let in only by a context that is not ephemeral (wry makes its own for that).
        .incognito(!cfg!(feature = "e2e"))
        .general_autofill_enabled(false)
        .devtools(cfg!(any(debug_assertions, feature = "e2e")))
        // Paths of dropped files are no business of the page; see `drops`.
        .disable_drag_drop_handler()
        .build()?;
    let dropped = shell.clone();
    main.with_webview(move |webview| {
        let webview = webview.inner();
        drops::connect(&webview, dropped.clone());
        behave(&webview, dropped);
    })?;
    let closed = shell.clone();
    main.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            api.prevent_close();
            close(&closed);
        }
    });
    Ok(main)
}

/// No menu of a browser; and a page whose process died comes back.
fn behave(webview: &impl IsA<gtk::glib::Object>, shell: Shell) {
    webview.connect_local("context-menu", false, |_| Some(true.to_value()));
    webview.connect_local("web-process-terminated", false, move |_| {
        shell.ui_is_gone();
        if let Some(main) = shell.app().get_webview_window(MAIN) {
            let _ = main.reload();
        }
        None
    });
}

/// The window's own page.
fn is_own(url: &Url) -> bool {
    let packed = url.scheme() == "tauri" && url.host_str() == Some("localhost");
    let developed = cfg!(not(feature = "custom-protocol")) && url.as_str().starts_with(DEVELOPMENT);
    packed || developed
}

/// Something runs that must not be broken off.
pub(crate) fn is_working(desk: &Desk) -> bool {
    desk.desk_view()
        .is_ok_and(|view| view.contracts.iter().any(|contract| contract.running.is_some()))
}

/// Something runs, or waits for an answer that may come by itself. What has a fault waits for a person or a service.
fn is_going_on(desk: &Desk) -> bool {
    desk.desk_view().is_ok_and(|view| {
        view.contracts.iter().any(|contract| {
            let waits = matches!(
                contract.state,
                ContractState::WaitingForStamp | ContractState::WaitingForChain
            );
            contract.running.is_some() || (waits && contract.fault.is_none())
        })
    })
}

/// Closes the window. Work goes on without it, and then the program ends; a second start shows it again. What is not done
/// by then is gone on with at the next start.
fn close(shell: &Shell) {
    let shell = shell.clone();
    let _named = std::thread::Builder::new().name("closing".to_owned()).spawn(move || {
        let hide = |app: &AppHandle| app.get_webview_window(MAIN).map(|main| main.hide());
        let _ = hide(shell.app());
        let closed = Instant::now();
        while shell
            .desk_now()
            .is_some_and(|desk| is_working(&desk) || (closed.elapsed() < GOING_ON && is_going_on(&desk)))
        {
            std::thread::sleep(PAUSE);
            let shown = shell
                .app()
                .get_webview_window(MAIN)
                .and_then(|main| main.is_visible().ok());
            if shown == Some(true) {
                return;
            }
        }
        shell.close();
        shell.app().exit(0);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_goes_nowhere() {
        let cases = [
            ("tauri://localhost/", true),
            ("tauri://localhost/index.html#/review/1", true),
            ("tauri://elsewhere/", false),
            ("https://example.com/", false),
            ("http://127.0.0.1:5173/", false),
            ("file:///etc/passwd", false),
            ("doc://localhost/a/file", false),
            ("data:text/html,x", false),
            ("about:blank", false),
            ("blob:tauri://localhost/1", false),
        ];
        for (url, expected) in cases {
            assert_eq!(is_own(&url.parse().expect("a URL")), expected, "{url}");
        }
    }
}
