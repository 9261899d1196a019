//! A missing tool is said loudly and counted; where the tools are required it is a failure.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Set to `1`: whatever would be skipped fails instead.
pub const REQUIRE: &str = "COUNTERSIGN_REQUIRE_JUDGES";

static SKIPPED: AtomicUsize = AtomicUsize::new(0);

/// Says that something is not checked.
///
/// # Panics
/// When the judges are required.
pub fn skip(what: &str) {
    assert!(
        std::env::var_os(REQUIRE).is_none_or(|value| value != "1"),
        "{REQUIRE}=1, but not checked: {what}"
    );
    SKIPPED.fetch_add(1, Ordering::Relaxed);
    eprintln!("SKIPPED: {what}");
}

/// Says that an extra is not checked: something that is not part of the project and never required.
pub fn without(what: &str) {
    SKIPPED.fetch_add(1, Ordering::Relaxed);
    eprintln!("SKIPPED: {what}");
}

/// How much was skipped in this process until now.
#[must_use]
pub fn count() -> usize {
    SKIPPED.load(Ordering::Relaxed)
}
