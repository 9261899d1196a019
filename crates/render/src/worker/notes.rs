//! What is to be said beside a picture, gathered while a page is drawn. One for each page.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hayro::hayro_interpret::InterpreterWarning;

use crate::picture::{FallbackFont, Warning};

/// Shared by the callbacks of one page.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Gathered>>);

#[derive(Debug, Default)]
struct Gathered {
    warnings: BTreeSet<Warning>,
    fonts: BTreeSet<FallbackFont>,
}

impl Notes {
    pub(super) fn warn(&self, warning: Warning) {
        self.lock().warnings.insert(warning);
    }

    pub(super) fn used(&self, font: FallbackFont) {
        self.lock().fonts.insert(font);
    }

    pub(super) fn heard(&self, warning: InterpreterWarning) {
        match warning {
            InterpreterWarning::ImageDecodeFailure => self.warn(Warning::ImageUndecodable),
            InterpreterWarning::UnresolvedAnnotationAppearance => self.warn(Warning::AnnotationNotDrawn),
            // Whatever a later reader finds to say is said as the gravest.
            _ => self.warn(Warning::FontUnsupported),
        }
    }

    /// In an order that does not depend on the page's.
    pub(super) fn all(&self) -> (Vec<Warning>, Vec<FallbackFont>) {
        let gathered = self.lock();
        (
            gathered.warnings.iter().copied().collect(),
            gathered.fonts.iter().cloned().collect(),
        )
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
