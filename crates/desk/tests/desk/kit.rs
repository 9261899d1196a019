//! A practice home for each case, a person who follows a script, and shorthand for what a window does.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_desk::{
    ChangeAsk, Desk, Fault, Options, Person,
    ports::{Pin, PinAsk, PinRefusal},
    view::{ContractCard, ContractState, DeskEvent, FaultShown, SignChoices, StageName},
};
use countersign_engine::demo::{self, DemoChain};

/// One practice home that all others are copies of: making its keys takes seconds.
pub(crate) struct Template {
    folder: tempfile::TempDir,
}

impl Template {
    pub(crate) fn make() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let made = demo::practice_home(&folder.path().join("template"), Some(DemoChain::Journal));
        match made {
            Ok(_) => Some(Self { folder }),
            Err(fault) => {
                println!("{fault:?}");
                None
            }
        }
    }

    /// A copy whose files name the copy.
    pub(crate) fn copy(&self, name: &str) -> PathBuf {
        let (from, to) = (self.folder.path().join("template"), self.folder.path().join(name));
        let copied = Command::new("cp").arg("-a").args([&from, &to]).status().expect("cp");
        assert!(copied.success());
        for file in ["config.toml", "practice/softhsm2.conf"] {
            let text = fs::read_to_string(to.join(file)).expect(file);
            let renamed = text.replace(from.to_str().expect("text"), to.to_str().expect("text"));
            fs::write(to.join(file), renamed).expect(file);
        }
        to
    }
}

/// What the person does when a PIN is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Typed {
    Right,
    Wrong,
    No,
    /// Waits until the case says so, then says no.
    Dawdle,
}

/// A person who follows a script and remembers what was said.
pub(crate) struct Script {
    pub(crate) pin: Mutex<String>,
    pub(crate) typed: Mutex<VecDeque<Typed>>,
    pub(crate) asked: Mutex<Vec<String>>,
    pub(crate) told: Mutex<Vec<DeskEvent>>,
    pub(crate) notes: Mutex<Vec<String>>,
    /// Changes of settings that were asked about, and what is answered.
    pub(crate) changes: Mutex<Vec<ChangeAsk>>,
    pub(crate) agrees: AtomicBool,
    heard: Condvar,
    pub(crate) go: Mutex<bool>,
    pub(crate) gone: Condvar,
}

impl Person for Script {
    fn pin(&self, ask: &PinAsk, contract: &str) -> Result<Pin, PinRefusal> {
        self.asked.lock().unwrap().push(format!("{contract} {}", ask.document));
        let typed = self.typed.lock().unwrap().pop_front().unwrap_or(Typed::Right);
        match typed {
            Typed::Right => Ok(Pin::new(self.pin.lock().unwrap().clone().into_bytes()).unwrap()),
            Typed::Wrong => Ok(Pin::new(b"000000".to_vec()).unwrap()),
            Typed::No => Err(PinRefusal::Cancelled),
            Typed::Dawdle => {
                let go = self.go.lock().unwrap();
                let limit = Duration::from_secs(60);
                drop(self.gone.wait_timeout_while(go, limit, |go| !*go).unwrap());
                Err(PinRefusal::Cancelled)
            }
        }
    }

    fn on_device(&self, _: &PinAsk, _: &str) -> Result<(), PinRefusal> {
        Err(PinRefusal::Unavailable)
    }

    fn try_again(&self, fault: &Fault, _: &str) -> bool {
        self.asked.lock().unwrap().push(format!("again after {}", fault.code));
        true
    }

    fn agrees(&self, ask: &ChangeAsk) -> bool {
        self.changes.lock().unwrap().push(ask.clone());
        self.agrees.load(Ordering::Relaxed)
    }

    fn event(&self, event: DeskEvent) {
        self.told.lock().unwrap().push(event);
        self.heard.notify_all();
    }

    fn notify(&self, code: &str, _: &str, name: &str) {
        self.notes.lock().unwrap().push(format!("{code} {name}"));
        self.heard.notify_all();
    }
}

/// Where a case works.
pub(crate) struct Bench {
    pub(crate) home: PathBuf,
    pub(crate) person: Arc<Script>,
}

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

