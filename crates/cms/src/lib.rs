//! Cryptographic messages: SignedData, SignedAttributes, RFC 3161 messages and the table of algorithms.
//!
//! In scope: encoding and decoding, signature arithmetic with a given public key.
//! Out of scope: trust decisions (countersign-trust), PDF (countersign-pdf), any IO, any clock.
//! Bytes in, values out.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

pub mod algorithm;
mod asn1;
pub mod certificate;
pub mod digest;
pub mod ecdsa;
pub mod key;
mod name;
mod oids;
mod time;

pub use algorithm::{AlgorithmError, DigestAlgorithm, SignatureAlgorithm};
pub use asn1::Asn1Error;
pub use certificate::{Certificate, CertificateError, certificates_from_pem_or_der};
pub use digest::Hasher;
pub use ecdsa::raw_to_der as ecdsa_raw_to_der;
pub use key::{KeyError, KeyKind, PublicKey, SignatureFailure};
