//! What is around a desk: children that can be watched and killed, servers that say nothing, a chain, and what a run has
//! left in the store and on the disk.
//!
//! Not its business: what should be there (the suites).

mod chain;
mod left;
mod typefaces;

use std::{
    ffi::OsStr,
    io::Read as _,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use countersign_practice::soft_token::SOFTHSM2_CONF;

pub use chain::Chain;
pub use left::{Left, strays};
pub use typefaces::without_typefaces;

use crate::desk::{Desk, Key, program};

/// `PROGRAM ARGUMENTS --json`; as `bare` otherwise.
#[must_use]
pub fn command<S: AsRef<OsStr>>(desk: &Desk, before: &[&OsStr], arguments: &[S]) -> Command {
    let mut command = bare(desk, before, arguments);
    command.arg("--json");
    command
}

/// `PROGRAM` with this desk's home and token and little else in its environment; `before` is put in front of it.
///
/// # Panics
/// When the program is not built.
#[must_use]
pub fn bare<S: AsRef<OsStr>>(desk: &Desk, before: &[&OsStr], arguments: &[S]) -> Command {
    let program = program();
    let mut words = before.iter().copied().chain([program.as_os_str()]);
    let mut command = Command::new(words.next().expect("a program"));
    command
        .args(words)
        .args(arguments.iter().map(AsRef::as_ref))
        .env_clear()
        .envs(
            ["PATH", "HOME", "TMPDIR"]
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .env("COUNTERSIGN_HOME", desk.home())
        .env(SOFTHSM2_CONF, desk.token_conf())
        .current_dir(desk.work())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// `sign INPUT -o OUTPUT` with this key, approved.
#[must_use]
pub fn sign(desk: &Desk, input: &str, output: &str, key: Key, more: &[&str]) -> Vec<String> {
    let chain = desk.chain().display().to_string();
    let uri = desk.credential(key);
    [
        "sign",
        input,
        "-o",
        output,
        "--credential",
        &uri,
        "--chain",
        &chain,
        "--yes",
    ]
    .iter()
    .chain(more)
    .map(|word| (*word).to_owned())
    .collect()
}

/// The PIN's file as an argument.
#[must_use]
pub fn pin_from(desk: &Desk) -> String {
    format!("file:{}", desk.pin_file().display())
}

/// Waits for the end of a child whose pipes are small.
///
/// # Panics
/// When it does not end.
#[must_use]
pub fn ended(mut child: Child, within: Duration) -> Output {
    let deadline = Instant::now() + within;
    while child.try_wait().expect("a child").is_none() {
        assert!(Instant::now() < deadline, "the program does not end within {within:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().expect("a child")
}

/// Kills it as `kill -9` does, and waits.
///
/// # Panics
/// When it cannot be killed.
pub fn kill(mut child: Child) {
    child.kill().expect("a child of our own");
    child.wait().expect("a child of our own");
}

/// A URL where nobody listens.
///
/// # Panics
/// Without a loopback interface.
#[must_use]
pub fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}/", listener.local_addr().expect("an address"))
}

/// Accepts connections, reads, and says nothing.
pub struct Silent {
    url: String,
    asked: mpsc::Receiver<()>,
    ended: Arc<AtomicBool>,
    held: Arc<Mutex<Vec<TcpStream>>>,
    thread: Option<JoinHandle<()>>,
}

impl Silent {
    /// Starts to listen.
    ///
    /// # Panics
    /// Without a loopback interface.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let (heard, asked) = mpsc::channel();
        let ended = Arc::new(AtomicBool::new(false));
        let held = Arc::new(Mutex::new(Vec::new()));
        let (over, holds) = (Arc::clone(&ended), Arc::clone(&held));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                let mut first = [0_u8; 1];
                let mut stream = stream;
                // Something was asked, not only connected.
                if stream.read_exact(&mut first).is_ok() {
                    let _nobody_waits = heard.send(());
                    holds.lock().expect("no panic while held").push(stream);
                }
            }
        });
        Self {
            url,
            asked,
            ended,
            held,
            thread: Some(thread),
        }
    }

    /// Where.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until it was asked something.
    ///
    /// # Panics
    /// When nobody asks.
    pub fn wait(&self) {
        self.asked.recv_timeout(Duration::from_secs(30)).expect("to be asked");
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        let address = self.url.trim_start_matches("http://").trim_end_matches('/');
        let _woken = TcpStream::connect(address);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
        self.held.lock().map(|mut held| held.clear()).unwrap_or_default();
    }
}

/// Whether the octets stand anywhere in the file.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn contains(file: &Path, octets: &[u8]) -> bool {
    let content = std::fs::read(file).expect("a file to read");
    content.windows(octets.len()).any(|window| window == octets)
}
