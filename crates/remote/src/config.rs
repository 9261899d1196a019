//! What can be wrong with a configured address, key or certificate before anything is sent.
//!
//! Not its business: reading the configuration (engine), talking (http).
//! DOMAIN E10: no plain http except to loopback.

use std::{fmt, path::PathBuf};

use reqwest::Url;
use zeroize::Zeroizing;

/// Why a service cannot be used as configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum ConfigError {
    /// A password would go over plain http.
    #[error("a password is not sent over plain http to {host}")]
    BasicInPlaintext { host: String },
    /// A certificate is given and the URL has no TLS.
    #[error("{url} has no TLS that could use the given certificates")]
    CertificateWithoutTls { url: String },
    /// Not hex of the length wanted.
    #[error("{what}: not {octets} octets in hex")]
    Hex { what: &'static str, octets: usize },
    /// The key file is not usable.
    #[error("key file {path}: {kind}")]
    KeyFile { path: PathBuf, kind: std::io::ErrorKind },
    /// The key file can be read by others.
    #[error("key file {path} has mode {mode:o}, must be 600")]
    KeyFileMode { path: PathBuf, mode: u32 },
    /// Not a secp256k1 secret key in hex.
    #[error("not a secp256k1 secret key")]
    KeyInvalid,
    /// Certificates or identity cannot be read.
    #[error("{what}: not usable PEM")]
    Pem { what: &'static str },
    /// Plain http to another machine.
    #[error("plain http to {host} is refused; only loopback may do without TLS")]
    Plaintext { host: String },
    /// Not an http or https URL, or one with credentials in it.
    #[error("not a usable URL: {reason}")]
    Url { reason: &'static str },
}

/// Whom to trust over TLS and who we are.
#[derive(Clone, Default)]
pub struct TlsConfig {
    /// PEM certificates that are the only trusted roots; without them the platform's.
    pub ca_pem: Option<Vec<u8>>,
    /// PEM of our certificate chain and private key (mutual TLS).
    pub identity_pem: Option<Zeroizing<Vec<u8>>>,
}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TlsConfig")
            .field("own_roots", &self.ca_pem.is_some())
            .field("identity", &self.identity_pem.is_some())
            .finish()
    }
}

/// An http(s) URL without credentials.
pub(crate) fn parse_url(text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text).map_err(|_| ConfigError::Url {
        reason: "cannot be parsed",
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(ConfigError::Url {
            reason: "neither http nor https",
        });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ConfigError::Url {
            reason: "credentials do not belong in a URL",
        });
    }
    Ok(url)
}

/// As [`parse_url`], and plain http to loopback only.
pub(crate) fn parse_secure_url(text: &str) -> Result<Url, ConfigError> {
    let url = parse_url(text)?;
    if url.scheme() == "https" || is_loopback(&url) {
        Ok(url)
    } else {
        Err(ConfigError::Plaintext { host: host_of(&url) })
    }
}

/// The host names this machine by itself.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = host_of(url);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The host, for messages.
pub(crate) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// `0x…` or bare hex of exactly N octets.
pub(crate) fn parse_hex<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], ConfigError> {
    let mut octets = [0; N];
    hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut octets)
        .map_err(|_| ConfigError::Hex { what, octets: N })?;
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_only_to_loopback() {
        for (text, accepted) in [
            ("https://node.example/rpc", true),
            ("http://127.0.0.1:8545", true),
            ("http://127.9.9.9:1/", true),
            ("http://[::1]:8545", true),
            ("http://localhost:8545", true),
            ("http://localhost.example:8545", false),
            ("http://127.0.0.1.example/", false),
            ("http://10.0.0.1/", false),
            ("http://[::2]/", false),
            ("ftp://127.0.0.1/", false),
            ("https://user:secret@node.example/", false),
            ("node.example", false),
        ] {
            assert_eq!(parse_secure_url(text).is_ok(), accepted, "{text}");
        }
    }

    #[test]
    fn hex_has_exactly_the_length() {
        assert_eq!(parse_hex::<2>("x", "0x0aFF"), Ok([0x0a, 0xff]));
        assert_eq!(parse_hex::<2>("x", "0aff"), Ok([0x0a, 0xff]));
        for wrong in ["", "0x", "0x0a", "0x0affee", "0x0ag0", "0x 0af", "0x0x0aff"] {
            assert_eq!(
                parse_hex::<2>("x", wrong),
                Err(ConfigError::Hex { what: "x", octets: 2 }),
                "{wrong}"
            );
        }
    }
}
