//! The trace (签约轨迹): an append-only, hash-chained list of what happened to a contract.
//!
//! Not its business: where it is stored (store). head(n) = SHA-256(head(n-1) ‖ JCS(entry n)); head(0) is 32 zero octets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{ChainFault, EvidenceError, canonical::to_canonical};

/// One thing that happened. `detail` holds codes, digests and numbers, never a PIN, and stays on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceEvent {
    /// The signing session that it belongs to, or empty.
    pub session: String,
    /// open, review, approve, reject, prepare, pin-ok, pin-failed, sign, timestamp, embed, record, submit, included, final, verify, export, fault.
    pub kind: String,
    /// When, by the clock of this machine.
    pub at: Timestamp,
    /// Codes, digests, numbers.
    pub detail: BTreeMap<String, String>,
}

/// Where the trace stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceHead {
    /// Hash over everything so far.
    #[serde(with = "hex::serde")]
    pub hash: [u8; 32],
    /// Entries so far.
    pub count: u64,
}

impl TraceHead {
    /// Before the first entry: 32 zero octets, no entries.
    pub const START: Self = Self {
        hash: [0; 32],
        count: 0,
    };

    /// The head after one more entry.
    ///
    /// # Errors
    /// None for any event that can be built today; the encoder reserves the right.
    pub fn next(&self, event: &TraceEvent) -> Result<Self, EvidenceError> {
        Ok(self.next_octets(&to_canonical(event)?))
    }

    /// The head after one more entry that is already in canonical form.
    #[must_use]
    pub fn next_octets(&self, canonical: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.hash);
        hash.update(canonical);
        Self {
            hash: hash.finalize().into(),
            count: self.count.saturating_add(1),
        }
    }
}

/// Walks a trace from its start. Returns where it ends; a changed, missing, repeated or moved entry is the first break.
/// Entries missing at the end show only against a head that is known from elsewhere (a record, a bundle).
///
/// # Errors
/// `Broken` with the first position that does not hold.
pub fn verify_chain<'a>(
    entries: impl IntoIterator<Item = (&'a TraceEvent, &'a TraceHead)>,
    known: Option<&TraceHead>,
) -> Result<TraceHead, EvidenceError> {
    let mut head = TraceHead::START;
    let mut passed_known = known.is_none_or(|known| *known == head);
    for (event, claimed) in entries {
        let computed = head.next(event)?;
        let position = computed.count;
        if claimed.count != computed.count {
            let fault = ChainFault::Position {
                expected: computed.count,
                found: claimed.count,
            };
            return Err(EvidenceError::Broken { position, fault });
        }
        if claimed.hash != computed.hash {
            let fault = ChainFault::Hash {
                expected: computed.hash,
                found: claimed.hash,
            };
            return Err(EvidenceError::Broken { position, fault });
        }
        if let Some(known) = known.filter(|known| known.count == computed.count) {
            if known.hash != computed.hash {
                let fault = ChainFault::Hash {
                    expected: known.hash,
                    found: computed.hash,
                };
                return Err(EvidenceError::Broken { position, fault });
            }
            passed_known = true;
        }
        head = computed;
    }
    match known {
        Some(known) if !passed_known => Err(EvidenceError::Broken {
            position: head.count.saturating_add(1),
            fault: ChainFault::Short {
                known: known.count,
                count: head.count,
            },
        }),
        _ => Ok(head),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(kinds: &[&str]) -> Vec<(TraceEvent, TraceHead)> {
        let mut head = TraceHead::START;
        let mut entries = Vec::new();
        for (second, kind) in kinds.iter().enumerate() {
            let event = TraceEvent {
                session: "s1".to_owned(),
                kind: (*kind).to_owned(),
                at: Timestamp::from_second(1_800_000_000 + second as i64).unwrap(),
                detail: BTreeMap::from([("sha256".to_owned(), "00".to_owned())]),
            };
            head = head.next(&event).unwrap();
            entries.push((event, head));
        }
        entries
    }

    fn walk(entries: &[(TraceEvent, TraceHead)], known: Option<&TraceHead>) -> Result<TraceHead, EvidenceError> {
        verify_chain(entries.iter().map(|(event, head)| (event, head)), known)
    }

    #[test]
    fn whole_trace_holds() {
        let entries = trace(&["open", "review", "approve", "sign"]);
        assert_eq!(walk(&entries, None).unwrap(), entries[3].1);
        assert_eq!(walk(&entries, Some(&entries[1].1)).unwrap(), entries[3].1);
        assert_eq!(walk(&entries, Some(&TraceHead::START)).unwrap(), entries[3].1);
        assert_eq!(walk(&[], None).unwrap(), TraceHead::START);
    }

    #[test]
    fn every_tampering_is_found_where_it_is() {
        type Tamper = fn(&mut Vec<(TraceEvent, TraceHead)>);
        let cases: [(&str, Tamper, u64); 8] = [
            ("delete first", |e| drop(e.remove(0)), 1),
            ("delete middle", |e| drop(e.remove(1)), 2),
            ("delete last", |e| drop(e.pop()), 4),
            ("swap", |e| e.swap(1, 2), 2),
            ("repeat", |e| e.insert(1, e[0].clone()), 2),
            ("edit kind", |e| e[2].0.kind = "reject".to_owned(), 3),
            ("edit time", |e| e[0].0.at = Timestamp::UNIX_EPOCH, 1),
            (
                "edit detail",
                |e| {
                    e[3].0.detail.insert("pages".to_owned(), "2".to_owned());
                },
                4,
            ),
        ];
        for (name, tamper, at) in cases {
            let mut entries = trace(&["open", "review", "approve", "sign"]);
            let known = entries[3].1;
            tamper(&mut entries);
            match walk(&entries, Some(&known)) {
                Err(EvidenceError::Broken { position, .. }) => assert_eq!(position, at, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
    }

    #[test]
    fn rewritten_chain_is_found_against_a_known_head() {
        let known = trace(&["open", "review", "approve"])[2].1;
        let rewritten = trace(&["open", "approve", "sign", "done"]);
        assert!(walk(&rewritten, None).is_ok());
        assert!(matches!(
            walk(&rewritten, Some(&known)),
            Err(EvidenceError::Broken { position: 3, .. })
        ));
    }
}
