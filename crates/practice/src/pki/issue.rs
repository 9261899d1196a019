//! What a certificate shall say, good or bad, and how it is said to rcgen.
//!
//! Not its business: whose key signs it (the parent module). RFC 5280.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, KeyUsagePurpose,
    PublicKeyData, SerialNumber, SignatureAlgorithm,
};

use crate::{PracticeError, der, folder};

/// Bits of the extension keyUsage (RFC 5280 §4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUsage {
    /// digitalSignature
    DigitalSignature,
    /// nonRepudiation, also called contentCommitment
    NonRepudiation,
    /// keyEncipherment
    KeyEncipherment,
    /// dataEncipherment
    DataEncipherment,
    /// keyCertSign
    KeyCertSign,
    /// cRLSign
    CrlSign,
}

/// The extension extKeyUsage (RFC 5280 §4.2.1.12).
#[derive(Debug, Clone, Default)]
pub enum ExtendedKeyUsage<'a> {
    /// Not present.
    #[default]
    Absent,
    /// Present and critical, with these purposes (dotted).
    Critical(&'a [&'a str]),
    /// Present and not critical.
    NotCritical(&'a [&'a str]),
}

/// Any other extension.
#[derive(Debug, Clone, Copy)]
pub struct Extension<'a> {
    /// Its identifier, by arcs.
    pub oid: &'a [u64],
    /// Whether a reader that does not know it must refuse.
    pub critical: bool,
    /// Its value, DER.
    pub value: &'a [u8],
}

/// Who signs the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignedBy {
    /// The issuing authority, as for every person.
    #[default]
    Issuing,
    /// The root, directly.
    Root,
}

/// A certificate to be issued. Nothing is checked: the tests need bad ones too.
#[derive(Debug, Clone)]
pub struct Issue<'a> {
    /// CN of the subject.
    pub common_name: &'a str,
    /// O of the subject.
    pub organisation: &'a str,
    /// SubjectPublicKeyInfo, DER: RSA, P-256, P-384 or Ed25519.
    pub spki_der: &'a [u8],
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity.
    pub not_after: Timestamp,
    /// Bits of keyUsage; empty leaves the extension out.
    pub key_usage: &'a [KeyUsage],
    /// Purposes.
    pub extended_key_usage: ExtendedKeyUsage<'a>,
    /// basicConstraints cA.
    pub is_ca: bool,
    /// Who signs.
    pub signed_by: SignedBy,
    /// Serial number, big endian; random when `None`.
    pub serial: Option<&'a [u8]>,
    /// Anything else, such as the institution's number 1.2.156.10260.4.1.4.
    pub extensions: &'a [Extension<'a>],
}

impl<'a> Issue<'a> {
    /// The certificate of a person who signs contracts: digitalSignature and nonRepudiation, valid from five minutes
    /// before `now` (clocks differ) for a year.
    #[must_use]
    pub fn signatory(common_name: &'a str, organisation: &'a str, spki_der: &'a [u8], now: Timestamp) -> Self {
        Self {
            common_name,
            organisation,
            spki_der,
            not_before: shift(now, -5 * MINUTE),
            not_after: shift(now, 365 * DAY),
            key_usage: &[KeyUsage::DigitalSignature, KeyUsage::NonRepudiation],
            extended_key_usage: ExtendedKeyUsage::Absent,
            is_ca: false,
            signed_by: SignedBy::Issuing,
            serial: None,
            extensions: &[],
        }
    }

    pub(crate) fn parameters(&self) -> Result<CertificateParams, PracticeError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name(self.common_name, self.organisation)?;
        params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since_1970(self.not_before);
        params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since_1970(self.not_after);
        params.serial_number = Some(match self.serial {
            Some(octets) => SerialNumber::from_slice(octets),
            None => random_serial()?,
        });
        params.is_ca = if self.is_ca {
            IsCa::Ca(BasicConstraints::Unconstrained)
        } else {
            IsCa::ExplicitNoCa
        };
        params.key_usages = self.key_usage.iter().map(|usage| purpose(*usage)).collect();
        params.use_authority_key_identifier_extension = true;
        let (purposes, critical) = match self.extended_key_usage {
            ExtendedKeyUsage::Absent => (None, false),
            ExtendedKeyUsage::Critical(purposes) => (Some(purposes), true),
            ExtendedKeyUsage::NotCritical(purposes) => (Some(purposes), false),
        };
        if let Some(purposes) = purposes {
            // rcgen never marks this extension critical, and RFC 3161 §2.3 demands it.
            let value = der::tlv(
                der::SEQUENCE,
                &purposes
                    .iter()
                    .filter_map(|dotted| der::oid(dotted))
                    .flatten()
                    .collect::<Vec<_>>(),
            );
            params
                .custom_extensions
                .push(extension(&[2, 5, 29, 37], critical, &value));
        }
        for other in self.extensions {
            params
                .custom_extensions
                .push(extension(other.oid, other.critical, other.value));
        }
        Ok(params)
    }
}

