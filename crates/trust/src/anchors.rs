//! The certificates that are trusted because somebody configured them.
//!
//! Not its business: where they are kept (store), PEM (the caller).

use countersign_cms::DigestAlgorithm;

use crate::path::{Material, UnreadableCertificate};

/// Trust anchors, each a certificate.
#[derive(Clone, Default)]
pub struct TrustAnchors {
    certificates: Vec<Material>,
    fingerprint: [u8; 32],
}

/// Why a set of anchors was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum AnchorError {
    /// One is not a certificate that we can read. `index` counts from 0.
    #[error("anchor {index} is not usable: {source}")]
    Unreadable {
        index: usize,
        source: UnreadableCertificate,
    },
    /// Too many.
    #[error("{given} anchors, at most {limit} are taken")]
    TooMany { given: usize, limit: usize },
}

impl TrustAnchors {
    /// Takes DER certificates; repeated ones count once. An empty set is allowed and trusts nothing.
    ///
    /// # Errors
    /// When one cannot be read: an anchor that is silently missing would be noticed too late.
    pub fn new(certificates: Vec<Vec<u8>>) -> Result<Self, AnchorError> {
        if certificates.len() > LIMIT {
            return Err(AnchorError::TooMany {
                given: certificates.len(),
                limit: LIMIT,
            });
        }
        let mut read = certificates
            .iter()
            .enumerate()
            .map(|(index, der)| Material::read(der).map_err(|source| AnchorError::Unreadable { index, source }))
            .collect::<Result<Vec<_>, _>>()?;
        read.sort_by(|left, right| left.der().cmp(right.der()));
        read.dedup_by(|left, right| left.der() == right.der());
        let all: Vec<u8> = read
            .iter()
            .flat_map(|certificate| DigestAlgorithm::Sha256.hash(certificate.der()))
            .collect();
        let mut fingerprint = [0; 32];
        for (to, from) in fingerprint.iter_mut().zip(DigestAlgorithm::Sha256.hash(&all)) {
            *to = from;
        }
        Ok(Self {
            certificates: read,
            fingerprint,
        })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// Whether this very certificate (DER) is one.
    #[must_use]
    pub fn contains(&self, certificate: &[u8]) -> bool {
        self.certificates
            .binary_search_by(|anchor| anchor.der().cmp(certificate))
            .is_ok()
    }

    pub(crate) fn certificates(&self) -> &[Material] {
        &self.certificates
    }

    /// Names the set, whatever the order it was given in.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}

impl std::fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrustAnchors")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Several times what whole-world root stores hold.
const LIMIT: usize = 2048;
