//! The courier's bell and its patience: when it is to look, and how long it leaves alone what could not go on.
//!
//! In memory only: after a restart everything is tried at once. Not its business: what it does (courier).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;

use crate::running::locked;

/// The longest pause between two tries of one thing.
pub(crate) const LONGEST: Duration = Duration::from_secs(300);

/// The bell of the courier.
#[derive(Default)]
pub(crate) struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
    /// Rows whose account may ask the person for a PIN: just released by that person.
    pub(crate) present: Mutex<BTreeSet<String>>,
    /// When things are tried again, for the window.
    pub(crate) next: Mutex<BTreeMap<String, Timestamp>>,
}

impl Bell {
    pub(crate) fn nudge(&self) {
        *locked(&self.rung) = true;
        self.heard.notify_all();
    }

    pub(crate) fn nudge_for(&self, row: &str) {
        locked(&self.present).insert(row.to_owned());
        locked(&self.next).remove(row);
        self.nudge();
    }

    /// Tries this session again at the next round.
    pub(crate) fn hurry(&self, key: &str) {
        locked(&self.next).remove(key);
        self.nudge();
    }

    pub(crate) fn next_try(&self, key: &str) -> Option<Timestamp> {
        locked(&self.next).get(key).copied()
    }

    pub(crate) fn wait(&self, pause: Duration) {
        let rung = locked(&self.rung);
        let waited = self.heard.wait_timeout_while(rung, pause, |rung| !*rung);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *rung = false;
    }
}

/// The pauses of what could not go on, by session or row.
#[derive(Default)]
pub(crate) struct Patience(BTreeMap<String, (u32, Instant)>);

impl Patience {
    pub(crate) fn is_due(&self, key: &str, next: Option<Timestamp>) -> bool {
        // What the window may hurry is in the bell; without a note there nothing is waited for.
        next.is_none() || self.0.get(key).is_none_or(|(_, due)| Instant::now() >= *due)
    }

    pub(crate) fn failed(&mut self, key: &str, pause: Duration) -> Timestamp {
        let (tries, due) = self.0.entry(key.to_owned()).or_insert((0, Instant::now()));
        let wait = pause.saturating_mul(1 << (*tries).min(6)).min(LONGEST);
        *tries = tries.saturating_add(1);
        *due = Instant::now() + wait;
        Timestamp::now() + wait
    }

    pub(crate) fn went_on(&mut self, key: &str) {
        self.0.remove(key);
    }
}
