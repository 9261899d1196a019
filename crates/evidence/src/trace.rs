//! The trace (签约轨迹): an append-only, hash-chained list of what happened to a contract.
//!
//! Not its business: where it is stored (store). head(n) = SHA-256(head(n-1) ‖ JCS(entry n)); head(0) is 32 zero octets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
