//! What of a record goes to an endpoint, in three degrees of disclosure.
//!
//! Never in here: contract text, file names, people's names, certificates, CMS blobs.
//! Not its business: how an endpoint encodes it (remote).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How much of the record an endpoint receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum PayloadMode {
    /// evidence, document digest, signature value, timestamp token.
    #[default]
    Full,
    /// evidence and the SHA-256 digests of the three, with genTime.
    Digests,
    /// evidence alone.
    Commit,
}

/// The values sent for one record. An absent timestamp is an empty token, 32 zero octets as its digest and genTime 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
pub enum Payload {
    /// Everything that the record lets out.
    Full {
        /// SHA-256 of the tagged canonical record: idempotency key and on-chain key.
        #[serde(with = "hex::serde")]
        evidence: [u8; 32],
        /// SHA-256 of the finished file.
        #[serde(with = "hex::serde")]
        document_sha256: [u8; 32],
        /// SignerInfo.signature.
        #[serde(with = "hex::serde")]
        signature_value: Vec<u8>,
        /// The RFC 3161 TimeStampToken, DER; empty when there is none.
        #[serde(with = "hex::serde")]
        timestamp_token: Vec<u8>,
        /// genTime in seconds since 1970-01-01 UTC.
        gen_time: u64,
    },
    /// Digests only.
    Digests {
        /// As above.
        #[serde(with = "hex::serde")]
        evidence: [u8; 32],
        /// SHA-256 of the finished file.
        #[serde(with = "hex::serde")]
        document_sha256: [u8; 32],
        /// SHA-256 of SignerInfo.signature.
        #[serde(with = "hex::serde")]
        signature_sha256: [u8; 32],
        /// SHA-256 of the token, or zeros.
        #[serde(with = "hex::serde")]
        timestamp_sha256: [u8; 32],
        /// genTime in seconds since 1970-01-01 UTC.
        gen_time: u64,
    },
    /// The commitment alone.
    Commit {
        /// As above.
        #[serde(with = "hex::serde")]
        evidence: [u8; 32],
    },
}

impl Payload {
    /// The on-chain key.
    #[must_use]
    pub const fn evidence(&self) -> &[u8; 32] {
        match self {
            Self::Full { evidence, .. } | Self::Digests { evidence, .. } | Self::Commit { evidence } => evidence,
        }
    }

    /// What the registry stores beside the key: SHA-256("countersign.parts/1\n" ‖ document ‖ SHA-256(signature) ‖
    /// SHA-256(token) or zeros ‖ genTime as 8 octets, big endian). Zeros for `Commit`. The same for `Full` and `Digests`.
    #[must_use]
    pub fn parts(&self) -> [u8; 32] {
        let (document, signature, timestamp, gen_time) = match self {
            Self::Commit { .. } => return [0; 32],
            Self::Digests {
                document_sha256,
                signature_sha256,
                timestamp_sha256,
                gen_time,
                ..
            } => (*document_sha256, *signature_sha256, *timestamp_sha256, *gen_time),
            Self::Full {
                document_sha256,
                signature_value,
                timestamp_token,
                gen_time,
                ..
            } => {
                let token = if timestamp_token.is_empty() {
                    [0; 32]
                } else {
                    Sha256::digest(timestamp_token).into()
                };
                (
                    *document_sha256,
                    Sha256::digest(signature_value).into(),
                    token,
                    *gen_time,
                )
            }
        };
        let mut hash = Sha256::new();
        hash.update(b"countersign.parts/1\n");
        hash.update(document);
        hash.update(signature);
        hash.update(timestamp);
        hash.update(gen_time.to_be_bytes());
        hash.finalize().into()
    }
}
