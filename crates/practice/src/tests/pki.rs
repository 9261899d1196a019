//! Certificates, good and bad, judged by `openssl verify` and `openssl x509`.

use std::os::unix::fs::PermissionsExt;

use jiff::{SignedDuration, Timestamp};

use super::{now, openssl};
use crate::{ExtendedKeyUsage, Extension, Issue, KeyUsage, Pki, SignedBy, pki::TIME_STAMPING};

const HOUR: SignedDuration = SignedDuration::from_secs(3_600);

/// Versions of openssl differ in blanks and line ends.
fn says(shown: &str, text: &str) -> bool {
    let dense = |text: &str| text.split_whitespace().collect::<String>();
    dense(shown).contains(&dense(text))
}

#[test]
fn openssl_agrees_on_every_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let now = now();
    let pki = Pki::open_or_create(&dir.join("pki"), now).unwrap();
    let keys: Vec<(&str, Vec<u8>)> = [
        (
            "rsa",
            &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] as &[&str],
        ),
        ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    ]
    .into_iter()
    .map(|(name, how)| {
        let (done, said) = openssl(dir, &[&["genpkey", "-out", name] as &[&str], how].concat());
        assert!(done, "{said}");
        let (done, said) = openssl(
            dir,
            &["pkey", "-in", name, "-pubout", "-outform", "DER", "-out", "spki"],
        );
        assert!(done, "{said}");
        (name, std::fs::read(dir.join("spki")).unwrap())
    })
    .collect();

    type Change = fn(&mut Issue<'_>, Timestamp);
    let cases: [(&str, Change, Result<&str, &str>); 8] = [
        ("good", |_, _| {}, Ok("Digital Signature, Non Repudiation")),
        (
            "expired",
            |issue, now| {
                issue.not_before = now - 48 * HOUR;
                issue.not_after = now - HOUR;
            },
            Err("certificate has expired"),
        ),
        (
            "not yet valid",
            |issue, now| issue.not_before = now + HOUR,
            Err("certificate is not yet valid"),
        ),
        (
            "encryption only",
            |issue, _| issue.key_usage = &[KeyUsage::KeyEncipherment],
            Ok("Key Encipherment"),
        ),
        ("no key usage", |issue, _| issue.key_usage = &[], Ok("CA:FALSE")),
        ("authority", |issue, _| issue.is_ca = true, Ok("CA:TRUE")),
        (
            "from the root",
            |issue, _| issue.signed_by = SignedBy::Root,
            Ok("Issuer: C = CN, O = \\E6\\BC\\94"),
        ),
        (
            "institution's number",
            |issue, _| {
                issue.extensions = &[Extension {
                    oid: &[1, 2, 156, 10_260, 4, 1, 4],
                    critical: false,
                    value: b"\x0c\x0291",
                }];
            },
            Ok("1.2.156.10260.4.1.4"),
        ),
    ];
    for (key, spki) in &keys {
        for (case, change, expected) in &cases {
            let mut issue = Issue::signatory("测试 Signatory", "示例 Institution", spki, now);
            change(&mut issue, now);
            let certificate = pki.issue(&issue).unwrap();
            std::fs::write(dir.join("leaf.pem"), crate::pki::pem(&certificate)).unwrap();
            let (valid, said) = openssl(
                dir,
                &[
                    "verify",
                    "-CAfile",
                    "pki/root.pem",
                    "-untrusted",
                    "pki/issuing.pem",
                    "leaf.pem",
                ],
            );
            match expected {
                Ok(_) => assert!(valid, "{case}, {key}: {said}"),
                Err(reason) => assert!(!valid && said.contains(reason), "{case}, {key}: {said}"),
            }
            let (_, shown) = openssl(dir, &["x509", "-in", "leaf.pem", "-noout", "-text"]);
            assert!(shown.contains("PRACTICE"), "{case}, {key}: {shown}");
            if let Ok(text) = expected {
                assert!(says(&shown, text), "{case}, {key}: {shown}");
            }
            let (_, public) = openssl(dir, &["x509", "-in", "leaf.pem", "-noout", "-pubkey"]);
            let (_, wanted) = openssl(dir, &["pkey", "-in", key, "-pubout"]);
            assert_eq!(public, wanted, "{case}, {key}");
        }
    }
}

#[test]
fn the_authority_of_a_folder_stays_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let made = Pki::open_or_create(folder.path(), now()).unwrap();
    let opened = Pki::open_or_create(folder.path(), now()).unwrap();
    assert_eq!(made.root_pem(), opened.root_pem());
    assert_eq!(made.tsa().certificate, opened.tsa().certificate);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{:?}",
            entry.path()
        );
    }
    std::fs::write(folder.path().join("root.key"), "nonsense").unwrap();
    assert!(Pki::open_or_create(folder.path(), now()).is_err());
}

#[test]
fn the_authority_for_time_has_its_one_critical_purpose() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let pki = Pki::open_or_create(dir, now()).unwrap();
    let (valid, said) = openssl(
        dir,
        &[
            "verify",
            "-purpose",
            "timestampsign",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "issuing.pem",
            "tsa.pem",
        ],
    );
    assert!(valid, "{said}");
    let (_, shown) = openssl(dir, &["x509", "-in", "tsa.pem", "-noout", "-text"]);
    assert!(
        shown.contains("X509v3 Extended Key Usage: critical\n                Time Stamping\n"),
        "{shown}"
    );

    let loose = pki
        .issue_tsa(&Issue {
            extended_key_usage: ExtendedKeyUsage::NotCritical(&[TIME_STAMPING, "1.3.6.1.5.5.7.3.4"]),
            ..Issue::tsa(now())
        })
        .unwrap();
    std::fs::write(dir.join("loose.pem"), crate::pki::pem(&loose.certificate)).unwrap();
    let (_, shown) = openssl(dir, &["x509", "-in", "loose.pem", "-noout", "-text"]);
    assert!(
        shown.contains("Extended Key Usage: \n                Time Stamping, E-mail Protection"),
        "{shown}"
    );
}

#[test]
fn openssl_obeys_the_revocation_list() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let pki = Pki::open_or_create(dir, now()).unwrap();
    let serial: &[u8] = &[0x41, 1, 2, 3];
    let tsa = pki
        .issue_tsa(&Issue {
            serial: Some(serial),
            ..Issue::tsa(now())
        })
        .unwrap();
    std::fs::write(dir.join("leaf.pem"), crate::pki::pem(&tsa.certificate)).unwrap();
    for (revoked, expected) in [(&[] as &[&[u8]], true), (&[serial], false)] {
        let list = pki.revocation_list(revoked, 1, now() - HOUR).unwrap();
        std::fs::write(dir.join("list.der"), list).unwrap();
        let (done, said) = openssl(dir, &["crl", "-inform", "DER", "-in", "list.der", "-out", "list.pem"]);
        assert!(done, "{said}");
        let arguments = [
            "verify",
            "-crl_check",
            "-CRLfile",
            "list.pem",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "issuing.pem",
            "leaf.pem",
        ];
        let (valid, said) = openssl(dir, &arguments);
        assert_eq!(valid, expected, "{said}");
    }
}

#[test]
fn keys_that_cannot_be_certified_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pki = Pki::open_or_create(folder.path(), now()).unwrap();
    for spki in [&[] as &[u8], b"nonsense", &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]] {
        assert!(pki.issue(&Issue::signatory("x", "y", spki, now())).is_err());
    }
}
