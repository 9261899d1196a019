//! TLS: whom we trust, who we are, and how a refusal is told from an absence.

use std::{
    io::Write,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

use countersign_remote::tsa::{HttpTsa, TsaAuth, TsaConfig};
use countersign_signing::ports::{RemoteError, TimestampAuthority};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};

use crate::{
    support::{read_request, skip},
    tsa::config,
};

#[test]
fn server_and_client_certificates() {
    let folder = tempfile::tempdir().unwrap();
    if !make_certificates(folder.path()) {
        skip("no openssl: TLS was not tried");
        return;
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let identity = |name: &str| [read(&format!("{name}.crt")), read(&format!("{name}.key"))].concat();
    let ask = |url: &str, root: Option<&str>, client: Option<&str>| {
        let auth = client.map_or(TsaAuth::None, |name| TsaAuth::Mtls {
            identity_pem: identity(name).into(),
        });
        let ca_pem = root.map(|name| read(&format!("{name}.crt")));
        HttpTsa::new(TsaConfig {
            auth,
            ca_pem,
            ..config(url)
        })
        .unwrap()
        .exchange(b"query")
    };
    let untrusted = |outcome: &Result<Vec<u8>, RemoteError>| matches!(outcome, Err(RemoteError::Untrusted { .. }));

    let open = serve(&read("server.crt"), &read("server.key"), None);
    assert_eq!(ask(&open, Some("ca"), None), Ok(vec![0x30, 0]));
    let outcome = ask(&open, Some("other"), None);
    assert!(untrusted(&outcome), "unknown issuer: {outcome:?}");
    let outcome = ask(&open, None, None);
    assert!(untrusted(&outcome), "not among the platform's roots: {outcome:?}");
    let outcome = ask(&open.replace("127.0.0.1", "localhost"), Some("ca"), None);
    assert!(untrusted(&outcome), "another name: {outcome:?}");

    let expired = serve(&read("expired.crt"), &read("expired.key"), None);
    let outcome = ask(&expired, Some("ca"), None);
    assert!(untrusted(&outcome), "expired: {outcome:?}");

    let mutual = serve(&read("server.crt"), &read("server.key"), Some(&read("ca.crt")));
    assert_eq!(ask(&mutual, Some("ca"), Some("client")), Ok(vec![0x30, 0]));
    let outcome = ask(&mutual, Some("ca"), None);
    assert!(untrusted(&outcome), "no client certificate: {outcome:?}");
    let outcome = ask(&mutual, Some("ca"), Some("other"));
    assert!(untrusted(&outcome), "a client certificate of nobody: {outcome:?}");
}

#[test]
fn a_server_without_tls_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let _ = std::io::Read::read(&mut stream, &mut [0; 1000]);
    });
    let outcome = HttpTsa::new(config(&url)).unwrap().exchange(b"query");
    assert!(matches!(outcome, Err(RemoteError::Malformed { .. })), "{outcome:?}");
}

/// A server that asks for a certificate of the given issuer, if one is given.
fn serve(certificate: &[u8], key: &[u8], clients: Option<&[u8]>) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = match clients {
        Some(issuer) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(issuer).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.unwrap().with_client_cert_verifier(verifier.unwrap())
        }
        None => builder.unwrap().with_no_client_auth(),
    };
    let chain = vec![CertificateDer::from_pem_slice(certificate).unwrap()];
    let config = builder
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(key).unwrap())
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let url = format!("https://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            if read_request(&mut stream).is_some() {
                let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n\x30\x00";
                stream.write_all(reply).unwrap();
            }
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    url
}

/// `false` when there is no openssl.
fn make_certificates(folder: &Path) -> bool {
    let script = r#"
        set -e
        key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out $1.key; }
        root() { key $1; openssl req -x509 -key $1.key -out $1.crt -subj "/CN=PRACTICE $1" -days 30; }
        issued() {
            key $1
            openssl req -new -key $1.key -out $1.csr -subj "/CN=PRACTICE $1"
            printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' > $1.ext
            openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile $1.ext -days $2 -out $1.crt
        }
        root ca; root other
        issued server 30; issued client 30; issued expired -1
    "#;
    if Command::new("openssl")
        .arg("version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        return false;
    }
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    true
}
