//! prepare: the appended section with its hole, the digest over everything else, and the SignedAttributes to be signed.
//!
//! Everything that can be refused is refused here, before a PIN is asked. Not its business: the token.
//! ISO 32000-2 12.8.1, EN 319 142-1 §6.3, RFC 5652 §5.4.

use countersign_cms::{
    Certificate, CertificateError, CmsError, DigestAlgorithm, SignatureAlgorithm, SignedAttributesInput,
    signed_attributes, signed_data_capacity,
};
use countersign_evidence::PayloadMode;
use countersign_pdf::{Appearance, Appendix, DocMdp, Document, FieldLock, Refusal, SignatureRequest, SubFilter};
use countersign_trust::{CertificateRefusal, Policy, certificate_refusals};
use serde::{Deserialize, Serialize};

use crate::{
    ledger::{Failed, Ledger, SessionState},
    ports::{Credential, KeyKind, StoreError},
    record::Party,
    review::Approved,
    source::{Prefix, SourceFacts},
};

/// Octets kept free for a timestamp token when nothing is known of the authority: tokens with a chain are 3 to 9 KiB.
pub const TIMESTAMP_ESTIMATE: usize = 12 * 1024;

/// PAdES baseline level (EN 319 142-1 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the standard's own names")]
pub enum Level {
    #[serde(rename = "B-B")]
    BB,
    #[serde(rename = "B-T")]
    BT,
    #[serde(rename = "B-LT")]
    BLt,
    #[serde(rename = "B-LTA")]
    BLta,
}

impl Level {
    /// The standard's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BB => "B-B",
            Self::BT => "B-T",
            Self::BLt => "B-LT",
            Self::BLta => "B-LTA",
        }
    }
}

/// Which RSA signature scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RsaScheme {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS.
    Pss,
}

/// What the signatory chose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Choices {
    /// Level asked for.
    pub level: Level,
    /// Digest; by the key when absent.
    pub digest: Option<DigestAlgorithm>,
    /// RSA scheme; what the token prefers when absent.
    pub scheme: Option<RsaScheme>,
    /// Field by name: an existing empty one or a new one.
    pub field: Option<String>,
    /// Certification.
    pub certify: Option<DocMdp>,
    /// Fields locked by this signature.
    pub lock: Option<FieldLock>,
    /// Appearance, for a visible field.
    pub visible: Option<Appearance>,
    /// Reason, shown in readers.
    pub reason: Option<String>,
    /// Place, shown in readers.
    pub location: Option<String>,
    /// Octets to keep free for a timestamp token.
    pub timestamp_estimate: usize,
    /// More certificates for the CMS, DER.
    pub extra_chain: Vec<Vec<u8>>,
    /// What is to happen with the record.
    pub intent: Intent,
}

/// What was approved beyond the signature: kept with the session so that a later run goes on with just this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Endpoint that the record is submitted to, by name; empty for none.
    pub endpoint: String,
    /// How much it receives.
    pub payload: PayloadMode,
    /// Who is who.
    pub party: Party,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            level: Level::BT,
            digest: None,
            scheme: None,
            field: None,
            certify: None,
            lock: None,
            visible: None,
            reason: None,
            location: None,
            timestamp_estimate: TIMESTAMP_ESTIMATE,
            extra_chain: Vec::new(),
            intent: Intent::default(),
        }
    }
}

/// Ready for the token. Plain data: no handle, no PIN.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prepared {
    /// What was approved.
    pub source: SourceFacts,
    /// The appended section with the hole.
    pub appendix: Appendix,
    /// How it will be signed.
    pub algorithm: SignatureAlgorithm,
    /// The certificate, DER.
    #[serde(
        serialize_with = "crate::hex_list::one",
        deserialize_with = "hex::serde::deserialize"
    )]
    pub certificate: Vec<u8>,
    /// Certificates that go with it, DER.
    #[serde(with = "crate::hex_list")]
    pub chain: Vec<Vec<u8>>,
    /// Digest over both ranges.
    #[serde(with = "hex::serde")]
    pub message_digest: Vec<u8>,
    /// DER of SignedAttributes with the SET tag: the octets that are signed.
    #[serde(
        serialize_with = "crate::hex_list::one",
        deserialize_with = "hex::serde::deserialize"
    )]
    pub signed_attributes: Vec<u8>,
    /// The credential.
    pub credential: Credential,
    /// Level asked for.
    pub level: Level,
    /// The clock of this machine when it was prepared; what /M says.
    pub claimed_time: jiff::Timestamp,
    /// What was approved beyond the signature.
    pub intent: Intent,
}

