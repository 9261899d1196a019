//! TimeStampReq in, TimeStampResp out (RFC 3161 §2.4, RFC 5816), with every fault that a careful client must notice.
//!
//! Not its business: HTTP (the parent module). Encoded here on purpose, apart from countersign-cms.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{TsaFault, TsaOptions};
use crate::{PracticeError, TsaIdentity, der, folder};

/// Answers one request. Anything that is not a request gets a rejection, as RFC 3161 §2.4.2 wants it.
pub(super) fn answer(request: &[u8], options: &TsaOptions, tsa: &TsaIdentity) -> Result<Vec<u8>, PracticeError> {
    let Some(request) = Request::read(request) else {
        return Ok(rejection(BAD_DATA_FORMAT));
    };
    if options.fault == TsaFault::Reject {
        return Ok(rejection(SYSTEM_FAILURE));
    }
    if !DIGESTS.iter().any(|(oid, length)| {
        der::oid(oid).is_some_and(|oid| oid == request.digest_oid) && *length == request.digest.len()
    }) {
        return Ok(rejection(BAD_ALGORITHM));
    }
    let policy = der::oid(&options.policy_oid).ok_or(PracticeError::Unusable {
        what: "policy",
        length: options.policy_oid.len(),
    })?;
    if request.policy.is_some_and(|wanted| wanted != policy) {
        return Ok(rejection(UNACCEPTED_POLICY));
    }
    if request.extensions {
        return Ok(rejection(UNACCEPTED_EXTENSION));
    }
    let info = tst_info(&request, options, &policy)?;
    let token = signed(&info, &request, options, tsa)?;
    let status = der::join(der::SEQUENCE, &[&der::unsigned(&[0])]);
    Ok(der::join(der::SEQUENCE, &[&status, &token]))
}

/// What a TimeStampReq asks for.
struct Request<'a> {
    imprint: &'a [u8],
    digest_oid: &'a [u8],
    digest: &'a [u8],
    policy: Option<&'a [u8]>,
    nonce: Option<&'a [u8]>,
    certificates: bool,
    extensions: bool,
}

impl<'a> Request<'a> {
    fn read(octets: &'a [u8]) -> Option<Self> {
        let mut outer = der::Reader::new(octets);
        let mut request = outer.enter(der::SEQUENCE)?;
        if !outer.is_empty() || request.next(der::INTEGER)?.content != [1] {
            return None;
        }
        let imprint = request.next(der::SEQUENCE)?;
        let mut inner = der::Reader::new(imprint.content);
        let digest_oid = inner.enter(der::SEQUENCE)?.next(der::OID)?.whole;
        let digest = inner.next(der::OCTET_STRING)?.content;
        let policy = request.next(der::OID).map(|element| element.whole);
        let nonce = request.next(der::INTEGER).map(|element| element.whole);
        let certificates = request.next(der::BOOLEAN).is_some_and(|element| element.content != [0]);
        let extensions = request.next(der::context(0)).is_some();
        request.is_empty().then_some(Self {
            imprint: imprint.whole,
            digest_oid,
            digest,
            policy,
            nonce,
            certificates,
            extensions,
        })
    }
}

fn tst_info(request: &Request<'_>, options: &TsaOptions, policy: &[u8]) -> Result<Vec<u8>, PracticeError> {
    let mut imprint = request.imprint.to_vec();
    if options.fault == TsaFault::WrongImprint {
        flip_last(&mut imprint);
    }
    let mut nonce = request.nonce.map(<[u8]>::to_vec).unwrap_or_default();
    match options.fault {
        TsaFault::WrongNonce => flip_last(&mut nonce),
        TsaFault::NoNonce => nonce.clear(),
        _ => {}
    }
    let other_policy = der::oid("1.3.6.1.4.1.99999.666").unwrap_or_default();
    let policy = if options.fault == TsaFault::OtherPolicy {
        &other_policy
    } else {
        policy
    };
    let mut serial = folder::random::<16>()?;
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    let accuracy = options.accuracy_ms.map(accuracy).unwrap_or_default();
    Ok(der::join(
        der::SEQUENCE,
        &[
            &der::unsigned(&[1]),
            policy,
            &imprint,
            &der::unsigned(&serial),
            &general_time((options.clock)()),
            &accuracy,
            &nonce,
        ],
    ))
}

