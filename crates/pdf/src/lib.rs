//! The PDF side of Countersign: reading a contract and appending a signature to it (ISO 32000-2 7.5.6, 12.7.5.5, 12.8).
//!
//! In scope: opening a file over any bytes (a memory map of a private copy, or a vector) without copying it, walking its
//! chain of cross-reference sections, and preparing an incremental update that holds one signature with a hole for its
//! CMS. The original bytes stay an exact prefix of what is written: an edited dictionary is its own source text with one
//! key spliced in, appended as a new version of the object.
//!
//! Out of scope: IO, time and randomness (callers hand in bytes and the claimed time), CMS and X.509 (crate cms),
//! page pixels, and any rewriting or repair of a damaged file: that is refused with a reason.

mod appearance;
mod append;
mod appendix;
mod at_rest;
mod bytes;
mod document;
mod error;
mod fields;
mod lexer;
mod packed;
mod pages;
mod permissions;
mod prepare;
mod refusal;
mod request;
#[cfg(test)]
mod sample;
mod splice;
mod text;
mod unpack;
mod xref;

pub mod findings;
pub mod review;
pub mod second_reader;
pub mod signatures;

pub use appearance::Shortfall;
pub use appendix::{Appendix, ContentsTooSmall, RefillError, refill};
pub use bytes::PdfBytes;
pub use document::{Document, open};
pub use error::OpenError;
pub use fields::{FieldLock, SignatureField};
pub use refusal::Refusal;
pub use request::{Appearance, DocMdp, Measured, SignatureRequest, SubFilter, UnknownPermission};
pub use xref::{Entry, Section, SectionKind, XrefChain};
