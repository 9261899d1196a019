//! A token that holds credentials (key and certificate) and signs with them.
//!
//! Not its business: which signature is made, or what for. The port leaves room for a module in a child process:
//! everything that crosses it is plain data.

use countersign_cms::SignatureAlgorithm;
use serde::{Deserialize, Serialize};

use super::prompt::{PinFlags, PinRefusal, Prompt};

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// RSA with the length of its modulus in bits.
    Rsa(u32),
    /// Elliptic curve, NIST P-256.
    P256,
    /// Elliptic curve, NIST P-384.
    P384,
    /// Elliptic curve, NIST P-521.
    P521,
    /// Ed25519.
    Ed25519,
    /// Elliptic curve secp256k1, for chain accounts only.
    Secp256k1,
    /// SM2.
    Sm2,
    /// Something that we do not sign with.
    Other,
}

/// What the token says of a private key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// Kind and size.
    pub kind: KeyKind,
    /// CKA_ID, hex.
    pub id: String,
    /// CKA_LABEL.
    pub label: String,
    /// CKA_EXTRACTABLE, or CKA_SENSITIVE being false: the key is not confined to the token.
    pub extractable: bool,
    /// CKA_ALWAYS_AUTHENTICATE.
    pub always_authenticate: bool,
}

/// What the token says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFacts {
    /// CK_TOKEN_INFO.label, cut at the first NUL, trimmed.
    pub label: String,
    /// CK_TOKEN_INFO.serialNumber; the way to find it again.
    pub serial: String,
    /// CK_TOKEN_INFO.manufacturerID.
    pub manufacturer: String,
    /// CK_TOKEN_INFO.model.
    pub model: String,
    /// Absolute path of the module.
    pub module_path: String,
    /// SHA-256 of the module file, hex.
    pub module_sha256: String,
    /// State of the PIN.
    pub pin: PinFlags,
}

/// A key and the certificate that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// RFC 7512 URI that names exactly this one.
    pub uri: String,
    /// The certificate, DER, the token's own octets.
    #[serde(
        serialize_with = "crate::hex_list::one",
        deserialize_with = "hex::serde::deserialize"
    )]
    pub certificate: Vec<u8>,
    /// Other certificates found on the token, DER.
    #[serde(with = "crate::hex_list")]
    pub chain: Vec<Vec<u8>>,
    /// The key.
    pub key: KeyFacts,
    /// The token.
    pub token: TokenFacts,
    /// The certificate came from a file: the token has none for this key.
    #[serde(default)]
    pub certificate_from_file: bool,
    /// What the token can sign with this key, preferred first.
    pub algorithms: Vec<SignatureAlgorithm>,
}

/// What is to be signed.
#[derive(Debug, Clone)]
pub struct ToSign {
    /// One of `Credential::algorithms`.
    pub algorithm: SignatureAlgorithm,
    /// The message: DER of SignedAttributes with the SET tag. The token, or the adapter, hashes it.
    pub message: Vec<u8>,
    /// File name and digest tail, for the question.
    pub document: String,
    /// Subject of the certificate, for the question.
    pub credential: String,
}

