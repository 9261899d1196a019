//! What cannot be done now is done later, without a PIN; what one file of many lacks is no loss to the others.

use countersign_tests::{
    contracts,
    desk::{Key, Pin},
    surroundings::{Left, closed, sign, strays},
};

use super::{clean, desk, signed, way::text};

#[test]
fn a_stamp_follows_later_and_the_submission_after_it() {
    let desk = desk();
    let away = closed();
    let run = signed(&desk, "signed.pdf", &["--endpoint", "journal", "--tsa", &away]);
    assert_eq!((run.exit, run.code()), (Some(75), "tsa-unreachable"), "{}", run.told());
    assert_eq!(text(&run.json, "/results/0/level"), "B-B", "{}", run.told());
    assert_eq!(text(&run.json, "/results/0/submission"), "queued", "{}", run.told());
    let verified = desk.run(&["verify", "signed.pdf"], Pin::Never);
    assert_eq!(
        text(&verified.json, "/signatures/0/level"),
        "B-B",
        "{}",
        verified.told()
    );
    assert!(Left::read(&desk).journal.is_empty(), "submitted before its stamp");
    let listed = desk.run(&["outbox", "list"], Pin::Never);
    assert_eq!(
        text(&listed.json, "/sessions/0/facts/state"),
        "waiting-for-stamp",
        "{}",
        listed.told()
    );

    let turned = desk.run(&["outbox", "run"], Pin::Never);
    assert_eq!(turned.exit, Some(0), "{}", turned.told());
    assert_eq!(text(&turned.json, "/sessions/0/level"), "B-T", "{}", turned.told());
    let verified = desk.run(&["verify", "signed.pdf"], Pin::Never);
    assert_eq!(verified.exit, Some(0), "{}", verified.told());
    assert_eq!(
        text(&verified.json, "/signatures/0/level"),
        "B-T",
        "{}",
        verified.told()
    );
    assert_eq!(text(&verified.json, "/chain/status"), "matches", "{}", verified.told());
    let left = Left::read(&desk);
    assert_eq!((left.journal.len(), left.unfinished.len()), (1, 0));
    // The record of the stamped file follows that of the file without a stamp.
    assert_eq!(left.records.len(), 2);
    let stamped = left
        .records
        .iter()
        .find(|stored| stored.record.signature.level == "B-T")
        .unwrap();
    let before = left
        .records
        .iter()
        .find(|stored| stored.record.signature.level == "B-B")
        .unwrap();
    assert_eq!(stamped.record.prev, hex::encode(before.evidence));
    assert_eq!(left.journal, [hex::encode(stamped.evidence)]);
    let again = desk.run(&["outbox", "run"], Pin::Never);
    assert_eq!(again.exit, Some(0), "{}", again.told());
    assert_eq!(Left::read(&desk).records.len(), 2);
    clean(&desk);
}

#[test]
fn a_stamp_is_added_by_hand_while_nobody_has_signed_after() {
    let desk = desk();
    let run = signed(&desk, "signed.pdf", &["--level", "B-B", "--no-submit"]);
    assert_eq!(
        (run.exit, text(&run.json, "/results/0/level").as_str()),
        (Some(0), "B-B"),
        "{}",
        run.told()
    );
    let extend = |file: &str, out: &str| desk.run(&["extend", file, "-o", out, "--level", "B-T"], Pin::Never);

    // No authority: no output, and the file is as it was.
    let before = std::fs::read(desk.work().join("signed.pdf")).unwrap();
    let away = closed();
    let failed = desk.run(
        &["extend", "signed.pdf", "-o", "no.pdf", "--level", "B-T", "--tsa", &away],
        Pin::Never,
    );
    assert_eq!(
        (failed.exit, failed.code()),
        (Some(75), "tsa-unreachable"),
        "{}",
        failed.told()
    );
    assert!(!desk.work().join("no.pdf").exists());

    let extended = extend("signed.pdf", "stamped.pdf");
    assert_eq!(extended.exit, Some(0), "{}", extended.told());
    assert_eq!(
        std::fs::read(desk.work().join("signed.pdf")).unwrap(),
        before,
        "the file that was extended"
    );
    let verified = desk.run(&["verify", "stamped.pdf"], Pin::Never);
    assert_eq!(verified.exit, Some(0), "{}", verified.told());
    assert_eq!(text(&verified.json, "/signatures/0/level"), "B-T");

    let twice = extend("stamped.pdf", "twice.pdf");
    assert_eq!(
        (twice.exit, twice.code()),
        (Some(77), "not-extendable"),
        "{}",
        twice.told()
    );
    let second = desk.run(
        &sign(&desk, "signed.pdf", "second.pdf", Key::P384, &["--no-submit"]),
        Pin::File,
    );
    assert_eq!(second.exit, Some(0), "{}", second.told());
    let after = extend("second.pdf", "after.pdf");
    assert_eq!(
        (after.exit, after.code()),
        (Some(77), "not-extendable"),
        "{}",
        after.told()
    );
    let none = extend("contract.pdf", "none.pdf");
    assert_eq!((none.exit, none.code()), (Some(3), "no-signature"), "{}", none.told());
    for absent in ["twice.pdf", "after.pdf", "none.pdf"] {
        assert!(!desk.work().join(absent).exists(), "{absent}");
    }
    clean(&desk);
}

