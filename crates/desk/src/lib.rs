//! The desk: what the window shows and asks, without a window.
//!
//! In scope: contracts on the desk and where they stand, review facts, choices, receipts, settings; the threads on which
//! the engine works; what goes on when the window is closed. Out of scope: windows, dialogs, drawing (the shell), signing
//! (engine and below). Everything that crosses to the window is in `view`.

mod about;
mod asking;
mod bell;
mod card;
mod choices;
mod courier;
mod desk;
mod draft;
mod entry;
mod fault;
mod payload;
mod person;
mod pictures;
mod practice;
mod probes;
mod receipt;
mod report;
mod review;
mod running;
mod settings;
mod sheet;
mod shelf;
mod signing;
mod stages;
mod standing;
mod tokens;
mod turn;
mod verify;
pub mod view;
mod window;
mod worker;

pub use countersign_engine::{Fault, ports};
pub use desk::{Desk, Options};
pub use fault::OWN as OWN_FAULTS;
pub use person::Person;
pub use pictures::{Part, Picture};
pub use practice::{desk_folder, token_environment};
pub use settings::{ChangeAsk, ChangeKind};
