//! The endpoint itself: pins, look-up, one signed transaction per attempt, hand-over, status (CHAIN §3, §6).
//!
//! Not its business: the order of calls and the record on disk (outbox), the account's key (account).
//!
//! Nothing is asked of a node that has not shown the pinned identity, neither for writing nor for reading: an entry that
//! is missing on the wrong chain, or there, says nothing. The comparison is repeated after every failure to talk.

use std::time::Duration;

use countersign_evidence::Payload;
use countersign_signing::ports::{
    AccountPrompt, Attempt, Endpoint, EndpointError, EndpointFacts, EndpointKind, Finality, Found, RemoteError, Status,
    Submission,
};
use serde_json::{Value, json};

use super::{
    abi,
    account::AccountSigner,
    fees, hex0x, inclusion,
    json_rpc::{Rpc, RpcError, as_octets, malformed},
    pins::Pins,
    tx::{self, Fees, Unsigned},
};
use crate::config::{ConfigError, TlsConfig, parse_hex};

/// One registry on one chain. Hex with or without `0x`.
pub struct EvmConfig<'a> {
    /// Name in the configuration.
    pub name: String,
    /// JSON-RPC over https, or http to loopback.
    pub url: String,
    /// Roots and identity for TLS.
    pub tls: TlsConfig,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Hash of block 0.
    pub genesis: String,
    /// The registry's address.
    pub contract: String,
    /// keccak-256 of the code there.
    pub code_hash: String,
    /// When an entry is final.
    pub finality: Finality,
    /// A practice chain: development nodes and accounts are admitted.
    pub practice: bool,
    /// For one call.
    pub timeout: Duration,
    /// Who signs and pays; nobody where only looking is wanted.
    pub account: Option<Box<dyn AccountSigner + 'a>>,
}

/// A registry on an EVM chain.
pub struct EvmEndpoint<'a> {
    name: String,
    rpc: Rpc,
    pins: Pins,
    finality: Finality,
    account: Option<Box<dyn AccountSigner + 'a>>,
    /// The node has shown the pinned identity and has answered ever since.
    checked: bool,
}

impl<'a> EvmEndpoint<'a> {
    /// Reads the configuration; talks to nobody.
    ///
    /// # Errors
    /// URL, hex, certificates.
    pub fn new(config: EvmConfig<'a>) -> Result<Self, ConfigError> {
        Ok(Self {
            name: config.name,
            rpc: Rpc::new(&config.url, config.timeout, &config.tls)?,
            pins: Pins {
                chain_id: config.chain_id,
                genesis: parse_hex("genesis", &config.genesis)?,
                contract: parse_hex("contract", &config.contract)?,
                code_hash: parse_hex("code_hash", &config.code_hash)?,
                practice: config.practice,
            },
            finality: config.finality,
            account: config.account,
            checked: false,
        })
    }

