//! The endpoint itself: pins, look-up, one signed transaction per attempt, hand-over, status (CHAIN §3, §6).
//!
//! Not its business: the order of calls and the record on disk (outbox), making an attempt (prepare), where it stands (inclusion).
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
    caps::FeeCaps,
    hex0x, inclusion,
    json_rpc::{Rpc, RpcError, as_octets, malformed, to_quantity},
    pins::Pins,
    prepare, tx,
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
    /// What may be paid at most.
    pub caps: FeeCaps,
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
    caps: FeeCaps,
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
            caps: config.caps,
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
            is_final: self.stands_finally(&call, &entry)?,
        }))
    }

    /// Whether the same entry stands in the state of the newest block that the rule of finality calls final.
    fn stands_finally(&self, call: &Value, entry: &abi::Entry) -> Result<bool, EndpointError> {
        let block = match self.finality {
            Finality::Instant => return Ok(true),
            Finality::Finalized => "finalized".to_owned(),
            Finality::Confirmations(wanted) => {
                let head = self.rpc.quantity64("eth_blockNumber", json!([]))?;
                // The block of the entry counts as one.
                match head.checked_sub(wanted.saturating_sub(1)) {
                    Some(number) => to_quantity(number.into()),
                    None => return Ok(false),
                }
            }
        };
        match self.rpc.octets("eth_call", json!([call, block])) {
            Ok(answer) => Ok(abi::decode_entry(&answer).flatten().as_ref() == Some(entry)),
            // No such tag, or a state that the node does not keep: not known to be final.
            Err(RpcError::Node { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
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
            // Nothing can be looked up now.
            Err(RpcError::Remote(
                remote @ (RemoteError::Unreachable { .. }
                | RemoteError::TimedOut { .. }
                | RemoteError::Untrusted { .. }),
            )) => return Err(remote.into()),
            Err(error) => error,
        };
        // "Already known" and "nonce too low" can both mean success, and no two nodes say it alike.
        let sent = tx::read(&attempt.raw);
        if self.has_arrived(&attempt.id, sent.as_ref())? {
            return Ok(());
        }
        if let (Some(sent), Some(account)) = (sent, &attempt.account) {
            prepare::require_funds(&self.rpc, account, sent.gas, sent.fees)?;
        }
        Err(error.into())
    }

    /// The node knows the transaction, or the entry that it would make exists.
    fn has_arrived(&self, id: &str, sent: Option<&tx::Sent>) -> Result<bool, EndpointError> {
        if inclusion::is_known(&self.rpc, id)? {
            return Ok(true);
        }
        match sent.and_then(|sent| abi::decode_submission(&sent.data)) {
            Some(payload) => Ok(self.look_up(&payload)?.is_some()),
            None => Ok(false),
        }
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

    fn max_paid_attempts(&self) -> u32 {
        self.caps.max_paid_attempts
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
        self.identified(|this| {
            let account = this.account.as_deref_mut().ok_or_else(prepare::no_account)?;
            prepare::attempt(
                &this.rpc,
                (&this.pins, &this.caps),
                account,
                &submission.payload,
                live,
                replaces,
                prompt,
            )
        })
    }

    fn broadcast(&mut self, attempt: &Attempt) -> Result<(), EndpointError> {
        self.identified(|this| this.hand_over(attempt))
    }

    fn status(&mut self, attempt: &Attempt) -> Result<Status, EndpointError> {
        self.identified(|this| inclusion::status(&this.rpc, attempt, this.finality))
    }
}
