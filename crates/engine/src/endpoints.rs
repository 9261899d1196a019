//! Endpoints and authorities as the configuration describes them.
//!
//! Not its business: how they are spoken to (remote, store).

use std::{path::PathBuf, time::Duration};

use countersign_cms::DigestAlgorithm;
use countersign_remote::{
    ConfigError, TlsConfig,
    evm::{AccountSigner, EvmConfig, EvmEndpoint, FeeCaps, SecretKey, TokenAccount, account::parse_address},
    tsa::{HttpTsa, TsaAuth, TsaConfig},
};
use countersign_signing::{
    Stage,
    ports::{Endpoint, EndpointFacts, EndpointKind, Finality, TimestampAuthority, Token as _},
};
use countersign_store::{
    JournalEndpoint, OutboxLock,
    config::{Account, Digest, EndpointConfig, EndpointTarget, Tsa, TsaAuth as ConfiguredAuth},
    keyring::SecretVault,
};
use zeroize::Zeroizing;

use crate::{Engine, book::Book, fault::Fault, practice};

/// Seconds for an authority given on the command line.
const TSA_TIMEOUT: Duration = Duration::from_secs(20);

impl Engine {
    /// The authorities in order: those given, else those configured.
    pub(crate) fn authorities(&mut self, given: &[String]) -> Result<Vec<Box<dyn TimestampAuthority>>, Fault> {
        let unusable = |error: &dyn std::fmt::Display| Fault::new(Stage::Timestamp, "config-unusable").because(error);
        let mut authorities: Vec<Box<dyn TimestampAuthority>> = Vec::new();
        if given.is_empty() {
            for tsa in self.config.tsa.clone() {
                let config = self.tsa_config(&tsa)?;
                authorities.push(Box::new(HttpTsa::new(config).map_err(|error| unusable(&error))?));
            }
            return Ok(authorities);
        }
        for url in given {
            // What is configured for the same URL (password, certificate, policy) holds for it here as well.
            let config = match self.config.tsa.iter().find(|tsa| tsa.url == *url).cloned() {
                Some(tsa) => self.tsa_config(&tsa)?,
                None => TsaConfig {
                    url: practice::running(&self.practice).resolve(&self.home, url)?,
                    auth: TsaAuth::None,
                    ca_pem: None,
                    policy_oid: None,
                    digest: DigestAlgorithm::Sha256,
                    timeout: TSA_TIMEOUT,
                },
            };
            authorities.push(Box::new(HttpTsa::new(config).map_err(|error| unusable(&error))?));
        }
        Ok(authorities)
    }

    fn tsa_config(&mut self, tsa: &Tsa) -> Result<TsaConfig, Fault> {
        let auth = match &tsa.auth {
            ConfiguredAuth::None => TsaAuth::None,
            ConfiguredAuth::Basic { user, password_from } => {
                let secret = self
                    .vault()
                    .resolve(password_from)
                    .map_err(|error| secret_fault(&error))?;
                let password = String::from_utf8(secret.to_vec()).map_err(|error| secret_fault(&error.utf8_error()))?;
                TsaAuth::Basic {
                    user: user.clone(),
                    password: Zeroizing::new(password),
                }
            }
            ConfiguredAuth::Mtls { identity } => {
                let pem = read(identity)?;
                TsaAuth::Mtls {
                    identity_pem: Zeroizing::new(pem),
                }
            }
        };
        Ok(TsaConfig {
            url: practice::running(&self.practice).resolve(&self.home, &tsa.url)?,
            auth,
            ca_pem: tsa.ca.as_ref().map(read).transpose()?,
            policy_oid: tsa.policy_oid.clone(),
            digest: match tsa.digest {
                Digest::Sha256 => DigestAlgorithm::Sha256,
                Digest::Sha384 => DigestAlgorithm::Sha384,
                Digest::Sha512 => DigestAlgorithm::Sha512,
                Digest::Sm3 => DigestAlgorithm::Sm3,
            },
            timeout: Duration::from_secs(tsa.timeout_s),
        })
    }

    fn vault(&self) -> SecretVault {
        SecretVault::new(self.config.secrets.store, &self.home)
    }

