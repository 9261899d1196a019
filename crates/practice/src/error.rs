//! Why a practice thing could not be made.

use std::path::PathBuf;

/// Why a practice thing could not be made.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum PracticeError {
    /// A certificate could not be made.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The development chain ended by itself or did not come up in time.
    #[error("development chain did not start within {seconds} s; it said: {said}")]
    ChainStart { seconds: u64, said: String },
    /// The development chain answered with an error, or with something that is not JSON-RPC.
    #[error("development chain, {method}: {answer}")]
    ChainRpc { method: String, answer: String },
    /// A stored practice file is not what it should be.
    #[error("{path} is damaged; remove the practice folder to make it anew")]
    Damaged { path: PathBuf },
    /// The operating system said no.
    #[error("{operation} {path}: {source}")]
    Io {
        operation: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// The PKCS#11 module of SoftHSM2 is nowhere.
    #[error("libsofthsm2.so not found; looked in {looked:?}")]
    ModuleMissing { looked: Vec<PathBuf> },
    /// A label, PIN or identifier cannot be used.
    #[error("not usable as {what}: {length} octets")]
    Unusable { what: &'static str, length: usize },
    /// The operating system gave no random octets.
    #[error("no random octets")]
    Random,
    /// The practice time-stamping authority could not listen.
    #[error("time-stamping authority cannot listen: {reason}")]
    TsaListen { reason: String },
    /// A public key of a kind that the practice authority does not certify.
    #[error("public key of a kind that is not certified here: {spki}")]
    UnsupportedKey { spki: String },
    /// An external tool could not be started or said no.
    #[error("{tool} {task}: {said}")]
    Tool {
        tool: &'static str,
        task: String,
        said: String,
    },
}

impl PracticeError {
    pub(crate) fn io(operation: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            operation,
            path,
            source,
        }
    }
}
