//! Certificates as they are: their own octets, kept, with read access to the fields that signing and judging need.
//!
//! Not its business: whether a certificate is trusted, valid at a time or revoked (trust). RFC 5280 §4.

use base64::Engine as _;
use jiff::Timestamp;

use crate::algorithm::{AlgorithmError, SignatureAlgorithm};
use crate::asn1::{self, Asn1Error, BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, Tlv};
use crate::digest::Hasher;
use crate::key::{KeyError, PublicKey, SignatureFailure};
use crate::{DigestAlgorithm, name, oids, time};

/// An X.509 certificate with its exact octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Vec<u8>,
    version: u32,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
    subject: Vec<u8>,
    spki: Vec<u8>,
    extensions: Vec<Extension>,
    signature_algorithm: Vec<u8>,
    signature: Vec<u8>,
}

/// One extension of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its object identifier, dotted.
    pub oid: String,
    /// Whether who does not understand it must refuse.
    pub critical: bool,
    /// The DER inside its OCTET STRING.
    pub value: Vec<u8>,
}

/// Bits of keyUsage (RFC 5280 §4.2.1.3): bit n of the standard is `1 << n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(u16);

/// Why octets are not a certificate that we can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the compared values")]
#[non_exhaustive]
pub enum CertificateError {
    /// The signature algorithm inside differs from the one beside the signature.
    #[error("two different signature algorithms in one certificate")]
    AlgorithmsDiffer,
    /// An extension occurs twice.
    #[error("extension {oid} occurs twice")]
    DuplicateExtension { oid: String },
    /// No certificate in the input.
    #[error("no certificate found")]
    Empty,
    /// Not a certificate.
    #[error("certificate not readable")]
    Malformed(#[from] Asn1Error),
    /// PEM with a broken body.
    #[error("PEM block {block} not readable")]
    Pem { block: usize },
    /// Over a limit.
    #[error("{found} octets or certificates where at most {limit} are read")]
    TooLarge { found: usize, limit: usize },
}

impl Certificate {
    /// Reads one certificate. Zero octets after it are dropped: some tokens pad their objects.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_der(octets: &[u8]) -> Result<Self, CertificateError> {
        if octets.len() > MAX_OCTETS {
            return Err(CertificateError::TooLarge {
                found: octets.len(),
                limit: MAX_OCTETS,
            });
        }
        let mut outer = Reader::new(octets);
        let certificate = outer.expect(SEQUENCE)?;
        if outer.rest().iter().any(|&octet| octet != 0) {
            return Err(Asn1Error::Trailing {
                octets: outer.rest().len(),
            }
            .into());
        }
        let mut reader = certificate.reader();
        let tbs = reader.expect(SEQUENCE)?;
        let algorithm = reader.expect(SEQUENCE)?;
        let signature = bit_string(&reader.expect(BIT_STRING)?)?;
        reader.finish()?;

        let mut fields = tbs.reader();
        // Version 1 is written as 0, or not at all (§4.1.2.1).
        let version = match fields.optional(0xa0)? {
            Some(explicit) => asn1::small(&asn1::single(explicit.value, INTEGER)?)?.saturating_add(1),
            None => 1,
        };
        let serial = fields.expect(INTEGER)?;
        let inner = fields.expect(SEQUENCE)?;
        if inner.full != algorithm.full {
            return Err(CertificateError::AlgorithmsDiffer);
        }
        let issuer = fields.expect(SEQUENCE)?;
        let mut validity = fields.expect(SEQUENCE)?.reader();
        let not_before = time::instant(&validity.any()?)?;
        let not_after = time::instant(&validity.any()?)?;
        validity.finish()?;
        let subject = fields.expect(SEQUENCE)?;
        let spki = fields.expect(SEQUENCE)?;
        for unique_id in [0x81, 0x82, 0xa1, 0xa2] {
            fields.optional(unique_id)?;
        }
        let extensions = match fields.optional(0xa3)? {
            Some(explicit) => extensions(explicit.value)?,
            None => Vec::new(),
        };
        fields.finish()?;
        Ok(Self {
            der: certificate.full.to_vec(),
            tbs: tbs.full.to_vec(),
            version,
            serial: serial.value.to_vec(),
            issuer: issuer.full.to_vec(),
            not_before,
            not_after,
            subject: subject.full.to_vec(),
            spki: spki.full.to_vec(),
            extensions,
            signature_algorithm: algorithm.full.to_vec(),
            signature: signature.to_vec(),
        })
    }

