//! The one table of algorithms: what we sign with, what we accept when reading.
//!
//! Lenient in encoding (parameters NULL or absent), never in algorithms: what is not in the table is refused. A digest
//! algorithm of a signer that is not the one inside its signature algorithm is kept as it is and judged in `verify`.
//! Not its business: which of them a policy allows (trust), which of them a token offers (token).
//! RFC 5652, RFC 8017, RFC 4055, RFC 5754, RFC 8419, GM/T 0003.

use serde::{Deserialize, Serialize};

use crate::asn1::{self, Asn1Error, INTEGER, NULL, OCTET_STRING, OID, Reader, SEQUENCE, Tlv, sequence, tlv};
use crate::oids;

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
    /// RSASSA-PSS, MGF1 with the same digest, salt of another length (RFC 4055 §3.1): read, never written.
    RsaPssSalt(DigestAlgorithm, u16),
    /// ECDSA over the curve of the key; the value is the DER SEQUENCE of r and s.
    Ecdsa(DigestAlgorithm),
    /// Ed25519 over the message itself (RFC 8419: digest SHA-512).
    Ed25519,
    /// SM2 with SM3 and the default user id (GM/T 0009).
    Sm2Sm3,
}

/// Why an AlgorithmIdentifier is not in the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the compared values")]
#[non_exhaustive]
pub enum AlgorithmError {
    /// Not an AlgorithmIdentifier.
    #[error("algorithm identifier not readable")]
    Malformed(#[from] Asn1Error),
    /// Parameters that the table does not have for this algorithm.
    #[error("parameters of algorithm {oid} not supported")]
    Parameters { oid: String },
    /// Not in the table.
    #[error("algorithm {oid} not supported")]
    Unknown { oid: String },
}

impl DigestAlgorithm {
    /// All of the table.
    pub const ALL: [Self; 5] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512, Self::Sm3];

    /// The object identifier, dotted.
    #[must_use]
    pub const fn oid(self) -> &'static str {
        match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
            Self::Sm3 => "1.2.156.10197.1.401",
        }
    }

    /// The algorithm of a dotted object identifier.
    #[must_use]
    pub fn from_oid(oid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.oid() == oid)
    }

    /// Octets of a digest.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 | Self::Sm3 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sm3 => "SM3",
        }
    }

    /// Whether collisions are practical, so that it may not carry a new signature.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::Sha1)
    }

    /// The AlgorithmIdentifier, parameters absent (RFC 5754 §2).
    #[must_use]
    pub fn identifier(self) -> Vec<u8> {
        sequence(&[&asn1::oid(self.oid())])
    }

    /// DigestInfo of RFC 8017 §9.2: what a raw CKM_RSA_PKCS mechanism is given.
    #[must_use]
    pub fn digest_info(self, digest: &[u8]) -> Vec<u8> {
        sequence(&[&self.identifier_with_null(), &tlv(OCTET_STRING, digest)])
    }

    /// Reads an AlgorithmIdentifier; parameters may be absent or NULL.
    ///
    /// # Errors
    /// When it is none, or not in the table.
    pub fn from_identifier(der: &[u8]) -> Result<Self, AlgorithmError> {
        let (oid, parameters) = split(der)?;
        if parameters.is_some_and(|parameters| parameters.tag != NULL) {
            return Err(AlgorithmError::Parameters { oid });
        }
        match oid.as_str() {
            // Some producers put the signature algorithm where the digest algorithm belongs.
            oids::SM2_SM3 | oids::SM3_PLAIN => Ok(Self::Sm3),
            known => Self::from_oid(known).ok_or(AlgorithmError::Unknown { oid }),
        }
    }

    fn identifier_with_null(self) -> Vec<u8> {
        sequence(&[&asn1::oid(self.oid()), &tlv(NULL, &[])])
    }
}

impl SignatureAlgorithm {
    /// The digest of the message that goes with it.
    #[must_use]
    pub const fn digest(self) -> DigestAlgorithm {
        match self {
            Self::RsaPkcs1(digest) | Self::RsaPss(digest) | Self::RsaPssSalt(digest, _) | Self::Ecdsa(digest) => digest,
            Self::Ed25519 => DigestAlgorithm::Sha512,
            Self::Sm2Sm3 => DigestAlgorithm::Sm3,
        }
    }

