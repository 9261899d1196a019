//! Time and randomness. A pure crate never reaches for them itself.

use jiff::Timestamp;

/// The clock of this machine. Never proof of time.
pub trait Clock {
    /// Now, UTC.
    fn now(&self) -> Timestamp;
}

/// Cryptographically strong random octets.
pub trait Entropy {
    /// Fills the whole buffer.
    fn fill(&mut self, octets: &mut [u8]);
}
