//! The practice time-stamping authority: RFC 3161 over HTTP on 127.0.0.1, on a port of the system's choice.
//!
//! Not its business: being trusted. It stamps with the clock it is given, and on request it answers wrongly.

mod message;

use std::{
    io::Read,
    net::{SocketAddr, TcpStream},
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use crate::{Pki, PracticeError, TsaIdentity};

/// The policy under which the practice authority stamps, unless told otherwise. An example arc, assigned to nobody.
pub const PRACTICE_POLICY: &str = "1.3.6.1.4.1.99999.1";

/// How the authority shall answer.
#[derive(Clone)]
pub struct TsaOptions {
    /// Its clock.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// User and password of HTTP basic authentication, when it is required.
    pub basic_auth: Option<(String, String)>,
    /// Accuracy in milliseconds.
    pub accuracy_ms: Option<u64>,
    /// Its one policy, dotted.
    pub policy_oid: String,
    /// What it shall do wrong.
    pub fault: TsaFault,
    /// Another identity than the practice authority's own.
    pub identity: Option<TsaIdentity>,
}

impl TsaOptions {
    /// A good authority with this clock.
    #[must_use]
    pub fn new(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            basic_auth: None,
            accuracy_ms: Some(1_500),
            policy_oid: PRACTICE_POLICY.into(),
            fault: TsaFault::None,
            identity: None,
        }
    }
}

/// What an authority can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TsaFault {
    /// Nothing.
    #[default]
    None,
    /// Status rejection, systemFailure.
    Reject,
    /// Another imprint than the one asked for.
    WrongImprint,
    /// Another nonce.
    WrongNonce,
    /// No nonce.
    NoNonce,
    /// Another policy than its own.
    OtherPolicy,
    /// No certificates although they were asked for.
    NoCertificate,
    /// signing-certificate-v2 names another certificate.
    WrongCertificateHash,
    /// The signature does not verify.
    BadSignature,
    /// This HTTP status and no body.
    Http(u16),
    /// A page of HTML with status 200.
    Html,
    /// The first half of a good answer.
    Truncated,
}

/// A running authority. Stops when dropped.
pub struct TsaServer {
    server: Option<Arc<Server>>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
    url: String,
}

impl TsaServer {
    /// Starts it on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn start(pki: &Pki, options: TsaOptions) -> Result<Self, PracticeError> {
        let server = Server::http(("127.0.0.1", 0)).map_err(|error| PracticeError::TsaListen {
            reason: error.to_string(),
        })?;
        let address = server.server_addr().to_ip().ok_or_else(|| PracticeError::TsaListen {
            reason: "no address".into(),
        })?;
        let server = Arc::new(server);
        let identity = options.identity.clone().unwrap_or_else(|| pki.tsa().clone());
        let listening = Arc::clone(&server);
        let thread = std::thread::spawn(move || {
            // `unblock` ends the loop with an error.
            while let Ok(request) = listening.recv() {
                serve(request, &options, &identity);
            }
        });
        Ok(Self {
            server: Some(server),
            address,
            thread: Some(thread),
            url: format!("http://{address}/practice-tsa"),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TsaServer {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.unblock();
        }
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
        drop(self.server.take());
        // The listener closes in a thread that nobody can join: it is gone when it refuses.
        let deadline = Instant::now() + STOP_DEADLINE;
        while Instant::now() < deadline && TcpStream::connect_timeout(&self.address, STOP_DEADLINE).is_ok() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn serve(mut request: Request, options: &TsaOptions, identity: &TsaIdentity) {
    let (status, media_type, body) = reply(&mut request, options, identity);
    let mut response = Response::from_data(body).with_status_code(StatusCode(status));
    for (field, value) in [
        ("Content-Type", media_type),
        (
            "WWW-Authenticate",
            if status == 401 { "Basic realm=\"PRACTICE\"" } else { "" },
        ),
    ] {
        if let (false, Ok(header)) = (value.is_empty(), Header::from_bytes(field, value)) {
            response.add_header(header);
        }
    }
    // A client that went away is no concern of the authority's.
    let _sent = request.respond(response);
}

fn reply(request: &mut Request, options: &TsaOptions, identity: &TsaIdentity) -> (u16, &'static str, Vec<u8>) {
    if !authorised(request, options) {
        return (401, PLAIN, Vec::new());
    }
    if *request.method() != Method::Post {
        return (
            405,
            PLAIN,
            b"PRACTICE time-stamping authority: POST application/timestamp-query\n".to_vec(),
        );
    }
    let mut query = Vec::new();
    match request.as_reader().take(LIMIT + 1).read_to_end(&mut query) {
        Ok(read) if u64::try_from(read).is_ok_and(|read| read <= LIMIT) => {}
        _ => return (413, PLAIN, Vec::new()),
    }
    match options.fault {
        TsaFault::Http(status) => return (status, PLAIN, Vec::new()),
        TsaFault::Html => return (200, "text/html", b"<html><body>Please log in</body></html>".to_vec()),
        _ => {}
    }
    match message::answer(&query, options, identity) {
        Ok(mut answer) => {
            if options.fault == TsaFault::Truncated {
                answer.truncate(answer.len() / 2);
            }
            (200, "application/timestamp-reply", answer)
        }
        Err(error) => (500, PLAIN, error.to_string().into_bytes()),
    }
}

fn authorised(request: &Request, options: &TsaOptions) -> bool {
    let Some((user, password)) = &options.basic_auth else {
        return true;
    };
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
    request
        .headers()
        .iter()
        .any(|header| header.field.equiv("Authorization") && header.value.as_str() == expected)
}

const STOP_DEADLINE: Duration = Duration::from_secs(2);
const LIMIT: u64 = 64 * 1024;
const PLAIN: &str = "text/plain; charset=utf-8";
