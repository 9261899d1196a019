//! The practice means against independent programs: openssl, pkcs11-tool, anvil.

mod chain;
mod pki;
mod token;
mod tsa;

use std::{
    path::Path,
    process::{Command, Stdio},
};

use jiff::Timestamp;

/// Now, to the second, from the operating system: openssl compares with it.
fn now() -> Timestamp {
    Timestamp::now()
}

/// Runs openssl; its whole output, and whether it was content.
fn openssl(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .expect("openssl is installed by `make setup`");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}
