//! A token in a file: a P-256 key made and used by openssl, with a certificate of the practice authority, so that what the
//! session verifies is a real signature. In front of it stands the table of what shall go wrong.

use std::{
    collections::VecDeque,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use countersign_cms::{DigestAlgorithm, SignatureAlgorithm};
use countersign_practice::{Issue, Pki};
use countersign_signing::ports::{
    Credential, KeyFacts, KeyKind, PinAsk, PinFlags, PinPurpose, Prompt, ToSign, Token, TokenError, TokenFacts,
};
use jiff::Timestamp;

use super::Log;

/// A key in a file.
#[derive(Debug, Clone)]
pub struct SoftSigner {
    key: PathBuf,
    spki: Vec<u8>,
}

impl SoftSigner {
    /// A new key in this folder.
    ///
    /// # Panics
    /// When openssl does not make one.
    #[must_use]
    pub fn create(folder: &Path) -> Self {
        let key = folder.join("signer.key");
        let name = key.to_string_lossy();
        openssl(
            &[
                "genpkey",
                "-algorithm",
                "EC",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-out",
                &name,
            ],
            &[],
        );
        let spki = openssl(&["pkey", "-in", &name, "-pubout", "-outform", "DER"], &[]);
        Self { key, spki }
    }

    /// SubjectPublicKeyInfo, DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// ECDSA with SHA-256, DER.
    ///
    /// # Panics
    /// When openssl does not sign.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        openssl(&["dgst", "-sha256", "-sign", &self.key.to_string_lossy()], message)
    }

    /// A credential with a certificate like this.
    ///
    /// # Panics
    /// When it cannot be issued.
    #[must_use]
    pub fn credential(&self, pki: &Pki, change: impl FnOnce(&mut Issue<'_>)) -> Credential {
        let mut issue = Issue::signatory("演练 Signer", "演练 Practice Bank", &self.spki, Timestamp::now());
        change(&mut issue);
        Credential {
            uri: "pkcs11:token=PRACTICE;object=signer;type=private".to_owned(),
            certificate: pki.issue(&issue).expect("a certificate"),
            chain: vec![pki.issuing_der().to_vec()],
            certificate_from_file: false,
            key: KeyFacts {
                kind: KeyKind::P256,
                id: "01".to_owned(),
                label: "signer".to_owned(),
                extractable: false,
                always_authenticate: false,
            },
            token: TokenFacts {
                label: "PRACTICE".to_owned(),
                serial: "1".to_owned(),
                manufacturer: String::new(),
                model: String::new(),
                module_path: String::new(),
                module_sha256: String::new(),
                pin: PinFlags::default(),
            },
            algorithms: vec![SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256)],
        }
    }
}

/// What the token shall do.
#[derive(Debug, Clone)]
pub enum Desired {
    /// Say this, after a PIN was given.
    Fail(TokenError),
    /// Give a sound signature over another message.
    SignOther,
    /// Give octets that are no signature.
    Garbage,
}

/// The token: what was listed, then good signatures.
#[derive(Debug)]
pub struct TokenInHand {
    log: Log,
    signer: SoftSigner,
    plan: VecDeque<Desired>,
}

impl TokenInHand {
    /// With this key.
    #[must_use]
    pub const fn new(log: Log, signer: SoftSigner) -> Self {
        Self {
            log,
            signer,
            plan: VecDeque::new(),
        }
    }

    /// What the next signature shall be instead of good.
    pub fn next(&mut self, desired: Desired) {
        self.plan.push_back(desired);
    }
}

impl Token for TokenInHand {
    fn credentials(&mut self) -> Result<Vec<Credential>, TokenError> {
        panic!("the session has a credential already");
    }

    fn find(&mut self, _uri: &str, _prompt: &mut dyn Prompt) -> Result<Credential, TokenError> {
        panic!("the session has a credential already");
    }

    fn sign(
        &mut self,
        _credential: &Credential,
        what: &ToSign,
        prompt: &mut dyn Prompt,
    ) -> Result<Vec<u8>, TokenError> {
        self.log.note("token");
        let ask = PinAsk {
            token: "PRACTICE".to_owned(),
            credential: what.credential.clone(),
            document: what.document.clone(),
            purpose: PinPurpose::Login,
            flags: PinFlags::default(),
        };
        let _pin = prompt.pin(&ask).map_err(TokenError::PinRefused)?;
        match self.plan.pop_front() {
            None => Ok(self.signer.sign(&what.message)),
            Some(Desired::Fail(error)) => Err(error),
            Some(Desired::SignOther) => Ok(self.signer.sign(b"another message")),
            Some(Desired::Garbage) => Ok(vec![0x30, 0x02, 0x05]),
        }
    }

    fn sign_hash_secp256k1(
        &mut self,
        _uri: &str,
        _hash: &[u8; 32],
        _prompt: &mut dyn Prompt,
    ) -> Result<([u8; 64], [u8; 65]), TokenError> {
        panic!("no chain account is on this token");
    }
}

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(input)
        .expect("openssl reads");
    let output = child.wait_with_output().expect("openssl ends");
    assert!(output.status.success(), "openssl {arguments:?}: {}", output.status);
    output.stdout
}
