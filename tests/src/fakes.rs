//! Stand-ins for every port: each answers what a table says, in order, and all write into one log, so that a test sees
//! what was called, how often, and what had been written down before.
//!
//! Not its business: what should come of it. A call that no table foresees stops the test.

mod storage;
mod token;

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

use countersign_signing::ports::{
    AccountPrompt, Attempt, Clock, Endpoint, EndpointError, EndpointFacts, EndpointKind, Entropy, Finality, Found, Pin,
    PinAsk, PinRefusal, Prompt, RemoteError, Status, Submission, TimestampAuthority,
};
use jiff::{SignedDuration, Timestamp};

pub use storage::Book;
pub use token::{Desired, SoftSigner, TokenInHand};

/// What was called, in order, by all stand-ins of one test.
#[derive(Debug, Clone, Default)]
pub struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    /// Writes a line.
    pub fn note(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    /// Takes the lines so far out.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.borrow_mut())
    }
}

/// A clock that moves only when told.
#[derive(Debug)]
pub struct StoodClock(Cell<Timestamp>);

impl StoodClock {
    /// Stands here.
    #[must_use]
    pub const fn at(time: Timestamp) -> Self {
        Self(Cell::new(time))
    }

    /// Moves on, or back.
    ///
    /// # Panics
    /// Beyond the end of time.
    pub fn advance(&self, by: SignedDuration) {
        self.0
            .set(self.0.get().checked_add(by).expect("a time that can be told"));
    }
}

impl Clock for StoodClock {
    fn now(&self) -> Timestamp {
        self.0.get()
    }
}

/// Counts upwards instead of being random: no two buffers are alike, every run is the same.
#[derive(Debug, Default)]
pub struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, octets: &mut [u8]) {
        self.0 = self.0.wrapping_add(1);
        octets.fill(self.0);
    }
}

/// A person who gives a PIN, or does not.
#[derive(Debug)]
pub struct Person {
    log: Log,
    refusals: VecDeque<PinRefusal>,
}

impl Person {
    /// Refuses as often as listed, then gives a PIN.
    #[must_use]
    pub fn new(log: &Log, refusals: impl IntoIterator<Item = PinRefusal>) -> Self {
        Self {
            log: log.clone(),
            refusals: refusals.into_iter().collect(),
        }
    }

    /// Refuses the next time.
    pub fn refuse(&mut self, refusal: PinRefusal) {
        self.refusals.push_back(refusal);
    }
}

impl Prompt for Person {
    fn pin(&mut self, _ask: &PinAsk) -> Result<Pin, PinRefusal> {
        self.log.note("person");
        match self.refusals.pop_front() {
            Some(refusal) => Err(refusal),
            None => Pin::new(b"271828".to_vec()).ok_or(PinRefusal::Unavailable),
        }
    }

    fn enter_on_device(&mut self, ask: &PinAsk) -> Result<(), PinRefusal> {
        self.pin(ask).map(drop)
    }
}

/// An authority that carries nothing, but answers what was listed.
pub struct Oracle {
    log: Log,
    url: String,
    answers: VecDeque<Result<Vec<u8>, RemoteError>>,
}

impl Oracle {
    /// Answers these, one for each request.
    #[must_use]
    pub fn new(log: &Log, name: &str, answers: impl IntoIterator<Item = Result<Vec<u8>, RemoteError>>) -> Self {
        Self {
            log: log.clone(),
            url: format!("http://{name}.invalid/"),
            answers: answers.into_iter().collect(),
        }
    }
}

impl TimestampAuthority for Oracle {
    fn url(&self) -> &str {
        &self.url
    }

    fn policy_oid(&self) -> Option<&str> {
        None
    }

    fn exchange(&mut self, _request: &[u8]) -> Result<Vec<u8>, RemoteError> {
        self.log.note(format!("exchange {}", self.url));
        self.answers
            .pop_front()
            .expect("an authority is asked once for each answer in the table")
    }
}

/// Writes the requests to a real authority into the log.
pub struct Watched<T> {
    /// The log.
    pub log: Log,
    /// Whose requests.
    pub inner: T,
}

impl<T: TimestampAuthority> TimestampAuthority for Watched<T> {
    fn url(&self) -> &str {
        self.inner.url()
    }

    fn policy_oid(&self) -> Option<&str> {
        self.inner.policy_oid()
    }

    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, RemoteError> {
        self.log.note("exchange");
        self.inner.exchange(request)
    }
}

/// One call of an endpoint's and what it answers.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names of the port's calls")]
pub enum Call {
    Check(Result<(), EndpointError>),
    Find(Result<Option<Found>, EndpointError>),
    Prepare(Result<Attempt, EndpointError>),
    Broadcast(Result<(), EndpointError>),
    Status(Result<Status, EndpointError>),
}

/// An endpoint that is called exactly as its script says.
#[derive(Debug)]
pub struct Scripted {
    log: Log,
    calls: VecDeque<Call>,
    /// For each attempt that was asked for: how many attempts were said to be live, and the nonce to replace.
    pub asked: Vec<(usize, Option<u64>)>,
}

impl Scripted {
    /// This script.
    #[must_use]
    pub fn new(log: &Log, calls: impl IntoIterator<Item = Call>) -> Self {
        Self {
            log: log.clone(),
            calls: calls.into_iter().collect(),
            asked: Vec::new(),
        }
    }

    /// Calls of the script that did not come.
    #[must_use]
    pub fn left(&self) -> usize {
        self.calls.len()
    }

    fn next(&mut self, line: String) -> Option<Call> {
        self.log.note(line);
        self.calls.pop_front()
    }
}

/// What is not in the script.
macro_rules! scripted {
    ($self:ident, $line:expr, $kind:path) => {{
        let line = $line;
        match $self.next(line.clone()) {
            Some($kind(answer)) => answer,
            other => panic!("called {line}, the script says {other:?}"),
        }
    }};
}

impl Endpoint for Scripted {
    fn facts(&self) -> EndpointFacts {
        EndpointFacts {
            name: "scripted".to_owned(),
            kind: EndpointKind::Evm,
            finality: Finality::Confirmations(2),
            practice: true,
        }
    }

    fn max_paid_attempts(&self) -> u32 {
        5
    }

    fn check(&mut self) -> Result<(), EndpointError> {
        scripted!(self, "check".to_owned(), Call::Check)
    }

    fn find(&mut self, _payload: &countersign_evidence::Payload) -> Result<Option<Found>, EndpointError> {
        scripted!(self, "find".to_owned(), Call::Find)
    }

    fn prepare(
        &mut self,
        _submission: &Submission,
        live: &[Attempt],
        replaces: Option<&Attempt>,
        _prompt: AccountPrompt<'_>,
    ) -> Result<Attempt, EndpointError> {
        self.asked
            .push((live.len(), replaces.and_then(|attempt| attempt.nonce)));
        scripted!(self, "prepare".to_owned(), Call::Prepare)
    }

    fn broadcast(&mut self, attempt: &Attempt) -> Result<(), EndpointError> {
        scripted!(self, format!("broadcast {}", attempt.id), Call::Broadcast)
    }

    fn status(&mut self, attempt: &Attempt) -> Result<Status, EndpointError> {
        scripted!(self, format!("status {}", attempt.id), Call::Status)
    }
}
