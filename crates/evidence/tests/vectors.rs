//! Golden vectors: record → canonical octets → evidence → payload parts, here and in a second language.

#![expect(clippy::unwrap_used, reason = "a suite: what fails here fails the test")]

use std::{collections::BTreeMap, path::Path, process::Command};

use countersign_evidence::{EvidenceError, Payload, PayloadMode, Record, canonical::to_canonical};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Vector {
    name: String,
    record: Value,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    canonical: String,
    evidence: String,
    document_sha256: String,
    signature_sha256: String,
    timestamp_sha256: String,
    gen_time: u64,
    parts: BTreeMap<String, String>,
}

#[test]
fn vectors_hold() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let (name, expected) = (vector.name, vector.expected);
        let record: Record = serde_json::from_value(vector.record).unwrap();
        let canonical = record.canonical().unwrap();
        assert_eq!(hex::encode(&canonical), expected.canonical, "{name}");
        assert_eq!(hex::encode(record.evidence().unwrap()), expected.evidence, "{name}");
        assert_eq!(Record::parse(&canonical).unwrap(), record, "{name}");
        let modes = [
            ("full", PayloadMode::Full),
            ("digests", PayloadMode::Digests),
            ("commit", PayloadMode::Commit),
        ];
        for (mode, payload) in modes.map(|(mode, m)| (mode, record.payload(m).unwrap())) {
            assert_eq!(hex::encode(payload.evidence()), expected.evidence, "{name} {mode}");
            assert_eq!(hex::encode(payload.parts()), expected.parts[mode], "{name} {mode}");
            if let Payload::Digests {
                document_sha256,
                signature_sha256,
                timestamp_sha256,
                gen_time,
                ..
            } = payload
            {
                assert_eq!(hex::encode(document_sha256), expected.document_sha256, "{name}");
                assert_eq!(hex::encode(signature_sha256), expected.signature_sha256, "{name}");
                assert_eq!(hex::encode(timestamp_sha256), expected.timestamp_sha256, "{name}");
                assert_eq!(gen_time, expected.gen_time, "{name}");
            }
        }
    }
}

