//! The development chain: `anvil` as a child process on a free port of 127.0.0.1, its state kept in a folder.
//!
//! Not its business: contracts, accounts and transactions (countersign-remote). It says "DEMO CHAIN (anvil), no evidential
//! value" and none of the publicly known development accounts exists on it, unless asked for.
//!
//! The child ends with its owner, however that ends: a shell between the two waits for the pipe to close, then sends
//! SIGTERM, on which anvil writes its state.

mod rpc;

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use crate::{PracticeError, folder};

/// What the chain says of itself.
pub const BANNER: &str = "DEMO CHAIN (anvil) 演练链 – no evidential value / 无证据效力";

/// How the chain shall run.
#[derive(Debug, Clone)]
pub struct ChainOptions {
    /// Chain id.
    pub chain_id: u64,
    /// Seconds between blocks; `None` makes a block for each transaction.
    pub block_time: Option<u64>,
    /// Number of funded development accounts, whose keys everybody knows. Zero is right for the demo.
    pub accounts: u32,
    /// Where anvil is, when it shall not be looked for.
    pub anvil: Option<PathBuf>,
}

impl Default for ChainOptions {
    fn default() -> Self {
        Self {
            chain_id: 20_210_726,
            block_time: None,
            accounts: 0,
            anvil: None,
        }
    }
}

/// A running development chain. Dropping it ends anvil, which writes its state first.
pub struct DevChain {
    shell: Child,
    ended: Arc<AtomicBool>,
    port: u16,
    chain_id: u64,
}

/// Where anvil was the last time: the chain can be woken from any folder.
fn noted(dir: &Path) -> Option<PathBuf> {
    let path = PathBuf::from(String::from_utf8(folder::read(&dir.join("anvil")).ok()?).ok()?.trim());
    (path.is_absolute() && path.is_file()).then_some(path)
}

fn note(dir: &Path, anvil: &Path) -> Result<(), PracticeError> {
    match (noted(dir), anvil.to_str()) {
        (Some(known), _) if known == anvil => Ok(()),
        (_, Some(text)) => folder::write_private(&dir.join("anvil"), format!("{text}\n").as_bytes()),
        (_, None) => Ok(()),
    }
}

/// When the chain of this folder was born, seconds since 1970: written once, beside its state.
fn born(dir: &Path) -> Result<u64, PracticeError> {
    let path = dir.join("born");
    let noted = folder::read(&path)
        .ok()
        .and_then(|octets| String::from_utf8(octets).ok()?.trim().parse().ok());
    match noted {
        Some(born) => Ok(born),
        None => {
            let now = unix_now();
            folder::write_private(&path, format!("{now}\n").as_bytes())?;
            Ok(now)
        }
    }
}

fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

impl DevChain {
    /// Starts anvil with the state kept in `dir`, or a new chain when there is none, and waits until it answers.
    /// `None` when anvil is not on this machine.
    ///
    /// # Errors
    /// When it is there and does not come up.
    pub fn start(dir: &Path, options: &ChainOptions) -> Result<Option<Self>, PracticeError> {
        let Some(anvil) = options.anvil.clone().or_else(find_anvil).or_else(|| noted(dir)) else {
            return Ok(None);
        };
        folder::make(dir)?;
        note(dir, &anvil)?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", KEEPER, "sh"])
            .arg(&anvil)
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--color",
                "never",
                "--slots-in-an-epoch",
                "1",
            ])
            .args([
                "--chain-id",
                &options.chain_id.to_string(),
                "--accounts",
                &options.accounts.to_string(),
            ])
            // anvil makes block 0 anew at every start, with the time that it is given: without it the genesis would change.
            .args(["--timestamp", &born(dir)?.to_string()])
            .args(["--preserve-historical-states", "--state"])
            .arg(dir.join("state.json"));
        if let Some(seconds) = options.block_time {
            command.args(["--block-time", &seconds.to_string()]);
        }
        let mut shell = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Its own group: an interrupt typed at the terminal must reach anvil through its owner, not past it.
            .process_group(0)
            .spawn()
            .map_err(PracticeError::io("start", &anvil))?;
        let (heard, said) = mpsc::channel();
        let ended = Arc::new(AtomicBool::new(false));
        if let Some(stdout) = shell.stdout.take() {
            listen(stdout, heard.clone(), Some(Arc::clone(&ended)));
        }
        if let Some(stderr) = shell.stderr.take() {
            listen(stderr, heard, None);
        }
        let mut chain = Self {
            shell,
            ended,
            port: 0,
            chain_id: options.chain_id,
        };
        chain.port = await_port(&said)?;
        chain.await_answer()?;
        // The given time is also where its clock starts from: set it right for the blocks to come.
        chain.rpc("evm_setTime", &json!([format!("0x{:x}", unix_now())]))?;
        Ok(Some(chain))
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its chain id.
    #[must_use]
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Whether our own child still runs. Somebody else may listen on its port when it does not.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.ended.load(Ordering::Acquire)
    }

    /// One JSON-RPC call; `params` is an array.
    ///
    /// # Errors
    /// When the chain is gone or answers with an error.
    pub fn rpc(&self, method: &str, params: &Value) -> Result<Value, PracticeError> {
        if !self.is_alive() {
            return Err(PracticeError::ChainRpc {
                method: method.to_owned(),
                answer: "the chain has ended".into(),
            });
        }
        rpc::call(self.port, method, params)
    }

    /// Gives an account (`0x…`) so many wei.
    ///
    /// # Errors
    /// As `rpc`.
    pub fn fund(&self, address: &str, wei: u128) -> Result<(), PracticeError> {
        self.rpc("anvil_setBalance", &json!([address, format!("{wei:#x}")]))
            .map(drop)
    }

    /// Makes so many empty blocks, for finality.
    ///
    /// # Errors
    /// As `rpc`.
    pub fn mine(&self, blocks: u64) -> Result<(), PracticeError> {
        self.rpc("anvil_mine", &json!([format!("{blocks:#x}")])).map(drop)
    }

    /// The first answer must come from our own chain.
    fn await_answer(&self) -> Result<(), PracticeError> {
        let seen = self.rpc("eth_chainId", &json!([]))?;
        if seen == json!(format!("{:#x}", self.chain_id)) {
            return Ok(());
        }
        Err(PracticeError::ChainRpc {
            method: "eth_chainId".into(),
            answer: seen.to_string(),
        })
    }
}

