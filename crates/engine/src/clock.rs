//! The real clock and the real randomness: the only place that reaches for them.

use countersign_signing::ports::{Clock, Entropy};
use jiff::Timestamp;

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The operating system's random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// When the operating system has no randomness nothing may go on: the process ends.
    fn fill(&mut self, octets: &mut [u8]) {
        if getrandom::fill(octets).is_err() {
            std::process::abort();
        }
    }
}

/// `N` random octets as hex.
#[must_use]
pub(crate) fn random_hex<const N: usize>() -> String {
    let mut octets = [0_u8; N];
    SystemEntropy.fill(&mut octets);
    hex::encode(octets)
}