    /// Its exact octets.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// 1, 2 or 3 (§4.1.2.1).
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The octets that its issuer signed.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        &self.tbs
    }

    /// The subject for people; `subject_der` is for comparing.
    #[must_use]
    pub fn subject(&self) -> String {
        name::text(&self.subject)
    }

    /// The issuer for people; `issuer_der` is for comparing.
    #[must_use]
    pub fn issuer(&self) -> String {
        name::text(&self.issuer)
    }

    /// The subject's commonName.
    #[must_use]
    pub fn common_name(&self) -> Option<String> {
        name::attribute(&self.subject, oids::COMMON_NAME)
    }

    /// The subject's organizationName.
    #[must_use]
    pub fn organization(&self) -> Option<String> {
        name::attribute(&self.subject, oids::ORGANIZATION)
    }

    /// The DER of the subject.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// The DER of the issuer.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    /// The serial number in lower-case hex without a leading zero octet.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        serial_hex(&self.serial)
    }

    /// The content octets of the serial number.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// IssuerAndSerialNumber (RFC 5652 §10.2.4) out of the certificate's own octets.
    #[must_use]
    pub fn issuer_and_serial(&self) -> Vec<u8> {
        asn1::sequence(&[&self.issuer, &asn1::tlv(INTEGER, &self.serial)])
    }

    /// The first instant at which it is valid.
    #[must_use]
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The last instant at which it is valid.
    #[must_use]
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The DER of the SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The subject's public key.
    ///
    /// # Errors
    /// When it is not in the table of algorithms.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        PublicKey::from_spki_der(&self.spki)
    }

    /// All extensions.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// The extension with this object identifier.
    #[must_use]
    pub fn extension(&self, oid: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }

    /// keyUsage, when there is a readable one.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        let extension = self.extension(oids::KEY_USAGE)?;
        let element = asn1::single(&extension.value, BIT_STRING).ok()?;
        let (_, octets) = element.value.split_first()?;
        let mut bits = 0_u16;
        for (at, octet) in (0..2_u32).zip(octets) {
            bits |= u16::from(octet.reverse_bits()) << (8 * at);
        }
        Some(KeyUsage(bits))
    }

    /// The purposes of extKeyUsage, dotted, and whether it is critical. Unreadable is an empty list: no purpose.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<(Vec<String>, bool)> {
        let extension = self.extension(oids::EXTENDED_KEY_USAGE)?;
        let purposes = || -> Result<Vec<String>, Asn1Error> {
            let mut reader = asn1::single(&extension.value, SEQUENCE)?.reader();
            let mut purposes = Vec::new();
            while !reader.is_empty() {
                purposes.push(asn1::dotted(reader.expect(OID)?.value)?);
            }
            Ok(purposes)
        };
        Some((purposes().unwrap_or_default(), extension.critical))
    }

    /// subjectKeyIdentifier.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        let extension = self.extension(oids::SUBJECT_KEY_ID)?;
        asn1::single(&extension.value, OCTET_STRING)
            .ok()
            .map(|element| element.value)
    }

    /// The key identifier of authorityKeyIdentifier.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        let extension = self.extension(oids::AUTHORITY_KEY_ID)?;
        let mut reader = asn1::single(&extension.value, SEQUENCE).ok()?.reader();
        reader.optional(0x80).ok().flatten().map(|element| element.value)
    }

    /// Whether basicConstraints says that it is a CA.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        let stated = |extension: &Extension| -> Result<bool, Asn1Error> {
            let mut reader = asn1::single(&extension.value, SEQUENCE)?.reader();
            Ok(reader
                .optional(BOOLEAN)?
                .is_some_and(|element| element.value.iter().any(|&octet| octet != 0)))
        };
        self.extension(oids::BASIC_CONSTRAINTS)
            .is_some_and(|extension| stated(extension).unwrap_or(false))
    }

    /// Whether subject and issuer are the same name.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// SHA-256 of the whole certificate.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
        hasher.update(&self.der);
        <[u8; 32]>::try_from(hasher.finalize()).unwrap_or_default()
    }

    /// The algorithm by which its issuer signed it.
    ///
    /// # Errors
    /// When it is not in the table.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, AlgorithmError> {
        SignatureAlgorithm::from_identifier(&self.signature_algorithm)
    }

    /// The AlgorithmIdentifier of its own signature.
    #[must_use]
    pub fn signature_algorithm_der(&self) -> &[u8] {
        &self.signature_algorithm
    }

    /// The value of its own signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether its signature was made with this key. Nothing else about the issuer is looked at.
    ///
    /// # Errors
    /// Says why not.
    pub fn verify_signed_by(&self, issuer: &PublicKey) -> Result<(), SignatureFailure> {
        let algorithm = self.signature_algorithm()?;
        issuer.verify(algorithm, &self.tbs, &self.signature)
    }
}

impl KeyUsage {
    /// digitalSignature.
    #[must_use]
    pub const fn digital_signature(self) -> bool {
        self.0 & 1 != 0
    }

    /// nonRepudiation, also called contentCommitment.
    #[must_use]
    pub const fn non_repudiation(self) -> bool {
        self.0 & (1 << 1) != 0
    }

