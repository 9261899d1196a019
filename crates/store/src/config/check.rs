//! From what stands in the files to a complete configuration: defaults, mandatory keys, forms of values.

use std::path::{Path, PathBuf};

use countersign_evidence::PayloadMode;
use countersign_signing::{Level, ports::Finality};

use super::{
    Account, Config, ConfigError, EndpointConfig, EndpointTarget, Fees, FinalityRule, Module, Revocation, SecretSource,
    Secrets, Signing, Trust, Tsa, TsaAuth, raw,
};

/// Seconds until a service counts as away.
const TIMEOUT_S: u64 = 20;

pub(super) fn typed(home: &Path, file: raw::File) -> Result<Config, ConfigError> {
    let paths = |paths: Option<Vec<PathBuf>>| paths.unwrap_or_default().iter().map(|path| home.join(path)).collect();
    let signing = Signing {
        level: file.signing.level.unwrap_or(Level::BT),
        policy: file.signing.policy.unwrap_or_else(|| "default".to_owned()),
        render_all_pages_before_signing: file.signing.render_all_pages_before_signing.unwrap_or(true),
        font: file.signing.font.map(|path| home.join(path)),
    };
    if signing.policy.is_empty() {
        return Err(value("signing.policy".to_owned(), "not empty"));
    }
    let modules = file.pkcs11.module.unwrap_or_default();
    let tsa = file.tsa.unwrap_or_default().into_iter().enumerate();
    Ok(Config {
        signing,
        modules: modules
            .into_iter()
            .enumerate()
            .map(|(number, module)| typed_module(home, number, module))
            .collect::<Result<_, _>>()?,
        tsa: tsa
            .map(|(number, tsa)| typed_tsa(home, number, tsa))
            .collect::<Result<_, _>>()?,
        trust: Trust {
            anchors: paths(file.trust.anchors),
            tsa_anchors: paths(file.trust.tsa_anchors),
            signer_purposes: purposes(file.trust.signer_purposes)?,
            revocation: file.trust.revocation.unwrap_or(Revocation::Prefer),
        },
        endpoints: file
            .endpoint
            .into_iter()
            .map(|(name, endpoint)| Ok((name.clone(), typed_endpoint(home, &name, endpoint)?)))
            .collect::<Result<_, _>>()?,
        secrets: Secrets {
            store: file.secrets.store.unwrap_or_default(),
        },
    })
}

fn is_dotted(oid: &str) -> bool {
    oid.contains('.')
        && oid
            .split('.')
            .all(|arc| !arc.is_empty() && arc.bytes().all(|octet| octet.is_ascii_digit()))
}

fn purposes(given: Option<Vec<String>>) -> Result<Vec<String>, ConfigError> {
    let given = given.unwrap_or_default();
    match given.iter().all(|oid| is_dotted(oid)) {
        true => Ok(given),
        false => Err(value("trust.signer_purposes".to_owned(), "dotted object identifiers")),
    }
}

fn typed_module(home: &Path, number: usize, module: Module) -> Result<Module, ConfigError> {
    let key = |name| format!("pkcs11.module[{number}].{name}");
    if module.name.is_empty() {
        return Err(value(key("name"), "not empty"));
    }
    let pin = module.sha256.map(|pin| pin.to_ascii_lowercase());
    if pin.as_ref().is_some_and(|pin| !is_hex(pin, 64)) {
        return Err(value(key("sha256"), "64 hex digits"));
    }
    // A bare name is looked up by the loader; a path with folders is ours.
    let bare = module.path.components().count() == 1;
    let path = if bare { module.path } else { home.join(module.path) };
    if path.as_os_str().is_empty() {
        return Err(value(key("path"), "not empty"));
    }
    Ok(Module {
        sha256: pin,
        path,
        ..module
    })
}

