//! TimeStampReq and TimeStampResp (RFC 3161 §2.4).

use crate::algorithm::DigestAlgorithm;
use crate::asn1::{
    self, BIT_STRING, BOOLEAN, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, Tlv, UTF8_STRING, sequence, tlv,
};
use crate::{CmsError, name};

/// A request for a token over a digest.
#[derive(Debug, Clone, Copy)]
pub struct TimeStampReq<'a> {
    /// The digest algorithm of the imprint.
    pub algorithm: DigestAlgorithm,
    /// The digest that is to be stamped: for a signature, that of the signature value.
    pub imprint: &'a [u8],
    /// The policy that is asked for, dotted.
    pub policy: Option<&'a str>,
    /// Random octets, eight or more.
    pub nonce: &'a [u8],
}

impl TimeStampReq<'_> {
    /// The request in DER; certificates are always asked for.
    ///
    /// # Errors
    /// When imprint, policy or nonce are not what they should be.
    pub fn to_der(&self) -> Result<Vec<u8>, CmsError> {
        if self.imprint.len() != self.algorithm.output_len() {
            return Err(CmsError::Input { what: "imprint" });
        }
        if self.nonce.len() < 8 || self.nonce.len() > 64 {
            return Err(CmsError::Input { what: "nonce" });
        }
        let policy = match self.policy {
            Some(text) => asn1::oid_from_text(text).ok_or(CmsError::Input { what: "policy" })?,
            None => Vec::new(),
        };
        Ok(sequence(&[
            &asn1::integer(&[1]),
            &imprint(self.algorithm, self.imprint),
            &policy,
            &asn1::integer(self.nonce),
            &tlv(BOOLEAN, &[0xff]),
        ]))
    }
}

/// A request as an authority reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampReqView {
    /// The digest algorithm of the imprint.
    pub algorithm: DigestAlgorithm,
    /// The digest.
    pub imprint: Vec<u8>,
    /// The policy that is asked for.
    pub policy: Option<String>,
    /// The magnitude of the nonce.
    pub nonce: Option<Vec<u8>>,
    /// Whether certificates are wanted.
    pub certificates: bool,
}

/// Reads a request, for the practice authority and for tests.
///
/// # Errors
/// When it is none or its digest algorithm is not in the table.
pub fn read_request(octets: &[u8]) -> Result<TimeStampReqView, CmsError> {
    let mut fields = asn1::single(octets, SEQUENCE)?.reader();
    if asn1::small(&fields.expect(INTEGER)?)? != 1 {
        return Err(CmsError::Input {
            what: "request version",
        });
    }
    let (algorithm, imprint) = read_imprint(&fields.expect(SEQUENCE)?)?;
    let policy = match fields.optional(OID)? {
        Some(element) => Some(asn1::dotted(element.value)?),
        None => None,
    };
    let nonce = fields
        .optional(INTEGER)?
        .map(|element| asn1::magnitude(element.value).to_vec());
    let certificates = fields.optional(BOOLEAN)?.is_some_and(|element| element.value != [0]);
    Ok(TimeStampReqView {
        algorithm,
        imprint,
        policy,
        nonce,
        certificates,
    })
}

/// A response, unjudged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// PKIStatus: 0 granted, 1 granted with modifications, everything else is a refusal.
    pub status: u32,
    /// What the authority says about it, made harmless for display.
    pub status_strings: Vec<String>,
    /// The set bits of PKIFailureInfo.
    pub failure_bits: Vec<u32>,
    /// The token, a ContentInfo.
    pub token: Option<Vec<u8>>,
}

impl Response {
    /// The token of a response that grants one.
    #[must_use]
    pub fn granted(&self) -> Option<&[u8]> {
        if self.status <= 1 { self.token.as_deref() } else { None }
    }

    /// The names of the failure bits (RFC 3161 §2.4.2).
    #[must_use]
    pub fn failure_names(&self) -> Vec<&'static str> {
        self.failure_bits
            .iter()
            .map(|bit| match bit {
                0 => "badAlg",
                2 => "badRequest",
                5 => "badDataFormat",
                14 => "timeNotAvailable",
                15 => "unacceptedPolicy",
                16 => "unacceptedExtension",
                17 => "addInfoNotAvailable",
                25 => "systemFailure",
                _ => "unknown",
            })
            .collect()
    }
}

/// Reads a TimeStampResp.
///
/// # Errors
/// When it is none. A refusal is a response like any other.
pub fn read_response(octets: &[u8]) -> Result<Response, CmsError> {
    if octets.len() > MAX_RESPONSE {
        return Err(CmsError::TooLarge {
            found: octets.len(),
            limit: MAX_RESPONSE,
        });
    }
    let (der, _) = crate::ber::normalise(octets)?;
    let mut fields = asn1::single(&der, SEQUENCE)?.reader();
    let mut info = fields.expect(SEQUENCE)?.reader();
    let status = asn1::small(&info.expect(INTEGER)?)?;
    let mut status_strings = Vec::new();
    if let Some(strings) = info.optional(SEQUENCE)? {
        let mut strings = strings.reader();
        while !strings.is_empty() && status_strings.len() < MAX_STRINGS {
            status_strings.push(name::harmless(&name::string(&strings.any()?)));
        }
    }
    let failure_bits = info
        .optional(BIT_STRING)?
        .map(|element| bits(&element))
        .unwrap_or_default();
    info.finish()?;
    let token = fields.optional(SEQUENCE)?.map(|element| element.full.to_vec());
    fields.finish()?;
    Ok(Response {
        status,
        status_strings,
        failure_bits,
        token,
    })
}

/// A response that grants this token.
#[must_use]
pub fn response_granted(token: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(&[&asn1::integer(&[0])]), token])
}

/// A refusal: status 2 with a text and one bit of PKIFailureInfo.
#[must_use]
pub fn response_rejected(text: &str, failure_bit: u32) -> Vec<u8> {
    let bit = usize::try_from(failure_bit.min(31)).unwrap_or_default();
    let mut octets = vec![0; bit / 8 + 1];
    if let Some(last) = octets.last_mut() {
        *last = 0x80 >> (bit % 8);
    }
    let unused = u8::try_from(7 - bit % 8).unwrap_or_default();
    let failure = tlv(BIT_STRING, &[&[unused], octets.as_slice()].concat());
    let strings = sequence(&[&tlv(UTF8_STRING, text.as_bytes())]);
    sequence(&[&sequence(&[&asn1::integer(&[2]), &strings, &failure])])
}

/// MessageImprint.
pub(super) fn imprint(algorithm: DigestAlgorithm, digest: &[u8]) -> Vec<u8> {
    sequence(&[&algorithm.identifier(), &tlv(OCTET_STRING, digest)])
}

pub(super) fn read_imprint(element: &Tlv<'_>) -> Result<(DigestAlgorithm, Vec<u8>), CmsError> {
    let mut fields: Reader<'_> = element.reader();
    let algorithm = DigestAlgorithm::from_identifier(fields.expect(SEQUENCE)?.full)?;
    let digest = fields.expect(OCTET_STRING)?.value.to_vec();
    fields.finish()?;
    Ok((algorithm, digest))
}

fn bits(element: &Tlv<'_>) -> Vec<u32> {
    let octets = element.value.get(1..).unwrap_or_default();
    (0_u32..64)
        .filter(|bit| {
            let at = usize::try_from(bit / 8).unwrap_or(usize::MAX);
            octets.get(at).is_some_and(|octet| octet & (0x80 >> (bit % 8)) != 0)
        })
        .collect()
}

const MAX_RESPONSE: usize = 1 << 20;
const MAX_STRINGS: usize = 16;
