//! Why a signature is not prepared. Every reason is found before anybody is asked for a PIN.

use thiserror::Error;

use crate::request::DocMdp;

/// One reason why the file must not, or cannot, be signed as requested.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are named after what they hold")]
pub enum Refusal {
    #[error("the document is already certified (P={permission:?})")]
    AlreadyCertified { permission: DocMdp },
    #[error("{signatures} signatures are already there; a certification must be the first")]
    CertifyNotFirst { signatures: usize },
    #[error("object {object} is not where the cross-reference chain says")]
    DamagedXref { object: u32 },
    #[error("the certification of the document forbids it (P={permission:?})")]
    DocmdpForbids { permission: DocMdp },
    #[error("more than one field is called {field}")]
    DuplicateFieldName { field: String },
    #[error("the file is encrypted")]
    Encrypted,
    #[error("the field {field} already holds a signature")]
    FieldAlreadySigned { field: String },
    #[error("the signature in {by} locks the field {field}")]
    FieldLocked { field: String, by: String },
    #[error("there is no field {field}")]
    FieldMissing { field: String },
    #[error("{field} is not a signature field")]
    FieldNotSignature { field: String },
    #[error("there is no page {page}, the last is {pages}")]
    PageMissing { page: u32, pages: u32 },
    #[error("the rectangle {rect:?} is not within the visible page {visible:?}")]
    PlacementOutsidePage { rect: [f64; 4], visible: [f64; 2] },
    #[error("the picture cannot be used: {what}")]
    PngUnusable { what: &'static str },
    #[error("the signed file would have {size} bytes, more than {limit}")]
    TooLarge { size: u64, limit: u64 },
    #[error("not supported: {what}")]
    Unsupported { what: &'static str },
}

impl Refusal {
    /// The code that callers branch on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlreadyCertified { .. } => "already-certified",
            Self::CertifyNotFirst { .. } => "certify-not-first",
            Self::DamagedXref { .. } => "damaged-xref",
            Self::DocmdpForbids { .. } => "docmdp-forbids",
            Self::DuplicateFieldName { .. } => "duplicate-field-name",
            Self::Encrypted => "encrypted",
            Self::FieldAlreadySigned { .. } => "field-already-signed",
            Self::FieldLocked { .. } => "field-locked",
            Self::FieldMissing { .. } => "field-missing",
            Self::FieldNotSignature { .. } => "field-not-signature",
            Self::PageMissing { .. } => "page-missing",
            Self::PlacementOutsidePage { .. } => "placement-outside-page",
            Self::PngUnusable { .. } => "png-unusable",
            Self::TooLarge { .. } => "too-large",
            Self::Unsupported { .. } => "unsupported",
        }
    }
}

impl From<crate::document::Misplaced> for Refusal {
    fn from(misplaced: crate::document::Misplaced) -> Self {
        Self::DamagedXref {
            object: misplaced.number,
        }
    }
}

impl From<crate::splice::Unspliceable> for Refusal {
    fn from(_: crate::splice::Unspliceable) -> Self {
        Self::Unsupported {
            what: "a dictionary whose source text is ambiguous",
        }
    }
}