    /// Runs after the identity is known, and forgets it when the node could not be talked to.
    fn identified<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, EndpointError>) -> Result<T, EndpointError> {
        if !self.checked {
            self.check()?;
        }
        let outcome = run(self);
        if matches!(outcome, Err(EndpointError::Remote(_))) {
            self.checked = false;
        }
        outcome
    }

    fn look_up(&self, payload: &Payload) -> Result<Option<Found>, EndpointError> {
        let (evidence, parts) = (payload.evidence(), payload.parts());
        let contract = hex0x(&self.pins.contract);
        let call = json!({"to": contract, "data": hex0x(&abi::encode_get(evidence, &parts))});
        let answer = self.rpc.octets("eth_call", json!([call, "latest"]))?;
        let entry = abi::decode_entry(&answer).ok_or_else(|| malformed("eth_call", "no entry"))?;
        let Some(entry) = entry else { return Ok(None) };
        Ok(Some(Found {
            submitter: hex0x(&entry.submitter),
            time: entry.block_time,
            id: self.transaction_of(&contract, evidence, &parts),
        }))
    }

    /// The transaction that left the event, where the node can search from the first block.
    fn transaction_of(&self, contract: &str, evidence: &[u8; 32], parts: &[u8; 32]) -> Option<String> {
        let topics = [abi::recorded_topic(), *evidence, *parts].map(|topic| hex0x(&topic));
        let filter = json!({"fromBlock": "0x0", "toBlock": "latest", "address": contract, "topics": topics});
        let logs = self.rpc.call("eth_getLogs", json!([filter])).ok()?;
        let [log] = logs.as_array()?.as_slice() else {
            return None;
        };
        let hash = log.get("transactionHash").and_then(as_octets)?;
        (hash.len() == 32).then(|| hex0x(&hash))
    }

    fn sign(
        &mut self,
        payload: &Payload,
        live: &[Attempt],
        replaces: Option<&Attempt>,
        prompt: AccountPrompt<'_>,
    ) -> Result<Attempt, EndpointError> {
        let account = self.account.as_mut().ok_or_else(no_account)?;
        let from = account.address(&mut *prompt)?;
        self.pins.admit_account(&from)?;
        let shown = hex0x(&from);
        let now = fees::current(&self.rpc)?;
        let (nonce, fees) = match replaces {
            Some(earlier) => {
                let sent = replaceable(earlier, &shown)?;
                (sent.nonce, fees::raised(sent.fees, now))
            }
            None => (free_nonce(inclusion::next_nonce(&self.rpc, &shown)?, &shown, live), now),
        };
        let data = abi::encode_submission(payload);
        let gas = estimate_gas(&self.rpc, &shown, &hex0x(&self.pins.contract), &data)?;
        require_funds(&self.rpc, &shown, gas, fees)?;
        let unsigned = Unsigned {
            chain_id: self.pins.chain_id,
            nonce,
            fees,
            gas,
            to: Some(self.pins.contract),
            data,
        };
        let raw = unsigned.signed(&account.sign(&unsigned.signing_hash(), prompt)?);
        Ok(Attempt {
            id: hex0x(&tx::hash(&raw)),
            raw,
            nonce: Some(nonce),
            account: Some(shown),
        })
    }

    fn hand_over(&self, attempt: &Attempt) -> Result<(), EndpointError> {
        let seen = hex0x(&tx::hash(&attempt.raw));
        if !seen.eq_ignore_ascii_case(&attempt.id) {
            let pinned = attempt.id.clone();
            return Err(EndpointError::Mismatch {
                what: "transaction hash",
                pinned,
                seen,
            });
        }
        let error = match self.rpc.call("eth_sendRawTransaction", json!([hex0x(&attempt.raw)])) {
            Ok(Value::String(hash)) if hash.eq_ignore_ascii_case(&attempt.id) => return Ok(()),
            Ok(_) => malformed("eth_sendRawTransaction", "hash of another transaction"),
            Err(error @ RpcError::Node { .. }) => error,
            Err(RpcError::Remote(remote)) => return Err(remote.into()),
        };
        // "Already known" and "nonce too low" can both mean success, and no two nodes say it alike.
        if inclusion::is_known(&self.rpc, &attempt.id)? {
            return Ok(());
        }
        let sent = tx::read(&attempt.raw);
        let payload = sent.as_ref().and_then(|sent| abi::decode_submission(&sent.data));
        if let Some(payload) = payload
            && self.look_up(&payload)?.is_some()
        {
            return Ok(());
        }
        if let (Some(sent), Some(account)) = (sent, &attempt.account) {
            require_funds(&self.rpc, account, sent.gas, sent.fees)?;
        }
        Err(error.into())
    }
}

impl Endpoint for EvmEndpoint<'_> {
    fn facts(&self) -> EndpointFacts {
        EndpointFacts {
            name: self.name.clone(),
            kind: EndpointKind::Evm,
            finality: self.finality,
            practice: self.pins.practice,
        }
    }

    fn check(&mut self) -> Result<(), EndpointError> {
        self.checked = false;
        if let Some(address) = self.account.as_ref().and_then(|account| account.known_address()) {
            self.pins.admit_account(&address)?;
        }
        self.pins.compare(&self.rpc)?;
        self.checked = true;
        Ok(())
    }

    fn find(&mut self, payload: &Payload) -> Result<Option<Found>, EndpointError> {
        self.identified(|this| this.look_up(payload))
    }

    fn prepare(
        &mut self,
        submission: &Submission,
        live: &[Attempt],
        replaces: Option<&Attempt>,
        prompt: AccountPrompt<'_>,
    ) -> Result<Attempt, EndpointError> {
        self.identified(|this| this.sign(&submission.payload, live, replaces, prompt))
    }

    fn broadcast(&mut self, attempt: &Attempt) -> Result<(), EndpointError> {
        self.identified(|this| this.hand_over(attempt))
    }

    fn status(&mut self, attempt: &Attempt) -> Result<Status, EndpointError> {
        self.identified(|this| inclusion::status(&this.rpc, attempt, this.finality))
    }
}

/// The first nonce that neither an included transaction nor a live attempt has: holes are filled first, because nothing
/// above a hole is ever mined.
fn free_nonce(latest: u64, account: &str, live: &[Attempt]) -> u64 {
    let mut taken: Vec<u64> = live
        .iter()
        .filter(|attempt| {
            attempt
                .account
                .as_deref()
                .is_some_and(|other| other.eq_ignore_ascii_case(account))
        })
        .filter_map(|attempt| attempt.nonce)
        .collect();
    taken.sort_unstable();
    taken.iter().fold(
        latest,
        |free, nonce| if *nonce == free { free.saturating_add(1) } else { free },
    )
}

