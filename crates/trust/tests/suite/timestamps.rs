//! Timestamps of an openssl TSA: what proves time, what only states one, what is worth nothing.

use std::fs;

use crate::pki::{CA, Pki, RSA, TSA, Wish};
use countersign_cms::DigestAlgorithm;
use countersign_cms::timestamp::Expected;
use countersign_trust::{
    AuthorityTrust, Indication, SubIndication, TimestampFailure, TrustAnchors, Usage, verify_timestamp,
};

const DATA: &[u8] = b"a signature value";
const POLICY: &str = "1.2.3.4.1";

fn pki() -> Pki {
    let old = ("20200101000000Z", "20210101000000Z");
    let pki = Pki::new(&[
        Wish::new("root", "root", CA),
        Wish::new("ca", "root", CA).key(RSA),
        Wish::new("tsa", "ca", TSA).key(RSA),
        Wish::new("tsa-ec", "ca", TSA),
        Wish::new("tsa-old", "ca", TSA).valid(old.0, old.1),
        Wish::new("other-root", "other-root", CA),
    ]);
    fs::write(pki.dir().join("data"), DATA).unwrap();
    fs::write(
        pki.dir().join("ts.cnf"),
        format!(
            "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ncrypto_device=builtin\nsigner_digest=sha256\n\
             default_policy={POLICY}\ndigests=sha1,sha256,sha384,sha512\naccuracy=secs:1,millisecs:500\nordering=no\n\
             tsa_name=no\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n"
        ),
    )
    .unwrap();
    fs::write(pki.dir().join("serial"), "01\n").unwrap();
    pki
}

fn token(pki: &Pki, tsa: &str, digest: &str, with_certificates: bool) -> Vec<u8> {
    let digest = format!("-{digest}");
    let mut query = vec!["ts", "-query", "-data", "data", &digest, "-out", "q.tsq"];
    if with_certificates {
        query.push("-cert");
    }
    pki.openssl(&query);
    let (signer, key) = (format!("{tsa}.pem"), format!("{tsa}.key"));
    pki.openssl(&[
        "ts",
        "-reply",
        "-config",
        "ts.cnf",
        "-queryfile",
        "q.tsq",
        "-signer",
        &signer,
        "-inkey",
        &key,
        "-chain",
        "ca.pem",
        "-token_out",
        "-out",
        "t.tst",
    ]);
    fs::read(pki.dir().join("t.tst")).unwrap()
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Proven,
    Stated(AuthorityTrust, SubIndication),
    Worthless(Indication, SubIndication),
}

struct Case {
    name: &'static str,
    token: Vec<u8>,
    algorithm: DigestAlgorithm,
    data: &'static [u8],
    nonce: Option<&'static [u8]>,
    policy: Option<&'static str>,
    pool: &'static [&'static str],
    anchors: &'static [&'static str],
    outcome: Outcome,
}

fn check(pki: &Pki, case: &Case) {
    let imprint = case.algorithm.hash(case.data);
    let expected = Expected {
        algorithm: case.algorithm,
        imprint: &imprint,
        nonce: case.nonce,
        policy: case.policy,
    };
    let anchors = TrustAnchors::new(pki.ders(case.anchors)).unwrap();
    let found = verify_timestamp(&case.token, &expected, &pki.ders(case.pool), &anchors);
    let outcome = match &found {
        Ok(time) => {
            assert_eq!(time.path().at(), time.at(), "{}: judged at the stated time", case.name);
            assert_eq!(time.path().usage(), Usage::TimeStamping, "{}", case.name);
            assert_eq!(time.stated().policy, POLICY, "{}", case.name);
            assert_eq!(time.stated().accuracy_ms, Some(1500), "{}", case.name);
            assert_eq!(
                time.stated().latest().duration_since(time.at()).as_millis(),
                1500,
                "{}",
                case.name
            );
            assert!(time.stated().tsa.contains("CN=tsa"), "{}", case.name);
            Outcome::Proven
        }
        Err(failure) => {
            let (indication, sub_indication) = failure.indication();
            match failure {
                TimestampFailure::Untrusted { trust, stated, .. } => {
                    assert_eq!(failure.stated(), Some(stated.as_ref()), "{}", case.name);
                    assert_eq!(indication, Indication::Indeterminate, "{}", case.name);
                    Outcome::Stated(*trust, sub_indication)
                }
                _ => {
                    assert_eq!(failure.stated(), None, "{}", case.name);
                    Outcome::Worthless(indication, sub_indication)
                }
            }
        }
    };
    assert_eq!(outcome, case.outcome, "{}: {found:?}", case.name);
}

