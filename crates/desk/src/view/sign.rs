//! What can be chosen for a signature, and what was chosen.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::FieldShown;

/// Everything to choose from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SignOptions {
    /// The contract.
    pub contract: String,
    /// Empty signature fields.
    pub fields: Vec<FieldShown>,
    /// A new visible field may be placed.
    pub may_place: bool,
    /// `B-B`, `B-T`; the default first.
    pub levels: Vec<String>,
    /// Configured authorities, in order.
    pub tsas: Vec<TsaChoice>,
    /// Configured endpoints.
    pub endpoints: Vec<EndpointChoice>,
    /// File name of the result.
    pub output_name: String,
    /// Last component of the folder that it goes to.
    pub output_folder: String,
    /// Credential that was used last, if it is there.
    pub last_credential: Option<String>,
    /// Reasons used before.
    pub reasons: Vec<String>,
    /// What was written here before, approved or not.
    pub draft: Option<SignDraft>,
    /// Blocking findings that an approval which waits for its token has accepted, by code.
    pub accepted: Vec<String>,
}

/// What is written on the sign screen: kept from the first word on, so that neither another screen nor a restart loses it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SignDraft {
    /// Credential id; empty: the person has not chosen one.
    pub credential: String,
    /// How the signature is to be seen.
    #[serde(rename = "where")]
    pub at: Where,
    /// Existing field, or empty.
    pub field: String,
    /// New visible field, if one was drawn.
    pub place: Option<Place>,
    /// Reason, or empty.
    pub reason: String,
    /// Location, or empty.
    pub location: String,
    /// `B-B` or `B-T`.
    pub level: String,
    /// Only this authority; `None`: all configured ones in order.
    pub tsa: Option<u32>,
    /// Endpoint by name; `None`: nothing is submitted.
    pub endpoint: Option<String>,
    /// Submit without asking again.
    pub submit_at_once: bool,
}

/// How a signature is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// Not at all.
    Invisible,
    /// In a field that the contract has.
    Field,
    /// In a new field.
    Place,
}

/// A time-stamping authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TsaChoice {
    /// Position in the configuration.
    pub index: u32,
    /// Host.
    pub host: String,
    /// Practice.
    pub practice: bool,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct EndpointChoice {
    /// Configured name.
    pub name: String,
    /// `journal` (never called a chain), `evm`.
    pub kind: String,
    /// `full`, `digests`, `commit`.
    pub payload: String,
    /// Host, or empty.
    pub host: String,
    /// Practice.
    pub practice: bool,
}

/// What the person chose. Ids and choices only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SignChoices {
    /// The contract.
    pub contract: String,
    /// SHA-256 that the window showed; compared with the private copy's.
    pub sha256: String,
    /// Credential id.
    pub credential: String,
    /// `B-B` or `B-T`.
    pub level: String,
    /// Existing field.
    pub field: Option<String>,
    /// New visible field.
    pub place: Option<Place>,
    /// Reason, or empty.
    pub reason: String,
    /// Location, or empty.
    pub location: String,
    /// Only this authority; `None`: all configured ones in order.
    pub tsa: Option<u32>,
    /// Endpoint by name; `None`: nothing is submitted.
    pub endpoint: Option<String>,
    /// Submit without asking again. Otherwise the exact payload is shown first.
    pub submit_at_once: bool,
    /// Blocking findings accepted, by code.
    pub accepted: Vec<String>,
}

/// A box on a page, in the page's own points, origin bottom left, before /Rotate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct Place {
    /// Page.
    pub page: u32,
    /// Left.
    pub x: f64,
    /// Bottom.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}
