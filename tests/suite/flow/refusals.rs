//! What is refused is refused before a PIN is read, and leaves nothing behind (DOMAIN A2, B1).

use std::{path::Path, time::SystemTime};

use countersign_practice::{Issue, KeyUsage, SoftToken};
use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Workshop},
    fakes::SoftSigner,
    surroundings::{Left, pin_from, sign},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{clean, desk, later::private, way::text};

struct Case {
    name: &'static str,
    input: &'static str,
    output: &'static str,
    more: &'static [&'static str],
    arrange: fn(&Desk),
    exit: i32,
    code: &'static str,
    remedy: &'static str,
}

const OTHER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn case(name: &'static str, exit: i32, code: &'static str, remedy: &'static str) -> Case {
    Case {
        name,
        input: "contract.pdf",
        output: "signed.pdf",
        more: &[],
        arrange: |_| {},
        exit,
        code,
        remedy,
    }
}

#[test]
fn refused_before_the_pin() {
    let cases = [
        Case {
            more: &["--reviewed", OTHER],
            ..case("changed since the review", 77, "changed-since-review", "retry")
        },
        Case {
            input: "absent.pdf",
            ..case("input missing", 66, "input-missing", "change-settings")
        },
        Case {
            input: "text.pdf",
            arrange: |desk| drop(desk.put("text.pdf", b"This is no PDF at all.\n")),
            ..case("not a PDF", 65, "not-a-pdf", "ask-sender")
        },
        Case {
            input: "empty.pdf",
            arrange: |desk| drop(desk.put("empty.pdf", b"")),
            ..case("empty", 65, "input-unusable", "ask-sender")
        },
        Case {
            arrange: |desk| drop(desk.put("signed.pdf", b"somebody's file")),
            ..case("output exists", 73, "output-exists", "change-settings")
        },
        Case {
            output: "contract.pdf",
            ..case("output is the source", 73, "output-is-source", "change-settings")
        },
        Case {
            output: "absent/signed.pdf",
            ..case("no such folder", 73, "output-not-writable", "change-settings")
        },
        Case {
            output: "/proc/signed.pdf",
            ..case("read-only folder", 73, "output-not-writable", "change-settings")
        },
        Case {
            more: &["--level", "B-LTA"],
            ..case("level", 64, "level-unsupported", "change-settings")
        },
        Case {
            more: &["--field", contracts::AMOUNT],
            input: "form.pdf",
            arrange: form,
            ..case("text field", 77, "duplicate-field-name", "ask-sender")
        },
        Case {
            more: &["--visible", "9,10,10,100,50"],
            ..case("no such page", 77, "page-missing", "change-settings")
        },
        Case {
            more: &["--endpoint", "nowhere"],
            ..case("no such endpoint", 64, "endpoint-unknown", "change-settings")
        },
        Case {
            arrange: expired,
            ..case("expired", 77, "certificate-expired", "contact-support")
        },
        Case {
            arrange: early,
            ..case("not yet valid", 77, "certificate-not-yet-valid", "contact-support")
        },
        Case {
            arrange: enciphers,
            ..case("for encryption only", 77, "certificate-key-usage", "contact-support")
        },
        Case {
            arrange: strange,
            ..case("another key's certificate", 77, "key-mismatch", "contact-support")
        },
    ];
    for case in &cases {
        check(case);
    }
}

fn check(case: &Case) {
    let name = case.name;
    let desk = desk();
    (case.arrange)(&desk);
    let output = desk.work().join(case.output);
    let facts = |path: &Path| std::fs::read(path).ok().map(|octets| (octets, modified(path)));
    let before = (facts(&output), facts(&desk.work().join("contract.pdf")));
    let run = desk.run(
        &sign(&desk, case.input, case.output, Key::P256, case.more),
        Pin::Watched,
    );
    assert_eq!(
        (run.exit, run.code()),
        (Some(case.exit), case.code),
        "{name}: {}",
        run.told()
    );
    let error = run
        .json
        .pointer("/results/0/error")
        .or(run.json.get("error"))
        .unwrap_or(&Value::Null);
    assert_eq!(text(error, "/remedy"), case.remedy, "{name}: {}", run.told());
    assert!(!run.pin_taken, "{name}: the PIN was read");
    let after = (facts(&output), facts(&desk.work().join("contract.pdf")));
    assert_eq!(after, before, "{name}: files");
    assert_eq!(Left::read(&desk).unfinished.len(), 0, "{name}: sessions");
    clean(&desk);
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|facts| facts.modified()).ok()
}

fn form(desk: &Desk) {
    let form = contracts::sound()
        .into_iter()
        .find(|contract| contract.name == "form-indirect");
    let _contract = desk.put("form.pdf", &form.unwrap().bytes);
}

