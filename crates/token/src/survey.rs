//! What `token list` and `doctor` show: every module, slot, token and credential, and why something is not usable.
//!
//! Not its business: reading it from a module (`tokens`), texts for people (the shells; reasons are codes).
//! DOMAIN A4: nothing is hidden without a reason.

use countersign_cms::SignatureAlgorithm;
use countersign_signing::ports::{KeyKind, TokenError, TokenFacts};
use serde::Serialize;

use crate::module::ModuleFacts;

/// One configured module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModuleSurvey {
    /// Its configured name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// What it says of itself, when it could be loaded.
    pub facts: Option<ModuleFacts>,
    /// Why it could not be used.
    pub error: Option<Trouble>,
    /// Its slots.
    pub slots: Vec<SlotSurvey>,
}

/// Why a module or a token could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// The stable code of the error.
    pub code: &'static str,
    /// The error, in words.
    pub detail: String,
}

impl From<&TokenError> for Trouble {
    fn from(error: &TokenError) -> Self {
        Self {
            code: error.code(),
            detail: error.to_string(),
        }
    }
}

/// One slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SlotSurvey {
    /// CK_SLOT_ID.
    pub id: u64,
    /// CK_SLOT_INFO.slotDescription.
    pub description: String,
    /// CK_SLOT_INFO.manufacturerID.
    pub manufacturer: String,
    /// Whether there is a token in it.
    pub token_present: bool,
    /// CKF_TOKEN_INITIALIZED.
    pub initialized: bool,
    /// The token.
    pub token: Option<TokenFacts>,
    /// Whether this process is logged in.
    pub logged_in: bool,
    /// Signature mechanisms of those that we know.
    pub mechanisms: Vec<String>,
    /// Credentials.
    pub credentials: Vec<CredentialSurvey>,
    /// What is there and cannot be signed with.
    pub unusable: Vec<Unusable>,
    /// Why the token could not be read.
    pub error: Option<Trouble>,
}

/// One credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CredentialSurvey {
    /// RFC 7512 URI that names exactly this one.
    pub uri: String,
    /// Subject of the certificate.
    pub subject: String,
    /// Issuer of the certificate.
    pub issuer: String,
    /// SHA-256 of the certificate, hex.
    pub certificate_sha256: String,
    /// Kind of the key.
    pub key: KeyKind,
    /// Algorithms, preferred first.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// The token hides the private key until a login: what is said of it comes from the certificate and the public key,
    /// and whether it can leave the token is not known yet.
    pub key_hidden: bool,
    /// No object of the token proves that the key belongs to the certificate; only CKA_ID does. The first signature
    /// proves it, or is refused.
    pub unproven: bool,
    /// The key is not confined to the token.
    pub extractable: bool,
    /// The PIN is asked for at every signature.
    pub always_authenticate: bool,
    /// The certificate, DER.
    #[serde(skip)]
    pub certificate: Vec<u8>,
}

/// Something that cannot be signed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unusable {
    /// What it is: kind of object, label, CKA_ID.
    pub what: String,
    /// Why.
    pub reason: Reason,
    /// A value that belongs to the reason; may be empty.
    pub detail: String,
    /// Names the object, where another command takes it (a chain account).
    pub uri: Option<String>,
}

impl Unusable {
    pub(crate) fn new(what: String, reason: Reason, detail: String) -> Self {
        Self {
            what,
            reason,
            detail,
            uri: None,
        }
    }
}

/// Why something cannot be signed with. Stable codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// A secp256k1 key: for chain accounts, never for contracts.
    AccountKey,
    /// The certificate of a CA, without a key here.
    CaCertificate,
    /// The certificate object has no value.
    CertificateEmpty,
    /// The certificate, or its public key, cannot be read.
    CertificateUnreadable,
    /// The key with the certificate's CKA_ID is another key.
    KeyMismatch,
    /// CKA_SIGN is false.
    KeyNotForSigning,
    /// A key without a certificate.
    NoCertificate,
    /// A certificate without a key.
    NoKey,
    /// The token offers no mechanism for the key.
    NoMechanism,
    /// keyUsage has neither digitalSignature nor nonRepudiation: an encryption certificate.
    NotForSigning,
    /// Not an X.509 certificate.
    NotX509,
    /// More objects than are read.
    TooManyObjects,
}
