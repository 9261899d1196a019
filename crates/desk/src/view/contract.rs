//! A contract on the desk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

use super::StageName;

/// Everything the first screen shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DeskView {
    /// Newest first.
    pub contracts: Vec<ContractCard>,
    /// This desk works with practice means only: no evidential value.
    pub practice: bool,
    /// Nothing is configured yet: neither a module with a token nor an authority.
    pub first_start: bool,
}

/// One contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ContractCard {
    /// Opaque.
    pub id: String,
    /// File name as it was added.
    pub name: String,
    /// When it was added.
    pub added: String,
    /// When something last happened to it.
    pub changed: String,
    /// Octets; below 2 GiB.
    pub size: u32,
    /// Once it has been opened.
    pub pages: Option<u32>,
    /// First and last eight hex digits are what people compare.
    pub sha256: String,
    /// Where it stands.
    pub state: ContractState,
    /// While something runs: which stage.
    pub running: Option<StageName>,
    /// What went wrong last, until it is mended.
    pub fault: Option<FaultShown>,
    /// The file it was added from.
    pub source: SourceState,
    /// Name of the signed file, once it exists.
    pub output: Option<String>,
    /// Signatures that were in it when it was added.
    pub earlier_signatures: u32,
    /// Why it was rejected.
    pub rejected_because: Option<String>,
}

/// The groups of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ContractState {
    /// Nobody has decided yet.
    ToReview,
    /// Approved, and the token is not there, or its PIN was not given.
    WaitingForToken,
    /// Signed as B-B; the stamp is still to come.
    WaitingForStamp,
    /// Recorded; the payload waits for the person's word.
    ReadyToSubmit,
    /// Submitted, not final.
    WaitingForChain,
    /// Everything that was asked for is done.
    Done,
    /// Turned down with a reason.
    Rejected,
    /// Only a person can help: a blocked submission, an endpoint that contradicts itself, a file that is gone.
    NeedsAttention,
}

/// Whether the file on disk is still the one that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SourceState {
    /// Same octets.
    Unchanged,
    /// Other octets stand there now.
    Changed,
    /// There is no file any more.
    Missing,
}

/// A fault as the window shows it: text by code from the locale files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FaultShown {
    /// Stable, kebab-case.
    pub code: String,
    /// Where it happened.
    pub stage: String,
    /// retry, enter-pin, insert-token, change-settings, ask-sender, contact-support, none.
    pub remedy: String,
    /// Compared values.
    pub detail: BTreeMap<String, String>,
}

/// What a contract waits for, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Waiting {
    /// Since.
    pub since: String,
    /// Next try by itself, when there is one.
    pub next_try: Option<String>,
}
