//! What a transaction costs: the chain's present fees, and the raise that replaces an earlier attempt.
//!
//! Not its business: when to replace (outbox).

use countersign_signing::ports::EndpointError;
use serde_json::json;

use super::{
    caps::{FeeCaps, bounded},
    json_rpc::{Rpc, RpcError},
    tx::Fees,
};

/// The fees that the chain asks now, within the caps: EIP-1559 where blocks carry a base fee, one price elsewhere.
pub(super) fn current(rpc: &Rpc, caps: &FeeCaps) -> Result<Fees, EndpointError> {
    let Some(base_fee) = rpc.block("latest")?.and_then(|block| block.base_fee) else {
        let gas_price = rpc.quantity("eth_gasPrice", json!([]))?;
        return bounded(Fees::Legacy { gas_price }, 0, caps);
    };
    let tip = match rpc.quantity("eth_maxPriorityFeePerGas", json!([])) {
        Ok(tip) => tip,
        // Not every node has the method; the price is base fee and tip together.
        Err(RpcError::Node { .. }) => rpc.quantity("eth_gasPrice", json!([]))?.saturating_sub(base_fee),
        Err(error) => return Err(error.into()),
    };
    // Twice the base fee lasts for six full blocks.
    let fees = Fees::Dynamic {
        max_fee: base_fee.saturating_mul(2).saturating_add(tip),
        tip,
    };
    bounded(fees, base_fee, caps)
}

/// The present fees, but at least an eighth above those of the attempt that is replaced: nodes refuse less than a tenth.
pub(super) fn raised(earlier: Fees, now: Fees) -> Fees {
    match (earlier, now) {
        (Fees::Legacy { gas_price }, Fees::Legacy { gas_price: asked }) => Fees::Legacy {
            gas_price: raise(gas_price).max(asked),
        },
        (Fees::Dynamic { max_fee, .. }, Fees::Legacy { gas_price: asked }) => Fees::Legacy {
            gas_price: raise(max_fee).max(asked),
        },
        // A legacy price counts as both.
        (Fees::Legacy { gas_price }, now @ Fees::Dynamic { .. }) => raised(
            Fees::Dynamic {
                max_fee: gas_price,
                tip: gas_price,
            },
            now,
        ),
        (
            Fees::Dynamic { max_fee, tip },
            Fees::Dynamic {
                max_fee: asked,
                tip: tip_asked,
            },
        ) => {
            let tip = raise(tip).max(tip_asked);
            Fees::Dynamic {
                max_fee: raise(max_fee).max(asked).max(tip),
                tip,
            }
        }
    }
}

/// 12.5 % more, rounded up.
const fn raise(fee: u128) -> u128 {
    fee.saturating_add(fee.div_ceil(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raise_is_an_eighth_on_both_or_what_is_asked_now() {
        let legacy = |gas_price| Fees::Legacy { gas_price };
        let dynamic = |max_fee, tip| Fees::Dynamic { max_fee, tip };
        for (earlier, now, expected) in [
            (legacy(80), legacy(10), legacy(90)),
            (legacy(80), legacy(100), legacy(100)),
            (legacy(1), legacy(1), legacy(2)),
            (legacy(0), legacy(0), legacy(0)),
            (dynamic(80, 8), dynamic(10, 1), dynamic(90, 9)),
            (dynamic(80, 8), dynamic(1000, 1), dynamic(1000, 9)),
            (dynamic(80, 8), dynamic(10, 200), dynamic(200, 200)),
            (dynamic(80, 8), legacy(1), legacy(90)),
            (legacy(80), dynamic(10, 1), dynamic(90, 90)),
            (legacy(u128::MAX), legacy(0), legacy(u128::MAX)),
        ] {
            assert_eq!(raised(earlier, now), expected, "{earlier:?} {now:?}");
        }
    }
}
