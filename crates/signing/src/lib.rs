//! The signing session: open → review → approve → prepare → sign → timestamp → embed → record → submit, and verify.
//!
//! A contract moves one way. Each step consumes the value of the step before and returns the next one; a step that fails
//! gives its value back. `Prepared`, `Signed`, `Stamped`, `Sealed` and `Recorded` are plain data and can be resumed after a crash.
//!
//! In scope: the order of things, the ports, the verdict. Out of scope: PKCS#11 (token), HTTP (remote), disk (store),
//! windows and text (shells). No clock, no randomness, no IO of its own.

pub mod ports;

mod embed;
mod hex_list;
mod ledger;
mod prepare;
mod record;
mod review;
mod sign;
mod source;
mod submit;
mod timestamp;
mod verify;

pub use countersign_cms::DigestAlgorithm;
pub use embed::{Checked, EmbedError, Sealed, check, embed, extend};
pub use ledger::{Failed, Ledger, SessionState, Stage, Storage};
pub use prepare::{Choices, Intent, Level, PrepareError, Prepared, RsaScheme, TIMESTAMP_ESTIMATE, prepare};
pub use record::{Party, RecordError, Recorded, record};
pub use review::{Approved, Contract, Review, ReviewError, Signability, open};
pub use sign::{SignError, Signed, sign};
pub use source::{Octets, Prefix, SourceFacts};
pub use submit::{Drive, SubmitError, drive, enqueue, enqueue_held};
pub use timestamp::{StampError, StampFailure, Stamped, request_stamp, stamp, without_stamp};
pub use verify::{
    CertificateFacts, ChainReport, ChainStatus, Change, CoverageReport, FileFacts, Indication, Integrity, KnownDigest,
    LaterChanges, Overall, Report, ReportFinding, Revocation, RevocationMode, SignatureReport, SubIndication, TimeKind,
    TimeReport, Trust, VerifyRequest, verify,
};
