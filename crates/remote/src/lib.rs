//! Adapters to services over HTTP: time-stamping authorities and evidence endpoints.
//!
//! In scope: carrying octets within bounds of size and time, TLS, JSON-RPC, transactions of an EVM chain and the account
//! key that signs them (DOMAIN D1–D5, E1–E11).
//! Out of scope: judging a timestamp (cms, trust), deciding what is submitted and when (signing, engine), the keyring
//! and the outbox (store), PKCS#11 (token).
//!
//! Invariants: no redirect is followed; no proxy of the environment is used; nothing goes out over plain http except to
//! loopback (timestamp requests without credentials excepted: they hold a digest and the answer is signed); no client is made
//! before it is needed; no decision is made on the text of an error.

pub mod config;
pub mod evm;
mod http;
pub mod tsa;

pub use config::{ConfigError, TlsConfig};
