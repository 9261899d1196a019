//! Arguments and files that nobody should give: a named refusal each, in time, and never an internal error.

use std::{os::unix::fs::symlink, process::Command};

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin},
    surroundings::{Left, sign, strays},
};

use super::{desk, sound};

#[test]
fn arguments_that_make_no_sense() {
    let desk = desk();
    let uri = desk.credential(Key::P256);
    let signing = |more: &[&str]| {
        let mut words: Vec<String> = ["sign", "contract.pdf", "--credential", &uri, "--yes"]
            .map(str::to_owned)
            .to_vec();
        words.extend(more.iter().map(|word| (*word).to_owned()));
        words
    };
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let out = ["-o", "no.pdf"];
    let usage = [
        words(&[]),
        words(&["no-such-command"]),
        words(&["sign"]),
        words(&["verify"]),
        words(&["verify", "contract.pdf", "--at", "yesterday"]),
        words(&["verify", "contract.pdf", "--no-such-option"]),
        words(&["inspect", "contract.pdf", "--lang", "fr"]),
        words(&["extend", "contract.pdf", "-o", "no.pdf"]),
        words(&["outbox"]),
        words(&["outbox", "run", "--wait", "-1"]),
        words(&["outbox", "run", "--pin-from", "environment"]),
        words(&["demo", "--chain", "bitcoin"]),
        signing(&[]),
        signing(&["-o", "no.pdf", "--out-dir", "."]),
        signing(&["other.pdf", "-o", "no.pdf"]),
        signing(&[out[0], out[1], "--level", "B-X"]),
        signing(&[out[0], out[1], "--certify", "4"]),
        signing(&[out[0], out[1], "--certify", "0"]),
        signing(&[out[0], out[1], "--lock", "some"]),
        signing(&[out[0], out[1], "--lock", "include:"]),
        signing(&[out[0], out[1], "--visible", "1,2,3"]),
        signing(&[out[0], out[1], "--visible", "0,10,10,10,10"]),
        signing(&[out[0], out[1], "--visible", "1,NaN,10,10,10"]),
        signing(&[out[0], out[1], "--visible", "1,10,10,10,10,10"]),
        signing(&[out[0], out[1], "--image", "seal.png"]),
        signing(&[out[0], out[1], "--reviewed", "abc"]),
        signing(&[out[0], out[1], "--reviewed", &"€".repeat(32)]),
        signing(&[out[0], out[1], "--party", "3/2"]),
        signing(&[out[0], out[1], "--party", "0/2"]),
        signing(&[out[0], out[1], "--prev", "zz"]),
        signing(&[out[0], out[1], "--business-no", &"9".repeat(65)]),
        signing(&[out[0], out[1], "--endpoint", "a", "--no-submit"]),
        signing(&[out[0], out[1], "--pin-from", "argument:1234"]),
        signing(&[out[0], out[1], "--pin-from", "file:"]),
        signing(&[out[0], out[1], "--trust", "no-such-file.pem"]),
        signing(&[out[0], out[1], "--chain", "contract.pdf"]),
        signing(&[out[0], out[1], "--tsa", "ftp://example.invalid/"]),
        words(&[
            "sign",
            "contract.pdf",
            "-o",
            "no.pdf",
            "--yes",
            "--credential",
            "not a uri",
        ]),
        words(&[
            "sign",
            "contract.pdf",
            "-o",
            "no.pdf",
            "--yes",
            "--credential",
            "pkcs11:token=a;token=b",
        ]),
        words(&[
            "sign",
            "contract.pdf",
            "-o",
            "no.pdf",
            "--yes",
            "--credential",
            "pkcs11:object=a?pin-value=1234",
        ]),
    ];
    for arguments in usage {
        let run = desk.run(&arguments, Pin::Never);
        let name = arguments.join(" ");
        sound(&name, &run);
        assert_eq!(run.exit, Some(64), "{name}: {}", run.told());
        assert!(!desk.work().join("no.pdf").exists(), "{name}");
    }
    let others = [
        (words(&["evidence", "show", "no-such-record"]), 66, "record-unknown"),
        (
            words(&["evidence", "submit", "no-such-record", "--endpoint", "journal"]),
            66,
            "record-unknown",
        ),
        (words(&["outbox", "show", "no-such-row"]), 66, "record-unknown"),
        (words(&["outbox", "retry", "no-such-row"]), 66, "record-unknown"),
        (words(&["inspect", "no-such-file.pdf"]), 66, "input-missing"),
        (words(&["verify", "no-such-file.pdf"]), 66, "input-missing"),
        (
            words(&["extend", "no-such-file.pdf", "-o", "no.pdf", "--level", "B-T"]),
            66,
            "input-missing",
        ),
        (
            words(&[
                "sign",
                "contract.pdf",
                "-o",
                "no.pdf",
                "--yes",
                "--credential",
                "pkcs11:token=absent;object=x",
            ]),
            69,
            "token-absent",
        ),
        (
            words(&[
                "sign",
                "contract.pdf",
                "-o",
                "no.pdf",
                "--yes",
                "--credential",
                "pkcs11:object=x?module-path=/no/such.so",
            ]),
            69,
            "module-load",
        ),
        (
            words(&[
                "sign",
                "contract.pdf",
                "-o",
                "no.pdf",
                "--yes",
                "--credential",
                "pkcs11:object=x?module-path=/etc/passwd",
            ]),
            69,
            "module-load",
        ),
    ];
    for (arguments, exit, code) in others {
        let run = desk.run(&arguments, Pin::Never);
        let name = arguments.join(" ");
        sound(&name, &run);
        assert_eq!((run.exit, run.code()), (Some(exit), code), "{name}: {}", run.told());
    }
    assert_eq!(strays(&desk.work()), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_configuration_that_cannot_be_used() {
    let desk = desk();
    for (name, text) in [
        ("no TOML", "[[[["),
        ("unknown key", "[signing]\nno_such_key = true\n"),
        ("unknown level", "[signing]\nlevel = \"B-X\"\n"),
        ("unknown kind", "[endpoint.x]\nkind = \"bitcoin\"\n"),
        ("no octets", "\u{0}\u{0}"),
        ("anchor missing", "[trust]\nanchors = [\"/no/such.pem\"]\n"),
    ] {
        std::fs::write(desk.home().join("config.toml"), text).unwrap();
        for arguments in [
            ["verify", "contract.pdf"].as_slice(),
            &["config", "check"],
            &["outbox", "list"],
        ] {
            let run = desk.run(arguments, Pin::Never);
            sound(name, &run);
            if name != "anchor missing" {
                assert_eq!(
                    (run.exit, run.code()),
                    (Some(64), "config-unusable"),
                    "{name}: {}",
                    run.told()
                );
            }
        }
    }
    // A home that is a file.
    let file = desk.put("home", b"");
    let run = desk.run(&["outbox", "list", "--home", file.to_str().unwrap()], Pin::Never);
    sound("home is a file", &run);
    assert_ne!(run.exit, Some(0), "{}", run.told());
}

#[test]
fn files_that_are_no_contracts() {
    let desk = desk();
    let good = contracts::classic().bytes;
    let put = |name: &str, octets: &[u8]| drop(desk.put(name, octets));
    put("empty", b"");
    put("one", b"%");
    put("header", b"%PDF-1.7\n");
    put("noise", &noise(7, 5_000));
    put("long-line", &vec![b'%'; 300_000]);
    put(
        "deep",
        &[b"%PDF-1.7\n1 0 obj\n".as_slice(), &vec![b'['; 100_000], b"\nendobj\n"].concat(),
    );
    put("no-pages", NO_PAGES.as_bytes());
    for part in 1..12 {
        put(&format!("cut-{part}"), &good[..good.len() * part / 12]);
    }
    std::fs::create_dir(desk.work().join("folder")).unwrap();
    symlink("loop", desk.work().join("loop")).unwrap();
    symlink("nowhere", desk.work().join("dangling")).unwrap();
    symlink("/dev/zero", desk.work().join("zero")).unwrap();
    symlink("/proc/self/mem", desk.work().join("memory")).unwrap();
    let made = Command::new("mkfifo").arg(desk.work().join("pipe")).status().unwrap();
    assert!(made.success());
    let mut names: Vec<String> = std::fs::read_dir(desk.work())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "contract.pdf")
        .collect();
    names.sort();
    for damaged in contracts::damaged() {
        let name = format!("damaged-{}", damaged.name);
        put(&name, &damaged.bytes);
        names.push(name);
    }
    for name in &names {
        check_everywhere(&desk, name);
    }
    assert_eq!(strays(&desk.work()), Vec::<std::path::PathBuf>::new());
    assert_eq!(Left::read(&desk).unfinished.len(), 0);
}

fn check_everywhere(desk: &Desk, name: &str) {
    let inspected = desk.run(&["inspect", name], Pin::Never);
    sound(&format!("inspect {name}"), &inspected);
    let verified = desk.run(&["verify", name], Pin::Never);
    sound(&format!("verify {name}"), &verified);
    assert_ne!(verified.exit, Some(0), "verify {name}: {}", verified.told());
    let extended = desk.run(&["extend", name, "-o", "extended.pdf", "--level", "B-T"], Pin::Never);
    sound(&format!("extend {name}"), &extended);
    assert!(
        extended.exit != Some(0) && !desk.work().join("extended.pdf").exists(),
        "{}",
        extended.told()
    );
    let signed = desk.run(
        &sign(desk, name, "signed.pdf", Key::P256, &["--no-submit", "--level", "B-B"]),
        Pin::Watched,
    );
    sound(&format!("sign {name}"), &signed);
    let output = desk.work().join("signed.pdf");
    if signed.exit == Some(0) {
        // What can be shown and signed after all must verify.
        let verified = desk.run(&["verify", "signed.pdf"], Pin::Never);
        assert_eq!(verified.exit, Some(0), "{name}: {}", verified.told());
        std::fs::remove_file(output).unwrap();
    } else {
        assert!(!signed.pin_taken && !output.exists(), "sign {name}: {}", signed.told());
    }
}

#[test]
fn one_octet_of_a_signed_file() {
    let desk = desk();
    let run = desk.run(
        &sign(
            &desk,
            "contract.pdf",
            "signed.pdf",
            Key::P256,
            &["--endpoint", "journal"],
        ),
        Pin::File,
    );
    assert_eq!(run.exit, Some(0), "{}", run.told());
    let verified = desk.run(&["verify", "signed.pdf"], Pin::Never);
    let range: Vec<usize> = (0..4)
        .map(|index| {
            verified.json["signatures"][0]["coverage"]["byte_range"][index]
                .as_u64()
                .unwrap()
        })
        .map(|number| usize::try_from(number).unwrap())
        .collect();
    let good = std::fs::read(desk.work().join("signed.pdf")).unwrap();
    let (hole, after) = (range[1]..range[2], range[2]..range[2] + range[3]);
    let random = noise(11, 400);
    let mut places: Vec<usize> = random
        .chunks_exact(2)
        .map(|pair| usize::from(u16::from_le_bytes([pair[0], pair[1]])) * good.len() / 65_536)
        .filter(|place| !hole.contains(place))
        .take(60)
        .collect();
    // Every octet around the hole and at the end.
    places.extend([
        0,
        1,
        hole.start - 2,
        hole.start - 1,
        after.start,
        after.start + 1,
        good.len() - 2,
        good.len() - 1,
    ]);
    for place in places {
        let mut octets = good.clone();
        octets[place] ^= 1 << (place % 8);
        let _tampered = desk.put("tampered.pdf", &octets);
        let run = desk.run(&["verify", "tampered.pdf"], Pin::Never);
        sound(&format!("octet {place}"), &run);
        assert_ne!(run.exit, Some(0), "octet {place}: {}", run.told());
        assert_ne!(run.json["chain"]["status"], "matches", "octet {place}: {}", run.told());
    }
    // Inside of the hole a file may stay valid (what pads it is covered by nobody), but it is another file than recorded.
    for place in [hole.start, hole.start + 1, hole.start + 200, hole.end - 2, hole.end - 1] {
        let mut octets = good.clone();
        octets[place] ^= 1;
        let _tampered = desk.put("tampered.pdf", &octets);
        let run = desk.run(&["verify", "tampered.pdf"], Pin::Never);
        sound(&format!("octet {place}"), &run);
        assert_ne!(run.json["chain"]["status"], "matches", "octet {place}: {}", run.told());
    }
}

/// The same numbers every time.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let step = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u8::try_from(state >> 56).unwrap_or_default()
    };
    (0..length).map(step).collect()
}

const NO_PAGES: &str = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
    2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n\
    xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n\
    trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n110\n%%EOF\n";
