//! Everything that an authority can do wrong, over HTTP, and the signature that is as good as before (DOMAIN D2, D3).

use std::{
    io::Read as _,
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_practice::{Issue, Pki, TsaFault, TsaOptions, TsaServer, tsa::PRACTICE_POLICY};
use countersign_remote::tsa::{HttpTsa, TsaAuth, TsaConfig};
use countersign_signing::request_stamp;
use countersign_tests::fakes::Counting;
use countersign_trust::TrustAnchors;
use jiff::{SignedDuration, Timestamp};

struct Case {
    name: &'static str,
    says: &'static str,
    options: fn(&Pki, &mut TsaOptions),
    /// Trust another root than the authority's.
    stranger: bool,
}

fn case(name: &'static str, says: &'static str, options: fn(&Pki, &mut TsaOptions)) -> Case {
    Case {
        name,
        says,
        options,
        stranger: false,
    }
}

macro_rules! fault {
    ($fault:expr) => {
        |_, options| options.fault = $fault
    };
}

#[test]
fn every_fault_of_an_authority_is_told_by_its_code() {
    let cases = [
        case("none", "", |_, _| {}),
        case("rejects", "tsa-refused", fault!(TsaFault::Reject)),
        case("wrong imprint", "tsa-invalid", fault!(TsaFault::WrongImprint)),
        case("wrong nonce", "tsa-invalid", fault!(TsaFault::WrongNonce)),
        case("no nonce", "tsa-invalid", fault!(TsaFault::NoNonce)),
        case("other policy", "tsa-invalid", fault!(TsaFault::OtherPolicy)),
        case("no certificate", "tsa-invalid", fault!(TsaFault::NoCertificate)),
        case(
            "wrong certificate hash",
            "tsa-invalid",
            fault!(TsaFault::WrongCertificateHash),
        ),
        case("bad signature", "tsa-invalid", fault!(TsaFault::BadSignature)),
        case("status 403", "tsa-refused", fault!(TsaFault::Http(403))),
        case("status 503", "tsa-refused", fault!(TsaFault::Http(503))),
        case("status 302", "tsa-refused", fault!(TsaFault::Http(302))),
        case("a page", "tsa-invalid", fault!(TsaFault::Html)),
        case("half an answer", "tsa-invalid", fault!(TsaFault::Truncated)),
        case("asks for a password", "tsa-refused", |_, options| {
            options.basic_auth = Some(("user".to_owned(), "password".to_owned()));
        }),
        case("clock two days ahead", "tsa-invalid", |_, options| {
            options.clock = Arc::new(|| Timestamp::now() + SignedDuration::from_hours(48));
        }),
        case("clock two days behind", "tsa-invalid", |_, options| {
            options.clock = Arc::new(|| Timestamp::now() - SignedDuration::from_hours(48));
        }),
        case("clock an hour ahead", "", |_, options| {
            options.clock = Arc::new(|| Timestamp::now() + SignedDuration::from_hours(1));
        }),
        case("expired authority", "tsa-invalid", |pki, options| {
            let mut issue = Issue::tsa(Timestamp::now());
            issue.not_before = Timestamp::now() - SignedDuration::from_hours(48);
            issue.not_after = Timestamp::now() - SignedDuration::from_hours(24);
            options.identity = Some(pki.issue_tsa(&issue).unwrap());
        }),
        case("no purpose", "tsa-", |pki, options| {
            let mut issue = Issue::tsa(Timestamp::now());
            issue.extended_key_usage = countersign_practice::ExtendedKeyUsage::Absent;
            options.identity = Some(pki.issue_tsa(&issue).unwrap());
        }),
        Case {
            stranger: true,
            ..case("unknown root", "tsa-untrusted", |_, _| {})
        },
    ];
    let folder = tempfile::tempdir().unwrap();
    let pki = Pki::open_or_create(&folder.path().join("pki"), Timestamp::now()).unwrap();
    let stranger = Pki::open_or_create(&folder.path().join("stranger"), Timestamp::now()).unwrap();
    for case in cases {
        check(&case, &pki, &stranger);
    }
}

fn check(case: &Case, pki: &Pki, stranger: &Pki) {
    let mut options = TsaOptions::new(Timestamp::now);
    (case.options)(pki, &mut options);
    let server = TsaServer::start(pki, options).unwrap();
    let root = if case.stranger { stranger } else { pki };
    let anchors = TrustAnchors::new(vec![root.root_der().to_vec()]).unwrap();
    let said = ask(server.url(), &anchors, Duration::from_secs(10));
    let matches = if case.says.ends_with('-') {
        said.starts_with(case.says)
    } else {
        said == case.says
    };
    assert!(matches, "{}: said {said:?}, expected {:?}", case.name, case.says);
}

#[test]
fn silence_ends_at_the_deadline() {
    let none = TrustAnchors::default();
    // Nobody listens there any more.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(
        ask(&format!("http://{closed}/"), &none, Duration::from_secs(10)),
        "tsa-unreachable"
    );
    assert_eq!(
        ask("http://no-such-authority.invalid/", &none, Duration::from_secs(10)),
        "tsa-unreachable"
    );

    // Listens, reads, never answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let hangs = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut read = Vec::new();
        let _ended = stream.read_to_end(&mut read);
    });
    let begun = Instant::now();
    assert_eq!(
        ask(&format!("http://{address}/"), &none, Duration::from_millis(300)),
        "tsa-unreachable"
    );
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    hangs.join().unwrap();
}

/// The code of the failure, or nothing.
fn ask(url: &str, anchors: &TrustAnchors, timeout: Duration) -> String {
    let policy_oid = Some(PRACTICE_POLICY.to_owned());
    let config = TsaConfig {
        url: url.to_owned(),
        auth: TsaAuth::None,
        ca_pem: None,
        policy_oid,
        digest: countersign_signing::DigestAlgorithm::Sha256,
        timeout,
    };
    let mut authority = HttpTsa::new(config).unwrap();
    let mut entropy = Counting::default();
    match request_stamp(
        b"signature value",
        &mut authority,
        anchors,
        &mut entropy,
        Timestamp::now(),
    ) {
        Ok(token) => {
            assert!(!token.is_empty());
            String::new()
        }
        Err(failure) => failure.code().to_owned(),
    }
}
