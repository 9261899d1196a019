//! JSON-RPC 2.0 over HTTP, as EVM nodes speak it.
//!
//! Not its business: what an error code means. Codes and texts differ between nodes, so callers look things up instead.
//! An answer is bounded, must carry the id of its request, and keeps the node's code and message when it is an error.

use std::{cell::Cell, time::Duration};

use countersign_signing::ports::{EndpointError, RemoteError};
use serde_json::{Value, json};

use crate::{
    config::{ConfigError, TlsConfig, parse_secure_url},
    http::Transport,
};

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum RpcError {
    /// The node answered with an error.
    #[error("{method}: code {code}, {message}")]
    Node {
        method: &'static str,
        code: i64,
        message: String,
    },
    /// There was no answer that could be understood.
    #[error(transparent)]
    Remote(#[from] RemoteError),
}

/// A node's error while reading says nothing about us: the node is busy, limits its callers or is still indexing. It is
/// asked again. Callers that know better match first.
impl From<RpcError> for EndpointError {
    fn from(error: RpcError) -> Self {
        match error {
            RpcError::Remote(remote) => Self::Remote(remote),
            RpcError::Node { method, code, message } => Self::Remote(RemoteError::RefusedWith {
                code,
                message: format!("{method}: {message}"),
            }),
        }
    }
}

/// A node.
pub struct Rpc {
    transport: Transport,
    next_id: Cell<u64>,
}

impl Rpc {
    /// Checks the address; talks to nobody.
    ///
    /// # Errors
    /// A URL that is refused (plain http beyond loopback), certificates that cannot be read.
    pub fn new(url: &str, timeout: Duration, tls: &TlsConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            transport: Transport::new(parse_secure_url(url)?, timeout, tls, None)?,
            next_id: Cell::new(1),
        })
    }

    /// One call.
    ///
    /// # Errors
    /// As [`RpcError`] says.
    pub fn call(&self, method: &'static str, params: Value) -> Result<Value, RpcError> {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string();
        let answer = self.transport.post(JSON, JSON, request.into_bytes(), MAX_ANSWER)?;
        let refused = !(200..300).contains(&answer.status);
        // Some nodes put their error object behind a status that is not 200.
        let parsed = serde_json::from_slice(&answer.body)
            .ok()
            .map(|value| read_answer(method, id, value));
        match parsed {
            Some(Err(RpcError::Remote(_))) | None if refused => {
                Err(RemoteError::Refused { status: answer.status }.into())
            }
            Some(result) => result,
            None => Err(malformed(method, "no JSON")),
        }
    }

    /// A call whose result is a quantity.
    ///
    /// # Errors
    /// As [`Rpc::call`], or the result is no quantity of at most 128 bits.
    pub fn quantity(&self, method: &'static str, params: Value) -> Result<u128, RpcError> {
        let result = self.call(method, params)?;
        as_quantity(&result).ok_or_else(|| malformed(method, "no quantity"))
    }

    /// A call whose result is a quantity of at most 64 bits.
    ///
    /// # Errors
    /// As [`Rpc::quantity`].
    pub fn quantity64(&self, method: &'static str, params: Value) -> Result<u64, RpcError> {
        u64::try_from(self.quantity(method, params)?).map_err(|_| malformed(method, "quantity over 64 bits"))
    }

    /// A call whose result is octets.
    ///
    /// # Errors
    /// As [`Rpc::call`], or the result is no hex.
    pub fn octets(&self, method: &'static str, params: Value) -> Result<Vec<u8>, RpcError> {
        let result = self.call(method, params)?;
        as_octets(&result).ok_or_else(|| malformed(method, "no octets"))
    }

    /// A block without its transactions, by number or tag; `None` when the node has none.
    ///
    /// # Errors
    /// As [`Rpc::call`], or it is no block.
    pub fn block(&self, at: &str) -> Result<Option<Block>, RpcError> {
        const METHOD: &str = "eth_getBlockByNumber";
        let block = self.call(METHOD, json!([at, false]))?;
        if block.is_null() {
            return Ok(None);
        }
        let number = block
            .get("number")
            .and_then(as_quantity)
            .and_then(|number| u64::try_from(number).ok());
        let hash = block.get("hash").and_then(as_hash);
        let base_fee = block.get("baseFeePerGas").filter(|fee| !fee.is_null());
        match (number, hash) {
            (Some(number), Some(hash)) => Ok(Some(Block {
                number,
                hash,
                base_fee: match base_fee {
                    Some(fee) => Some(as_quantity(fee).ok_or_else(|| malformed(METHOD, "base fee"))?),
                    None => None,
                },
            })),
            _ => Err(malformed(METHOD, "no number or no hash")),
        }
    }
}

/// What we read of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Height.
    pub number: u64,
    /// Hash.
    pub hash: [u8; 32],
    /// Base fee, on chains that have one (EIP-1559).
    pub base_fee: Option<u128>,
}

/// A number for a parameter.
#[must_use]
pub fn to_quantity(number: u128) -> String {
    format!("{number:#x}")
}

