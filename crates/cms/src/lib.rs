//! Cryptographic messages: SignedData, SignedAttributes, RFC 3161 messages and the table of algorithms.
//!
//! In scope: encoding and decoding, signature arithmetic with a given public key.
//! Out of scope: trust decisions (countersign-trust), PDF (countersign-pdf), any IO, any clock.
//! Bytes in, values out.
//!
//! Signing: [`signed_attributes`] makes the octets that a token signs, [`PublicKey::interpret_output`] checks what it gave,
//! [`signed_data`] makes the message, [`with_timestamp`] adds the token of an authority. Reading: [`read_signed_data`], then
//! [`verify_signer`] with the digest of the signed octets; an empty list of problems is the only "intact".
//!
//! Invariants: octets that were signed are never written anew before they are hashed; an algorithm outside the table of
//! [`algorithm`] is refused by name; nothing here panics on foreign octets, and all of it is bounded.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

pub mod algorithm;
mod asn1;
pub mod attributes;
mod ber;
pub mod build;
pub mod certificate;
pub mod digest;
pub mod ecdsa;
mod error;
pub mod key;
mod name;
mod oids;
pub mod read;
mod time;
pub mod timestamp;
pub mod verify;

pub use algorithm::{AlgorithmError, DigestAlgorithm, SignatureAlgorithm};
pub use asn1::Asn1Error;
pub use attributes::{Attribute, CertificateReference, SignedAttributes, SignedAttributesInput, signed_attributes};
pub use ber::Repairs;
pub use build::{
    ContentInput, SignedDataInput, signature_len, signed_data, signed_data_capacity, signed_data_with_content,
    with_timestamp,
};
pub use certificate::{Certificate, CertificateError, Extension, KeyUsage, certificates_from_pem_or_der};
pub use digest::Hasher;
pub use ecdsa::raw_to_der as ecdsa_raw_to_der;
pub use error::CmsError;
pub use key::{KeyError, KeyKind, PublicKey, SignatureFailure};
pub use read::{SignedDataView, Signer, SignerId, read_signed_data};
pub use verify::{SignerProblem, verify_encapsulated, verify_signer, verify_signer_among, verify_signer_over};
