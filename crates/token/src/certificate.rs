//! A certificate of a token with what pairing needs to know of it.
//!
//! Not its business: validity and trust (countersign-trust); a token lists expired certificates too.
//! RFC 5280 section 4.2.1.3, DOMAIN A4.

use countersign_cms::{Certificate, PublicKey};
use countersign_signing::ports::KeyKind;

use crate::material::KeyMaterial;

/// A certificate, read.
#[derive(Debug, Clone)]
pub(crate) struct CertificateFacts {
    pub(crate) certificate: Certificate,
    pub(crate) key: PublicKey,
    pub(crate) material: KeyMaterial,
}

impl CertificateFacts {
    pub(crate) fn kind(&self) -> KeyKind {
        self.material.kind()
    }

    /// Whether keyUsage lets it sign contracts: digitalSignature or nonRepudiation, or no keyUsage at all.
    pub(crate) fn may_sign(&self) -> bool {
        let usage = self.certificate.key_usage();
        usage.is_none_or(|usage| usage.digital_signature() || usage.non_repudiation())
    }

    pub(crate) fn sha256(&self) -> String {
        hex::encode(self.certificate.sha256())
    }
}

/// Reads a certificate; the reason is for people.
pub(crate) fn read(der: &[u8]) -> Result<CertificateFacts, String> {
    let certificate = Certificate::from_der(der).map_err(|error| error.to_string())?;
    let key = certificate.public_key().map_err(|error| error.to_string())?;
    let material = KeyMaterial::spki(certificate.spki_der()).ok_or("public key not comparable")?;
    Ok(CertificateFacts {
        certificate,
        key,
        material,
    })
}

/// The certificates that lead from one to its root, as far as the others hold them, by issuer name.
pub(crate) fn chain<'a>(of: &Certificate, others: impl Iterator<Item = &'a Certificate> + Clone) -> Vec<Vec<u8>> {
    let mut found: Vec<&Certificate> = Vec::new();
    let mut last = of;
    while found.len() < CHAIN_LIMIT && !last.is_self_issued() {
        let issuer = others.clone().find(|other| {
            let fits = match (last.authority_key_id(), other.subject_key_id()) {
                (Some(wanted), Some(had)) => wanted == had,
                _ => true,
            };
            other.subject_der() == last.issuer_der() && fits && *other != of && !found.contains(other)
        });
        let Some(issuer) = issuer else { break };
        found.push(issuer);
        last = issuer;
    }
    found
        .into_iter()
        .map(|certificate| certificate.der().to_vec())
        .collect()
}

const CHAIN_LIMIT: usize = 8;
