//! Cryptographic messages: SignedData, SignedAttributes, RFC 3161 messages and the table of algorithms.
//!
//! In scope: encoding and decoding, signature arithmetic with a given public key.
//! Out of scope: trust decisions (countersign-trust), PDF (countersign-pdf), any IO, any clock.
//! Bytes in, values out.

pub mod algorithm;

pub use algorithm::{DigestAlgorithm, SignatureAlgorithm};
