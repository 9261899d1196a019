//! The TSA transport against servers that do what servers do.

use std::time::{Duration, Instant};

use countersign_remote::{
    ConfigError,
    tsa::{HttpTsa, TsaAuth, TsaConfig},
};
use countersign_signing::ports::{RemoteError, TimestampAuthority};

use crate::support::{Reply, Server, answer};

const REPLY: &str = "application/timestamp-reply";
const RESPONSE: [u8; 7] = [0x30, 5, 0x30, 3, 2, 1, 2];

pub(crate) fn config(url: &str) -> TsaConfig {
    TsaConfig {
        url: url.into(),
        auth: TsaAuth::None,
        ca_pem: None,
        policy_oid: Some("1.2.3.4.1".into()),
        digest: countersign_signing::DigestAlgorithm::Sha256,
        timeout: Duration::from_secs(10),
    }
}

fn exchange(config: TsaConfig) -> Result<Vec<u8>, RemoteError> {
    HttpTsa::new(config).unwrap().exchange(b"query")
}

fn malformed(detail: &str) -> Result<Vec<u8>, RemoteError> {
    Err(RemoteError::Malformed { detail: detail.into() })
}

#[test]
fn the_request_goes_out_as_the_protocol_says() {
    let server = Server::start(|_| answer("200 OK", REPLY, &RESPONSE));
    let mut tsa = HttpTsa::new(config(&server.url)).unwrap();
    assert_eq!((tsa.url(), tsa.policy_oid()), (server.url.as_str(), Some("1.2.3.4.1")));
    assert_eq!(tsa.exchange(b"query").as_deref(), Ok(&RESPONSE[..]));
    assert_eq!(tsa.exchange(b"again").as_deref(), Ok(&RESPONSE[..]));
    let received = server.received();
    let head = received[0].head.to_ascii_lowercase();
    assert!(head.starts_with("post / http/1.1\r\n"));
    assert!(head.contains("\r\ncontent-type: application/timestamp-query\r\n"));
    assert!(head.contains("\r\naccept: application/timestamp-reply\r\n"));
    assert!(!head.contains("authorization"));
    assert_eq!(
        (&received[0].body[..], &received[1].body[..]),
        (&b"query"[..], &b"again"[..])
    );
}

