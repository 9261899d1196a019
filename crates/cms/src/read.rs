//! Reading signed data as others write it (RFC 5652 §5, GB/T 35275).
//!
//! An own walk that keeps the message's octets where they were signed over. What it says is judged in [`crate::verify`];
//! whose signature it is, and whether to trust it, is no business of this crate.

use crate::algorithm::{AlgorithmError, DigestAlgorithm, SignatureAlgorithm};
use crate::asn1::{self, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, Tlv};
use crate::attributes::{self, Attribute, SignedAttributes};
use crate::ber::{self, Repairs};
use crate::certificate::{self, Certificate};
use crate::{CmsError, oids};

/// Signed data that was read. Nothing in it has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDataView {
    /// The message without padding and indefinite lengths.
    pub der: Vec<u8>,
    /// What had to be repaired for that.
    pub repairs: Repairs,
    /// CMSVersion.
    pub version: u32,
    /// The type of the content, dotted.
    pub content_type: String,
    /// The content, when the message carries it.
    pub content: Option<Vec<u8>>,
    /// All readable certificates in their order.
    pub certificates: Vec<Certificate>,
    /// Elements of the certificate set that are no readable certificate.
    pub unparsable_certificates: usize,
    /// The DER of each element of the CRL set.
    pub crls: Vec<Vec<u8>>,
    /// How many signers there are.
    pub signer_count: usize,
    /// The first of them.
    pub signer: Signer,
}

/// One SignerInfo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// CMSVersion.
    pub version: u32,
    /// Whose signature it says it is.
    pub id: SignerId,
    /// The digest of the content.
    pub digest: Result<DigestAlgorithm, AlgorithmError>,
    /// How the signature was made, digest algorithm and signature algorithm taken together.
    pub algorithm: Result<SignatureAlgorithm, AlgorithmError>,
    /// The AlgorithmIdentifier of the digest.
    pub digest_identifier: Vec<u8>,
    /// The AlgorithmIdentifier of the signature.
    pub signature_identifier: Vec<u8>,
    /// Signed attributes; without them the signature is over the content itself.
    pub signed_attributes: Option<SignedAttributes>,
    /// The signature value.
    pub signature: Vec<u8>,
    /// Time-stamp tokens over the signature value.
    pub timestamp_tokens: Vec<Vec<u8>>,
    /// All unsigned attributes, those with tokens among them.
    pub unsigned_attributes: Vec<Attribute>,
}

/// SignerIdentifier (RFC 5652 §5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerId {
    /// Issuer and serial number.
    IssuerAndSerial {
        /// The DER of the issuer's name.
        issuer: Vec<u8>,
        /// The content octets of the serial number.
        serial: Vec<u8>,
    },
    /// The key identifier of the certificate.
    SubjectKeyId(Vec<u8>),
}

impl SignerId {
    /// Whether this certificate is the one that is named. Names are compared by octets.
    #[must_use]
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                asn1::magnitude(serial) == asn1::magnitude(certificate.serial()) && issuer == certificate.issuer_der()
            }
            Self::SubjectKeyId(id) => certificate.subject_key_id() == Some(id.as_slice()),
        }
    }

    /// The serial number in hex, when the signer is named by one.
    #[must_use]
    pub fn serial_hex(&self) -> Option<String> {
        match self {
            Self::IssuerAndSerial { serial, .. } => Some(certificate::serial_hex(serial)),
            Self::SubjectKeyId(_) => None,
        }
    }
}

impl SignedDataView {
    /// The signer's certificate out of the message: named by the SignerInfo, and among several so named the one that the
    /// signed reference means. Whether the reference fits is among the problems of [`crate::verify_signer`].
    #[must_use]
    pub fn signer_certificate(&self) -> Option<&Certificate> {
        self.signer_certificate_among(&[])
    }

    /// The same, with more certificates to look among (a DSS dictionary, a request's own knowledge).
    #[must_use]
    pub fn signer_certificate_among<'a>(&'a self, more: &'a [Certificate]) -> Option<&'a Certificate> {
        let named = || {
            self.certificates
                .iter()
                .chain(more)
                .filter(|certificate| self.signer.id.names(certificate))
        };
        let references = self
            .signer
            .signed_attributes
            .as_ref()
            .map(|attributes| &attributes.signing_certificate);
        let meant = |certificate: &&Certificate| {
            references.is_some_and(|all| !all.is_empty() && all.iter().all(|reference| reference.is_of(certificate)))
        };
        named().find(meant).or_else(|| named().next())
    }
}

/// Reads a ContentInfo with SignedData, cut at its own length (a PDF pads it with zeros).
///
/// # Errors
/// When it is none, has no signer, or exceeds a limit.
pub fn read_signed_data(octets: &[u8]) -> Result<SignedDataView, CmsError> {
    let (der, repairs) = ber::normalise(octets)?;
    let parts = Parts::of(&der)?;
    let mut certificates = Vec::new();
    let mut unparsable_certificates = 0;
    if let Some(set) = parts.certificates {
        let mut reader = set.reader();
        while !reader.is_empty() {
            let element = reader.any()?;
            match Certificate::from_der(element.full) {
                Ok(certificate) if certificates.len() < MAX_CERTIFICATES => certificates.push(certificate),
                _ => unparsable_certificates += 1,
            }
        }
    }
    let mut crls = Vec::new();
    if let Some(set) = parts.crls {
        let mut reader = set.reader();
        while !reader.is_empty() && crls.len() < MAX_CERTIFICATES {
            crls.push(reader.any()?.full.to_vec());
        }
    }
    let mut signers = parts.signers.reader();
    let signer = Signer::read(&signers.expect(SEQUENCE).map_err(|_| CmsError::NoSigner)?)?;
    let mut signer_count = 1;
    while !signers.is_empty() {
        signers.any()?;
        signer_count += 1;
    }
    let (version, content_type, content) = (parts.version, parts.content_type, parts.content.map(<[u8]>::to_vec));
    Ok(SignedDataView {
        der,
        repairs,
        version,
        content_type,
        content,
        certificates,
        unparsable_certificates,
        crls,
        signer_count,
        signer,
    })
}

