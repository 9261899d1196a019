//! From the contract to final evidence, and what verification says of it afterwards.

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Run},
    surroundings::{Chain, Left, sign},
};
use serde_json::Value;

use super::{clean, desk, signed};

#[test]
fn the_way_to_the_journal() {
    let desk = desk();
    let run = signed(
        &desk,
        "signed.pdf",
        &["--endpoint", "journal", "--business-no", "HT-1", "--party", "1/2"],
    );
    finished(&desk, &run, "final");
    let left = Left::read(&desk);
    assert_eq!(left.journal, [text(&run.json, "/results/0/evidence")]);
    assert_eq!(text(&left_record(&desk, &run), "/record/business_no"), "HT-1");
    let verified = desk.run(&["journal", "verify"], Pin::Never);
    assert_eq!(
        (verified.exit, &verified.json["intact"]),
        (Some(0), &Value::Bool(true)),
        "{}",
        verified.told()
    );
    clean(&desk);
}

#[test]
fn the_way_to_a_chain() {
    let desk = desk();
    let Some(chain) = Chain::start(&desk.work()) else {
        return;
    };
    desk.configure(&chain.section());
    let run = signed(&desk, "signed.pdf", &["--endpoint", Chain::NAME]);
    finished(&desk, &run, "final");
    let hash = text(&run.json, "/results/0/transaction");
    let transaction = chain.transaction(&hash);
    assert_eq!(text(&transaction, "/hash"), hash, "{transaction}");
    // The very entry that verification finds on the chain, not only in our own books.
    let online = desk.run(&["verify", "signed.pdf", "--online"], Pin::Never);
    assert_eq!(text(&online.json, "/chain/status"), "matches", "{}", online.told());

    // The same record to the same endpoint is the same submission.
    let before = chain.sent();
    let record = text(&run.json, "/results/0/record_id");
    let again = desk.run(&["evidence", "submit", &record, "--endpoint", Chain::NAME], Pin::Never);
    assert_eq!(
        (again.exit, text(&again.json, "/submission").as_str()),
        (Some(0), "final"),
        "{}",
        again.told()
    );
    assert_eq!(chain.sent(), before, "transactions");

    super::privacy::nothing_private_in(&transaction, &desk, &run);
}

#[test]
fn a_chain_that_is_away_is_waited_for() {
    let desk = desk();
    let Some(chain) = Chain::start(&desk.work()) else {
        return;
    };
    desk.configure(&chain.section_at(&countersign_tests::surroundings::closed()));
    let run = signed(&desk, "signed.pdf", &["--endpoint", Chain::NAME]);
    assert_eq!(
        (run.exit, run.code()),
        (Some(75), "endpoint-unreachable"),
        "{}",
        run.told()
    );
    assert_eq!(text(&run.json, "/results/0/submission"), "queued");
    assert_eq!(text(&run.json, "/results/0/level"), "B-T");
    let before = chain.sent();

    desk.configure(&chain.section());
    let turned = desk.run(&["outbox", "run"], Pin::Never);
    assert_eq!(turned.exit, Some(0), "{}", turned.told());
    assert_eq!(text(&turned.json, "/rows/0/state"), "final", "{}", turned.told());
    assert_eq!(chain.sent(), before + 1, "transactions");
    let again = desk.run(&["outbox", "run"], Pin::Never);
    assert_eq!((again.exit, chain.sent()), (Some(0), before + 1), "{}", again.told());
    let verified = desk.run(&["verify", "signed.pdf", "--online"], Pin::Never);
    assert_eq!(
        (verified.exit, text(&verified.json, "/chain/status").as_str()),
        (Some(0), "matches"),
        "{}",
        verified.told()
    );
}

