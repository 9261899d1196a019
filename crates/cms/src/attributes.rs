//! Signed attributes: writing ours, reading other people's (RFC 5652 §5.3 and §11, RFC 5035, RFC 6211).
//!
//! Ours are content-type, message-digest, signing-certificate-v2 and CMSAlgorithmProtection, and no signing-time: in PAdES
//! the claimed time stands in the signature dictionary (EN 319 142-1 §6.3).

use jiff::Timestamp;

use crate::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::asn1::{self, Asn1Error, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, SET, Tlv, sequence, set_of, tlv};
use crate::certificate::Certificate;
use crate::{CmsError, name, oids, time};

/// What the signed attributes of one signature are made from.
#[derive(Debug, Clone, Copy)]
pub struct SignedAttributesInput<'a> {
    /// The digest of the signed octets, e.g. those of the ByteRange.
    pub digest: DigestAlgorithm,
    /// Its value.
    pub message_digest: &'a [u8],
    /// The signer's certificate.
    pub certificate: &'a Certificate,
    /// How the signature over the attributes will be made.
    pub algorithm: SignatureAlgorithm,
}

/// The signed attributes in DER with the tag of a SET: exactly the octets that are to be signed.
///
/// # Errors
/// When digest and algorithm do not fit each other.
pub fn signed_attributes(input: &SignedAttributesInput<'_>) -> Result<Vec<u8>, CmsError> {
    signed_attributes_of(input, oids::DATA)
}

pub(crate) fn signed_attributes_of(input: &SignedAttributesInput<'_>, content_type: &str) -> Result<Vec<u8>, CmsError> {
    if input.digest != input.algorithm.digest() || input.message_digest.len() != input.digest.output_len() {
        return Err(CmsError::Input { what: "message digest" });
    }
    let reference = sequence(&[&tlv(OCTET_STRING, &input.certificate.sha256())]);
    // signingCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2 }; SHA-256 is the default hash and left out.
    let signing_certificate = sequence(&[&sequence(&[&reference])]);
    let signature = tlv(0xa1, asn1::single(&input.algorithm.identifier()?, SEQUENCE)?.value);
    let protection = sequence(&[&input.digest.identifier(), &signature]);
    Ok(set_of(
        SET,
        vec![
            attribute(oids::CONTENT_TYPE, &asn1::oid(content_type)),
            attribute(oids::MESSAGE_DIGEST, &tlv(OCTET_STRING, input.message_digest)),
            attribute(oids::SIGNING_CERTIFICATE_V2, &signing_certificate),
            attribute(oids::ALGORITHM_PROTECTION, &protection),
        ],
    ))
}

/// An attribute with one value.
pub(crate) fn attribute(oid: &str, value: &[u8]) -> Vec<u8> {
    sequence(&[&asn1::oid(oid), &tlv(SET, value)])
}

/// One attribute as it stands in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its type, dotted.
    pub oid: String,
    /// The DER of each value.
    pub values: Vec<Vec<u8>>,
}

/// The signed attributes of a message that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAttributes {
    /// The message's own octets with the tag of a SET: what was signed.
    pub der: Vec<u8>,
    /// All of them in their order.
    pub all: Vec<Attribute>,
    /// content-type, dotted.
    pub content_type: Option<String>,
    /// message-digest.
    pub message_digest: Option<Vec<u8>>,
    /// signing-time, the signer's claim.
    pub signing_time: Option<Timestamp>,
    /// The signer's own references out of signing-certificate and signing-certificate-v2.
    pub signing_certificate: Vec<CertificateReference>,
    /// CMSAlgorithmProtection: the DER of digest and of signature algorithm.
    pub algorithm_protection: Option<(Vec<u8>, Vec<u8>)>,
    /// Types that occur more than once or with other than one value.
    pub repeated: Vec<String>,
    /// Types whose value is not what it should be.
    pub malformed: Vec<String>,
}

/// ESSCertID or ESSCertIDv2 (RFC 5035 §4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateReference {
    /// The digest of the reference; SHA-1 in the first version.
    pub algorithm: DigestAlgorithm,
    /// The digest of the certificate.
    pub hash: Vec<u8>,
    /// The serial number of the certificate and the DER of its issuer, when the reference has them.
    pub issuer_serial: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether it is of the second version.
    pub version_2: bool,
}

impl CertificateReference {
    /// Whether this is the certificate that is meant.
    #[must_use]
    pub fn is_of(&self, certificate: &Certificate) -> bool {
        // The digest decides. A name may be encoded in two ways, so it is compared as text when its octets differ.
        let named = self.issuer_serial.as_ref().is_none_or(|(issuer, serial)| {
            asn1::magnitude(serial) == asn1::magnitude(certificate.serial())
                && (issuer == certificate.issuer_der() || name::text(issuer) == certificate.issuer())
        });
        named && self.algorithm.hash(certificate.der()) == self.hash
    }
}

