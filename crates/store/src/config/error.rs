//! Why a configuration is not usable. Says which file and key, and what would be right.

use std::path::PathBuf;

/// Why a configuration was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum ConfigError {
    /// The user's file sets a key that the administrator locked.
    #[error("{}: {key} is set by the administrator in {}", file.display(), by.display())]
    Locked { file: PathBuf, key: String, by: PathBuf },
    /// Not TOML, an unknown key, a value of the wrong kind.
    #[error("{}:{line}:{column}: {key}: {reason}", file.display())]
    Malformed {
        file: PathBuf,
        line: usize,
        column: usize,
        key: String,
        reason: String,
    },
    /// The file that was asked for is not there.
    #[error("{} does not exist", file.display())]
    Missing { file: PathBuf },
    /// A key without which its section makes no sense.
    #[error("{key} is missing")]
    MissingKey { key: String },
    /// The operating system said no.
    #[error("{}: {reason}", file.display())]
    Unreadable { file: PathBuf, reason: String },
    /// A key whose value cannot be.
    #[error("{key} is not acceptable: {rule}")]
    Value { key: String, rule: &'static str },
}
