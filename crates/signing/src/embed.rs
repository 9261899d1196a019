//! embed: the CMS goes into the hole; the result is verified before a byte is released.
//!
//! Not its business: writing and renaming the file (store). ISO 32000-2 12.8.1, EN 319 142-1 §6.

use countersign_cms::{Certificate, CmsError, SignedDataInput, signed_data, with_timestamp};
use countersign_pdf::{ContentsTooSmall, Document, OpenError, RefillError, refill};
use countersign_trust::TrustAnchors;
use serde::{Deserialize, Serialize};

use crate::{
    ledger::{Failed, Ledger, SessionState},
    ports::StoreError,
    prepare::Level,
    source::Prefix,
    timestamp::Stamped,
    verify::{Indication, Integrity, KnownDigest, LaterChanges, Report, RevocationMode, VerifyRequest, verify},
};

/// The finished tail. Plain data; the file is the approved octets followed by `tail`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sealed {
    /// What was signed. Its appendix holds the finished tail.
    pub signed: crate::sign::Signed,
    /// TimeStampToken, DER; empty without a stamp.
    #[serde(
        serialize_with = "crate::hex_list::one",
        deserialize_with = "hex::serde::deserialize"
    )]
    pub token: Vec<u8>,
    /// The authority's URL, or empty.
    pub tsa: String,
    /// Level reached.
    pub level: Level,
    /// SHA-256 of the finished file.
    #[serde(with = "hex::serde")]
    pub sha256: [u8; 32],
    /// Size of the finished file, octets.
    pub size: u64,
}

impl Sealed {
    /// What follows the approved octets.
    #[must_use]
    pub fn tail(&self) -> &[u8] {
        &self.signed.prepared.appendix.tail
    }
}

/// The finished file passed our own verification. Only this may be released.
#[derive(Debug)]
pub struct Checked {
    /// What the verification said.
    pub report: Report,
}

/// Why nothing was embedded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
pub enum EmbedError {
    /// The messages could not be built.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// The CMS is larger than the hole.
    #[error("the signature needs {} octets, {} are reserved", .0.needed, .0.capacity)]
    DoesNotFit(#[from] ContentsTooSmall),
    /// The hole of an existing signature cannot be filled again.
    #[error(transparent)]
    Refill(#[from] RefillError),
    /// The finished file could not be opened again.
    #[error("the result cannot be read again: {0}")]
    Unreadable(#[from] OpenError),
    /// The finished file did not pass our own verification; it was not released.
    #[error("the result did not verify: {reason}")]
    NotVerified { reason: String },
    /// The session could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fills the hole.
///
/// # Errors
/// Gives the stamped signature back: it can be embedded without its stamp, or later.
pub fn embed(
    stamped: Stamped,
    prefix: &Prefix,
    ledger: &mut Ledger<'_>,
) -> Result<Sealed, Failed<Box<Stamped>, EmbedError>> {
    match fill(&stamped, prefix, ledger) {
        Ok(sealed) => Ok(sealed),
        Err(error) => Err(Failed {
            state: Box::new(stamped),
            error,
        }),
    }
}

fn fill(stamped: &Stamped, prefix: &Prefix, ledger: &mut Ledger<'_>) -> Result<Sealed, EmbedError> {
    let mut signed = stamped.signed.clone();
    let certificate = Certificate::from_der(&signed.prepared.certificate).map_err(CmsError::from)?;
    let token = (!stamped.token.is_empty()).then_some(stamped.token.as_slice());
    let cms = signed_data(&SignedDataInput {
        certificate: &certificate,
        chain: &signed.prepared.chain,
        signed_attributes: &signed.prepared.signed_attributes,
        algorithm: signed.prepared.algorithm,
        signature: &signed.signature_value,
        timestamp_token: token,
    })?;
    signed.prepared.appendix.fill(&cms)?;
    let tail = &signed.prepared.appendix.tail;
    let sha256 = prefix.sha256_with(tail);
    let size = signed.prepared.source.size + tail.len() as u64;
    let level = if token.is_some() { Level::BT } else { Level::BB };
    let digest = hex::encode(sha256);
    ledger.trace("embed", &[("sha256", &digest), ("level", level.name())])?;
    let sealed = Sealed {
        signed,
        token: stamped.token.clone(),
        tsa: stamped.tsa.clone(),
        level,
        sha256,
        size,
    };
    ledger.save(&SessionState::Sealed(Box::new(sealed.clone())), false)?;
    Ok(sealed)
}

/// Verifies the finished file, given as it stands in the private copy. The digest over the covered octets comes from the
/// kept state, so that a large file is not read again; everything else is read anew from the file.
///
/// # Errors
/// Then the file must not be released.
pub fn check(
    sealed: &Sealed,
    finished: &Document,
    prefix: &Prefix,
    now: jiff::Timestamp,
) -> Result<Checked, EmbedError> {
    let not_verified = |reason: String| EmbedError::NotVerified { reason };
    let prepared = &sealed.signed.prepared;
    let octets = finished.bytes();
    if octets.len() as u64 != sealed.size {
        return Err(not_verified(format!(
            "size {} instead of {}",
            octets.len(),
            sealed.size
        )));
    }
    let tail_start = usize::try_from(prepared.source.size).unwrap_or(usize::MAX);
    if octets.get(tail_start..) != Some(sealed.tail()) {
        return Err(not_verified("the appended section differs".to_owned()));
    }
    let none = TrustAnchors::default();
    let report = verify(
        finished,
        &VerifyRequest {
            anchors: &none,
            tsa_anchors: &none,
            extra_certificates: &[],
            signer_purposes: &[],
            at: now,
            revocation: RevocationMode::Off,
            known: Some(KnownDigest {
                byte_range: prepared.appendix.byte_range,
                algorithm: prepared.algorithm.digest(),
                value: crate::prepare::covered_digest(prefix, &prepared.appendix, prepared.algorithm.digest()),
            }),
            only_field: Some(&prepared.appendix.field),
        },
    );
    let Some(ours) = report
        .signatures
        .iter()
        .find(|signature| signature.field == prepared.appendix.field)
    else {
        return Err(not_verified("our signature is not found again".to_owned()));
    };
    let intact = ours.integrity == Integrity::Intact
        && ours.coverage.whole_revision
        && ours.later_changes == LaterChanges::None
        && ours.indication != Indication::TotalFailed
        && ours.claimed_level == sealed.level.name();
    if !intact {
        return Err(not_verified(format!(
            "integrity {:?}, whole {}, later {:?}, level {}, {:?} {:?}",
            ours.integrity,
            ours.coverage.whole_revision,
            ours.later_changes,
            ours.claimed_level,
            ours.indication,
            ours.findings
        )));
    }
    Ok(Checked { report })
}

/// Adds a stamp to the last signature of a file that nobody has signed since: new hex digits for the same hole.
/// Returns the range that changes and its new content; the length of the file stays.
///
/// # Errors
/// When the hole is too small or not where it should be.
pub fn extend(
    octets: &[u8],
    byte_range: [u64; 4],
    contents: &[u8],
    token: &[u8],
) -> Result<(std::ops::Range<u64>, Vec<u8>), EmbedError> {
    let cms = with_timestamp(contents, token)?;
    Ok(refill(octets, byte_range, &cms)?)
}
