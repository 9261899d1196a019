//! Why a file could not be taken, or its result not be put in place.

use std::{io, path::PathBuf};

/// Why a snapshot was not taken, resumed or finished. The source is untouched in every case.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum SnapshotError {
    /// Another process works on the same private copy.
    #[error("in use by another process: {}", path.display())]
    Busy { path: PathBuf },
    /// The private copy is not the one that was left.
    #[error("the private copy {} is not what was left: {what}", path.display())]
    Damaged { path: PathBuf, what: &'static str },
    /// No room on the device.
    #[error("no room for {}", path.display())]
    DiskFull { path: PathBuf },
    /// The source has no octets.
    #[error("{} is empty", path.display())]
    Empty { path: PathBuf },
    /// The operating system said no.
    #[error("{operation} {}: {source}", path.display())]
    Io {
        operation: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// Octets that would change are still being read by somebody.
    #[error("{} is still being read", path.display())]
    Lent { path: PathBuf },
    /// Nothing was appended, so there is nothing to put in place.
    #[error("nothing was appended to {}", path.display())]
    NotAppended { path: PathBuf },
    /// The source is a folder, a pipe, a device or a socket.
    #[error("{} is not a regular file", path.display())]
    NotRegular { path: PathBuf },
    /// The output would replace a file.
    #[error("{} exists", path.display())]
    OutputExists { path: PathBuf },
    /// The folder of the output is absent or cannot be written to.
    #[error("cannot write in {}: {source}", path.display())]
    OutputFolder { path: PathBuf, source: io::Error },
    /// The output is the source, by whatever name.
    #[error("{} is the file to be signed", path.display())]
    OutputIsSource { path: PathBuf },
    /// The source changed while it was copied, or is not the file that was approved.
    #[error("{} changed: {what}", path.display())]
    SourceChanged { path: PathBuf, what: &'static str },
    /// There is no source.
    #[error("{} does not exist", path.display())]
    SourceMissing { path: PathBuf },
    /// The source may not be read.
    #[error("cannot read {}: {source}", path.display())]
    SourceUnreadable { path: PathBuf, source: io::Error },
    /// Whoever asked for the copy wanted no more of it.
    #[error("stopped")]
    Stopped,
    /// More octets than are taken.
    #[error("{}: {size} octets, at most {limit}", path.display())]
    TooLarge { path: PathBuf, size: u64, limit: u64 },
}

impl SnapshotError {
    pub(super) fn io(operation: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::DiskFull { path }
            }
            _ => Self::Io {
                operation,
                path,
                source,
            },
        }
    }
}
