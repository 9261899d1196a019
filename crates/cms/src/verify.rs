//! Whether a signer's signature is intact: all problems, not the first one.
//!
//! The answer is about octets and one public key. Whether the certificate is to be trusted, was valid, or fits a policy is
//! judged elsewhere (trust). RFC 5652 §5.6, RFC 5035 §5, RFC 6211 §3.

use crate::algorithm::{self, AlgorithmError, DigestAlgorithm, SignatureAlgorithm};
use crate::asn1::{self, NULL, Reader, SET};
use crate::attributes::SignedAttributes;
use crate::certificate::Certificate;
use crate::key::{KeyError, PublicKey, SignatureFailure};
use crate::oids;
use crate::read::{SignedDataView, Signer};

/// Something that is wrong with a signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the compared values")]
#[non_exhaustive]
pub enum SignerProblem {
    /// Digest or signature algorithm is not in the table, or they do not fit.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// CMSAlgorithmProtection names other algorithms than the signer used.
    #[error("algorithm protection names other algorithms")]
    AlgorithmProtectionMismatch,
    /// The signature value does not verify.
    #[error(transparent)]
    BadSignature(#[from] SignatureFailure),
    /// The signer's certificate is not there.
    #[error("signer's certificate not found")]
    CertificateMissing,
    /// The signed reference means another certificate.
    #[error("signed certificate reference means another certificate")]
    CertificateReferenceMismatch,
    /// The message should have its content inside and has not.
    #[error("content missing")]
    ContentMissing,
    /// The message of a detached signature has content inside.
    #[error("content inside a detached signature")]
    ContentPresent,
    /// The content-type attribute differs from the type of the content.
    #[error("content type {attribute} signed for content of type {content}")]
    ContentTypeMismatch { attribute: String, content: String },
    /// The content is digested with another algorithm than the signature (RFC 8933 §3 wants one for both). Every value may
    /// be right all the same.
    #[error("content digested with {}, signed with {}", content.name(), signature.name())]
    DigestAlgorithmDiffers {
        content: DigestAlgorithm,
        signature: DigestAlgorithm,
    },
    /// The signed digest is not the digest of the content.
    #[error("message digest differs")]
    DigestMismatch { signed: Vec<u8>, computed: Vec<u8> },
    /// An attribute that must occur once with one value occurs otherwise.
    #[error("attribute {oid} repeated")]
    DuplicateAttribute { oid: String },
    /// The signer's public key is not usable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An attribute whose value is not readable.
    #[error("attribute {oid} not readable")]
    MalformedAttribute { oid: String },
    /// A required attribute is not there.
    #[error("attribute {oid} missing")]
    MissingAttribute { oid: String },
    /// Not exactly one signer.
    #[error("{found} signers")]
    SignerCount { found: usize },
    /// The signature rests on a digest for which collisions are practical.
    #[error("signature rests on {}", digest.name())]
    WeakDigest { digest: DigestAlgorithm },
}

impl SignerProblem {
    /// Whether the signature is not intact because of this. A weak digest is a matter of policy, and so are two digests.
    #[must_use]
    pub const fn breaks_integrity(&self) -> bool {
        !matches!(self, Self::WeakDigest { .. } | Self::DigestAlgorithmDiffers { .. })
    }

