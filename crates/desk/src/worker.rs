//! A thread with an engine of its own: one job after the other.
//!
//! Not its business: what the jobs do. A job that panics ends alone; whoever waits for it hears `internal`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::{Builder, JoinHandle},
    time::Duration,
};

use countersign_engine::Engine;

use crate::{running::locked, view::FaultShown};

type Job = Box<dyn FnOnce(&mut Engine) + Send>;

/// Between two looks of a thread that has nothing to do.
const IDLE: Duration = Duration::from_secs(3);

/// The way to the thread.
pub(crate) struct Worker {
    jobs: Mutex<Option<Sender<Job>>>,
}

impl Worker {
    /// Starts it. `generation` changes when the configuration did; `idle` is done when there was nothing to do for a while.
    pub(crate) fn start(
        name: &str,
        mut engine: Engine,
        generation: Arc<AtomicU64>,
        mut idle: impl FnMut(&mut Engine) + Send + 'static,
    ) -> Result<(Self, JoinHandle<()>), FaultShown> {
        let (jobs, given) = channel::<Job>();
        let run = move || {
            let mut seen = generation.load(Ordering::Acquire);
            loop {
                let job = match given.recv_timeout(IDLE) {
                    Ok(job) => Some(job),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                let now = generation.load(Ordering::Acquire);
                if now != seen {
                    seen = now;
                    // A configuration that cannot be read is shown in the settings; the one before it stays.
                    let _ = engine.reload();
                }
                let done = catch_unwind(AssertUnwindSafe(|| match job {
                    Some(job) => job(&mut engine),
                    None => idle(&mut engine),
                }));
                if done.is_err() {
                    // Whatever the engine held is let go of; everything that counts is in the store.
                    engine = engine.companion();
                }
            }
        };
        let thread = Builder::new().name(name.to_owned()).spawn(run);
        let thread = thread.map_err(|error| FaultShown::new("internal", "open").because(&error))?;
        Ok((
            Self {
                jobs: Mutex::new(Some(jobs)),
            },
            thread,
        ))
    }

    /// One that takes no jobs: where no thread could be started.
    pub(crate) const fn closed() -> Self {
        Self { jobs: Mutex::new(None) }
    }

    /// Puts a job at the end of the queue.
    pub(crate) fn give(&self, job: impl FnOnce(&mut Engine) + Send + 'static) -> Result<(), FaultShown> {
        let closed = || FaultShown::new("not-now", "open").with("waits", "closing");
        let jobs = locked(&self.jobs);
        let sent = jobs.as_ref().ok_or_else(closed)?.send(Box::new(job));
        sent.map_err(|_| closed())
    }

    /// Does a job there and waits for it, as long as `go_on` says so. A job that nobody waits for any more is done all the
    /// same.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        mut go_on: impl FnMut() -> bool,
        job: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<T, FaultShown> {
        let (tell, told) = channel();
        self.give(move |engine| {
            let value = job(engine);
            // Nobody listens when it was cancelled.
            let _ = tell.send(value);
        })?;
        loop {
            match told.recv_timeout(Duration::from_millis(100)) {
                Ok(value) => return Ok(value),
                Err(RecvTimeoutError::Timeout) if go_on() => {}
                Err(RecvTimeoutError::Timeout) => return Err(FaultShown::new("cancelled", "open")),
                Err(RecvTimeoutError::Disconnected) => return Err(FaultShown::new("internal", "open")),
            }
        }
    }

    /// No more jobs. Those that were given are done.
    pub(crate) fn close(&self) {
        locked(&self.jobs).take();
    }
}