fn typed_tsa(home: &Path, number: usize, tsa: raw::Tsa) -> Result<Tsa, ConfigError> {
    let key = |name| format!("tsa[{number}].{name}");
    url(key("url"), &tsa.url)?;
    let surplus = [
        ("user", tsa.user.is_some(), raw::TsaAuth::Basic),
        ("password_from", tsa.password_from.is_some(), raw::TsaAuth::Basic),
        ("identity", tsa.identity.is_some(), raw::TsaAuth::Mtls),
    ];
    if let Some((name, ..)) = surplus.iter().find(|(_, given, auth)| *given && tsa.auth != *auth) {
        return Err(value(key(name), "does not go with this auth"));
    }
    let missing = |name| ConfigError::MissingKey { key: key(name) };
    let auth = match tsa.auth {
        raw::TsaAuth::None => TsaAuth::None,
        raw::TsaAuth::Basic => TsaAuth::Basic {
            user: tsa.user.ok_or_else(|| missing("user"))?,
            password_from: match tsa.password_from.ok_or_else(|| missing("password_from"))? {
                SecretSource::File(path) => SecretSource::File(home.join(path)),
                keyring @ SecretSource::Keyring(_) => keyring,
            },
        },
        raw::TsaAuth::Mtls => TsaAuth::Mtls {
            identity: home.join(tsa.identity.ok_or_else(|| missing("identity"))?),
        },
    };
    if tsa.policy_oid.as_ref().is_some_and(|oid| !is_dotted(oid)) {
        return Err(value(key("policy_oid"), "a dotted object identifier"));
    }
    Ok(Tsa {
        url: tsa.url,
        auth,
        ca: tsa.ca.map(|path| home.join(path)),
        digest: tsa.digest,
        policy_oid: tsa.policy_oid,
        timeout_s: timeout(key("timeout_s"), tsa.timeout_s)?,
    })
}

fn typed_endpoint(home: &Path, name: &str, endpoint: raw::Endpoint) -> Result<EndpointConfig, ConfigError> {
    let key = |key: &str| format!("endpoint.{name}.{key}");
    let missing = |name: &str| ConfigError::MissingKey { key: key(name) };
    let name_octet = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    if name.is_empty() || name.len() > 64 || !name.bytes().all(name_octet) {
        return Err(value(
            format!("endpoint.{name:?}"),
            "a name of letters, digits, - and _",
        ));
    }
    let kind = endpoint.kind.ok_or_else(|| missing("kind"))?;
    let practice = endpoint.practice.unwrap_or(false);
    let payload = endpoint.payload.unwrap_or(PayloadMode::Full);
    match kind {
        raw::Kind::Journal => {
            let surplus = [
                ("url", endpoint.url.is_some()),
                ("chain_id", endpoint.chain_id.is_some()),
                ("genesis", endpoint.genesis.is_some()),
                ("contract", endpoint.contract.is_some()),
                ("code_hash", endpoint.code_hash.is_some()),
                ("profile", endpoint.profile.is_some()),
                ("account", endpoint.account.is_some()),
                ("timeout_s", endpoint.timeout_s.is_some()),
                ("fees", endpoint.fees.is_some()),
                (
                    "finality",
                    endpoint.finality.is_some_and(|rule| rule.0 != Finality::Instant),
                ),
            ];
            if let Some((name, _)) = surplus.iter().find(|(_, given)| *given) {
                return Err(value(key(name), "does not go with a journal"));
            }
            let finality = FinalityRule(Finality::Instant);
            Ok(EndpointConfig {
                practice,
                payload,
                finality,
                target: EndpointTarget::Journal,
            })
        }
        raw::Kind::Evm => {
            let needed = |name: &str, value: Option<String>| value.ok_or_else(|| missing(name));
            let prefixed = |name: &str, given: Option<String>, digits: usize, rule| {
                let text = needed(name, given)?.to_ascii_lowercase();
                let fits = text.strip_prefix("0x").is_some_and(|text| is_hex(text, digits));
                if fits { Ok(text) } else { Err(value(key(name), rule)) }
            };
            let node = needed("url", endpoint.url)?;
            url(key("url"), &node)?;
            let target = EndpointTarget::Evm {
                url: node,
                chain_id: endpoint.chain_id.ok_or_else(|| missing("chain_id"))?,
                genesis: prefixed("genesis", endpoint.genesis, 64, "0x and 64 hex digits")?,
                contract: prefixed("contract", endpoint.contract, 40, "0x and 40 hex digits")?,
                code_hash: prefixed("code_hash", endpoint.code_hash, 64, "0x and 64 hex digits")?,
                profile: endpoint.profile.unwrap_or_default(),
                account: typed_account(home, &key, endpoint.account.ok_or_else(|| missing("account"))?)?,
                timeout_s: timeout(key("timeout_s"), endpoint.timeout_s)?,
                fees: Box::new(fees(&key, endpoint.fees.unwrap_or_default())?),
            };
            // Nobody but the institution knows when its chain is final: no default.
            let finality = endpoint.finality.ok_or_else(|| missing("finality"))?;
            Ok(EndpointConfig {
                practice,
                payload,
                finality,
                target,
            })
        }
        raw::Kind::Http => Err(value(key("kind"), "http endpoints are not supported by this version")),
    }
}

