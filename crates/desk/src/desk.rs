//! The desk: what it consists of, how it opens and closes.
//!
//! Three threads have an engine each: one signs and owns the tokens, one goes on with what waits, one reads and judges. A
//! fourth engine, behind a lock, answers short questions. They share nothing but the store and the practice services.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, Builder, JoinHandle},
    time::Duration,
};

use countersign_engine::Engine;

use crate::{
    Person,
    bell::Bell,
    card::KnownSource,
    courier,
    entry::Entry,
    pictures::OpenDocument,
    practice,
    running::{Work, locked},
    shelf,
    standing::Views,
    tokens::Look,
    turn::Turns,
    verify::KeptReport,
    view::{DeskEvent, FaultShown},
    worker::Worker,
};

/// What the desk must know of the program that it is part of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Program that draws pages when it is started with `countersign_render::WORKER_ARGUMENT`.
    pub renderer_program: PathBuf,
    /// Between two rounds of the courier while something waits.
    pub courier_pause: Duration,
}

impl Options {
    /// The usual ones.
    #[must_use]
    pub const fn new(renderer_program: PathBuf) -> Self {
        Self {
            renderer_program,
            courier_pause: Duration::from_secs(5),
        }
    }
}

/// The desk.
pub struct Desk {
    pub(crate) home: PathBuf,
    pub(crate) practice: bool,
    pub(crate) person: Arc<dyn Person>,
    pub(crate) options: Options,
    pub(crate) shelf: Mutex<BTreeMap<String, Entry>>,
    pub(crate) views: Mutex<Views>,
    pub(crate) running: Mutex<BTreeMap<String, Work>>,
    pub(crate) sources: Mutex<HashMap<String, KnownSource>>,
    pub(crate) tokens: Mutex<Look>,
    /// Somebody looks at tokens.
    pub(crate) watching: AtomicBool,
    pub(crate) pictures: Mutex<Vec<OpenDocument>>,
    pub(crate) reports: Mutex<VecDeque<KeptReport>>,
    /// Why the configuration cannot be used.
    pub(crate) config_fault: Mutex<Option<FaultShown>>,
    /// Changes with the configuration.
    pub(crate) generation: Arc<AtomicU64>,
    pub(crate) signing: Worker,
    pub(crate) reading: Worker,
    pub(crate) courier: Arc<Bell>,
    /// Questions to the person.
    pub(crate) turns: Turns,
    pub(crate) stopping: AtomicBool,
    pub(crate) me: Weak<Self>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    lock: Mutex<Option<File>>,
}

impl Desk {
    /// Opens the desk of a home folder and goes on with what waits.
    ///
    /// # Errors
    /// `busy` when another program has this desk open; when the home cannot be used.
    pub fn open(home: &Path, person: Arc<dyn Person>, options: Options) -> Result<Arc<Self>, FaultShown> {
        Self::open_with(home, None, person, options)
    }

    pub(crate) fn open_with(
        home: &Path,
        engine: Option<Engine>,
        person: Arc<dyn Person>,
        options: Options,
    ) -> Result<Arc<Self>, FaultShown> {
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
        let found = shelf::open(&home.join(shelf::FOLDER))?;
        let (engine, config_fault) = match engine.map_or_else(|| Engine::open(&home, None), Ok) {
            Ok(engine) => (engine, None),
            // The settings must be reachable to be mended.
            Err(fault) => (Engine::unconfigured(&home)?, Some(FaultShown::from(fault))),
        };
        let generation = Arc::new(AtomicU64::new(0));
        let bell = Arc::new(Bell::default());
        let mut threads = Vec::new();
        let mut failure = None;
        let desk = Arc::new_cyclic(|me: &Weak<Self>| {
            let watcher = me.clone();
            let look = move |engine: &mut Engine| {
                if let Some(desk) = watcher.upgrade() {
                    desk.look_if_watched(engine);
                }
            };
            let (watcher, mut told) = (me.clone(), HashMap::new());
            let look_at_sources = move |_: &mut Engine| {
                if let Some(desk) = watcher.upgrade() {
                    desk.look_at_sources(&mut told);
                }
            };
            let mut start = |worker: Result<(Worker, JoinHandle<()>), FaultShown>| match worker {
                Ok((worker, thread)) => {
                    threads.push(thread);
                    worker
                }
                Err(fault) => {
                    failure = Some(fault);
                    Worker::closed()
                }
            };
            let signing = start(Worker::start(
                "signing",
                engine.companion(),
                Arc::clone(&generation),
                look,
            ));
            let reading = start(Worker::start(
                "reading",
                engine.companion(),
                Arc::clone(&generation),
                look_at_sources,
            ));
            let (desk, ring, own, changes) = (
                me.clone(),
                Arc::clone(&bell),
                engine.companion(),
                Arc::clone(&generation),
            );
            let courier = Builder::new().name("courier".to_owned());
            match courier.spawn(move || courier::run(&desk, &ring, own, &changes)) {
                Ok(thread) => threads.push(thread),
                Err(error) => failure = Some(FaultShown::new("internal", "open").because(&error)),
            }
            Self {
                practice: practice::is_practice(&home),
                home,
                person,
                options,
                shelf: Mutex::new(found.entries),
                views: Mutex::new(Views::new(engine)),
                running: Mutex::default(),
                sources: Mutex::default(),
                tokens: Mutex::default(),
                watching: AtomicBool::new(false),
                pictures: Mutex::default(),
                reports: Mutex::default(),
                config_fault: Mutex::new(config_fault),
                generation,
                signing,
                reading,
                courier: bell,
                turns: Turns::default(),
                stopping: AtomicBool::new(false),
                me: me.clone(),
                threads: Mutex::new(threads),
                lock: Mutex::new(Some(found.lock)),
            }
        });
        if let Some(fault) = failure {
            desk.close();
            return Err(fault);
        }
        for fault in found.faults {
            desk.person.event(DeskEvent::Fault { contract: None, fault });
        }
        desk.courier.nudge();
        Ok(desk)
    }

    /// Its home.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Waits for the running stage and ends threads and workers. Nothing is lost: what waits is gone on with at the next
    /// start.
    pub fn close(&self) {
        self.stopping.store(true, Ordering::Release);
        for work in locked(&self.running).values() {
            work.cancel.store(true, Ordering::Relaxed);
        }
        self.signing.close();
        self.reading.close();
        self.courier.nudge();
        let threads = std::mem::take(&mut *locked(&self.threads));
        for thread in threads {
            if thread.thread().id() != thread::current().id() {
                // A thread that panicked has nothing left to wait for.
                let _ = thread.join();
            }
        }
        locked(&self.pictures).clear();
        locked(&self.lock).take();
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        self.courier.nudge();
    }
}
