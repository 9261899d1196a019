//! What is refused before a PIN is asked.

use crate::pki::{CA, LEAF, Pki, RSA, RSA_1024, TSA, Wish};
use countersign_cms::certificate::Certificate;
use countersign_trust::{Policy, certificate_refusals};

#[test]
fn refusals_by_code() {
    const ED25519: &[&str] = &["-algorithm", "ED25519"];
    const K256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"];
    let pki = Pki::new(&[
        Wish::new("ca", "ca", CA),
        Wish::new("good", "ca", LEAF),
        Wish::new("good-rsa", "ca", LEAF).key(RSA),
        Wish::new("good-ed25519", "ca", LEAF).key(ED25519),
        Wish::new("self-signed-sha1", "self-signed-sha1", LEAF).digest("sha1"),
        Wish::new("encipher", "ca", "keyUsage=critical,keyEncipherment,keyAgreement"),
        Wish::new("no-usage", "ca", "basicConstraints=CA:FALSE"),
        Wish::new("tsa", "ca", TSA),
        Wish::new("short", "ca", LEAF).key(RSA_1024),
        Wish::new("sha1", "ca", LEAF).digest("sha1"),
        Wish::new("other-curve", "ca", LEAF).key(K256),
        Wish::new("everything", "ca", CA)
            .key(RSA_1024)
            .digest("sha1")
            .valid("20200101000000Z", "20210101000000Z"),
    ]);
    let now = "2026-06-01T00:00:00Z";
    for (name, at, expected) in [
        ("good", now, &[][..]),
        ("good-rsa", now, &[]),
        ("good-ed25519", now, &[]),
        ("self-signed-sha1", now, &[]),
        ("no-usage", now, &[]),
        ("good", "2024-12-31T23:59:59Z", &["certificate-not-yet-valid"]),
        ("good", "2025-01-01T00:00:00Z", &[]),
        ("good", "2045-01-01T00:00:00Z", &[]),
        ("good", "2045-01-01T00:00:01Z", &["certificate-expired"]),
        ("encipher", now, &["key-usage"]),
        ("tsa", now, &["extended-key-usage"]),
        ("short", now, &["key-weak"]),
        ("sha1", now, &["algorithm-weak"]),
        ("other-curve", now, &["algorithm-unknown"]),
        ("ca", now, &["key-usage", "ca-certificate"]),
        (
            "everything",
            now,
            &[
                "certificate-expired",
                "key-usage",
                "key-weak",
                "algorithm-weak",
                "ca-certificate",
            ],
        ),
    ] {
        let certificate = Certificate::from_der(&pki.der(name)).unwrap();
        let refusals = certificate_refusals(&certificate, &[], at.parse().unwrap(), &Policy::DEFAULT);
        let codes: Vec<_> = refusals.iter().map(|refusal| refusal.code()).collect();
        assert_eq!(codes, expected, "{name} at {at}");
        // One name for a refusal everywhere.
        for refusal in &refusals {
            let json = serde_json::to_value(refusal).unwrap();
            assert_eq!(json["code"], refusal.code(), "{name}");
        }
    }
    assert_eq!(Policy::default().id(), "countersign-default/2");
}
