//! What each field of a record may hold.
//!
//! Not its business: whether it is true (signing). A record that breaks a rule has no canonical form and no evidence.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{EvidenceError, Record, canonical::MAX_INTEGER, record::SCHEMA};

/// Checks every field and the digests that a record holds of its own parts.
pub(crate) fn check(record: &Record) -> Result<(), EvidenceError> {
    if record.schema != SCHEMA {
        return Err(EvidenceError::Schema {
            expected: SCHEMA,
            found: record.schema.chars().take(64).collect(),
        });
    }
    one_of("profile", &record.profile, &["intl", "shangmi"])?;
    let id = &record.record_id;
    let id_octet = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
    rule(
        (8..=64).contains(&id.len()) && id.bytes().all(id_octet),
        "record_id",
        "8 to 64 of a-z, 0-9, hyphen",
    )?;
    text("business_no", &record.business_no)?;
    text("flow_id", &record.flow_id)?;
    rule(
        record.party_index <= record.party_count && record.party_count <= 1000,
        "party_index",
        "at most party_count, and that at most 1000",
    )?;
    digest("prev", &record.prev, Absent::Allowed)?;
    document(record)?;
    signature(record)?;
    digest("signer.cert_sha256", &record.signer.cert_sha256, Absent::Refused)?;
    hexadecimal("signer.issuer_key_id", &record.signer.issuer_key_id, 64)?;
    digest("signer.org_commit", &record.signer.org_commit, Absent::Allowed)?;
    text("signer.role", &record.signer.role)?;
    timestamp(record)?;
    let validation = &record.validation;
    one_of(
        "validation.indication",
        &validation.indication,
        &["TOTAL-PASSED", "TOTAL-FAILED", "INDETERMINATE"],
    )?;
    text("validation.sub_indication", &validation.sub_indication)?;
    digest("validation.report_sha256", &validation.report_sha256, Absent::Allowed)?;
    text("validation.policy_id", &validation.policy_id)?;
    time("validation.at", &validation.at, Absent::Refused)?;
    digest("trace.head", &record.trace.head, Absent::Refused)?;
    integer("trace.count", record.trace.count)?;
    text("client.product", &record.client.product)?;
    text("client.version", &record.client.version)?;
    text("client.backend", &record.client.backend)?;
    text("client.token_class", &record.client.token_class)?;
    digest("salt", &record.salt, Absent::Refused)
}

fn document(record: &Record) -> Result<(), EvidenceError> {
    let document = &record.document;
    rule(!document.media_type.is_empty(), "document.media_type", "not empty")?;
    text("document.media_type", &document.media_type)?;
    integer("document.size", document.size)?;
    digest("document.sha256", &document.sha256, Absent::Refused)?;
    digest("document.sm3", &document.sm3, Absent::Allowed)?;
    digest("document.before_sha256", &document.before_sha256, Absent::Refused)?;
    let [start, before, after, rest] = document.byte_range;
    let end = after.checked_add(rest);
    rule(
        start == 0 && before > 0 && before < after && end.is_some_and(|end| end <= document.size),
        "document.byte_range",
        "[0, a, b, c] with a < b and b + c at most the size",
    )?;
    rule(document.revision > 0, "document.revision", "counted from 1")?;
    integer("document.revision", document.revision)
}

fn signature(record: &Record) -> Result<(), EvidenceError> {
    let signature = &record.signature;
    rule(!signature.format.is_empty(), "signature.format", "not empty")?;
    text("signature.format", &signature.format)?;
    one_of("signature.level", &signature.level, &["B-B", "B-T", "B-LT", "B-LTA"])?;
    rule(
        (signature.level == "B-B") == record.timestamp.token.is_empty(),
        "signature.level",
        "B-B without a timestamp, above it with one",
    )?;
    oid("signature.sig_oid", &signature.sig_oid)?;
    oid("signature.digest_oid", &signature.digest_oid)?;
    hexadecimal("signature.value", &signature.value, 4096)?;
    let octets = hex::decode(&signature.value).unwrap_or_default();
    rule(!octets.is_empty(), "signature.value", "not empty")?;
    rule(
        signature.value_sha256 == hex::encode(Sha256::digest(&octets)),
        "signature.value_sha256",
        "the SHA-256 of signature.value",
    )?;
    time("signature.claimed_time", &signature.claimed_time, Absent::Allowed)
}

