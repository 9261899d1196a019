//! The messages of this crate against openssl's and others', good and broken.
//!
//! Unit tests stand beside the code; here are roundtrips over whole messages and answers of independent programs.
#![expect(clippy::unwrap_used, reason = "tests, also outside functions marked as such")]
#![expect(clippy::print_stdout, reason = "a skipped check says so")]

mod certificates;
mod corpus;
mod interop;
mod material;
mod messages;
mod mutations;
mod timestamps;
mod vectors;
