//! The suites that look at the whole product.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests: a case that cannot be set up must stop, and tables and skips must be seen"
)]

mod ambiguous;
mod architecture;
mod attacks;
mod bombs;
mod cli;
mod faults;
mod flow;
mod interop;
mod messages;
mod readers;
mod resume;
mod seen;
