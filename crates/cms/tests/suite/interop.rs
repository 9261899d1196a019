//! What openssl says about our messages. Skipped loudly where there is no openssl.

use std::path::PathBuf;
use std::process::Command;

use countersign_cms::timestamp::{TST_INFO_TYPE, TimeStampReq, TstInfoInput, read_request, response_granted, tst_info};
use countersign_cms::{ContentInput, DigestAlgorithm, KeyKind, SignatureAlgorithm, signed_data_with_content};
use jiff::Timestamp;

use crate::material::{ALGORITHMS, CONTENT, certificate, folder, signed, token_output};

fn openssl() -> bool {
    let present = Command::new("openssl")
        .arg("version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !present {
        println!("SKIPPED: openssl not found");
    }
    present
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("countersign-cms-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, octets: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, octets).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn pem(name: &str, scratch: &Scratch) -> String {
    let out = scratch.0.join(format!("{name}.pem"));
    let input = folder().join(format!("{name}.cert.der"));
    let status = Command::new("openssl")
        .args(["x509", "-inform", "DER", "-in"])
        .arg(input)
        .arg("-out")
        .arg(&out)
        .status();
    assert!(status.unwrap().success());
    out.to_str().unwrap().to_owned()
}

#[test]
fn cms_verify_accepts_ours() {
    if !openssl() {
        return;
    }
    let scratch = Scratch::new("cms");
    let content = scratch.write("content", CONTENT);
    let mut judged = 0;
    for (name, algorithm) in ALGORITHMS {
        // openssl 3.0 has neither SM2 nor Ed25519 in signed data.
        let kind = certificate(name).public_key().unwrap().kind();
        if matches!(kind, KeyKind::Sm2 | KeyKind::Ed25519) {
            continue;
        }
        let message = scratch.write("message", &signed(name, algorithm, &[]));
        let output = Command::new("openssl")
            .args([
                "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-in", &message, "-content", &content,
            ])
            .args(["-CAfile", &pem(name, &scratch), "-cades", "-out", "/dev/null"])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{name} {algorithm:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let other = scratch.write("other", b"other");
        let output = Command::new("openssl")
            .args([
                "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-in", &message, "-content", &other,
            ])
            .args(["-CAfile", &pem(name, &scratch), "-out", "/dev/null"])
            .output()
            .unwrap();
        assert!(!output.status.success(), "{name}");
        judged += 1;
    }
    assert_eq!(judged, 13);
}

#[test]
fn ts_verify_accepts_ours() {
    if !openssl() {
        return;
    }
    let scratch = Scratch::new("ts");
    let imprint = DigestAlgorithm::Sha256.hash(CONTENT);
    let request = TimeStampReq {
        algorithm: DigestAlgorithm::Sha256,
        imprint: &imprint,
        policy: None,
        nonce: &[0xfe, 1, 2, 3, 4, 5, 6, 7],
    };
    let request = request.to_der().unwrap();
    let nonce = read_request(&request).unwrap().nonce.unwrap();
    let content = tst_info(&TstInfoInput {
        policy: "1.2.3.4",
        algorithm: DigestAlgorithm::Sha256,
        imprint: &imprint,
        serial: &[7],
        gen_time: Timestamp::new(1_795_000_000, 120_000_000).unwrap(),
        accuracy_ms: Some(250),
        nonce: Some(&nonce),
    })
    .unwrap();
    let certificate = certificate("tsa");
    let algorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
    let input = ContentInput {
        content_type: TST_INFO_TYPE,
        content: &content,
        certificate: &certificate,
        chain: &[],
        embed_certificates: true,
        algorithm,
    };
    let token = signed_data_with_content(&input, |octets| token_output("rsa2048", algorithm, octets)).unwrap();
    let (query, response) = (
        scratch.write("query", &request),
        scratch.write("response", &response_granted(&token)),
    );
    let output = Command::new("openssl")
        .args([
            "ts",
            "-verify",
            "-queryfile",
            &query,
            "-in",
            &response,
            "-CAfile",
            &pem("tsa", &scratch),
        ])
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("OK"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
