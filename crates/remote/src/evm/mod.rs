//! The endpoint kind `evm`: the evidence registry on an EVM chain, over JSON-RPC.
//!
//! Not its business: state proofs (evidence), the outbox's decisions (signing), other contracts.
//! Chains whose keccak opcode is something else (SM chains) are not supported: slots and selectors differ there.

pub mod abi;
pub mod account;
mod caps;
pub mod deploy;
mod endpoint;
mod fees;
mod inclusion;
pub mod json_rpc;
mod pins;
mod prepare;
pub mod registry;
pub mod tx;

pub use account::{AccountSigner, Address, RecoverableSignature, SecretKey, TokenAccount, parse_address};
pub use caps::FeeCaps;
pub use deploy::{Deployment, NodeFacts, code_hash, deploy_registry, describe};
pub use endpoint::{EvmConfig, EvmEndpoint};

use sha3::{Digest, Keccak256};

/// Keccak-256, the hash of the EVM (not SHA3-256).
#[must_use]
pub fn keccak256(octets: &[u8]) -> [u8; 32] {
    Keccak256::digest(octets).into()
}

/// `0x` and lower case hex.
#[must_use]
pub fn hex0x(octets: &[u8]) -> String {
    format!("0x{}", hex::encode(octets))
}
