//! A page of a contract as pixels and as text, drawn by the signing engine's own reader from the very octets that a session
//! holds.
//!
//! In scope: a [`Renderer`] that keeps one worker process for one document, and [`serve_worker`], which is that process.
//! The drawing is hayro's, in pure Rust; it is done in another process all the same, since a picture is the largest
//! surface that a foreign file can attack: a hang is killed at its deadline, a crash takes nothing along, memory and
//! processor time are limited. The worker is the same executable, started with [`WORKER_ARGUMENT`].
//!
//! Out of scope: what the file means, its findings and its signatures (crate pdf), which pages a person has seen, and any
//! repair: what the reader could not show is a [`Warning`] beside the picture, never silence.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut renderer = countersign_render::Renderer::start(&std::env::current_exe()?)?;
//! let facts = renderer.open(&std::fs::File::open("contract.pdf")?)?;
//! let picture = renderer.page(1, 1240)?;
//! assert!(picture.warnings.is_empty() && facts.pages() > 0);
//! # Ok(())
//! # }
//! ```
//!
//! Invariants: the worker sees the octets that the file had when it was opened, also after a restart; it can write to
//! neither the document nor any other file; an answer is checked against what was asked before it is handed out.

mod error;
mod picture;
mod process;
mod renderer;
mod wire;
mod worker;

pub use error::{End, RenderError};
pub use picture::{DocumentFacts, FallbackFont, Limits, PageText, Png, Size, Warning};
pub use renderer::Renderer;
pub use worker::serve_worker;

/// The first argument of the process that draws. Whoever starts with it calls [`serve_worker`] before anything else.
pub const WORKER_ARGUMENT: &str = "--render-worker";
