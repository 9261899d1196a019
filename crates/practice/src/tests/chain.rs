//! The development chain: state that survives, a chain that ends with its owner.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{ChainOptions, DevChain, dev_chain};

/// Also from the sources' own folder: the target folder may lie elsewhere, and cargo runs tests in the crate's folder.
fn anvil() -> Option<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules/@foundry-rs");
    let found = dev_chain::find_anvil().or_else(|| {
        let packages = std::fs::read_dir(sources).ok()?.map_while(Result::ok);
        packages
            .map(|package| package.path().join("bin/anvil"))
            .find(|path| path.is_file())
    });
    if found.is_none() {
        eprintln!("SKIPPED: no anvil on this machine (npm ci --ignore-scripts); the development chain is not tested");
    }
    found
}

#[test]
fn the_chain_survives_and_ends_with_its_owner() {
    let Some(anvil) = anvil() else { return };
    let folder = tempfile::tempdir().unwrap();
    let options = ChainOptions {
        anvil: Some(anvil),
        ..ChainOptions::default()
    };
    let account = "0x00000000000000000000000000000000000000aa";
    let mut genesis = None;
    for (round, expected_height) in [(1, "0x3"), (2, "0x6"), (3, "0x9"), (4, "0xc")] {
        let chain = DevChain::start(folder.path(), &options).unwrap().unwrap();
        assert!(chain.is_alive());
        let block = chain.rpc("eth_getBlockByNumber", &json!(["0x0", false])).unwrap();
        assert_eq!(
            genesis.get_or_insert_with(|| block["hash"].clone()),
            &block["hash"],
            "round {round}"
        );
        if round == 1 {
            assert_eq!(chain.rpc("eth_accounts", &json!([])).unwrap(), json!([]));
            chain.fund(account, 1_000_000_000_000_000_000).unwrap();
        }
        assert_eq!(
            chain.rpc("eth_getBalance", &json!([account, "latest"])).unwrap(),
            json!("0xde0b6b3a7640000"),
            "round {round}"
        );
        chain.mine(3).unwrap();
        assert_eq!(
            chain.rpc("eth_blockNumber", &json!([])).unwrap(),
            json!(expected_height)
        );
        let latest = chain.rpc("eth_getBlockByNumber", &json!(["latest", false])).unwrap();
        let seconds = u64::from_str_radix(latest["timestamp"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        assert!(seconds.abs_diff(now) < 120, "block time {seconds}, now {now}");
        // The next round's clock shows another second: a genesis that follows the clock is found out.
        while chain.rpc("eth_chainId", &json!([])).is_ok()
            && std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap()
                .as_secs()
                == now
        {}
        let refused = chain.rpc("no_such_method", &json!([])).unwrap_err();
        assert!(refused.to_string().contains("-32601"), "{refused}");
        let address = chain.url().trim_start_matches("http://").to_owned();
        drop(chain);
        assert!(TcpStream::connect(&address).is_err(), "it must not listen any more");
        assert!(folder.path().join("state.json").is_file());
    }
}

#[test]
fn a_chain_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    std::fs::write(&state, "nonsense").unwrap();
    if let Some(anvil) = anvil() {
        let options = ChainOptions {
            anvil: Some(anvil),
            ..ChainOptions::default()
        };
        assert!(DevChain::start(folder.path(), &options).is_err());
        assert_eq!(
            std::fs::read_to_string(&state).unwrap(),
            "nonsense",
            "what it cannot read it must not overwrite"
        );
    }
    let options = ChainOptions {
        anvil: Some("/bin/false".into()),
        ..ChainOptions::default()
    };
    assert!(DevChain::start(folder.path(), &options).is_err());
}
