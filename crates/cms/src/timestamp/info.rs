//! TSTInfo inside its token (RFC 3161 §2.4.2).

use jiff::Timestamp;

use crate::algorithm::DigestAlgorithm;
use crate::asn1::{self, BOOLEAN, GENERALIZED_TIME, INTEGER, OID, SEQUENCE, Tlv, sequence, tlv};
use crate::read::{SignedDataView, read_signed_data};
use crate::timestamp::message::{imprint, read_imprint};
use crate::{CmsError, certificate, name, oids, time};

/// A time-stamp token: signed data around a TSTInfo. Nothing in it has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampToken {
    /// The message.
    pub signed_data: SignedDataView,
    /// Its content.
    pub info: TstInfo,
}

/// What an authority states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TstInfo {
    /// Must be 1.
    pub version: u32,
    /// The policy, dotted.
    pub policy: String,
    /// The digest algorithm of the imprint.
    pub imprint_algorithm: DigestAlgorithm,
    /// The digest that was stamped.
    pub imprint: Vec<u8>,
    /// The serial number of the token in lower-case hex.
    pub serial_hex: String,
    /// The time.
    pub gen_time: Timestamp,
    /// How far off the time may be, in milliseconds rounded up, when the authority says so.
    pub accuracy_ms: Option<u64>,
    /// Whether tokens of this authority are in the order of their times.
    pub ordering: bool,
    /// The magnitude of the nonce, without leading zeros.
    pub nonce: Option<Vec<u8>>,
    /// The name that the authority gives itself.
    pub tsa: Option<String>,
}

/// Reads a token.
///
/// # Errors
/// When it is no signed data, or its content is no TSTInfo.
pub fn read_token(octets: &[u8]) -> Result<TimeStampToken, CmsError> {
    let signed_data = read_signed_data(octets)?;
    if signed_data.content_type != oids::TST_INFO {
        return Err(CmsError::Input {
            what: "content type of the token",
        });
    }
    let content = signed_data.content.as_deref().ok_or(CmsError::Input {
        what: "content of the token",
    })?;
    let info = TstInfo::read(content)?;
    Ok(TimeStampToken { signed_data, info })
}

impl TstInfo {
    fn read(octets: &[u8]) -> Result<Self, CmsError> {
        let mut fields = asn1::single(octets, SEQUENCE)?.reader();
        let version = asn1::small(&fields.expect(INTEGER)?)?;
        let policy = asn1::dotted(fields.expect(OID)?.value)?;
        let (imprint_algorithm, imprint) = read_imprint(&fields.expect(SEQUENCE)?)?;
        let serial_hex = certificate::serial_hex(fields.expect(INTEGER)?.value);
        let gen_time = time::instant(&fields.expect(GENERALIZED_TIME)?)?;
        let accuracy_ms = match fields.optional(SEQUENCE)? {
            Some(element) => Some(accuracy(&element)?),
            None => None,
        };
        let ordering = fields.optional(BOOLEAN)?.is_some_and(|element| element.value != [0]);
        let nonce = fields
            .optional(INTEGER)?
            .map(|element| asn1::magnitude(element.value).to_vec());
        let tsa = fields.optional(0xa0)?.map(|explicit| general_name(explicit.value));
        fields.optional(0xa1)?;
        fields.finish()?;
        Ok(Self {
            version,
            policy,
            imprint_algorithm,
            imprint,
            serial_hex,
            gen_time,
            accuracy_ms,
            ordering,
            nonce,
            tsa,
        })
    }
}

/// What a practice authority states.
#[derive(Debug, Clone, Copy)]
pub struct TstInfoInput<'a> {
    /// The policy, dotted.
    pub policy: &'a str,
    /// The digest algorithm of the imprint.
    pub algorithm: DigestAlgorithm,
    /// The digest.
    pub imprint: &'a [u8],
    /// The magnitude of the serial number.
    pub serial: &'a [u8],
    /// The time, with the fraction that it has.
    pub gen_time: Timestamp,
    /// How far off it may be.
    pub accuracy_ms: Option<u32>,
    /// The magnitude of the request's nonce.
    pub nonce: Option<&'a [u8]>,
}

/// A TSTInfo in DER.
///
/// # Errors
/// When the policy is no object identifier.
pub fn tst_info(input: &TstInfoInput<'_>) -> Result<Vec<u8>, CmsError> {
    let policy = asn1::oid_from_text(input.policy).ok_or(CmsError::Input { what: "policy" })?;
    let accuracy = input.accuracy_ms.map(|total| {
        let (seconds, millis) = (total / 1000, total % 1000);
        let mut parts = Vec::new();
        if seconds > 0 {
            parts.extend(asn1::integer(&seconds.to_be_bytes()));
        }
        if millis > 0 {
            let number = asn1::integer(&millis.to_be_bytes());
            parts.extend(tlv(0x80, number.get(2..).unwrap_or_default()));
        }
        tlv(SEQUENCE, &parts)
    });
    Ok(sequence(&[
        &asn1::integer(&[1]),
        &policy,
        &imprint(input.algorithm, input.imprint),
        &asn1::integer(input.serial),
        &time::generalized(input.gen_time),
        &accuracy.unwrap_or_default(),
        &input.nonce.map(asn1::integer).unwrap_or_default(),
    ]))
}

/// Accuracy ::= SEQUENCE { seconds, millis [0], micros [1] }.
fn accuracy(element: &Tlv<'_>) -> Result<u64, CmsError> {
    let mut fields = element.reader();
    let mut number = |tag| -> Result<u64, CmsError> {
        Ok(match fields.optional(tag)? {
            Some(element) => u64::from(asn1::small(&element)?),
            None => 0,
        })
    };
    let (seconds, millis, micros) = (number(INTEGER)?, number(0x80)?, number(0x81)?);
    Ok(seconds * 1000 + millis + micros.div_ceil(1000))
}

fn general_name(octets: &[u8]) -> String {
    match asn1::single(octets, 0xa4) {
        Ok(directory) => name::text(directory.value),
        Err(_) => format!(
            "#{}",
            hex::encode(octets.get(..octets.len().min(64)).unwrap_or_default())
        ),
    }
}
