//! Asking for files in a dialog of the system: paths go from there to the desk and never to the window.

#[cfg(feature = "e2e")]
mod listed;
mod native;

use std::path::PathBuf;

use crate::{shell::Shell, text::Text};

/// What kind of file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// PDF.
    Pdf,
    /// Certificates, PEM or DER.
    Certificates,
    /// PKCS#11 library.
    Module,
}

impl Kind {
    /// Key of the name in the locale files, and patterns.
    const fn filter(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Pdf => ("kind-pdf", &["*.pdf", "*.PDF"]),
            Self::Certificates => ("kind-certificates", &["*.pem", "*.crt", "*.cer", "*.der"]),
            Self::Module => ("kind-module", &["*.so", "*.so.*"]),
        }
    }
}

/// One question.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    /// Files that exist.
    Open { title: String, kind: Kind, several: bool },
    /// A place for a file, with a proposed name.
    Save { title: String, proposed: String },
}

/// Whoever answers.
pub(crate) trait FilePicker: Send + Sync + 'static {
    /// Waits for the answer; empty when there is none.
    fn pick(&self, shell: &Shell, text: Text, question: Question) -> Vec<PathBuf>;
}

/// The one that this program has.
pub(crate) fn picker() -> Box<dyn FilePicker> {
    #[cfg(feature = "e2e")]
    if let Some(list) = listed::Listed::from_environment() {
        return Box::new(list);
    }
    Box::new(native::Native)
}
