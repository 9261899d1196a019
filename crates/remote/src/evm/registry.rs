//! The evidence registry as it was compiled: the committed artifact of `contracts/`.
//!
//! Not its business: calls (abi), putting it on a chain (deploy). The artifact is reproducible: `npm run contract:check`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What we read of the artifact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Version of the compiler.
    pub compiler: String,
    /// Function signatures and their selectors, hex without `0x`.
    pub selectors: BTreeMap<String, String>,
    /// The code that creates it, `0x…`.
    pub bytecode: String,
    /// The code that then stands on the chain, `0x…`.
    pub runtime_bytecode: String,
    /// keccak-256 of it, `0x…`: what is pinned as `code_hash`.
    pub runtime_code_hash: String,
}

/// The artifact.
///
/// # Errors
/// Never, as long as the tests of this crate pass.
pub fn artifact() -> Result<Artifact, serde_json::Error> {
    serde_json::from_str(ARTIFACT)
}

const ARTIFACT: &str = include_str!("../../../../contracts/EvidenceRegistry.json");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evm::{hex0x, keccak256};

    #[test]
    fn code_hash_is_that_of_the_code() {
        let artifact = artifact().unwrap();
        let runtime = hex::decode(&artifact.runtime_bytecode[2..]).unwrap();
        assert_eq!(artifact.runtime_code_hash, hex0x(&keccak256(&runtime)));
        assert!(
            artifact.bytecode.contains(&artifact.runtime_bytecode[2..]),
            "no immutables"
        );
        assert!(artifact.compiler.starts_with("0.8.37+"));
    }
}
