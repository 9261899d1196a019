//! The shape of the project, held by machine: arrows between crates, owners of foreign crates, tidiness of the source.
//!
//! Not its business: behaviour. What the tables below allow is what ARCHITECTURE.md describes.

mod arrows;
mod faults;
mod licences;
mod tidy;

/// Fails with everything that was found, not only with the first.
fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}
