//! The configuration as the program uses it: complete and checked.

use std::{collections::BTreeMap, path::PathBuf};

use countersign_evidence::PayloadMode;
use countersign_signing::{Level, ports::Finality};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Config {
    /// Signing.
    pub signing: Signing,
    /// PKCS#11 modules.
    pub modules: Vec<Module>,
    /// Time-stamping authorities, tried in order.
    pub tsa: Vec<Tsa>,
    /// Trust anchors and revocation.
    pub trust: Trust,
    /// Endpoints by name.
    pub endpoints: BTreeMap<String, EndpointConfig>,
    /// Where secrets are.
    pub secrets: Secrets,
}

/// `[signing]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signing {
    /// PAdES level, B-T unless given.
    pub level: Level,
    /// Name of the policy, `default` unless given.
    pub policy: String,
    /// Every page must have been shown before the approval; true unless given.
    pub render_all_pages_before_signing: bool,
    /// Typeface of visible signatures, a file; the program's own unless given, and for what this one lacks.
    pub font: Option<PathBuf>,
}

/// `[[pkcs11.module]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// What it is called in lists.
    pub name: String,
    /// The library.
    pub path: PathBuf,
    /// SHA-256 that the library must have, hex.
    pub sha256: Option<String>,
    /// Slots to look at; all unless given.
    pub slots: Option<Vec<u64>>,
}

/// `[[tsa]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tsa {
    /// http or https.
    pub url: String,
    /// Who we are to it.
    pub auth: TsaAuth,
    /// PEM with the only CAs that its TLS certificate may come from.
    pub ca: Option<PathBuf>,
    /// Digest of the message imprint.
    pub digest: Digest,
    /// Policy to ask for, dotted.
    pub policy_oid: Option<String>,
    /// Seconds until it counts as away; 20 unless given.
    pub timeout_s: u64,
}

/// How we show a time-stamping authority who we are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "auth", rename_all = "lowercase")]
pub enum TsaAuth {
    /// Not at all.
    None,
    /// HTTP basic authentication.
    Basic {
        /// User.
        user: String,
        /// Where the password is.
        password_from: SecretSource,
    },
    /// TLS client certificate.
    Mtls {
        /// PEM with key and certificate.
        identity: PathBuf,
    },
}

/// Digest of a message imprint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of the digests")]
pub enum Digest {
    #[default]
    Sha256,
    Sha384,
    Sha512,
    Sm3,
}

/// Where a secret is; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// `keyring:NAME`.
    Keyring(String),
    /// `file:PATH`, mode 0600.
    File(PathBuf),
}

impl Serialize for SecretSource {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keyring(name) => to.collect_str(&format_args!("keyring:{name}")),
            Self::File(path) => to.collect_str(&format_args!("file:{}", path.display())),
        }
    }
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text.split_once(':') {
            Some(("keyring", name)) if !name.is_empty() => Ok(Self::Keyring(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            // The text is not repeated: somebody may have put the secret itself there.
            _ => Err(D::Error::custom(
                "expected keyring:NAME or file:PATH, never the secret itself",
            )),
        }
    }
}

/// `[trust]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// Files or folders with certificates.
    pub anchors: Vec<PathBuf>,
    /// The same for time-stamping authorities.
    pub tsa_anchors: Vec<PathBuf>,
    /// Purposes of extKeyUsage (dotted) by which documents may be signed, beside those that always may.
    pub signer_purposes: Vec<String>,
    /// How revocation counts; `prefer` unless given.
    pub revocation: Revocation,
}

/// How revocation counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Revocation {
    /// Not known is not good enough.
    Require,
    /// Used where it is known.
    Prefer,
    /// Not looked at.
    Off,
}

/// `[endpoint.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndpointConfig {
    /// No evidential value.
    pub practice: bool,
    /// How much goes out.
    pub payload: PayloadMode,
    /// When an entry is final.
    pub finality: FinalityRule,
    /// What it is.
    pub target: EndpointTarget,
}

