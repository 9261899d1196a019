//! The bytes of a file, shared and never copied. Not its business: where they come from.

use std::fmt;
use std::sync::Arc;

/// The bytes of one file: a vector in tests, a memory map of a private copy in the product.
#[derive(Clone)]
pub struct PdfBytes(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl AsRef<[u8]> for PdfBytes {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl fmt::Debug for PdfBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PdfBytes").field(&self.as_ref().len()).finish()
    }
}

impl From<Vec<u8>> for PdfBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }
}

impl From<&[u8]> for PdfBytes {
    fn from(bytes: &[u8]) -> Self {
        Self::from(bytes.to_vec())
    }
}

impl From<Arc<dyn AsRef<[u8]> + Send + Sync>> for PdfBytes {
    fn from(bytes: Arc<dyn AsRef<[u8]> + Send + Sync>) -> Self {
        Self(bytes)
    }
}

impl<T: AsRef<[u8]> + Send + Sync + 'static> From<Arc<T>> for PdfBytes {
    fn from(bytes: Arc<T>) -> Self {
        Self(bytes)
    }
}
