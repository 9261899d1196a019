//! Why a file cannot be opened at all. Why a file that opens cannot be signed is told by `Refusal`.

use thiserror::Error;

/// Nothing of the file can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are named after what they hold")]
pub enum OpenError {
    #[error("the cross-reference chain is damaged at byte {offset}: {what}")]
    DamagedXref { what: &'static str, offset: u64 },
    #[error("a password is needed to open the file")]
    Encrypted,
    #[error("the encryption of the file is not supported")]
    EncryptionUnsupported,
    #[error("not a PDF file")]
    NotPdf,
    #[error("readers do not agree about the page tree at object {object}, before page {page}: {what}")]
    PagesAmbiguous { page: u32, object: u32, what: &'static str },
    #[error("the page tree cannot be read")]
    PagesUnreadable,
    #[error("the cross-reference section at byte {offset} is its own ancestor")]
    PrevLoop { offset: u64 },
    #[error("two readings of the file disagree about its catalog: object {chain} and object {reader}")]
    RootDisagrees { chain: u32, reader: u32 },
    #[error("the file has {size} bytes, more than {limit}")]
    TooLarge { size: u64, limit: u64 },
}

impl OpenError {
    /// The code that callers branch on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::DamagedXref { .. } | Self::PrevLoop { .. } | Self::RootDisagrees { .. } => "damaged-xref",
            Self::Encrypted | Self::EncryptionUnsupported => "encrypted",
            Self::NotPdf => "not-a-pdf",
            Self::PagesAmbiguous { .. } => "page-tree-ambiguous",
            Self::PagesUnreadable => "damaged-pages",
            Self::TooLarge { .. } => "too-large",
        }
    }
}