fn typed_account(home: &Path, key: &impl Fn(&str) -> String, account: Account) -> Result<Account, ConfigError> {
    match account {
        Account::Pkcs11 { uri, .. } if !uri.starts_with("pkcs11:") || uri.contains("pin-value") => {
            Err(value(key("account.uri"), "an RFC 7512 URI without pin-value"))
        }
        Account::Pkcs11 {
            uri,
            address: Some(address),
        } => {
            let address = address.to_ascii_lowercase();
            let fits = address.strip_prefix("0x").is_some_and(|digits| is_hex(digits, 40));
            if fits {
                Ok(Account::Pkcs11 {
                    uri,
                    address: Some(address),
                })
            } else {
                Err(value(key("account.address"), "0x and 40 hex digits"))
            }
        }
        Account::Keyring { address } => {
            let address = address.to_ascii_lowercase();
            let fits = address.strip_prefix("0x").is_some_and(|digits| is_hex(digits, 40));
            if fits {
                Ok(Account::Keyring { address })
            } else {
                Err(value(key("account.address"), "0x and 40 hex digits"))
            }
        }
        Account::File { path } => Ok(Account::File { path: home.join(path) }),
        other => Ok(other),
    }
}

/// Caps that would let nothing through are a mistake.
fn fees(key: &impl Fn(&str) -> String, fees: Fees) -> Result<Fees, ConfigError> {
    let zeros = [
        ("max_fee_per_gas", fees.max_fee_per_gas == Some(0)),
        ("max_gas", fees.max_gas == Some(0)),
        ("max_total", fees.max_total == Some(0)),
        ("max_paid_attempts", fees.max_paid_attempts == Some(0)),
    ];
    match zeros.iter().find(|(_, zero)| *zero) {
        Some((name, _)) => Err(value(key(&format!("fees.{name}")), "more than 0")),
        None => Ok(fees),
    }
}

/// A scheme that we speak, a host, and no password where everybody can read it.
fn url(key: String, url: &str) -> Result<(), ConfigError> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let printable = url.bytes().all(|octet| octet.is_ascii_graphic());
    match host {
        Some(host) if printable && !host.is_empty() && !host.contains('@') => Ok(()),
        Some(host) if host.contains('@') => Err(value(key, "no user or password in a URL")),
        _ => Err(value(key, "an http or https URL")),
    }
}

fn timeout(key: String, seconds: Option<u64>) -> Result<u64, ConfigError> {
    let seconds = seconds.unwrap_or(TIMEOUT_S);
    if (1..=600).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(value(key, "1 to 600"))
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|octet| octet.is_ascii_hexdigit())
}

const fn value(key: String, rule: &'static str) -> ConfigError {
    ConfigError::Value { key, rule }
}
