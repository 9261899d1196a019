//! Evidence: the record of one signature, its canonical form and digest, the trace, what is sent to an endpoint.
//!
//! In scope: values and their canonical bytes. Out of scope: IO, clocks, names of people.

pub mod payload;
pub mod trace;

pub use payload::{Payload, PayloadMode};
pub use trace::{TraceEvent, TraceHead};
