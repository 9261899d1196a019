//! One POST with bounds of size and time, and the words of [`RemoteError`] for everything that can go wrong.
//!
//! Not its business: what is sent, what a status or a body means to a protocol.
//!
//! No redirect is followed, no proxy of the environment is used (a document's digest must not take a way that nobody
//! configured), no cookie is kept. The client is made at the first request: it starts a thread.

use std::{
    cell::OnceCell,
    error::Error as StdError,
    io::{self, Read},
    time::Duration,
};

use countersign_signing::ports::RemoteError;
use reqwest::{
    Certificate, Identity, Url,
    blocking::{Client, Response},
    header::{ACCEPT, CONTENT_TYPE},
    redirect,
};
use zeroize::Zeroizing;

use crate::config::{ConfigError, TlsConfig};

/// User name and password of HTTP basic authentication.
pub(crate) struct BasicAuth {
    pub(crate) user: String,
    pub(crate) password: Zeroizing<String>,
}

/// An answer that is complete and within its bound.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// One service.
pub(crate) struct Transport {
    url: Url,
    timeout: Duration,
    basic: Option<BasicAuth>,
    roots: Option<Vec<Certificate>>,
    identity: Option<Identity>,
    client: OnceCell<Client>,
}

impl Transport {
    /// Checks what can be checked without talking.
    pub(crate) fn new(
        url: Url,
        timeout: Duration,
        tls: &TlsConfig,
        basic: Option<BasicAuth>,
    ) -> Result<Self, ConfigError> {
        if url.scheme() != "https" && (tls.ca_pem.is_some() || tls.identity_pem.is_some()) {
            return Err(ConfigError::CertificateWithoutTls { url: url.to_string() });
        }
        let roots = tls.ca_pem.as_deref().map(read_roots).transpose()?;
        let identity = tls.identity_pem.as_deref().map(|pem| Identity::from_pem(pem));
        let identity = identity
            .transpose()
            .map_err(|_| ConfigError::Pem { what: "identity" })?;
        Ok(Self {
            url,
            timeout,
            basic,
            roots,
            identity,
            client: OnceCell::new(),
        })
    }

    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Sends the body and reads at most `limit` octets of answer, whatever its status.
    pub(crate) fn post(
        &self,
        content_type: &'static str,
        accept: &'static str,
        body: Vec<u8>,
        limit: u64,
    ) -> Result<Answer, RemoteError> {
        let mut request = self
            .client()?
            .post(self.url.clone())
            .header(CONTENT_TYPE, content_type)
            .header(ACCEPT, accept)
            .timeout(self.timeout)
            .body(body);
        if let Some(basic) = &self.basic {
            request = request.basic_auth(&basic.user, Some(basic.password.as_str()));
        }
        let response = request.send().map_err(|error| self.explain(&error))?;
        let status = response.status().as_u16();
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let body = self.read(response, limit)?;
        Ok(Answer {
            status,
            content_type,
            body,
        })
    }

    fn client(&self) -> Result<&Client, RemoteError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // The provider is the process's; a second installation is refused by rustls and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .timeout(None)
            .connect_timeout(self.timeout)
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
        match &self.roots {
            Some(roots) => builder = builder.tls_certs_only(roots.iter().cloned()),
            // Nothing to verify: neither read the platform's roots nor fail where there are none.
            None if self.url.scheme() == "http" => builder = builder.tls_certs_only([]),
            None => (),
        }
        if let Some(identity) = &self.identity {
            builder = builder.identity(identity.clone());
        }
        let client = builder.build().map_err(|error| RemoteError::Untrusted {
            detail: innermost(&error),
        })?;
        Ok(self.client.get_or_init(|| client))
    }

    fn read(&self, response: Response, limit: u64) -> Result<Vec<u8>, RemoteError> {
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(RemoteError::TooLarge { limit });
        }
        let mut body = Vec::new();
        match response.take(limit.saturating_add(1)).read_to_end(&mut body) {
            Ok(_) if body.len() as u64 > limit => Err(RemoteError::TooLarge { limit }),
            Ok(_) => Ok(body),
            Err(error) => Err(self.explain_broken(&error, body.len())),
        }
    }

    fn explain(&self, error: &reqwest::Error) -> RemoteError {
        if error.is_timeout() {
            return self.timed_out();
        }
        tls_refusal(error).unwrap_or_else(|| RemoteError::Unreachable {
            detail: innermost(error),
        })
    }

    fn explain_broken(&self, error: &io::Error, read: usize) -> RemoteError {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>());
        if error.kind() == io::ErrorKind::TimedOut || inner.is_some_and(reqwest::Error::is_timeout) {
            return self.timed_out();
        }
        tls_refusal(error).unwrap_or_else(|| RemoteError::Malformed {
            detail: format!("the answer broke off after {read} octets"),
        })
    }

    fn timed_out(&self) -> RemoteError {
        let seconds = self.timeout.as_millis().div_ceil(1000);
        RemoteError::TimedOut {
            seconds: u64::try_from(seconds).unwrap_or(u64::MAX),
        }
    }
}

fn read_roots(pem: &[u8]) -> Result<Vec<Certificate>, ConfigError> {
    let roots = Certificate::from_pem_bundle(pem).map_err(|_| ConfigError::Pem { what: "certificates" })?;
    if roots.is_empty() {
        return Err(ConfigError::Pem { what: "certificates" });
    }
    Ok(roots)
}

/// The TLS error in a chain of errors, if there is one: io errors hide theirs from `source`.
fn tls_refusal(error: &(dyn StdError + 'static)) -> Option<RemoteError> {
    let mut next = Some(error);
    for _ in 0..MAX_CHAIN {
        let current = next?;
        if let Some(tls) = current.downcast_ref::<rustls::Error>() {
            return Some(match tls {
                rustls::Error::InvalidMessage(_) | rustls::Error::InappropriateMessage { .. } => {
                    RemoteError::Malformed {
                        detail: format!("not TLS: {tls}"),
                    }
                }
                _ => RemoteError::Untrusted {
                    detail: tls.to_string(),
                },
            });
        }
        next = match current.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => current.source(),
        };
    }
    None
}

/// The cause at the bottom: the outer ones repeat the URL.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut current = error;
    for _ in 0..MAX_CHAIN {
        match current.source() {
            Some(source) => current = source,
            None => break,
        }
    }
    current.to_string()
}

const MAX_CHAIN: usize = 16;