    pub(crate) fn endpoint_facts(&self, name: &str) -> Result<EndpointFacts, Fault> {
        let config = self.endpoint_config(name)?;
        let (kind, finality) = match &config.target {
            EndpointTarget::Journal => (EndpointKind::Journal, Finality::Instant),
            EndpointTarget::Evm { .. } => (EndpointKind::Evm, config.finality.0),
        };
        Ok(EndpointFacts {
            name: name.to_owned(),
            kind,
            finality,
            practice: config.practice,
        })
    }

    fn endpoint_config(&self, name: &str) -> Result<&EndpointConfig, Fault> {
        let found = self.config.endpoints.get(name);
        found.ok_or_else(|| Fault::new(Stage::Submit, "endpoint-unknown").with("endpoint", name))
    }

    /// Lends the endpoint, and the book beside it.
    pub(crate) fn with_endpoint<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut dyn Endpoint, &mut Book) -> T,
    ) -> Result<T, Fault> {
        let config = self.endpoint_config(name)?.clone();
        let practice = config.practice;
        let unusable = |error: ConfigError| Fault::new(Stage::Submit, "config-unusable").because(&error);
        match config.target {
            EndpointTarget::Journal => {
                let clock = self.clock;
                let book = self.database()?;
                let mut endpoint = JournalEndpoint::new(book.database.clone(), name.to_owned(), practice, clock);
                Ok(work(&mut endpoint, book))
            }
            EndpointTarget::Evm {
                url,
                chain_id,
                genesis,
                contract,
                code_hash,
                account,
                timeout_s,
                fees,
                ..
            } => {
                let defaults = FeeCaps::default();
                let url = practice::running(&self.practice).resolve(&self.home, &url)?;
                let vault = self.vault();
                let (tokens, book) = self.tokens_and_database()?;
                let account: Option<Box<dyn AccountSigner + '_>> = match account {
                    Account::None => None,
                    Account::File { path } => Some(Box::new(SecretKey::from_file(&path).map_err(unusable)?)),
                    Account::Keyring { address } => {
                        let secret = vault.find(&address).map_err(|error| secret_fault(&error))?;
                        let text = std::str::from_utf8(&secret).map_err(|error| secret_fault(&error))?;
                        Some(Box::new(SecretKey::from_hex(text).map_err(unusable)?))
                    }
                    Account::Pkcs11 { uri, address } => {
                        let known = address.as_deref().map(parse_address).transpose().map_err(unusable)?;
                        Some(Box::new(TokenAccount::new(known, move |hash, prompt| {
                            tokens.sign_hash_secp256k1(&uri, hash, prompt)
                        })))
                    }
                };
                let config = EvmConfig {
                    name: name.to_owned(),
                    url,
                    tls: TlsConfig::default(),
                    chain_id,
                    genesis,
                    contract,
                    code_hash,
                    finality: config.finality.0,
                    practice,
                    caps: FeeCaps {
                        max_fee_per_gas: fees.max_fee_per_gas.unwrap_or(defaults.max_fee_per_gas),
                        max_priority_fee: fees.max_priority_fee.unwrap_or(defaults.max_priority_fee),
                        max_gas: fees.max_gas.unwrap_or(defaults.max_gas),
                        max_total: fees.max_total.unwrap_or(defaults.max_total),
                        max_paid_attempts: fees.max_paid_attempts.unwrap_or(defaults.max_paid_attempts),
                    },
                    timeout: Duration::from_secs(timeout_s),
                    account,
                };
                let mut endpoint = EvmEndpoint::new(config).map_err(unusable)?;
                Ok(work(&mut endpoint, book))
            }
        }
    }

    /// One writer at a time, whatever the account.
    pub(crate) fn outbox_lock(&mut self) -> Result<OutboxLock, Fault> {
        let book = self.database()?;
        OutboxLock::acquire(&book.database, "outbox").map_err(|error| Fault::store(Stage::Submit, &error))
    }
}

fn secret_fault(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(Stage::Submit, "account-unusable").because(error)
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|error| {
        Fault::new(Stage::Timestamp, "config-unusable")
            .with("path", path.display().to_string())
            .because(&error)
    })
}
