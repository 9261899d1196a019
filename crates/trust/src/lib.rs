//! Trust: whether a certificate leads to an anchor at a time, and what a timestamp proves.
//!
//! In scope: certificate paths (RFC 5280), the algorithm policy, the words of EN 319 102-1, timestamps as proven time.
//! Out of scope: the arithmetic of signatures and the messages themselves (countersign-cms), fetching anything, the
//! clock (time is an argument), revocation data (every path says that it was not checked).
//!
//! Invariants: a `VerifiedPath` and a `VerifiedTime` can only be made by verifying; an empty set of anchors trusts
//! nothing; work is bounded whatever certificates are given; nothing is logged (the `log` dependency is there to
//! compile out what certval would log: it names subjects).

pub mod anchors;
pub mod indication;
pub mod path;
pub mod policy;
pub mod timestamp;

pub use anchors::{AnchorError, TrustAnchors};
pub use indication::{Indication, SubIndication, headline};
pub use path::{
    CertificateId, PathCache, PathFailure, PathFinding, PathRequest, RevocationStatus, Rfc5280Rule, Severity,
    UnreadableCertificate, Usage, VerifiedPath, verify_path,
};
pub use policy::{CertificateRefusal, Policy, certificate_refusals};
pub use timestamp::{AuthorityTrust, StatedTime, TimestampFailure, VerifiedTime, verify_timestamp};
