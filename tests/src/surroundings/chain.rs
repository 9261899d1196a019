//! A development chain with the registry on it, and the configuration that names it.

use std::path::Path;

use countersign_practice::{ChainOptions, DevChain};
use countersign_remote::evm::{SecretKey, deploy_registry, describe};
use serde_json::{Value, json};

use crate::skip::skip;

/// The chain.
pub struct Chain {
    node: DevChain,
    section: String,
    account: String,
}

/// Name of the endpoint.
const NAME: &str = "chain";
/// A throwaway key that exists for one test.
const KEY: &str = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";

impl Chain {
    /// Name of the endpoint in the configuration.
    pub const NAME: &'static str = NAME;

    /// Starts it in a new folder, with a block each second; `None`, said loudly, without anvil.
    ///
    /// # Panics
    /// When anvil is there and does not serve.
    #[must_use]
    pub fn start(folder: &Path) -> Option<Self> {
        Self::run(folder, Some(1), "confirmations:2")
    }

    /// The same with a block for each transaction, final at once.
    ///
    /// # Panics
    /// As above.
    #[must_use]
    pub fn quick(folder: &Path) -> Option<Self> {
        Self::run(folder, None, "instant")
    }

    fn run(folder: &Path, block_time: Option<u64>, finality: &str) -> Option<Self> {
        let options = ChainOptions {
            block_time,
            ..ChainOptions::default()
        };
        let Some(node) = DevChain::start(&folder.join("chain"), &options).expect("a chain") else {
            skip("anvil is not on this machine (make setup brings it); nothing is submitted to a chain");
            return None;
        };
        let file = folder.join("account.key");
        std::fs::write(&file, KEY).expect("a key file");
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&file, private).expect("a private file");
        let key = SecretKey::from_file(&file).expect("a key");
        let address = format!("0x{}", hex::encode(key.address()));
        node.fund(&address, 1_000_000_000_000_000_000).expect("funds");
        let facts = describe(&node.url()).expect("a node");
        let registry = deploy_registry(&node.url(), facts.chain_id, &key).expect("the registry");
        let section = format!(
            "[endpoint.{NAME}]\nkind = \"evm\"\npayload = \"full\"\nfinality = \"{finality}\"\npractice = true\n\
             url = \"URL\"\nchain_id = {}\ngenesis = \"{}\"\ncontract = \"{}\"\ncode_hash = \"{}\"\n\
             profile = \"registry\"\naccount = ACCOUNT\n",
            facts.chain_id, facts.genesis, registry.contract, registry.code_hash,
        );
        let account = format!("{{ custody = \"file\", path = {:?} }}", file.display().to_string());
        Some(Self { node, section, account })
    }

    /// Where its node listens.
    #[must_use]
    pub fn url(&self) -> String {
        self.node.url()
    }

    /// The section of the configuration.
    #[must_use]
    pub fn section(&self) -> String {
        self.section_at(&self.node.url())
    }

    /// The same, looked for at another place.
    #[must_use]
    pub fn section_at(&self, url: &str) -> String {
        self.section_of(url, None)
    }

    /// The same with another account.
    #[must_use]
    pub fn section_of(&self, url: &str, account: Option<&str>) -> String {
        let account = account.unwrap_or(&self.account);
        self.section.replace("URL", url).replace("ACCOUNT", account)
    }

    /// Gives an account something to pay with.
    ///
    /// # Panics
    /// When the node does not.
    pub fn fund(&self, address: &str) {
        self.node.fund(address, 1_000_000_000_000_000_000).expect("funds");
    }

    /// A transaction by its hash.
    ///
    /// # Panics
    /// When the node does not answer.
    #[must_use]
    pub fn transaction(&self, hash: &str) -> Value {
        self.node
            .rpc("eth_getTransactionByHash", &json!([hash]))
            .expect("the node")
    }

    /// How many transactions the account has sent.
    ///
    /// # Panics
    /// When the node does not answer.
    #[must_use]
    pub fn sent(&self) -> u64 {
        let address = format!("0x{}", hex::encode(SecretKey::from_hex(KEY).expect("a key").address()));
        let count = self
            .node
            .rpc("eth_getTransactionCount", &json!([address, "latest"]))
            .expect("the node");
        let digits = count.as_str().unwrap_or_default().trim_start_matches("0x").to_owned();
        u64::from_str_radix(&digits, 16).expect("a number")
    }
}
