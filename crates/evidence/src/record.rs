//! The evidence record, `countersign.evidence/1`: what is kept, and committed to, of one signature.
//!
//! Not its business: how the values were found (signing), where a record is kept (store), what an endpoint makes of it
//! (remote). Clause: ORR 16 (the same inputs give the same octets on any machine).
//!
//! # Encoding
//! RFC 8785 canonical JSON. Every key is always present. A text that is absent is the empty string, a number that is absent
//! is 0; there are no nulls, no fractions and no integers from 2^53 on. Digests, signature values and salts are lower-case
//! hex; `timestamp.token` alone is base64 in the standard alphabet with padding (RFC 4648 §4), because tokens are long and
//! every tool reads them so. Times are UTC with whole seconds, `YYYY-MM-DDTHH:MM:SSZ`; fractions of a genTime are cut off
//! here and remain in the token. `evidence` is SHA-256 of `countersign.evidence/1\n` and these octets.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    EvidenceError, Payload, PayloadMode,
    canonical::{from_canonical, tagged_digest, to_canonical},
    record_rules,
};

/// Name of the schema and tag of its digest.
pub const SCHEMA: &str = "countersign.evidence/1";

/// The idempotency key and on-chain key of a record with these canonical octets.
#[must_use]
pub fn evidence_of(canonical: &[u8]) -> [u8; 32] {
    tagged_digest(SCHEMA, canonical)
}

/// Octets of a record that are read at most.
pub const MAX_OCTETS: usize = 256 * 1024;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`SCHEMA`].
    pub schema: String,
    /// `intl` or `shangmi`.
    pub profile: String,
    /// Lower-case letters, digits and hyphens, 8 to 64 of them; random.
    pub record_id: String,
    /// The institution's own number for the business, or empty.
    pub business_no: String,
    /// What ties the records of one contract together, or empty.
    pub flow_id: String,
    /// Which party this is, from 1; 0 when it is not known.
    pub party_index: u64,
    /// How many parties sign; 0 when it is not known.
    pub party_count: u64,
    /// Evidence of the record before it in the same flow, or empty.
    pub prev: String,
    /// The finished file.
    pub document: Document,
    /// The signature.
    pub signature: Signature,
    /// Who signed, without a name.
    pub signer: Signer,
    /// The timestamp; all absent at level B-B.
    pub timestamp: TimestampFacts,
    /// What our own validation said before anything was released.
    pub validation: Validation,
    /// Where the trace stood.
    pub trace: TraceFacts,
    /// What made it.
    pub client: Client,
    /// 32 random octets: nobody can guess the record from its digest.
    pub salt: String,
}

/// The finished file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// `application/pdf`.
    pub media_type: String,
    /// Octets.
    pub size: u64,
    /// SHA-256 of the finished file.
    pub sha256: String,
    /// SM3 of it; empty when it was not asked for.
    pub sm3: String,
    /// SHA-256 of the file as it was approved: an exact prefix of the finished one.
    pub before_sha256: String,
    /// /ByteRange of the signature.
    pub byte_range: [u64; 4],
    /// Number of the revision that the signature ends, from 1.
    pub revision: u64,
}

/// The signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The /SubFilter.
    pub format: String,
    /// `B-B`, `B-T`, `B-LT` or `B-LTA`.
    pub level: String,
    /// signatureAlgorithm of the SignerInfo, dotted.
    pub sig_oid: String,
    /// digestAlgorithm of the SignerInfo, dotted.
    pub digest_oid: String,
    /// SignerInfo.signature.
    pub value: String,
    /// SHA-256 of it.
    pub value_sha256: String,
    /// The signer's own time, or empty.
    pub claimed_time: String,
}

/// Who signed, without a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// SHA-256 of the certificate's DER.
    pub cert_sha256: String,
    /// authorityKeyIdentifier.keyIdentifier, or empty.
    pub issuer_key_id: String,
    /// [`commit`] to the organisation's name, or empty.
    pub org_commit: String,
    /// What the signer signs as, a code of the institution, or empty.
    pub role: String,
}

/// The timestamp. All fields are absent together when there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimestampFacts {
    /// The TimeStampToken, DER in base64 (RFC 4648 §4, padded).
    pub token: String,
    /// SHA-256 of its DER.
    pub token_sha256: String,
    /// TSTInfo.genTime, whole seconds.
    pub gen_time: String,
    /// TSTInfo.accuracy in milliseconds, rounded up; 0 when it is not given.
    pub accuracy_ms: u64,
    /// TSTInfo.serialNumber, hex.
    pub serial: String,
    /// TSTInfo.policy, dotted.
    pub policy: String,
    /// SHA-256 of the TSA certificate's DER.
    pub tsa_cert_sha256: String,
}

