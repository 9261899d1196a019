//! Where a transaction stands: by its receipt, on the canonical chain, under the rule of finality (DOMAIN E4).
//!
//! Not its business: what follows from it (outbox).

use countersign_signing::ports::{Attempt, EndpointError, Finality, Status};
use serde_json::{Value, json};

use super::{
    hex0x,
    json_rpc::{Rpc, RpcError, as_hash, as_quantity, malformed, to_quantity},
};

/// Where it stands.
pub(super) fn status(rpc: &Rpc, attempt: &Attempt, finality: Finality) -> Result<Status, EndpointError> {
    if let Some(status) = included(rpc, &attempt.id, finality)? {
        return Ok(status);
    }
    if is_known(rpc, &attempt.id)? {
        return Ok(Status::Pending);
    }
    let (Some(account), Some(nonce)) = (&attempt.account, attempt.nonce) else {
        return Ok(Status::Unknown { nonce_consumed: false });
    };
    let nonce_consumed = next_nonce(rpc, account)? > nonce;
    // It may itself have been mined since the first look.
    if nonce_consumed && let Some(status) = included(rpc, &attempt.id, finality)? {
        return Ok(status);
    }
    Ok(Status::Unknown { nonce_consumed })
}

/// The node knows a transaction of that hash, included or not.
pub(super) fn is_known(rpc: &Rpc, id: &str) -> Result<bool, RpcError> {
    Ok(!rpc.call("eth_getTransactionByHash", json!([id]))?.is_null())
}

/// The number of the account's transactions in the latest block: its first free nonce, as far as included ones go.
pub(super) fn next_nonce(rpc: &Rpc, account: &str) -> Result<u64, RpcError> {
    rpc.quantity64("eth_getTransactionCount", json!([account, "latest"]))
}

fn included(rpc: &Rpc, id: &str, finality: Finality) -> Result<Option<Status>, EndpointError> {
    let Some(receipt) = receipt(rpc, id)? else {
        return Ok(None);
    };
    let block_number = receipt.block_number;
    let block_hash = hex0x(&receipt.block_hash);
    // A receipt of a block that was left behind is none.
    let canonical = rpc.block(&to_quantity(block_number.into()))?;
    if canonical.is_none_or(|block| block.hash != receipt.block_hash) {
        return Ok(None);
    }
    if !receipt.succeeded {
        return Ok(Some(Status::Reverted {
            block_number,
            block_hash,
        }));
    }
    Ok(Some(Status::Included {
        block_number,
        block_hash,
        is_final: is_final(rpc, block_number, finality)?,
    }))
}

fn is_final(rpc: &Rpc, block_number: u64, finality: Finality) -> Result<bool, RpcError> {
    match finality {
        Finality::Instant => Ok(true),
        Finality::Confirmations(wanted) => {
            let head = rpc.quantity64("eth_blockNumber", json!([]))?;
            // Its own block counts as one.
            Ok(head
                .checked_sub(block_number)
                .is_some_and(|above| above.saturating_add(1) >= wanted))
        }
        Finality::Finalized => match rpc.block("finalized") {
            Ok(block) => Ok(block.is_some_and(|block| block.number >= block_number)),
            // No such tag, or none yet: not final.
            Err(RpcError::Node { .. }) => Ok(false),
            Err(error) => Err(error),
        },
    }
}

/// What we read of a receipt.
pub(super) struct Receipt {
    pub(super) block_number: u64,
    pub(super) block_hash: [u8; 32],
    pub(super) succeeded: bool,
}

/// The receipt of a transaction, if it is in a block.
pub(super) fn receipt(rpc: &Rpc, id: &str) -> Result<Option<Receipt>, RpcError> {
    const METHOD: &str = "eth_getTransactionReceipt";
    let receipt = rpc.call(METHOD, json!([id]))?;
    // Some nodes describe a pending transaction by a receipt whose block is null.
    if receipt.is_null() || receipt.get("blockHash").is_some_and(Value::is_null) {
        return Ok(None);
    }
    let same = receipt.get("transactionHash").and_then(Value::as_str);
    if !same.is_some_and(|hash| hash.eq_ignore_ascii_case(id)) {
        return Err(malformed(METHOD, "receipt of another transaction"));
    }
    let quantity = |name| receipt.get(name).and_then(as_quantity);
    let block_number = quantity("blockNumber").and_then(|number| u64::try_from(number).ok());
    let block_hash = receipt.get("blockHash").and_then(as_hash);
    match (block_number, block_hash, quantity("status")) {
        (Some(block_number), Some(block_hash), Some(status @ 0..=1)) => Ok(Some(Receipt {
            block_number,
            block_hash,
            succeeded: status == 1,
        })),
        _ => Err(malformed(METHOD, "no block or no status")),
    }
}