    /// keyEncipherment.
    #[must_use]
    pub const fn key_encipherment(self) -> bool {
        self.0 & (1 << 2) != 0
    }

    /// dataEncipherment.
    #[must_use]
    pub const fn data_encipherment(self) -> bool {
        self.0 & (1 << 3) != 0
    }

    /// keyAgreement.
    #[must_use]
    pub const fn key_agreement(self) -> bool {
        self.0 & (1 << 4) != 0
    }

    /// keyCertSign.
    #[must_use]
    pub const fn key_cert_sign(self) -> bool {
        self.0 & (1 << 5) != 0
    }

    /// cRLSign.
    #[must_use]
    pub const fn crl_sign(self) -> bool {
        self.0 & (1 << 6) != 0
    }

    /// All bits, bit n of the standard being `1 << n`.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }
}

/// Reads all certificates of a file: one DER, several DER one after the other, or any number of PEM blocks.
///
/// # Errors
/// When there is none, one of them is not readable, or there are too many.
pub fn certificates_from_pem_or_der(octets: &[u8]) -> Result<Vec<Certificate>, CertificateError> {
    if octets.len() > MAX_FILE_OCTETS {
        return Err(CertificateError::TooLarge {
            found: octets.len(),
            limit: MAX_FILE_OCTETS,
        });
    }
    let mut certificates = Vec::new();
    let mut keep = |certificate: Certificate| {
        certificates.push(certificate);
        if certificates.len() > MAX_CERTIFICATES {
            return Err(CertificateError::TooLarge {
                found: certificates.len(),
                limit: MAX_CERTIFICATES,
            });
        }
        Ok(())
    };
    if octets.first() == Some(&SEQUENCE) {
        let mut reader = Reader::new(octets);
        while reader.peek_tag() == Some(SEQUENCE) {
            keep(Certificate::from_der(reader.any()?.full)?)?;
        }
        if reader.rest().iter().any(|octet| !matches!(octet, 0 | b'\n' | b'\r')) {
            return Err(Asn1Error::Trailing {
                octets: reader.rest().len(),
            }
            .into());
        }
    } else {
        let text = String::from_utf8_lossy(octets);
        for (block, body) in text.split("-----BEGIN ").skip(1).enumerate() {
            let Some((label, body)) = body.split_once("-----") else {
                return Err(CertificateError::Pem { block });
            };
            if !matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
                continue;
            }
            let Some((body, _)) = body.split_once("-----END ") else {
                return Err(CertificateError::Pem { block });
            };
            let der = base64(body).ok_or(CertificateError::Pem { block })?;
            keep(Certificate::from_der(&der)?)?;
        }
    }
    if certificates.is_empty() {
        Err(CertificateError::Empty)
    } else {
        Ok(certificates)
    }
}

/// A serial number in lower-case hex without a leading zero octet.
pub(crate) fn serial_hex(value: &[u8]) -> String {
    match value.split_first() {
        Some((0, rest)) if !rest.is_empty() => hex::encode(rest),
        _ => hex::encode(value),
    }
}

fn extensions(octets: &[u8]) -> Result<Vec<Extension>, CertificateError> {
    let mut reader = asn1::single(octets, SEQUENCE)?.reader();
    let mut found: Vec<Extension> = Vec::new();
    while !reader.is_empty() {
        let mut fields = reader.expect(SEQUENCE)?.reader();
        let oid = asn1::dotted(fields.expect(OID)?.value)?;
        let critical = fields
            .optional(BOOLEAN)?
            .is_some_and(|element| element.value.iter().any(|&octet| octet != 0));
        let value = fields.expect(OCTET_STRING)?.value.to_vec();
        fields.finish()?;
        if found.iter().any(|extension| extension.oid == oid) {
            return Err(CertificateError::DuplicateExtension { oid });
        }
        found.push(Extension { oid, critical, value });
        if found.len() > MAX_EXTENSIONS {
            return Err(CertificateError::TooLarge {
                found: found.len(),
                limit: MAX_EXTENSIONS,
            });
        }
    }
    Ok(found)
}

/// The octets of a BIT STRING without unused bits.
fn bit_string<'a>(element: &Tlv<'a>) -> Result<&'a [u8], Asn1Error> {
    match element.value.split_first() {
        Some((0, octets)) => Ok(octets),
        _ => Err(Asn1Error::Value { tag: BIT_STRING }),
    }
}

/// Base64 with line breaks.
fn base64(text: &str) -> Option<Vec<u8>> {
    let packed: Vec<u8> = text.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(packed).ok()
}

const MAX_OCTETS: usize = 1 << 18;
const MAX_FILE_OCTETS: usize = 1 << 24;
const MAX_CERTIFICATES: usize = 4096;
const MAX_EXTENSIONS: usize = 64;
