//! Practice means (演练): a throwaway certification authority, time-stamping authority, soft token and development chain.
//!
//! In scope: what `countersign demo` and the tests need in order to run the whole flow on real protocols without any real
//! institution. Everything made here says PRACTICE / 演练 in its own names and has no evidential value.
//! Out of scope: judging anything (countersign-trust), signing a contract (countersign-signing), talking to a chain
//! beyond bringing it up (countersign-remote).
//!
//! This crate encodes its RFC 3161 answers itself instead of sharing countersign-cms: the practice authority is the other
//! party of a protocol, and a mistake that both sides share would stay unseen.
//!
//! Invariants: private keys are written with mode 0600 into folders of mode 0700; servers listen on 127.0.0.1 only; time
//! comes in as an argument; every child process ends with its owner.

mod der;
pub mod dev_chain;
mod error;
mod folder;
pub mod lab;
pub mod pki;
pub mod soft_token;
pub mod tsa;

#[cfg(test)]
mod tests;

pub use dev_chain::{ChainOptions, DevChain};
pub use error::PracticeError;
pub use lab::{Lab, Signatory};
pub use pki::{ExtendedKeyUsage, Extension, Issue, KeyUsage, Pki, SignedBy, TsaIdentity};
pub use soft_token::{SoftKey, SoftKeyKind, SoftToken, token_environment};
pub use tsa::{TsaFault, TsaOptions, TsaServer};

/// What every practice thing says of itself. Part of names and labels, so it is never translated away.
pub const NO_EVIDENTIAL_VALUE: &str = "演练 PRACTICE – no evidential value / 无证据效力";
