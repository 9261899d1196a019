//! One JSON-RPC call to 127.0.0.1 over plain HTTP/1.1.
//!
//! Not its business: endpoints that institutions choose; those are countersign-remote's. This one starts and funds a
//! development chain, nothing else.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::{Value, json};

use crate::PracticeError;

/// Calls a method and returns its `result`.
pub(super) fn call(port: u16, method: &str, params: &Value) -> Result<Value, PracticeError> {
    let failed = |answer: String| PracticeError::ChainRpc {
        method: method.to_owned(),
        answer,
    };
    let answer = post(
        port,
        &json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string(),
    )
    .map_err(|error| failed(error.to_string()))?;
    let body = body(&answer).ok_or_else(|| failed("not an HTTP answer with status 200".into()))?;
    let mut message: Value = serde_json::from_slice(body).map_err(|error| failed(error.to_string()))?;
    match message.get_mut("result").map(Value::take) {
        Some(result) => Ok(result),
        None => Err(failed(message.to_string())),
    }
}

fn post(port: u16, body: &str) -> std::io::Result<Vec<u8>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = Vec::new();
    stream.take(LIMIT).read_to_end(&mut answer)?;
    Ok(answer)
}

fn body(answer: &[u8]) -> Option<&[u8]> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, rest) = answer.split_at_checked(end)?;
    let head = str::from_utf8(head).ok()?;
    if !head.starts_with("HTTP/1.1 200") || head.to_ascii_lowercase().contains("\r\ntransfer-encoding:") {
        return None;
    }
    rest.get(4..)
}

const DEADLINE: Duration = Duration::from_secs(20);
const LIMIT: u64 = 32 << 20;