/// ContentInfo with SignedData (RFC 5652 §5), one SignerInfo, signing-certificate-v2 (RFC 5035).
fn signed(
    info: &[u8],
    request: &Request<'_>,
    options: &TsaOptions,
    tsa: &TsaIdentity,
) -> Result<Vec<u8>, PracticeError> {
    let oid = |dotted: &str| der::oid(dotted).unwrap_or_default();
    let attribute = |dotted: &str, value: &[u8]| der::join(der::SEQUENCE, &[&oid(dotted), &der::tlv(der::SET, value)]);
    let mut certificate_hash = Sha256::digest(&tsa.certificate).to_vec();
    if options.fault == TsaFault::WrongCertificateHash {
        flip_last(&mut certificate_hash);
    }
    let certificate_hash = der::tlv(der::OCTET_STRING, &certificate_hash);
    // ESSCertIDv2 with its default digest, SHA-256: SEQUENCE of the hash alone, inside certs, inside the attribute.
    let signing_certificate = (0..3).fold(certificate_hash, |inner, _| der::tlv(der::SEQUENCE, &inner));
    let attributes = vec![
        attribute(CONTENT_TYPE, &oid(TST_INFO)),
        attribute(SIGNING_TIME, &general_or_utc_time((options.clock)())),
        attribute(MESSAGE_DIGEST, &der::tlv(der::OCTET_STRING, &Sha256::digest(info))),
        attribute(SIGNING_CERTIFICATE_V2, &signing_certificate),
    ];
    let mut signature = tsa.sign(&der::set_of(der::SET, attributes.clone()))?;
    if options.fault == TsaFault::BadSignature {
        flip_last(&mut signature);
    }
    let sha256 = der::join(der::SEQUENCE, &[&oid(SHA256)]);
    let signer = der::join(
        der::SEQUENCE,
        &[
            &der::unsigned(&[1]),
            &issuer_and_serial(&tsa.certificate).ok_or(PracticeError::Unusable {
                what: "certificate of a time-stamping authority",
                length: tsa.certificate.len(),
            })?,
            &sha256,
            &der::set_of(der::context(0), attributes),
            &der::join(der::SEQUENCE, &[&oid(ECDSA_SHA256)]),
            &der::tlv(der::OCTET_STRING, &signature),
        ],
    );
    let certificates = if request.certificates && options.fault != TsaFault::NoCertificate {
        let mut all = tsa.chain.clone();
        all.push(tsa.certificate.clone());
        der::set_of(der::context(0), all)
    } else {
        Vec::new()
    };
    let content = der::join(
        der::SEQUENCE,
        &[
            &oid(TST_INFO),
            &der::tlv(der::context(0), &der::tlv(der::OCTET_STRING, info)),
        ],
    );
    let signed_data = der::join(
        der::SEQUENCE,
        &[
            &der::unsigned(&[3]),
            &der::tlv(der::SET, &sha256),
            &content,
            &certificates,
            &der::tlv(der::SET, &signer),
        ],
    );
    Ok(der::join(
        der::SEQUENCE,
        &[&oid(SIGNED_DATA), &der::tlv(der::context(0), &signed_data)],
    ))
}

/// PKIStatusInfo with status rejection and one bit of PKIFailureInfo (RFC 3161 §2.4.2).
fn rejection(bit: u8) -> Vec<u8> {
    let mut bits = vec![0_u8; usize::from(bit / 8) + 1];
    if let Some(last) = bits.last_mut() {
        *last = 0x80 >> (bit % 8);
    }
    bits.insert(0, 7 - bit % 8);
    let text = der::tlv(der::UTF8_STRING, "PRACTICE 演练: rejected".as_bytes());
    let status = der::join(
        der::SEQUENCE,
        &[
            &der::unsigned(&[2]),
            &der::tlv(der::SEQUENCE, &text),
            &der::tlv(der::BIT_STRING, &bits),
        ],
    );
    der::tlv(der::SEQUENCE, &status)
}

/// IssuerAndSerialNumber of a certificate.
fn issuer_and_serial(certificate: &[u8]) -> Option<Vec<u8>> {
    let mut body = der::Reader::new(certificate)
        .enter(der::SEQUENCE)?
        .enter(der::SEQUENCE)?;
    body.next(der::context(0))?;
    let serial = body.next(der::INTEGER)?;
    body.next(der::SEQUENCE)?;
    let issuer = body.next(der::SEQUENCE)?;
    Some(der::join(der::SEQUENCE, &[issuer.whole, serial.whole]))
}

fn accuracy(milliseconds: u64) -> Vec<u8> {
    let (seconds, rest) = (milliseconds / 1_000, milliseconds % 1_000);
    let mut parts = Vec::new();
    if seconds > 0 {
        parts.extend(der::unsigned(&seconds.to_be_bytes()));
    }
    if rest > 0 {
        let mut millis = der::unsigned(&rest.to_be_bytes());
        if let Some(tag) = millis.first_mut() {
            *tag = 0x80;
        }
        parts.extend(millis);
    }
    der::tlv(der::SEQUENCE, &parts)
}

/// GeneralizedTime with milliseconds, without trailing zeros (X.690 §11.7).
fn general_time(at: Timestamp) -> Vec<u8> {
    let mut text = at.strftime("%Y%m%d%H%M%S").to_string();
    let fraction = format!(".{:03}", at.subsec_millisecond());
    text.push_str(fraction.trim_end_matches('0').trim_end_matches('.'));
    text.push('Z');
    der::tlv(der::GENERALIZED_TIME, text.as_bytes())
}

/// Time of RFC 5652 §11.3: UTCTime from 1950 to 2049.
fn general_or_utc_time(at: Timestamp) -> Vec<u8> {
    let text = at.strftime("%Y%m%d%H%M%SZ").to_string();
    match text.get(2..) {
        Some(short) if ("1950".."2050").contains(&text.get(..4).unwrap_or_default()) => {
            der::tlv(UTC_TIME, short.as_bytes())
        }
        _ => der::tlv(der::GENERALIZED_TIME, text.as_bytes()),
    }
}

fn flip_last(octets: &mut [u8]) {
    if let Some(last) = octets.last_mut() {
        *last ^= 1;
    }
}

const DIGESTS: [(&str, usize); 4] = [
    (SHA256, 32),
    ("2.16.840.1.101.3.4.2.2", 48),
    ("2.16.840.1.101.3.4.2.3", 64),
    ("1.2.156.10197.1.401", 32),
];
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
const UTC_TIME: u8 = 0x17;

// Bits of PKIFailureInfo.
const BAD_ALGORITHM: u8 = 0;
const BAD_DATA_FORMAT: u8 = 5;
const UNACCEPTED_POLICY: u8 = 15;
const UNACCEPTED_EXTENSION: u8 = 16;
const SYSTEM_FAILURE: u8 = 25;
