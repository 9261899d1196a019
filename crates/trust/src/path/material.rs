//! A certificate as the search and the judgement need it: our reading and certval's reading of the same octets.
//!
//! Both readings must succeed; a certificate that one reader refuses takes no part in any path.

use std::sync::OnceLock;

use countersign_cms::certificate::{Certificate, CertificateError};
use countersign_cms::{PublicKey, SignatureAlgorithm};
use jiff::Timestamp;

use super::finding::CertificateId;
use super::rfc5280::Decoded;

/// Why a certificate takes no part in a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableCertificate {
    /// It cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// It can be read, but is not the strict DER of a version 3 certificate.
    #[error("not the strict DER of a version 3 certificate")]
    NotStrict,
}

#[derive(Clone)]
pub(crate) struct Material {
    pub(crate) certificate: Certificate,
    pub(crate) decoded: Decoded,
    /// Read when first needed: most of a large pool never is.
    key: OnceLock<Option<PublicKey>>,
}

impl Material {
    pub(crate) fn read(der: &[u8]) -> Result<Self, UnreadableCertificate> {
        let certificate = Certificate::from_der(der)?;
        // Without the padding that our reader drops.
        let decoded = Decoded::new(certificate.der()).ok_or(UnreadableCertificate::NotStrict)?;
        Ok(Self {
            certificate,
            decoded,
            key: OnceLock::new(),
        })
    }

    pub(crate) fn der(&self) -> &[u8] {
        self.certificate.der()
    }

    pub(crate) fn id(&self, position: usize) -> CertificateId {
        CertificateId {
            position,
            sha256: hex::encode(self.certificate.sha256()),
            subject: self.certificate.subject(),
        }
    }

    pub(crate) fn validity(&self) -> (Timestamp, Timestamp) {
        (self.certificate.not_before(), self.certificate.not_after())
    }

    /// The algorithm of its own signature, or the name of one that is not in the table.
    pub(crate) fn signature_algorithm(&self) -> Result<SignatureAlgorithm, String> {
        self.certificate
            .signature_algorithm()
            .map_err(|error| error.to_string())
    }

    pub(crate) fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.certificate.issuer_der() == issuer.certificate.subject_der()
            || self.decoded.names_as_issuer(&issuer.decoded)
    }

    /// 0: authorityKeyIdentifier is the issuer's subjectKeyIdentifier; 1: one of them is missing; 2: they differ.
    pub(crate) fn key_identifier_distance(&self, issuer: &Self) -> u8 {
        match (self.certificate.authority_key_id(), issuer.certificate.subject_key_id()) {
            (Some(wanted), Some(present)) if wanted == present => 0,
            (Some(_), Some(_)) => 2,
            _ => 1,
        }
    }

    /// The same name with the same key.
    pub(crate) fn is_same_entity(&self, other: &Self) -> bool {
        self.certificate.spki_der() == other.certificate.spki_der()
            && self.certificate.subject_der() == other.certificate.subject_der()
    }

    pub(crate) fn is_signed_by(&self, issuer: &Self) -> bool {
        issuer
            .key
            .get_or_init(|| issuer.certificate.public_key().ok())
            .as_ref()
            .is_some_and(|key| self.certificate.verify_signed_by(key).is_ok())
    }
}
