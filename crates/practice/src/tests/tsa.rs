//! Time-stamps, good and bad, judged by `openssl ts -verify`.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use super::{now, openssl};
use crate::{ExtendedKeyUsage, Issue, Pki, TsaFault, TsaOptions, TsaServer};

/// POSTs a request; status and body.
fn post(server: &TsaServer, headers: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let authority = server.url().trim_start_matches("http://").split('/').next().unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    write!(
        stream,
        "POST /practice-tsa HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/timestamp-query\r\n{headers}\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    (head[9..12].parse().unwrap(), answer[end + 4..].to_vec())
}

fn query(dir: &Path, arguments: &[&str]) -> Vec<u8> {
    std::fs::write(dir.join("data"), "contract").unwrap();
    let (done, said) = openssl(
        dir,
        &[
            &["ts", "-query", "-data", "data", "-out", "query"] as &[&str],
            arguments,
        ]
        .concat(),
    );
    assert!(done, "{said}");
    std::fs::read(dir.join("query")).unwrap()
}

fn judge(dir: &Path, answer: &[u8], arguments: &[&str]) -> (bool, String) {
    std::fs::write(dir.join("answer"), answer).unwrap();
    openssl(
        dir,
        &[
            &[
                "ts",
                "-verify",
                "-queryfile",
                "query",
                "-in",
                "answer",
                "-CAfile",
                "root.pem",
            ] as &[&str],
            arguments,
        ]
        .concat(),
    )
}

#[test]
fn openssl_accepts_what_is_good_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let pki = Pki::open_or_create(dir, now()).unwrap();
    let request = query(dir, &["-sha256", "-cert"]);
    // A truncated or HTML answer is no DER at all; each of the others is, and is wrong in one way.
    for (fault, expected) in [
        (TsaFault::None, Ok(())),
        (TsaFault::Reject, Err("status")),
        (TsaFault::WrongImprint, Err("message imprint mismatch")),
        (TsaFault::WrongNonce, Err("nonce mismatch")),
        (TsaFault::NoNonce, Err("nonce not returned")),
        (TsaFault::NoCertificate, Err("signer certificate not found")),
        (TsaFault::WrongCertificateHash, Err("ess cert id not found")),
        (TsaFault::BadSignature, Err("signature failure")),
        (TsaFault::Html, Err("asn1")),
        (TsaFault::Truncated, Err("asn1")),
    ] {
        let options = TsaOptions {
            fault,
            ..TsaOptions::new(now)
        };
        let server = TsaServer::start(&pki, options).unwrap();
        let (status, answer) = post(&server, "", &request);
        assert_eq!(status, 200);
        let (valid, said) = judge(dir, &answer, &[]);
        match expected {
            Ok(()) => assert!(valid, "{fault:?}: {said}"),
            Err(reason) => assert!(!valid && said.contains(reason), "{fault:?}: {said}"),
        }
    }
}

#[test]
fn requests_of_every_digest_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let pki = Pki::open_or_create(dir, now()).unwrap();
    let fixed = || "2026-11-24T08:00:00.120Z".parse().unwrap();
    let server = TsaServer::start(&pki, TsaOptions::new(fixed)).unwrap();
    for arguments in [
        &["-sha256", "-cert"] as &[&str],
        &["-sha384", "-cert"],
        &["-sha512", "-cert", "-no_nonce"],
        &["-sm3", "-cert"],
        &["-sha256", "-cert", "-tspolicy", crate::tsa::PRACTICE_POLICY],
        &["-sha256"],
    ] {
        let request = query(dir, arguments);
        let (_, answer) = post(&server, "", &request);
        let extra: &[&str] = if arguments.contains(&"-cert") {
            &[]
        } else {
            &["-untrusted", "tsa-chain.pem"]
        };
        let chain = [pki.tsa().certificate.as_slice(), pki.issuing_der()]
            .map(crate::pki::pem)
            .concat();
        std::fs::write(dir.join("tsa-chain.pem"), chain).unwrap();
        let (valid, said) = judge(dir, &answer, extra);
        assert!(valid, "{arguments:?}: {said}");
        let (_, shown) = openssl(dir, &["ts", "-reply", "-in", "answer", "-text"]);
        for text in [
            "Status: Granted",
            "Nov 24 08:00:00.12 2026 GMT",
            "Accuracy: 0x01 seconds, 0x01F4 millis",
        ] {
            assert!(shown.contains(text), "{arguments:?}: {shown}");
        }
    }
    for (arguments, reason) in [
        (
            &["-sha1", "-cert"] as &[&str],
            "unrecognized or unsupported algorithm identifier",
        ),
        (
            &["-sha256", "-cert", "-tspolicy", "1.2.3"],
            "the requested TSA policy is not supported by the TSA",
        ),
    ] {
        let request = query(dir, arguments);
        let (_, answer) = post(&server, "", &request);
        std::fs::write(dir.join("answer"), answer).unwrap();
        let (_, shown) = openssl(dir, &["ts", "-reply", "-in", "answer", "-text"]);
        assert!(
            shown.contains("Status: Rejected") && shown.contains(reason),
            "{arguments:?}: {shown}"
        );
    }
    let (_, answer) = post(&server, "", b"nonsense");
    std::fs::write(dir.join("answer"), answer).unwrap();
    let (_, shown) = openssl(dir, &["ts", "-reply", "-in", "answer", "-text"]);
    assert!(shown.contains("the data submitted has the wrong format"), "{shown}");
}

#[test]
fn the_door_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let pki = Pki::open_or_create(dir, now()).unwrap();
    let request = query(dir, &["-sha256", "-cert"]);
    let guarded = TsaServer::start(
        &pki,
        TsaOptions {
            basic_auth: Some(("user".into(), "secret".into())),
            ..TsaOptions::new(now)
        },
    )
    .unwrap();
    for (headers, expected) in [
        ("", 401),
        ("Authorization: Basic dXNlcjp3cm9uZw==\r\n", 401),
        ("Authorization: Basic dXNlcjpzZWNyZXQ=\r\n", 200),
    ] {
        assert_eq!(post(&guarded, headers, &request).0, expected, "{headers}");
    }
    let failing = TsaServer::start(
        &pki,
        TsaOptions {
            fault: TsaFault::Http(503),
            ..TsaOptions::new(now)
        },
    )
    .unwrap();
    assert_eq!(post(&failing, "", &request).0, 503);
    let authority = failing
        .url()
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    drop(failing);
    assert!(TcpStream::connect(authority).is_err(), "it must not listen any more");
}

#[test]
fn an_unfit_certificate_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let pki = Pki::open_or_create(dir, now()).unwrap();
    let identity = pki
        .issue_tsa(&Issue {
            extended_key_usage: ExtendedKeyUsage::Absent,
            ..Issue::tsa(now())
        })
        .unwrap();
    let options = TsaOptions {
        identity: Some(identity),
        ..TsaOptions::new(now)
    };
    let server = TsaServer::start(&pki, options).unwrap();
    let request = query(dir, &["-sha256", "-cert"]);
    let (_, answer) = post(&server, "", &request);
    let (valid, said) = judge(dir, &answer, &[]);
    assert!(
        !valid && said.contains("unsupported certificate purpose") || said.contains("unsuitable"),
        "{said}"
    );
}
