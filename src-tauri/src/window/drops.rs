//! Files that are dropped on the window. GTK tells them to Rust, and the page learns only that something is dragged over it:
//! the web view is no target for drops any more, the box that it fills is.
//!
//! The screen that is shown says what they are for: verified on the verify screen, put on the desk everywhere else.

use std::{cell::Cell, path::PathBuf, rc::Rc};

use countersign_desk::view::DeskEvent;
use gtk::{DestDefaults, TargetEntry, TargetFlags, gdk::DragAction, gio, gio::prelude::FileExt as _, prelude::*};

use crate::{arguments::FILES_MAX, shell::Shell};

const URIS: &str = "text/uri-list";

#[derive(Default)]
struct Dragged {
    over: Cell<bool>,
    asked: Cell<bool>,
    dropped: Cell<bool>,
}

/// Takes drops away from the page.
pub(super) fn connect(webview: &impl IsA<gtk::Widget>, shell: Shell) {
    webview.drag_dest_unset();
    let Some(widget) = webview.parent() else { return };
    let uris = TargetEntry::new(URIS, TargetFlags::OTHER_APP, 0);
    widget.drag_dest_set(DestDefaults::empty(), &[uris], DragAction::COPY);
    let dragged = Rc::new(Dragged::default());

    let state = Rc::clone(&dragged);
    widget.connect_drag_motion(move |widget, context, _, _, time| {
        let Some(target) = uri_target(widget, context) else {
            context.drag_status(DragAction::empty(), time);
            return true;
        };
        if !state.asked.replace(true) {
            widget.drag_get_data(context, &target, time);
        }
        context.drag_status(DragAction::COPY, time);
        true
    });

    let (state, told) = (Rc::clone(&dragged), shell.clone());
    widget.connect_drag_data_received(move |_, context, _, _, data, _, time| {
        let files = files(&data.uris());
        if state.dropped.replace(false) {
            context.drag_finish(!files.is_empty(), false, time);
            state.over.set(false);
            state.asked.set(false);
            told.tell(DeskEvent::Dragging { over: false, files: 0 });
            take(&told, files);
        } else if !state.over.replace(true) {
            let count = u32::try_from(files.len()).unwrap_or(u32::MAX);
            told.tell(DeskEvent::Dragging {
                over: true,
                files: count,
            });
        }
    });

    let state = Rc::clone(&dragged);
    widget.connect_drag_drop(move |widget, context, _, _, time| {
        let Some(target) = uri_target(widget, context) else {
            return false;
        };
        state.dropped.set(true);
        widget.drag_get_data(context, &target, time);
        true
    });

    widget.connect_drag_leave(move |_, _, _| {
        dragged.asked.set(false);
        // GTK says so before a drop, too.
        if dragged.over.replace(false) {
            shell.tell(DeskEvent::Dragging { over: false, files: 0 });
        }
    });
}

fn uri_target(widget: &gtk::Widget, context: &gtk::gdk::DragContext) -> Option<gtk::gdk::Atom> {
    widget
        .drag_dest_find_target(context, None)
        .filter(|target| target.name() == URIS)
}

/// Regular files of this machine, and not without bound.
fn files(uris: &[impl AsRef<str>]) -> Vec<PathBuf> {
    uris.iter()
        .take(FILES_MAX)
        .filter_map(|uri| gio::File::for_uri(uri.as_ref()).path())
        .filter(|path| path.is_file())
        .collect()
}

fn take(shell: &Shell, files: Vec<PathBuf>) {
    let shell = shell.clone();
    tauri::async_runtime::spawn_blocking(move || {
        if shell.drops_are_verified() {
            shell.take(&[], &files);
        } else {
            shell.take(&files, &[]);
        }
    });
}
