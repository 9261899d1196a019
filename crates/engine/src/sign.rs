//! Signing one file or many: the session's steps in order, each timed, each fault named, nothing lost.
//!
//! Not its business: what a step does (signing), the rest of an interrupted run (resume).

use std::{
    collections::BTreeSet,
    fs::Metadata,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use countersign_pdf::review::ReviewLimits;
use countersign_signing::{
    Choices, Ledger, Level, Prefix, SourceFacts, Stage,
    ports::{Clock as _, Credential, Sessions as _, Token as _, TokenError},
};
use countersign_store::snapshot::{Options, Snapshot, SnapshotState, Wanted, placed};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Engine, appearance,
    book::Book,
    clock::random_hex,
    fault::{Fault, exit},
    faults,
    finish::{Finish, Outcome, Unfinished},
    inspect,
    interaction::{Event, Interaction, ReviewShown},
    trust,
};

/// Everything that was chosen for a run.
#[derive(Debug, Clone)]
pub struct SignRequest {
    /// Contracts.
    pub inputs: Vec<PathBuf>,
    /// Where the results go.
    pub output: Output,
    /// RFC 7512 URI.
    pub credential: String,
    /// Certificate for a key that has none on the token, PEM or DER.
    pub certificate: Option<PathBuf>,
    /// What was chosen for the signatures.
    pub choices: Choices,
    /// Digest of the file as it was reviewed elsewhere.
    pub reviewed: Option<[u8; 32]>,
    /// Blocking findings that were accepted, by code.
    pub accepted: BTreeSet<String>,
    /// URLs instead of the configured authorities.
    pub tsa: Vec<String>,
    /// Anchors beside the configured ones.
    pub trust: Vec<PathBuf>,
    /// No network at all.
    pub offline: bool,
    /// An existing output may be replaced.
    pub overwrite: bool,
    /// How long to wait for the endpoint to be final.
    pub wait: Duration,
}

/// Where the results go.
#[derive(Debug, Clone)]
pub enum Output {
    /// One file.
    File(PathBuf),
    /// A folder; the names stay.
    Folder(PathBuf),
}

/// One result of `countersign.sign/1`.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(missing_docs, reason = "INTERFACE's own names")]
pub struct SignResult {
    pub input: String,
    pub output: String,
    pub sha256_before: String,
    pub sha256_after: String,
    pub field: String,
    pub level: String,
    pub algorithm: String,
    pub signature_value: String,
    pub gen_time: String,
    pub record_id: String,
    pub evidence: String,
    pub submission: String,
    pub transaction: String,
    pub session: String,
    pub resumed: bool,
    pub timings_ms: Timings,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Fault>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Value>,
}

/// Milliseconds for each stage; `sync` is what the device took, and is part of `embed`.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(missing_docs, reason = "INTERFACE's own names")]
pub struct Timings {
    pub open: f64,
    pub review: f64,
    pub prepare: f64,
    pub token: f64,
    pub timestamp: f64,
    pub embed: f64,
    pub record: f64,
    pub submit: f64,
    pub sync: f64,
}

/// The whole answer, with the exit status.
#[derive(Debug, Serialize)]
pub struct SignReport {
    /// `countersign.sign/1`.
    pub schema: &'static str,
    /// One for each input, in order.
    pub results: Vec<SignResult>,
    /// Of the first file that failed, or of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Fault>,
    /// Exit status.
    #[serde(skip)]
    pub exit: u8,
}

/// Runs `work` and adds its time to `into`, in milliseconds.
pub(crate) fn timed<T>(into: &mut f64, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let value = work();
    *into += begun.elapsed().as_secs_f64() * 1000.0;
    value
}

