//! Tokens and the credentials on them, as cards.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::FaultShown;

/// Everything found when it was last looked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct TokensView {
    /// When it was looked.
    pub at: String,
    /// Usable ones first.
    pub credentials: Vec<CredentialCard>,
    /// Tokens without a usable credential are here too.
    pub tokens: Vec<TokenCard>,
    /// Modules and slots that could not be read.
    pub troubles: Vec<TokenTrouble>,
}

/// A key with its certificate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CredentialCard {
    /// Opaque; holds until the program ends.
    pub id: String,
    /// Common name of the subject.
    pub person: String,
    /// Organisation of the subject, or empty.
    pub organisation: String,
    /// Whole subject.
    pub subject: String,
    /// Common name of the issuer.
    pub issuer: String,
    /// Start of validity.
    pub not_before: String,
    /// End of validity.
    pub not_after: String,
    /// Days until `not_after`; negative when it is past.
    pub days_left: i32,
    /// SHA-256 of the certificate.
    pub certificate_sha256: String,
    /// For instance `RSA 2048`.
    pub key: String,
    /// Algorithm that would be used, or empty.
    pub algorithm: String,
    /// The key is not confined to the token.
    pub extractable: bool,
    /// Asks for the PIN at every signature.
    pub pin_each_time: bool,
    /// Its token.
    pub token: TokenCard,
    /// Why it cannot sign.
    pub problem: Option<CredentialProblem>,
}

/// Why a credential cannot sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CredentialProblem {
    /// Code as in faults: certificate-expired, certificate-key-usage, key-mismatch …
    pub code: String,
    /// Compared values.
    pub detail: String,
}

/// A token in a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TokenCard {
    /// Label.
    pub label: String,
    /// Serial number.
    pub serial: String,
    /// Manufacturer.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Configured name of its module.
    pub module: String,
    /// State of the PIN.
    pub pin: PinState,
    /// The PIN is entered on the device.
    pub pin_pad: bool,
    /// A practice token.
    pub practice: bool,
}

/// What the token says of the tries that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum PinState {
    /// Nothing unusual.
    Ok,
    /// A wrong PIN was entered since the last right one.
    CountLow,
    /// The next wrong one locks it.
    FinalTry,
    /// Locked.
    Locked,
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TokenTrouble {
    /// Configured name of the module.
    pub module: String,
    /// Slot description, or empty.
    pub slot: String,
    /// Why.
    pub fault: FaultShown,
}
