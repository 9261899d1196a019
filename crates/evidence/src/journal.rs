//! Entries of the local journal: append-only, hash-chained, on this machine only. Never called a chain.
//!
//! Not its business: where they are kept (store). A journal proves order and later tampering only to someone who holds an
//! earlier entry hash. hash(n) = SHA-256("countersign.journal/1\n" ‖ JCS(entry n)), and entry n holds hash(n-1).

use serde::{Deserialize, Serialize};

use crate::{
    ChainFault, EvidenceError, Payload,
    canonical::{from_canonical, tagged_digest, to_canonical},
};

/// Name of the schema and tag of its digest.
pub const SCHEMA: &str = "countersign.journal/1";

/// Tag of the digest by which an attempt is known before it has a place in the journal.
const LEAF: &str = "countersign.journal.leaf/1";

/// Octets of an entry that are read at most.
pub const MAX_OCTETS: usize = 256 * 1024;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalEntry {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which journal, random hex.
    pub journal: String,
    /// A practice journal: no evidential value.
    pub practice: bool,
    /// From 1, without gaps.
    pub seq: u64,
    /// Hash of the entry before; 32 zero octets before the first.
    #[serde(with = "hex::serde")]
    pub prev: [u8; 32],
    /// The evidence, once more, so that an entry can be read without its payload's mode.
    #[serde(with = "hex::serde")]
    pub evidence: [u8; 32],
    /// [`Payload::parts`].
    #[serde(with = "hex::serde")]
    pub parts: [u8; 32],
    /// What was submitted.
    pub payload: Payload,
    /// Clock of this machine when it was appended, seconds since 1970. Never proof of time.
    pub time: u64,
}

impl JournalEntry {
    /// The entry that follows `prev` (sequence number and hash), or the first one.
    #[must_use]
    pub fn after(prev: Option<(u64, [u8; 32])>, journal: &str, practice: bool, payload: Payload, time: u64) -> Self {
        let (seq, prev) = prev.map_or((1, [0; 32]), |(seq, hash)| (seq.saturating_add(1), hash));
        Self {
            schema: SCHEMA.to_owned(),
            journal: journal.to_owned(),
            practice,
            seq,
            prev,
            evidence: *payload.evidence(),
            parts: payload.parts(),
            payload,
            time,
        }
    }

    /// The canonical octets.
    ///
    /// # Errors
    /// Integers from 2^53 on; evidence or parts that are not the payload's.
    pub fn canonical(&self) -> Result<Vec<u8>, EvidenceError> {
        self.check()?;
        to_canonical(self)
    }

    /// The entry hash.
    ///
    /// # Errors
    /// As for [`JournalEntry::canonical`].
    pub fn hash(&self) -> Result<[u8; 32], EvidenceError> {
        Ok(tagged_digest(SCHEMA, &self.canonical()?))
    }

    /// Reads canonical octets.
    ///
    /// # Errors
    /// Everything that is not exactly an entry.
    pub fn parse(octets: &[u8]) -> Result<Self, EvidenceError> {
        let entry: Self = from_canonical(octets, MAX_OCTETS)?;
        entry.check()?;
        Ok(entry)
    }

    fn check(&self) -> Result<(), EvidenceError> {
        if self.schema != SCHEMA {
            return Err(EvidenceError::Schema {
                expected: SCHEMA,
                found: self.schema.chars().take(64).collect(),
            });
        }
        let value = |field, rule| EvidenceError::Value { field, rule };
        if self.evidence != *self.payload.evidence() {
            return Err(value("evidence", "the payload's"));
        }
        if self.parts != self.payload.parts() {
            return Err(value("parts", "the payload's"));
        }
        Ok(())
    }
}

/// What a payload is known by before it has a place: SHA-256("countersign.journal.leaf/1\n" ‖ JCS(payload)), with the octets.
///
/// # Errors
/// Integers from 2^53 on.
pub fn leaf(payload: &Payload) -> Result<([u8; 32], Vec<u8>), EvidenceError> {
    let octets = to_canonical(payload)?;
    Ok((tagged_digest(LEAF, &octets), octets))
}

/// Reads the octets of a leaf, and computes what it is known by.
///
/// # Errors
/// Everything that is not exactly a payload.
pub fn parse_leaf(octets: &[u8]) -> Result<([u8; 32], Payload), EvidenceError> {
    let payload: Payload = from_canonical(octets, MAX_OCTETS)?;
    Ok((tagged_digest(LEAF, octets), payload))
}

