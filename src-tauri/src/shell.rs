//! What the shell holds: the one desk that is open, the screen that is shown, the language, events that nobody heard yet.
//!
//! Not its business: what the desk does, what a window looks like.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use countersign_desk::{
    Desk, Options,
    view::{DeskEvent, FaultShown, Language, SettingsView, Theme},
};
use tauri::{AppHandle, Manager as _};
use tauri_specta::Event as _;

use crate::{
    bindings::Told,
    person::AtWindow,
    picker::{FilePicker, Kind, Question, picker},
    text::Text,
    window,
};

/// Events that are kept until the window listens. What is lost beyond this the window asks for anyway when it starts.
const KEPT_EVENTS: usize = 256;

/// Whose desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The person's.
    Own,
    /// For practice.
    Practice,
}

enum Held {
    /// Being opened.
    Opening,
    Open(Arc<Desk>),
    /// Why there is none.
    Not(FaultShown),
}

struct Inner {
    app: AppHandle,
    home: PathBuf,
    program: PathBuf,
    picker: Box<dyn FilePicker>,
    desk: Mutex<Held>,
    opened: Condvar,
    /// One change at a time.
    changing: Mutex<()>,
    screen: Mutex<String>,
    language: Mutex<Language>,
    ready: AtomicBool,
    closing: AtomicBool,
    unheard: Mutex<Vec<DeskEvent>>,
}