    /// Whether the signature could not be examined because of this, so that it is neither intact nor known to be broken.
    #[must_use]
    pub const fn not_understood(&self) -> bool {
        match self {
            Self::Algorithm(_) => true,
            // The two mistakes with SM2's identity are the signer's program's: the key has signed these octets.
            Self::BadSignature(failure) => matches!(
                failure,
                SignatureFailure::Algorithm(_)
                    | SignatureFailure::NeedsMessage
                    | SignatureFailure::Sm2EmptyId
                    | SignatureFailure::Sm2WithoutZ
            ),
            Self::CertificateMissing => true,
            Self::Key(error) => matches!(error, KeyError::Algorithm(_)),
            _ => false,
        }
    }
}

/// All problems of a detached signature over content with this digest, made with the signer's digest algorithm. None means
/// that it is intact.
#[must_use]
pub fn verify_signer(view: &SignedDataView, message_digest: &[u8]) -> Vec<SignerProblem> {
    verify_signer_among(view, message_digest, &[])
}

/// The same, with more certificates to look for the signer's among.
#[must_use]
pub fn verify_signer_among(view: &SignedDataView, message_digest: &[u8], more: &[Certificate]) -> Vec<SignerProblem> {
    let mut problems = Vec::new();
    detached(view, &mut problems);
    check(view, &Content::Digest(message_digest), more, &mut problems);
    problems
}

/// All problems of a detached signature over this content. Needed where there are no signed attributes and the algorithm
/// signs the message itself (SM2 after GM/T 0010, Ed25519).
#[must_use]
pub fn verify_signer_over(view: &SignedDataView, content: &[u8], more: &[Certificate]) -> Vec<SignerProblem> {
    let mut problems = Vec::new();
    detached(view, &mut problems);
    check(view, &Content::Octets(content), more, &mut problems);
    problems
}

/// All problems of a signature over the content inside the message.
#[must_use]
pub fn verify_encapsulated(view: &SignedDataView, more: &[Certificate]) -> Vec<SignerProblem> {
    let mut problems = Vec::new();
    match &view.content {
        Some(content) => check(view, &Content::Octets(content), more, &mut problems),
        None => problems.push(SignerProblem::ContentMissing),
    }
    problems
}

/// An empty OCTET STRING is content as well: a detached signature has none (RFC 5652 §5.2).
fn detached(view: &SignedDataView, problems: &mut Vec<SignerProblem>) {
    if view.content.is_some() {
        problems.push(SignerProblem::ContentPresent);
    }
}

enum Content<'a> {
    Digest(&'a [u8]),
    Octets(&'a [u8]),
}

fn check(view: &SignedDataView, content: &Content<'_>, more: &[Certificate], problems: &mut Vec<SignerProblem>) {
    let signer = &view.signer;
    if view.signer_count != 1 {
        problems.push(SignerProblem::SignerCount {
            found: view.signer_count,
        });
    }
    match &signer.signed_attributes {
        Some(attributes) => check_attributes(view, attributes, content, problems),
        // RFC 5652 §5.3: attributes may be absent only when the content is plain data.
        None if !matches!(view.content_type.as_str(), oids::DATA | oids::GM_DATA) => {
            problems.push(SignerProblem::MissingAttribute {
                oid: oids::CONTENT_TYPE.to_owned(),
            });
        }
        None => {}
    }
    let certificate = view.signer_certificate_among(more);
    if let (Some(attributes), Some(certificate)) = (&signer.signed_attributes, certificate)
        && !attributes
            .signing_certificate
            .iter()
            .all(|reference| reference.is_of(certificate))
    {
        problems.push(SignerProblem::CertificateReferenceMismatch);
    }
    let algorithm = match &signer.algorithm {
        Ok(algorithm) => *algorithm,
        Err(error) => {
            problems.push(error.clone().into());
            return;
        }
    };
    let content_digest = *signer.digest.as_ref().unwrap_or(&algorithm.digest());
    if content_digest != algorithm.digest() {
        problems.push(SignerProblem::DigestAlgorithmDiffers {
            content: content_digest,
            signature: algorithm.digest(),
        });
    }
    if let Some(digest) = [algorithm.digest(), content_digest]
        .into_iter()
        .find(|digest| digest.is_weak())
    {
        problems.push(SignerProblem::WeakDigest { digest });
    }
    let key = match certificate.map(Certificate::public_key) {
        Some(Ok(key)) => key,
        Some(Err(error)) => {
            problems.push(error.into());
            return;
        }
        None => {
            problems.push(SignerProblem::CertificateMissing);
            return;
        }
    };
    if let Err(failure) = check_value(signer, algorithm, &key, content) {
        problems.push(failure.into());
    }
}

fn check_attributes(
    view: &SignedDataView,
    attributes: &SignedAttributes,
    content: &Content<'_>,
    problems: &mut Vec<SignerProblem>,
) {
    let missing = |oid: &str| SignerProblem::MissingAttribute { oid: oid.to_owned() };
    for oid in &attributes.repeated {
        problems.push(SignerProblem::DuplicateAttribute { oid: oid.clone() });
    }
    for oid in attributes.malformed.iter().filter(|oid| *oid != oids::SIGNING_TIME) {
        problems.push(SignerProblem::MalformedAttribute { oid: oid.clone() });
    }
    match &attributes.content_type {
        Some(attribute) if *attribute == view.content_type => {}
        Some(attribute) => problems.push(SignerProblem::ContentTypeMismatch {
            attribute: attribute.clone(),
            content: view.content_type.clone(),
        }),
        None => problems.push(missing(oids::CONTENT_TYPE)),
    }
    match (&attributes.message_digest, &view.signer.digest) {
        (Some(signed), Ok(digest)) => {
            let computed = match content {
                Content::Digest(computed) => computed.to_vec(),
                Content::Octets(octets) => digest.hash(octets),
            };
            if *signed != computed {
                problems.push(SignerProblem::DigestMismatch {
                    signed: signed.clone(),
                    computed,
                });
            }
        }
        (None, _) => problems.push(missing(oids::MESSAGE_DIGEST)),
        // The unknown digest is reported with the signature algorithm.
        (Some(_), Err(_)) => {}
    }
    if let Some((digest, signature)) = &attributes.algorithm_protection
        && !(same(digest, &view.signer.digest_identifier) && same(signature, &view.signer.signature_identifier))
    {
        problems.push(SignerProblem::AlgorithmProtectionMismatch);
    }
}

fn check_value(
    signer: &Signer,
    algorithm: SignatureAlgorithm,
    key: &PublicKey,
    content: &Content<'_>,
) -> Result<(), SignatureFailure> {
    let value = &signer.signature;
    match (&signer.signed_attributes, content) {
        (Some(attributes), _) => match key.verify(algorithm, &attributes.der, value) {
            Err(SignatureFailure::Bad) => other_encodings(&attributes.der)
                .iter()
                .any(|octets| key.verify(algorithm, octets, value).is_ok())
                .then_some(())
                .ok_or(SignatureFailure::Bad),
            decided => decided,
        },
        (None, Content::Octets(octets)) => key.verify(algorithm, octets, value),
        // A plain digest of the content lacks what these two sign with it.
        (None, Content::Digest(_)) if matches!(algorithm, SignatureAlgorithm::Sm2Sm3 | SignatureAlgorithm::Ed25519) => {
            Err(SignatureFailure::NeedsMessage)
        }
        // Without attributes one digest serves both; which of the two was meant cannot be known.
        (None, Content::Digest(_)) if signer.digest.as_ref() != Ok(&algorithm.digest()) => {
            Err(SignatureFailure::NeedsMessage)
        }
        (None, Content::Digest(digest)) => key.verify_prehashed(algorithm, digest, value),
    }
}

/// The same attributes with shortest lengths, and sorted besides: what a signer signed who wrote them otherwise (RFC 5652
/// §5.4 wants the digest of the DER). Only encodings that differ from the given one.
fn other_encodings(der: &[u8]) -> Vec<Vec<u8>> {
    let rewritten = || -> Result<Vec<Vec<u8>>, asn1::Asn1Error> {
        let mut reader = asn1::single(der, SET)?.reader();
        let mut elements = Vec::new();
        while !reader.is_empty() {
            elements.push(shortest(&reader.any()?, 0)?);
        }
        Ok(vec![asn1::tlv(SET, &elements.concat()), asn1::set_of(SET, elements)])
    };
    let mut encodings = rewritten().unwrap_or_default();
    encodings.dedup();
    encodings.retain(|octets| octets != der);
    encodings
}

fn shortest(element: &asn1::Tlv<'_>, depth: usize) -> Result<Vec<u8>, asn1::Asn1Error> {
    if element.tag & 0x20 == 0 {
        return Ok(asn1::tlv(element.tag, element.value));
    }
    if depth > 64 {
        return Err(asn1::Asn1Error::Length);
    }
    let mut content = Vec::with_capacity(element.value.len());
    let mut reader = Reader::new(element.value);
    while !reader.is_empty() {
        content.extend(shortest(&reader.any()?, depth + 1)?);
    }
    Ok(asn1::tlv(element.tag, &content))
}

/// Whether two AlgorithmIdentifiers are the same. Absent and NULL parameters are: writers differ between the two places.
fn same(left: &[u8], right: &[u8]) -> bool {
    let essence = |der: &[u8]| {
        let (oid, parameters) = algorithm::split(der).ok()?;
        let parameters = parameters
            .filter(|parameters| parameters.tag != NULL)
            .map(|parameters| parameters.full.to_vec());
        Some((oid, parameters))
    };
    match (essence(left), essence(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}
