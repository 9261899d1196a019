//! The committed artifact is what the committed source compiles to.

use std::{path::Path, process::Command};

use crate::support;

#[test]
fn artifact_is_reproducible() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if !root.join("node_modules/solc").is_dir() {
        support::skip("no solc (npm ci): the registry's bytecode was not compared with its source");
        return;
    }
    let run = Command::new("node")
        .args(["contracts/compile.mjs", "--check"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}
