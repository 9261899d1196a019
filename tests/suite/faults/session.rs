//! From the approval to the queue: one fault at one place, and then on with the value that was given back.

use std::{collections::BTreeSet, sync::Arc};

use countersign_cms::DigestAlgorithm;
use countersign_engine::PayloadMode;
use countersign_pdf::review::ReviewLimits;
use countersign_practice::{KeyUsage, Pki, TsaOptions, TsaServer};
use countersign_remote::tsa::{HttpTsa, TsaAuth, TsaConfig};
use countersign_signing::{
    Checked, Choices, EmbedError, Failed, Ledger, Level, Prefix, PrepareError, RecordError, ReviewError, SignError,
    SourceFacts, Stage, StampError, Stamped, SubmitError, check, embed, enqueue, open, prepare, record, sign, stamp,
    without_stamp,
    ports::{
        Clock as _, Credential, PinFlags, PinRefusal, RemoteError, StoreError, TimestampAuthority, TokenError,
    },
};
use countersign_tests::{
    contracts,
    fakes::{Book, Counting, Desired, Log, Oracle, Person, SoftSigner, StoodClock, TokenInHand, Watched},
};
use countersign_trust::{Policy, TrustAnchors};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

/// What is made once: authority, key, time-stamping server.
struct Means {
    signer: SoftSigner,
    pki: Pki,
    credential: Credential,
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
        let form = contracts::sound().into_iter().find(|contract| contract.name == "form-indirect");
        let contract = form.expect("a contract with a form").bytes;
        Self { signer, pki, credential, anchors, tsa, contract, _folder: folder }
    }

    fn authority(&self, log: &Log) -> Box<dyn TimestampAuthority> {
        let config = TsaConfig {
            url: self.tsa.url().to_owned(),
            auth: TsaAuth::None,
            ca_pem: None,
            policy_oid: None,
            timeout: std::time::Duration::from_secs(10),
        };
        Box::new(Watched { log: log.clone(), inner: HttpTsa::new(config).unwrap() })
    }
}

/// What goes wrong, once.
enum Fault {
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
struct Case {
    name: String,
    fault: Fault,
    /// Where it shows; `None` when the run goes on without noticing.
    stage: Option<Stage>,
    /// The error.
    says: &'static str,
    /// Every call and write of the step that failed.
    log: &'static [&'static str],
    /// Every call of the token in the whole run.
    tokens: usize,
}

