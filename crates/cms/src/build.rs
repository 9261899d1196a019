//! Building signed data around a signature that a token made (RFC 5652 §5), and adding a time-stamp token to one.
//!
//! Certificates go in byte for byte. Not its business: making the signature, choosing the chain, asking for the token.

use crate::algorithm::SignatureAlgorithm;
use crate::asn1::{self, OCTET_STRING, SEQUENCE, SET, sequence, set_of, tlv};
use crate::attributes::{self, SignedAttributesInput};
use crate::certificate::Certificate;
use crate::read::Parts;
use crate::{CmsError, ber, ecdsa, oids};

/// What a detached signature is made from.
#[derive(Debug, Clone, Copy)]
pub struct SignedDataInput<'a> {
    /// The signer's certificate.
    pub certificate: &'a Certificate,
    /// More certificates for the way to an anchor, in DER; the signer's own among them is put in once.
    pub chain: &'a [Vec<u8>],
    /// What was signed, as [`crate::signed_attributes`] made it.
    pub signed_attributes: &'a [u8],
    /// How it was signed.
    pub algorithm: SignatureAlgorithm,
    /// The signature value; DER for ECDSA and SM2.
    pub signature: &'a [u8],
    /// A time-stamp token over the signature value.
    pub timestamp_token: Option<&'a [u8]>,
}

/// A ContentInfo with SignedData version 1, detached, with one signer, in DER.
///
/// # Errors
/// When a part is not what it should be. The signature itself is not verified here.
pub fn signed_data(input: &SignedDataInput<'_>) -> Result<Vec<u8>, CmsError> {
    let unsigned = match input.timestamp_token {
        Some(token) => Some(timestamp_attribute(token)?),
        None => None,
    };
    let certificates = certificate_set(input.certificate, input.chain)?;
    let signer = signer_info(input, unsigned)?;
    let encapsulated = sequence(&[&asn1::oid(oids::DATA)]);
    Ok(content_info(1, input.algorithm, &encapsulated, &certificates, &signer))
}

/// An upper bound for the size of [`signed_data`]: a dry build with the longest signature that the key can make, the
/// estimate for a time-stamp token (0 for none), and a small margin.
///
/// # Errors
/// As [`signed_data`].
pub fn signed_data_capacity(
    certificate: &Certificate,
    chain: &[Vec<u8>],
    algorithm: SignatureAlgorithm,
    key_bits: usize,
    timestamp_estimate: usize,
) -> Result<usize, CmsError> {
    let digest = algorithm.digest();
    let message_digest = vec![0; digest.output_len()];
    let input = SignedAttributesInput {
        digest,
        message_digest: &message_digest,
        certificate,
        algorithm,
    };
    let signed_attributes = attributes::signed_attributes(&input)?;
    let signature = vec![0xff; signature_len(algorithm, key_bits)];
    let token = tlv(SEQUENCE, &vec![0; timestamp_estimate]);
    let dry = signed_data(&SignedDataInput {
        certificate,
        chain,
        signed_attributes: &signed_attributes,
        algorithm,
        signature: &signature,
        timestamp_token: (timestamp_estimate > 0).then_some(&token),
    })?;
    Ok(dry.len() + CAPACITY_MARGIN)
}

/// The longest signature value of an algorithm with a key of so many bits.
#[must_use]
pub fn signature_len(algorithm: SignatureAlgorithm, key_bits: usize) -> usize {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPss(_) | SignatureAlgorithm::RsaPssSalt(..) => {
            key_bits.div_ceil(8)
        }
        SignatureAlgorithm::Ed25519 => 64,
        SignatureAlgorithm::Ecdsa(_) | SignatureAlgorithm::Sm2Sm3 => ecdsa::max_der_len(key_bits),
    }
}

/// The same message with this time-stamp token over its signature, in place of any that it had. Nothing that is signed and
/// no certificate changes an octet, also in the messages of others.
///
/// # Errors
/// When it is not signed data with exactly one signer, or the token is no ContentInfo.
pub fn with_timestamp(cms: &[u8], token: &[u8]) -> Result<Vec<u8>, CmsError> {
    let (der, _) = ber::normalise(cms)?;
    let parts = Parts::of(&der)?;
    let mut signers = parts.signers.reader();
    let signer = signers.expect(SEQUENCE).map_err(|_| CmsError::NoSigner)?;
    if !signers.is_empty() {
        let mut found = 1;
        while !signers.is_empty() {
            signers.any()?;
            found += 1;
        }
        return Err(CmsError::SignerCount { found });
    }
    let mut fields = signer.reader();
    let mut kept = Vec::new();
    let mut unsigned = vec![timestamp_attribute(token)?];
    while !fields.is_empty() {
        let field = fields.any()?;
        // Version and SignerIdentifier come first; the identifier may have the tag [0], never [1].
        if field.tag != 0xa1 {
            kept.extend_from_slice(field.full);
            continue;
        }
        let mut others = field.reader();
        while !others.is_empty() {
            let other = others.expect(SEQUENCE)?;
            let oid = asn1::dotted(other.reader().expect(asn1::OID)?.value)?;
            if oid != oids::SIGNATURE_TIME_STAMP {
                unsigned.push(other.full.to_vec());
            }
        }
    }
    kept.extend(set_of(0xa1, unsigned));
    let mut content: Vec<u8> = parts
        .before_signers
        .iter()
        .flat_map(|part| part.full.iter().copied())
        .collect();
    content.extend(tlv(SET, &tlv(SEQUENCE, &kept)));
    Ok(sequence(&[parts.kind.full, &tlv(0xa0, &tlv(SEQUENCE, &content))]))
}

