//! From the errors of the parts to faults.
//!
//! Not its business: exit statuses and remedies (fault::CATALOGUE).

use countersign_pdf::{OpenError, Refusal};
use countersign_signing::{
    EmbedError, PrepareError, RecordError, ReviewError, SignError, Stage, StampError, StampFailure, SubmitError,
};
use countersign_store::snapshot::SnapshotError;
use serde_json::{Value, json};

use crate::fault::{Fault, exit};

pub(crate) fn snapshot(stage: Stage, error: &SnapshotError) -> Fault {
    use SnapshotError as E;
    let code = match error {
        E::SourceMissing { .. } => "input-missing",
        E::SourceUnreadable { .. } => "input-unreadable",
        E::Empty { .. } | E::NotRegular { .. } => "input-unusable",
        E::TooLarge { .. } => "too-large",
        E::SourceChanged { .. } => "changed-since-review",
        E::OutputExists { .. } => "output-exists",
        E::OutputIsSource { .. } => "output-is-source",
        E::Busy { .. } => "store-busy",
        E::Damaged { .. } => "store-unusable",
        _ => "output-not-writable",
    };
    Fault::new(stage, code).because(error)
}

pub(crate) fn open(error: &OpenError) -> Fault {
    let fault = Fault::new(Stage::Open, error.code()).because(error);
    // Whatever else a reader may say of a file: it cannot be used.
    if fault.exit == exit::INTERNAL {
        fault.exiting(exit::UNUSABLE)
    } else {
        fault
    }
}

pub(crate) fn review(error: &ReviewError) -> Fault {
    match error {
        ReviewError::ChangedSinceReview { approved, reviewed } => Fault::new(Stage::Approve, "changed-since-review")
            .with("approved", approved.as_str())
            .with("reviewed", reviewed.as_str()),
        ReviewError::Blocked { codes } => Fault::new(Stage::Approve, "content-blocked").with("codes", json!(codes)),
        ReviewError::Store(error) => Fault::store(Stage::Approve, error),
        other => Fault::new(Stage::Approve, "not-verified").because(other),
    }
}

pub(crate) fn refusals(refusals: &[Refusal]) -> Vec<Value> {
    refusals
        .iter()
        .map(|refusal| json!({"code": refusal.code(), "detail": refusal.to_string()}))
        .collect()
}

pub(crate) fn prepare(error: &PrepareError) -> Fault {
    let stage = Stage::Prepare;
    match error {
        PrepareError::Certificate(found) => {
            let code = found
                .first()
                .map_or("certificate-unreadable", |refusal| certificate_code(refusal.code()));
            let all: Vec<String> = found.iter().map(ToString::to_string).collect();
            Fault::new(stage, code).with("reasons", json!(all))
        }
        PrepareError::CertificateUnreadable(error) => Fault::new(stage, "certificate-unreadable").because(error),
        PrepareError::LevelUnsupported { level } => Fault::new(stage, "level-unsupported").with("level", *level),
        PrepareError::MechanismMissing { wanted, offered } => Fault::new(stage, "mechanism-missing")
            .with("wanted", wanted.as_str())
            .with("offered", json!(offered)),
        PrepareError::Refused(found) => {
            let code = found.first().map_or("unsupported", Refusal::code);
            let fault = Fault::new(stage, code).with("refusals", refusals(found));
            if fault.exit == exit::INTERNAL {
                fault.exiting(exit::UNUSABLE)
            } else {
                fault
            }
        }
        PrepareError::Store(error) => Fault::store(stage, error),
        other => Fault::new(stage, "not-verified").because(other),
    }
}

/// The policy names its refusals shortly; faults say what they are about.
pub(crate) fn certificate_code(code: &str) -> &'static str {
    match code {
        "certificate-expired" => "certificate-expired",
        "certificate-not-yet-valid" => "certificate-not-yet-valid",
        "key-usage" | "extended-key-usage" => "certificate-key-usage",
        "key-weak" => "certificate-weak-key",
        "ca-certificate" => "certificate-is-ca",
        _ => "certificate-algorithm",
    }
}

pub(crate) fn sign(error: &SignError) -> Fault {
    match error {
        SignError::NotVerified => Fault::new(Stage::Sign, "signature-not-verified"),
        SignError::Store(error) => Fault::store(Stage::Sign, error),
        SignError::Token(error) => Fault::token(Stage::Sign, error),
        other => Fault::new(Stage::Sign, "not-verified").because(other),
    }
}

pub(crate) fn stamp(error: &StampError) -> Fault {
    let stage = Stage::Timestamp;
    match error {
        StampError::NoneConfigured => Fault::new(stage, "tsa-not-configured"),
        StampError::Store(error) => Fault::store(stage, error),
        StampError::AllFailed(failures) => {
            let tried: Vec<Value> = failures
                .iter()
                .map(|(url, failure)| json!({"tsa": url, "code": failure.code(), "reason": failure.to_string()}))
                .collect();
            let code = failures.last().map_or("tsa-unreachable", |(_, failure)| failure.code());
            Fault::new(stage, code).with("tried", tried)
        }
        other => Fault::new(stage, "not-verified").because(other),
    }
}

pub(crate) fn stamp_failure(url: &str, failure: &StampFailure) -> Fault {
    Fault::new(Stage::Timestamp, failure.code())
        .with("tsa", url)
        .because(failure)
}

pub(crate) fn embed(error: &EmbedError) -> Fault {
    let stage = Stage::Embed;
    match error {
        EmbedError::DoesNotFit(_) => Fault::new(stage, "contents-too-small").because(error),
        EmbedError::Store(error) => Fault::store(stage, error),
        other => Fault::new(stage, "not-verified").because(other),
    }
}

pub(crate) fn record(error: &RecordError) -> Fault {
    match error {
        RecordError::Store(error) => Fault::store(Stage::Record, error),
        other => Fault::new(Stage::Record, "record-unusable").because(other),
    }
}

pub(crate) fn submit(error: &SubmitError) -> Fault {
    match error {
        SubmitError::Record(error) => record(error),
        SubmitError::Store(error) => Fault::store(Stage::Submit, error),
        other => Fault::new(Stage::Submit, "not-verified").because(other),
    }
}
