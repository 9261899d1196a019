//! Faults in the form that shells branch on: code, stage, remedy, exit status, compared values. Never text.
//!
//! Not its business: what people read (locale files of the shells).

use countersign_signing::{Stage, ports};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a person can do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Try again later; everything is kept.
    Retry,
    /// Give the PIN.
    EnterPin,
    /// Insert the token.
    InsertToken,
    /// Change the settings or the arguments.
    ChangeSettings,
    /// Ask the sender for another file.
    AskSender,
    /// Ask whoever issues the token or runs the service.
    ContactSupport,
    /// Nothing can be done about this file.
    None,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fault {
    /// Stable, kebab-case.
    pub code: String,
    /// Where it happened.
    pub stage: Stage,
    /// What to do.
    pub remedy: Remedy,
    /// Compared values.
    pub detail: Map<String, Value>,
    /// Exit status of the command line.
    #[serde(skip)]
    pub exit: u8,
}

/// Exit statuses of INTERFACE.
pub mod exit {
    #![expect(missing_docs, reason = "INTERFACE's table of exit statuses")]
    pub const DONE: u8 = 0;
    pub const FAILED: u8 = 1;
    pub const INDETERMINATE: u8 = 2;
    pub const NO_SIGNATURE: u8 = 3;
    pub const USAGE: u8 = 64;
    pub const UNUSABLE: u8 = 65;
    pub const MISSING: u8 = 66;
    pub const SERVICE: u8 = 69;
    pub const INTERNAL: u8 = 70;
    pub const NOT_WRITABLE: u8 = 73;
    pub const QUEUED: u8 = 75;
    pub const REFUSED: u8 = 77;
}

