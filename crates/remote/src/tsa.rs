//! RFC 3161 §3.4: the time-stamp protocol over HTTP, as a carrier of octets.
//!
//! Not its business: whether the response is a granted timestamp over our imprint. HTTP 200 proves nothing: a server that
//! answers 200 with a rejection, or with a page, is judged by the session (DOMAIN D2).
//!
//! Plain http is accepted because the response is signed and the request is a digest; with a password only to loopback.

use std::{fmt, time::Duration};

use countersign_signing::{
    DigestAlgorithm,
    ports::{RemoteError, TimestampAuthority},
};
use zeroize::Zeroizing;

use crate::{
    config::{ConfigError, TlsConfig, host_of, is_loopback, parse_url},
    http::{Answer, BasicAuth, Transport},
};

/// How we say who we are.
#[derive(Default)]
pub enum TsaAuth {
    /// Not at all.
    #[default]
    None,
    /// HTTP basic authentication; over TLS or to loopback only.
    Basic {
        /// User name.
        user: String,
        /// Password, from the keyring or a 0600 file.
        password: Zeroizing<String>,
    },
    /// Mutual TLS: PEM of certificate chain and private key.
    Mtls {
        /// The PEM.
        identity_pem: Zeroizing<Vec<u8>>,
    },
}

impl fmt::Debug for TsaAuth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic",
            Self::Mtls { .. } => "Mtls",
        })
    }
}

/// One authority.
#[derive(Debug)]
pub struct TsaConfig {
    /// http or https, without credentials.
    pub url: String,
    /// Authentication.
    pub auth: TsaAuth,
    /// PEM certificates that are the only trusted TLS roots; without them the platform's.
    pub ca_pem: Option<Vec<u8>>,
    /// The policy to ask for, dotted.
    pub policy_oid: Option<String>,
    /// Digest of the message imprint.
    pub digest: DigestAlgorithm,
    /// For the whole exchange.
    pub timeout: Duration,
}

/// A time-stamping authority over HTTP.
pub struct HttpTsa {
    transport: Transport,
    policy_oid: Option<String>,
    digest: DigestAlgorithm,
}

impl HttpTsa {
    /// Checks the configuration; talks to nobody.
    ///
    /// # Errors
    /// URL, certificates, a password over plain http.
    pub fn new(config: TsaConfig) -> Result<Self, ConfigError> {
        let url = parse_url(&config.url)?;
        let (basic, identity_pem) = match config.auth {
            TsaAuth::None => (None, None),
            TsaAuth::Basic { user, password } => {
                if url.scheme() != "https" && !is_loopback(&url) {
                    return Err(ConfigError::BasicInPlaintext { host: host_of(&url) });
                }
                (Some(BasicAuth { user, password }), None)
            }
            TsaAuth::Mtls { identity_pem } => (None, Some(identity_pem)),
        };
        let tls = TlsConfig {
            ca_pem: config.ca_pem,
            identity_pem,
        };
        Ok(Self {
            transport: Transport::new(url, config.timeout, &tls, basic)?,
            policy_oid: config.policy_oid,
            digest: config.digest,
        })
    }
}

impl TimestampAuthority for HttpTsa {
    fn url(&self) -> &str {
        self.transport.url()
    }

    fn policy_oid(&self) -> Option<&str> {
        self.policy_oid.as_deref()
    }

    fn digest(&self) -> DigestAlgorithm {
        self.digest
    }

    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, RemoteError> {
        judge(self.transport.post(QUERY, REPLY, request.to_vec(), MAX_RESPONSE)?)
    }
}

/// Keeps out what cannot be a response, so that the report names the page instead of a DER error.
fn judge(answer: Answer) -> Result<Vec<u8>, RemoteError> {
    if !(200..300).contains(&answer.status) {
        return Err(RemoteError::Refused { status: answer.status });
    }
    if answer.body.is_empty() {
        return Err(RemoteError::Malformed {
            detail: "empty answer".into(),
        });
    }
    let media_type = answer
        .content_type
        .as_deref()
        .map(|value| value.split(';').next().unwrap_or_default().trim());
    match media_type {
        Some(other) if !other.eq_ignore_ascii_case(REPLY) && !is_der_sequence(&answer.body) => {
            Err(RemoteError::Malformed {
                detail: format!("content type {}", other.escape_debug()),
            })
        }
        _ => Ok(answer.body),
    }
}

/// One DER SEQUENCE that fills the octets exactly (X.690 §8.1.3).
fn is_der_sequence(octets: &[u8]) -> bool {
    let [0x30, length, rest @ ..] = octets else {
        return false;
    };
    if *length < 0x80 {
        return rest.len() == usize::from(*length);
    }
    let Some((length, content)) = rest.split_at_checked(usize::from(*length & 0x7f)) else {
        return false;
    };
    if length.is_empty() || length.len() > 4 {
        return false;
    }
    content.len() == length.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet))
}

const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";
/// A response with a long certificate chain has about 10 KiB.
const MAX_RESPONSE: u64 = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_sequence_fills_its_octets() {
        let long = [&[0x30, 0x82, 0x01, 0x00][..], &[0; 256]].concat();
        for (octets, expected) in [
            (&[0x30, 0x00][..], true),
            (&[0x30, 0x03, 1, 2, 3], true),
            (&[0x30, 0x03, 1, 2], false),
            (&[0x30, 0x03, 1, 2, 3, 4], false),
            (&[0x30, 0x80, 0, 0], false),
            (&[0x30, 0x85, 0, 0, 0, 0, 0], false),
            (&[0x30, 0x84, 0xff], false),
            (&[0x30], false),
            (&[], false),
            (b"<html>", false),
            (&long, true),
        ] {
            assert_eq!(is_der_sequence(octets), expected, "{octets:02x?}");
        }
    }

    #[test]
    fn a_page_is_named_and_a_response_with_a_wrong_label_is_handed_on() {
        let answer = |content_type: Option<&str>, body: &[u8]| Answer {
            status: 200,
            content_type: content_type.map(str::to_owned),
            body: body.to_vec(),
        };
        let page = judge(answer(Some("text/html; charset=utf-8"), b"<html>"));
        assert_eq!(
            page,
            Err(RemoteError::Malformed {
                detail: "content type text/html".into()
            })
        );
        assert!(judge(answer(Some("text/plain"), &[0x30, 0])).is_ok());
        assert!(
            judge(answer(Some("Application/Timestamp-Reply"), b"junk")).is_ok(),
            "the session judges"
        );
        assert!(judge(answer(None, b"junk")).is_ok());
        assert!(judge(answer(None, b"")).is_err());
    }

    #[test]
    fn a_password_goes_over_plain_http_to_loopback_only() {
        let config = |url: &str| TsaConfig {
            url: url.into(),
            auth: TsaAuth::Basic {
                user: "user".into(),
                password: Zeroizing::new("secret".into()),
            },
            ca_pem: None,
            policy_oid: None,
            digest: DigestAlgorithm::Sha256,
            timeout: Duration::from_secs(1),
        };
        assert!(HttpTsa::new(config("http://127.0.0.1:1/tsa")).is_ok());
        assert!(HttpTsa::new(config("https://tsa.example/")).is_ok());
        let refused = HttpTsa::new(config("http://tsa.example/")).err();
        assert_eq!(
            refused,
            Some(ConfigError::BasicInPlaintext {
                host: "tsa.example".into()
            })
        );
        assert!(!format!("{:?}", config("http://127.0.0.1/")).contains("secret"));
    }
}
