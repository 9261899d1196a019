//! The window of Countersign: a thin shell over the desk.
//!
//! In scope: window, dialogs, PIN entry, the protocol that serves pages, the system's file manager and notifications. Out of
//! scope: what is shown (ui), what happens (desk and below). The web view is not trusted: it sends ids and choices only.

mod agree;
mod arguments;
mod bindings;
mod commands;
#[cfg(test)]
mod names;
mod notify;
mod opening;
mod person;
mod picker;
mod pin;
mod protocol;
mod shell;
mod start;
mod text;
mod window;

use std::{
    ffi::OsString,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use sha2::{Digest as _, Sha256};
use tauri::{Manager as _, RunEvent};
use tauri_plugin_window_state::StateFlags;

use crate::{
    arguments::{Start, Wanted},
    shell::Shell,
};

const USAGE: u8 = 64;
const UNUSABLE: u8 = 70;
const HELP: &str = "countersign-desktop [--home DIR] [--verify FILE] [FILE...]";

/// The program.
#[must_use]
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if arguments
        .first()
        .is_some_and(|first| first == countersign_render::WORKER_ARGUMENT)
    {
        return countersign_render::serve_worker();
    }
    let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    let wanted = match arguments::parse(arguments, &folder) {
        Ok(Start::Window(wanted)) => wanted,
        Ok(Start::Version) => return say(env!("CARGO_PKG_VERSION")),
        Ok(Start::Help) => return say(HELP),
        Err(error) => return fail(USAGE, &error),
    };
    let Some(home) = start::home(wanted.home.clone()) else {
        return fail(USAGE, &"no home folder: give --home");
    };
    start::settle_environment(&home);
    match show(&home, wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(UNUSABLE, &error),
    }
}

fn say(line: &str) -> ExitCode {
    let _ = writeln!(std::io::stdout(), "{line}");
    ExitCode::SUCCESS
}

fn fail(status: u8, why: &dyn std::fmt::Display) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "countersign-desktop: {why}");
    ExitCode::from(status)
}

fn show(home: &Path, wanted: Wanted) -> tauri::Result<()> {
    let bindings = bindings::builder();
    let handler = bindings.invoke_handler();
    let home = home.to_owned();
    let program = std::env::current_exe()?;
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let language = text::system_language(locale.as_deref());
    let remembered = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED;
    let app = tauri::Builder::default()
        .plugin(
            tauri_plugin_single_instance::Builder::new()
                .dbus_id(instance(&home))
                .callback(|app, arguments, folder| again(app, arguments, &folder))
                .build(),
        )
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(remembered)
                .build(),
        )
        .register_asynchronous_uri_scheme_protocol(protocol::SCHEME, |context, request, responder| {
            let shell = context.app_handle().try_state::<Shell>().map(|shell| (*shell).clone());
            protocol::serve(shell, &context, request, responder);
        })
        .invoke_handler(handler)
        .setup(move |app| {
            bindings.mount_events(app);
            let shell = Shell::new(app.handle().clone(), home, program, language);
            app.manage(shell.clone());
            // The desk opens while the page is loaded; commands wait for it.
            let opening = shell.clone();
            std::thread::Builder::new().name("opening".to_owned()).spawn(move || {
                opening.open_desk();
                opening.take(&wanted.files, &wanted.verify);
            })?;
            window::open(app.handle(), &shell)?;
            Ok(())
        })
        .build(context())?;
    app.run(|app, event| {
        if let RunEvent::Exit = event
            && let Some(shell) = app.try_state::<Shell>()
        {
            pin::withdraw_now();
            shell.close();
        }
    });
    Ok(())
}

/// Configuration, permissions and the window's files.
#[expect(clippy::exit, reason = "in what the macro makes; the program never comes there")]
fn context() -> tauri::Context {
    tauri::generate_context!()
}

/// A second start on the same home: its files are taken here, and this window comes forward.
fn again(app: &tauri::AppHandle, arguments: Vec<String>, folder: &str) {
    let Some(shell) = app.try_state::<Shell>().map(|shell| (*shell).clone()) else {
        return;
    };
    shell.bring_forward();
    let arguments = arguments.into_iter().skip(1).map(OsString::from);
    let Ok(Start::Window(wanted)) = arguments::parse(arguments, Path::new(folder)) else {
        return;
    };
    tauri::async_runtime::spawn_blocking(move || shell.take(&wanted.files, &wanted.verify));
}

/// One program for each home: the name by which a second start finds the first.
fn instance(home: &Path) -> String {
    let home = std::fs::canonicalize(home).unwrap_or_else(|_| home.to_owned());
    let digest = Sha256::digest(home.as_os_str().as_encoded_bytes());
    let short: String = digest.iter().take(8).map(|octet| format!("{octet:02x}")).collect();
    format!("cn.countersign.desktop.h{short}")
}

/// What the program runs on, for the about screen.
pub(crate) fn system() -> String {
    let webview = tauri::webview_version().unwrap_or_else(|_| "?".to_owned());
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    format!("{name}, {}, WebKitGTK {webview}", std::env::consts::ARCH)
}
