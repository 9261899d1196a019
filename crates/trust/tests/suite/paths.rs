//! Paths over a PKI made at test time: one table, one check.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use crate::pki::{CA, EC, LEAF, P384, Pki, RSA, RSA_1024, TSA, Wish};
use countersign_trust::{
    Indication, PathCache, PathFinding, PathRequest, RevocationStatus, Severity, SubIndication, TrustAnchors, Usage,
    verify_path,
};

const NOW: &str = "2026-06-01T00:00:00Z";

struct Case {
    name: &'static str,
    leaf: &'static str,
    pool: &'static [&'static str],
    anchors: &'static [&'static str],
    at: &'static str,
    usage: Usage,
    /// The path leaf first, or the headline with the code of a finding and the rule or value that must be in its text.
    expected: Result<&'static [&'static str], (SubIndication, &'static str, &'static str)>,
}

impl Case {
    const fn signing(name: &'static str, leaf: &'static str, pool: &'static [&'static str]) -> Self {
        Self {
            name,
            leaf,
            pool,
            anchors: &["root"],
            at: NOW,
            usage: Usage::DocumentSigning,
            expected: Ok(&[]),
        }
    }

    const fn anchors(mut self, anchors: &'static [&'static str]) -> Self {
        self.anchors = anchors;
        self
    }

    const fn at(mut self, at: &'static str) -> Self {
        self.at = at;
        self
    }

    const fn stamping(mut self) -> Self {
        self.usage = Usage::TimeStamping;
        self
    }

    const fn passes(mut self, path: &'static [&'static str]) -> Self {
        self.expected = Ok(path);
        self
    }

    const fn fails(mut self, sub: SubIndication, code: &'static str, text: &'static str) -> Self {
        self.expected = Err((sub, code, text));
        self
    }
}

fn check(pki: &Pki, case: &Case) {
    let anchors = TrustAnchors::new(pki.ders(case.anchors)).unwrap();
    let certificate = pki.der(case.leaf);
    let pool = pki.ders(case.pool);
    let found = verify_path(&PathRequest {
        certificate: &certificate,
        pool: &pool,
        anchors: &anchors,
        at: case.at.parse().unwrap(),
        usage: case.usage,
    });
    match (found, case.expected) {
        (Ok(path), Ok(names)) => {
            assert_eq!(path.certificates(), pki.ders(names), "{}: path", case.name);
            assert_eq!(path.at(), case.at.parse().unwrap(), "{}", case.name);
            assert_eq!(path.revocation(), RevocationStatus::Unknown, "{}", case.name);
            assert!(
                path.findings()
                    .iter()
                    .any(|finding| finding.code() == "revocation-not-checked"),
                "{}: says what was not checked",
                case.name
            );
            assert!(
                path.findings()
                    .iter()
                    .all(|finding| finding.severity() == Severity::Note),
                "{}: {:?}",
                case.name,
                path.findings()
            );
        }
        (Err(failure), Err((sub, code, text))) => {
            assert_eq!(failure.sub_indication, sub, "{}: {failure:?}", case.name);
            assert_eq!(failure.indication, Indication::Indeterminate, "{}", case.name);
            assert!(
                failure
                    .findings
                    .iter()
                    .any(|finding| finding.code() == code && finding.to_string().contains(text)),
                "{}: no {code} with {text:?} in {:?}",
                case.name,
                failure.findings
            );
        }
        (found, _) => panic!("{}: {found:?}", case.name),
    }
}

/// Made once for all tests of this file.
fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let mut pki = make();
        pki.drop_files();
        pki
    })
}