impl Engine {
    /// Signs the files, one after the other, with one credential.
    pub fn sign(&mut self, request: &SignRequest, ui: &mut dyn Interaction) -> SignReport {
        let mut stop: Option<Fault> = None;
        // The store is opened while the module is loaded; what stands against it is said where it is first needed.
        let home = self.home().to_owned();
        let store = self
            .book
            .is_none()
            .then(|| std::thread::Builder::new().spawn(move || Book::open(&home)).ok())
            .flatten();
        let credential = self.check_means(request).and_then(|()| self.credential(request, ui));
        if let Some(Ok(book)) = store.and_then(|store| store.join().ok()) {
            self.book = Some(book);
        }
        let credential = match credential {
            Ok(credential) => Some(credential),
            Err(fault) => {
                stop = Some(fault);
                None
            }
        };
        let results = self.each(request, credential.as_ref(), stop, ui);
        // The first that failed; what is merely queued comes after it.
        let mut faults = results.iter().filter_map(|result| result.error.as_ref());
        let failed = faults.clone().find(|fault| fault.exit != exit::QUEUED);
        let error = failed.or_else(|| faults.next()).cloned();
        let exit = error.as_ref().map_or(exit::DONE, |fault| fault.exit);
        SignReport {
            schema: "countersign.sign/1",
            results,
            error,
            exit,
        }
    }

    /// Settings that could not be used once the signature is made are refused before a PIN is asked.
    fn check_means(&mut self, request: &SignRequest) -> Result<(), Fault> {
        if request.choices.level >= Level::BT && !request.offline {
            self.tsa_anchors(&request.trust)?;
            self.authorities(&request.tsa)?;
        }
        Ok(())
    }

    fn credential(&mut self, request: &SignRequest, ui: &mut dyn Interaction) -> Result<Credential, Fault> {
        let mut given = trust::certificates(request.certificate.as_slice())?;
        given.extend(request.choices.extra_chain.iter().cloned());
        let tokens = self.tokens()?;
        tokens.with_certificates(&given, request.certificate.is_some());
        tokens
            .find(&request.credential, ui)
            .map_err(|error| Fault::token(Stage::Sign, &error))
    }

