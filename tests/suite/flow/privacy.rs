//! What must not leave: the PIN from the process, names and certificates from the machine (DOMAIN B4, E2).

use std::{fs, path::Path};

use countersign_practice::{Issue, SoftKey, SoftKeyKind, SoftToken};
use countersign_tests::{
    desk::{Desk, Run},
    surroundings::{Silent, command, contains, ended, kill},
};
use jiff::Timestamp;
use serde_json::Value;

use super::{desk, way::text};

/// Not to be taken for anything else, wherever it is found.
const PIN: &str = "Zu-geheim-4711";

#[test]
fn the_pin_is_nowhere() {
    let desk = desk();
    let folder = desk.token_conf().parent().unwrap().to_owned();
    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    let key = SoftKey::new(1, "own", SoftKeyKind::P256);
    let token = SoftToken::create(
        &folder,
        "PRACTICE own",
        PIN.as_bytes(),
        b"87654321",
        std::slice::from_ref(&key),
    )
    .unwrap();
    let spki = token.public_key(1).unwrap();
    let issue = Issue::signatory("演练 Own", "演练银行 Practice Bank", &spki, Timestamp::now());
    let issued = desk.workshop().pki().issue(&issue).unwrap();
    token.write_certificate(1, "own", &issued).unwrap();
    let pin = folder.join("pin");
    fs::write(&pin, PIN).unwrap();
    super::later::private(&pin);

    let from = format!("file:{}", pin.display());
    let uri = token.uri("own");
    let silent = Silent::start();
    let arguments = |out: &'static str, tsa: Option<&str>| {
        let mut words = vec![
            "sign",
            "contract.pdf",
            "-o",
            out,
            "--credential",
            &uri,
            "--yes",
            "-v",
            "-v",
            "-v",
            "--pin-from",
            &from,
        ];
        words.extend(["--endpoint", "journal"]);
        words.extend(tsa.map(|url| ["--tsa", url]).into_iter().flatten());
        words.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    // While it waits for a stamp, the PIN has been used: it is in nobody's reach.
    let child = command(&desk, &[], &arguments("first.pdf", Some(silent.url())))
        .spawn()
        .unwrap();
    silent.wait();
    for facts in ["cmdline", "environ"] {
        let file = format!("/proc/{}/{facts}", child.id());
        assert!(!contains(Path::new(&file), PIN.as_bytes()), "{facts}");
    }
    kill(child);

    let output = ended(
        command(&desk, &[], &arguments("second.pdf", None)).spawn().unwrap(),
        std::time::Duration::from_secs(60),
    );
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    for said in [&output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(said).contains(PIN));
    }
    let mut looked = 0;
    for folder in [desk.home(), desk.work()] {
        nowhere(&folder, &mut looked);
    }
    assert!(looked >= 4, "only {looked} files were looked into");
}

fn nowhere(folder: &Path, looked: &mut usize) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            nowhere(&path, looked);
        } else {
            *looked += 1;
            assert!(!contains(&path, PIN.as_bytes()), "{}", path.display());
        }
    }
}

/// What a chain was given holds digests, the signature and the stamp, and nothing about the contract's people.
pub(super) fn nothing_private_in(transaction: &Value, desk: &Desk, run: &Run) {
    let input = hex::decode(text(transaction, "/input").trim_start_matches("0x")).unwrap();
    let holds = |octets: &[u8]| input.windows(octets.len()).any(|window| window == octets);
    // What must be there is there: the check looks at the right octets.
    let evidence = hex::decode(text(&run.json, "/results/0/evidence")).unwrap();
    let signature = hex::decode(text(&run.json, "/results/0/signature_value")).unwrap();
    assert!(holds(&evidence) && holds(&signature), "{transaction}");

    let verified = desk.run(&["verify", "signed.pdf"], countersign_tests::desk::Pin::Never);
    let serial = hex::decode(text(&verified.json, "/signatures/0/certificate/serial")).unwrap();
    let spki = desk.workshop().token().public_key(3).unwrap();
    let private: [(&str, &[u8]); 8] = [
        ("file name", b"contract.pdf"),
        ("file name", b"signed.pdf"),
        ("subject", "演练 p256".as_bytes()),
        ("subject", b"p256"),
        ("organisation", "演练银行".as_bytes()),
        ("organisation", b"Practice Bank"),
        ("certificate's serial", &serial),
        ("public key", spki.get(spki.len() - 64..).unwrap()),
    ];
    for (what, octets) in private {
        assert!(
            !octets.is_empty() && !holds(octets),
            "{what} {octets:02x?} is in the calldata"
        );
    }
}
