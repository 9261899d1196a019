//! A forger with a key and a certificate, trusted or not: signs whatever a ByteRange names, with a message that may be
//! wrong in any part.
//!
//! Not its business: what is signed and why it is wrong.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use countersign_cms::{
    Certificate, DigestAlgorithm, SignatureAlgorithm, SignedAttributesInput, SignedDataInput,
    build::ContentInput,
    build::signed_data_with_content,
    signed_attributes, signed_data,
    timestamp::{TstInfoInput, tst_info},
};
use countersign_practice::{Issue, Pki};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{
    der::Node,
    file::{byte_range, with_contents},
};

/// A key (P-256) with a certificate.
pub struct Insider {
    /// DER.
    pub certificate: Certificate,
    /// The authorities above, DER.
    pub chain: Vec<Vec<u8>>,
    key: PathBuf,
}

/// What a signature's algorithm is.
pub const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);

impl Insider {
    /// Makes a key in `folder` and has `pki` certify it as `issue` says; its public key is filled in.
    ///
    /// # Panics
    /// When openssl does not make one.
    #[must_use]
    pub fn new(folder: &Path, name: &str, pki: &Pki, issue: &Issue<'_>) -> Self {
        let (key, public) = (
            folder.join(name).with_extension("key"),
            folder.join(name).with_extension("spki"),
        );
        let openssl = |arguments: &[&str]| {
            let status = Command::new("openssl")
                .args(arguments)
                .stderr(Stdio::null())
                .status()
                .expect("openssl");
            assert!(status.success(), "openssl {arguments:?}: {status}");
        };
        let (key_text, public_text) = (key.to_string_lossy(), public.to_string_lossy());
        openssl(&[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            &key_text,
        ]);
        openssl(&[
            "pkey",
            "-in",
            &key_text,
            "-pubout",
            "-outform",
            "DER",
            "-out",
            &public_text,
        ]);
        let spki = fs::read(&public).expect("a public key");
        let der = pki
            .issue(&Issue {
                spki_der: &spki,
                ..issue.clone()
            })
            .expect("a certificate");
        Self {
            certificate: Certificate::from_der(&der).expect("a certificate"),
            chain: vec![pki.issuing_der().to_vec()],
            key,
        }
    }

    /// An ECDSA signature over the octets with this digest.
    ///
    /// # Panics
    /// When openssl does not make one.
    #[must_use]
    pub fn sign(&self, octets: &[u8], digest: &str) -> Vec<u8> {
        let mut child = Command::new("openssl")
            .args(["dgst", digest, "-sign", &self.key.to_string_lossy()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("openssl");
        child
            .stdin
            .take()
            .expect("piped")
            .write_all(octets)
            .expect("openssl reads");
        let output = child.wait_with_output().expect("openssl ends");
        assert!(output.status.success(), "openssl dgst {digest}: {}", output.status);
        output.stdout
    }

    /// Signed attributes as they should be.
    ///
    /// # Panics
    /// Never, for these inputs.
    #[must_use]
    pub fn attributes(&self, digest: &[u8]) -> Node {
        let input = SignedAttributesInput {
            digest: DigestAlgorithm::Sha256,
            message_digest: digest,
            certificate: &self.certificate,
            algorithm: ALGORITHM,
        };
        Node::read(&signed_attributes(&input).expect("attributes")).0
    }

    /// A message over these attributes, whatever they are.
    ///
    /// # Panics
    /// Never, for these inputs.
    #[must_use]
    pub fn message(&self, attributes: &Node) -> Node {
        let attributes = attributes.der();
        let message = signed_data(&SignedDataInput {
            certificate: &self.certificate,
            chain: &self.chain,
            signed_attributes: &attributes,
            algorithm: ALGORITHM,
            signature: &self.sign(&attributes, "-sha256"),
            timestamp_token: None,
        });
        Node::read(&message.expect("a message")).0
    }

    /// Signs what the file's last ByteRange names, or the whole file when that cannot be.
    #[must_use]
    pub fn signed(&self, bytes: &[u8]) -> Vec<u8> {
        with_contents(
            bytes,
            &self.message(&self.attributes(&Sha256::digest(covered(bytes)))).der(),
        )
    }

    /// The same with attributes of a forger's choice.
    #[must_use]
    pub fn signed_with(&self, bytes: &[u8], change: impl FnOnce(&mut Node)) -> Vec<u8> {
        let mut attributes = self.attributes(&Sha256::digest(covered(bytes)));
        change(&mut attributes);
        with_contents(bytes, &self.message(&attributes).der())
    }

    /// A timestamp token over these octets.
    ///
    /// # Panics
    /// Never, for these inputs.
    #[must_use]
    pub fn token(&self, over: &[u8], at: Timestamp) -> Vec<u8> {
        let info = tst_info(&TstInfoInput {
            policy: "1.3.6.1.4.1.99999.1",
            algorithm: DigestAlgorithm::Sha256,
            imprint: &Sha256::digest(over),
            serial: &[7],
            gen_time: at,
            accuracy_ms: Some(1000),
            nonce: None,
        });
        let input = ContentInput {
            content_type: "1.2.840.113549.1.9.16.1.4",
            content: &info.expect("TSTInfo"),
            certificate: &self.certificate,
            chain: &self.chain,
            embed_certificates: true,
            algorithm: ALGORITHM,
        };
        signed_data_with_content(&input, |octets| self.sign(octets, "-sha256")).expect("a token")
    }
}

/// The octets that the last ByteRange names.
#[must_use]
pub fn covered(bytes: &[u8]) -> Vec<u8> {
    let [start, length, second, second_length] = byte_range(bytes);
    [&bytes[start..start + length], &bytes[second..second + second_length]].concat()
}
