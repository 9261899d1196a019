//! The person at the terminal: approval, PIN, progress. All talk goes to stderr; stdout is for the result.
//!
//! Rules: a PIN comes from the terminal without echo, from standard input, or from a file of mode 0600, and from nowhere
//! else. It is asked once for each question. Without a terminal nobody is there: no second try, no low-count try.

use std::{
    fs::File,
    io::{IsTerminal as _, Write as _},
    os::{fd::AsFd as _, unix::fs::MetadataExt as _},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use countersign_engine::{
    Event, Fault, Interaction, PinRules, ReviewShown, may_spend_a_try,
    ports::{Pin, PinAsk, PinPurpose, PinRefusal, Prompt},
};
use countersign_plain_text::harmless;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{pin::first_line, print, text::Text};

/// Where a PIN comes from.
pub(crate) enum PinSource {
    Terminal,
    Stdin(Option<Zeroizing<Vec<u8>>>),
    File(PathBuf),
}

impl PinSource {
    /// `prompt`, `stdin` or `file:PATH`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "prompt" => Some(Self::Terminal),
            "stdin" => Some(Self::Stdin(None)),
            other => other
                .strip_prefix("file:")
                .filter(|path| !path.is_empty())
                .map(|path| Self::File(path.into())),
        }
    }
}

/// The terminal.
pub(crate) struct Terminal {
    pub(crate) text: Text,
    pub(crate) pin: PinSource,
    pub(crate) approve_unasked: bool,
    pub(crate) accept_final_try: bool,
    pub(crate) accept_low_count: bool,
    pub(crate) quiet: bool,
    cancelled: Arc<AtomicBool>,
}

impl Terminal {
    pub(crate) fn new(text: Text, pin: PinSource) -> Self {
        let cancelled = Arc::new(AtomicBool::new(false));
        // The first Ctrl-C asks for an orderly stop, the second one ends at once: every state is on disk by then.
        let _ =
            signal_hook::flag::register_conditional_shutdown(signal_hook::consts::SIGINT, 130, Arc::clone(&cancelled));
        let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&cancelled));
        Self {
            text,
            pin,
            approve_unasked: false,
            accept_final_try: false,
            accept_low_count: false,
            quiet: false,
            cancelled,
        }
    }

    fn person_present(&self) -> bool {
        matches!(self.pin, PinSource::Terminal) && std::io::stdin().is_terminal()
    }

    /// What may be sent to a token in this state. Somebody at the terminal may confirm a PIN that comes from elsewhere.
    fn rules(&self, ask: &PinAsk, person_present: bool) -> PinRules {
        let confirmed = || {
            say(&format!("{}: {}", ask.token, self.text.get("note-count-low")));
            self.yes_typed(self.text.get("ask-low-count"))
        };
        let low = ask.flags.count_low && !ask.flags.final_try && !person_present;
        PinRules {
            person_present,
            accept_final_try: self.accept_final_try,
            accept_low_count: self.accept_low_count || (low && confirmed()),
        }
    }

    fn yes_typed(&self, question: &str) -> bool {
        if !std::io::stdin().is_terminal() {
            return false;
        }
        say_inline(question);
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
    }
}

impl Prompt for Terminal {
    fn pin(&mut self, ask: &PinAsk) -> Result<Pin, PinRefusal> {
        let rules = self.rules(ask, self.person_present());
        may_spend_a_try(ask.flags, rules)?;
        let text = self.text;
        let octets = match &mut self.pin {
            PinSource::Terminal => {
                for (set, key) in [
                    (ask.flags.count_low, "note-count-low"),
                    (ask.flags.final_try, "note-final-try"),
                ] {
                    if set {
                        say(text.get(key));
                    }
                }
                let question = match ask.purpose {
                    PinPurpose::Login => "ask-pin",
                    PinPurpose::EachSignature => "ask-pin-each",
                    PinPurpose::ChainAccount => "ask-pin-account",
                };
                say(&ask.document);
                say(&ask.credential);
                let question = harmless(&format!("{} [{}]: ", text.get(question), ask.token));
                let typed = rpassword::prompt_password(question);
                Zeroizing::new(typed.map_err(|_| PinRefusal::Unavailable)?.into_bytes())
            }
            PinSource::Stdin(kept) => {
                if kept.is_none() {
                    // The standard library's own buffer would keep a copy that nobody wipes.
                    let stdin = std::io::stdin().as_fd().try_clone_to_owned();
                    let mut stdin = File::from(stdin.map_err(|_| PinRefusal::Unavailable)?);
                    *kept = Some(first_line(&mut stdin)?);
                }
                kept.clone().unwrap_or_default()
            }
            PinSource::File(path) => {
                // Opening a pipe would wait for somebody who writes into it.
                if !std::fs::metadata(&*path).is_ok_and(|facts| facts.is_file()) {
                    say(&format!("{}: {}", text.get("note-not-a-file"), path.display()));
                    return Err(PinRefusal::Unavailable);
                }
                let mut file = File::open(&*path).map_err(|_| PinRefusal::Unavailable)?;
                let facts = file.metadata().map_err(|_| PinRefusal::Unavailable)?;
                if !facts.is_file() || facts.mode() & 0o077 != 0 {
                    say(&format!("{}: {:o}, 600", path.display(), facts.mode() & 0o777));
                    return Err(PinRefusal::Unavailable);
                }
                first_line(&mut file)?
            }
        };
        Pin::new(octets.to_vec()).ok_or(PinRefusal::Unavailable)
    }

    fn enter_on_device(&mut self, ask: &PinAsk) -> Result<(), PinRefusal> {
        let rules = self.rules(ask, std::io::stdin().is_terminal());
        may_spend_a_try(ask.flags, rules)?;
        say(&ask.document);
        say(&ask.credential);
        say(&format!("{} [{}]", self.text.get("note-on-device"), ask.token));
        Ok(())
    }
}

impl Interaction for Terminal {
    fn tell(&mut self, event: &Event) {
        if self.quiet {
            return;
        }
        match event {
            Event::Stage { name, stage } => {
                say(&format!("{} {name}", self.text.get(&format!("stage-{}", stage.name()))));
            }
            Event::Note { code, detail } => say(&format!("{code} {detail}")),
        }
    }

    fn approve(&mut self, shown: &dyn Fn() -> ReviewShown) -> bool {
        if !self.quiet {
            for line in print::review(self.text, &shown()) {
                say(&line);
            }
        }
        self.approve_unasked || self.yes_typed(self.text.get("ask-approve"))
    }

    fn can_ask(&self) -> bool {
        self.approve_unasked || std::io::stdin().is_terminal()
    }

    fn try_again(&mut self, fault: &Fault) -> bool {
        let _ = fault;
        self.person_present() && self.yes_typed(self.text.get("ask-again"))
    }

    fn preview(&mut self, endpoint: &str, payload: &Value) -> bool {
        if !self.quiet {
            say(&format!(
                "{} {endpoint}: {}",
                self.text.get("label-payload"),
                print::short(payload)
            ));
        }
        true
    }

    fn cancelled(&mut self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// A line for the person; what is in it cannot draw a second one. When nobody can read it nothing is lost.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", harmless(line));
}

fn say_inline(text: &str) {
    let mut out = std::io::stderr();
    let _ = write!(out, "{}", harmless(text));
    let _ = out.flush();
}
