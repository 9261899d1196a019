//! record: what happened, in canonical form, with a digest that names it for ever.
//!
//! Not its business: where it goes (submit). DOMAIN E1, E2; RFC 8785.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_cms::{Certificate, timestamp::read_token};
use countersign_evidence::{
    EvidenceError, Payload, PayloadMode, TraceHead,
    record::{
        Client, Document, Record, SCHEMA, Signature, Signer, TimestampFacts, TraceFacts, Validation, commit,
        evidence_of,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    embed::{Checked, Sealed},
    ledger::{Failed, Ledger, SessionState},
    ports::{Entropy, StoreError},
    verify::Report,
};

/// Who is who in a contract of several parties; opaque numbers only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Business number, opaque, at most 64 characters.
    pub business_no: String,
    /// Flow id, opaque.
    pub flow_id: String,
    /// Which party, from 1; 0 when not said.
    pub party_index: u64,
    /// How many parties; 0 when not said.
    pub party_count: u64,
    /// Evidence (hex) of the record before this one, or empty.
    pub prev: String,
}

/// Recorded. Plain data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recorded {
    /// What was sealed.
    pub sealed: Sealed,
    /// The record's canonical octets.
    pub canonical: String,
    /// Its name.
    pub record_id: String,
    /// SHA-256 over the tagged record.
    #[serde(with = "hex::serde")]
    pub evidence: [u8; 32],
    /// The random number behind `signer.org_commit`, for the bundle only.
    #[serde(with = "hex::serde")]
    pub org_opening: [u8; 32],
}

impl Recorded {
    /// What an endpoint receives.
    ///
    /// # Errors
    /// When the record does not read back.
    pub fn payload(&self, mode: PayloadMode) -> Result<Payload, RecordError> {
        Ok(Record::parse(self.canonical.as_bytes())?.payload(mode)?)
    }
}

/// Why there is no record. The file itself is safe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record cannot be built.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The certificate or token cannot be read again.
    #[error("cannot be read again: {0}")]
    Unreadable(String),
    /// The session could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the record.
///
/// # Errors
/// Gives the sealed state back.
pub fn record(
    sealed: Sealed,
    checked: &Checked,
    sm3: Option<[u8; 32]>,
    entropy: &mut dyn Entropy,
    ledger: &mut Ledger<'_>,
) -> Result<Recorded, Failed<Box<Sealed>, RecordError>> {
    match build(&sealed, &checked.report, sm3, entropy, ledger) {
        Ok((record, org_opening)) => finish(sealed, &record, org_opening, ledger),
        Err(error) => Err(Failed {
            state: Box::new(sealed),
            error,
        }),
    }
}

fn finish(
    sealed: Sealed,
    record: &Record,
    org_opening: [u8; 32],
    ledger: &mut Ledger<'_>,
) -> Result<Recorded, Failed<Box<Sealed>, RecordError>> {
    let canonical = match record.canonical() {
        Ok(canonical) => canonical,
        Err(error) => {
            return Err(Failed {
                state: Box::new(sealed),
                error: error.into(),
            });
        }
    };
    let evidence = evidence_of(&canonical);
    let recorded = Recorded {
        sealed,
        canonical: String::from_utf8_lossy(&canonical).into_owned(),
        record_id: record.record_id.clone(),
        evidence,
        org_opening,
    };
    match ledger.save(&SessionState::Recorded(Box::new(recorded.clone())), false) {
        Ok(()) => Ok(recorded),
        Err(error) => Err(Failed {
            state: Box::new(recorded.sealed),
            error: error.into(),
        }),
    }
}

