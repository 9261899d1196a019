//! One worker process and the way to it: the document is its standard input, a socket its standard output.
//!
//! Requests go in and answers come out through the socket, so that the document needs no descriptor of its own number and
//! nothing needs to be set up between fork and exec. Not its business: what is asked, and when a new worker is due.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use crate::WORKER_ARGUMENT;
use crate::error::{End, RenderError};
use crate::wire::{Answer, Request};

/// What the loader and the search for typefaces need; the rest of the environment is nobody's business there.
const ENVIRONMENT: [&str; 3] = ["HOME", "LD_LIBRARY_PATH", "XDG_DATA_HOME"];
/// How long a worker that has closed its end may take to be gone.
const LEAVING: Duration = Duration::from_millis(500);

/// A worker. It ends with its value.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    channel: UnixStream,
}

impl Worker {
    pub(crate) fn start(program: &Path, document: File) -> io::Result<Self> {
        let (channel, theirs) = UnixStream::pair()?;
        let environment = ENVIRONMENT
            .iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        let child = Command::new(program)
            .arg(WORKER_ARGUMENT)
            .env_clear()
            .envs(environment)
            .current_dir("/")
            .stdin(Stdio::from(document))
            .stdout(Stdio::from(OwnedFd::from(theirs)))
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child, channel })
    }

    /// The process, for who wants to look at it.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it ended while nothing was asked of it.
    pub(crate) fn is_gone(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks, and waits for the answer until the deadline. After an error that is a death the worker is of no use any more.
    pub(crate) fn ask(&mut self, request: &Request, started: Instant, limit: Duration) -> Result<Answer, RenderError> {
        // A request is shorter than the socket's room: this does not wait for anybody.
        let answer = request.send(&mut &self.channel).and_then(|()| {
            Answer::receive(&mut Until {
                channel: &self.channel,
                end: started.checked_add(limit),
            })
        });
        answer.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => RenderError::TimedOut {
                seconds: limit.as_secs(),
            },
            io::ErrorKind::InvalidData => RenderError::Malformed,
            _ => RenderError::Crashed { end: self.end() },
        })
    }

    /// How the worker ended that has closed its end.
    fn end(&mut self) -> End {
        let until = Instant::now() + LEAVING;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => {
                    return match (status.signal(), status.code()) {
                        (Some(signal), _) => End::Signal(signal),
                        (None, Some(code)) => End::Status(code),
                        (None, None) => End::Silent,
                    };
                }
                Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(2)),
                Ok(None) | Err(_) => return End::Silent,
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // An error means that it is gone already; waiting then only clears the table of processes.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Reads until a moment, however the octets are spread over time.
struct Until<'a> {
    channel: &'a UnixStream,
    end: Option<Instant>,
}

impl Read for Until<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(end) = self.end {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.channel.set_read_timeout(Some(left))?;
        }
        (&mut &*self.channel).read(buffer)
    }
}

/// The same file under a descriptor that cannot write to it, also when it has no name any more.
pub(crate) fn read_only(file: &File) -> io::Result<File> {
    if rustix::fs::fcntl_getfl(file)? & OFlags::RWMODE == OFlags::RDONLY {
        file.try_clone()
    } else {
        File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_descriptor_of_the_worker_cannot_write() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"octets").unwrap();
        // Both from a file that can be written to and has no name any more, and from what came of it.
        let once = read_only(&file).unwrap();
        let twice = read_only(&once).unwrap();
        for mut reading in [once, twice] {
            assert!(reading.write_all(b"x").is_err());
            assert_eq!(reading.metadata().unwrap().len(), 6);
        }
    }
}
