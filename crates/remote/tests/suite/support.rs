//! What the tests of this crate stand on: an HTTP server that misbehaves as told, and a development node of their own.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use countersign_signing::ports::{Pin, PinAsk, PinRefusal, Prompt};

/// Nobody is there.
pub(crate) struct Nobody;

impl Prompt for Nobody {
    fn pin(&mut self, _: &PinAsk) -> Result<Pin, PinRefusal> {
        Err(PinRefusal::Unavailable)
    }

    fn enter_on_device(&mut self, _: &PinAsk) -> Result<(), PinRefusal> {
        Err(PinRefusal::Unavailable)
    }
}

/// Says on the terminal, also when the test's output is captured, that something was not tested.
pub(crate) fn skip(what: &str) {
    std::io::stderr()
        .write_all(format!("SKIPPED: {what}\n").as_bytes())
        .unwrap();
}

/// A request as it came.
#[derive(Clone)]
pub(crate) struct Request {
    /// Request line and headers.
    pub(crate) head: String,
    /// Body.
    pub(crate) body: Vec<u8>,
}

/// What the server does with a request.
pub(crate) enum Reply {
    /// Sends these octets and closes.
    Raw(Vec<u8>),
    /// Sends these octets and then one more every 50 ms.
    Drip(Vec<u8>),
    /// Keeps the connection open and says nothing.
    Silence,
}

/// A whole answer.
pub(crate) fn answer(status: &str, content_type: &str, body: &[u8]) -> Reply {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    Reply::Raw([head.as_bytes(), body].concat())
}

/// A server on loopback; lives as long as the test process.
pub(crate) struct Server {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn start(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (log, reply) = (Arc::clone(&received), Arc::new(reply));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, log, reply) = (stream.unwrap(), Arc::clone(&log), Arc::clone(&reply));
                thread::spawn(move || {
                    if let Some(request) = read_request(&mut stream) {
                        log.lock().unwrap().push(request.clone());
                        send(stream, reply(&request));
                    }
                });
            }
        });
        Self { url, received }
    }

    pub(crate) fn received(&self) -> Vec<Request> {
        self.received.lock().unwrap().clone()
    }
}

/// Reads one request with Content-Length; `None` when the peer goes away.
pub(crate) fn read_request(stream: &mut impl Read) -> Option<Request> {
    let mut octets = Vec::new();
    let end = loop {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(count) => octets.extend_from_slice(&chunk[..count]),
        }
        if let Some(at) = octets.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let head = String::from_utf8_lossy(&octets[..end]).into_owned();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = octets.split_off(end);
    while body.len() < length.unwrap_or(0) {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(count) => body.extend_from_slice(&chunk[..count]),
        }
    }
    Some(Request { head, body })
}

fn send(mut stream: TcpStream, reply: Reply) {
    // The client may be gone: that is its right.
    match reply {
        Reply::Raw(octets) => {
            let _ = stream.write_all(&octets);
        }
        Reply::Drip(octets) => {
            let _ = stream.write_all(&octets);
            while stream.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(50));
            }
        }
        Reply::Silence => {
            let _ = stream.read(&mut [0; 1]);
        }
    }
}