    /// The object identifier, dotted. `None` for combinations that have none (SM3 with RSA or ECDSA).
    #[must_use]
    pub fn oid(self) -> Option<&'static str> {
        match self {
            Self::RsaPss(DigestAlgorithm::Sm3) | Self::RsaPssSalt(DigestAlgorithm::Sm3, _) => None,
            Self::RsaPss(_) | Self::RsaPssSalt(..) => Some(oids::RSA_PSS),
            Self::Ed25519 => Some(oids::ED25519),
            Self::Sm2Sm3 => Some(oids::SM2_SM3),
            Self::RsaPkcs1(_) | Self::Ecdsa(_) => SIGNATURES
                .iter()
                .find(|(_, algorithm)| *algorithm == self)
                .map(|(oid, _)| *oid),
        }
    }

    /// A short name with its digest, e.g. `RSASSA-PSS SHA-256`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::RsaPkcs1(digest) => format!("RSA PKCS#1 {}", digest.name()),
            Self::RsaPss(digest) => format!("RSASSA-PSS {}", digest.name()),
            Self::RsaPssSalt(digest, salt) => format!("RSASSA-PSS {}, salt {salt}", digest.name()),
            Self::Ecdsa(digest) => format!("ECDSA {}", digest.name()),
            Self::Ed25519 => "Ed25519".to_owned(),
            Self::Sm2Sm3 => "SM2 SM3".to_owned(),
        }
    }

    /// The AlgorithmIdentifier as it is written: NULL parameters for RSA (RFC 4055 §5), full ones for PSS, none otherwise.
    ///
    /// # Errors
    /// When the combination has no object identifier.
    pub fn identifier(self) -> Result<Vec<u8>, AlgorithmError> {
        let oid = self.oid().ok_or_else(|| AlgorithmError::Unknown { oid: self.name() })?;
        let oid = asn1::oid(oid);
        Ok(match self {
            Self::RsaPkcs1(_) => sequence(&[&oid, &tlv(NULL, &[])]),
            Self::RsaPss(digest) => sequence(&[&oid, &pss_parameters(digest, digest.output_len())]),
            Self::RsaPssSalt(digest, salt) => sequence(&[&oid, &pss_parameters(digest, usize::from(salt))]),
            Self::Ecdsa(_) | Self::Ed25519 | Self::Sm2Sm3 => sequence(&[&oid]),
        })
    }

    /// Reads the AlgorithmIdentifier of a certificate, CRL or OCSP response, which says everything by itself.
    ///
    /// # Errors
    /// When it is not in the table, or names only a key type.
    pub fn from_identifier(der: &[u8]) -> Result<Self, AlgorithmError> {
        let (oid, parameters) = split(der)?;
        let empty = parameters.is_none_or(|parameters| parameters.tag == NULL);
        match oid.as_str() {
            oids::RSA_PSS => pss(&oid, parameters),
            oids::ED25519 if empty => Ok(Self::Ed25519),
            // SM2 signatures exist with SM3 only (GM/T 0009 §8), so the role says the digest as well.
            oids::SM2_SM3 | oids::SM2_SIGN if empty => Ok(Self::Sm2Sm3),
            known => match SIGNATURES.iter().find(|(listed, _)| *listed == known) {
                Some((_, algorithm)) if empty => Ok(*algorithm),
                Some(_) => Err(AlgorithmError::Parameters { oid }),
                None => Err(AlgorithmError::Unknown { oid }),
            },
        }
    }

    /// Reads the two AlgorithmIdentifiers of a SignerInfo. A signature algorithm that names only the key type takes the
    /// digest algorithm beside it (RFC 3370 §3.2); one that names a digest of its own keeps it, whatever stands beside it.
    ///
    /// # Errors
    /// When one of them is not in the table.
    pub fn from_identifiers(digest: &[u8], signature: &[u8]) -> Result<Self, AlgorithmError> {
        let digest = DigestAlgorithm::from_identifier(digest)?;
        let (oid, parameters) = split(signature)?;
        Ok(match (oid.as_str(), digest) {
            (oids::RSA, DigestAlgorithm::Sm3) => return Err(AlgorithmError::Unknown { oid }),
            (oids::RSA, digest) if parameters.is_none_or(|parameters| parameters.tag == NULL) => Self::RsaPkcs1(digest),
            (oids::SM2_SIGN | oids::SM2 | oids::EC_PUBLIC_KEY, DigestAlgorithm::Sm3) => Self::Sm2Sm3,
            (oids::EC_PUBLIC_KEY, digest) => Self::Ecdsa(digest),
            _ => Self::from_identifier(signature)?,
        })
    }
}

/// RSASSA-PSS-params (RFC 4055 §3.1) with one digest for message and mask.
fn pss_parameters(digest: DigestAlgorithm, salt: usize) -> Vec<u8> {
    let hash = digest.identifier_with_null();
    let mask = sequence(&[&asn1::oid(oids::MGF1), &hash]);
    let salt = asn1::integer(&salt.to_be_bytes());
    sequence(&[&tlv(0xa0, &hash), &tlv(0xa1, &mask), &tlv(0xa2, &salt)])
}

