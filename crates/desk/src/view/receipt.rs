//! What became of an approval: each stage, what it proves, what is still to come.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{ContractCard, FaultShown};

/// The whole receipt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Receipt {
    /// The card.
    pub card: ContractCard,
    /// In the order of the flow.
    pub stages: Vec<StageEntry>,
    /// Digest of the signed file, once it exists.
    pub sha256_after: Option<String>,
    /// Signature field.
    pub field: Option<String>,
    /// Level reached: `B-B`, `B-T`.
    pub level: Option<String>,
    /// Level asked for.
    pub level_wanted: Option<String>,
    /// Evidence digest: the key under which anybody finds it.
    pub evidence: Option<String>,
    /// Record id.
    pub record_id: Option<String>,
    /// What goes, or went, to the endpoint, exactly.
    pub payload: Option<PayloadView>,
    /// The payload waits for the person's word.
    pub may_submit: bool,
    /// Trying again now makes sense.
    pub may_retry: bool,
    /// Made with practice means.
    pub practice: bool,
}

/// Stages of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum StageName {
    /// Read into the private copy.
    Opened,
    /// The person said yes.
    Approved,
    /// The token made the signature value.
    Signed,
    /// The authority stamped it.
    Stamped,
    /// It stands in the file, and was verified there.
    Embedded,
    /// The evidence record was made.
    Recorded,
    /// The endpoint has it.
    Submitted,
    /// By the endpoint's rule it will not be undone.
    Final,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StageEntry {
    /// Which.
    pub stage: StageName,
    /// How it stands.
    pub state: StageState,
    /// When it was reached.
    pub at: Option<String>,
    /// Facts: `tsa`, `gen_time`, `transaction`, `block_number`, `endpoint`, `sha256`, `algorithm`, `signer` …
    pub facts: BTreeMap<String, String>,
    /// Why it did not go on.
    pub fault: Option<FaultShown>,
    /// Next try by itself.
    pub next_try: Option<String>,
}

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum StageState {
    /// Reached.
    Done,
    /// Runs now.
    Running,
    /// Its turn has come; waits for a service, a token or a person.
    Waiting,
    /// Its turn has not come.
    Ahead,
    /// Was not asked for.
    NotWanted,
    /// Only a person can help.
    Failed,
}

/// What goes to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PayloadView {
    /// Endpoint's name.
    pub endpoint: String,
    /// `journal`, `evm`.
    pub kind: String,
    /// Host, or empty.
    pub host: String,
    /// `full`, `digests`, `commit`.
    pub mode: String,
    /// Every field; nothing else goes.
    pub fields: Vec<PayloadField>,
    /// Practice.
    pub practice: bool,
}

/// One field of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PayloadField {
    /// `evidence`, `document.sha256`, `signature.value`, `timestamp.token` …
    pub name: String,
    /// Hex or base64; `None` before it exists.
    pub value: Option<String>,
}