fn make() -> Pki {
    let old = ("20200101000000Z", "20210101000000Z");
    let coming = ("20300101000000Z", "20400101000000Z");
    Pki::new(&[
        Wish::new("root", "root", CA),
        Wish::new("ca", "root", CA),
        Wish::new("sub", "ca", CA).key(P384).digest("sha384"),
        Wish::new("leaf", "ca", LEAF),
        Wish::new("deep", "sub", LEAF),
        Wish::new("rsa-root", "rsa-root", CA).key(RSA),
        Wish::new("rsa-ca", "rsa-root", CA).key(RSA).digest("sha512"),
        Wish::new("rsa-leaf", "rsa-ca", LEAF).key(RSA),
        Wish::new("chinese-ca", "root", CA).subject("/C=CN/O=会签测试机构/CN=中级 CA"),
        Wish::new("chinese", "chinese-ca", LEAF).subject("/C=CN/O=某银行/CN=张三"),
        // pathlen
        Wish::new(
            "short-ca",
            "root",
            "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign",
        ),
        Wish::new("below-short", "short-ca", CA),
        Wish::new("too-deep", "below-short", LEAF),
        // names
        Wish::new("permits", "root", leak(CA, "nameConstraints=critical,@permitted")),
        Wish::new("inside", "permits", LEAF),
        Wish::new("outside", "permits", LEAF).subject("/C=CN/O=Other/CN=outside"),
        Wish::new("excludes", "root", leak(CA, "nameConstraints=critical,@excluded")),
        Wish::new("excluded", "excludes", LEAF),
        // dates
        Wish::new("expired", "ca", LEAF).valid(old.0, old.1),
        Wish::new("expired-ca", "root", CA).valid(old.0, old.1),
        Wish::new("under-expired", "expired-ca", LEAF),
        Wish::new("coming", "ca", LEAF).valid(coming.0, coming.1),
        Wish::new("expired-root", "expired-root", CA).valid(old.0, old.1),
        Wish::new("under-expired-root", "expired-root", LEAF),
        // usages
        Wish::new("encipher", "ca", "keyUsage=critical,keyEncipherment"),
        Wish::new("digital-only", "ca", "keyUsage=digitalSignature"),
        Wish::new("repudiation-only", "ca", "keyUsage=nonRepudiation"),
        Wish::new("no-usage", "ca", "basicConstraints=CA:FALSE"),
        Wish::new(
            "web",
            "ca",
            "keyUsage=digitalSignature\nextendedKeyUsage=critical,serverAuth",
        ),
        Wish::new(
            "mail",
            "ca",
            "keyUsage=digitalSignature\nextendedKeyUsage=critical,emailProtection",
        ),
        Wish::new("tsa", "ca", TSA),
        Wish::new(
            "tsa-plain",
            "ca",
            "keyUsage=digitalSignature\nextendedKeyUsage=timeStamping",
        ),
        Wish::new(
            "tsa-both",
            "ca",
            "keyUsage=digitalSignature\nextendedKeyUsage=critical,timeStamping,codeSigning",
        ),
        Wish::new("tsa-none", "ca", "keyUsage=digitalSignature"),
        // extensions
        Wish::new(
            "unknown-critical",
            "ca",
            "keyUsage=digitalSignature\n1.2.3.4.5=critical,DER:0500",
        ),
        Wish::new("unknown-plain", "ca", "keyUsage=digitalSignature\n1.2.3.4.5=DER:0500"),
        Wish::new("critical-ca", "root", leak(CA, "1.2.3.4.5=critical,DER:0500")),
        Wish::new("under-critical", "critical-ca", LEAF),
        Wish::new("no-basic", "root", "keyUsage=critical,keyCertSign"),
        Wish::new("under-no-basic", "no-basic", LEAF),
        Wish::new("not-ca", "root", LEAF),
        Wish::new("under-leaf", "not-ca", LEAF),
        Wish::new(
            "no-cert-sign",
            "root",
            "basicConstraints=critical,CA:TRUE\nkeyUsage=cRLSign",
        ),
        Wish::new("under-no-cert-sign", "no-cert-sign", LEAF),
        // algorithms
        Wish::new("sha1-ca", "root", CA).digest("sha1"),
        Wish::new("under-sha1", "sha1-ca", LEAF),
        Wish::new("weak-ca", "root", CA).key(RSA_1024),
        Wish::new("under-weak", "weak-ca", LEAF),
        // the same name and key certified twice, once badly; and two that certify each other
        Wish::new("cross-bad", "expired-root", CA).subject("/C=CN/O=Test/CN=cross"),
        Wish::new("cross-good", "root", CA)
            .subject("/C=CN/O=Test/CN=cross")
            .key_of("cross-bad"),
        Wish::new("crossed", "cross-bad", LEAF),
        Wish::new("other-root", "other-root", CA),
        Wish::new("loop-a", "other-root", CA),
        Wish::new("loop-b", "loop-a", CA),
        Wish::new("loop-a2", "loop-b", CA)
            .subject("/C=CN/O=Test/CN=loop-a")
            .key_of("loop-a"),
        Wish::new("looped", "loop-a", LEAF),
        // somebody else with the name of the CA
        Wish::new("fake-root", "fake-root", CA).subject("/C=CN/O=Test/CN=root"),
        Wish::new("fake-ca", "fake-root", CA).subject("/C=CN/O=Test/CN=ca"),
        Wish::new("forged", "fake-ca", LEAF),
        Wish::new("alone", "alone", LEAF),
        Wish::new("alone-old", "alone-old", LEAF).valid(old.0, old.1),
        Wish::new(
            "alone-critical",
            "alone-critical",
            "keyUsage=digitalSignature\n1.2.3.4.5=critical,DER:0500",
        ),
        Wish::new("under-alone", "alone", LEAF).key(EC),
    ])
}

