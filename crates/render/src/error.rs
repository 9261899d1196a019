//! Why there is no picture. Not its business: text for people; shells go by the variant.

use std::io::ErrorKind;

/// How a worker ended that should have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The reader gave up in the middle of a page and said so before it ended.
    Panicked,
    /// A signal: 9 by hand or for want of memory, 6 when memory was refused, 11 for a stack without end, 24 for time.
    Signal(i32),
    /// It left with this status.
    Status(i32),
    /// It closed its end and went on running, until it was killed.
    Silent,
}

/// Why there is no picture or no text of a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the fields are the compared values, the texts say what they are"
)]
pub enum RenderError {
    #[error("the worker ended without an answer ({end:?})")]
    Crashed { end: End },
    #[error("the document has {octets} octets, at most {most} can be drawn")]
    DocumentTooLarge { octets: u64, most: u64 },
    #[error("the document is encrypted in a way that needs a password")]
    Encrypted,
    #[error("the worker's answer is not one")]
    Malformed,
    #[error("no document was opened")]
    NotOpen,
    #[error("page {page} of {pages}")]
    PageMissing { page: u32, pages: u32 },
    #[error("the worker could not be started ({kind})")]
    Start { kind: ErrorKind },
    #[error("no answer within {seconds} s")]
    TimedOut { seconds: u64 },
    #[error("{width} by {height} pixels are too many (width {most_width}, all {most_pixels})")]
    TooLarge {
        width: u64,
        height: u64,
        most_width: u64,
        most_pixels: u64,
    },
    #[error("{pages} pages, at most {most} are listed")]
    TooManyPages { pages: u32, most: u32 },
    #[error("this is not a document that the reader can read")]
    Unreadable,
}

impl RenderError {
    /// Whether the worker is gone after this error and a new one must be started.
    pub(crate) fn is_death(&self) -> bool {
        matches!(self, Self::Crashed { .. } | Self::Malformed | Self::TimedOut { .. })
    }
}
