//! One run of the program as a child: arguments, environment, PIN on a pipe, deadline.

use std::{
    ffi::OsStr,
    io::{PipeReader, Read as _, Write as _},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use countersign_practice::soft_token::SOFTHSM2_CONF;
use serde_json::Value;

use super::{Desk, workshop};

/// What the program said and did.
#[derive(Debug, Clone)]
pub struct Run {
    /// Exit status; none when a signal ended it.
    pub exit: Option<i32>,
    /// The one document on stdout; `Null` when stdout is no JSON.
    pub json: Value,
    /// stdout as it came.
    pub stdout: String,
    /// Progress and prose.
    pub stderr: String,
    /// Whether the PIN was taken from the pipe (with `Pin::Watched` only).
    pub pin_taken: bool,
}

/// How the program comes by the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// Not at all: a question for it fails.
    Never,
    /// From a file of mode 0600.
    File,
    /// From stdin, and afterwards it is known whether it was read.
    Watched,
}

impl Run {
    /// The code of the fault: of the first result that has one, or of the run.
    #[must_use]
    pub fn code(&self) -> &str {
        let results = self.json["results"].as_array();
        let of_result = results.and_then(|all| all.iter().find_map(|result| result["error"]["code"].as_str()));
        of_result
            .or_else(|| self.json["error"]["code"].as_str())
            .unwrap_or_default()
    }

    /// What to print when a case fails.
    #[must_use]
    pub fn told(&self) -> String {
        let mut said = format!(
            "exit {:?}, stdout {}, stderr {}",
            self.exit,
            self.stdout.trim(),
            self.stderr.trim()
        );
        if said.len() > 1_500 {
            said.truncate(said.floor_char_boundary(1_500));
        }
        said
    }
}

impl Desk {
    /// Runs `countersign` with these arguments, this desk's home and token, and `--json`.
    ///
    /// # Panics
    /// When the program is not built, or does not end in time.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S], pin: Pin) -> Run {
        self.run_within(DEADLINE, arguments, pin)
    }

    /// The same with another deadline, for many files at once.
    ///
    /// # Panics
    /// As above.
    pub fn run_within<S: AsRef<OsStr>>(&self, deadline: Duration, arguments: &[S], pin: Pin) -> Run {
        self.run_program(&workshop::program(), deadline, arguments, pin)
    }

    /// The same with another program in its place, such as one that starts it in other surroundings.
    ///
    /// # Panics
    /// As above.
    pub fn run_as<S: AsRef<OsStr>>(&self, program: &Path, arguments: &[S], pin: Pin) -> Run {
        self.run_program(program, DEADLINE, arguments, pin)
    }

    fn run_program<S: AsRef<OsStr>>(&self, program: &Path, deadline: Duration, arguments: &[S], pin: Pin) -> Run {
        let (mut command, arguments) = (Command::new(program), arguments.iter().map(AsRef::as_ref));
        command
            .args(arguments)
            .arg("--json")
            .env_clear()
            .envs(
                ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"]
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .env("COUNTERSIGN_HOME", self.home())
            .env(SOFTHSM2_CONF, self.token_conf())
            .current_dir(self.work())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let pipe = match pin {
            Pin::Never => {
                command.stdin(Stdio::null());
                None
            }
            Pin::File => {
                command
                    .stdin(Stdio::null())
                    .arg("--pin-from")
                    .arg(format!("file:{}", self.pin_file().display()));
                None
            }
            Pin::Watched => {
                let (reader, mut writer) = std::io::pipe().expect("a pipe");
                writer
                    .write_all(workshop::PIN.as_bytes())
                    .and_then(|()| writer.write_all(b"\n"))
                    .expect("room in a pipe");
                command
                    .stdin(reader.try_clone().expect("a pipe"))
                    .args(["--pin-from", "stdin"]);
                Some((reader, writer))
            }
        };
        let mut child = command.spawn().expect("the program that was found");
        // Its stdin, as far as this process holds it, must not stay open.
        drop(command);
        let (mut out, mut err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let out = thread::spawn(move || {
            let mut said = Vec::new();
            out.read_to_end(&mut said).map(|_| said)
        });
        let err = thread::spawn(move || {
            let mut said = Vec::new();
            err.read_to_end(&mut said).map(|_| said)
        });
        let (pin_taken, status) = match pipe {
            Some((reader, writer)) => {
                // The program may wait for the end of its stdin.
                drop(writer);
                let status = wait(&mut child, deadline);
                (left_in(reader) == 0, status)
            }
            None => (false, wait(&mut child, deadline)),
        };
        let text = |said: thread::JoinHandle<std::io::Result<Vec<u8>>>| {
            String::from_utf8_lossy(&said.join().expect("a reader").expect("a pipe")).into_owned()
        };
        let (stdout, stderr) = (text(out), text(err));
        Run {
            exit: status.code(),
            json: serde_json::from_str(&stdout).unwrap_or(Value::Null),
            stdout,
            stderr,
            pin_taken,
        }
    }
}

fn left_in(mut reader: PipeReader) -> usize {
    let mut left = Vec::new();
    reader.read_to_end(&mut left).expect("a pipe");
    left.len()
}

fn wait(child: &mut Child, within: Duration) -> ExitStatus {
    let deadline = Instant::now() + within;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        if Instant::now() > deadline {
            let _killed = child.kill();
            panic!("the program does not end within {within:?}");
        }
        thread::sleep(Duration::from_millis(3));
    }
}

/// No run of the program on a small file takes so long.
const DEADLINE: Duration = Duration::from_secs(60);