/// Every code with its exit status and remedy. A code that is missing here is internal.
pub const CATALOGUE: &[(&str, u8, Remedy)] = &[
    ("account-unusable", exit::REFUSED, Remedy::ChangeSettings),
    ("already-certified", exit::REFUSED, Remedy::None),
    ("approval-needed", exit::REFUSED, Remedy::ChangeSettings),
    ("cancelled", exit::REFUSED, Remedy::Retry),
    ("certificate-changed", exit::REFUSED, Remedy::ContactSupport),
    ("certificate-expired", exit::REFUSED, Remedy::ContactSupport),
    ("certificate-not-yet-valid", exit::REFUSED, Remedy::ContactSupport),
    ("certificate-key-usage", exit::REFUSED, Remedy::ContactSupport),
    ("certificate-weak-key", exit::REFUSED, Remedy::ContactSupport),
    ("certificate-algorithm", exit::REFUSED, Remedy::ContactSupport),
    ("certificate-is-ca", exit::REFUSED, Remedy::ContactSupport),
    ("certificate-unreadable", exit::REFUSED, Remedy::ContactSupport),
    ("certify-not-first", exit::REFUSED, Remedy::None),
    ("chain-mismatch", exit::REFUSED, Remedy::ChangeSettings),
    ("chain-violated", exit::FAILED, Remedy::ContactSupport),
    ("changed-since-review", exit::REFUSED, Remedy::Retry),
    ("config-locked", exit::USAGE, Remedy::ContactSupport),
    ("config-unusable", exit::USAGE, Remedy::ChangeSettings),
    ("content-blocked", exit::REFUSED, Remedy::AskSender),
    ("contents-too-small", exit::REFUSED, Remedy::Retry),
    ("credential-ambiguous", exit::USAGE, Remedy::ChangeSettings),
    ("credential-missing", exit::SERVICE, Remedy::InsertToken),
    ("damaged-pages", exit::UNUSABLE, Remedy::AskSender),
    ("damaged-xref", exit::UNUSABLE, Remedy::AskSender),
    ("docmdp-forbids", exit::REFUSED, Remedy::None),
    ("duplicate-field-name", exit::REFUSED, Remedy::AskSender),
    ("encrypted", exit::UNUSABLE, Remedy::AskSender),
    ("endpoint-malformed", exit::SERVICE, Remedy::ContactSupport),
    ("endpoint-refused", exit::SERVICE, Remedy::Retry),
    ("endpoint-rejected", exit::REFUSED, Remedy::ContactSupport),
    ("endpoint-unknown", exit::USAGE, Remedy::ChangeSettings),
    ("endpoint-unreachable", exit::SERVICE, Remedy::Retry),
    ("endpoint-untrusted", exit::SERVICE, Remedy::ChangeSettings),
    ("fee-limit", exit::QUEUED, Remedy::ChangeSettings),
    ("field-already-signed", exit::REFUSED, Remedy::ChangeSettings),
    ("field-locked", exit::REFUSED, Remedy::None),
    ("field-missing", exit::REFUSED, Remedy::ChangeSettings),
    ("field-not-signature", exit::REFUSED, Remedy::ChangeSettings),
    ("font-unusable", exit::UNUSABLE, Remedy::ChangeSettings),
    ("held", exit::QUEUED, Remedy::None),
    ("image-unusable", exit::UNUSABLE, Remedy::ChangeSettings),
    ("input-missing", exit::MISSING, Remedy::ChangeSettings),
    ("input-unreadable", exit::MISSING, Remedy::ChangeSettings),
    ("input-unusable", exit::UNUSABLE, Remedy::AskSender),
    ("internal", exit::INTERNAL, Remedy::ContactSupport),
    ("journal-unusable", exit::SERVICE, Remedy::ContactSupport),
    ("key-mismatch", exit::REFUSED, Remedy::ContactSupport),
    ("key-without-certificate", exit::REFUSED, Remedy::ChangeSettings),
    ("level-unsupported", exit::USAGE, Remedy::ChangeSettings),
    ("mechanism-missing", exit::REFUSED, Remedy::ChangeSettings),
    ("module-crashed", exit::SERVICE, Remedy::ContactSupport),
    ("module-hung", exit::SERVICE, Remedy::ContactSupport),
    ("module-load", exit::SERVICE, Remedy::ChangeSettings),
    ("module-refused", exit::SERVICE, Remedy::ContactSupport),
    ("no-credential", exit::USAGE, Remedy::ChangeSettings),
    ("no-signature", exit::NO_SIGNATURE, Remedy::None),
    ("not-a-pdf", exit::UNUSABLE, Remedy::AskSender),
    ("not-extendable", exit::REFUSED, Remedy::None),
    ("not-verified", exit::INTERNAL, Remedy::ContactSupport),
    ("not-final-yet", exit::QUEUED, Remedy::Retry),
    ("offline", exit::QUEUED, Remedy::Retry),
    ("output-exists", exit::NOT_WRITABLE, Remedy::ChangeSettings),
    ("output-is-source", exit::NOT_WRITABLE, Remedy::ChangeSettings),
    ("output-not-writable", exit::NOT_WRITABLE, Remedy::ChangeSettings),
    ("page-missing", exit::REFUSED, Remedy::ChangeSettings),
    ("page-tree-ambiguous", exit::UNUSABLE, Remedy::AskSender),
    ("practice-unavailable", exit::SERVICE, Remedy::ChangeSettings),
    ("paid-attempts", exit::REFUSED, Remedy::ContactSupport),
    ("pin-count-low", exit::REFUSED, Remedy::EnterPin),
    ("pin-expired", exit::REFUSED, Remedy::ContactSupport),
    ("pin-final-try", exit::REFUSED, Remedy::EnterPin),
    ("pin-incorrect", exit::REFUSED, Remedy::EnterPin),
    ("pin-locked", exit::REFUSED, Remedy::ContactSupport),
    ("pin-needed", exit::REFUSED, Remedy::EnterPin),
    ("placement-outside-page", exit::REFUSED, Remedy::ChangeSettings),
    ("png-unusable", exit::UNUSABLE, Remedy::ChangeSettings),
    ("practice-only", exit::REFUSED, Remedy::ChangeSettings),
    ("record-unknown", exit::MISSING, Remedy::ChangeSettings),
    ("record-unusable", exit::INTERNAL, Remedy::ContactSupport),
    ("signature-not-verified", exit::SERVICE, Remedy::ContactSupport),
    ("skipped", exit::REFUSED, Remedy::Retry),
    ("store-busy", exit::NOT_WRITABLE, Remedy::Retry),
    ("store-unusable", exit::NOT_WRITABLE, Remedy::ContactSupport),
    ("token-absent", exit::SERVICE, Remedy::InsertToken),
    ("token-removed", exit::SERVICE, Remedy::InsertToken),
    ("too-large", exit::UNUSABLE, Remedy::AskSender),
    ("trust-unusable", exit::USAGE, Remedy::ChangeSettings),
    ("tsa-invalid", exit::QUEUED, Remedy::ContactSupport),
    ("tsa-not-configured", exit::QUEUED, Remedy::ChangeSettings),
    ("tsa-refused", exit::QUEUED, Remedy::Retry),
    ("tsa-unreachable", exit::QUEUED, Remedy::Retry),
    ("tsa-untrusted", exit::QUEUED, Remedy::ChangeSettings),
    ("unsupported", exit::UNUSABLE, Remedy::None),
    ("uri-unusable", exit::USAGE, Remedy::ChangeSettings),
    ("usage", exit::USAGE, Remedy::ChangeSettings),
];

