//! The registry's calls in the contract ABI's encoding, and back.
//!
//! Not its business: what `parts` is (evidence), gas, transactions.

use countersign_evidence::Payload;

use super::{account::Address, keccak256};

/// An entry as `get` returns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Who made it.
    pub submitter: Address,
    /// The block's time, seconds since 1970.
    pub block_time: u64,
}

/// The call that submits a payload.
#[must_use]
pub fn encode_submission(payload: &Payload) -> Vec<u8> {
    match payload {
        Payload::Commit { evidence } => [&selector(PUT)[..], evidence].concat(),
        Payload::Digests {
            evidence,
            document_sha256,
            signature_sha256,
            timestamp_sha256,
            gen_time,
        } => [
            &selector(PUT_DIGESTS)[..],
            evidence,
            document_sha256,
            signature_sha256,
            timestamp_sha256,
            &word(*gen_time),
        ]
        .concat(),
        Payload::Full {
            evidence,
            document_sha256,
            signature_value,
            timestamp_token,
            gen_time,
        } => {
            let (signature, token) = (padded(signature_value), padded(timestamp_token));
            [
                &selector(PUT_FULL)[..],
                evidence,
                document_sha256,
                &word(*gen_time),
                &word(HEAD_OF_FULL),
                &word(HEAD_OF_FULL + signature.len() as u64),
                &signature,
                &token,
            ]
            .concat()
        }
    }
}

/// The call that asks for an entry.
#[must_use]
pub fn encode_get(evidence: &[u8; 32], parts: &[u8; 32]) -> Vec<u8> {
    [&selector(GET)[..], evidence, parts].concat()
}

/// The answer to `get`: `None` when it is not one, `Some(None)` when there is no entry.
#[must_use]
pub fn decode_entry(answer: &[u8]) -> Option<Option<Entry>> {
    let (words, rest) = answer.as_chunks::<32>();
    let [submitter, time] = words else { return None };
    let submitter: Address = submitter.strip_prefix(&[0; 12])?.try_into().ok()?;
    let block_time = read_word(time)?;
    let entry = Entry { submitter, block_time };
    rest.is_empty().then_some((submitter != [0; 20]).then_some(entry))
}

/// What a call of ours submits; `None` when it is none of our calls.
#[must_use]
pub fn decode_submission(data: &[u8]) -> Option<Payload> {
    let (called, arguments) = data.split_first_chunk::<4>()?;
    let (words, rest) = arguments.as_chunks::<32>();
    if !rest.is_empty() {
        return None;
    }
    let payload = if *called == selector(PUT) {
        let [evidence] = words else { return None };
        Payload::Commit { evidence: *evidence }
    } else if *called == selector(PUT_DIGESTS) {
        let [evidence, document, signature, timestamp, time] = words else {
            return None;
        };
        Payload::Digests {
            evidence: *evidence,
            document_sha256: *document,
            signature_sha256: *signature,
            timestamp_sha256: *timestamp,
            gen_time: read_word(time)?,
        }
    } else if *called == selector(PUT_FULL) {
        let [evidence, document, time, signature_at, token_at, ..] = words else {
            return None;
        };
        Payload::Full {
            evidence: *evidence,
            document_sha256: *document,
            signature_value: tail(arguments, signature_at)?,
            timestamp_token: tail(arguments, token_at)?,
            gen_time: read_word(time)?,
        }
    } else {
        return None;
    };
    // One encoding only: what decodes but is written otherwise is not ours.
    (encode_submission(&payload) == data).then_some(payload)
}

/// Topic 0 of the event that a fresh entry leaves.
#[must_use]
pub fn recorded_topic() -> [u8; 32] {
    keccak256(RECORDED.as_bytes())
}

fn selector(signature: &str) -> [u8; 4] {
    let [a, b, c, d, ..] = keccak256(signature.as_bytes());
    [a, b, c, d]
}

fn word(number: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word.iter_mut()
        .rev()
        .zip(number.to_be_bytes().iter().rev())
        .for_each(|(to, from)| *to = *from);
    word
}

fn read_word(word: &[u8; 32]) -> Option<u64> {
    Some(u64::from_be_bytes(word.strip_prefix(&[0; 24])?.try_into().ok()?))
}

/// A `bytes` argument: its length, then its octets filled up to whole words.
fn padded(octets: &[u8]) -> Vec<u8> {
    let mut out = word(octets.len() as u64).to_vec();
    out.extend_from_slice(octets);
    out.resize(out.len().next_multiple_of(32), 0);
    out
}

fn tail(arguments: &[u8], offset: &[u8; 32]) -> Option<Vec<u8>> {
    let at = usize::try_from(read_word(offset)?).ok()?;
    let (length, octets) = arguments.get(at..)?.split_first_chunk::<32>()?;
    Some(octets.get(..usize::try_from(read_word(length)?).ok()?)?.to_vec())
}