/// What was sent by an attempt that is to be replaced.
fn replaceable(earlier: &Attempt, account: &str) -> Result<tx::Sent, EndpointError> {
    let differs = |what, pinned: &str, seen: String| EndpointError::Mismatch {
        what,
        pinned: pinned.into(),
        seen,
    };
    let signer = earlier.account.as_deref().unwrap_or_default();
    if !signer.eq_ignore_ascii_case(account) {
        return Err(differs("account of the attempt to replace", account, signer.into()));
    }
    tx::read(&earlier.raw).ok_or_else(|| differs("attempt to replace", &earlier.id, hex0x(&tx::hash(&earlier.raw))))
}

/// The node's estimate and a fifth more, but at least what a fresh entry costs: the node estimates for the state that it
/// looks at, where the entry may exist already (made by the attempt that is replaced, or soon to be reorganised away).
fn estimate_gas(rpc: &Rpc, from: &str, to: &str, data: &[u8]) -> Result<u64, EndpointError> {
    let call = json!({"from": from, "to": to, "data": hex0x(data)});
    let estimate = match rpc.quantity64("eth_estimateGas", json!([call, "latest"])) {
        Ok(estimate) => estimate,
        Err(RpcError::Node {
            code: METHOD_NOT_FOUND, ..
        }) => 0,
        // The contract never reverts: it is not ours, or this account may not call it.
        Err(RpcError::Node {
            code: code @ EXECUTION_REVERTED,
            message,
            ..
        }) => return Err(EndpointError::Rejected { code, message }),
        Err(error) => return Err(error.into()),
    };
    if estimate > MAX_ESTIMATE {
        let detail = format!("eth_estimateGas: {estimate} gas");
        return Err(EndpointError::Remote(RemoteError::Malformed { detail }));
    }
    Ok((estimate + estimate / 5).max(GAS_BASE + GAS_PER_OCTET * data.len() as u64))
}

/// An account that cannot pay is a matter for a person. Decided by its balance, not by what a node says.
fn require_funds(rpc: &Rpc, account: &str, gas: u64, fees: Fees) -> Result<(), EndpointError> {
    let needed = fees.most().saturating_mul(gas.into());
    if needed == 0 {
        return Ok(());
    }
    let balance = match rpc.quantity("eth_getBalance", json!([account, "latest"])) {
        Ok(balance) => balance,
        // More than 128 bits of wei, or no such method: the node will say.
        Err(RpcError::Node { .. } | RpcError::Remote(RemoteError::Malformed { .. })) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if balance < needed {
        return Err(EndpointError::Rejected {
            code: NO_FUNDS,
            message: format!("account {account} has {balance} wei and needs {needed}"),
        });
    }
    Ok(())
}

fn no_account() -> EndpointError {
    EndpointError::AccountUnusable {
        address: String::new(),
        reason: "none is configured".into(),
    }
}

const METHOD_NOT_FOUND: i64 = -32601;
/// The code that go-ethereum and those after it give to a revert.
const EXECUTION_REVERTED: i64 = 3;
/// EIP-1474 "transaction rejected"; here by ourselves.
const NO_FUNDS: i64 = -32003;
/// A fresh entry costs about 51,000 gas with its hashing, without call data.
const GAS_BASE: u64 = 90_000;
/// An octet of call data costs up to 40 (EIP-7623).
const GAS_PER_OCTET: u64 = 40;
/// Enough for 64 KiB of signature and token.
const MAX_ESTIMATE: u64 = 4_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_first() {
        let live = |nonces: &[u64]| -> Vec<Attempt> {
            nonces
                .iter()
                .map(|nonce| Attempt {
                    id: String::new(),
                    raw: vec![],
                    nonce: Some(*nonce),
                    account: Some(if *nonce < 100 { "0xAB" } else { "0xcd" }.into()),
                })
                .collect()
        };
        for (latest, nonces, expected) in [
            (0, &[][..], 0),
            (5, &[], 5),
            (5, &[5], 6),
            (5, &[6], 5),
            (5, &[7, 5, 6], 8),
            (5, &[5, 7], 6),
            (5, &[3, 4], 5),
            (5, &[5, 5, 6], 7),
            (100, &[100], 100),
        ] {
            assert_eq!(
                free_nonce(latest, "0xab", &live(nonces)),
                expected,
                "{latest} {nonces:?}"
            );
        }
    }
}
