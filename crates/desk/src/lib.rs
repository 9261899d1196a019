//! The desk: what the window shows and asks, without a window.
//!
//! In scope: contracts on the desk and where they stand, review facts, choices, receipts, settings; the threads on which
//! the engine works; what goes on when the window is closed. Out of scope: windows, dialogs, drawing (the shell), signing
//! (engine and below). Everything that crosses to the window is in `view`.

mod desk;
mod fault;
mod person;
pub mod view;

pub use countersign_engine::{Fault, ports};
pub use desk::{Desk, Options, Part, Picture};
pub use person::Person;