fn leak(base: &str, more: &str) -> &'static str {
    Box::leak(format!("{base}\n{more}").into_boxed_str())
}

#[test]
fn every_case_of_the_table() {
    use SubIndication::{
        CertificateChainGeneralFailure as General, ChainConstraintsFailure as Constraints,
        CryptoConstraintsFailure as Crypto, Expired, NoCertificateChainFound as NoChain, NotYetValid,
    };
    let pki = pki();
    let case = Case::signing;
    let cases = [
        case("one CA", "leaf", &["ca"]).passes(&["leaf", "ca", "root"]),
        case(
            "order and repetition do not matter",
            "deep",
            &["leaf", "ca", "sub", "ca", "root", "deep"],
        )
        .passes(&["deep", "sub", "ca", "root"]),
        case("RSA", "rsa-leaf", &["rsa-ca"])
            .anchors(&["rsa-root"])
            .passes(&["rsa-leaf", "rsa-ca", "rsa-root"]),
        case("CA as anchor", "deep", &["sub"])
            .anchors(&["ca"])
            .passes(&["deep", "sub", "ca"]),
        case("Chinese names", "chinese", &["chinese-ca"]).passes(&["chinese", "chinese-ca", "root"]),
        case("path too long for a CA", "too-deep", &["below-short", "short-ca"]).fails(
            General,
            "rfc5280",
            "PathLength",
        ),
        case("name permitted", "inside", &["permits"]).passes(&["inside", "permits", "root"]),
        case("name not permitted", "outside", &["permits"]).fails(General, "rfc5280", "NameConstraints"),
        case("name excluded", "excluded", &["excludes"]).fails(General, "rfc5280", "NameConstraints"),
        case("expired", "expired", &["ca"]).fails(Expired, "expired", "2021-01-01T00:00:00Z, judged at 2026-06-01"),
        case("expired, judged before", "expired", &["ca"])
            .at("2020-06-01T00:00:00Z")
            .fails(
                // The leaf was good then; its CA was not yet.
                NotYetValid,
                "not-yet-valid",
                "CN=ca",
            ),
        case("expired CA", "under-expired", &["expired-ca"]).fails(Expired, "expired", "CN=expired-ca"),
        case("expired anchor", "under-expired-root", &[])
            .anchors(&["expired-root"])
            .fails(Expired, "expired", "CN=expired-root"),
        case("not yet valid", "coming", &["ca"]).fails(NotYetValid, "not-yet-valid", "2030-01-01T00:00:00Z"),
        case("first second", "coming", &["ca"])
            .at("2030-01-01T00:00:00Z")
            .passes(&["coming", "ca", "root"]),
        case("last second", "coming", &["ca"])
            .at("2040-01-01T00:00:00Z")
            .passes(&["coming", "ca", "root"]),
        case("second after", "coming", &["ca"])
            .at("2040-01-01T00:00:01Z")
            .fails(Expired, "expired", "2040-01-01"),
        case("unknown CA", "leaf", &["ca"])
            .anchors(&["other-root"])
            .fails(NoChain, "issuer-unknown", "CN=root"),
        case("no CA certificate", "leaf", &[]).fails(NoChain, "issuer-unknown", "CN=ca"),
        case("no anchors", "leaf", &["ca", "root"])
            .anchors(&[])
            .fails(NoChain, "no-anchors", ""),
        case("forged CA of the same name", "forged", &["ca"]).fails(NoChain, "issuer-unknown", "CN=ca"),
        case("forged CA in the pool", "forged", &["ca", "fake-ca", "fake-root"]).fails(
            NoChain,
            "issuer-unknown",
            "CN=",
        ),
        case("encipherment only", "encipher", &["ca"]).fails(Constraints, "key-usage", "keyEncipherment"),
        case("digitalSignature only", "digital-only", &["ca"]).passes(&["digital-only", "ca", "root"]),
        case("nonRepudiation only", "repudiation-only", &["ca"]).passes(&["repudiation-only", "ca", "root"]),
        case("no key usage", "no-usage", &["ca"]).passes(&["no-usage", "ca", "root"]),
        case("critical purpose for servers", "web", &["ca"]).fails(Constraints, "extended-key-usage", "5.5.7.3.1"),
        case("critical purpose for mail", "mail", &["ca"]).passes(&["mail", "ca", "root"]),
        case("timestamping certificate signs", "tsa", &["ca"]).fails(Constraints, "extended-key-usage", "5.5.7.3.8"),
        case("TSA", "tsa", &["ca"]).stamping().passes(&["tsa", "ca", "root"]),
        case("TSA not critical", "tsa-plain", &["ca"]).stamping().fails(
            Constraints,
            "extended-key-usage",
            "critical false",
        ),
        case("TSA with more", "tsa-both", &["ca"])
            .stamping()
            .fails(Constraints, "extended-key-usage", "5.5.7.3.3"),
        case("TSA without", "tsa-none", &["ca"])
            .stamping()
            .fails(Constraints, "extended-key-usage", "[]"),
        case("signer stamps", "leaf", &["ca"])
            .stamping()
            .fails(Constraints, "extended-key-usage", "[]"),
        case("unknown critical extension", "unknown-critical", &["ca"]).fails(General, "rfc5280", "CriticalExtension"),
        case("unknown plain extension", "unknown-plain", &["ca"]).passes(&["unknown-plain", "ca", "root"]),
        case("unknown critical in a CA", "under-critical", &["critical-ca"]).fails(General, "rfc5280", "critical-ca"),
        case("unknown critical in an anchor", "under-critical", &[])
            .anchors(&["critical-ca"])
            .fails(General, "rfc5280", "CriticalExtension"),
        case("CA without basicConstraints", "under-no-basic", &["no-basic"]).fails(
            General,
            "rfc5280",
            "BasicConstraintsMissing",
        ),
        case("leaf as CA", "under-leaf", &["not-ca"]).fails(General, "rfc5280", "NotCa"),
        case("leaf as issuing anchor", "under-alone", &[])
            .anchors(&["alone"])
            .fails(General, "rfc5280", "NotCa"),
        case("CA without keyCertSign", "under-no-cert-sign", &["no-cert-sign"]).fails(
            General,
            "rfc5280",
            "KeyCertSign",
        ),
        case("anchor without keyCertSign", "under-no-cert-sign", &[])
            .anchors(&["no-cert-sign"])
            .fails(General, "rfc5280", "KeyCertSign"),
        case("SHA-1 below the anchor", "under-sha1", &["sha1-ca"]).fails(Crypto, "algorithm-weak", "Sha1"),
        case("short key of a CA", "under-weak", &["weak-ca"]).fails(Crypto, "key-weak", "1024 bits, at least 2048"),
        case("one of two paths is bad", "crossed", &["cross-bad", "cross-good"])
            .anchors(&["expired-root", "root"])
            .passes(&["crossed", "cross-good", "root"]),
        case("the other order", "crossed", &["cross-good", "cross-bad"])
            .anchors(&["root", "expired-root"])
            .passes(&["crossed", "cross-good", "root"]),
        case("only the bad path", "crossed", &["cross-bad"])
            .anchors(&["expired-root", "root"])
            .fails(Expired, "expired", "expired-root"),
        case("CAs in a circle", "looped", &["loop-a", "loop-b", "loop-a2"]).fails(
            NoChain,
            "issuer-unknown",
            "other-root",
        ),
        case("a circle with a way out", "looped", &["loop-a2", "loop-b", "loop-a"])
            .anchors(&["other-root"])
            .passes(&["looped", "loop-a", "other-root"]),
        case("anchor as leaf", "alone", &[])
            .anchors(&["root", "alone"])
            .passes(&["alone"]),
        case("CA as leaf of its own", "root", &[]).fails(Constraints, "key-usage", "keyCertSign"),
        case("self-signed, not an anchor", "alone", &["alone"]).fails(NoChain, "issuer-unknown", "CN=alone"),
        case("expired anchor as leaf", "alone-old", &[])
            .anchors(&["alone-old"])
            .fails(Expired, "expired", "alone-old"),
        case("anchor as leaf, critical extension", "alone-critical", &[])
            .anchors(&["alone-critical"])
            .fails(General, "rfc5280", "CriticalExtension"),
        case("issued leaf as anchor", "leaf", &[])
            .anchors(&["leaf"])
            .passes(&["leaf"]),
    ];
    for case in &cases {
        check(pki, case);
    }
}

