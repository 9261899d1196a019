//! The ports: everything that a signing session needs from outside, as small traits in the user's terms.
//!
//! Adapters (token, remote, store, engine) implement them. No adapter decides anything about a contract.

mod clock;
mod endpoint;
mod prompt;
mod storage;
mod timestamp;
mod token;

pub use clock::{Clock, Entropy};
pub use endpoint::{
    AccountPrompt, Attempt, Endpoint, EndpointError, EndpointFacts, EndpointKind, Finality, Found, Status, Submission,
};
pub use prompt::{Pin, PinAsk, PinFlags, PinPurpose, PinRefusal, Prompt};
pub use storage::{Outbox, OutboxRow, OutboxState, SessionRow, Sessions, StoreError, Trace};
pub use timestamp::{RemoteError, TimestampAuthority};
pub use token::{Credential, KeyFacts, KeyKind, ToSign, Token, TokenError, TokenFacts};