impl SignedAttributes {
    /// Reads the element `[0] IMPLICIT SET OF Attribute` of a SignerInfo.
    pub(crate) fn read(element: &Tlv<'_>) -> Result<Self, CmsError> {
        let mut der = element.full.to_vec();
        if let Some(tag) = der.first_mut() {
            *tag = SET;
        }
        let all = attributes(element)?;
        let mut read = Self {
            der,
            all,
            content_type: None,
            message_digest: None,
            signing_time: None,
            signing_certificate: Vec::new(),
            algorithm_protection: None,
            repeated: Vec::new(),
            malformed: Vec::new(),
        };
        read.decode();
        Ok(read)
    }

    fn decode(&mut self) {
        for (at, attribute) in self.all.iter().enumerate() {
            let oid = attribute.oid.as_str();
            let single = matches!(
                oid,
                oids::CONTENT_TYPE
                    | oids::MESSAGE_DIGEST
                    | oids::SIGNING_TIME
                    | oids::SIGNING_CERTIFICATE
                    | oids::SIGNING_CERTIFICATE_V2
                    | oids::ALGORITHM_PROTECTION
            );
            if !single {
                continue;
            }
            let earlier = self.all.iter().take(at).any(|other| other.oid == oid);
            if earlier || attribute.values.len() != 1 {
                self.repeated.push(oid.to_owned());
            }
            let (false, Some(value)) = (earlier, attribute.values.first()) else {
                continue;
            };
            let mut reader = Reader::new(value);
            let decoded = match oid {
                oids::CONTENT_TYPE => reader
                    .expect(OID)
                    .and_then(|element| asn1::dotted(element.value))
                    .map(|oid| {
                        self.content_type = Some(oid);
                    }),
                oids::MESSAGE_DIGEST => reader.expect(OCTET_STRING).map(|element| {
                    self.message_digest = Some(element.value.to_vec());
                }),
                oids::SIGNING_TIME => reader.any().and_then(|element| time::instant(&element)).map(|at| {
                    self.signing_time = Some(at);
                }),
                oids::ALGORITHM_PROTECTION => protection(&mut reader).map(|pair| {
                    self.algorithm_protection = Some(pair);
                }),
                other => reference(&mut reader, other == oids::SIGNING_CERTIFICATE_V2).map(|reference| {
                    self.signing_certificate.push(reference);
                }),
            };
            if decoded.is_err() {
                self.malformed.push(oid.to_owned());
            }
        }
    }
}

/// The attributes inside a SET OF Attribute, whatever its tag.
pub(crate) fn attributes(element: &Tlv<'_>) -> Result<Vec<Attribute>, CmsError> {
    let mut reader = element.reader();
    let mut found = Vec::new();
    while !reader.is_empty() {
        let mut fields = reader.expect(SEQUENCE)?.reader();
        let oid = asn1::dotted(fields.expect(OID)?.value)?;
        let mut values = fields.expect(SET)?.reader();
        fields.finish()?;
        let mut octets = Vec::new();
        while !values.is_empty() {
            octets.push(values.any()?.full.to_vec());
        }
        found.push(Attribute { oid, values: octets });
        if found.len() > MAX_ATTRIBUTES {
            return Err(CmsError::TooLarge {
                found: found.len(),
                limit: MAX_ATTRIBUTES,
            });
        }
    }
    Ok(found)
}

/// CMSAlgorithmProtection: digest algorithm and signature algorithm as complete AlgorithmIdentifiers.
fn protection(reader: &mut Reader<'_>) -> Result<(Vec<u8>, Vec<u8>), Asn1Error> {
    let mut fields = reader.expect(SEQUENCE)?.reader();
    let digest = fields.expect(SEQUENCE)?.full.to_vec();
    let signature = tlv(SEQUENCE, fields.expect(0xa1)?.value);
    Ok((digest, signature))
}

/// The first reference of the attribute, which is the signer's (RFC 5035 §3).
fn reference(reader: &mut Reader<'_>, version_2: bool) -> Result<CertificateReference, Asn1Error> {
    let mut references = reader.expect(SEQUENCE)?.reader().expect(SEQUENCE)?.reader();
    let mut fields = references.expect(SEQUENCE)?.reader();
    let algorithm = match fields.optional(SEQUENCE)? {
        Some(identifier) if version_2 => {
            DigestAlgorithm::from_identifier(identifier.full).map_err(|_| Asn1Error::Value { tag: SEQUENCE })?
        }
        Some(_) => return Err(Asn1Error::Value { tag: SEQUENCE }),
        None if version_2 => DigestAlgorithm::Sha256,
        None => DigestAlgorithm::Sha1,
    };
    let hash = fields.expect(OCTET_STRING)?.value.to_vec();
    let issuer_serial = match fields.optional(SEQUENCE)? {
        Some(pair) => {
            let mut pair = pair.reader();
            let mut names = pair.expect(SEQUENCE)?.reader();
            let serial = pair.expect(INTEGER)?.value.to_vec();
            // directoryName [4] is explicit, because Name is a CHOICE.
            Some((names.expect(0xa4)?.value.to_vec(), serial))
        }
        None => None,
    };
    Ok(CertificateReference {
        algorithm,
        hash,
        issuer_serial,
        version_2,
    })
}

const MAX_ATTRIBUTES: usize = 256;