#[test]
fn a_second_party_leaves_the_first_as_it_was() {
    let desk = desk();
    let first = signed(&desk, "first.pdf", &["--party", "1/2"]);
    assert_eq!(first.exit, Some(0), "{}", first.told());
    let before = std::fs::read(desk.work().join("first.pdf")).unwrap();
    let prev = text(&first.json, "/results/0/evidence");
    let more = ["--party", "2/2", "--prev", &prev];
    let second = desk.run(&sign(&desk, "first.pdf", "second.pdf", Key::Rsa3072, &more), Pin::File);
    assert_eq!(second.exit, Some(0), "{}", second.told());
    let after = std::fs::read(desk.work().join("second.pdf")).unwrap();
    assert!(after.starts_with(&before), "the first party's octets");

    let verified = desk.run(&["verify", "second.pdf"], Pin::Never);
    let signatures = verified.json["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 2, "{}", verified.told());
    for signature in signatures {
        assert_eq!(text(signature, "/integrity"), "intact", "{signature}");
        assert_eq!(text(signature, "/trust"), "trusted", "{signature}");
        assert_ne!(text(signature, "/indication"), "TOTAL-FAILED", "{signature}");
    }
    // What came after the first signature is named, or it is said that it was not judged: never that nothing came.
    let later = text(&signatures[0], "/later_changes");
    assert!(
        ["permitted", "unknown"].contains(&later.as_str()),
        "{}",
        verified.told()
    );
    assert_eq!(text(&signatures[1], "/later_changes"), "none");
    assert_eq!(text(&signatures[1], "/indication"), "TOTAL-PASSED");
    let passed = later == "permitted";
    assert_eq!(verified.exit, Some(if passed { 0 } else { 2 }), "{}", verified.told());
    assert_eq!(text(&left_record(&desk, &second), "/record/prev"), prev);
    // The second one does not fit the first one's stamp any more.
    let extended = desk.run(
        &["extend", "second.pdf", "-o", "extended.pdf", "--level", "B-T"],
        Pin::Never,
    );
    assert_eq!(
        (extended.exit, extended.code()),
        (Some(77), "not-extendable"),
        "{}",
        extended.told()
    );
}

#[test]
fn one_octet_is_enough() {
    let desk = desk();
    let run = signed(&desk, "signed.pdf", &["--endpoint", "journal"]);
    finished(&desk, &run, "final");
    let good = std::fs::read(desk.work().join("signed.pdf")).unwrap();
    let original = contracts::classic().bytes.len();
    // In the text of the contract, in the signature's value, in the appended section, behind the end.
    let mut swapped = good.clone();
    let word = b"/MediaBox";
    let at = good
        .windows(word.len())
        .position(|window| window == word)
        .expect("a page");
    swapped[at + 1] ^= 0x20;
    let mut behind = good.clone();
    behind.extend_from_slice(b"\n% more\n");
    let mut shorter = good.clone();
    shorter.truncate(good.len() - 7);
    let mut tail = good.clone();
    let place = good[original..]
        .windows(6)
        .position(|window| window == b"/ByteR")
        .expect("a signature")
        + original;
    tail[place - 1] ^= 1;
    for (name, octets) in [
        ("page", swapped),
        ("behind", behind),
        ("shorter", shorter),
        ("tail", tail),
    ] {
        let _tampered = desk.put("tampered.pdf", &octets);
        let verified = desk.run(&["verify", "tampered.pdf"], Pin::Never);
        assert_ne!(verified.exit, Some(0), "{name}: {}", verified.told());
        assert_ne!(
            text(&verified.json, "/overall"),
            "TOTAL-PASSED",
            "{name}: {}",
            verified.told()
        );
        assert_ne!(
            text(&verified.json, "/chain/status"),
            "matches",
            "{name}: {}",
            verified.told()
        );
        if name == "page" {
            assert_eq!(verified.exit, Some(1), "{}", verified.told());
            assert_eq!(
                text(&verified.json, "/signatures/0/integrity"),
                "broken",
                "{}",
                verified.told()
            );
        }
        // Put in the place of the good one, our own books know better.
        let _swapped = desk.put("signed.pdf", &octets);
        let verified = desk.run(&["verify", "signed.pdf"], Pin::Never);
        assert_ne!(
            text(&verified.json, "/chain/status"),
            "matches",
            "{name}: {}",
            verified.told()
        );
    }
}

/// A result with everything in it, a record that can be shown, a file that verifies.
fn finished(desk: &Desk, run: &Run, submission: &str) {
    assert_eq!(run.exit, Some(0), "{}", run.told());
    let result = &run.json["results"][0];
    assert_eq!(text(result, "/level"), "B-T");
    assert_eq!(text(result, "/submission"), submission, "{}", run.told());
    assert!(result["error"].is_null(), "{}", run.told());
    for stage in [
        "open",
        "review",
        "prepare",
        "token",
        "timestamp",
        "embed",
        "record",
        "submit",
    ] {
        assert!(result["timings_ms"][stage].is_number(), "{stage}: {}", run.told());
    }
    let shown = left_record(desk, run);
    for (ours, theirs) in [
        ("/document/sha256", "/sha256_after"),
        ("/document/before_sha256", "/sha256_before"),
        ("/signature/value", "/signature_value"),
        ("/signature/level", "/level"),
    ] {
        assert_eq!(text(&shown, &format!("/record{ours}")), text(result, theirs), "{ours}");
    }
    assert_eq!(text(&shown, "/evidence"), text(result, "/evidence"));
    // By its evidence it is the same record.
    let by_evidence = desk.run(&["evidence", "show", &text(result, "/evidence")], Pin::Never);
    assert_eq!(by_evidence.json, shown);

    let verified = desk.run(&["verify", "signed.pdf"], Pin::Never);
    assert_eq!(verified.exit, Some(0), "{}", verified.told());
    assert_eq!(text(&verified.json, "/overall"), "TOTAL-PASSED");
    assert_eq!(text(&verified.json, "/chain/status"), "matches", "{}", verified.told());
    assert_eq!(text(&verified.json, "/file/sha256"), text(result, "/sha256_after"));
    assert_eq!(text(&verified.json, "/signatures/0/level"), "B-T");
}

fn left_record(desk: &Desk, run: &Run) -> Value {
    let shown = desk.run(
        &["evidence", "show", &text(&run.json, "/results/0/record_id")],
        Pin::Never,
    );
    assert_eq!(shown.exit, Some(0), "{}", shown.told());
    shown.json
}

pub(super) fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