/// Why nothing was prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
pub enum PrepareError {
    /// The certificate must not sign.
    #[error("certificate refused: {0:?}")]
    Certificate(Vec<CertificateRefusal>),
    /// The certificate cannot be read.
    #[error(transparent)]
    CertificateUnreadable(#[from] CertificateError),
    /// The messages could not be built.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// This level is not made yet.
    #[error("level {level} is not made by this version")]
    LevelUnsupported { level: &'static str },
    /// The token cannot do what was asked for.
    #[error("wanted {wanted}, the token offers {offered:?}")]
    MechanismMissing {
        wanted: String,
        offered: Vec<SignatureAlgorithm>,
    },
    /// The file does not allow it.
    #[error("the file does not allow it: {0:?}")]
    Refused(Vec<Refusal>),
    /// The session could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Builds everything that the token must sign.
///
/// # Errors
/// Gives the approval back: another credential or other choices may do.
pub fn prepare(
    approved: Approved,
    credential: &Credential,
    choices: &Choices,
    policy: &Policy,
    ledger: &mut Ledger<'_>,
) -> Result<(Prepared, Prefix), Failed<Box<Approved>, PrepareError>> {
    match build(&approved, credential, choices, policy, ledger) {
        Ok(prepared) => Ok((prepared, approved.contract().prefix().clone())),
        Err(error) => Err(Failed {
            state: Box::new(approved),
            error,
        }),
    }
}

fn build(
    approved: &Approved,
    credential: &Credential,
    choices: &Choices,
    policy: &Policy,
    ledger: &mut Ledger<'_>,
) -> Result<Prepared, PrepareError> {
    if choices.level > Level::BT {
        return Err(PrepareError::LevelUnsupported {
            level: choices.level.name(),
        });
    }
    let certificate = Certificate::from_der(&credential.certificate)?;
    let claimed_time = ledger.clock.now();
    let chain = chain_for(&certificate, credential, choices);
    let issuers: Vec<Certificate> = chain.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    let refusals = certificate_refusals(&certificate, &issuers, claimed_time, policy);
    if !refusals.is_empty() {
        return Err(PrepareError::Certificate(refusals));
    }
    let algorithm = choose_algorithm(credential, choices)?;
    let capacity = signed_data_capacity(
        &certificate,
        &chain,
        algorithm,
        key_bits(credential),
        choices.timestamp_estimate,
    )?;
    let contract = approved.contract();
    let (field, new_field_name) = existing_or_new(contract.document(), choices.field.as_deref());
    let appendix = contract
        .document()
        .prepare(&SignatureRequest {
            field,
            new_field_name,
            sub_filter: SubFilter::EtsiCadesDetached,
            certify: choices.certify,
            lock: choices.lock.clone(),
            visible: choices.visible.clone(),
            reason: choices.reason.clone(),
            location: choices.location.clone(),
            name: None,
            contact: None,
            claimed_time,
            contents_capacity: capacity,
        })
        .map_err(|refusal| PrepareError::Refused(vec![refusal]))?;
    let message_digest = covered_digest(contract.prefix(), &appendix, algorithm.digest());
    let signed_attributes = signed_attributes(&SignedAttributesInput {
        digest: algorithm.digest(),
        message_digest: &message_digest,
        certificate: &certificate,
        algorithm,
    })?;
    let prepared = Prepared {
        source: contract.source().clone(),
        appendix,
        algorithm,
        certificate: credential.certificate.clone(),
        chain,
        message_digest,
        signed_attributes,
        credential: credential.clone(),
        level: choices.level,
        claimed_time,
        intent: choices.intent.clone(),
    };
    let digest = hex::encode(&prepared.message_digest);
    ledger.trace(
        "prepare",
        &[("field", &prepared.appendix.field), ("message_digest", &digest)],
    )?;
    ledger.save(&SessionState::Prepared(Box::new(prepared.clone())), false)?;
    Ok(prepared)
}

/// A name that the file has a field for means that field; another name is given to a new field.
fn existing_or_new(document: &Document, name: Option<&str>) -> (Option<String>, Option<String>) {
    match name {
        None => (None, None),
        Some(name) if document.fields().iter().any(|field| field.name == name) => (Some(name.to_owned()), None),
        Some(name) => (None, Some(name.to_owned())),
    }
}

const fn key_bits(credential: &Credential) -> usize {
    match credential.key.kind {
        KeyKind::Rsa(bits) => bits as usize,
        KeyKind::P384 => 384,
        KeyKind::P521 => 521,
        _ => 256,
    }
}

/// The digest over the file without the hole.
pub(crate) fn covered_digest(prefix: &Prefix, appendix: &Appendix, digest: DigestAlgorithm) -> Vec<u8> {
    let (before, after) = appendix.signed_tail_parts();
    let mut hasher = prefix.hasher(digest);
    hasher.update(before);
    hasher.update(after);
    hasher.finalize()
}

fn choose_algorithm(credential: &Credential, choices: &Choices) -> Result<SignatureAlgorithm, PrepareError> {
    let fits = |algorithm: &&SignatureAlgorithm| {
        let digest_fits = choices.digest.is_none_or(|digest| algorithm.digest() == digest);
        let scheme_differs = matches!(
            (choices.scheme, algorithm),
            (Some(RsaScheme::Pkcs1), SignatureAlgorithm::RsaPss(_))
                | (Some(RsaScheme::Pss), SignatureAlgorithm::RsaPkcs1(_))
        );
        digest_fits && !scheme_differs
    };
    credential
        .algorithms
        .iter()
        .find(fits)
        .copied()
        .ok_or_else(|| PrepareError::MechanismMissing {
            wanted: format!("{:?} {:?}", choices.scheme, choices.digest),
            offered: credential.algorithms.clone(),
        })
}

/// Certificates that lead upwards from the signer's, found on the token or given, without a self-signed end; in order.
fn chain_for(signer: &Certificate, credential: &Credential, choices: &Choices) -> Vec<Vec<u8>> {
    let candidates: Vec<Certificate> = credential
        .chain
        .iter()
        .chain(&choices.extra_chain)
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    let mut chain: Vec<Vec<u8>> = Vec::new();
    let mut below = signer.clone();
    while chain.len() < 8 && !below.is_self_issued() {
        let above = candidates.iter().find(|candidate| {
            candidate.subject_der() == below.issuer_der()
                && candidate.is_ca()
                && !chain.iter().any(|have| have == candidate.der())
        });
        let Some(above) = above else { break };
        chain.push(above.der().to_vec());
        below = above.clone();
    }
    chain
}
