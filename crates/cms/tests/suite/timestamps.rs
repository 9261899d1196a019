//! Requests, responses and tokens: openssl's, certomancer's and our own, good and wrong.

use countersign_cms::timestamp::{
    Expected, TST_INFO_TYPE, TimeStampReq, TimestampProblem, TstInfoInput, check_token, check_token_among,
    read_request, read_response, read_token, response_granted, response_rejected, tst_info,
};
use countersign_cms::{ContentInput, DigestAlgorithm, SignatureAlgorithm, SignerProblem, signed_data_with_content};
use jiff::Timestamp;

use crate::material::{ALGORITHMS, CONTENT, certificate, data, token_output};

const SHA256: DigestAlgorithm = DigestAlgorithm::Sha256;

#[test]
fn answers_of_others() {
    let imprint = SHA256.hash(CONTENT);
    let request = read_request(&data("sha256.tsq")).unwrap();
    assert_eq!(
        (request.algorithm, &request.imprint, request.certificates),
        (SHA256, &imprint, true)
    );
    let nonce = request.nonce.unwrap();
    for (file, policy, version_2) in [
        ("ess-sha256.tsr", "1.2.3.4.1", true),
        ("ess-sha1.tsr", "1.2.3.4.1", false),
        ("certomancer.tsr", "1.2.3.4.5", false),
    ] {
        let response = read_response(&data(file)).unwrap();
        let token = read_token(response.granted().unwrap()).unwrap();
        let expected = Expected {
            algorithm: SHA256,
            imprint: &imprint,
            nonce: Some(&nonce),
            policy: Some(policy),
        };
        assert_eq!(check_token(&token, &expected), [], "{file}");
        let attributes = token.signed_data.signer.signed_attributes.as_ref().unwrap();
        assert_eq!(attributes.signing_certificate[0].version_2, version_2, "{file}");
        assert!(token.info.gen_time > "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
        assert_eq!(
            token.info.tsa.as_deref(),
            Some("CN=PRACTICE tsa,O=PRACTICE 演练,C=CN"),
            "{file}"
        );
        if file.starts_with("ess") {
            // 1 s + 500 ms + 100 µs, rounded up.
            assert_eq!((token.info.accuracy_ms, token.info.ordering), (Some(1501), true));
        }
        // The fraction of a second is there.
        assert_ne!(token.info.gen_time.subsec_nanosecond(), 0, "{file}");
    }
    let rejected = read_response(&data("rejected.tsr")).unwrap();
    assert_eq!((rejected.status, rejected.granted()), (2, None));
    assert_eq!(rejected.failure_names(), ["badAlg"]);
    assert_eq!(rejected.status_strings, ["Message digest algorithm is not supported."]);
}

#[test]
fn a_token_without_certificate() {
    let imprint = SHA256.hash(CONTENT);
    let response = read_response(&data("nocert.tsr")).unwrap();
    let token = read_token(response.granted().unwrap()).unwrap();
    let expected = Expected {
        algorithm: SHA256,
        imprint: &imprint,
        nonce: None,
        policy: None,
    };
    assert_eq!(
        check_token(&token, &expected),
        [TimestampProblem::Signer(SignerProblem::CertificateMissing)]
    );
    assert_eq!(check_token_among(&token, &expected, &[certificate("tsa")]), []);
}

#[test]
fn requests() {
    let imprint = SHA256.hash(CONTENT);
    for nonce in [[0xff; 8], [0, 0, 1, 2, 3, 4, 5, 6], [0x7f; 8]] {
        let request = TimeStampReq {
            algorithm: SHA256,
            imprint: &imprint,
            policy: Some("1.2.3"),
            nonce: &nonce,
        };
        let read = read_request(&request.to_der().unwrap()).unwrap();
        assert_eq!(read.policy.as_deref(), Some("1.2.3"));
        let digits: Vec<u8> = nonce.iter().copied().skip_while(|&octet| octet == 0).collect();
        assert_eq!(read.nonce, Some(digits));
        assert!(read.certificates);
    }
    let request = |imprint: &[u8], policy, nonce: &[u8]| {
        TimeStampReq {
            algorithm: SHA256,
            imprint,
            policy,
            nonce,
        }
        .to_der()
    };
    assert!(request(&imprint[1..], None, &[1; 8]).is_err());
    assert!(request(&imprint, Some("not an oid"), &[1; 8]).is_err());
    assert!(request(&imprint, None, &[1; 7]).is_err());
}

fn token(signer: &str, key: &str, algorithm: SignatureAlgorithm, input: &TstInfoInput<'_>) -> Vec<u8> {
    let certificate = certificate(signer);
    let content = tst_info(input).unwrap();
    let value = |octets: &[u8]| {
        let output = token_output(key, algorithm, octets);
        let public = crate::material::certificate(key).public_key().unwrap();
        public.interpret_output(algorithm, octets, &output).unwrap()
    };
    signed_data_with_content(
        &ContentInput {
            content_type: TST_INFO_TYPE,
            content: &content,
            certificate: &certificate,
            chain: &[],
            embed_certificates: true,
            algorithm,
        },
        value,
    )
    .unwrap()
}

fn statement<'a>(imprint: &'a [u8], nonce: &'a [u8]) -> TstInfoInput<'a> {
    TstInfoInput {
        policy: "1.2.3.4",
        algorithm: SHA256,
        imprint,
        serial: &[0x80, 1],
        gen_time: Timestamp::new(1_790_000_000, 250_000_000).unwrap(),
        accuracy_ms: Some(1500),
        nonce: Some(nonce),
    }
}

#[test]
fn our_own_authority() {
    let imprint = SHA256.hash(CONTENT);
    let nonce = [0x90, 1, 2, 3, 4, 5, 6, 7];
    let pkcs1 = SignatureAlgorithm::RsaPkcs1(SHA256);
    let octets = token("tsa", "rsa2048", pkcs1, &statement(&imprint, &nonce));
    let response = read_response(&response_granted(&octets)).unwrap();
    assert_eq!(response.granted(), Some(octets.as_slice()));
    let read = read_token(&octets).unwrap();
    let good = Expected {
        algorithm: SHA256,
        imprint: &imprint,
        nonce: Some(&nonce),
        policy: Some("1.2.3.4"),
    };
    assert_eq!(check_token(&read, &good), []);
    assert_eq!(read.info.serial_hex, "8001");
    assert_eq!(read.info.accuracy_ms, Some(1500));
    assert_eq!(read.info.gen_time.to_string(), "2026-09-21T14:13:20.25Z");

    let other = SHA256.hash(b"other");
    type Case<'a> = (Expected<'a>, fn(&TimestampProblem) -> bool);
    let cases: [Case<'_>; 5] = [
        (
            Expected {
                imprint: &other,
                ..good
            },
            |p| matches!(p, TimestampProblem::Imprint { .. }),
        ),
        (
            Expected {
                algorithm: DigestAlgorithm::Sm3,
                ..good
            },
            |p| matches!(p, TimestampProblem::ImprintAlgorithm { .. }),
        ),
        (
            Expected {
                nonce: Some(&[1; 8]),
                ..good
            },
            |p| matches!(p, TimestampProblem::Nonce { .. }),
        ),
        (
            Expected {
                policy: Some("1.2.3"),
                ..good
            },
            |p| matches!(p, TimestampProblem::Policy { .. }),
        ),
        (
            Expected {
                nonce: Some(&[]),
                ..good
            },
            |p| matches!(p, TimestampProblem::Nonce { .. }),
        ),
    ];
    for (expected, wanted) in cases {
        let found = check_token(&read, &expected);
        assert!(
            found.len() == 1 && wanted(&found[0]) && found[0].breaks_integrity(),
            "{found:?}"
        );
    }
    // A leading zero in the caller's nonce is no difference.
    assert_eq!(
        check_token(
            &read,
            &Expected {
                nonce: Some(&[0, 0x90, 1, 2, 3, 4, 5, 6, 7]),
                ..good
            }
        ),
        []
    );
    for (signer, critical) in [
        ("tsa-noncritical", false),
        ("tsa-two-purposes", true),
        ("rsa2048", false),
    ] {
        let read = read_token(&token(signer, "rsa2048", pkcs1, &statement(&imprint, &nonce))).unwrap();
        let found = check_token(&read, &good);
        assert!(
            matches!(found.as_slice(), [TimestampProblem::Purpose { critical: c, .. }] if *c == critical),
            "{signer} {found:?}"
        );
    }
}