/// `0x…` without more than 128 bits. Leading zeros are tolerated: nodes differ.
pub(crate) fn as_quantity(value: &Value) -> Option<u128> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    // from_str_radix would take a sign.
    (digits.bytes().all(|digit| digit.is_ascii_hexdigit())).then(|| u128::from_str_radix(digits, 16).ok())?
}

/// `0x…` of any length.
pub(crate) fn as_octets(value: &Value) -> Option<Vec<u8>> {
    hex::decode(value.as_str()?.strip_prefix("0x")?).ok()
}

/// `0x…` of 32 octets.
pub(crate) fn as_hash(value: &Value) -> Option<[u8; 32]> {
    as_octets(value)?.try_into().ok()
}

/// An answer that is not what the protocol says.
pub(crate) fn malformed(method: &'static str, what: &str) -> RpcError {
    RemoteError::Malformed {
        detail: format!("{method}: {what}"),
    }
    .into()
}

fn read_answer(method: &'static str, id: u64, mut answer: Value) -> Result<Value, RpcError> {
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        // An error may come without an id when the node could not read the request.
        return match error.get("code").and_then(Value::as_i64) {
            Some(code) => Err(RpcError::Node {
                method,
                code,
                message: message_of(error),
            }),
            None => Err(refused_by_gateway(method, error)),
        };
    }
    // A gateway before the node answers in a form of its own: without version, id and result, but with a message.
    let foreign = ["jsonrpc", "id", "result"].iter().all(|key| answer.get(key).is_none());
    if foreign
        && ["message", "code", "error_description"]
            .iter()
            .any(|key| answer.get(key).is_some())
    {
        return Err(refused_by_gateway(method, &answer));
    }
    if answer.get("id").and_then(Value::as_u64) != Some(id) {
        return Err(malformed(method, "id of another request"));
    }
    match answer.get_mut("result") {
        Some(result) => Ok(result.take()),
        None => Err(malformed(method, "neither result nor error")),
    }
}

/// What somebody before the node says in place of an answer.
fn refused_by_gateway(method: &'static str, said: &Value) -> RpcError {
    RemoteError::RefusedWith {
        code: said.get("code").and_then(Value::as_i64).unwrap_or_default(),
        message: format!("{method}: {}", message_of(said)),
    }
    .into()
}

fn message_of(error: &Value) -> String {
    let fields = ["message", "error_description"].iter();
    let text = fields.filter_map(|key| error.get(key)?.as_str()).next();
    let text = text.or(error.as_str()).unwrap_or_default();
    countersign_plain_text::bounded(text, MAX_MESSAGE)
}

const JSON: &str = "application/json";
/// The largest answer asked for is a block with the hashes of its transactions.
const MAX_ANSWER: u64 = 4 * 1024 * 1024;
const MAX_MESSAGE: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_matched_with_their_request() {
        let read = |answer: &str| read_answer("m", 7, serde_json::from_str(answer).unwrap());
        assert_eq!(read(r#"{"id":7,"result":"0x1"}"#), Ok(json!("0x1")));
        assert_eq!(read(r#"{"id":7,"result":null}"#), Ok(Value::Null));
        assert_eq!(read(r#"{"id":7,"error":null,"result":true}"#), Ok(json!(true)));
        for wrong in [
            r#"{"id":8,"result":"0x1"}"#,
            r#"{"id":"7","result":"0x1"}"#,
            r#"{"result":"0x1"}"#,
            r#"{"id":7}"#,
            r#"[{"id":7,"result":"0x1"}]"#,
            "7",
            "null",
        ] {
            assert!(
                matches!(read(wrong), Err(RpcError::Remote(RemoteError::Malformed { .. }))),
                "{wrong}"
            );
        }
        for (gateway, code, message) in [
            (r#"{"id":7,"error":{"message":"no code"}}"#, 0, "m: no code"),
            (r#"{"id":7,"error":"text"}"#, 0, "m: text"),
            (
                r#"{"code":-32005,"message":"Too Many Requests"}"#,
                -32005,
                "m: Too Many Requests",
            ),
            (r#"{"code":"429","message":"slow\ndown"}"#, 0, "m: slow\u{fffd}down"),
        ] {
            let expected = RpcError::Remote(RemoteError::RefusedWith {
                code,
                message: message.to_owned(),
            });
            assert_eq!(read(gateway), Err(expected), "{gateway}");
        }
        let error = read(r#"{"id":7,"error":{"code":-32003,"message":"nonce\ntoo low"}}"#);
        let expected = RpcError::Node {
            method: "m",
            code: -32003,
            message: "nonce\u{fffd}too low".into(),
        };
        assert_eq!(error, Err(expected));
    }

    #[test]
    fn quantities() {
        for (value, expected) in [
            (json!("0x0"), Some(0)),
            (json!("0x00ff"), Some(255)),
            (json!("0xffffffffffffffffffffffffffffffff"), Some(u128::MAX)),
            (json!("0x100000000000000000000000000000000"), None),
            (json!("0x"), None),
            (json!("0x+1"), None),
            (json!("1"), None),
            (json!(1), None),
            (Value::Null, None),
        ] {
            assert_eq!(as_quantity(&value), expected, "{value}");
        }
        assert_eq!(to_quantity(255), "0xff");
    }
}
