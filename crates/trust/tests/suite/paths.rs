//! Paths over a PKI made at test time: one table, one check.

use crate::authorities::pki;
use crate::pki::Pki;
use countersign_trust::{
    Indication, PathRequest, Policy, RevocationStatus, Severity, SubIndication, TrustAnchors, Usage, verify_path,
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
        policy: &Policy::DEFAULT,
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
        case("SM2", "sm2-leaf", &[])
            .anchors(&["sm2-root"])
            .passes(&["sm2-leaf", "sm2-root"]),
        case(
            "eight certificates",
            "eighth",
            &["c1", "c2", "c3", "c4", "c5", "c6", "c7"],
        )
        .passes(&["eighth", "c6", "c5", "c4", "c3", "c2", "c1", "root"]),
        case(
            "nine certificates",
            "ninth",
            &["c1", "c2", "c3", "c4", "c5", "c6", "c7"],
        )
        .fails(NoChain, "budget-exhausted", "8 certificates deep"),
        case("nothing but a ring", "in-ring", &["ring-b", "ring-a2"]).fails(NoChain, "issuer-unknown", "CN=ring-a"),
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
