//! HTTP/1.1 to a driver on this machine: one request, one JSON answer, over a connection of its own.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// No answer of a driver takes so long.
const DEADLINE: Duration = Duration::from_secs(60);

/// Asks; the answer's status and its document.
///
/// # Errors
/// When there is no answer, or no JSON in it.
pub fn ask(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Value), String> {
    let said = |error: std::io::Error| format!("{method} {path}: {error}");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(said)?;
    stream.set_read_timeout(Some(DEADLINE)).map_err(said)?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).map_err(said)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(said)?;
    read(&answer).ok_or_else(|| format!("{method} {path}: {}", String::from_utf8_lossy(&answer)))
}

fn read(answer: &[u8]) -> Option<(u16, Value)> {
    let at = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(answer.get(..at)?).to_ascii_lowercase();
    let body = answer.get(at + 4..)?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = if head.contains("transfer-encoding: chunked") {
        unchunked(body)?
    } else {
        body.to_vec()
    };
    Some((status, serde_json::from_slice(&body).ok()?))
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let at = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(rest.get(..at)?).ok()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(at + 2..at + 2 + size)?);
        rest = rest.get(at + 4 + size..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn answers_with_and_without_chunks() {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n",
        ] {
            let (status, value) = read(answer.as_bytes()).unwrap_or_else(|| panic!("{answer}"));
            assert_eq!((status, &value["a"]), (200, &serde_json::json!(1)));
        }
    }
}
