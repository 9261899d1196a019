//! Reading certificates and keys that openssl made.

use base64::Engine as _;
use countersign_cms::{CertificateError, KeyKind, certificates_from_pem_or_der};
use der::{Decode as _, Encode as _};

use crate::material::{certificate, data};

#[test]
fn fields_and_keys() {
    let cases = [
        ("rsa2048", KeyKind::Rsa, 2048),
        ("rsa3072", KeyKind::Rsa, 3072),
        ("pss", KeyKind::RsaPss, 2048),
        ("p256", KeyKind::P256, 256),
        ("p384", KeyKind::P384, 384),
        ("p521", KeyKind::P521, 521),
        ("k256", KeyKind::Secp256k1, 256),
        ("ed25519", KeyKind::Ed25519, 256),
        ("sm2", KeyKind::Sm2, 256),
    ];
    for (name, kind, bits) in cases {
        let certificate = certificate(name);
        let key = certificate.public_key().unwrap();
        assert_eq!((key.kind(), key.bits()), (kind, bits), "{name}");
        assert_eq!(
            certificate.subject(),
            format!("CN=PRACTICE {name},O=PRACTICE 演练,C=CN")
        );
        assert_eq!(certificate.common_name(), Some(format!("PRACTICE {name}")));
        assert_eq!(certificate.organization().as_deref(), Some("PRACTICE 演练"));
        let usage = certificate.key_usage().unwrap();
        assert!(usage.digital_signature() && usage.non_repudiation() && !usage.key_encipherment());
        assert!(!certificate.is_ca() && certificate.is_self_issued());
        assert!(certificate.not_before() < certificate.not_after());
        assert_eq!(certificate.subject_key_id().map(<[u8]>::len), Some(20));
        assert_eq!(certificate.der(), data(&format!("{name}.cert.der")));
        // Self-signed: the key verifies the certificate that it stands in.
        if kind != KeyKind::Secp256k1 {
            assert_eq!(certificate.verify_signed_by(&key), Ok(()), "{name}");
        }
    }
    assert!(certificate("ca").is_ca() && certificate("ca").key_usage().unwrap().key_cert_sign());
    let (purposes, critical) = certificate("tsa-two-purposes").extended_key_usage().unwrap();
    assert!(critical && purposes.len() == 2);
    assert!(!certificate("tsa-noncritical").extended_key_usage().unwrap().1);
}

/// An independent reader sees the same.
#[test]
fn as_x509_cert_reads_them() {
    for name in ["rsa2048", "p256", "ed25519", "sm2", "tsa"] {
        let ours = certificate(name);
        let theirs = x509_cert::Certificate::from_der(ours.der()).unwrap();
        let tbs = theirs.tbs_certificate();
        assert_eq!(ours.subject_der(), tbs.subject().to_der().unwrap());
        assert_eq!(ours.spki_der(), tbs.subject_public_key_info().to_der().unwrap());
        assert_eq!(ours.serial(), tbs.serial_number().as_bytes());
        let seconds = tbs.validity().not_after.to_unix_duration().as_secs();
        assert_eq!(u64::try_from(ours.not_after().as_second()).unwrap(), seconds);
    }
}

#[test]
fn files_of_certificates() {
    let (first, second) = (data("rsa2048.cert.der"), data("p256.cert.der"));
    let pem = |der: &[u8]| {
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        let lines: Vec<&str> = body
            .as_bytes()
            .chunks(64)
            .map(|line| str::from_utf8(line).unwrap())
            .collect();
        format!(
            "text\r\n-----BEGIN CERTIFICATE-----\r\n{}\r\n-----END CERTIFICATE-----\r\n",
            lines.join("\r\n")
        )
    };
    let read = |octets: &[u8]| certificates_from_pem_or_der(octets).map(|all| all.len());
    assert_eq!(read(&first), Ok(1));
    assert_eq!(read(&[first.clone(), second.clone()].concat()), Ok(2));
    assert_eq!(read((pem(&first) + &pem(&second)).as_bytes()), Ok(2));
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert_eq!(read((key.to_owned() + &pem(&first)).as_bytes()), Ok(1));
    assert_eq!(read(key.as_bytes()), Err(CertificateError::Empty));
    assert_eq!(read(b""), Err(CertificateError::Empty));
    assert!(read(b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----").is_err());
    assert!(read(&first[..first.len() - 1]).is_err());
    assert!(read(&[first, b"x".to_vec()].concat()).is_err());
}

/// SM2 keys as GM/T 0006 names them: the algorithm itself, with the curve, without, with NULL, or by its signature role.
#[test]
fn sm2_keys_under_all_their_names() {
    use countersign_cms::{PublicKey, SignatureAlgorithm};
    let spki = certificate("sm2").spki_der().to_vec();
    let point = spki.get(spki.len() - 68..).unwrap();
    let (ec, sm2, role) = ("06072a8648ce3d0201", "06082a811ccf5501822d", "06092a811ccf5501822d01");
    let signature = data("sig-sm2.der");
    for (identifier, accepted) in [
        (format!("{ec}{sm2}"), true),
        (format!("{sm2}{sm2}"), true),
        (format!("{sm2}0500"), true),
        (sm2.to_owned(), true),
        (format!("{role}{sm2}"), true),
        (format!("{sm2}06082a8648ce3d030107"), false),
        (format!("{sm2}3000"), false),
        (ec.to_owned(), false),
    ] {
        let identifier = hex::decode(identifier).unwrap();
        let sequence = |content: &[u8]| [&[0x30, u8::try_from(content.len()).unwrap()][..], content].concat();
        let spki = sequence(&[&sequence(&identifier), point].concat());
        let key = PublicKey::from_spki_der(&spki);
        assert_eq!(key.is_ok(), accepted, "{} {key:?}", hex::encode(&spki));
        if let Ok(key) = key {
            let verified = key.verify(SignatureAlgorithm::Sm2Sm3, crate::material::CONTENT, &signature);
            assert_eq!((key.kind(), verified), (KeyKind::Sm2, Ok(())));
        }
    }
}

/// A modulus without its leading zero (some cards) and with too many of them is the same key.
#[test]
fn moduli_of_odd_cards() {
    use countersign_cms::PublicKey;
    let spki = certificate("rsa2048").spki_der().to_vec();
    let hex = hex::encode(&spki);
    // BIT STRING { SEQUENCE { INTEGER 0x00 n, INTEGER e } } with lengths one smaller and one larger.
    assert!(hex.starts_with("30820122300d06092a864886f70d01010105000382010f003082010a0282010100"));
    let start = "3082012";
    let tail = &hex["30820122300d06092a864886f70d01010105000382010f003082010a0282010100".len()..];
    let negative = format!("{start}1300d06092a864886f70d01010105000382010e003082010902820100{tail}");
    let padded =
        format!("{start}3300d06092a864886f70d01010105000382011000 3082010b028201020000{tail}").replace(' ', "");
    for variant in [negative, padded] {
        let key = PublicKey::from_spki_der(&hex::decode(variant).unwrap()).unwrap();
        assert_eq!(key.bits(), 2048);
        let signature = data("sig-rsa2048-sha256.der");
        let algorithm = countersign_cms::SignatureAlgorithm::RsaPkcs1(countersign_cms::DigestAlgorithm::Sha256);
        assert_eq!(key.verify(algorithm, crate::material::CONTENT, &signature), Ok(()));
    }
}
