//! A door in front of a service: open, shut (nobody listens), or held (connections are taken, and nothing is passed on
//! before it is opened). What passes is counted.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Everything passes.
    Open,
    /// Connections are refused.
    Shut,
    /// Connections are taken; nothing comes back until it is opened.
    Held,
}

/// The door. Shut at first.
#[derive(Debug)]
pub struct Gate {
    here: SocketAddr,
    behind: SocketAddr,
    url: String,
    connections: Arc<AtomicUsize>,
    passed: Arc<AtomicUsize>,
    listening: Mutex<Option<Listening>>,
}

#[derive(Debug)]
struct Listening {
    state: State,
    over: Arc<AtomicBool>,
    held: Arc<Mutex<Vec<TcpStream>>>,
    thread: JoinHandle<()>,
}

impl Gate {
    /// In front of the service at this `http://` URL.
    ///
    /// # Panics
    /// Without a loopback interface, or when the URL has no address.
    #[must_use]
    pub fn before(url: &str, state: State) -> Self {
        let rest = url.strip_prefix("http://").expect("a service on this machine");
        let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
        let behind = address.parse().expect("an address and a port");
        // The port is kept for the time in which nobody listens: no other process is given it again so soon.
        let here = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port");
        let gate = Self {
            here,
            behind,
            url: format!("http://{here}/{path}"),
            connections: Arc::default(),
            passed: Arc::default(),
            listening: Mutex::new(None),
        };
        gate.set(state);
        gate
    }

    /// The service's URL, with the door in front of it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it is.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.here.port()
    }

    /// How often somebody came.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }

    /// How many pieces went through, in either direction.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::Acquire)
    }

    /// Opens, shuts, or holds it.
    ///
    /// # Panics
    /// When the port was taken by somebody else.
    pub fn set(&self, state: State) {
        let mut listening = self.listening.lock().expect("no panic while held");
        if let Some(before) = listening.take() {
            let behind = (state == State::Open).then_some(self.behind);
            before.end(self.here, behind, &self.passed);
        }
        if state != State::Shut {
            *listening = Some(self.listen(state));
        }
    }

    fn listen(&self, state: State) -> Listening {
        let listener = super::until("the gate's port", Duration::from_secs(5), || {
            TcpListener::bind(self.here).map_err(|error| error.to_string())
        });
        let over = Arc::new(AtomicBool::new(false));
        let held = Arc::new(Mutex::new(Vec::new()));
        let (ended, holds, connections) = (Arc::clone(&over), Arc::clone(&held), Arc::clone(&self.connections));
        let (behind, passed) = (self.behind, Arc::clone(&self.passed));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Acquire) {
                    return;
                }
                connections.fetch_add(1, Ordering::AcqRel);
                if state == State::Open
                    && let Ok(other) = TcpStream::connect(behind)
                {
                    pass(&stream, &other, &passed);
                }
                holds.lock().expect("no panic while held").push(stream);
            }
        });
        Listening {
            state,
            over,
            held,
            thread,
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.set(State::Shut);
    }
}

impl Listening {
    /// Who was held goes on to what is behind, if that is named; everybody else is cut off.
    fn end(self, here: SocketAddr, behind: Option<SocketAddr>, passed: &Arc<AtomicUsize>) {
        self.over.store(true, Ordering::Release);
        let _woken = TcpStream::connect(here);
        let _ended = self.thread.join();
        let behind = behind.filter(|_| self.state == State::Held);
        for stream in self.held.lock().expect("no panic while held").drain(..) {
            match behind.and_then(|behind| TcpStream::connect(behind).ok()) {
                Some(other) => pass(&stream, &other, passed),
                None => drop(stream.shutdown(Shutdown::Both)),
            }
        }
    }
}

/// Both directions, each by a thread that ends with its connection.
fn pass(one: &TcpStream, other: &TcpStream, passed: &Arc<AtomicUsize>) {
    for (from, to) in [(one, other), (other, one)] {
        let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else {
            return;
        };
        let passed = Arc::clone(passed);
        thread::spawn(move || {
            let mut octets = [0_u8; 16 * 1024];
            while let Ok(count) = from.read(&mut octets) {
                let Some(read) = octets.get(..count).filter(|read| !read.is_empty()) else {
                    break;
                };
                passed.fetch_add(1, Ordering::AcqRel);
                if to.write_all(read).is_err() {
                    break;
                }
            }
            let _shut = to.shutdown(Shutdown::Write);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{TcpListener, TcpStream},
    };

    use super::{Gate, State};

    #[test]
    fn it_opens_and_shuts() {
        let service = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/path", service.local_addr().unwrap());
        std::thread::spawn(move || {
            for mut stream in service.incoming().flatten() {
                let _said = stream.write_all(b"here");
            }
        });
        let gate = Gate::before(&url, State::Shut);
        assert!(gate.url().ends_with("/path"));
        assert!(TcpStream::connect(gate.here).is_err());
        for _ in 0..2 {
            gate.set(State::Open);
            let mut said = String::new();
            TcpStream::connect(gate.here)
                .unwrap()
                .read_to_string(&mut said)
                .unwrap();
            assert_eq!(said, "here");
            gate.set(State::Shut);
            assert!(TcpStream::connect(gate.here).is_err());
        }
        assert_eq!(gate.connections(), 2);
        // Who is held is answered late; or not at all.
        for (state, answer) in [(State::Open, "here"), (State::Shut, "")] {
            gate.set(State::Held);
            let mut stream = TcpStream::connect(gate.here).unwrap();
            while gate.connections() < 3 {
                std::thread::yield_now();
            }
            gate.set(state);
            let mut said = String::new();
            stream.read_to_string(&mut said).unwrap();
            assert_eq!(said, answer, "{state:?}");
        }
    }
}
