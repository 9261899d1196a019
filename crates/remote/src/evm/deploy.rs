//! Putting the registry on a chain, and what a node says of itself: for setting up an endpoint.
//!
//! Not its business: pinning (the configuration keeps what comes back). The address and the code are compared with what
//! they must be before they are returned.

use std::time::{Duration, Instant};

use countersign_signing::ports::{EndpointError, RemoteError};
use serde_json::{Value, json};

use super::{
    account::{SecretKey, parse_address},
    caps::FeeCaps,
    fees, hex0x, inclusion,
    json_rpc::{Rpc, malformed},
    keccak256, registry,
    tx::{self, Unsigned},
};
use crate::config::TlsConfig;

/// What a node says of itself: the first half of what is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFacts {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Hash of block 0, `0x…`.
    pub genesis: String,
    /// Its name and version; empty when it tells none.
    pub client: String,
}

/// A registry that now stands: the second half of what is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Address, `0x…`.
    pub contract: String,
    /// keccak-256 of the code there, `0x…`.
    pub code_hash: String,
    /// The transaction that made it, `0x…`.
    pub transaction: String,
    /// Height.
    pub block_number: u64,
}

/// Asks a node who it is.
///
/// # Errors
/// `Rejected` for a URL that is refused, `Remote` otherwise.
pub fn describe(url: &str) -> Result<NodeFacts, EndpointError> {
    let rpc = connect(url)?;
    let genesis = rpc
        .block("0x0")?
        .ok_or_else(|| malformed("eth_getBlockByNumber", "no block 0"))?;
    let client = rpc.call("web3_clientVersion", json!([])).ok();
    Ok(NodeFacts {
        chain_id: rpc.quantity64("eth_chainId", json!([]))?,
        genesis: hex0x(&genesis.hash),
        client: client.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned(),
    })
}

/// keccak-256 of the code at an address, `0x…`: what is pinned.
///
/// # Errors
/// `Mismatch` when no code is there.
pub fn code_hash(url: &str, contract: &str) -> Result<String, EndpointError> {
    let address = parse_address(contract).map_err(|error| EndpointError::Mismatch {
        what: "address",
        pinned: contract.chars().take(80).collect(),
        seen: error.to_string(),
    })?;
    let code = connect(url)?.octets("eth_getCode", json!([hex0x(&address), "latest"]))?;
    if code.is_empty() {
        return Err(EndpointError::Mismatch {
            what: "contract code",
            pinned: contract.to_owned(),
            seen: "no code".to_owned(),
        });
    }
    Ok(hex0x(&keccak256(&code)))
}

/// Makes the registry with one transaction of the account and waits until it stands.
///
/// # Errors
/// `Mismatch` when the node has another chain id or other code stands there; `Rejected` when the transaction failed.
pub fn deploy_registry(url: &str, chain_id: u64, key: &SecretKey) -> Result<Deployment, EndpointError> {
    let rpc = connect(url)?;
    compare(
        "chain id",
        chain_id.to_string(),
        rpc.quantity("eth_chainId", json!([]))?.to_string(),
    )?;
    let artifact = registry::artifact().map_err(|_| unreadable_artifact())?;
    let from = hex0x(&key.address());
    let nonce = inclusion::next_nonce(&rpc, &from)?;
    let gas = rpc.quantity64("eth_estimateGas", json!([{"from": from, "data": artifact.bytecode}]))?;
    let unsigned = Unsigned {
        chain_id,
        nonce,
        fees: fees::current(&rpc, &FeeCaps::default())?,
        gas: gas.saturating_add(gas / 5).min(MAX_GAS),
        to: None,
        data: hex::decode(artifact.bytecode.trim_start_matches("0x")).map_err(|_| unreadable_artifact())?,
    };
    let raw = unsigned.signed(&key.sign_hash(&unsigned.signing_hash())?);
    let transaction = hex0x(&tx::hash(&raw));
    rpc.call("eth_sendRawTransaction", json!([hex0x(&raw)]))?;
    let receipt = await_receipt(&rpc, &transaction)?;
    if !receipt.succeeded {
        return Err(rejected(format!("transaction {transaction} failed")));
    }
    let contract = hex0x(&tx::created_address(&key.address(), nonce));
    let code_hash = hex0x(&keccak256(&rpc.octets("eth_getCode", json!([contract, "latest"]))?));
    compare("contract code", artifact.runtime_code_hash, code_hash.clone())?;
    Ok(Deployment {
        contract,
        code_hash,
        transaction,
        block_number: receipt.block_number,
    })
}

fn await_receipt(rpc: &Rpc, transaction: &str) -> Result<inclusion::Receipt, EndpointError> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        if let Some(receipt) = inclusion::receipt(rpc, transaction)? {
            return Ok(receipt);
        }
        if start.elapsed() > PATIENCE {
            let seconds = PATIENCE.as_secs();
            return Err(RemoteError::TimedOut { seconds }.into());
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(500));
    }
}

fn connect(url: &str) -> Result<Rpc, EndpointError> {
    Rpc::new(url, TIMEOUT, &TlsConfig::default()).map_err(|error| rejected(error.to_string()))
}

fn compare(what: &'static str, pinned: String, seen: String) -> Result<(), EndpointError> {
    if pinned == seen {
        Ok(())
    } else {
        Err(EndpointError::Mismatch { what, pinned, seen })
    }
}

fn unreadable_artifact() -> EndpointError {
    rejected("the registry's artifact cannot be read".into())
}

/// By ourselves: code 0, which no node uses.
const fn rejected(message: String) -> EndpointError {
    EndpointError::Rejected { code: 0, message }
}

const TIMEOUT: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(60);
/// The deployment takes about 380,000.
const MAX_GAS: u64 = 2_000_000;
