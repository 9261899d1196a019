//! What crosses to the window: ids, choices, facts to show. No path, no contract bytes, no PIN.
//!
//! Not its business: how it is shown (ui), how it comes about (the modules beside this one). Every type is exported to
//! TypeScript; numbers fit a JavaScript number, times are RFC 3339, digests lower-case hex, pages count from 1.

mod contract;
mod credential;
mod event;
mod receipt;
mod review;
mod settings;
mod sign;
mod verify;

pub use contract::{ContractCard, ContractState, DeskView, FaultShown, SourceState, Waiting};
pub use credential::{CredentialCard, CredentialProblem, PinState, TokenCard, TokenTrouble, TokensView};
pub use event::DeskEvent;
pub use receipt::{PayloadField, PayloadView, Receipt, StageEntry, StageName, StageState};
pub use review::{FieldShown, FindingShown, FindingWeight, PageSize, RefusalShown, ReviewSheet, RevisionShown};
pub use settings::{
    AboutView, AnchorUse, AnchorView, EndpointView, Language, LibraryView, ModuleView, Probe, SettingsChange,
    SettingsView, Theme, TsaView,
};
pub use sign::{EndpointChoice, Place, SignChoices, SignDraft, SignOptions, TsaChoice, Where};
pub use verify::{
    BottomLine, ChainFact, ChangeShown, IntegrityFact, LaterChangesFact, SignatureFacts, TimeFact, TrustFact,
    VerifyFinding, VerifyView,
};
