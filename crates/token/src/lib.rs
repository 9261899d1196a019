//! PKCS#11 tokens behind the port `Token`: modules, slots, credentials, PIN states, the choice of a mechanism.
//!
//! In scope: loading a module and saying why it cannot be, RFC 7512 URIs, pairing keys with certificates, logging in
//! with one PIN per question, one signature per call, verified before it is handed out.
//! Out of scope: what may be signed (countersign-signing), signature arithmetic (countersign-cms), validity and trust
//! (countersign-trust), dialogs (the shells). A module runs in this process; everything that crosses the port is plain
//! data, so that it can run in another one.
//!
//! Invariants: a PIN is in no log, no error and no `Debug`; never more than one try without a question; nothing is
//! signed to find something out; an object that cannot be used is listed with its reason.

mod account;
mod certificate;
mod inventory;
mod known;
mod login;
mod material;
mod mechanism;
mod module;
mod pairing;
mod raw;
mod refusal;
mod sign;
mod slots;
mod supplement;
mod survey;
mod tokens;
pub mod uri;

pub use known::{KnownModule, installed_modules, known_modules};
pub use module::{ModuleConfig, ModuleFacts};
pub use survey::{CredentialSurvey, ModuleSurvey, Reason, SlotSurvey, Trouble, Unusable};
pub use tokens::Pkcs11Tokens;
pub use uri::{ObjectType, Uri, UriError};