fn case(name: &str, fault: Fault, stage: Stage, says: &'static str, log: &'static [&'static str]) -> Case {
    Case { name: name.to_owned(), fault, stage: Some(stage), says, log, tokens: 1 }
}

fn disk_full() -> StoreError {
    StoreError::Io { operation: "write", reason: "disk full".to_owned() }
}

#[test]
fn a_write_that_fails_stops_the_step_before_its_effect() {
    let fault = Fault::Write;
    let again = |case: Case| Case { tokens: 2, ..case };
    let cases = [
        case("approve", fault("trace approve"), Stage::Approve, "store", &["trace approve"]),
        case("prepare, trace", fault("trace prepare"), Stage::Prepare, "store", &["trace prepare"]),
        case("prepare, state", fault("save prepared"), Stage::Prepare, "store", &["trace prepare", "save prepared"]),
        // The token is not even asked.
        case("sign, trace", fault("trace sign"), Stage::Sign, "store", &["trace sign"]),
        // The only effect that comes before its write, for there is nothing to write before.
        again(case("sign, state", fault("save signed"), Stage::Sign, "store", &["trace sign", "token", "person", "save signed"])),
        // No authority is asked.
        case("timestamp, trace", fault("trace timestamp"), Stage::Timestamp, "store", &["trace timestamp"]),
        case("embed, trace", fault("trace embed"), Stage::Embed, "store", &["trace embed"]),
        case("embed, state", fault("save sealed"), Stage::Embed, "store", &["trace embed", "save sealed"]),
        case("record, trace", fault("trace record"), Stage::Record, "store", &["trace record"]),
        case("record, state", fault("save recorded"), Stage::Record, "store", &["trace record", "save recorded"]),
        case("submit", fault("enqueue"), Stage::Submit, "store", &["enqueue"]),
    ];
    check_all(&cases);
}

#[test]
fn what_a_token_says_costs_nothing_but_the_try() {
    let flags = PinFlags { count_low: true, ..PinFlags::default() };
    let text = || "x".to_owned();
    let errors = [
        TokenError::Absent { uri: text() },
        TokenError::Ambiguous { uri: text(), count: 2 },
        TokenError::CertificateChanged { prepared: text(), found: text() },
        TokenError::CredentialMissing { uri: text() },
        TokenError::KeyMismatch { uri: text() },
        TokenError::MechanismMissing { wanted: text(), offered: Vec::new() },
        TokenError::ModuleCrashed { function: text() },
        TokenError::ModuleHung { function: text(), seconds: 30 },
        TokenError::ModuleLoad { path: text(), reason: text() },
        TokenError::ModuleRefused { function: text(), rv: text() },
        TokenError::PinIncorrect { flags },
        TokenError::PinLocked,
        TokenError::Removed,
        TokenError::SignatureNotVerified { algorithm: text() },
        TokenError::Uri { reason: text() },
    ];
    let mut cases = Vec::new();
    for error in errors {
        let (says, name) = (error.code(), format!("token {error:?}"));
        let log: &[&str] = if matches!(error, TokenError::PinIncorrect { .. }) {
            &["trace sign", "token", "person", "trace pin-failed"]
        } else {
            &["trace sign", "token", "person", "trace fault"]
        };
        cases.push(Case { tokens: 2, ..case(&name, Fault::Token(Desired::Fail(error)), Stage::Sign, says, log) });
    }
    for refusal in [PinRefusal::Cancelled, PinRefusal::CountLow, PinRefusal::FinalTry, PinRefusal::Unavailable] {
        let says = TokenError::PinRefused(refusal).code();
        let log = &["trace sign", "token", "person", "trace fault"];
        cases.push(Case { tokens: 2, ..case(&format!("{refusal:?}"), Fault::Person(refusal), Stage::Sign, says, log) });
    }
    for (name, desired) in [("garbage", Desired::Garbage), ("another message", Desired::SignOther)] {
        let log = &["trace sign", "token", "person", "trace fault"];
        let says = "signature-not-verified";
        cases.push(Case { tokens: 2, ..case(name, Fault::Token(desired), Stage::Sign, says, log) });
    }
    check_all(&cases);
}

#[test]
fn what_an_authority_does_costs_no_second_signature() {
    let failed = &["trace timestamp", "exchange http://a0.invalid/", "trace fault"];
    let text = || "x".to_owned();
    let errors = [
        (RemoteError::Malformed { detail: text() }, "tsa-invalid"),
        (RemoteError::Refused { status: 503 }, "tsa-refused"),
        (RemoteError::TimedOut { seconds: 20 }, "tsa-unreachable"),
        (RemoteError::TooLarge { limit: 1 }, "tsa-invalid"),
        (RemoteError::Unreachable { detail: text() }, "tsa-unreachable"),
        (RemoteError::Untrusted { detail: text() }, "tsa-untrusted"),
    ];
    let mut cases = Vec::new();
    for (error, says) in errors {
        let alone = Fault::Authorities { answers: vec![error.clone()], alone: true };
        cases.push(case(&format!("{error:?}"), alone, Stage::Timestamp, says, failed));
        // With a good one behind it nobody notices.
        let before = Fault::Authorities { answers: vec![error.clone()], alone: false };
        cases.push(Case { stage: None, ..case(&format!("{error:?}, then a good one"), before, Stage::Timestamp, "", &[]) });
    }
    let both = vec![RemoteError::Refused { status: 500 }, RemoteError::TimedOut { seconds: 20 }];
    let both_log = &[
        "trace timestamp",
        "exchange http://a0.invalid/",
        "trace fault",
        "trace timestamp",
        "exchange http://a1.invalid/",
        "trace fault",
    ];
    let both = Fault::Authorities { answers: both, alone: true };
    cases.push(case("two", both, Stage::Timestamp, "tsa-refused tsa-unreachable", both_log));
    cases.push(case("none", Fault::NoAuthority, Stage::Timestamp, "none-configured", &[]));
    cases.push(case("no room", Fault::NoRoom, Stage::Embed, "does-not-fit", &[]));
    check_all(&cases);
}

#[test]
fn what_must_not_be_is_refused_before_the_token() {
    let expired: fn(&Means) -> Credential = |means| {
        means.signer.credential(&means.pki, |issue| {
            issue.not_before = Timestamp::now() - SignedDuration::from_hours(48);
            issue.not_after = Timestamp::now() - SignedDuration::from_hours(24);
        })
    };
    let early: fn(&Means) -> Credential = |means| {
        means.signer.credential(&means.pki, |issue| issue.not_before = Timestamp::now() + SignedDuration::from_hours(24))
    };
    let enciphers: fn(&Means) -> Credential =
        |means| means.signer.credential(&means.pki, |issue| issue.key_usage = &[KeyUsage::KeyEncipherment]);
    let authority: fn(&Means) -> Credential = |means| {
        means.signer.credential(&means.pki, |issue| {
            issue.is_ca = true;
            issue.key_usage = &[KeyUsage::DigitalSignature, KeyUsage::KeyCertSign];
        })
    };
    let unreadable: fn(&Means) -> Credential =
        |means| Credential { certificate: b"no certificate".to_vec(), ..means.credential.clone() };
    let rsa_only: fn(&Means) -> Credential = |means| Credential { algorithms: Vec::new(), ..means.credential.clone() };
    let at = Stage::Prepare;
    let cases = [
        case("other digest", Fault::OtherDigest, Stage::Approve, "changed-since-review", &[]),
        case("expired", Fault::Credential(expired), at, "certificate-expired", &[]),
        case("not yet valid", Fault::Credential(early), at, "certificate-not-yet-valid", &[]),
        case("key usage", Fault::Credential(enciphers), at, "key-usage", &[]),
        case("authority", Fault::Credential(authority), at, "ca-certificate", &[]),
        case("unreadable", Fault::Credential(unreadable), at, "unreadable", &[]),
        case("no mechanism", Fault::Credential(rsa_only), at, "mechanism", &[]),
        case("digest", Fault::Choices(|choices| choices.digest = Some(DigestAlgorithm::Sha512)), at, "mechanism", &[]),
        case("level", Fault::Choices(|choices| choices.level = Level::BLt), at, "level", &[]),
        case("level", Fault::Choices(|choices| choices.level = Level::BLta), at, "level", &[]),
        case("name of a text field", Fault::Choices(|choices| choices.field = Some(contracts::AMOUNT.to_owned())), at, "field-not-signature", &[]),
    ];
    check_all(&cases);
}

fn check_all(cases: &[Case]) {
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
        Self { means, case, log, book, clock, entropy, token, person, failed: Vec::new(), tokens: 0 }
    }

    fn check(mut self) {
        let name = &self.case.name;
        let bytes = self.means.contract.clone();
        let prefix = Prefix::hashed(Arc::new(bytes.clone()));
        let source = SourceFacts { name: "合同 contract.pdf".to_owned(), size: bytes.len() as u64, sha256: prefix.sha256() };
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
            match stamp(*signed, &mut authorities, &self.means.anchors, &mut self.entropy, &mut book) {
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
        assert_eq!(lines.last().map(String::as_str), Some("exchange"), "{name}: the good authority");

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
        let level = if matches!(self.case.fault, Fault::NoRoom) { Level::BB } else { Level::BT };
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

        let expected: Vec<(Stage, String)> =
            self.case.stage.iter().map(|stage| (*stage, self.case.says.to_owned())).collect();
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
                    all.push(Box::new(Oracle::new(&self.log, &format!("a{index}"), [Err(error.clone())])));
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
        assert!(self.failed.is_empty(), "{}: {stage:?} failed again: {says}", self.case.name);
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
        StampError::AllFailed(failures) => {
            failures.iter().map(|(_, failure)| failure.code()).collect::<Vec<_>>().join(" ")
        }
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
