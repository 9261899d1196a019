//! From the approval to the queue: one fault at one place, and then on with the value that was given back.

use countersign_cms::DigestAlgorithm;
use countersign_practice::KeyUsage;
use countersign_signing::{
    Level, Stage,
    ports::{Credential, PinFlags, PinRefusal, RemoteError, TokenError},
};
use countersign_tests::{contracts, fakes::Desired};
use jiff::{SignedDuration, Timestamp};

use super::walk::{Case, Fault, Means, check_all};

fn case(name: &str, fault: Fault, stage: Stage, says: &'static str, log: &'static [&'static str]) -> Case {
    Case {
        name: name.to_owned(),
        fault,
        stage: Some(stage),
        says,
        log,
        tokens: 1,
    }
}

#[test]
fn a_write_that_fails_stops_the_step_before_its_effect() {
    let fault = Fault::Write;
    let again = |case: Case| Case { tokens: 2, ..case };
    let cases = [
        case(
            "approve",
            fault("trace approve"),
            Stage::Approve,
            "store",
            &["trace approve"],
        ),
        case(
            "prepare, trace",
            fault("trace prepare"),
            Stage::Prepare,
            "store",
            &["trace prepare"],
        ),
        case(
            "prepare, state",
            fault("save prepared"),
            Stage::Prepare,
            "store",
            &["trace prepare", "save prepared"],
        ),
        // The token is not even asked.
        case(
            "sign, trace",
            fault("trace sign"),
            Stage::Sign,
            "store",
            &["trace sign"],
        ),
        // The only effect that comes before its write, for there is nothing to write before.
        again(case(
            "sign, state",
            fault("save signed"),
            Stage::Sign,
            "store",
            &["trace sign", "token", "person", "save signed"],
        )),
        // No authority is asked.
        case(
            "timestamp, trace",
            fault("trace timestamp"),
            Stage::Timestamp,
            "store",
            &["trace timestamp"],
        ),
        case(
            "embed, trace",
            fault("trace embed"),
            Stage::Embed,
            "store",
            &["trace embed"],
        ),
        case(
            "embed, state",
            fault("save sealed"),
            Stage::Embed,
            "store",
            &["trace embed", "save sealed"],
        ),
        case(
            "record, trace",
            fault("trace record"),
            Stage::Record,
            "store",
            &["trace record"],
        ),
        case(
            "record, state",
            fault("save recorded"),
            Stage::Record,
            "store",
            &["trace record", "save recorded"],
        ),
        case("submit", fault("enqueue"), Stage::Submit, "store", &["enqueue"]),
    ];
    check_all(&cases);
}

#[test]
fn what_a_token_says_costs_nothing_but_the_try() {
    let flags = PinFlags {
        count_low: true,
        ..PinFlags::default()
    };
    let text = || "x".to_owned();
    let errors = [
        TokenError::Absent { uri: text() },
        TokenError::Ambiguous { uri: text(), count: 2 },
        TokenError::CertificateChanged {
            prepared: text(),
            found: text(),
        },
        TokenError::CredentialMissing { uri: text() },
        TokenError::KeyMismatch { uri: text() },
        TokenError::MechanismMissing {
            wanted: text(),
            offered: Vec::new(),
        },
        TokenError::ModuleCrashed { function: text() },
        TokenError::ModuleHung {
            function: text(),
            seconds: 30,
        },
        TokenError::ModuleLoad {
            path: text(),
            reason: text(),
        },
        TokenError::ModuleRefused {
            function: text(),
            rv: text(),
        },
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
        cases.push(Case {
            tokens: 2,
            ..case(&name, Fault::Token(Desired::Fail(error)), Stage::Sign, says, log)
        });
    }
    for refusal in [
        PinRefusal::Cancelled,
        PinRefusal::CountLow,
        PinRefusal::FinalTry,
        PinRefusal::Unavailable,
    ] {
        let says = TokenError::PinRefused(refusal).code();
        let log = &["trace sign", "token", "person", "trace fault"];
        cases.push(Case {
            tokens: 2,
            ..case(&format!("{refusal:?}"), Fault::Person(refusal), Stage::Sign, says, log)
        });
    }
    for (name, desired) in [("garbage", Desired::Garbage), ("another message", Desired::SignOther)] {
        let log = &["trace sign", "token", "person", "trace fault"];
        let says = "signature-not-verified";
        cases.push(Case {
            tokens: 2,
            ..case(name, Fault::Token(desired), Stage::Sign, says, log)
        });
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
        let alone = Fault::Authorities {
            answers: vec![error.clone()],
            alone: true,
        };
        cases.push(case(&format!("{error:?}"), alone, Stage::Timestamp, says, failed));
        // With a good one behind it nobody notices.
        let before = Fault::Authorities {
            answers: vec![error.clone()],
            alone: false,
        };
        cases.push(Case {
            stage: None,
            ..case(
                &format!("{error:?}, then a good one"),
                before,
                Stage::Timestamp,
                "",
                &[],
            )
        });
    }
    let both = vec![
        RemoteError::Refused { status: 500 },
        RemoteError::TimedOut { seconds: 20 },
    ];
    let both_log = &[
        "trace timestamp",
        "exchange http://a0.invalid/",
        "trace fault",
        "trace timestamp",
        "exchange http://a1.invalid/",
        "trace fault",
    ];
    let both = Fault::Authorities {
        answers: both,
        alone: true,
    };
    cases.push(case(
        "two",
        both,
        Stage::Timestamp,
        "tsa-refused tsa-unreachable",
        both_log,
    ));
    cases.push(case(
        "none",
        Fault::NoAuthority,
        Stage::Timestamp,
        "none-configured",
        &[],
    ));
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
        means.signer.credential(&means.pki, |issue| {
            issue.not_before = Timestamp::now() + SignedDuration::from_hours(24);
        })
    };
    let enciphers: fn(&Means) -> Credential = |means| {
        means
            .signer
            .credential(&means.pki, |issue| issue.key_usage = &[KeyUsage::KeyEncipherment])
    };
    let authority: fn(&Means) -> Credential = |means| {
        means.signer.credential(&means.pki, |issue| {
            issue.is_ca = true;
            issue.key_usage = &[KeyUsage::DigitalSignature, KeyUsage::KeyCertSign];
        })
    };
    let unreadable: fn(&Means) -> Credential = |means| Credential {
        certificate: b"no certificate".to_vec(),
        ..means.credential.clone()
    };
    let rsa_only: fn(&Means) -> Credential = |means| Credential {
        algorithms: Vec::new(),
        ..means.credential.clone()
    };
    let at = Stage::Prepare;
    let cases = [
        case(
            "other digest",
            Fault::OtherDigest,
            Stage::Approve,
            "changed-since-review",
            &[],
        ),
        case("expired", Fault::Credential(expired), at, "certificate-expired", &[]),
        case(
            "not yet valid",
            Fault::Credential(early),
            at,
            "certificate-not-yet-valid",
            &[],
        ),
        case("key usage", Fault::Credential(enciphers), at, "key-usage", &[]),
        case("authority", Fault::Credential(authority), at, "ca-certificate", &[]),
        case("unreadable", Fault::Credential(unreadable), at, "unreadable", &[]),
        case("no mechanism", Fault::Credential(rsa_only), at, "mechanism", &[]),
        case(
            "digest",
            Fault::Choices(|choices| choices.digest = Some(DigestAlgorithm::Sha512)),
            at,
            "mechanism",
            &[],
        ),
        case(
            "level",
            Fault::Choices(|choices| choices.level = Level::BLt),
            at,
            "level",
            &[],
        ),
        case(
            "level",
            Fault::Choices(|choices| choices.level = Level::BLta),
            at,
            "level",
            &[],
        ),
        case(
            "name of a text field",
            Fault::Choices(|choices| choices.field = Some(contracts::AMOUNT.to_owned())),
            at,
            "duplicate-field-name",
            &[],
        ),
    ];
    check_all(&cases);
}