    /// Everything up to the signature value, which is kept when this returns. An earlier run's work is gone on with to its
    /// end.
    pub(crate) fn until_signed(
        &mut self,
        input: &Path,
        request: &SignRequest,
        credential: &Credential,
        ui: &mut dyn Interaction,
        result: &mut SignResult,
    ) -> Result<Option<Unfinished>, Fault> {
        let name = input
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let output = match &request.output {
            Output::File(path) => path.clone(),
            // The octets of the name stay, also where they are no UTF-8.
            Output::Folder(folder) => folder.join(input.file_name().unwrap_or_default()),
        };
        result.output = output.display().to_string();
        // What is kept with the session must hold for a later run from another folder.
        let output = std::path::absolute(&output).unwrap_or(output);
        let stage = |ui: &mut dyn Interaction, stage| {
            ui.tell(&Event::Stage {
                name: name.clone(),
                stage,
            });
        };
        if !request.overwrite
            && output.symlink_metadata().is_ok()
            && !same_file(input, &output)
            && !self.has_unfinished(&output)?
        {
            return Err(Fault::new(Stage::Open, "output-exists").with("output", result.output.as_str()));
        }
        stage(ui, Stage::Open);
        let before = std::fs::metadata(input).ok();
        let options = Options {
            wanted: wanted(before.as_ref().map_or(0, Metadata::len)),
            approved: request.reviewed,
            ..Options::default()
        };
        let mut timings = Timings::default();
        let snapshot = timed(&mut timings.open, || Snapshot::take(input, &output, &options))
            .map_err(|error| faults::snapshot(Stage::Open, &error))?;
        let source = SourceFacts {
            name: name.clone(),
            size: snapshot.len(),
            sha256: snapshot.sha256(),
        };
        result.sha256_before = hex::encode(source.sha256);
        result.session = random_hex::<16>();
        let mut fresh = Some(snapshot);
        if let Some(outcome) = self.resume_earlier(
            &source.sha256,
            &credential.certificate,
            &output,
            request,
            &mut fresh,
            ui,
        )? {
            result.resumed = true;
            return fill(result, outcome, timings).map(|()| None);
        }
        let Some(mut snapshot) = fresh else {
            return Err(Fault::new(Stage::Open, "store-busy").with("output", result.output.as_str()));
        };
        self.sweep(&output)?;
        let prefix = Prefix::new(snapshot.bytes(), snapshot.hashes().sha256.clone());
        let contract = timed(&mut timings.open, || {
            countersign_signing::open(prefix.clone(), source.clone())
        })
        .map_err(|error| faults::open(&error))?;
        stage(ui, Stage::Review);
        let review = timed(&mut timings.review, || contract.review(&ReviewLimits::default()));
        let shown = || ReviewShown {
            name: name.clone(),
            inspect: inspect::facts(&review, None),
            signer: inspect::signer(credential),
        };
        // What the device takes for a large copy is waited for here: after the approval only the appended octets are left.
        timed(&mut timings.open, || snapshot.settle()).map_err(|error| faults::snapshot(Stage::Open, &error))?;
        stage(ui, Stage::Approve);
        if !ui.approve(&shown) {
            let clock = self.clock;
            let mut ledger = ledger(self.database()?, &clock, &result.session, &output, snapshot.state());
            review
                .reject("not approved", &mut ledger)
                .map_err(|error| Fault::store(Stage::Approve, &error))?;
            let code = if ui.can_ask() { "cancelled" } else { "approval-needed" };
            return Err(Fault::new(Stage::Approve, code));
        }
        unchanged_since(input, before.as_ref(), &source)?;
        let policy = self.policy();
        let clock = self.clock;
        let mut choices = self.with_estimate(&request.choices);
        result.notes = appearance::complete(
            &mut choices,
            review.contract().document(),
            &credential.certificate,
            self.clock.now(),
            self.config.signing.font.as_deref(),
        );
        let database = self.database()?;
        let gathered = database.database.clone();
        let mut book = ledger(database, &clock, &result.session, &output, snapshot.state());
        let approved = review
            .approve(&source.sha256, &request.accepted, &mut book)
            .map_err(|(_, error)| faults::review(&error))?;
        stage(ui, Stage::Prepare);
        let prepared = timed(&mut timings.prepare, || {
            gathered
                .together(|| countersign_signing::prepare(approved, credential, &choices, &policy, &mut book))
                .map_err(|error| Fault::store(Stage::Prepare, &error))
        })?;
        let (prepared, prefix) = prepared.map_err(|failed| faults::prepare(&failed.error))?;
        snapshot.keep();
        stage(ui, Stage::Sign);
        let signed = self.ask_token(
            prepared,
            ui,
            &result.session,
            &output,
            &mut snapshot,
            &mut timings.token,
        )?;
        // A hidden key says so only after the login.
        let observed = self.tokens.as_ref().and_then(|tokens| tokens.observed_key(credential));
        if credential.key.extractable || observed.is_some_and(|key| key.extractable) {
            result.notes.push(json!({"code": "key-extractable"}));
        }
        let finish = Finish {
            session: result.session.clone(),
            name,
            output,
            overwrite: request.overwrite,
            tsa: request.tsa.clone(),
            trust: request.trust.clone(),
            offline: request.offline,
            wait: request.wait,
        };
        Ok(Some(Unfinished {
            signed,
            snapshot,
            prefix,
            finish,
            timings,
        }))
    }

    /// A wrong PIN leaves the prepared state; a person who is there may try again, each try with a question of its own.
    fn ask_token(
        &mut self,
        mut prepared: countersign_signing::Prepared,
        ui: &mut dyn Interaction,
        session: &str,
        output: &Path,
        snapshot: &mut Snapshot,
        time: &mut f64,
    ) -> Result<countersign_signing::Signed, Fault> {
        let clock = self.clock;
        loop {
            let (tokens, database) = self.tokens_and_database()?;
            let mut book = ledger(database, &clock, session, output, snapshot.state());
            let outcome = timed(time, || countersign_signing::sign(prepared, tokens, ui, &mut book));
            let failed = match outcome {
                Ok(mut signed) => {
                    // Hidden keys tell what they are only after the login.
                    if let Some(key) = tokens.observed_key(&signed.prepared.credential) {
                        signed.prepared.credential.key = key;
                    }
                    return Ok(signed);
                }
                Err(failed) => failed,
            };
            let fault = faults::sign(&failed.error);
            let again = matches!(
                &failed.error,
                countersign_signing::SignError::Token(TokenError::PinIncorrect { flags }) if !flags.locked
            );
            if again && ui.try_again(&fault) {
                prepared = *failed.state;
                continue;
            }
            // Nothing was signed: the copy and the session end here, the source is as it was. Where the session cannot be
            // closed a later run closes it; what the token said matters more.
            let _ = book.close("abandoned", &failed.state.source.sha256);
            let _ = std::fs::remove_file(&snapshot.state().part);
            return Err(fault);
        }
    }