#[test]
fn a_second_implementation_agrees() {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("SKIPPED: no python3, the golden vectors were checked in one language only");
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let output = Command::new("python3")
        .args([folder.join("check_vectors.py"), folder.join("vectors")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn what_the_endpoint_gets_names_nobody() {
    for vector in vectors() {
        let record: Record = serde_json::from_value(vector.record).unwrap();
        for mode in [PayloadMode::Full, PayloadMode::Digests, PayloadMode::Commit] {
            let sent = String::from_utf8(to_canonical(&record.payload(mode).unwrap()).unwrap()).unwrap();
            for private in [
                &record.business_no,
                &record.flow_id,
                &record.signer.role,
                &record.salt,
                &record.signer.cert_sha256,
            ] {
                assert!(
                    private.is_empty() || !sent.contains(private.as_str()),
                    "{}: {private}",
                    vector.name
                );
            }
        }
    }
}

/// Each case changes one thing in a good record; the record must have no canonical form and must not be read.
#[test]
fn bad_values_are_refused() {
    let long = "x".repeat(257);
    let cases: Vec<(&str, Value)> = vec![
        ("/schema", json!("countersign.evidence/2")),
        ("/profile", json!("eu")),
        ("/record_id", json!("")),
        ("/record_id", json!("ABCDEF0123")),
        ("/record_id", json!("../../etc/x")),
        ("/business_no", json!(long)),
        ("/business_no", json!("a\nb")),
        ("/party_index", json!(3)),
        ("/party_index", json!(-1)),
        ("/party_index", json!(1.0)),
        ("/party_index", json!("1")),
        ("/prev", json!("00")),
        ("/document/size", json!(9_007_199_254_740_992_u64)),
        ("/document/size", json!(123_455)),
        ("/document/sha256", json!("")),
        ("/document/sha256", json!("AB".repeat(32))),
        ("/document/sm3", json!("zz".repeat(32))),
        ("/document/byte_range", json!([0, 1, 2])),
        ("/document/byte_range", json!([0, 1, 2, 3, 4])),
        ("/document/byte_range", json!([1, 100_000, 116_386, 7070])),
        ("/document/byte_range", json!([0, 100_000, 100_000, 7070])),
        ("/document/byte_range", json!([0, 100_000, 116_386, 7071])),
        ("/document/byte_range", json!([0, 1, 18_446_744_073_709_551_615_u64, 1])),
        ("/document/revision", json!(0)),
        ("/document/media_type", json!("")),
        ("/signature/level", json!("B-B")),
        ("/signature/level", json!("b-t")),
        ("/signature/sig_oid", json!("1..2")),
        ("/signature/sig_oid", json!("1.02")),
        ("/signature/digest_oid", json!("sha256")),
        ("/signature/value", json!("")),
        ("/signature/value", json!("abc")),
        ("/signature/value_sha256", json!("00".repeat(32))),
        ("/signature/claimed_time", json!("2026-11-20T08:30:00+00:00")),
        ("/signature/claimed_time", json!("2026-11-20T08:30:60Z")),
        ("/signature/claimed_time", json!("2026-11-20T08:30:00.5Z")),
        ("/signature/claimed_time", json!("2026-11-20t08:30:00z")),
        ("/signature/claimed_time", json!("2026-02-30T08:30:00Z")),
        ("/timestamp/token", json!("")),
        ("/timestamp/token", json!("AAA")),
        ("/timestamp/token", json!("AAB=")),
        ("/timestamp/token_sha256", json!("00".repeat(32))),
        ("/timestamp/gen_time", json!("")),
        ("/timestamp/gen_time", json!("1969-11-20T08:30:00Z")),
        ("/timestamp/policy", json!("")),
        ("/timestamp/serial", json!("0x01")),
        ("/validation/indication", json!("valid")),
        ("/validation/at", json!("")),
        ("/trace/head", json!("")),
        ("/trace/count", json!(u64::MAX)),
        ("/client/product", json!(null)),
        ("/salt", json!("00".repeat(31))),
    ];
    let good = vectors()
        .into_iter()
        .find(|vector| vector.name == "stamped")
        .unwrap()
        .record;
    for (pointer, value) in cases {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value.clone();
        let octets = serde_json_canonical(&bad);
        assert!(Record::parse(octets.as_bytes()).is_err(), "{pointer} = {value}");
        if let Ok(record) = serde_json::from_value::<Record>(bad) {
            assert!(record.canonical().is_err(), "{pointer} = {value}");
            assert!(record.payload(PayloadMode::Commit).is_err(), "{pointer} = {value}");
        }
    }
}

#[test]
fn octets_that_are_not_canonical_are_refused() {
    let vector = vectors().into_iter().find(|vector| vector.name == "stamped").unwrap();
    let good = String::from_utf8(hex::decode(vector.expected.canonical).unwrap()).unwrap();
    assert!(Record::parse(good.as_bytes()).is_ok());
    let cases = [
        ("empty", String::new()),
        ("space in front", format!(" {good}")),
        ("line end behind", format!("{good}\n")),
        ("second document", format!("{good}{good}")),
        ("byte order mark", format!("\u{feff}{good}")),
        ("indented", serde_json::to_string_pretty(&vector.record).unwrap()),
        ("unknown key", good.replacen("\"profile\"", "\"more\":1,\"profile\"", 1)),
        (
            "unknown nested key",
            good.replacen("\"role\"", "\"name\":\"\",\"role\"", 1),
        ),
        (
            "repeated key",
            good.replacen("\"profile\"", "\"prev\":\"\",\"profile\"", 1),
        ),
        (
            "repeated nested key",
            good.replacen("\"count\":9", "\"count\":9,\"count\":9", 1),
        ),
        ("missing key", good.replacen("\"prev\":\"\",", "", 1)),
        ("escaped letter", good.replacen("LOAN", "\\u004cOAN", 1)),
        ("number as 9.0", good.replacen("\"count\":9", "\"count\":9.0", 1)),
        ("number as 9e0", good.replacen("\"count\":9", "\"count\":9e0", 1)),
        ("number as 09", good.replacen("\"count\":9", "\"count\":09", 1)),
        ("array", format!("[{good}]")),
        ("deep", "[".repeat(100_000)),
        ("large", " ".repeat(300 * 1024)),
    ];
    for (name, text) in cases {
        assert!(Record::parse(text.as_bytes()).is_err(), "{name}");
    }
    for cut in (0..good.len()).step_by(97) {
        assert!(Record::parse(&good.as_bytes()[..cut]).is_err(), "cut at {cut}");
    }
    assert!(matches!(
        Record::parse(&vec![b' '; 300 * 1024]),
        Err(EvidenceError::TooLarge { .. })
    ));
    assert!(Record::parse(b"\xff\xfe").is_err());
}

/// Sorted, compact text of any JSON value, so that only the changed field is at fault (serde_json's maps are sorted).
fn serde_json_canonical(value: &Value) -> String {
    value.to_string()
}

fn vectors() -> Vec<Vector> {
    let files = [
        include_str!("vectors/shangmi-limits.json"),
        include_str!("vectors/stamped.json"),
        include_str!("vectors/unstamped.json"),
    ];
    files.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}