/// Shared by everything.
#[derive(Clone)]
pub(crate) struct Shell(Arc<Inner>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept here is replaced as a whole: a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shell {
    pub(crate) fn new(app: AppHandle, home: PathBuf, program: PathBuf, language: Language) -> Self {
        Self(Arc::new(Inner {
            app,
            home,
            program,
            picker: picker(),
            desk: Mutex::new(Held::Opening),
            opened: Condvar::new(),
            changing: Mutex::new(()),
            screen: Mutex::new("desk".to_owned()),
            language: Mutex::new(language),
            ready: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            unheard: Mutex::new(Vec::new()),
        }))
    }

    pub(crate) fn app(&self) -> &AppHandle {
        &self.0.app
    }

    /// Opens the person's own desk; others wait for it in [`Self::desk`].
    pub(crate) fn open_desk(&self) {
        let _changing = locked(&self.0.changing);
        let opened = self.opened(Which::Own);
        self.hold(opened);
    }

    /// The desk, once it is open.
    pub(crate) fn desk(&self) -> Result<Arc<Desk>, FaultShown> {
        let mut held = locked(&self.0.desk);
        loop {
            match &*held {
                Held::Open(desk) => return Ok(Arc::clone(desk)),
                Held::Not(fault) => return Err(fault.clone()),
                Held::Opening => {}
            }
            held = self.0.opened.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The desk, if it is open; nobody waits.
    pub(crate) fn desk_now(&self) -> Option<Arc<Desk>> {
        match &*locked(&self.0.desk) {
            Held::Open(desk) => Some(Arc::clone(desk)),
            Held::Opening | Held::Not(_) => None,
        }
    }

    /// Closes the desk and opens the other one. Where the practice desk cannot be opened the person's own one is again.
    pub(crate) fn change_desk(&self, which: Which) -> Result<Arc<Desk>, FaultShown> {
        let _changing = locked(&self.0.changing);
        let wants_practice = which == Which::Practice;
        if let Some(desk) = self.desk_now() {
            if desk.is_practice() == wants_practice {
                return Ok(desk);
            }
            if window::is_working(&desk) {
                return Err(FaultShown::new("busy", "window"));
            }
            *locked(&self.0.desk) = Held::Opening;
            desk.close();
        }
        let opened = self.opened(which);
        let fault = opened.as_ref().err().cloned();
        self.hold(if fault.is_some() && wants_practice {
            self.opened(Which::Own)
        } else {
            opened
        });
        match fault {
            Some(fault) => Err(fault),
            None => self.desk(),
        }
    }

    fn opened(&self, which: Which) -> Result<Arc<Desk>, FaultShown> {
        let person = Arc::new(AtWindow::new(self.clone()));
        let options = Options::new(self.0.program.clone());
        match which {
            Which::Own => Desk::open(&self.0.home, person, options),
            Which::Practice => Desk::open_practice(&self.0.home, person, options),
        }
    }

    fn hold(&self, opened: Result<Arc<Desk>, FaultShown>) {
        let held = match opened {
            Ok(desk) => {
                if let Ok(settings) = desk.settings_view() {
                    self.dress(&settings);
                }
                Held::Open(desk)
            }
            Err(fault) => Held::Not(fault),
        };
        *locked(&self.0.desk) = held;
        self.0.opened.notify_all();
    }

    /// Waits for what runs and ends it. Nobody is asked anything any more.
    pub(crate) fn close(&self) {
        self.0.closing.store(true, Ordering::Release);
        if let Some(desk) = self.desk_now() {
            desk.close();
        }
    }

    /// The program ends.
    pub(crate) fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::Acquire)
    }

    /// File name of a contract on the desk.
    pub(crate) fn name_of(&self, contract: &str) -> String {
        let view = self.desk_now().and_then(|desk| desk.desk_view().ok());
        let card = view.and_then(|view| view.contracts.into_iter().find(|card| card.id == contract));
        card.map(|card| card.name).unwrap_or_default()
    }

    /// Words in the language of the window.
    pub(crate) fn text(&self) -> Text {
        Text(*locked(&self.0.language))
    }

    /// Language and colours of title and native dialogs.
    pub(crate) fn dress(&self, settings: &SettingsView) {
        *locked(&self.0.language) = settings.language;
        let Some(main) = self.0.app.get_webview_window(window::MAIN) else {
            return;
        };
        let title = if settings.practice {
            "app-title-practice"
        } else {
            "app-title"
        };
        let _ = main.set_title(self.text().get(title));
        let _ = main.set_theme(match settings.theme {
            Theme::System => None,
            Theme::Light => Some(tauri::Theme::Light),
            Theme::Dark => Some(tauri::Theme::Dark),
        });
    }

    /// Whether what is shown is practice.
    pub(crate) fn is_practice(&self) -> bool {
        self.desk_now().is_some_and(|desk| desk.is_practice())
    }

    /// Which screen is shown.
    pub(crate) fn screen_is(&self, screen: &str) {
        let screen: String = screen.chars().take(32).collect();
        if let Some(desk) = self.desk_now() {
            desk.screen_shown(&screen);
        }
        *locked(&self.0.screen) = screen;
    }

    /// A dropped file is to be verified.
    pub(crate) fn drops_are_verified(&self) -> bool {
        *locked(&self.0.screen) == "verify"
    }

    /// The window listens from now on.
    pub(crate) fn ui_is_ready(&self) {
        let unheard = {
            let mut unheard = locked(&self.0.unheard);
            self.0.ready.store(true, Ordering::Release);
            std::mem::take(&mut *unheard)
        };
        for event in unheard {
            self.tell(event);
        }
    }

    /// The page has to start again.
    pub(crate) fn ui_is_gone(&self) {
        self.0.ready.store(false, Ordering::Release);
    }

    /// Tells the window, or keeps it until the window listens.
    pub(crate) fn tell(&self, event: DeskEvent) {
        {
            let mut unheard = locked(&self.0.unheard);
            if !self.0.ready.load(Ordering::Acquire) {
                if unheard.len() < KEPT_EVENTS {
                    unheard.push(event);
                }
                return;
            }
        }
        let _ = Told(event).emit(&self.0.app);
    }

    /// Takes files that were dropped or given as arguments. May take long.
    pub(crate) fn take(&self, add: &[PathBuf], verify: &[PathBuf]) {
        let desk = match self.desk() {
            Ok(desk) => desk,
            Err(fault) => return self.tell(DeskEvent::Fault { contract: None, fault }),
        };
        if !add.is_empty() {
            match desk.desk_add(add) {
                Ok(ids) => match <[String; 1]>::try_from(ids) {
                    Ok([contract]) => self.tell(DeskEvent::Open { contract }),
                    Err(_) => self.tell(DeskEvent::Changed { contract: None }),
                },
                Err(fault) => self.tell(DeskEvent::Fault { contract: None, fault }),
            }
        }
        for file in verify {
            match desk.verify_file(file) {
                Ok(view) => self.tell(DeskEvent::Verify { report: view.id }),
                Err(fault) => self.tell(DeskEvent::Fault { contract: None, fault }),
            }
        }
    }

    /// Asks for files that exist.
    pub(crate) fn pick_files(&self, title: &str, kind: Kind, several: bool) -> Vec<PathBuf> {
        let text = self.text();
        let title = text.get(title).to_owned();
        let question = Question::Open { title, kind, several };
        let mut files = self.0.picker.pick(self, text, question);
        files.truncate(if several { crate::arguments::FILES_MAX } else { 1 });
        files
    }

    /// Asks for a place for a file.
    pub(crate) fn pick_place(&self, title: &str, proposed: &str) -> Option<PathBuf> {
        let text = self.text();
        let title = text.get(title).to_owned();
        let proposed = Path::new(proposed).file_name()?.to_string_lossy().into_owned();
        let question = Question::Save { title, proposed };
        self.0.picker.pick(self, text, question).into_iter().next()
    }

    /// The window that dialogs belong to. On the main thread only.
    pub(crate) fn parent(&self) -> Option<gtk::ApplicationWindow> {
        self.0.app.get_webview_window(window::MAIN)?.gtk_window().ok()
    }

    /// Shows the window, whether it was hidden or behind others.
    pub(crate) fn bring_forward(&self) {
        if let Some(main) = self.0.app.get_webview_window(window::MAIN) {
            let _ = main.show();
            let _ = main.unminimize();
            let _ = main.set_focus();
        }
    }
}
