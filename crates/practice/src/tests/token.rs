//! The practice token and the laboratory, looked at through pkcs11-tool and openssl.

use std::{os::unix::fs::PermissionsExt, process::Command};

use super::{now, openssl};
use crate::{Issue, Lab, Pki, SoftKey, SoftKeyKind, SoftToken, lab, token_environment};

#[test]
fn a_token_carries_every_kind_of_key() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let pki = Pki::open_or_create(&dir.join("pki"), now()).unwrap();
    let kinds = [
        (SoftKeyKind::Rsa2048, "(2048 bit)", true),
        (SoftKeyKind::Rsa3072, "(3072 bit)", true),
        (SoftKeyKind::P256, "NIST CURVE: P-256", true),
        (SoftKeyKind::P384, "NIST CURVE: P-384", true),
        (SoftKeyKind::Secp256k1, "ASN1 OID: secp256k1", false),
    ];
    let keys: Vec<SoftKey> = kinds
        .iter()
        .zip(1..)
        .map(|((kind, ..), id)| SoftKey::new(id, &format!("key {id}"), *kind))
        .collect();
    let token = SoftToken::create(dir, "PRACTICE 演练", b"1234", b"12345678", &keys).unwrap();
    for ((kind, shown, certified), key) in kinds.iter().zip(&keys) {
        let spki = token.public_key(key.id).unwrap();
        std::fs::write(dir.join("spki"), &spki).unwrap();
        let (done, said) = openssl(
            dir,
            &["pkey", "-pubin", "-inform", "DER", "-in", "spki", "-noout", "-text"],
        );
        assert!(done && said.contains(shown), "{kind:?}: {said}");
        if *certified {
            // Twice: the second must replace the first.
            for organisation in ["一", "二"] {
                let certificate = pki
                    .issue(&Issue::signatory("测试", organisation, &spki, now()))
                    .unwrap();
                token.write_certificate(key.id, &key.label, &certificate).unwrap();
            }
        } else {
            assert!(pki.issue(&Issue::signatory("测试", "一", &spki, now())).is_err());
        }
    }
    let listing = token.objects().unwrap();
    assert_eq!(listing.matches("Certificate Object").count(), 4, "{listing}");
    assert_eq!(listing.matches("Public Key Object").count(), 5, "{listing}");
    assert_eq!(
        token.uri("key 1"),
        format!(
            "pkcs11:token=PRACTICE%20%E6%BC%94%E7%BB%83;object=key%201;type=private?module-path={}",
            token.module().display()
        )
    );
    assert_eq!(
        std::fs::metadata(dir.join("tokens")).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn what_a_token_cannot_take_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (label, pin) in [
        ("", "1234"),
        ("演练演练演练演练演练演练", "1234"),
        ("PRACTICE", "123"),
        ("PRACTICE", ""),
    ] {
        assert!(
            SoftToken::create(folder.path(), label, pin.as_bytes(), b"12345678", &[]).is_err(),
            "{label} {pin}"
        );
    }
    assert!(
        !folder.path().join("tokens").exists(),
        "nothing is made for a token that cannot be"
    );
}

#[test]
fn the_laboratory_is_set_up_once_and_renewed_in_time() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let start = now();
    assert!(token_environment(home).is_none());
    let made = Lab::open_or_create(home, start).unwrap();
    let opened = Lab::open_or_create(home, start).unwrap();
    let later = Lab::open_or_create(home, crate::pki::expiry(start, 340)).unwrap();
    for (at, made) in made.signatories.iter().enumerate() {
        assert_eq!(made.certificate, opened.signatories[at].certificate);
        assert_ne!(made.certificate, later.signatories[at].certificate);
        assert_eq!(made.uri, later.signatories[at].uri);
        std::fs::write(home.join("leaf.pem"), crate::pki::pem(&made.certificate)).unwrap();
        let (valid, said) = openssl(
            home,
            &[
                "verify",
                "-CAfile",
                "practice/pki/root.pem",
                "-untrusted",
                "practice/pki/issuing.pem",
                "leaf.pem",
            ],
        );
        assert!(valid, "{said}");
    }
    let (variable, conf) = made.token.environment();
    assert!(conf.is_file());
    if std::env::var_os(variable).is_none() {
        assert_eq!(token_environment(home), Some((variable, conf.clone())));
    }
    // The certificate on the token belongs to the key on the token: a signature by one verifies with the other.
    let pin = String::from_utf8(std::fs::read(made.pin_file()).unwrap()).unwrap();
    std::fs::write(home.join("data"), "contract").unwrap();
    let signed = Command::new("pkcs11-tool")
        .arg("--module")
        .arg(made.token.module())
        .args([
            "--token-label",
            lab::TOKEN_LABEL,
            "--login",
            "--pin",
            "env:TEST_PIN",
            "--sign",
            "--id",
            "01",
        ])
        .args([
            "--mechanism",
            "SHA256-RSA-PKCS",
            "--input-file",
            "data",
            "--output-file",
            "signature",
        ])
        .current_dir(home)
        .env(variable, conf)
        .env("TEST_PIN", pin)
        .output()
        .unwrap();
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    std::fs::write(
        home.join("leaf.pem"),
        crate::pki::pem(&later.signatories[0].certificate),
    )
    .unwrap();
    let (_, public) = openssl(home, &["x509", "-in", "leaf.pem", "-noout", "-pubkey"]);
    std::fs::write(home.join("public.pem"), public).unwrap();
    let (valid, said) = openssl(
        home,
        &[
            "dgst",
            "-sha256",
            "-verify",
            "public.pem",
            "-signature",
            "signature",
            "data",
        ],
    );
    assert!(valid, "{said}");
    for name in ["pin", "so-pin", "pki/root.key", "pki/tsa.key", "lab.json"] {
        let mode = std::fs::metadata(made.dir.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let account = made.account_key_file().unwrap();
    let key = std::fs::read_to_string(&account).unwrap();
    assert_eq!(hex::decode(key.trim()).unwrap().len(), 32);
    assert_eq!(std::fs::read_to_string(later.account_key_file().unwrap()).unwrap(), key);
}

#[test]
fn an_interrupted_setup_is_begun_again() {
    let home = tempfile::tempdir().unwrap();
    let first = Lab::open_or_create(home.path(), now()).unwrap();
    std::fs::remove_file(first.dir.join("lab.json")).unwrap();
    let second = Lab::open_or_create(home.path(), now()).unwrap();
    assert_ne!(first.signatories[0].certificate, second.signatories[0].certificate);
    let listing = second.token.objects().unwrap();
    assert_eq!(listing.matches("Public Key Object").count(), 2, "{listing}");
}