/// What a message with its content inside is made from, e.g. a time-stamp token.
#[derive(Debug, Clone, Copy)]
pub struct ContentInput<'a> {
    /// The type of the content, dotted.
    pub content_type: &'a str,
    /// The content.
    pub content: &'a [u8],
    /// The signer's certificate.
    pub certificate: &'a Certificate,
    /// More certificates, in DER.
    pub chain: &'a [Vec<u8>],
    /// Whether certificates are put in (certReq of RFC 3161).
    pub embed_certificates: bool,
    /// How it will be signed.
    pub algorithm: SignatureAlgorithm,
}

/// A ContentInfo with SignedData version 3 and its content inside. `sign` is given the octets to sign.
///
/// # Errors
/// When a part is not what it should be.
pub fn signed_data_with_content(
    input: &ContentInput<'_>,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<Vec<u8>, CmsError> {
    let digest = input.algorithm.digest();
    let message_digest = digest.hash(input.content);
    let attributes_input = SignedAttributesInput {
        digest,
        message_digest: &message_digest,
        certificate: input.certificate,
        algorithm: input.algorithm,
    };
    let content_type = asn1::oid_from_text(input.content_type).ok_or(CmsError::Input { what: "content type" })?;
    let signed_attributes = attributes::signed_attributes_of(&attributes_input, input.content_type)?;
    let signature = sign(&signed_attributes);
    let signer = signer_info(
        &SignedDataInput {
            certificate: input.certificate,
            chain: input.chain,
            signed_attributes: &signed_attributes,
            algorithm: input.algorithm,
            signature: &signature,
            timestamp_token: None,
        },
        None,
    )?;
    let certificates = if input.embed_certificates {
        certificate_set(input.certificate, input.chain)?
    } else {
        Vec::new()
    };
    let encapsulated = sequence(&[&content_type, &tlv(0xa0, &tlv(OCTET_STRING, input.content))]);
    Ok(content_info(3, input.algorithm, &encapsulated, &certificates, &signer))
}

fn content_info(
    version: u8,
    algorithm: SignatureAlgorithm,
    encapsulated: &[u8],
    certificates: &[u8],
    signer: &[u8],
) -> Vec<u8> {
    let signed_data = sequence(&[
        &asn1::integer(&[version]),
        &tlv(SET, &algorithm.digest().identifier()),
        encapsulated,
        certificates,
        &tlv(SET, signer),
    ]);
    sequence(&[&asn1::oid(oids::SIGNED_DATA), &tlv(0xa0, &signed_data)])
}

fn signer_info(input: &SignedDataInput<'_>, unsigned: Option<Vec<u8>>) -> Result<Vec<u8>, CmsError> {
    let attributes = asn1::single(input.signed_attributes, SET)?;
    if input.signature.is_empty() {
        return Err(CmsError::Input {
            what: "signature value",
        });
    }
    let mut parts = vec![
        asn1::integer(&[1]),
        input.certificate.issuer_and_serial(),
        input.algorithm.digest().identifier(),
        tlv(0xa0, attributes.value),
        input.algorithm.identifier()?,
        tlv(OCTET_STRING, input.signature),
    ];
    if let Some(attribute) = unsigned {
        parts.push(tlv(0xa1, &attribute));
    }
    Ok(tlv(SEQUENCE, &parts.concat()))
}

/// `[0] IMPLICIT CertificateSet` without repetitions, sorted as DER wants it.
fn certificate_set(signer: &Certificate, chain: &[Vec<u8>]) -> Result<Vec<u8>, CmsError> {
    let mut all = vec![signer.der().to_vec()];
    for octets in chain {
        all.push(Certificate::from_der(octets)?.der().to_vec());
    }
    all.sort();
    all.dedup();
    Ok(tlv(0xa0, &all.concat()))
}

fn timestamp_attribute(token: &[u8]) -> Result<Vec<u8>, CmsError> {
    asn1::single(token, SEQUENCE).map_err(|_| CmsError::Input {
        what: "time-stamp token",
    })?;
    Ok(attributes::attribute(oids::SIGNATURE_TIME_STAMP, token))
}

/// Lengths of lengths may grow by a few octets when the parts are longer than estimated.
const CAPACITY_MARGIN: usize = 64;