/// The elements of a ContentInfo with SignedData, in place.
pub(crate) struct Parts<'a> {
    /// The OBJECT IDENTIFIER of the ContentInfo.
    pub(crate) kind: Tlv<'a>,
    pub(crate) version: u32,
    pub(crate) content_type: String,
    pub(crate) content: Option<&'a [u8]>,
    pub(crate) certificates: Option<Tlv<'a>>,
    pub(crate) crls: Option<Tlv<'a>>,
    /// Everything of SignedData before the signers.
    pub(crate) before_signers: Vec<Tlv<'a>>,
    pub(crate) signers: Tlv<'a>,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(der: &'a [u8]) -> Result<Self, CmsError> {
        let mut outer = asn1::single(der, SEQUENCE)?.reader();
        let kind = outer.expect(OID)?;
        let oid = asn1::dotted(kind.value)?;
        if oid != oids::SIGNED_DATA && oid != oids::GM_SIGNED_DATA {
            return Err(CmsError::NotSignedData { oid });
        }
        let explicit = outer.expect(0xa0)?;
        outer.finish()?;
        let mut fields = asn1::single(explicit.value, SEQUENCE)?.reader();
        let version_element = fields.expect(INTEGER)?;
        let digests = fields.expect(SET)?;
        let encapsulated = fields.expect(SEQUENCE)?;
        let certificates = fields.optional(0xa0)?;
        let crls = fields.optional(0xa1)?;
        let signers = fields.expect(SET)?;
        fields.finish()?;

        let mut inner = encapsulated.reader();
        let content_type = asn1::dotted(inner.expect(OID)?.value)?;
        let content = match inner.optional(0xa0)? {
            Some(explicit) => {
                let mut reader = explicit.reader();
                // PKCS #7 allowed structures of any type here; what is digested is the content octets either way.
                let content = reader.any()?;
                if content.tag != OCTET_STRING && content.tag & 0x20 == 0 {
                    return Err(asn1::Asn1Error::Tag {
                        expected: OCTET_STRING,
                        found: content.tag,
                    }
                    .into());
                }
                reader.finish()?;
                Some(content.value)
            }
            None => None,
        };
        inner.finish()?;
        let before_signers = [
            Some(version_element),
            Some(digests),
            Some(encapsulated),
            certificates,
            crls,
        ];
        Ok(Self {
            kind,
            version: asn1::small(&version_element)?,
            content_type,
            content,
            certificates,
            crls,
            before_signers: before_signers.into_iter().flatten().collect(),
            signers,
        })
    }
}

impl Signer {
    fn read(element: &Tlv<'_>) -> Result<Self, CmsError> {
        let mut fields = element.reader();
        let version = asn1::small(&fields.expect(INTEGER)?)?;
        let sid = fields.any()?;
        let id = match sid.tag {
            SEQUENCE => {
                let mut reader = sid.reader();
                let issuer = reader.expect(SEQUENCE)?.full.to_vec();
                let serial = reader.expect(INTEGER)?.value.to_vec();
                reader.finish()?;
                SignerId::IssuerAndSerial { issuer, serial }
            }
            0x80 => SignerId::SubjectKeyId(sid.value.to_vec()),
            0xa0 => SignerId::SubjectKeyId(asn1::single(sid.value, OCTET_STRING)?.value.to_vec()),
            found => {
                return Err(asn1::Asn1Error::Tag {
                    expected: SEQUENCE,
                    found,
                }
                .into());
            }
        };
        let digest_identifier = fields.expect(SEQUENCE)?.full.to_vec();
        let signed_attributes = match fields.optional(0xa0)? {
            Some(element) => Some(SignedAttributes::read(&element)?),
            None => None,
        };
        let signature_identifier = fields.expect(SEQUENCE)?.full.to_vec();
        let signature = fields.expect(OCTET_STRING)?.value.to_vec();
        let unsigned_attributes = match fields.optional(0xa1)? {
            Some(element) => attributes::attributes(&element)?,
            None => Vec::new(),
        };
        fields.finish()?;
        let timestamp_tokens = unsigned_attributes
            .iter()
            .filter(|attribute| attribute.oid == oids::SIGNATURE_TIME_STAMP)
            .flat_map(|attribute| attribute.values.iter().cloned())
            .collect();
        Ok(Self {
            version,
            id,
            digest: DigestAlgorithm::from_identifier(&digest_identifier),
            algorithm: SignatureAlgorithm::from_identifiers(&digest_identifier, &signature_identifier),
            digest_identifier,
            signature_identifier,
            signed_attributes,
            signature,
            timestamp_tokens,
            unsigned_attributes,
        })
    }
}

const MAX_CERTIFICATES: usize = 512;
