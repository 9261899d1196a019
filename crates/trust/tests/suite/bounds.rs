//! Paths beyond the table: broken signatures, pools of any size, kept verdicts.

use std::time::{Duration, SystemTime};

use countersign_trust::{PathCache, PathFinding, PathRequest, Policy, SubIndication, TrustAnchors, Usage, verify_path};

use crate::authorities::pki;

const NOW: &str = "2026-06-01T00:00:00Z";

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
            policy: &Policy::DEFAULT,
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
            policy: &Policy::DEFAULT,
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
    let (policy, wider) = (
        Policy::DEFAULT,
        Policy::DEFAULT.with_signer_purposes(&["1.3.6.1.5.5.7.3.2".to_owned()]),
    );
    let request = PathRequest {
        certificate: &leaf,
        pool: &ca,
        anchors: &anchors,
        at: NOW.parse().unwrap(),
        usage: Usage::DocumentSigning,
        policy: &policy,
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
            "other policy",
            PathRequest {
                policy: &wider,
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
