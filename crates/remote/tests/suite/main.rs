//! countersign-remote against real counterparts: a development node, servers that misbehave, TLS.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod contract;
mod faults;
mod node;
mod registry;
mod support;
mod tls;
mod tsa;
