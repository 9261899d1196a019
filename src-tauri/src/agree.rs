//! Asking, in a dialog that no web view owns, whether a change of the settings is what the person wants: a page that was
//! taken over can neither answer nor change what is shown here.
//!
//! Not its business: which changes are asked about, what is kept (desk).

use std::{
    sync::{
        Mutex,
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};

use countersign_desk::{ChangeAsk, ChangeKind};
use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, ResponseType, prelude::*};

use crate::{shell::Shell, text::Text};

/// Between two looks whether the program ends.
const PAUSE: Duration = Duration::from_millis(200);
/// Letters of a value at most.
const VALUE: usize = 200;
/// One question at a time; a page that asks on and on is told no.
static ASKING: Mutex<()> = Mutex::new(());

/// What the dialog says.
#[derive(Debug, PartialEq, Eq)]
struct Words {
    title: String,
    heading: String,
    body: String,
}

/// The value in plain letters on one line: nothing in it may look like another line, or turn the order of letters around.
fn plain(value: &str) -> String {
    countersign_plain_text::bounded(value, VALUE)
}

fn row(fact: &str) -> &'static str {
    match fact {
        "host" => "row-host",
        "url" => "row-address",
        "chain_id" => "row-chain",
        "genesis" => "row-genesis",
        "contract" => "row-registry",
        "code_hash" => "row-code",
        "account" => "row-account",
        "file" => "row-file",
        _ => "row-name",
    }
}

fn words(text: Text, ask: &ChangeAsk, practice: bool) -> Words {
    let heading = match ask.kind {
        ChangeKind::AddTsa => "change-add-tsa",
        ChangeKind::RemoveTsa => "change-remove-tsa",
        ChangeKind::AddEndpoint => "change-add-endpoint",
        ChangeKind::RemoveEndpoint => "change-remove-endpoint",
        ChangeKind::RemoveAnchor => "change-remove-anchor",
        ChangeKind::UseModule => "change-use-module",
        ChangeKind::PagesNeedNotBeSeen => "change-pages",
    };
    let mut lines: Vec<String> = Vec::new();
    if practice {
        lines.push(text.get("practice").to_owned());
    }
    let facts = ask.facts.iter();
    lines.extend(facts.map(|(fact, value)| format!("{} {}", text.labelled(row(fact)), plain(value))));
    lines.push(text.get("change-note").to_owned());
    Words {
        title: text.get("change-title").to_owned(),
        heading: text.get(heading).to_owned(),
        body: lines.join("\n"),
    }
}

/// Waits for the answer. No answer, and no dialog, is no.
pub(crate) fn agrees(shell: &Shell, ask: &ChangeAsk) -> bool {
    let Ok(_one) = ASKING.try_lock() else { return false };
    let said = words(shell.text(), ask, shell.is_practice());
    let (tell, told) = mpsc::channel();
    let parent = shell.clone();
    let shown = shell.app().run_on_main_thread(move || show(&parent, &said, tell));
    if shell.is_closing() || shown.is_err() {
        return false;
    }
    loop {
        match told.recv_timeout(PAUSE) {
            Ok(agreed) => return agreed,
            Err(RecvTimeoutError::Timeout) if !shell.is_closing() => {}
            Err(_) => return false,
        }
    }
}

fn show(shell: &Shell, said: &Words, tell: mpsc::Sender<bool>) {
    shell.bring_forward();
    let dialog = MessageDialog::new(
        shell.parent().as_ref(),
        DialogFlags::MODAL | DialogFlags::DESTROY_WITH_PARENT,
        MessageType::Question,
        ButtonsType::None,
        &said.heading,
    );
    dialog.set_title(&said.title);
    dialog.set_secondary_text(Some(&said.body));
    dialog.set_secondary_use_markup(false);
    let text = shell.text();
    dialog.add_button(text.get("button-cancel"), ResponseType::Cancel);
    dialog.add_button(text.get("button-change"), ResponseType::Accept);
    // What is pressed without reading is no.
    dialog.set_default_response(ResponseType::Cancel);
    dialog.connect_response(move |dialog, response| {
        let _ = tell.send(response == ResponseType::Accept);
        dialog.hide();
        dialog.close();
    });
    dialog.show_all();
    dialog.present();
}

#[cfg(test)]
mod tests {
    use countersign_desk::view::Language;

    use super::*;

    const KINDS: [ChangeKind; 7] = [
        ChangeKind::AddTsa,
        ChangeKind::RemoveTsa,
        ChangeKind::AddEndpoint,
        ChangeKind::RemoveEndpoint,
        ChangeKind::RemoveAnchor,
        ChangeKind::UseModule,
        ChangeKind::PagesNeedNotBeSeen,
    ];

    #[test]
    fn every_change_is_asked_about_in_its_own_words() {
        for language in [Language::Chinese, Language::English] {
            let ask = |kind| ChangeAsk {
                kind,
                facts: Vec::new(),
            };
            let mut heads: Vec<String> = KINDS
                .map(|kind| words(Text(language), &ask(kind), false).heading)
                .to_vec();
            heads.sort();
            heads.dedup();
            assert_eq!(heads.len(), KINDS.len());
        }
    }

    #[test]
    fn what_is_pinned_is_said_and_nothing_in_it_can_pose_as_something_else() {
        let ask = ChangeAsk {
            kind: ChangeKind::AddEndpoint,
            facts: vec![
                ("host", "node.example\n主机：good.example\u{202e}".to_owned()),
                ("chain_id", "20210726".to_owned()),
                ("code_hash", format!("0x{}", "ab".repeat(32))),
                ("url", "u".repeat(VALUE + 1)),
            ],
        };
        let said = words(Text(Language::Chinese), &ask, true);
        let lines: Vec<&str> = said.body.lines().collect();
        assert_eq!(lines.len(), 1 + ask.facts.len() + 1, "{lines:?}");
        assert_eq!(lines[1], "主机： node.example\u{fffd}主机：good.example\u{fffd}");
        assert_eq!(lines[2], "链编号（固定）： 20210726");
        assert!(lines[3].ends_with(&"ab".repeat(32)));
        assert!(lines[4].ends_with("u…"));
    }
}