/// Why the token did not sign. In the words of what a person can do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum TokenError {
    /// No such token is present.
    #[error("no token for {uri}")]
    Absent { uri: String },
    /// More than one credential fits.
    #[error("{count} credentials fit {uri}")]
    Ambiguous { uri: String, count: usize },
    /// The token has another certificate than the one that was prepared with.
    #[error("the certificate on the token changed: prepared {prepared}, found {found} (SHA-256)")]
    CertificateChanged { prepared: String, found: String },
    /// The token is there, the credential is not.
    #[error("no credential for {uri}")]
    CredentialMissing { uri: String },
    /// Key and certificate do not belong together.
    #[error("key and certificate do not match: {uri}")]
    KeyMismatch { uri: String },
    /// The token offers no mechanism for the algorithm.
    #[error("the token offers no mechanism for {wanted:?}; it offers {offered:?}")]
    MechanismMissing { wanted: String, offered: Vec<String> },
    /// The key is there, and has no certificate on the token.
    #[error("the key {uri} has no certificate on the token")]
    NoCertificate { uri: String },
    /// The module died.
    #[error("module crashed in {function}")]
    ModuleCrashed { function: String },
    /// The module did not answer in time.
    #[error("module gave no answer in {function} for {seconds} s")]
    ModuleHung { function: String, seconds: u64 },
    /// The module could not be loaded.
    #[error("module {path} cannot be loaded: {reason}")]
    ModuleLoad { path: String, reason: String },
    /// The module refused a call.
    #[error("{function} answered {rv}")]
    ModuleRefused { function: String, rv: String },
    /// The certificate's keyUsage has neither digitalSignature nor nonRepudiation.
    #[error("the certificate of {uri} is not for signing")]
    NotForSigning { uri: String },
    /// The PIN must be changed before it can be used (CKR_PIN_EXPIRED).
    #[error("PIN expired")]
    PinExpired,
    /// The PIN was wrong; the flags are those after it.
    #[error("PIN incorrect")]
    PinIncorrect { flags: PinFlags },
    /// The PIN is locked.
    #[error("PIN locked")]
    PinLocked,
    /// No PIN was sent.
    #[error("no PIN sent: {0}")]
    PinRefused(PinRefusal),
    /// The token was pulled out.
    #[error("token removed")]
    Removed,
    /// What the module gave does not verify with the certificate's public key; it was thrown away.
    #[error("the token's signature does not verify as {algorithm}")]
    SignatureNotVerified { algorithm: String },
    /// The URI is not one that we accept.
    #[error("not a usable PKCS#11 URI: {reason}")]
    Uri { reason: String },
}

impl TokenError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Absent { .. } => "token-absent",
            Self::Ambiguous { .. } => "credential-ambiguous",
            Self::CertificateChanged { .. } => "certificate-changed",
            Self::CredentialMissing { .. } => "credential-missing",
            Self::KeyMismatch { .. } => "key-mismatch",
            Self::MechanismMissing { .. } => "mechanism-missing",
            Self::ModuleCrashed { .. } => "module-crashed",
            Self::ModuleHung { .. } => "module-hung",
            Self::ModuleLoad { .. } => "module-load",
            Self::ModuleRefused { .. } => "module-refused",
            Self::NoCertificate { .. } => "key-without-certificate",
            Self::NotForSigning { .. } => "certificate-key-usage",
            Self::PinExpired => "pin-expired",
            Self::PinIncorrect { .. } => "pin-incorrect",
            Self::PinLocked => "pin-locked",
            Self::PinRefused(PinRefusal::Cancelled) => "cancelled",
            Self::PinRefused(PinRefusal::CountLow) => "pin-count-low",
            Self::PinRefused(PinRefusal::FinalTry) => "pin-final-try",
            Self::PinRefused(PinRefusal::Unavailable) => "pin-needed",
            Self::Removed => "token-removed",
            Self::SignatureNotVerified { .. } => "signature-not-verified",
            Self::Uri { .. } => "uri-unusable",
        }
    }
}

/// A way to tokens. One at a time is used, from one thread.
pub trait Token {
    /// All credentials that can be seen without a PIN (and with it, once logged in), with the tokens that have none.
    ///
    /// # Errors
    /// When a module cannot be used at all.
    fn credentials(&mut self) -> Result<Vec<Credential>, TokenError>;

    /// The one credential that the URI names. Asks for a PIN only where the token hides the key without one.
    ///
    /// # Errors
    /// Absent, ambiguous, missing, mismatched.
    fn find(&mut self, uri: &str, prompt: &mut dyn Prompt) -> Result<Credential, TokenError>;

    /// One signature. The certificate is read again and compared before a PIN is asked. ECDSA comes back as DER.
    /// The caller verifies the value; the adapter may use that to tell raw from DER.
    ///
    /// # Errors
    /// The prepared state survives all of them.
    fn sign(&mut self, credential: &Credential, what: &ToSign, prompt: &mut dyn Prompt) -> Result<Vec<u8>, TokenError>;

    /// A raw ECDSA signature (r ‖ s, 64 octets) over a 32-octet hash by a secp256k1 key, for chain accounts, with the
    /// uncompressed public key (65 octets).
    ///
    /// # Errors
    /// As for `sign`.
    fn sign_hash_secp256k1(
        &mut self,
        uri: &str,
        hash: &[u8; 32],
        prompt: &mut dyn Prompt,
    ) -> Result<([u8; 64], [u8; 65]), TokenError>;
}