impl Drop for DevChain {
    fn drop(&mut self) {
        // Closing the pipe tells the keeper to end anvil; then anvil has until the deadline to write its state.
        drop(self.shell.stdin.take());
        let deadline = Instant::now() + STOP_DEADLINE;
        while Instant::now() < deadline {
            match self.shell.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        let _killed = self.shell.kill();
        let _reaped = self.shell.wait();
    }
}

/// Looks for anvil: the variable COUNTERSIGN_ANVIL, the node packages of this folder or of one above the executable, PATH.
#[must_use]
pub fn find_anvil() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("COUNTERSIGN_ANVIL") {
        return Some(PathBuf::from(given)).filter(|path| path.is_file());
    }
    let package = format!("node_modules/@foundry-rs/anvil-{}/bin/anvil", platform());
    let here = std::env::current_dir().ok();
    let executable = std::env::current_exe().ok();
    let above = executable.iter().flat_map(|path| path.ancestors().skip(1));
    let packaged = here
        .iter()
        .map(PathBuf::as_path)
        .chain(above)
        .map(|folder| folder.join(&package));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("anvil"));
    packaged
        .chain(on_path)
        .find(|path| path.is_file())
        .and_then(|path| std::path::absolute(path).ok())
}

fn platform() -> String {
    let architecture = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    format!("{system}-{architecture}")
}

/// Passes on what the child says, line by line, until it has closed the pipe.
fn listen(pipe: impl Read + Send + 'static, heard: mpsc::Sender<String>, ended: Option<Arc<AtomicBool>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            // Nobody listens any more once the chain is up; the pipe must still be emptied.
            let _unheard = heard.send(line);
        }
        if let Some(ended) = ended {
            ended.store(true, Ordering::Release);
        }
    });
}

/// anvil chooses the port itself, so that no other program can be on it.
fn await_port(said: &mpsc::Receiver<String>) -> Result<u16, PracticeError> {
    let deadline = Instant::now() + START_DEADLINE;
    let mut last = String::new();
    while let Ok(line) = said.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if let Some(address) = line.trim().strip_prefix("Listening on 127.0.0.1:")
            && let Ok(port) = address.parse()
        {
            return Ok(port);
        }
        if !line.trim().is_empty() {
            last = line;
        }
    }
    Err(PracticeError::ChainStart {
        seconds: START_DEADLINE.as_secs(),
        said: last,
    })
}

/// Runs anvil until our end of the pipe closes. Only anvil keeps the output open, so that its end can be seen.
const KEEPER: &str =
    r#""$@" </dev/null & child=$!; exec >/dev/null 2>&1; read -r _; kill -TERM "$child"; wait "$child""#;
const START_DEADLINE: Duration = Duration::from_secs(60);
const STOP_DEADLINE: Duration = Duration::from_secs(20);