/// Object identifier and parameters of an AlgorithmIdentifier.
pub(crate) fn split(der: &[u8]) -> Result<(String, Option<Tlv<'_>>), AlgorithmError> {
    let mut reader = asn1::single(der, SEQUENCE)?.reader();
    let oid = asn1::dotted(reader.expect(OID)?.value)?;
    let parameters = if reader.is_empty() { None } else { Some(reader.any()?) };
    reader.finish()?;
    Ok((oid, parameters))
}

/// RSASSA-PSS-params (RFC 4055 §3.1): one digest for message and mask, a salt of any length, trailer 1.
fn pss(oid: &str, parameters: Option<Tlv<'_>>) -> Result<SignatureAlgorithm, AlgorithmError> {
    let refused = || AlgorithmError::Parameters { oid: oid.to_owned() };
    let parameters = parameters
        .filter(|parameters| parameters.tag == SEQUENCE)
        .ok_or_else(refused)?;
    let mut reader = parameters.reader();
    let hash = match reader.optional(0xa0)? {
        Some(explicit) => DigestAlgorithm::from_identifier(explicit.value)?,
        None => DigestAlgorithm::Sha1,
    };
    let mask = match reader.optional(0xa1)? {
        Some(explicit) => match split(explicit.value)? {
            (mask, Some(inner)) if mask == oids::MGF1 => DigestAlgorithm::from_identifier(inner.full)?,
            _ => return Err(refused()),
        },
        None => DigestAlgorithm::Sha1,
    };
    let number = |explicit: Option<Tlv<'_>>, default: u32| match explicit {
        Some(explicit) => asn1::single(explicit.value, INTEGER).and_then(|element| asn1::small(&element)),
        None => Ok(default),
    };
    let salt = number(reader.optional(0xa2)?, 20)?;
    let trailer = number(reader.optional(0xa3)?, 1)?;
    Reader::finish(&reader)?;
    let salt = u16::try_from(salt).map_err(|_| refused())?;
    match (mask == hash && trailer == 1, hash) {
        (false, _) | (_, DigestAlgorithm::Sm3) => Err(refused()),
        (true, _) if usize::from(salt) == hash.output_len() => Ok(SignatureAlgorithm::RsaPss(hash)),
        (true, _) => Ok(SignatureAlgorithm::RsaPssSalt(hash, salt)),
    }
}