#[test]
fn a_broken_signature_is_named() {
    let pki = pki();
    let anchors = TrustAnchors::new(pki.ders(&["root"])).unwrap();
    let request = |certificate: &[u8], pool: &[Vec<u8>]| {
        verify_path(&PathRequest {
            certificate,
            pool,
            anchors: &anchors,
            at: NOW.parse().unwrap(),
            usage: Usage::DocumentSigning,
        })
    };
    for (broken, position) in [("leaf", 0), ("ca", 1)] {
        let mut certificates = [pki.der("leaf"), pki.der("ca")];
        let certificate = &mut certificates[position];
        let end = certificate.len() - 1;
        certificate[end] ^= 1;
        let [leaf, ca] = certificates;
        let failure = request(&leaf, &[ca]).unwrap_err();
        assert_eq!(
            failure.sub_indication,
            SubIndication::CertificateChainGeneralFailure,
            "{broken}"
        );
        match failure.findings.first() {
            Some(PathFinding::SignatureInvalid { certificate, issuer }) => {
                assert_eq!(
                    (certificate.position, issuer.position),
                    (position, position + 1),
                    "{broken}"
                );
                assert!(certificate.subject.contains(broken), "{certificate:?}");
            }
            other => panic!("{broken}: {other:?}"),
        }
    }
    let failure = request(b"no certificate", &[]).unwrap_err();
    assert_eq!(
        failure.findings.first().map(PathFinding::code),
        Some("certificate-unreadable")
    );
}