const PUT: &str = "put(bytes32)";
const PUT_DIGESTS: &str = "putDigests(bytes32,bytes32,bytes32,bytes32,uint64)";
const PUT_FULL: &str = "putFull(bytes32,bytes32,uint64,bytes,bytes)";
const GET: &str = "get(bytes32,bytes32)";
const RECORDED: &str = "Recorded(bytes32,bytes32,address,uint64)";
/// Five words stand before the first `bytes` of `putFull`.
const HEAD_OF_FULL: u64 = 5 * 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evm::registry;

    /// The compiler's own table, from the committed artifact.
    #[test]
    fn selectors_are_the_compilers() {
        let selectors = registry::artifact().unwrap().selectors;
        assert_eq!(selectors.len(), 4);
        for signature in [PUT, PUT_DIGESTS, PUT_FULL, GET] {
            assert_eq!(
                selectors.get(signature),
                Some(&hex::encode(selector(signature))),
                "{signature}"
            );
        }
        assert_eq!(hex::encode(selector("transfer(address,uint256)")), "a9059cbb");
        assert_eq!(
            hex::encode(keccak256(b"Transfer(address,address,uint256)")),
            "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
        );
    }

    #[test]
    fn golden_encodings() {
        let (e, d) = ("11".repeat(32), "22".repeat(32));
        let cases = [
            (Payload::Commit { evidence: [0x11; 32] }, format!("e3a8f7c6{e}")),
            (
                digests(),
                format!(
                    "0941c1c1{e}{d}{}{}{:064x}",
                    "33".repeat(32),
                    "44".repeat(32),
                    1_700_000_000
                ),
            ),
            (
                full(vec![0x55; 33], vec![]),
                format!(
                    "17a2d251{e}{d}{:064x}{:064x}{:064x}{:064x}{}{}{:064x}",
                    1_700_000_000,
                    0xa0,
                    0xa0 + 0x60,
                    33,
                    "55".repeat(33),
                    "00".repeat(31),
                    0
                ),
            ),
            (
                full(vec![0x55; 32], vec![0x66]),
                format!(
                    "17a2d251{e}{d}{:064x}{:064x}{:064x}{:064x}{}{:064x}66{}",
                    1_700_000_000,
                    0xa0,
                    0xa0 + 0x40,
                    32,
                    "55".repeat(32),
                    1,
                    "00".repeat(31)
                ),
            ),
        ];
        for (payload, expected) in cases {
            let encoded = encode_submission(&payload);
            assert_eq!(hex::encode(&encoded), expected);
            assert_eq!(decode_submission(&encoded), Some(payload));
        }
        assert_eq!(
            hex::encode(encode_get(&[0x11; 32], &[0x22; 32])),
            format!("658cc1f6{e}{d}")
        );
    }

    #[test]
    fn calls_that_are_not_ours() {
        let encoded = encode_submission(&full(vec![0x55; 70], vec![0x66; 40]));
        for cut in 0..encoded.len() {
            assert_eq!(decode_submission(&encoded[..cut]), None);
        }
        for at in 4..encoded.len() {
            let mut changed = encoded.clone();
            changed[at] ^= 0x80;
            // Changed content decodes to other content; a changed frame is refused. Neither panics.
            if let Some(payload) = decode_submission(&changed) {
                assert_eq!(encode_submission(&payload), changed);
            }
        }
        assert_eq!(decode_submission(&[0; 36]), None);
    }

    #[test]
    fn entries() {
        let answer = |submitter: &str, time: &str| hex::decode(format!("{submitter:0>64}{time:0>64}")).unwrap();
        assert_eq!(decode_entry(&answer("", "")), Some(None));
        let entry = Entry {
            submitter: [0xab; 20],
            block_time: 255,
        };
        assert_eq!(decode_entry(&answer(&"ab".repeat(20), "ff")), Some(Some(entry)));
        assert_eq!(decode_entry(&answer(&"ab".repeat(21), "ff")), None);
        assert_eq!(decode_entry(&answer(&"ab".repeat(20), &"ff".repeat(9))), None);
        assert_eq!(decode_entry(&[]), None, "no contract there");
        assert_eq!(decode_entry(&[0; 32]), None);
        assert_eq!(decode_entry(&[0; 65]), None);
        assert_eq!(decode_entry(&[0; 96]), None);
    }

    fn digests() -> Payload {
        Payload::Digests {
            evidence: [0x11; 32],
            document_sha256: [0x22; 32],
            signature_sha256: [0x33; 32],
            timestamp_sha256: [0x44; 32],
            gen_time: 1_700_000_000,
        }
    }

    fn full(signature_value: Vec<u8>, timestamp_token: Vec<u8>) -> Payload {
        Payload::Full {
            evidence: [0x11; 32],
            document_sha256: [0x22; 32],
            signature_value,
            timestamp_token,
            gen_time: 1_700_000_000,
        }
    }
}