#[test]
fn tokens_in_every_algorithm() {
    let imprint = SHA256.hash(CONTENT);
    for (name, algorithm) in ALGORITHMS {
        let read = read_token(&token(name, name, algorithm, &statement(&imprint, &[9; 8]))).unwrap();
        let expected = Expected {
            algorithm: SHA256,
            imprint: &imprint,
            nonce: Some(&[9; 8]),
            policy: None,
        };
        // The signer's certificates of the material are not for time-stamping: that and nothing else is wrong.
        let found = check_token(&read, &expected);
        assert!(
            matches!(found.as_slice(), [TimestampProblem::Purpose { .. }]),
            "{name} {found:?}"
        );
    }
}

#[test]
fn a_changed_statement_is_found() {
    let imprint = SHA256.hash(CONTENT);
    let octets = token(
        "tsa",
        "rsa2048",
        SignatureAlgorithm::RsaPkcs1(SHA256),
        &statement(&imprint, &[9; 8]),
    );
    let at = octets.windows(8).position(|window| window == b"20260921").unwrap();
    let mut changed = octets;
    changed[at + 3] = b'5';
    let read = read_token(&changed).unwrap();
    let expected = Expected {
        algorithm: SHA256,
        imprint: &imprint,
        nonce: Some(&[9; 8]),
        policy: None,
    };
    let found = check_token(&read, &expected);
    assert!(
        matches!(
            found.as_slice(),
            [TimestampProblem::Signer(SignerProblem::DigestMismatch { .. })]
        ),
        "{found:?}"
    );
}

#[test]
fn refusals() {
    for (bit, name) in [
        (0, "badAlg"),
        (2, "badRequest"),
        (14, "timeNotAvailable"),
        (25, "systemFailure"),
    ] {
        let response = read_response(&response_rejected("no\u{1b}[31m", bit)).unwrap();
        assert_eq!((response.status, response.granted()), (2, None));
        assert_eq!(response.failure_names(), [name]);
        assert_eq!(response.status_strings, ["no\u{fffd}[31m"]);
    }
    for octets in [
        &b""[..],
        b"<html>",
        &[0x30, 0],
        &[0x30, 5, 0x30, 3, 2, 1, 0xff],
        &[0x30, 0x80],
    ] {
        assert!(read_response(octets).is_err(), "{octets:02x?}");
    }
    // A token beside a refusal is not a grant.
    let mut octets = response_granted(&[0x30, 0]);
    let status = octets.windows(3).position(|window| window == [2, 1, 0]).unwrap();
    octets[status + 2] = 2;
    assert_eq!(read_response(&octets).unwrap().granted(), None);
}
