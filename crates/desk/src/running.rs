//! What runs for which contract, and how it is stopped. In memory only: after a crash nothing runs.
//!
//! Not its business: what runs.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    Desk,
    view::{DeskEvent, FaultShown, StageName},
};

/// A lock that a panic elsewhere does not take away: every value behind one is whole between two statements.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What runs for one contract.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) stage: StageName,
    pub(crate) cancel: Arc<AtomicBool>,
}

/// Ends with the value.
pub(crate) struct Running {
    desk: Weak<Desk>,
    contract: String,
    cancel: Arc<AtomicBool>,
}

impl Running {
    pub(crate) fn cancel(&self) -> &Arc<AtomicBool> {
        &self.cancel
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(desk) = self.desk.upgrade() {
            locked(&desk.running).remove(&self.contract);
        }
    }
}

impl Desk {
    /// One thing at a time for each contract.
    pub(crate) fn begin(&self, contract: &str, stage: StageName) -> Result<Running, FaultShown> {
        self.still_open()?;
        let mut running = locked(&self.running);
        if running.contains_key(contract) {
            return Err(FaultShown::new("busy", "open").with("contract", contract));
        }
        let cancel = Arc::new(AtomicBool::new(false));
        let work = Work {
            stage,
            cancel: Arc::clone(&cancel),
        };
        running.insert(contract.to_owned(), work);
        Ok(Running {
            desk: self.me.clone(),
            contract: contract.to_owned(),
            cancel,
        })
    }

    /// A stage begins; the one before it was reached.
    pub(crate) fn enter_stage(&self, contract: &str, stage: StageName) {
        let reached = locked(&self.running)
            .get_mut(contract)
            .map(|work| std::mem::replace(&mut work.stage, stage));
        // Whether a stamp came is not told by what begins after it.
        let reached = reached.filter(|reached| *reached < stage && *reached != StageName::Stamped);
        if let Some(reached) = reached {
            self.person.event(DeskEvent::Stage {
                contract: contract.to_owned(),
                stage: reached,
            });
        }
    }

    pub(crate) fn stage_of(&self, contract: &str) -> Option<StageName> {
        locked(&self.running).get(contract).map(|work| work.stage)
    }

    pub(crate) fn still_open(&self) -> Result<(), FaultShown> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(FaultShown::new("not-now", "open").with("waits", "closing"));
        }
        Ok(())
    }

    pub(crate) fn tell_changed(&self, contract: Option<&str>) {
        self.person.event(DeskEvent::Changed {
            contract: contract.map(str::to_owned),
        });
    }

    pub(crate) fn tell_progress(&self, contract: &str, what: &str, done: u64, all: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a fraction to show")]
        let fraction = (all > 0).then(|| (done as f64 / all as f64) as f32);
        self.person.event(DeskEvent::Progress {
            contract: contract.to_owned(),
            what: what.to_owned(),
            fraction,
        });
    }
}
