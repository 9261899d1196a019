//! The one table of algorithms: what we sign with, what we accept when reading.
//!
//! Not its business: which of them a policy allows (trust), which of them a token offers (token).
//! RFC 5652, RFC 8017, RFC 5754, RFC 8419, GM/T 0003.

use serde::{Deserialize, Serialize};

/// A message digest algorithm. `Sha1` is read, never written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestAlgorithm {
    /// SHA-1, 20 octets; only to judge old signatures and ESSCertID of RFC 2634.
    Sha1,
    /// SHA-256, 32 octets.
    Sha256,
    /// SHA-384, 48 octets.
    Sha384,
    /// SHA-512, 64 octets.
    Sha512,
    /// SM3, 32 octets.
    Sm3,
}

/// A signature algorithm with the digest it is used with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS, MGF1 with the same digest, salt as long as the digest.
    RsaPss(DigestAlgorithm),
    /// ECDSA over the curve of the key; the value is the DER SEQUENCE of r and s.
    Ecdsa(DigestAlgorithm),
    /// Ed25519 over the message itself (RFC 8419: digest SHA-512).
    Ed25519,
    /// SM2 with SM3 and the default user id (GM/T 0009).
    Sm2Sm3,
}
