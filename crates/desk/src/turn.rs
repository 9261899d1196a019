//! One question to the person at a time: what is asked later waits until what was asked first has been answered.
//!
//! Not its business: what is asked.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use crate::running::locked;

/// Between two looks whether an answer is still wanted.
const LOOK: Duration = Duration::from_millis(200);

/// Whose turn it is.
#[derive(Default)]
pub(crate) struct Turns {
    taken: Mutex<bool>,
    free: Condvar,
}

/// The person is asked by the holder, and by nobody else.
pub(crate) struct Turn<'a>(&'a Turns);

impl Turns {
    /// Waits for it, as long as `wanted` says so.
    pub(crate) fn take(&self, wanted: impl Fn() -> bool) -> Option<Turn<'_>> {
        let mut taken = locked(&self.taken);
        while *taken && wanted() {
            let waited = self.free.wait_timeout(taken, LOOK);
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if *taken || !wanted() {
            return None;
        }
        *taken = true;
        Some(Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *locked(&self.0.taken) = false;
        self.0.free.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            atomic::{AtomicBool, AtomicUsize, Ordering},
            mpsc::channel,
        },
        thread,
    };

    use super::*;

    #[test]
    fn whoever_comes_later_waits() {
        let (turns, asked) = (Turns::default(), AtomicUsize::new(0));
        let (tell, told) = channel();
        let first = turns.take(|| true).unwrap();
        thread::scope(|scope| {
            let later = scope.spawn(|| {
                // Told from inside the wait: it is known to have begun.
                let turn = turns.take(|| tell.send(()).is_ok()).unwrap();
                asked.fetch_add(1, Ordering::Relaxed);
                drop(turn);
            });
            for _ in 0..3 {
                told.recv().unwrap();
            }
            assert_eq!(asked.load(Ordering::Relaxed), 0, "asked while another question is open");
            drop(first);
            later.join().unwrap();
        });
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert!(turns.take(|| true).is_some());
    }

    #[test]
    fn nobody_waits_for_what_is_not_wanted_any_more() {
        let (turns, wanted) = (Turns::default(), AtomicBool::new(true));
        let first = turns.take(|| true).unwrap();
        let refused = turns.take(|| wanted.swap(false, Ordering::Relaxed));
        assert!(refused.is_none());
        drop(first);
        assert!(turns.take(|| false).is_none());
        assert!(turns.take(|| true).is_some());
    }
}