fn timestamp(record: &Record) -> Result<(), EvidenceError> {
    let stamp = &record.timestamp;
    if stamp.token.is_empty() {
        return rule(
            *stamp == Default::default(),
            "timestamp",
            "all absent when there is no token",
        );
    }
    // STANDARD decodes only the padded, canonical form: one token, one text.
    let token = STANDARD.decode(&stamp.token).unwrap_or_default();
    rule(!token.is_empty(), "timestamp.token", "base64, RFC 4648 §4, padded")?;
    rule(
        stamp.token_sha256 == hex::encode(Sha256::digest(&token)),
        "timestamp.token_sha256",
        "the SHA-256 of timestamp.token",
    )?;
    time("timestamp.gen_time", &stamp.gen_time, Absent::Refused)?;
    integer("timestamp.accuracy_ms", stamp.accuracy_ms)?;
    hexadecimal("timestamp.serial", &stamp.serial, 128)?;
    rule(!stamp.serial.is_empty(), "timestamp.serial", "not empty")?;
    oid("timestamp.policy", &stamp.policy)?;
    digest("timestamp.tsa_cert_sha256", &stamp.tsa_cert_sha256, Absent::Refused)
}

/// Whether a field may be the empty string.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absent {
    Allowed,
    Refused,
}

fn rule(holds: bool, field: &'static str, rule: &'static str) -> Result<(), EvidenceError> {
    holds.then_some(()).ok_or(EvidenceError::Value { field, rule })
}

fn one_of(field: &'static str, value: &str, values: &[&str]) -> Result<(), EvidenceError> {
    rule(values.contains(&value), field, "one of the values of the schema")
}

/// Free text: short, and without anything that could hide or break a line.
fn text(field: &'static str, value: &str) -> Result<(), EvidenceError> {
    rule(
        value.len() <= 256 && !value.chars().any(char::is_control),
        field,
        "at most 256 octets, no control characters",
    )
}

fn integer(field: &'static str, value: u64) -> Result<(), EvidenceError> {
    rule(value <= MAX_INTEGER, field, "below 2^53")
}

fn hexadecimal(field: &'static str, value: &str, octets: usize) -> Result<(), EvidenceError> {
    let digits = value.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f'));
    rule(
        digits && value.len().is_multiple_of(2) && value.len() <= octets * 2,
        field,
        "lower-case hex of whole octets within its bound",
    )
}

fn digest(field: &'static str, value: &str, absent: Absent) -> Result<(), EvidenceError> {
    if value.is_empty() {
        return rule(absent == Absent::Allowed, field, "not absent");
    }
    rule(value.len() == 64, field, "32 octets")?;
    hexadecimal(field, value, 32)
}

fn time(field: &'static str, value: &str, absent: Absent) -> Result<(), EvidenceError> {
    if value.is_empty() {
        return rule(absent == Absent::Allowed, field, "not absent");
    }
    // What prints back as it was read has this one form: a fraction, an offset or a leap second would not.
    let parsed = value.parse::<Timestamp>().ok();
    rule(
        value.len() == 20 && parsed.is_some_and(|time| time.as_second() > 0 && time.to_string() == value),
        field,
        "YYYY-MM-DDTHH:MM:SSZ after 1970",
    )
}

fn oid(field: &'static str, value: &str) -> Result<(), EvidenceError> {
    let arc = |arc: &str| {
        !arc.is_empty() && arc.bytes().all(|octet| octet.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'))
    };
    rule(
        value.len() <= 256 && value.contains('.') && value.split('.').all(arc),
        field,
        "a dotted object identifier",
    )
}
