//! The application under the driver: started on a desk, killed, started again on the same desk.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use super::{
    Tools,
    display::Display,
    http,
    page::Page,
    process::{Group, signal, tree},
    until,
};

/// Where it runs.
#[derive(Debug, Clone, Copy)]
pub struct Stage<'a> {
    /// The display.
    pub display: &'a Display,
    /// What is needed.
    pub tools: &'a Tools,
    /// Logs of this case.
    pub logs: &'a Path,
}

/// How it is started.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// More for its environment.
    pub environment: Vec<(String, PathBuf)>,
    /// Its own arguments.
    pub arguments: Vec<String>,
    /// A program and its arguments to put in front of it.
    pub under: Vec<String>,
}

/// A running application.
#[derive(Debug)]
pub struct App<'a> {
    stage: Stage<'a>,
    page: Page,
    /// Until the page could be asked something.
    pub took: Duration,
    driver: Group,
}

/// Until the driver answers, and until the window is there: on a machine that does much else at the same time.
const COMING_UP: Duration = Duration::from_secs(40);

impl<'a> App<'a> {
    /// Starts it, and waits until its page is usable.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(stage: Stage<'a>, start: &Start) -> Self {
        let [port, native] = free_ports();
        let mut command = Command::new("node");
        command
            .arg(&stage.tools.driver)
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .env_clear()
            .envs(
                ["PATH", "LD_LIBRARY_PATH"]
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .envs(stage.display.environment())
            .env("LANG", "C.UTF-8")
            .envs(start.environment.iter().map(|(name, value)| (name, value)));
        let mut driver = Group::start(&mut command, &stage.logs.join("app.log"));
        until("the driver", COMING_UP, || {
            assert!(driver.lives(), "the driver ended; see app.log");
            // The one in front would keep a connection for its status, and lose it by the next question.
            TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
            http::ask(native, "GET", "/status", None)
        });
        let binary = stage.tools.binary.display().to_string();
        let mut words = start.under.iter().cloned().chain([binary]);
        let application = words.next().expect("a program");
        let arguments: Vec<String> = words.chain(start.arguments.iter().cloned()).collect();
        let began = Instant::now();
        let page = Page::open(port, native, &application, &arguments).unwrap_or_else(|error| panic!("{error}"));
        page.wait_for("app[data-ready=\"true\"]", COMING_UP);
        Self {
            stage,
            page,
            took: began.elapsed(),
            driver,
        }
    }

    /// Its page.
    #[must_use]
    pub const fn page(&self) -> &Page {
        &self.page
    }

    /// Its display.
    #[must_use]
    pub const fn display(&self) -> &'a Display {
        self.stage.display
    }

    /// The application's own process.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.running().expect("a running application")
    }

    fn running(&self) -> Option<u32> {
        let binary = std::fs::canonicalize(&self.stage.tools.binary).expect("the application's path");
        tree(self.driver.id())
            .into_iter()
            .find(|id| std::fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|exe| exe == binary))
    }

    /// The port by which the driver looks into the web view: the application's own processes connect to it, too.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn driver_port(&self) -> u16 {
        let environment = std::fs::read(format!("/proc/{}/environ", self.process())).expect("its environment");
        let port = environment.split(|octet| *octet == 0).find_map(|entry| {
            let entry = std::str::from_utf8(entry).ok()?;
            entry
                .strip_prefix("WEBKIT_INSPECTOR_SERVER=")?
                .rsplit(':')
                .next()?
                .parse()
                .ok()
        });
        port.expect("a driver that looks into it")
    }

    /// Whether it runs.
    #[must_use]
    pub fn lives(&self) -> bool {
        self.running().is_some()
    }

    /// `kill -9`, with no warning; what it had started goes, too.
    ///
    /// # Panics
    /// When it survives.
    pub fn kill(self) {
        let processes = tree(self.process());
        for process in &processes {
            signal("KILL", &process.to_string());
        }
        until("its end", Duration::from_secs(10), || match self.running() {
            None => Ok(()),
            Some(process) => Err(format!("process {process} lives")),
        });
    }
}

impl Drop for App<'_> {
    fn drop(&mut self) {
        // Whoever is left in the driver's group ends with it; children with groups of their own are looked for first.
        for process in tree(self.driver.id()).into_iter().skip(1) {
            signal("KILL", &process.to_string());
        }
    }
}

/// Two different ones: the system may give the same again as soon as it is let go.
fn free_ports() -> [u16; 2] {
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    held.map(|listener| listener.local_addr().expect("its address").port())
}
