//! The whole flow through the program, with real parts: SoftHSM2, the practice authority, the journal, a chain.
//!
//! Not its business: what other programs say of the files (`interop`), kills (`resume`).

mod batch;
mod later;
mod one_review;
mod privacy;
mod refusals;
mod way;

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Run, Workshop},
    surroundings::{sign, strays},
};

/// The endpoint of most desks here.
const JOURNAL: &str = "[endpoint.journal]\nkind = \"journal\"\npayload = \"full\"\npractice = true\n";

/// A desk with a contract on it and the journal as its endpoint.
fn desk() -> Desk {
    let desk = Workshop::shared().desk();
    desk.configure(JOURNAL);
    let _contract = desk.put("contract.pdf", &contracts::classic().bytes);
    desk
}

fn signed(desk: &Desk, output: &str, more: &[&str]) -> Run {
    desk.run(&sign(desk, "contract.pdf", output, Key::P256, more), Pin::File)
}

/// No private copy is left, and the contract is what it was.
fn clean(desk: &Desk) {
    assert_eq!(strays(&desk.work()), Vec::<std::path::PathBuf>::new());
    assert_eq!(
        std::fs::read(desk.work().join("contract.pdf")).unwrap(),
        contracts::classic().bytes
    );
}