#[test]
fn every_case_of_the_table() {
    use Indication::{Indeterminate, TotalFailed};
    let pki = pki();
    let good = token(&pki, "tsa", "sha256", true);
    let bare = token(&pki, "tsa", "sha256", false);
    let flipped = |offset_from_end: usize| {
        let mut token = good.clone();
        let at = token.len() - offset_from_end;
        token[at] ^= 1;
        token
    };
    let case = |name, token: &[u8], outcome| Case {
        name,
        token: token.to_vec(),
        algorithm: DigestAlgorithm::Sha256,
        data: DATA,
        nonce: None,
        policy: Some(POLICY),
        pool: &[],
        anchors: &["root"],
        outcome,
    };
    let padded = [good.as_slice(), &[0; 64]].concat();
    let cases = [
        case("RSA", &good, Outcome::Proven),
        case("EC", &token(&pki, "tsa-ec", "sha256", true), Outcome::Proven),
        case("padded with zeros", &padded, Outcome::Proven),
        Case {
            algorithm: DigestAlgorithm::Sha512,
            ..case("SHA-512", &token(&pki, "tsa", "sha512", true), Outcome::Proven)
        },
        Case {
            pool: &["other-root", "ca", "tsa"],
            ..case("certificates beside the token", &bare, Outcome::Proven)
        },
        case(
            "no certificate anywhere",
            &bare,
            Outcome::Worthless(Indeterminate, SubIndication::NoSigningCertificateFound),
        ),
        Case {
            anchors: &[],
            ..case(
                "no anchors",
                &good,
                Outcome::Stated(AuthorityTrust::Unknown, SubIndication::NoCertificateChainFound),
            )
        },
        Case {
            anchors: &["other-root"],
            ..case(
                "other anchors",
                &good,
                Outcome::Stated(AuthorityTrust::Unknown, SubIndication::NoCertificateChainFound),
            )
        },
        case(
            "authority expired at the stated time",
            &token(&pki, "tsa-old", "sha256", true),
            Outcome::Stated(AuthorityTrust::Untrusted, SubIndication::Expired),
        ),
        Case {
            algorithm: DigestAlgorithm::Sha1,
            ..case(
                "SHA-1 imprint",
                &token(&pki, "tsa", "sha1", true),
                Outcome::Stated(AuthorityTrust::Untrusted, SubIndication::CryptoConstraintsFailure),
            )
        },
        Case {
            data: b"another signature value",
            ..case(
                "other octets",
                &good,
                Outcome::Worthless(TotalFailed, SubIndication::HashFailure),
            )
        },
        Case {
            algorithm: DigestAlgorithm::Sm3,
            ..case(
                "other digest",
                &good,
                Outcome::Worthless(TotalFailed, SubIndication::HashFailure),
            )
        },
        Case {
            nonce: Some(&[1, 2, 3]),
            ..case(
                "other nonce",
                &good,
                Outcome::Worthless(Indeterminate, SubIndication::SigConstraintsFailure),
            )
        },
        Case {
            policy: Some("1.2.3.4.2"),
            ..case(
                "other policy",
                &good,
                Outcome::Worthless(Indeterminate, SubIndication::SigConstraintsFailure),
            )
        },
        case(
            "signature flipped",
            &flipped(1),
            Outcome::Worthless(TotalFailed, SubIndication::SigCryptoFailure),
        ),
        case(
            "cut short",
            &good[..good.len() - 1],
            Outcome::Worthless(TotalFailed, SubIndication::FormatFailure),
        ),
        case(
            "nothing",
            b"",
            Outcome::Worthless(TotalFailed, SubIndication::FormatFailure),
        ),
    ];
    for case in &cases {
        check(&pki, case);
    }
}

/// A token with one bit changed proves the same time as before, or nothing: some octets are not protected, none of them
/// matters.
#[test]
fn no_single_bit_changes_a_proven_time() {
    let pki = pki();
    let anchors = TrustAnchors::new(pki.ders(&["root"])).unwrap();
    let imprint = DigestAlgorithm::Sha256.hash(DATA);
    let expected = Expected {
        algorithm: DigestAlgorithm::Sha256,
        imprint: &imprint,
        nonce: None,
        policy: Some(POLICY),
    };
    let token = token(&pki, "tsa-ec", "sha256", true);
    let original = verify_timestamp(&token, &expected, &[], &anchors).unwrap();
    let (mut same, mut refused) = (0, 0);
    for at in 0..token.len() {
        let mut changed = token.clone();
        changed[at] ^= 1 << (at % 8);
        match verify_timestamp(&changed, &expected, &[], &anchors) {
            Ok(time) => {
                same += 1;
                assert_eq!(time.stated(), original.stated(), "octet {at}");
                assert_eq!(time.path().certificates(), original.path().certificates(), "octet {at}");
            }
            Err(_) => refused += 1,
        }
    }
    assert!(same < token.len() / 10 && refused > token.len() / 2, "{same} {refused}");
}