/// A pool as large as an attacker likes: found when the key identifiers lead the way, given up in bounded time otherwise.
#[test]
fn a_thousand_certificates() {
    let pki = pki();
    let anchors = TrustAnchors::new(pki.ders(&["root"])).unwrap();
    let leaf = pki.der("leaf");
    let renamed = |from: &[u8], to: &[u8], number: u32| {
        let mut certificate = pki.der("sub");
        for at in 0..certificate.len() - from.len() {
            if &certificate[at..at + from.len()] == from {
                certificate[at..at + to.len()].copy_from_slice(to);
            }
        }
        // The serial number, so that all differ.
        certificate[16..20].copy_from_slice(&number.to_be_bytes());
        certificate
    };
    // Other names: none is looked at twice.
    let mut strangers: Vec<_> = (0..1000).map(|number| renamed(b"sub", b"bus", number)).collect();
    strangers.push(pki.der("ca"));
    // The name of the CA that is looked for, all with another key.
    let mut impostors: Vec<_> = (0..1000_u32)
        .map(|number| {
            let mut certificate = pki.der("fake-ca");
            certificate[16..20].copy_from_slice(&number.to_be_bytes());
            certificate
        })
        .collect();
    impostors.push(pki.der("ca"));
    // The CA itself a thousand times over with a signature that does not fit any more: the search is cut short.
    let twins: Vec<_> = (0..1000_u32)
        .map(|number| {
            let mut certificate = pki.der("ca");
            certificate[16..20].copy_from_slice(&number.to_be_bytes());
            certificate
        })
        .collect();
    for (name, pool, good) in [
        ("strangers", &strangers, true),
        ("impostors", &impostors, true),
        ("twins", &twins, false),
    ] {
        let started = SystemTime::now();
        let found = verify_path(&PathRequest {
            certificate: &leaf,
            pool,
            anchors: &anchors,
            at: NOW.parse().unwrap(),
            usage: Usage::DocumentSigning,
        });
        let took = started.elapsed().unwrap();
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
        match found {
            Ok(path) => assert!(good && path.certificates().len() == 3, "{name}"),
            Err(failure) => {
                assert!(!good, "{name}: {failure:?}");
                assert!(
                    failure
                        .findings
                        .iter()
                        .any(|finding| finding.code() == "budget-exhausted"),
                    "{failure:?}"
                );
            }
        }
    }
}