/// Signature algorithms whose identifier says everything.
const SIGNATURES: [(&str, SignatureAlgorithm); 8] = [
    (
        "1.2.840.113549.1.1.5",
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha1),
    ),
    (
        "1.2.840.113549.1.1.11",
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
    ),
    (
        "1.2.840.113549.1.1.12",
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha384),
    ),
    (
        "1.2.840.113549.1.1.13",
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha512),
    ),
    ("1.2.840.10045.4.1", SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha1)),
    (
        "1.2.840.10045.4.3.2",
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
    ),
    (
        "1.2.840.10045.4.3.3",
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384),
    ),
    (
        "1.2.840.10045.4.3.4",
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha512),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: DigestAlgorithm = DigestAlgorithm::Sha256;

    #[test]
    fn written_and_read() {
        use SignatureAlgorithm as A;
        for digest in DigestAlgorithm::ALL {
            for algorithm in [
                A::RsaPkcs1(digest),
                A::RsaPss(digest),
                A::RsaPssSalt(digest, 0),
                A::RsaPssSalt(digest, 222),
                A::Ecdsa(digest),
                A::Ed25519,
                A::Sm2Sm3,
            ] {
                let Ok(identifier) = algorithm.identifier() else {
                    assert_eq!((digest, algorithm.oid()), (DigestAlgorithm::Sm3, None));
                    continue;
                };
                assert_eq!(A::from_identifier(&identifier), Ok(algorithm));
                assert_eq!(
                    A::from_identifiers(&algorithm.digest().identifier(), &identifier),
                    Ok(algorithm)
                );
                for other in DigestAlgorithm::ALL
                    .into_iter()
                    .filter(|other| *other != algorithm.digest())
                {
                    // The digest of the content is another matter: `verify` compares the two.
                    assert_eq!(A::from_identifiers(&other.identifier(), &identifier), Ok(algorithm));
                }
            }
        }
    }

    /// The octets that openssl writes.
    #[test]
    fn known_octets() {
        let cases = [
            (SignatureAlgorithm::RsaPkcs1(SHA256), "300d06092a864886f70d01010b0500"),
            (SignatureAlgorithm::Ecdsa(SHA256), "300a06082a8648ce3d040302"),
            (SignatureAlgorithm::Ed25519, "300506032b6570"),
            (SignatureAlgorithm::Sm2Sm3, "300a06082a811ccf55018375"),
            (
                SignatureAlgorithm::RsaPss(SHA256),
                "304106092a864886f70d01010a3034a00f300d06096086480165030402010500\
                 a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120",
            ),
        ];
        for (algorithm, octets) in cases {
            assert_eq!(hex::encode(algorithm.identifier().unwrap()), octets);
        }
        let info = SHA256.digest_info(&[0xaa; 32]);
        assert!(hex::encode(info).starts_with("3031300d060960864801650304020105000420aaaa"));
    }

    #[test]
    fn key_types_take_the_digest_beside_them() {
        let digest = SHA256.identifier();
        let read = |oid: &str, digest: &[u8]| {
            SignatureAlgorithm::from_identifiers(digest, &sequence(&[&asn1::oid(oid), &tlv(NULL, &[])]))
        };
        assert_eq!(read(oids::RSA, &digest), Ok(SignatureAlgorithm::RsaPkcs1(SHA256)));
        assert_eq!(
            read(oids::EC_PUBLIC_KEY, &digest),
            Ok(SignatureAlgorithm::Ecdsa(SHA256))
        );
        let sm3 = DigestAlgorithm::Sm3.identifier();
        assert_eq!(read(oids::SM2_SIGN, &sm3), Ok(SignatureAlgorithm::Sm2Sm3));
        assert_eq!(read(oids::SM2_SM3, &sm3), Ok(SignatureAlgorithm::Sm2Sm3));
        // The signature algorithm where the digest algorithm belongs, as some writers have it.
        assert_eq!(
            read(oids::SM2_SM3, &sequence(&[&asn1::oid(oids::SM2_SM3)])),
            Ok(SignatureAlgorithm::Sm2Sm3)
        );
        assert!(read(oids::RSA, &sm3).is_err());
        // SM2 has one digest of its own; that another one stands beside it is told by `verify`.
        assert_eq!(read(oids::SM2_SIGN, &digest), Ok(SignatureAlgorithm::Sm2Sm3));
        assert!(read(oids::SM2, &digest).is_err());
        assert!(read("1.2.3", &digest).is_err());
        // A key type says too little where no digest stands beside it.
        assert!(SignatureAlgorithm::from_identifier(&sequence(&[&asn1::oid(oids::RSA), &tlv(NULL, &[])])).is_err());
    }

    #[test]
    fn other_pss_parameters_are_refused() {
        let identifier = |hash: DigestAlgorithm, mask: DigestAlgorithm, salt: u8, trailer: u8| {
            let mask = sequence(&[&asn1::oid(oids::MGF1), &mask.identifier()]);
            let number = |tag, value| tlv(tag, &asn1::integer(&[value]));
            let parts = [
                tlv(0xa0, &hash.identifier()),
                tlv(0xa1, &mask),
                number(0xa2, salt),
                number(0xa3, trailer),
            ];
            sequence(&[&asn1::oid(oids::RSA_PSS), &tlv(SEQUENCE, &parts.concat())])
        };
        let read = |octets: &[u8]| SignatureAlgorithm::from_identifier(octets);
        assert_eq!(
            read(&identifier(SHA256, SHA256, 32, 1)),
            Ok(SignatureAlgorithm::RsaPss(SHA256))
        );
        assert_eq!(
            read(&identifier(SHA256, SHA256, 20, 1)),
            Ok(SignatureAlgorithm::RsaPssSalt(SHA256, 20))
        );
        for octets in [
            identifier(SHA256, DigestAlgorithm::Sha1, 32, 1),
            identifier(SHA256, SHA256, 32, 2),
            identifier(DigestAlgorithm::Sm3, DigestAlgorithm::Sm3, 32, 1),
            sequence(&[&asn1::oid(oids::RSA_PSS)]),
            sequence(&[&asn1::oid(oids::RSA_PSS), &tlv(NULL, &[])]),
        ] {
            assert!(
                matches!(read(&octets), Err(AlgorithmError::Parameters { .. })),
                "{octets:02x?}"
            );
        }
        // All defaults: SHA-1 everywhere.
        let defaults = sequence(&[&asn1::oid(oids::RSA_PSS), &tlv(SEQUENCE, &[])]);
        assert_eq!(read(&defaults), Ok(SignatureAlgorithm::RsaPss(DigestAlgorithm::Sha1)));
    }
}
