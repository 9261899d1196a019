//! Brings the practice laboratory up and keeps it up until its input closes: for checks that are driven from outside.
//!
//!     cargo run -p countersign-practice --example lab -- HOME [--chain]
//!
//! Prints one line of JSON with everything that a client needs, then waits.

use std::{
    error::Error,
    io::{Read, Write},
    path::PathBuf,
};

use countersign_practice::{ChainOptions, Lab, NO_EVIDENTIAL_VALUE, TsaOptions};
use jiff::Timestamp;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let home = arguments.next().map(PathBuf::from).ok_or("usage: lab HOME [--chain]")?;
    let with_chain = arguments.next().is_some_and(|argument| argument == "--chain");

    let lab = Lab::open_or_create(&home, Timestamp::now())?;
    let tsa = lab.start_tsa(TsaOptions::new(Timestamp::now))?;
    let chain = if with_chain {
        lab.start_chain(&ChainOptions::default())?
    } else {
        None
    };
    let (variable, conf) = lab.token.environment();
    let uris: Vec<&str> = lab.signatories.iter().map(|signatory| signatory.uri.as_str()).collect();
    let facts = json!({
        "note": NO_EVIDENTIAL_VALUE,
        "environment": {variable: conf},
        "module": lab.token.module(),
        "token": lab.token.label(),
        "credentials": uris,
        "pin_file": lab.pin_file(),
        "trust": lab.trust_file(),
        "tsa": tsa.url(),
        "chain": chain.as_ref().map(|chain| json!({"url": chain.url(), "chain_id": chain.chain_id()})),
    });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{facts}")?;
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
