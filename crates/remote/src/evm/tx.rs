//! Transactions: EIP-1559 (type 2) and legacy with EIP-155, in RLP. The hash is known before anything is sent.
//!
//! Not its business: which fees or nonce are right, who signs.

use alloy_rlp::{Encodable, Header};

use super::{
    account::{Address, RecoverableSignature},
    keccak256,
};

/// Wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fees {
    /// One price (before EIP-1559, and permissioned chains).
    Legacy {
        /// The price.
        gas_price: u128,
    },
    /// EIP-1559.
    Dynamic {
        /// At most this, base fee included.
        max_fee: u128,
        /// At most this on top of the base fee.
        tip: u128,
    },
}

impl Fees {
    /// The most that a unit of gas can cost.
    #[must_use]
    pub const fn most(&self) -> u128 {
        match self {
            Self::Legacy { gas_price } => *gas_price,
            Self::Dynamic { max_fee, .. } => *max_fee,
        }
    }
}

/// A transaction without value, before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// EIP-155 chain id: makes it void elsewhere.
    pub chain_id: u64,
    /// Account nonce.
    pub nonce: u64,
    /// Fees.
    pub fees: Fees,
    /// Gas limit.
    pub gas: u64,
    /// The contract; `None` creates one.
    pub to: Option<Address>,
    /// Call data, or the code that creates.
    pub data: Vec<u8>,
}

impl Unsigned {
    /// What the account signs.
    #[must_use]
    pub fn signing_hash(&self) -> [u8; 32] {
        match self.fees {
            Fees::Legacy { .. } => keccak256(&list(&[
                &*self.head(),
                &integer(self.chain_id.into()),
                &integer(0),
                &integer(0),
            ])),
            Fees::Dynamic { .. } => keccak256(&typed(&list(&[&*self.head()]))),
        }
    }

    /// The octets to send.
    #[must_use]
    pub fn signed(&self, signature: &RecoverableSignature) -> Vec<u8> {
        let parity = u128::from(signature.y_parity);
        let r = string(without_leading_zeros(&signature.r));
        let s = string(without_leading_zeros(&signature.s));
        match self.fees {
            Fees::Legacy { .. } => {
                let v = u128::from(self.chain_id) * 2 + 35 + parity;
                list(&[&*self.head(), &integer(v), &r, &s])
            }
            Fees::Dynamic { .. } => typed(&list(&[&*self.head(), &integer(parity), &r, &s])),
        }
    }

    /// The fields before the signature, encoded one after the other.
    fn head(&self) -> Vec<u8> {
        let to = self.to.map_or_else(|| string(&[]), |to| string(&to));
        let (nonce, gas, data) = (integer(self.nonce.into()), integer(self.gas.into()), string(&self.data));
        let value = integer(0);
        match self.fees {
            Fees::Legacy { gas_price } => [nonce, integer(gas_price), gas, to, value, data].concat(),
            Fees::Dynamic { max_fee, tip } => [
                integer(self.chain_id.into()),
                nonce,
                integer(tip),
                integer(max_fee),
                gas,
                to,
                value,
                data,
                list(&[]), // access list
            ]
            .concat(),
        }
    }
}

/// The name under which a chain knows the octets.
#[must_use]
pub fn hash(raw: &[u8]) -> [u8; 32] {
    keccak256(raw)
}

/// What we need to know again of a transaction that we once signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Account nonce.
    pub nonce: u64,
    /// Fees.
    pub fees: Fees,
    /// Gas limit.
    pub gas: u64,
    /// Call data.
    pub data: Vec<u8>,
}

/// Reads a signed transaction of ours; `None` when it is none.
#[must_use]
pub fn read(raw: &[u8]) -> Option<Sent> {
    let (mut rest, dynamic) = match raw {
        [TYPE_DYNAMIC, rest @ ..] => (rest, true),
        _ => (raw, false),
    };
    let mut fields = Header::decode_bytes(&mut rest, true).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let mut next = || Header::decode_bytes(&mut fields, false).ok();
    let mut number = || next().and_then(read_integer);
    let (nonce, fees) = if dynamic {
        number()?; // chain id
        let nonce = number()?;
        let tip = number()?;
        (
            nonce,
            Fees::Dynamic {
                tip,
                max_fee: number()?,
            },
        )
    } else {
        let nonce = number()?;
        (nonce, Fees::Legacy { gas_price: number()? })
    };
    let gas = number()?;
    next()?; // to
    next()?; // value
    Some(Sent {
        nonce: u64::try_from(nonce).ok()?,
        fees,
        gas: u64::try_from(gas).ok()?,
        data: next()?.to_vec(),
    })
}

/// The address of a contract that an account creates.
#[must_use]
pub fn created_address(creator: &Address, nonce: u64) -> Address {
    let hash = keccak256(&list(&[&string(creator), &integer(nonce.into())]));
    last20(&hash)
}

