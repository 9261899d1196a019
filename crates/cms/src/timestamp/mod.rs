//! Time-stamp requests, responses and tokens (RFC 3161, RFC 5816).
//!
//! Octets in, values out. Carrying them is remote's business, whether an authority is trusted is trust's, and comparing
//! its time with a clock is the session's.

mod check;
mod info;
mod message;

pub use check::{Expected, TimestampProblem, check_token, check_token_among};
pub use info::{TimeStampToken, TstInfo, TstInfoInput, read_token, tst_info};
pub use message::{
    Response, TimeStampReq, TimeStampReqView, read_request, read_response, response_granted, response_rejected,
};

/// The type of the content of a token, dotted: id-ct-TSTInfo.
pub const TST_INFO_TYPE: &str = crate::oids::TST_INFO;