#[test]
fn offline_means_no_network_and_nothing_lost() {
    let desk = desk();
    let run = signed(&desk, "signed.pdf", &["--endpoint", "journal", "--offline"]);
    assert_eq!((run.exit, run.code()), (Some(75), "offline"), "{}", run.told());
    assert_eq!(text(&run.json, "/results/0/level"), "B-B", "{}", run.told());
    let turned = desk.run(&["outbox", "run"], Pin::Never);
    assert_eq!(turned.exit, Some(0), "{}", turned.told());
    assert_eq!(Left::read(&desk).journal.len(), 1);
    clean(&desk);
}

#[test]
fn one_bad_file_among_many() {
    let desk = desk();
    let good = contracts::classic().bytes;
    let mut names: Vec<String> = Vec::new();
    for number in 0..5_u8 {
        let name = format!("合同-{number}.pdf");
        // Every file its own, so that none is another one's unfinished session.
        let mut octets = good.clone();
        octets.extend_from_slice(format!("% {number}\n").as_bytes());
        if number == 2 {
            octets = b"%PDF-1.7 and nothing else".to_vec();
        }
        let _contract = desk.put(&name, &octets);
        names.push(name);
    }
    std::fs::create_dir(desk.work().join("out")).unwrap();
    let (credential, chain) = (desk.credential(Key::P256), desk.chain().display().to_string());
    let mut arguments = vec!["sign"];
    arguments.extend(names.iter().map(String::as_str));
    arguments.extend([
        "--out-dir",
        "out",
        "--credential",
        &credential,
        "--chain",
        &chain,
        "--yes",
        "--endpoint",
        "journal",
    ]);

    // A wrong PIN: one try, and every file says why it was not signed.
    let wrong = desk.put("wrong", b"wrong-pin\n");
    private(&wrong);
    let from = format!("file:{}", wrong.display());
    let mut with_wrong = arguments.clone();
    with_wrong.extend(["--pin-from", &from]);
    let run = desk.run(&with_wrong, Pin::Never);
    assert_eq!(run.exit, Some(77), "{}", run.told());
    let codes: Vec<String> = (0..5)
        .map(|index| text(&run.json, &format!("/results/{index}/error/code")))
        .collect();
    assert_eq!(
        codes,
        ["pin-incorrect", "skipped", "skipped", "skipped", "skipped"],
        "{}",
        run.told()
    );
    let session = text(&run.json, "/results/0/session");
    let left = Left::read(&desk);
    let failed = left.kinds(&session).iter().filter(|kind| *kind == "pin-failed").count();
    assert_eq!((failed, left.unfinished.len()), (1, 0));
    assert_eq!(strays(&desk.work()), Vec::<std::path::PathBuf>::new());

    let mut with_right = arguments.clone();
    with_right.push("--accept-final-try");
    let run = desk.run(&with_right, Pin::File);
    let codes: Vec<String> = (0..5)
        .map(|index| text(&run.json, &format!("/results/{index}/error/code")))
        .collect();
    assert_eq!(codes.iter().filter(|code| code.is_empty()).count(), 4, "{}", run.told());
    assert!(!codes[2].is_empty(), "{}", run.told());
    assert_eq!(run.exit, Some(65), "{}", run.told());
    for (index, name) in names.iter().enumerate() {
        let output = desk.work().join("out").join(name);
        assert_eq!(output.exists(), index != 2, "{name}");
        if index != 2 {
            let verified = desk.run(&["verify", &output.display().to_string()], Pin::Never);
            assert_eq!(verified.exit, Some(0), "{name}: {}", verified.told());
        }
    }
    assert_eq!(Left::read(&desk).journal.len(), 4);
    assert_eq!(strays(&desk.work()), Vec::<std::path::PathBuf>::new());
}

pub(super) fn private(file: &std::path::Path) {
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(file, private).unwrap();
}
