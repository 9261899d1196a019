//! One walk through all the steps with one fault on the way, and everything that must hold of it.

use std::{collections::BTreeSet, sync::Arc};

use countersign_engine::PayloadMode;
use countersign_pdf::review::ReviewLimits;
use countersign_practice::{Pki, TsaOptions, TsaServer};
use countersign_remote::tsa::{HttpTsa, TsaAuth, TsaConfig};
use countersign_signing::{
    Checked, Choices, EmbedError, Failed, Ledger, Level, Prefix, PrepareError, RecordError, ReviewError, SignError,
    SourceFacts, Stage, StampError, Stamped, SubmitError, check, embed, enqueue, open,
    ports::{Clock as _, Credential, PinRefusal, RemoteError, StoreError, TimestampAuthority},
    prepare, record, sign, stamp, without_stamp,
};
use countersign_tests::{
    contracts,
    fakes::{Book, Counting, Desired, Log, Oracle, Person, SoftSigner, StoodClock, TokenInHand, Watched},
};
use countersign_trust::{Policy, TrustAnchors};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// What is made once: authority, key, time-stamping server.
pub(super) struct Means {
    pub(super) signer: SoftSigner,
    pub(super) pki: Pki,
    pub(super) credential: Credential,
    anchors: TrustAnchors,
    tsa: TsaServer,
    contract: Vec<u8>,
    _folder: tempfile::TempDir,
}

impl Means {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pki = Pki::open_or_create(&folder.path().join("pki"), Timestamp::now()).unwrap();
        let signer = SoftSigner::create(folder.path());
        let credential = signer.credential(&pki, |_| {});
        let anchors = TrustAnchors::new(vec![pki.root_der().to_vec()]).unwrap();
        let tsa = TsaServer::start(&pki, TsaOptions::new(Timestamp::now)).unwrap();
        let form = contracts::sound()
            .into_iter()
            .find(|contract| contract.name == "form-indirect");
        let contract = form.expect("a contract with a form").bytes;
        Self {
            signer,
            pki,
            credential,
            anchors,
            tsa,
            contract,
            _folder: folder,
        }
    }

    fn authority(&self, log: &Log) -> Box<dyn TimestampAuthority> {
        let config = TsaConfig {
            url: self.tsa.url().to_owned(),
            auth: TsaAuth::None,
            ca_pem: None,
            policy_oid: None,
            digest: countersign_signing::DigestAlgorithm::Sha256,
            timeout: std::time::Duration::from_secs(10),
        };
        Box::new(Watched {
            log: log.clone(),
            inner: HttpTsa::new(config).unwrap(),
        })
    }
}

/// What goes wrong, once.
pub(super) enum Fault {
    /// The write with this line in the log.
    Write(&'static str),
    /// The token.
    Token(Desired),
    /// The person.
    Person(PinRefusal),
    /// The authorities before the good one is asked; `alone` leaves the good one out.
    Authorities { answers: Vec<RemoteError>, alone: bool },
    /// No authority is configured.
    NoAuthority,
    /// The room for the stamp is too small.
    NoRoom,
    /// Another digest is approved than was shown.
    OtherDigest,
    /// Choices or a credential that cannot be.
    Choices(fn(&mut Choices)),
    /// A credential that must not sign.
    Credential(fn(&Means) -> Credential),
}

/// One fault and what is to be seen of it.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) fault: Fault,
    /// Where it shows; `None` when the run goes on without noticing.
    pub(super) stage: Option<Stage>,
    /// The error.
    pub(super) says: &'static str,
    /// Every call and write of the step that failed.
    pub(super) log: &'static [&'static str],
    /// Every call of the token in the whole run.
    pub(super) tokens: usize,
}

fn disk_full() -> StoreError {
    StoreError::Io {
        operation: "write",
        reason: "disk full".to_owned(),
    }
}

pub(super) fn check_all(cases: &[Case]) {
    let means = Means::new();
    for case in cases {
        Walk::new(&means, case).check();
    }
}

/// One run through all the steps; the step that fails is taken again, with what it gave back.
struct Walk<'a> {
    means: &'a Means,
    case: &'a Case,
    log: Log,
    book: Book,
    clock: StoodClock,
    entropy: Counting,
    token: TokenInHand,
    person: Person,
    failed: Vec<(Stage, String)>,
    tokens: usize,
}

impl<'a> Walk<'a> {
    fn new(means: &'a Means, case: &'a Case) -> Self {
        let log = Log::default();
        let (mut book, mut person) = (Book::new(log.clone()), Person::new(&log, []));
        let mut token = TokenInHand::new(log.clone(), means.signer.clone());
        match &case.fault {
            Fault::Write(line) => book.fail(line, disk_full()),
            Fault::Token(desired) => token.next(desired.clone()),
            Fault::Person(refusal) => person.refuse(*refusal),
            _ => {}
        }
        let (clock, entropy) = (StoodClock::at(Timestamp::now()), Counting::default());
        Self {
            means,
            case,
            log,
            book,
            clock,
            entropy,
            token,
            person,
            failed: Vec::new(),
            tokens: 0,
        }
    }