/// What our own validation said (EN 319 102-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// `TOTAL-PASSED`, `TOTAL-FAILED` or `INDETERMINATE`.
    pub indication: String,
    /// Sub-indication, or empty.
    pub sub_indication: String,
    /// SHA-256 of the report, or empty.
    pub report_sha256: String,
    /// Policy that it was judged by, or empty.
    pub policy_id: String,
    /// When.
    pub at: String,
}

/// Where the trace stood when the record was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceFacts {
    /// Head of the trace.
    pub head: String,
    /// Entries in it.
    pub count: u64,
}

/// What made the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Product.
    pub product: String,
    /// Its version.
    pub version: String,
    /// How the token was reached (`pkcs11`, ...).
    pub backend: String,
    /// What kind of token (`usb-key`, `hsm`, `practice`, ...), or empty.
    pub token_class: String,
}

impl Record {
    /// The canonical octets.
    ///
    /// # Errors
    /// When a field has a value that it cannot have.
    pub fn canonical(&self) -> Result<Vec<u8>, EvidenceError> {
        record_rules::check(self)?;
        let octets = to_canonical(self)?;
        if octets.len() > MAX_OCTETS {
            return Err(EvidenceError::TooLarge {
                size: octets.len(),
                limit: MAX_OCTETS,
            });
        }
        Ok(octets)
    }

    /// The idempotency key and on-chain key.
    ///
    /// # Errors
    /// As for [`Record::canonical`].
    pub fn evidence(&self) -> Result<[u8; 32], EvidenceError> {
        Ok(evidence_of(&self.canonical()?))
    }

    /// Reads canonical octets. Nothing is repaired.
    ///
    /// # Errors
    /// Unknown, missing or repeated keys, values that a field cannot have, octets that are not the canonical ones.
    pub fn parse(octets: &[u8]) -> Result<Self, EvidenceError> {
        let record: Self = from_canonical(octets, MAX_OCTETS)?;
        record_rules::check(&record)?;
        Ok(record)
    }

    /// What an endpoint receives.
    ///
    /// # Errors
    /// As for [`Record::canonical`].
    pub fn payload(&self, mode: PayloadMode) -> Result<Payload, EvidenceError> {
        let evidence = self.evidence()?;
        if mode == PayloadMode::Commit {
            return Ok(Payload::Commit { evidence });
        }
        let document_sha256 = octets32(&self.document.sha256, "document.sha256")?;
        let signature_value = hex::decode(&self.signature.value).map_err(|_| value("signature.value"))?;
        let timestamp_token = STANDARD
            .decode(&self.timestamp.token)
            .map_err(|_| value("timestamp.token"))?;
        let gen_time = match self.timestamp.gen_time.as_str() {
            "" => 0,
            text => {
                let time: Timestamp = text.parse().map_err(|_| value("timestamp.gen_time"))?;
                u64::try_from(time.as_second()).map_err(|_| value("timestamp.gen_time"))?
            }
        };
        if mode == PayloadMode::Full {
            return Ok(Payload::Full {
                evidence,
                document_sha256,
                signature_value,
                timestamp_token,
                gen_time,
            });
        }
        let timestamp_sha256 = if timestamp_token.is_empty() {
            [0; 32]
        } else {
            Sha256::digest(&timestamp_token).into()
        };
        Ok(Payload::Digests {
            evidence,
            document_sha256,
            signature_sha256: Sha256::digest(&signature_value).into(),
            timestamp_sha256,
            gen_time,
        })
    }
}

/// A commitment to a value that must not be guessed: SHA-256(random ‖ value). The random octets stay in the bundle.
#[must_use]
pub fn commit(random: &[u8; 32], value: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(random);
    hash.update(value);
    hash.finalize().into()
}

fn octets32(text: &str, field: &'static str) -> Result<[u8; 32], EvidenceError> {
    let mut octets = [0; 32];
    hex::decode_to_slice(text, &mut octets).map_err(|_| value(field))?;
    Ok(octets)
}

const fn value(field: &'static str) -> EvidenceError {
    EvidenceError::Value {
        field,
        rule: "cannot be decoded",
    }
}