#[test]
fn answers_that_are_none_are_told_apart() {
    let raw = |octets: &[u8]| octets.to_vec();
    let cases: [(&str, _, _); 10] = [
        (
            "page",
            raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n\r\n<html>"),
            malformed("content type text/html"),
        ),
        (
            "junk",
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\njunk"),
            Ok(raw(b"junk")),
        ),
        (
            "empty",
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            malformed("empty answer"),
        ),
        (
            "none",
            raw(b"HTTP/1.1 204 No Content\r\n\r\n"),
            malformed("empty answer"),
        ),
        (
            "failure",
            raw(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
            Err(RemoteError::Refused { status: 500 }),
        ),
        (
            "password wanted",
            raw(b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"),
            Err(RemoteError::Refused { status: 401 }),
        ),
        (
            "broken off",
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"),
            malformed("the answer broke off after 10 octets"),
        ),
        (
            "announced too large",
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"),
            Err(RemoteError::TooLarge { limit: 256 * 1024 }),
        ),
        (
            "too large without announcement",
            [&b"HTTP/1.1 200 OK\r\n\r\n"[..], &vec![b'x'; 300 * 1024]].concat(),
            Err(RemoteError::TooLarge { limit: 256 * 1024 }),
        ),
        (
            "exactly the limit",
            [&b"HTTP/1.1 200 OK\r\n\r\n"[..], &vec![b'x'; 256 * 1024]].concat(),
            Ok(vec![b'x'; 256 * 1024]),
        ),
    ];
    for (case, reply, expected) in cases {
        let server = Server::start(move |_| Reply::Raw(reply.clone()));
        let outcome = exchange(config(&server.url));
        assert!(outcome == expected, "{case}: {:?}", outcome.map(|octets| octets.len()));
    }
}

#[test]
fn what_is_no_http_is_unreachable() {
    for reply in [&b""[..], b"220 mail.example ESMTP\r\n", b"\0\0\0"] {
        let server = Server::start(|_| Reply::Raw(reply.to_vec()));
        let outcome = exchange(config(&server.url));
        assert!(matches!(outcome, Err(RemoteError::Unreachable { .. })), "{outcome:?}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(|_| answer("200 OK", REPLY, &RESPONSE));
    for status in [
        "301 Moved",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let head = format!(
            "HTTP/1.1 {status}\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
            elsewhere.url
        );
        let server = Server::start(move |_| Reply::Raw(head.clone().into_bytes()));
        let expected = status.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(
            exchange(config(&server.url)),
            Err(RemoteError::Refused { status: expected })
        );
    }
    assert!(elsewhere.received().is_empty());
}

#[test]
fn a_closed_port_and_a_name_without_address_are_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    for url in [closed.as_str(), "http://tsa.invalid/"] {
        let outcome = exchange(config(url));
        let Err(RemoteError::Unreachable { detail }) = outcome else {
            panic!("{outcome:?}")
        };
        assert!(!detail.is_empty());
    }
}

#[test]
fn the_timeout_covers_connecting_waiting_and_reading() {
    let silent = Server::start(|_| Reply::Silence);
    let slow_head = Server::start(|_| Reply::Drip(b"HTTP/1.1 200 OK\r\nX-Slow: ".to_vec()));
    let slow_body = Server::start(|_| Reply::Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".to_vec()));
    // Connected by the kernel, never accepted.
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf_url = format!("http://{}/", deaf.local_addr().unwrap());
    for url in [&silent.url, &slow_head.url, &slow_body.url, &deaf_url] {
        let start = Instant::now();
        let timeout = Duration::from_millis(1200);
        let outcome = exchange(TsaConfig { timeout, ..config(url) });
        assert_eq!(outcome, Err(RemoteError::TimedOut { seconds: 2 }), "{url}");
        assert!(
            start.elapsed() >= timeout && start.elapsed() < Duration::from_secs(8),
            "{:?}",
            start.elapsed()
        );
    }
}

#[test]
fn basic_authentication_is_sent_at_once() {
    let server = Server::start(|request| {
        let sent = request
            .head
            .lines()
            .any(|line| line.eq_ignore_ascii_case("authorization: Basic dXNlcjrlr4bnoIE="));
        if sent {
            answer("200 OK", REPLY, &RESPONSE)
        } else {
            answer("401 Unauthorized", "text/html", b"no")
        }
    });
    let basic = |password: &str| TsaConfig {
        auth: TsaAuth::Basic {
            user: "user".into(),
            password: password.to_owned().into(),
        },
        ..config(&server.url)
    };
    assert_eq!(exchange(basic("密码")).as_deref(), Ok(&RESPONSE[..]));
    assert_eq!(exchange(basic("wrong")), Err(RemoteError::Refused { status: 401 }));
}

#[test]
fn certificates_need_tls_and_must_be_readable() {
    let with = |url: &str, ca_pem: Option<&[u8]>| {
        let ca_pem = ca_pem.map(<[u8]>::to_vec);
        HttpTsa::new(TsaConfig { ca_pem, ..config(url) }).err()
    };
    let broken = ConfigError::Pem { what: "certificates" };
    assert_eq!(with("https://tsa.example/", Some(b"no PEM")), Some(broken));
    let plain = with("http://tsa.example/", Some(b"no PEM"));
    assert!(matches!(plain, Some(ConfigError::CertificateWithoutTls { .. })));
    let identity = TsaConfig {
        auth: TsaAuth::Mtls {
            identity_pem: b"no PEM".to_vec().into(),
        },
        ..config("https://tsa.example/")
    };
    assert_eq!(
        HttpTsa::new(identity).err(),
        Some(ConfigError::Pem { what: "identity" })
    );
}
