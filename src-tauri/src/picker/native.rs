//! The file dialog of the desktop, through GTK (and so through the portal where there is one).

use std::{path::PathBuf, sync::mpsc};

use gtk::{FileChooserAction, FileChooserNative, FileFilter, ResponseType, prelude::*};

use super::{FilePicker, Kind, Question};
use crate::{shell::Shell, text::Text};

/// GTK's.
pub(crate) struct Native;

impl FilePicker for Native {
    fn pick(&self, shell: &Shell, text: Text, question: Question) -> Vec<PathBuf> {
        let (tell, told) = mpsc::channel();
        let parent = shell.clone();
        let shown = shell
            .app()
            .run_on_main_thread(move || show(&parent, text, &question, tell));
        match shown {
            Ok(()) => told.recv().unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }
}

fn show(shell: &Shell, text: Text, question: &Question, tell: mpsc::Sender<Vec<PathBuf>>) {
    let (title, action, accept) = match question {
        Question::Open { title, .. } => (title, FileChooserAction::Open, "button-open"),
        Question::Save { title, .. } => (title, FileChooserAction::Save, "button-choose"),
    };
    let chooser = FileChooserNative::new(
        Some(title),
        shell.parent().as_ref(),
        action,
        Some(text.get(accept)),
        Some(text.get("button-cancel")),
    );
    chooser.set_modal(true);
    match question {
        Question::Open { kind, several, .. } => {
            chooser.set_select_multiple(*several);
            add_filters(&chooser, text, *kind);
        }
        Question::Save { proposed, .. } => {
            // Whether an existing file may be replaced is the desk's question; it never is silently.
            chooser.set_do_overwrite_confirmation(false);
            chooser.set_current_name(proposed);
            add_filters(&chooser, text, Kind::Pdf);
        }
    }
    // The closure keeps the dialog alive until it is answered; `destroy` ends that.
    let keep = chooser.clone();
    chooser.connect_response(move |_, response| {
        let files = if response == ResponseType::Accept {
            keep.filenames()
        } else {
            Vec::new()
        };
        let _ = tell.send(files);
        keep.destroy();
    });
    chooser.show();
}

fn add_filters(chooser: &FileChooserNative, text: Text, kind: Kind) {
    let (name, patterns) = kind.filter();
    let filter = FileFilter::new();
    filter.set_name(Some(text.get(name)));
    for pattern in patterns {
        filter.add_pattern(pattern);
    }
    chooser.add_filter(filter);
    let all = FileFilter::new();
    all.set_name(Some(text.get("kind-all")));
    all.add_pattern("*");
    chooser.add_filter(all);
}
