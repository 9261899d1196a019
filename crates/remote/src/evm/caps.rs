//! What a transaction may cost at most, whatever a node says (EIP-1559 fees, gas, their product).
//!
//! A node tells base fee, tip and gas; one that lies, or a market that runs wild, must not spend the account. Not its
//! business: how many transactions may be paid for one evidence (outbox).

use countersign_signing::ports::EndpointError;

use super::tx::Fees;

/// Upper bounds. Fees and total in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeCaps {
    /// For one unit of gas, tip included.
    pub max_fee_per_gas: u128,
    /// Tip for one unit of gas.
    pub max_priority_fee: u128,
    /// Units of gas of one transaction.
    pub max_gas: u64,
    /// Gas times fee of one transaction.
    pub max_total: u128,
    /// Transactions that may be paid for one evidence.
    pub max_paid_attempts: u32,
}

impl Default for FeeCaps {
    /// 300 gwei, 30 gwei tip, 4.8 million gas, 0.2 ether, 5 transactions.
    fn default() -> Self {
        Self {
            max_fee_per_gas: 300 * GWEI,
            max_priority_fee: 30 * GWEI,
            max_gas: 4_800_000,
            max_total: 200_000_000 * GWEI,
            max_paid_attempts: 5,
        }
    }
}

/// The fees within the caps: a tip, and what is offered above the base fee, are cut; a base fee above the cap is refused.
///
/// # Errors
/// `FeeLimit` with both values.
pub(super) fn bounded(fees: Fees, base_fee: u128, caps: &FeeCaps) -> Result<Fees, EndpointError> {
    match fees {
        Fees::Legacy { gas_price } => {
            within("fee per gas", gas_price, caps.max_fee_per_gas)?;
            Ok(fees)
        }
        Fees::Dynamic { max_fee, tip } => {
            let tip = tip.min(caps.max_priority_fee);
            within("fee per gas", base_fee.saturating_add(tip), caps.max_fee_per_gas)?;
            Ok(Fees::Dynamic {
                max_fee: max_fee.min(caps.max_fee_per_gas),
                tip,
            })
        }
    }
}

/// The transaction as a whole is within the caps. A replacement has fees above those of the attempt before it, so they are
/// looked at again.
///
/// # Errors
/// `FeeLimit` with both values.
pub(super) fn admit(fees: Fees, gas: u64, caps: &FeeCaps) -> Result<(), EndpointError> {
    within("fee per gas", fees.most(), caps.max_fee_per_gas)?;
    if let Fees::Dynamic { tip, .. } = fees {
        within("tip per gas", tip, caps.max_priority_fee)?;
    }
    within("gas", gas.into(), caps.max_gas.into())?;
    within("total", fees.most().saturating_mul(gas.into()), caps.max_total)
}

fn within(what: &'static str, asked: u128, limit: u128) -> Result<(), EndpointError> {
    if asked <= limit {
        Ok(())
    } else {
        Err(EndpointError::FeeLimit {
            what,
            asked: asked.to_string(),
            limit: limit.to_string(),
        })
    }
}

const GWEI: u128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_node_asks_is_cut_or_refused() {
        let caps = FeeCaps {
            max_fee_per_gas: 100,
            max_priority_fee: 10,
            max_gas: 1000,
            max_total: 50_000,
            max_paid_attempts: 2,
        };
        let dynamic = |max_fee, tip| Fees::Dynamic { max_fee, tip };
        let legacy = |gas_price| Fees::Legacy { gas_price };
        for (fees, base_fee, expected) in [
            (dynamic(50, 5), 20, Some(dynamic(50, 5))),
            (dynamic(500, 5), 20, Some(dynamic(100, 5))),
            (dynamic(u128::MAX, u128::MAX), 20, Some(dynamic(100, 10))),
            (dynamic(u128::MAX, 5), u128::MAX, None),
            (dynamic(300, 5), 96, None),
            (legacy(100), 0, Some(legacy(100))),
            (legacy(101), 0, None),
        ] {
            assert_eq!(bounded(fees, base_fee, &caps).ok(), expected, "{fees:?} {base_fee}");
        }
        for (fees, gas, what) in [
            (dynamic(50, 5), 1000, None),
            (dynamic(101, 5), 1000, Some("fee per gas")),
            (dynamic(50, 11), 1000, Some("tip per gas")),
            (dynamic(50, 5), 1001, Some("gas")),
            (dynamic(51, 5), 1000, Some("total")),
            (legacy(51), 1000, Some("total")),
            (legacy(u128::MAX), u64::MAX, Some("fee per gas")),
        ] {
            let refused = match admit(fees, gas, &caps) {
                Err(EndpointError::FeeLimit { what, .. }) => Some(what),
                _ => None,
            };
            assert_eq!(refused, what, "{fees:?} {gas}");
        }
    }
}