#[test]
fn a_cached_path_answers_only_the_same_question() {
    let pki = pki();
    let anchors = TrustAnchors::new(pki.ders(&["root"])).unwrap();
    let others = TrustAnchors::new(pki.ders(&["other-root"])).unwrap();
    let (leaf, tsa, ca) = (pki.der("leaf"), pki.der("tsa"), pki.ders(&["ca"]));
    let request = PathRequest {
        certificate: &leaf,
        pool: &ca,
        anchors: &anchors,
        at: NOW.parse().unwrap(),
        usage: Usage::DocumentSigning,
    };
    let mut cache = PathCache::default();
    cache.verify_path(&request).unwrap();
    // Without the pool only a kept path can answer.
    let later = PathRequest {
        pool: &[],
        at: "2027-01-01T00:00:00Z".parse().unwrap(),
        ..request
    };
    let kept = cache.verify_path(&later).unwrap();
    assert_eq!(kept.at(), later.at);
    for (why, other) in [
        (
            "other certificate",
            PathRequest {
                certificate: &tsa,
                ..later
            },
        ),
        (
            "other anchors",
            PathRequest {
                anchors: &others,
                ..later
            },
        ),
        (
            "other usage",
            PathRequest {
                usage: Usage::TimeStamping,
                ..later
            },
        ),
        (
            "out of the window",
            PathRequest {
                at: "2050-01-01T00:00:00Z".parse().unwrap(),
                ..later
            },
        ),
        (
            "before the window",
            PathRequest {
                at: "2020-01-01T00:00:00Z".parse().unwrap(),
                ..later
            },
        ),
    ] {
        assert!(cache.verify_path(&other).is_err(), "{why}");
    }
}
