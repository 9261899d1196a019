//! The GTK dialog. Runs on the main thread only; one at a time.
//!
//! GTK keeps what is typed in a buffer of its own and overwrites it when it is cleared; the one copy that is made here moves
//! into the `Pin`, which is wiped on drop. What is typed is never shown, copied or logged.

use std::cell::RefCell;

use countersign_desk::ports::Pin;
use gtk::{Align, Dialog, DialogFlags, Entry, Grid, InputPurpose, Label, Orientation, ResponseType, prelude::*};
use zeroize::Zeroizing;

use super::{Answered, Hear, Said};
use crate::shell::Shell;

/// Characters of a PIN at most.
const LENGTH_MAX: u16 = 255;

thread_local! {
    /// The one that is shown, with its contract.
    static SHOWN: RefCell<Option<(Dialog, String)>> = const { RefCell::new(None) };
}

/// Takes it away, if it is about this contract or none is named.
pub(super) fn withdraw(contract: Option<&str>) {
    let meant = |about: &str| contract.is_none_or(|contract| contract == about);
    let shown = SHOWN.with_borrow_mut(|shown| shown.take_if(|(_, about)| meant(about)));
    if let Some((dialog, _)) = shown {
        dialog.response(ResponseType::None);
    }
}

/// Shows it. The answer is told once.
pub(super) fn show(shell: &Shell, said: Said, contract: String, hear: Hear) {
    // The desk asks one question at a time: nothing is shown now, unless a dialog is just going.
    withdraw(None);
    shell.bring_forward();
    let dialog = Dialog::with_buttons(
        Some(&said.title),
        shell.parent().as_ref(),
        DialogFlags::MODAL | DialogFlags::DESTROY_WITH_PARENT,
        &[],
    );
    dialog.set_resizable(false);
    dialog.set_position(gtk::WindowPosition::CenterOnParent);
    let cancel = dialog.add_button(&said.cancel, ResponseType::Cancel);
    named(&cancel, &said.cancel);
    let agree = said.agree.as_ref().map(|words| {
        let button = dialog.add_button(words, ResponseType::Accept);
        named(&button, words);
        dialog.set_default_response(ResponseType::Accept);
        button
    });
    let area = dialog.content_area();
    area.set_spacing(12);
    area.set_border_width(18);
    if let Some(practice) = &said.practice {
        area.add(&line(practice, true));
    }
    area.add(&line(&said.heading, true));
    if !said.rows.is_empty() {
        area.add(&rows(&said.rows));
    }
    for warning in &said.warnings {
        area.add(&line(warning, true));
    }
    let consent = said.consent.as_ref().map(|words| {
        let check = gtk::CheckButton::with_label(words);
        named(&check, words);
        area.add(&check);
        check
    });
    let entry = said.entry.as_ref().map(|words| {
        let entry = entry(words);
        let label = line(words, false);
        label.set_mnemonic_widget(Some(&entry));
        let row = gtk::Box::new(Orientation::Horizontal, 12);
        row.pack_start(&label, false, false, 0);
        row.pack_start(&entry, true, true, 0);
        area.add(&row);
        entry
    });
    if said.waits {
        let spinner = gtk::Spinner::new();
        named(&spinner, &said.heading);
        spinner.start();
        area.add(&spinner);
    }
    if let Some(agree) = &agree {
        only_when_complete(agree, entry.as_ref(), consent.as_ref());
    }
    if let Some(note) = &said.note {
        area.add(&line(note, false));
    }
    let typed = entry.clone();
    let hear = RefCell::new(Some(hear));
    dialog.connect_response(move |dialog, response| {
        let pin = typed.as_ref().map(take);
        // Closing a dialog is a second response.
        let Some(hear) = hear.take() else { return };
        SHOWN.take();
        hear(match (response, pin) {
            (ResponseType::Accept, None) => Answered::Yes(None),
            (ResponseType::Accept, Some(Some(pin))) => Answered::Yes(Some(pin)),
            (ResponseType::None, _) => Answered::Withdrawn,
            _ => Answered::No,
        });
        dialog.hide();
        dialog.close();
    });
    dialog.show_all();
    if let Some(entry) = &entry {
        entry.grab_focus();
    }
    dialog.present();
    SHOWN.set(Some((dialog, contract)));
}

fn entry(words: &str) -> Entry {
    let entry = Entry::new();
    entry.set_visibility(false);
    entry.set_input_purpose(InputPurpose::Password);
    entry.set_activates_default(true);
    entry.set_max_length(i32::from(LENGTH_MAX));
    entry.set_width_chars(24);
    named(&entry, words);
    entry
}

/// What was typed; the entry is empty afterwards.
fn take(entry: &Entry) -> Option<Pin> {
    let buffer = entry.buffer();
    let mut octets = Zeroizing::new(buffer.text().into_bytes());
    buffer.delete_text(0, None);
    Pin::new(std::mem::take(&mut *octets))
}

/// The button that agrees works only when something is typed and what must be ticked is.
fn only_when_complete(agree: &gtk::Widget, entry: Option<&Entry>, consent: Option<&gtk::CheckButton>) {
    let (button, typed, ticked) = (agree.clone(), entry.cloned(), consent.cloned());
    let check = move || {
        let complete = typed.as_ref().is_none_or(|entry| entry.text_length() > 0)
            && ticked.as_ref().is_none_or(ToggleButtonExt::is_active);
        button.set_sensitive(complete);
    };
    check();
    let check = std::rc::Rc::new(check);
    if let Some(entry) = entry {
        let check = check.clone();
        entry.connect_changed(move |_| check());
    }
    if let Some(consent) = consent {
        consent.connect_toggled(move |_| check());
    }
}

fn rows(rows: &[(String, String)]) -> Grid {
    let grid = Grid::new();
    grid.set_column_spacing(12);
    grid.set_row_spacing(6);
    for (at, (label, value)) in (0..).zip(rows) {
        let label = line(label, false);
        label.set_valign(Align::Start);
        label.style_context().add_class("dim-label");
        grid.attach(&label, 0, at, 1, 1);
        grid.attach(&line(value, false), 1, at, 1, 1);
    }
    grid
}

/// Text as it is: nothing in it is markup.
fn line(words: &str, strong: bool) -> Label {
    let label = Label::new(Some(words));
    label.set_use_markup(false);
    label.set_xalign(0.0);
    label.set_line_wrap(true);
    label.set_line_wrap_mode(gtk::pango::WrapMode::WordChar);
    label.set_max_width_chars(56);
    if strong {
        let attributes = gtk::pango::AttrList::new();
        attributes.insert(gtk::pango::AttrInt::new_weight(gtk::pango::Weight::Bold));
        label.set_attributes(Some(&attributes));
    }
    label
}

/// For screen readers.
fn named(widget: &impl IsA<gtk::Widget>, words: &str) {
    use gtk::atk::prelude::AtkObjectExt as _;
    if let Some(accessible) = widget.accessible() {
        accessible.set_name(words);
    }
}