/// What an endpoint is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum EndpointTarget {
    /// The local journal.
    Journal,
    /// An EVM node over JSON-RPC. Everything that is pinned is mandatory.
    Evm {
        /// Node.
        url: String,
        /// eth_chainId.
        chain_id: u64,
        /// Hash of block 0, `0x` and 64 digits.
        genesis: String,
        /// Contract address, `0x` and 40 digits.
        contract: String,
        /// Keccak-256 of the contract's code, `0x` and 64 digits.
        code_hash: String,
        /// How it is spoken to.
        profile: EvmProfile,
        /// Whose key signs the transactions.
        account: Account,
        /// Seconds until it counts as away; 20 unless given.
        timeout_s: u64,
        /// What may be paid at most.
        fees: Box<Fees>,
    },
}

/// How a contract is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvmProfile {
    /// Our own registry.
    #[default]
    Registry,
    /// EAS `timestamp(bytes32)`.
    EasTimestamp,
    /// EAS `attest`.
    EasAttest,
}

/// Whose key signs transactions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "custody", rename_all = "lowercase", deny_unknown_fields)]
pub enum Account {
    /// A secp256k1 key on a token.
    Pkcs11 {
        /// RFC 7512, without a PIN.
        uri: String,
        /// `0x` and 40 digits. Without it the first use in a run costs one more signature, to learn the address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    /// A key in the keyring, under its address.
    Keyring {
        /// `0x` and 40 digits.
        address: String,
    },
    /// A key in a file, mode 0600.
    File {
        /// The file.
        path: PathBuf,
    },
    /// The node signs, or nobody: reading only.
    None,
}

/// What may be paid to a chain at most; what is absent has a safe default. Fees and total in wei, written as strings: they
/// may exceed what TOML and JSON keep exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fees {
    /// For one unit of gas, tip included.
    #[serde(with = "wei", skip_serializing_if = "Option::is_none")]
    pub max_fee_per_gas: Option<u128>,
    /// Tip for one unit of gas.
    #[serde(with = "wei", skip_serializing_if = "Option::is_none")]
    pub max_priority_fee: Option<u128>,
    /// Units of gas of one transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_gas: Option<u64>,
    /// Gas times fee of one transaction.
    #[serde(with = "wei", skip_serializing_if = "Option::is_none")]
    pub max_total: Option<u128>,
    /// Transactions that may be paid for one evidence before a person is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_paid_attempts: Option<u32>,
}

mod wei {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(value: &Option<u128>, to: S) -> Result<S::Ok, S::Error> {
        value.map(|value| value.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u128>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let digits = |text: &String| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        text.map(|text| digits(&text).then(|| text.parse().ok()).flatten().ok_or(()))
            .transpose()
            .map_err(|()| D::Error::custom("expected wei as a string of decimal digits"))
    }
}

/// `instant`, `confirmations:N` or `finalized`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinalityRule(pub Finality);

impl Serialize for FinalityRule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Finality::Instant => to.serialize_str("instant"),
            Finality::Confirmations(count) => to.collect_str(&format_args!("confirmations:{count}")),
            Finality::Finalized => to.serialize_str("finalized"),
        }
    }
}

impl<'de> Deserialize<'de> for FinalityRule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let confirmations = || {
            text.strip_prefix("confirmations:")?
                .parse()
                .ok()
                .filter(|count| *count > 0)
        };
        match text.as_str() {
            "instant" => Ok(Self(Finality::Instant)),
            "finalized" => Ok(Self(Finality::Finalized)),
            _ => match confirmations() {
                Some(count) => Ok(Self(Finality::Confirmations(count))),
                None => Err(D::Error::custom(
                    "expected instant, confirmations:N with N from 1, or finalized",
                )),
            },
        }
    }
}

/// `[secrets]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Secrets {
    /// Where they are; the keyring unless given.
    pub store: SecretStore,
}

/// Where secrets are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretStore {
    /// The desktop's keyring.
    #[default]
    Keyring,
    /// Files in the home folder, readable by whoever can read as this user. Only when the configuration says so.
    File,
}
