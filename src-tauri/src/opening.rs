//! Opening a signed file, and showing it in its folder, with what the desktop has for it. Paths come from the desk only.

use std::path::Path;

use countersign_desk::view::FaultShown;
use gtk::{
    gio::{self, prelude::FileExt as _},
    glib::ToVariant as _,
};

/// Milliseconds that a file manager has to answer.
const ANSWER_MS: i32 = 5000;

/// With the program that the system has for such files.
pub(crate) fn open(file: &Path) -> Result<(), FaultShown> {
    if !file.is_file() {
        return Err(FaultShown::new("output-missing", "window"));
    }
    launch(file)
}

/// In the file manager, selected; where none understands that, its folder.
pub(crate) fn show_in_folder(file: &Path) -> Result<(), FaultShown> {
    let uri = gio::File::for_path(file).uri();
    let asked = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE).and_then(|bus| {
        bus.call_sync(
            Some("org.freedesktop.FileManager1"),
            "/org/freedesktop/FileManager1",
            "org.freedesktop.FileManager1",
            "ShowItems",
            Some(&(vec![uri.as_str()], "").to_variant()),
            None,
            gio::DBusCallFlags::NONE,
            ANSWER_MS,
            gio::Cancellable::NONE,
        )
    });
    match (asked, file.parent()) {
        (Ok(_), _) => Ok(()),
        (Err(_), Some(folder)) => launch(folder),
        (Err(_), None) => Err(FaultShown::new("output-missing", "window")),
    }
}

fn launch(path: &Path) -> Result<(), FaultShown> {
    let uri = gio::File::for_path(path).uri();
    gio::AppInfo::launch_default_for_uri(&uri, gio::AppLaunchContext::NONE)
        .map_err(|error| FaultShown::new("not-opened", "window").because(&error))
}