    fn check(mut self) {
        let name = &self.case.name;
        let bytes = self.means.contract.clone();
        let prefix = Prefix::hashed(Arc::new(bytes.clone()));
        let source = SourceFacts {
            name: "合同 contract.pdf".to_owned(),
            size: bytes.len() as u64,
            sha256: prefix.sha256(),
        };
        let contract = open(prefix, source.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut review = contract.review(&ReviewLimits::default());

        let mut shown = source.sha256;
        if matches!(self.case.fault, Fault::OtherDigest) {
            shown[0] ^= 1;
        }
        let approved = loop {
            match review.approve(&shown, &BTreeSet::new(), &mut ledger(&mut self.book, &self.clock)) {
                Ok(approved) => break approved,
                Err((back, error)) => {
                    self.fails(Stage::Approve, review_word(&error));
                    (review, shown) = (*back, source.sha256);
                }
            }
        };
        self.passes(Stage::Approve, &["trace approve"]);

        let mut approved = Box::new(approved);
        let (mut credential, mut choices) = (self.means.credential.clone(), Choices::default());
        match &self.case.fault {
            Fault::Credential(made) => credential = made(self.means),
            Fault::Choices(change) => change(&mut choices),
            Fault::NoRoom => choices.timestamp_estimate = 16,
            _ => {}
        }
        let (prepared, prefix) = loop {
            let mut book = ledger(&mut self.book, &self.clock);
            match prepare(*approved, &credential, &choices, &Policy::DEFAULT, &mut book) {
                Ok(prepared) => break prepared,
                Err(Failed { state, error }) => {
                    self.fails(Stage::Prepare, prepare_word(&error));
                    approved = state;
                    (credential, choices) = (self.means.credential.clone(), Choices::default());
                }
            }
        };
        self.passes(Stage::Prepare, &["trace prepare", "save prepared"]);

        let mut prepared = Box::new(prepared);
        let signed = loop {
            let before = plain(&prepared);
            let mut book = ledger(&mut self.book, &self.clock);
            match sign(*prepared, &mut self.token, &mut self.person, &mut book) {
                Ok(signed) => break signed,
                Err(Failed { state, error }) => {
                    self.fails(Stage::Sign, sign_word(&error));
                    prepared = state;
                    assert_eq!(plain(&prepared), before, "{name}: prepared");
                }
            }
        };
        self.passes(Stage::Sign, &["trace sign", "token", "person", "save signed"]);

        let mut signed = Box::new(signed);
        let mut authorities = self.authorities();
        let stamped = loop {
            let before = plain(&signed);
            let mut book = ledger(&mut self.book, &self.clock);
            match stamp(
                *signed,
                &mut authorities,
                &self.means.anchors,
                &mut self.entropy,
                &mut book,
            ) {
                Ok(stamped) => break stamped,
                Err(Failed { state, error }) => {
                    self.fails(Stage::Timestamp, stamp_word(&error));
                    signed = state;
                    assert_eq!(plain(&signed), before, "{name}: signed");
                    authorities = vec![self.means.authority(&self.log)];
                }
            }
        };
        let lines = self.log.take();
        assert_eq!(
            lines.last().map(String::as_str),
            Some("exchange"),
            "{name}: the good authority"
        );

        let mut stamped = Box::new(stamped);
        let sealed = loop {
            let before = plain(&stamped);
            match embed(*stamped, &prefix, &mut ledger(&mut self.book, &self.clock)) {
                Ok(sealed) => break sealed,
                Err(Failed { state, error }) => {
                    self.fails(Stage::Embed, embed_word(&error));
                    assert_eq!(plain(&state), before, "{name}: stamped");
                    // A stamp that does not fit is left out; the signature is whole without it.
                    let without = |stamped: Stamped| without_stamp(stamped.signed);
                    stamped = match error {
                        EmbedError::DoesNotFit(_) => Box::new(without(*state)),
                        _ => state,
                    };
                }
            }
        };
        self.passes(Stage::Embed, &["trace embed", "save sealed"]);
        let level = if matches!(self.case.fault, Fault::NoRoom) {
            Level::BB
        } else {
            Level::BT
        };
        assert_eq!(sealed.level, level, "{name}");

        let mut finished = bytes;
        finished.extend_from_slice(sealed.tail());
        let document = countersign_pdf::open(Arc::new(finished)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let checked: Checked =
            check(&sealed, &document, &prefix, self.clock.now()).unwrap_or_else(|error| panic!("{name}: {error}"));

        let mut sealed = Box::new(sealed);
        let recorded = loop {
            let before = plain(&sealed);
            let mut book = ledger(&mut self.book, &self.clock);
            match record(*sealed, &checked, None, &mut self.entropy, &mut book) {
                Ok(recorded) => break recorded,
                Err(Failed { state, error }) => {
                    self.fails(Stage::Record, record_word(&error));
                    sealed = state;
                    assert_eq!(plain(&sealed), before, "{name}: sealed");
                }
            }
        };
        self.passes(Stage::Record, &["trace record", "save recorded"]);

        let mut recorded = Box::new(recorded);
        loop {
            let before = plain(&recorded);
            let mut book = ledger(&mut self.book, &self.clock);
            match enqueue(*recorded, "journal", PayloadMode::Full, "row".to_owned(), &mut book) {
                Ok(_) => break,
                Err(Failed { state, error }) => {
                    self.fails(Stage::Submit, submit_word(&error));
                    recorded = state;
                    assert_eq!(plain(&recorded), before, "{name}: recorded");
                }
            }
        }
        self.passes(Stage::Submit, &["enqueue"]);

        let expected: Vec<(Stage, String)> = self
            .case
            .stage
            .iter()
            .map(|stage| (*stage, self.case.says.to_owned()))
            .collect();
        assert_eq!(self.failed, expected, "{name}");
        assert_eq!(self.tokens, self.case.tokens, "{name}: calls of the token");
        assert_eq!(self.book.rows.len(), 1, "{name}: rows of the outbox");
        assert_eq!(self.book.sessions.len(), 1, "{name}: sessions");
        let trace = self.book.trace.iter().map(|(event, head)| (event, head));
        let known = self.book.trace.last().map(|(_, head)| *head);
        countersign_evidence::verify_chain(trace, known.as_ref()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    fn authorities(&self) -> Vec<Box<dyn TimestampAuthority>> {
        let good = || self.means.authority(&self.log);
        match &self.case.fault {
            Fault::NoAuthority => Vec::new(),
            Fault::Authorities { answers, alone } => {
                let mut all: Vec<Box<dyn TimestampAuthority>> = Vec::new();
                for (index, error) in answers.iter().enumerate() {
                    all.push(Box::new(Oracle::new(
                        &self.log,
                        &format!("a{index}"),
                        [Err(error.clone())],
                    )));
                }
                if !alone {
                    all.push(good());
                }
                all
            }
            _ => vec![good()],
        }
    }

    fn fails(&mut self, stage: Stage, says: String) {
        let lines = self.log.take();
        self.tokens += lines.iter().filter(|line| *line == "token").count();
        assert!(
            self.failed.is_empty(),
            "{}: {stage:?} failed again: {says}",
            self.case.name
        );
        assert_eq!(lines, self.case.log, "{}: what the failing step did", self.case.name);
        self.failed.push((stage, says));
    }

    fn passes(&mut self, stage: Stage, expected: &[&str]) {
        let lines = self.log.take();
        self.tokens += lines.iter().filter(|line| *line == "token").count();
        assert_eq!(lines, expected, "{}: {stage:?}", self.case.name);
    }
}

fn ledger<'a>(book: &'a mut Book, clock: &'a StoodClock) -> Ledger<'a> {
    Ledger {
        storage: book,
        clock,
        session: "session".to_owned(),
        output: "/out.pdf".to_owned(),
        part: "/part".to_owned(),
    }
}

fn plain(state: &impl Serialize) -> Value {
    serde_json::to_value(state).unwrap()
}

fn review_word(error: &ReviewError) -> String {
    match error {
        ReviewError::ChangedSinceReview { .. } => "changed-since-review",
        ReviewError::Blocked { .. } => "blocked",
        ReviewError::Store(_) => "store",
        other => panic!("{other}"),
    }
    .to_owned()
}

fn prepare_word(error: &PrepareError) -> String {
    match error {
        PrepareError::Certificate(found) => found.first().map_or("", |refusal| refusal.code()),
        PrepareError::CertificateUnreadable(_) => "unreadable",
        PrepareError::LevelUnsupported { .. } => "level",
        PrepareError::MechanismMissing { .. } => "mechanism",
        PrepareError::Refused(found) => found.first().map_or("", |refusal| refusal.code()),
        PrepareError::Store(_) => "store",
        other => panic!("{other}"),
    }
    .to_owned()
}

fn sign_word(error: &SignError) -> String {
    match error {
        SignError::NotVerified => "signature-not-verified",
        SignError::Store(_) => "store",
        SignError::Token(error) => error.code(),
        other => panic!("{other}"),
    }
    .to_owned()
}

fn stamp_word(error: &StampError) -> String {
    match error {
        StampError::AllFailed(failures) => failures
            .iter()
            .map(|(_, failure)| failure.code())
            .collect::<Vec<_>>()
            .join(" "),
        StampError::NoneConfigured => "none-configured".to_owned(),
        StampError::Store(_) => "store".to_owned(),
        other => panic!("{other}"),
    }
}

fn embed_word(error: &EmbedError) -> String {
    match error {
        EmbedError::DoesNotFit(_) => "does-not-fit",
        EmbedError::Store(_) => "store",
        other => panic!("{other}"),
    }
    .to_owned()
}

fn record_word(error: &RecordError) -> String {
    match error {
        RecordError::Store(_) => "store",
        other => panic!("{other}"),
    }
    .to_owned()
}

fn submit_word(error: &SubmitError) -> String {
    match error {
        SubmitError::Store(_) => "store",
        other => panic!("{other}"),
    }
    .to_owned()
}
