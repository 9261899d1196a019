//! Evidence: the record of one signature, its canonical form and digest, the trace, the journal's entries, what is sent
//! to an endpoint.
//!
//! In scope: values and their canonical bytes (RFC 8785). Out of scope: IO, clocks, randomness, names of people.
//!
//! ```
//! use countersign_evidence::commit;
//! // A name is never in a record, only a commitment to it; the random octets stay in the bundle.
//! assert_ne!(commit(&[1; 32], b"Example Bank"), commit(&[2; 32], b"Example Bank"));
//! ```

pub mod canonical;
mod error;
pub mod journal;
pub mod payload;
pub mod record;
mod record_rules;
pub mod trace;

pub use error::{ChainFault, EvidenceError};
pub use journal::JournalEntry;
pub use payload::{Payload, PayloadMode};
pub use record::{Record, commit};
pub use trace::{TraceEvent, TraceHead, verify_chain};