fn build(
    sealed: &Sealed,
    report: &Report,
    sm3: Option<[u8; 32]>,
    entropy: &mut dyn Entropy,
    ledger: &mut Ledger<'_>,
) -> Result<(Record, [u8; 32]), RecordError> {
    let unreadable = |error: &dyn std::fmt::Display| RecordError::Unreadable(error.to_string());
    let prepared = &sealed.signed.prepared;
    let party = &prepared.intent.party;
    let certificate = Certificate::from_der(&prepared.certificate).map_err(|error| unreadable(&error))?;
    let (mut salt, mut opening, mut id) = ([0_u8; 32], [0_u8; 32], [0_u8; 16]);
    entropy.fill(&mut salt);
    entropy.fill(&mut opening);
    entropy.fill(&mut id);
    let ours = report
        .signatures
        .iter()
        .find(|signature| signature.field == prepared.appendix.field);
    let digest = hex::encode(sealed.sha256);
    let head: TraceHead = ledger.trace("record", &[("sha256", &digest)])?;
    let record = Record {
        schema: SCHEMA.to_owned(),
        profile: "intl".to_owned(),
        record_id: hex::encode(id),
        business_no: party.business_no.clone(),
        flow_id: party.flow_id.clone(),
        party_index: party.party_index,
        party_count: party.party_count,
        prev: party.prev.clone(),
        document: Document {
            media_type: "application/pdf".to_owned(),
            size: sealed.size,
            sha256: digest,
            sm3: sm3.map(hex::encode).unwrap_or_default(),
            before_sha256: hex::encode(prepared.source.sha256),
            byte_range: prepared.appendix.byte_range,
            revision: ours.map_or(0, |signature| u64::from(signature.revision)),
        },
        signature: Signature {
            format: "ETSI.CAdES.detached".to_owned(),
            level: sealed.level.name().to_owned(),
            sig_oid: prepared.algorithm.oid().unwrap_or_default().to_owned(),
            digest_oid: prepared.algorithm.digest().oid().to_owned(),
            value: hex::encode(&sealed.signed.signature_value),
            value_sha256: hex::encode(countersign_cms::DigestAlgorithm::Sha256.hash(&sealed.signed.signature_value)),
            claimed_time: seconds(prepared.claimed_time),
        },
        signer: Signer {
            cert_sha256: hex::encode(certificate.sha256()),
            issuer_key_id: certificate.authority_key_id().map(hex::encode).unwrap_or_default(),
            org_commit: certificate
                .organization()
                .map(|name| hex::encode(commit(&opening, name.as_bytes())))
                .unwrap_or_default(),
            role: String::new(),
        },
        timestamp: timestamp_part(&sealed.token)?,
        validation: Validation {
            indication: ours
                .map(|signature| signature.indication.name().to_owned())
                .unwrap_or_default(),
            sub_indication: ours
                .and_then(|signature| signature.sub_indication)
                .map(|sub| sub.name().to_owned())
                .unwrap_or_default(),
            report_sha256: hex::encode(report.digest()),
            policy_id: countersign_trust::Policy::DEFAULT.id().to_owned(),
            at: seconds(ledger.clock.now()),
        },
        trace: TraceFacts {
            head: hex::encode(head.hash),
            count: head.count,
        },
        client: Client {
            product: "countersign".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            backend: "pkcs11".to_owned(),
            token_class: token_class(prepared).to_owned(),
        },
        salt: hex::encode(salt),
    };
    Ok((record, opening))
}

fn timestamp_part(token: &[u8]) -> Result<TimestampFacts, RecordError> {
    if token.is_empty() {
        return Ok(TimestampFacts::default());
    }
    let read = read_token(token).map_err(|error| RecordError::Unreadable(error.to_string()))?;
    let certificate = read.signed_data.signer_certificate();
    Ok(TimestampFacts {
        token: STANDARD.encode(token),
        token_sha256: hex::encode(countersign_cms::DigestAlgorithm::Sha256.hash(token)),
        gen_time: seconds(read.info.gen_time),
        accuracy_ms: read.info.accuracy_ms.unwrap_or(0),
        serial: read.info.serial_hex.clone(),
        policy: read.info.policy.clone(),
        tsa_cert_sha256: certificate
            .map(|certificate| hex::encode(certificate.sha256()))
            .unwrap_or_default(),
    })
}

/// What kind of thing held the key, as far as the token itself says.
fn token_class(prepared: &crate::prepare::Prepared) -> &'static str {
    let token = &prepared.credential.token;
    let practice = token.label.contains("PRACTICE") || token.label.contains("演练");
    match () {
        () if practice => "practice",
        () if token.model.contains("SoftHSM") || token.manufacturer.contains("SoftHSM") => "software",
        () if prepared.credential.key.extractable => "extractable",
        () => "token",
    }
}

/// Whole seconds, UTC, as the record wants them.
fn seconds(time: jiff::Timestamp) -> String {
    jiff::Timestamp::from_second(time.as_second())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}