/// Puts another certificate beside the P-256 key: for its own public key, or for this one.
fn certificate(desk: &Desk, other: Option<&[u8]>, change: impl FnOnce(&mut Issue<'_>)) {
    let folder = desk.token_conf().parent().unwrap().to_owned();
    let pin = std::fs::read(desk.pin_file()).unwrap();
    let token = SoftToken::open(&folder, desk.workshop().token().label(), &pin).unwrap();
    let spki = other.map_or_else(|| token.public_key(3).unwrap(), <[u8]>::to_vec);
    let mut issue = Issue::signatory("演练 Other", "演练银行 Practice Bank", &spki, Timestamp::now());
    change(&mut issue);
    let issued = desk.workshop().pki().issue(&issue).unwrap();
    token.write_certificate(3, Key::P256.label(), &issued).unwrap();
}

fn expired(desk: &Desk) {
    certificate(desk, None, |issue| {
        issue.not_before = Timestamp::now() - SignedDuration::from_hours(48);
        issue.not_after = Timestamp::now() - SignedDuration::from_hours(24);
    });
}

fn early(desk: &Desk) {
    certificate(desk, None, |issue| {
        issue.not_before = Timestamp::now() + SignedDuration::from_hours(24);
    });
}

fn enciphers(desk: &Desk) {
    certificate(desk, None, |issue| issue.key_usage = &[KeyUsage::KeyEncipherment]);
}

fn strange(desk: &Desk) {
    let stranger = SoftSigner::create(&desk.work());
    certificate(desk, Some(stranger.spki()), |_| {});
}

#[test]
fn a_wrong_pin_costs_one_try_and_nothing_else() {
    let desk = desk();
    let wrong = desk.put("wrong", b"no-such-pin\n");
    private(&wrong);
    let from = format!("file:{}", wrong.display());
    let run = desk.run(
        &sign(&desk, "contract.pdf", "signed.pdf", Key::P256, &["--pin-from", &from]),
        Pin::Never,
    );
    assert_eq!((run.exit, run.code()), (Some(77), "pin-incorrect"), "{}", run.told());
    assert_eq!(text(&run.json, "/results/0/error/remedy"), "enter-pin");
    assert_eq!(
        text(&run.json, "/results/0/error/detail/tries"),
        "low",
        "{}",
        run.told()
    );
    assert!(!desk.work().join("signed.pdf").exists());
    clean(&desk);
    let left = Left::read(&desk);
    let kinds = left.kinds(&text(&run.json, "/results/0/session"));
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "pin-failed").count(),
        1,
        "{kinds:?}"
    );
    assert!(low(&desk), "the token remembers");

    // Nobody is there: the right PIN is not spent either, for nobody knows that it is the right one.
    let held = desk.run(&sign(&desk, "contract.pdf", "signed.pdf", Key::P256, &[]), Pin::Watched);
    assert_eq!((held.exit, held.code()), (Some(77), "pin-count-low"), "{}", held.told());
    assert_eq!(text(&held.json, "/results/0/error/remedy"), "enter-pin");
    assert!(!held.pin_taken, "the PIN was read");
    let kinds = Left::read(&desk).kinds(&text(&held.json, "/results/0/session"));
    assert!(!kinds.iter().any(|kind| kind == "pin-failed"), "{kinds:?}");
    assert!(low(&desk) && !desk.work().join("signed.pdf").exists());

    // Accepted explicitly, the very same contract is signed, and the token forgets.
    let pin = pin_from(&desk);
    let more = ["--accept-final-try", "--pin-from", &pin];
    let run = desk.run(&sign(&desk, "contract.pdf", "signed.pdf", Key::P256, &more), Pin::Never);
    assert_eq!(run.exit, Some(0), "{}", run.told());
    assert!(!low(&desk), "after a right PIN");
    clean(&desk);
}

/// Whether the token says that a PIN was wrong.
fn low(desk: &Desk) -> bool {
    let listed = desk.run(&["token", "list"], Pin::Never);
    let found = listed.stdout.contains("\"count_low\":true");
    assert!(
        found || listed.stdout.contains("\"count_low\":false"),
        "{}",
        listed.told()
    );
    found
}

#[test]
fn a_pin_file_that_others_can_read_is_not_read() {
    let desk = desk();
    let open = desk.put("open-pin", b"271828\n");
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&open, everybody).unwrap();
    for from in [
        format!("file:{}", open.display()),
        "file:/no/such/file".to_owned(),
        "prompt".to_owned(),
    ] {
        let run = desk.run(
            &sign(&desk, "contract.pdf", "signed.pdf", Key::P256, &["--pin-from", &from]),
            Pin::Never,
        );
        assert_eq!(
            (run.exit, run.code()),
            (Some(77), "pin-needed"),
            "{from}: {}",
            run.told()
        );
        assert!(!desk.work().join("signed.pdf").exists());
    }
    let uri = format!("{}&pin-value=271828", Workshop::shared().desk().credential(Key::P256));
    let run = desk.run(
        &[
            "sign",
            "contract.pdf",
            "-o",
            "signed.pdf",
            "--yes",
            "--credential",
            &uri,
        ],
        Pin::Never,
    );
    assert_eq!((run.exit, run.code()), (Some(64), "uri-unusable"), "{}", run.told());
    assert!(
        !run.stdout.contains("271828") && !run.stderr.contains("271828"),
        "{}",
        run.told()
    );
    clean(&desk);
}
