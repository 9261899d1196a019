//! What the suites share: inputs of our own making, judges that are not ours, and a desk with practice means.
//!
//! Not its business: expectations. Those stand in the suites, next to the cases.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "test support: a broken workshop must stop the test, and a skip must be seen"
)]

pub mod ambiguous;
pub mod bombs;
pub mod contracts;
pub mod desk;
pub mod fakes;
pub mod forgeries;
pub mod judge;
pub mod readers;
pub mod repository;
pub mod skip;
pub mod surroundings;
pub mod window;