/// Subject and issuer names. OU says PRACTICE in every one of them, whatever the caller asked for.
pub(crate) fn name(common_name: &str, organisation: &str) -> Result<DistinguishedName, PracticeError> {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, rcgen::DnValue::PrintableString("CN".try_into()?));
    name.push(DnType::OrganizationName, organisation);
    name.push(DnType::OrganizationalUnitName, crate::NO_EVIDENTIAL_VALUE);
    name.push(DnType::CommonName, common_name);
    Ok(name)
}

/// A public key that is somebody else's, as rcgen wants it.
pub(crate) struct ForeignKey {
    algorithm: &'static SignatureAlgorithm,
    key: Vec<u8>,
}

impl ForeignKey {
    pub(crate) fn from_spki(spki_der: &[u8]) -> Result<Self, PracticeError> {
        read_spki(spki_der).ok_or_else(|| PracticeError::UnsupportedKey {
            spki: hex::encode(spki_der),
        })
    }
}

impl PublicKeyData for ForeignKey {
    fn der_bytes(&self) -> &[u8] {
        &self.key
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

fn read_spki(spki_der: &[u8]) -> Option<ForeignKey> {
    let mut outer = der::Reader::new(spki_der);
    let mut spki = outer.enter(der::SEQUENCE)?;
    let identifier = spki.next(der::SEQUENCE)?;
    let (unused_bits, key) = spki.next(der::BIT_STRING)?.content.split_first()?;
    if *unused_bits != 0 || !spki.is_empty() || !outer.is_empty() {
        return None;
    }
    let mut identifier = der::Reader::new(identifier.content);
    let algorithm = identifier.next(der::OID)?;
    let curve = identifier.next(der::OID);
    let is = |element: der::Element<'_>, dotted: &str| der::oid(dotted).is_some_and(|oid| oid == element.whole);
    let algorithm = match curve {
        None if is(algorithm, "1.2.840.113549.1.1.1") => &rcgen::PKCS_RSA_SHA256,
        None if is(algorithm, "1.3.101.112") => &rcgen::PKCS_ED25519,
        Some(curve) if is(algorithm, "1.2.840.10045.2.1") && is(curve, "1.2.840.10045.3.1.7") => {
            &rcgen::PKCS_ECDSA_P256_SHA256
        }
        Some(curve) if is(algorithm, "1.2.840.10045.2.1") && is(curve, "1.3.132.0.34") => {
            &rcgen::PKCS_ECDSA_P384_SHA384
        }
        _ => return None,
    };
    Some(ForeignKey {
        algorithm,
        key: key.to_vec(),
    })
}

pub(crate) fn random_serial() -> Result<SerialNumber, PracticeError> {
    let mut serial = folder::random::<16>()?;
    // Positive and of full length (RFC 5280 §4.1.2.2).
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    Ok(SerialNumber::from_slice(&serial))
}

const fn purpose(usage: KeyUsage) -> KeyUsagePurpose {
    match usage {
        KeyUsage::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        KeyUsage::NonRepudiation => KeyUsagePurpose::ContentCommitment,
        KeyUsage::KeyEncipherment => KeyUsagePurpose::KeyEncipherment,
        KeyUsage::DataEncipherment => KeyUsagePurpose::DataEncipherment,
        KeyUsage::KeyCertSign => KeyUsagePurpose::KeyCertSign,
        KeyUsage::CrlSign => KeyUsagePurpose::CrlSign,
    }
}

fn extension(oid: &[u64], critical: bool, value: &[u8]) -> CustomExtension {
    let mut made = CustomExtension::from_oid_content(oid, value.to_vec());
    made.set_criticality(critical);
    made
}

/// Seconds since 1970, which is where certificates of this authority begin.
pub(crate) fn since_1970(at: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0))
}

/// Saturates at the ends of what a certificate can say.
pub(crate) fn shift(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}

pub(crate) const MINUTE: i64 = 60;
pub(crate) const DAY: i64 = 86_400;