    fn has_unfinished(&mut self, output: &Path) -> Result<bool, Fault> {
        let rows = self
            .database()?
            .unfinished()
            .map_err(|error| Fault::store(Stage::Open, &error))?;
        Ok(rows.iter().any(|row| Path::new(&row.output) == output))
    }
}

/// The book of one session.
pub(crate) fn ledger<'a>(
    database: &'a mut Book,
    clock: &'a crate::clock::SystemClock,
    session: &str,
    output: &Path,
    part: &SnapshotState,
) -> Ledger<'a> {
    Ledger {
        storage: database,
        clock,
        session: session.to_owned(),
        output: output.display().to_string(),
        part: serde_json::to_string(part).unwrap_or_default(),
    }
}

fn same_file(first: &Path, second: &Path) -> bool {
    match (std::fs::canonicalize(first), std::fs::canonicalize(second)) {
        (Ok(first), Ok(second)) => first == second,
        _ => false,
    }
}

/// SM3 beside SHA-256 costs a tenth of its speed: it is computed for files up to this size. Verification always computes it.
const SM3_LIMIT: u64 = 8 * 1024 * 1024;

pub(crate) const fn wanted(size: u64) -> Wanted {
    Wanted {
        sha384: false,
        sha512: false,
        sm3: size <= SM3_LIMIT,
    }
}

/// The file on disk must still be the one that was shown: whoever replaced it meanwhile would believe that the replacement
/// was signed. Looked at by its facts first; only when they differ it is read again.
fn unchanged_since(input: &Path, before: Option<&Metadata>, source: &SourceFacts) -> Result<(), Fault> {
    let facts = |facts: &Metadata| {
        (
            facts.dev(),
            facts.ino(),
            facts.len(),
            facts.mtime(),
            facts.mtime_nsec(),
            facts.ctime_nsec(),
        )
    };
    let now = std::fs::metadata(input).ok();
    if now.is_some() && now.as_ref().map(facts) == before.map(facts) {
        return Ok(());
    }
    match placed(input, &source.sha256) {
        Ok(true) => Ok(()),
        _ => Err(Fault::new(Stage::Approve, "changed-since-review").with("reviewed", hex::encode(source.sha256))),
    }
}

pub(crate) fn ends_the_run(fault: &Fault) -> bool {
    let code = fault.code.as_str();
    code.starts_with("pin-")
        || code.starts_with("token-")
        || code.starts_with("module-")
        || code.starts_with("store-")
        || matches!(
            code,
            "certificate-changed" | "signature-not-verified" | "cancelled" | "approval-needed"
        )
}

pub(crate) fn fill(result: &mut SignResult, outcome: Outcome, timings: Timings) -> Result<(), Fault> {
    result.sha256_after = outcome.sha256;
    result.field = outcome.field;
    result.level = outcome.level.name().to_owned();
    result.algorithm = outcome.algorithm;
    result.signature_value = outcome.signature_value;
    result.gen_time = outcome.gen_time;
    result.record_id = outcome.record_id;
    result.evidence = outcome.evidence;
    result.submission = outcome.submission;
    result.transaction = outcome.transaction;
    result.timings_ms = timings;
    result.notes.extend(outcome.notes);
    outcome.fault.map_or(Ok(()), Err)
}
