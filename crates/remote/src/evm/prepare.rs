//! One attempt: nonce, fees, gas, signature. Reads from the node, sends nothing.
//!
//! Not its business: whether an attempt should be made at all, or replaced (outbox).

use countersign_evidence::Payload;
use countersign_signing::ports::{AccountPrompt, Attempt, EndpointError, RemoteError};
use serde_json::json;

use super::{
    abi,
    account::AccountSigner,
    caps::{self, FeeCaps},
    fees, hex0x, inclusion,
    json_rpc::{Rpc, RpcError},
    pins::Pins,
    tx::{self, Fees, Unsigned},
};

/// Makes and signs it. Everything is read anew for every attempt: other rows use the same account.
pub(super) fn attempt(
    rpc: &Rpc,
    (pins, caps): (&Pins, &FeeCaps),
    account: &mut dyn AccountSigner,
    payload: &Payload,
    live: &[Attempt],
    replaces: Option<&Attempt>,
    prompt: AccountPrompt<'_>,
) -> Result<Attempt, EndpointError> {
    let from = account.address(&mut *prompt)?;
    pins.admit_account(&from)?;
    let shown = hex0x(&from);
    let now = fees::current(rpc, caps)?;
    let (nonce, fees) = match replaces {
        Some(earlier) => {
            let sent = replaceable(earlier, &shown)?;
            (sent.nonce, fees::raised(sent.fees, now))
        }
        None => (free_nonce(inclusion::next_nonce(rpc, &shown)?, &shown, live), now),
    };
    let data = abi::encode_submission(payload);
    let gas = estimate_gas(rpc, &shown, &hex0x(&pins.contract), &data)?;
    caps::admit(fees, gas, caps)?;
    require_funds(rpc, &shown, gas, fees)?;
    let unsigned = Unsigned {
        chain_id: pins.chain_id,
        nonce,
        fees,
        gas,
        to: Some(pins.contract),
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
pub(super) fn require_funds(rpc: &Rpc, account: &str, gas: u64, fees: Fees) -> Result<(), EndpointError> {
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

pub(super) fn no_account() -> EndpointError {
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
