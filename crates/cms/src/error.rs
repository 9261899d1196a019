//! Why a message could not be read or built at all. What is wrong with a readable message is a list of problems instead.

use crate::algorithm::AlgorithmError;
use crate::asn1::Asn1Error;
use crate::certificate::CertificateError;

/// Why a message could not be read or built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the compared values")]
#[non_exhaustive]
pub enum CmsError {
    /// An algorithm that cannot be written.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// A certificate for embedding is none.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A value that is none of its type: which one.
    #[error("{what} not acceptable")]
    Input { what: &'static str },
    /// Not the structure that it should be.
    #[error("message not readable")]
    Malformed(#[from] Asn1Error),
    /// SignedData without a signer.
    #[error("no signer in the message")]
    NoSigner,
    /// A message of another type.
    #[error("message of type {oid}, not signed data")]
    NotSignedData { oid: String },
    /// More or fewer signers than the operation can handle.
    #[error("{found} signers where exactly one is handled")]
    SignerCount { found: usize },
    /// Nested deeper than we read.
    #[error("nested deeper than {limit}")]
    TooDeep { limit: usize },
    /// Over a limit.
    #[error("{found} octets or elements where at most {limit} are read")]
    TooLarge { found: usize, limit: usize },
}
