//! Files that common readers may take differently, and files of odd form that all of them take alike.
//!
//! One table for two judges: `suite/ambiguous` checks what the product says of each, and a suite that renders every
//! accepted case with other readers can take the same bytes. Each file has one or two pages; the first says `PRICE`.
//! Not its business: how other readers are started. ISO 32000-2 7.3, 7.5, 7.7.3.

mod layout;
mod objects;
mod pages;
mod raw;

use raw::Body;

/// What the product has to do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Signed, and nothing of its structure is found: the specification and all readers agree.
    Accepted,
    /// Signed, and this finding is told.
    Told(&'static str),
    /// Not signed: a finding of severity `block` or an error of this code.
    Refused(&'static str),
}

/// One file.
#[derive(Debug, Clone)]
pub struct Case {
    /// Names the case in tables.
    pub name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
    /// What has to come of it.
    pub expected: Expected,
}

/// Text of the first page that everybody has to see.
pub const PRICE: &str = "The price is 9,000,000";
/// Text that some readers show in its place where a file is ambiguous.
pub const OTHER_PRICE: &str = "The price is 1,000";

/// All cases.
#[must_use]
pub fn cases() -> Vec<Case> {
    [pages::cases(), objects::cases(), layout::cases()].concat()
}

fn case(name: &'static str, expected: Expected, bytes: Vec<u8>) -> Case {
    Case { name, bytes, expected }
}

/// A case whose bytes come from the plain two pages with one change.
fn changed(name: &'static str, expected: Expected, change: impl FnOnce(&mut Body)) -> Case {
    let mut body = Body::two_pages();
    change(&mut body);
    case(name, expected, body.file())
}