/// Walks stored entries (octets and the hash that is claimed for them) from the first one. Returns the last place and hash.
///
/// # Errors
/// `Broken` at the first entry that is changed, missing, repeated or moved; the reason of an entry that cannot be read.
pub fn verify_entries<'a>(
    entries: impl IntoIterator<Item = (&'a [u8], [u8; 32])>,
) -> Result<Option<(u64, [u8; 32])>, EvidenceError> {
    let mut last = None;
    let mut journal: Option<(String, bool)> = None;
    for (octets, claimed) in entries {
        let entry = JournalEntry::parse(octets)?;
        let (position, prev) = last.map_or((1, [0; 32]), |(seq, hash): (u64, [u8; 32])| {
            (seq.saturating_add(1), hash)
        });
        let broken = |fault| Err(EvidenceError::Broken { position, fault });
        if entry.seq != position {
            return broken(ChainFault::Position {
                expected: position,
                found: entry.seq,
            });
        }
        if entry.prev != prev {
            return broken(ChainFault::Hash {
                expected: prev,
                found: entry.prev,
            });
        }
        let computed = tagged_digest(SCHEMA, octets);
        if claimed != computed {
            return broken(ChainFault::Hash {
                expected: computed,
                found: claimed,
            });
        }
        let identity = (entry.journal, entry.practice);
        if journal.get_or_insert_with(|| identity.clone()) != &identity {
            return Err(EvidenceError::Value {
                field: "journal",
                rule: "one journal from the first entry on",
            });
        }
        last = Some((position, computed));
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: u8) -> Vec<(Vec<u8>, [u8; 32])> {
        let mut last = None;
        let mut all = Vec::new();
        for number in 1..=count {
            let payload = Payload::Full {
                evidence: [number; 32],
                document_sha256: [7; 32],
                signature_value: vec![1, 2, 3],
                timestamp_token: vec![],
                gen_time: 0,
            };
            let entry = JournalEntry::after(last, "0a", false, payload, 1_800_000_000);
            let hash = entry.hash().unwrap();
            last = Some((entry.seq, hash));
            all.push((entry.canonical().unwrap(), hash));
        }
        all
    }

    fn walk(entries: &[(Vec<u8>, [u8; 32])]) -> Result<Option<(u64, [u8; 32])>, EvidenceError> {
        verify_entries(entries.iter().map(|(octets, hash)| (octets.as_slice(), *hash)))
    }

    #[test]
    fn tampering_is_found() {
        let whole = entries(4);
        assert_eq!(walk(&whole).unwrap().unwrap(), (4, whole[3].1));
        assert_eq!(walk(&[]).unwrap(), None);
        type Tamper = fn(&mut Vec<(Vec<u8>, [u8; 32])>);
        let cases: [(&str, Tamper); 6] = [
            ("delete", |e| drop(e.remove(1))),
            ("delete first", |e| drop(e.remove(0))),
            ("swap", |e| e.swap(2, 3)),
            ("repeat", |e| e.insert(1, e[0].clone())),
            ("edit", |e| {
                let mut entry = JournalEntry::parse(&e[1].0).unwrap();
                entry.time += 1;
                e[1].0 = entry.canonical().unwrap();
            }),
            ("edit with its hash", |e| {
                let mut entry = JournalEntry::parse(&e[1].0).unwrap();
                entry.time += 1;
                e[1] = (entry.canonical().unwrap(), entry.hash().unwrap());
            }),
        ];
        for (name, tamper) in cases {
            let mut entries = entries(4);
            tamper(&mut entries);
            assert!(matches!(walk(&entries), Err(EvidenceError::Broken { .. })), "{name}");
        }
    }

    #[test]
    fn an_entry_cannot_claim_other_parts_than_its_payload() {
        let mut entry = JournalEntry::parse(&entries(1)[0].0).unwrap();
        entry.parts = [9; 32];
        assert!(matches!(
            entry.canonical(),
            Err(EvidenceError::Value { field: "parts", .. })
        ));
        entry.parts = entry.payload.parts();
        entry.evidence = [9; 32];
        assert!(matches!(
            entry.hash(),
            Err(EvidenceError::Value { field: "evidence", .. })
        ));
    }

    #[test]
    fn a_leaf_reads_back_and_nothing_else_does() {
        let payload = Payload::Commit { evidence: [1; 32] };
        let (id, octets) = leaf(&payload).unwrap();
        assert_eq!(parse_leaf(&octets).unwrap(), (id, payload));
        let text = String::from_utf8(octets).unwrap();
        for changed in [
            text.replace("01", "0A"),
            text.replace(':', ": "),
            text.replace("commit", "full"),
            format!("{text} "),
        ] {
            assert!(parse_leaf(changed.as_bytes()).is_err(), "{changed}");
        }
    }
}
