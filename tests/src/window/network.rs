//! What leaves the process and its children, as the kernel was asked: every destination of the internet families, with
//! its time.

use std::path::Path;

/// The calls that name a destination.
pub const STRACE: [&str; 7] = [
    "strace",
    "-f",
    "-qq",
    "--seccomp-bpf",
    "-ttt",
    "-e",
    "trace=connect,sendto,sendmsg,sendmmsg",
];

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    /// Seconds since 1970.
    pub at: f64,
    /// Port, 0 when it is not understood.
    pub port: u16,
    /// The line.
    pub line: String,
}

/// Everything that was sent to an address of the internet families, however it ended.
///
/// # Panics
/// When the trace cannot be read.
#[must_use]
pub fn destinations(trace: &Path) -> Vec<Left> {
    let text = String::from_utf8_lossy(&std::fs::read(trace).expect("a trace")).into_owned();
    assert!(
        text.contains("AF_UNIX"),
        "a window without a socket: the trace is not one"
    );
    text.lines().filter_map(destination).collect()
}

fn destination(line: &str) -> Option<Left> {
    if !line.contains("sa_family=AF_INET") {
        return None;
    }
    let at = line.split_whitespace().find_map(|word| {
        let (seconds, _) = word.split_once('.')?;
        (seconds.len() >= 10).then(|| word.parse().ok()).flatten()
    })?;
    let port = line
        .split_once("htons(")
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(port, _)| port.parse().ok())
        .unwrap_or(0);
    Some(Left {
        at,
        port,
        line: line.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::destination;

    #[test]
    fn lines_of_strace() {
        let v4 = "812   1795614000.123456 connect(31, {sa_family=AF_INET, sin_port=htons(8545), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = -1 EINPROGRESS";
        let v6 = "1795614000.5 sendto(9, \"\", 0, 0, {sa_family=AF_INET6, sin6_port=htons(53), inet_pton(AF_INET6, \"::1\", &sin6_addr)}, 28) = 0";
        let own = "1795614000.5 connect(3, {sa_family=AF_UNIX, sun_path=\"/tmp/.X11-unix/X9\"}, 20) = 0";
        let found: Vec<_> = [v4, v6, own].map(destination).into_iter().flatten().collect();
        assert_eq!(found.iter().map(|left| left.port).collect::<Vec<_>>(), [8545, 53]);
        assert!(found.iter().all(|left| left.at > 1_795_613_999.0));
    }
}