impl Bench {
    pub(crate) fn new(home: PathBuf) -> Self {
        let pin = fs::read_to_string(home.join("practice/pin")).expect("the practice PIN");
        let person = Script {
            pin: Mutex::new(pin.trim().to_owned()),
            typed: Mutex::default(),
            asked: Mutex::default(),
            told: Mutex::default(),
            notes: Mutex::default(),
            changes: Mutex::default(),
            agrees: AtomicBool::new(true),
            heard: Condvar::new(),
            go: Mutex::default(),
            gone: Condvar::new(),
        };
        Self {
            home,
            person: Arc::new(person),
        }
    }

    pub(crate) fn open(&self) -> Arc<Desk> {
        self.try_open().expect("the desk")
    }

    pub(crate) fn try_open(&self) -> Result<Arc<Desk>, FaultShown> {
        Desk::open(&self.home, self.someone(), self.options())
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            courier_pause: Duration::from_millis(300),
            ..Options::new(std::env::current_exe().expect("this program"))
        }
    }

    pub(crate) fn someone(&self) -> Arc<dyn Person> {
        Arc::clone(&self.person) as Arc<dyn Person>
    }

    pub(crate) fn script(&self, typed: &[Typed]) {
        *self.person.typed.lock().unwrap() = typed.iter().cloned().collect();
    }

    /// The sample contract in a folder of its own.
    pub(crate) fn contract(&self, name: &str) -> PathBuf {
        let folder = self.home.join("work");
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(name);
        fs::write(&path, demo::SAMPLE).expect("the sample");
        path
    }

    /// Changes the configuration by hand.
    pub(crate) fn edit_config(&self, from: &str, to: &str) {
        let file = self.home.join("config.toml");
        let text = fs::read_to_string(&file).expect("the configuration");
        assert!(text.contains(from), "{from:?} in {text}");
        fs::write(&file, text.replace(from, to)).expect("the configuration");
    }

    /// Waits until something is so; events are the bell, a clock is the safety net.
    pub(crate) fn until(&self, what: &str, mut so: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so() {
            assert!(
                Instant::now() < deadline,
                "never: {what}; told {:?}",
                self.person.told.lock().unwrap()
            );
            let told = self.person.told.lock().unwrap();
            drop(
                self.person
                    .heard
                    .wait_timeout(told, Duration::from_millis(100))
                    .unwrap(),
            );
        }
    }

    pub(crate) fn until_state(&self, desk: &Desk, id: &str, state: ContractState) -> ContractCard {
        self.until(&format!("{state:?}, but {:?}", card(desk, id)), || {
            let card = card(desk, id);
            card.state == state && card.running.is_none()
        });
        card(desk, id)
    }

    pub(crate) fn stages(&self) -> Vec<StageName> {
        let told = self.person.told.lock().unwrap();
        let stage = |event: &DeskEvent| match event {
            DeskEvent::Stage { stage, .. } => Some(*stage),
            _ => None,
        };
        told.iter().filter_map(stage).collect()
    }
}

pub(crate) fn card(desk: &Desk, id: &str) -> ContractCard {
    let view = desk.desk_view().expect("the view");
    view.contracts.into_iter().find(|card| card.id == id).expect("the card")
}

/// Adds a contract and looks at all of it.
pub(crate) fn reviewed(desk: &Desk, path: &Path) -> String {
    let id = desk.desk_add(&[path.to_owned()]).expect("added").pop().expect("an id");
    see_all(desk, &id);
    id
}

pub(crate) fn see_all(desk: &Desk, id: &str) {
    let sheet = desk.review_open(id).expect("the sheet");
    for page in 1..=sheet.pages {
        desk.review_seen(id, page, false).expect("seen");
    }
}

/// The usual choices with party A's credential.
pub(crate) fn choices(desk: &Desk, id: &str) -> SignChoices {
    let tokens = desk.tokens_view(true).expect("tokens");
    let options = desk.sign_options(id).expect("options");
    let credential = tokens
        .credentials
        .iter()
        .find(|card| card.key.starts_with("RSA"))
        .expect("a credential");
    SignChoices {
        contract: id.to_owned(),
        sha256: card(desk, id).sha256,
        credential: credential.id.clone(),
        level: options.levels.first().cloned().expect("a level"),
        field: None,
        place: None,
        reason: "演练".to_owned(),
        location: String::new(),
        tsa: None,
        endpoint: options.endpoints.first().map(|endpoint| endpoint.name.clone()),
        submit_at_once: false,
        accepted: Vec::new(),
    }
}