impl Fault {
    /// Looks exit status and remedy up.
    #[must_use]
    pub fn new(stage: Stage, code: &str) -> Self {
        let entry = CATALOGUE.iter().find(|(known, ..)| *known == code);
        let (exit, remedy) = entry.map_or((exit::INTERNAL, Remedy::ContactSupport), |(_, exit, remedy)| {
            (*exit, *remedy)
        });
        Self {
            code: code.to_owned(),
            stage,
            remedy,
            detail: Map::new(),
            exit,
        }
    }

    /// Adds a compared value.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(key.to_owned(), value.into());
        self
    }

    /// Adds what the error says, in its own words, for support.
    #[must_use]
    pub fn because(self, error: &dyn std::fmt::Display) -> Self {
        let said: String = error.to_string().chars().take(500).collect();
        self.with("reason", said)
    }

    /// The same with another exit status: a fault may cost more or less depending on where it strikes.
    #[must_use]
    pub const fn exiting(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }

    /// A fault of a token.
    #[must_use]
    pub fn token(stage: Stage, error: &ports::TokenError) -> Self {
        use ports::TokenError as E;
        let fault = Self::new(stage, error.code());
        match error {
            E::PinIncorrect { flags } => fault.with("tries", tries(*flags)),
            E::PinRefused(ports::PinRefusal::CountLow) => fault.with("tries", "low"),
            E::PinRefused(ports::PinRefusal::FinalTry) => fault.with("tries", "final"),
            E::ModuleRefused { function, rv } => fault.with("function", function.as_str()).with("rv", rv.as_str()),
            other => fault.because(other),
        }
    }

    /// A fault of the store.
    #[must_use]
    pub fn store(stage: Stage, error: &ports::StoreError) -> Self {
        let code = if matches!(error, ports::StoreError::Busy { .. }) {
            "store-busy"
        } else {
            "store-unusable"
        };
        Self::new(stage, code).because(error)
    }

    /// A fault of an endpoint.
    #[must_use]
    pub fn endpoint(error: &ports::EndpointError) -> Self {
        let fault = Self::new(Stage::Submit, error.code());
        match error {
            ports::EndpointError::Mismatch { what, pinned, seen } => fault
                .with("what", *what)
                .with("pinned", pinned.as_str())
                .with("seen", seen.as_str()),
            ports::EndpointError::Account(token) => Self::token(Stage::Submit, token),
            other => fault.because(other),
        }
    }
}

/// What the flags say of the tries that are left: many, low, final, locked.
const fn tries(flags: ports::PinFlags) -> &'static str {
    match () {
        () if flags.locked => "locked",
        () if flags.final_try => "final",
        () if flags.count_low => "low",
        () => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_names_each_code_once_and_in_order() {
        for pair in CATALOGUE.windows(2) {
            let [(first, ..), (second, ..)] = pair else { continue };
            assert!(first != second, "{first} twice");
        }
        let known: std::collections::BTreeSet<&str> = CATALOGUE.iter().map(|(code, ..)| *code).collect();
        assert_eq!(known.len(), CATALOGUE.len());
    }

    #[test]
    fn an_unknown_code_is_internal_and_says_so() {
        let fault = Fault::new(Stage::Sign, "no-such-code");
        assert_eq!((fault.exit, fault.remedy), (exit::INTERNAL, Remedy::ContactSupport));
    }
}