/// The last 20 of 32 octets: how a hash becomes an address.
pub(crate) fn last20(hash: &[u8; 32]) -> Address {
    let mut address = [0; 20];
    address
        .iter_mut()
        .zip(hash.iter().skip(12))
        .for_each(|(to, from)| *to = *from);
    address
}

fn read_integer(octets: &[u8]) -> Option<u128> {
    if octets.len() > 16 || octets.first() == Some(&0) {
        return None;
    }
    Some(octets.iter().fold(0, |sum, octet| sum << 8 | u128::from(*octet)))
}

fn without_leading_zeros(octets: &[u8; 32]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}

fn integer(number: u128) -> Vec<u8> {
    let mut out = Vec::with_capacity(17);
    number.encode(&mut out);
    out
}

fn string(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len() + 9);
    octets.encode(&mut out);
    out
}

fn list(encoded: &[&[u8]]) -> Vec<u8> {
    let payload = encoded.concat();
    let mut out = Vec::with_capacity(payload.len() + 9);
    let header = Header {
        list: true,
        payload_length: payload.len(),
    };
    header.encode(&mut out);
    out.extend_from_slice(&payload);
    out
}

fn typed(encoded: &[u8]) -> Vec<u8> {
    [&[TYPE_DYNAMIC], encoded].concat()
}

const TYPE_DYNAMIC: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evm::account::SecretKey;

    /// The example of EIP-155.
    #[test]
    fn legacy_as_in_eip_155() {
        // It carries a value, which ours never do: the parts that do not depend on it are checked, and RLP in `rlp_vectors`.
        let mut unsigned = unsigned(Fees::Legacy {
            gas_price: 20_000_000_000,
        });
        unsigned.to = Some([0x35; 20]);
        unsigned.chain_id = 1;
        unsigned.nonce = 9;
        unsigned.gas = 21_000;
        let head = hex::encode(unsigned.head());
        assert_eq!(head, format!("098504a817c80082520894{}8082beef", "35".repeat(20)));
        let signature = RecoverableSignature {
            r: [1; 32],
            s: [2; 32],
            y_parity: true,
        };
        let raw = unsigned.signed(&signature);
        assert!(
            hex::encode(&raw).contains(&format!("26a0{}a0{}", "01".repeat(32), "02".repeat(32))),
            "v = 38"
        );
    }

    #[test]
    fn rlp_vectors() {
        for (encoded, expected) in [
            (integer(0), "80"),
            (integer(15), "0f"),
            (integer(1024), "820400"),
            (string(b"dog"), "83646f67"),
            (string(&[]), "80"),
            (list(&[&string(b"cat"), &string(b"dog")]), "c88363617483646f67"),
            (list(&[]), "c0"),
            (
                list(&[&string(b"Lorem ipsum dolor sit amet, consectetur adipisicing elit")]),
                concat!(
                    "f83ab8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20",
                    "636f6e7365637465747572206164697069736963696e6720656c6974"
                ),
            ),
        ] {
            assert_eq!(hex::encode(encoded), expected);
        }
    }

    #[test]
    fn leading_zeros_of_a_signature_are_not_encoded() {
        let mut r = [0; 32];
        r[31] = 5;
        assert_eq!(string(without_leading_zeros(&r)), [5]);
        assert_eq!(without_leading_zeros(&[7; 32]), [7; 32]);
    }

    #[test]
    fn what_was_signed_can_be_read_again() {
        let key = SecretKey::from_hex(&"11".repeat(32)).unwrap();
        for fees in [
            Fees::Legacy { gas_price: 7 },
            Fees::Dynamic {
                max_fee: 1 << 70,
                tip: 0,
            },
        ] {
            let unsigned = unsigned(fees);
            let raw = unsigned.signed(&key.sign_hash(&unsigned.signing_hash()).unwrap());
            let sent = read(&raw).unwrap();
            assert_eq!((sent.nonce, sent.fees, sent.gas), (300, fees, 90_000));
            assert_eq!(sent.data, unsigned.data);
            for cut in 0..raw.len() {
                assert_eq!(read(&raw[..cut]), None);
            }
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[2]), None);
        assert_eq!(read(&[0xff; 9]), None);
    }

    /// The first contract of the best known development account.
    #[test]
    fn created_address_vector() {
        let creator = hex::decode("f39fd6e51aad88f6f4ce6ab8827279cfffb92266")
            .unwrap()
            .try_into()
            .unwrap();
        assert_eq!(
            hex::encode(created_address(&creator, 0)),
            "5fbdb2315678afecb367f032d93f642f64180aa3"
        );
    }

    fn unsigned(fees: Fees) -> Unsigned {
        Unsigned {
            chain_id: 20_210_726,
            nonce: 300,
            fees,
            gas: 90_000,
            to: Some([0xab; 20]),
            data: vec![0xbe, 0xef],
        }
    }
}
