//! Is this the chain and the contract that was configured (DOMAIN E11), and may it be used outside practice?
//!
//! Not its business: when to ask. A mismatch stops everything until a person has looked.

use countersign_signing::ports::EndpointError;
use serde_json::{Value, json};

use super::{
    account::Address,
    hex0x,
    json_rpc::{Rpc, RpcError, malformed},
    keccak256,
};

/// What is configured.
pub(super) struct Pins {
    pub(super) chain_id: u64,
    pub(super) genesis: [u8; 32],
    pub(super) contract: Address,
    pub(super) code_hash: [u8; 32],
    pub(super) practice: bool,
}

impl Pins {
    /// Compares all of it with the node.
    pub(super) fn compare(&self, rpc: &Rpc) -> Result<(), EndpointError> {
        let chain_id = rpc.quantity("eth_chainId", json!([]))?;
        same("chain id", self.chain_id.to_string(), chain_id.to_string())?;

        let genesis = rpc
            .block("0x0")?
            .ok_or_else(|| malformed("eth_getBlockByNumber", "no block 0"))?;
        same("genesis", hex0x(&self.genesis), hex0x(&genesis.hash))?;

        let code = rpc.octets("eth_getCode", json!([hex0x(&self.contract), "latest"]))?;
        same("contract code", hex0x(&self.code_hash), hex0x(&keccak256(&code)))?;

        if self.practice {
            Ok(())
        } else {
            refuse_development_node(rpc)
        }
    }

    /// Refuses accounts whose secret everybody knows.
    pub(super) fn admit_account(&self, address: &Address) -> Result<(), EndpointError> {
        let shown = hex0x(address);
        if !self.practice && DEVELOPMENT_ACCOUNTS.contains(&shown.as_str()) {
            return Err(EndpointError::PracticeOnly {
                what: format!("account {shown}, whose key is public"),
            });
        }
        Ok(())
    }
}

fn same(what: &'static str, pinned: String, seen: String) -> Result<(), EndpointError> {
    if pinned == seen {
        Ok(())
    } else {
        Err(EndpointError::Mismatch { what, pinned, seen })
    }
}

fn refuse_development_node(rpc: &Rpc) -> Result<(), EndpointError> {
    match rpc.call("web3_clientVersion", json!([])) {
        Ok(Value::String(client)) if is_development_node(&client) => {
            let what = countersign_plain_text::bounded(&client, 80);
            Err(EndpointError::PracticeOnly { what })
        }
        // A node without the method is none of them.
        Ok(_) | Err(RpcError::Node { .. }) => Ok(()),
        Err(RpcError::Remote(remote)) => Err(remote.into()),
    }
}

fn is_development_node(client: &str) -> bool {
    let client = client.to_ascii_lowercase();
    DEVELOPMENT_NODES.iter().any(|name| client.starts_with(name))
}

const DEVELOPMENT_NODES: [&str; 4] = ["anvil", "hardhat", "ganache", "ethereumjs testrpc"];

/// The accounts of the two phrases that development nodes start with ("test test … junk", 20 of them, and "myth like
/// bonus …", 10).
const DEVELOPMENT_ACCOUNTS: [&str; 30] = [
    "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
    "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
    "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
    "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
    "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65",
    "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
    "0x976ea74026e726554db657fa54763abd0c3a0aa9",
    "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
    "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
    "0xa0ee7a142d267c1f36714e4a8f75612f20a79720",
    "0xbcd4042de499d14e55001ccbb24a551f3b954096",
    "0x71be63f3384f5fb98995898a86b02fb2426c5788",
    "0xfabb0ac9d68b0b445fb7357272ff202c5651694a",
    "0x1cbd3b2770909d4e10f157cabc84c7264073c9ec",
    "0xdf3e18d64bc6a983f673ab319ccae4f1a57c7097",
    "0xcd3b766ccdd6ae721141f452c550ca635964ce71",
    "0x2546bcd3c84621e976d8185a91a922ae77ecec30",
    "0xbda5747bfd65f08deb54cb465eb87d40e51b197e",
    "0xdd2fd4581271e230360230f9337d5c0430bf44c0",
    "0x8626f6940e2eb28930efb4cef49b2d1f2c9c1199",
    "0x90f8bf6a479f320ead074411a4b0e7944ea8c9c1",
    "0xffcf8fdee72ac11b5c542428b35eef5769c409f0",
    "0x22d491bde2303f2f43325b2108d26f1eaba1e32b",
    "0xe11ba2b4d45eaed5996cd0823791e0c93114882d",
    "0xd03ea8624c8c5987235048901fb614fdca89b117",
    "0x95ced938f7991cd0dfcb48f0a06a40fa1af46ebc",
    "0x3e5e9111ae8eb78fe1cc3bb8915d5d461f3ef9a9",
    "0x28a8746e75304c0780e011bed21c72cd78cd535e",
    "0xaca94ef8bd5ffee41947b4585a84bda5a3d3da6e",
    "0x1df62f291b2e969fb0849d99d9ce41e2f137006e",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_nodes_by_name() {
        for (client, expected) in [
            ("anvil/v1.7.1", true),
            ("HardhatNetwork/2.29.1/@nomicfoundation/...", true),
            ("Ganache/v7.9.2/EthereumJS TestRPC/v7.9.2/ethereum-js", true),
            ("EthereumJS TestRPC/v2.13.2/ethereum-js", true),
            ("Geth/v1.14.0-stable/linux-amd64/go1.22", false),
            ("besu/v24.1.0/linux-x86_64/openjdk-java-17", false),
            ("", false),
        ] {
            assert_eq!(is_development_node(client), expected, "{client}");
        }
    }
}
