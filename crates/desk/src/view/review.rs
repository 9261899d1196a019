//! What a reviewer sees beside the pages.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{ContractCard, FaultShown, SignatureFacts};

/// All facts of one contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ReviewSheet {
    /// The card.
    pub card: ContractCard,
    /// SHA-256 of exactly the octets that are shown.
    pub sha256: String,
    /// SM3 of the same.
    pub sm3: String,
    /// Pages.
    pub pages: u32,
    /// Size of each page in points, as shown (after /Rotate).
    pub page_sizes: Vec<PageSize>,
    /// Header or catalog version.
    pub pdf_version: String,
    /// Encrypted.
    pub encrypted: bool,
    /// Oldest first.
    pub revisions: Vec<RevisionShown>,
    /// Signature fields.
    pub fields: Vec<FieldShown>,
    /// Heaviest first.
    pub findings: Vec<FindingShown>,
    /// What stands in it already.
    pub signatures: Vec<SignatureFacts>,
    /// Nothing stands against signing but, perhaps, findings to accept.
    pub signable: bool,
    /// What stands against signing.
    pub refusals: Vec<RefusalShown>,
    /// Pages that were seen, ascending.
    pub seen: Vec<u32>,
    /// Every page must be seen before it can be approved.
    pub all_pages_must_be_seen: bool,
    /// Pages of which the window's reader could not show everything, ascending.
    pub unreviewable: Vec<u32>,
    /// Of these, the pages whose picture by the signing engine was seen.
    pub seen_as_picture: Vec<u32>,
    /// Why the signing engine's own picture cannot be made, when it cannot.
    pub picture_fault: Option<FaultShown>,
}

/// Points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
pub struct PageSize {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// One revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RevisionShown {
    /// Where it ends, in octets.
    pub end: u32,
    /// Field whose signature covers it.
    pub signed_by: Option<String>,
}

/// A signature field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct FieldShown {
    /// Fully qualified.
    pub name: String,
    /// Where it is seen.
    pub page: Option<u32>,
    /// x0, y0, x1, y1 in the page's own points.
    pub rect: Option<[f64; 4]>,
    /// Holds a signature.
    pub signed: bool,
    /// Signing it locks other fields.
    pub locks: bool,
}

/// Something unusual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FindingShown {
    /// Stable.
    pub code: String,
    /// How much it weighs.
    pub weight: FindingWeight,
    /// Where it is.
    pub page: Option<u32>,
    /// Facts.
    pub detail: String,
}

/// How much it weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum FindingWeight {
    /// Cannot be signed unless it is accepted explicitly.
    Block,
    /// Worth a look.
    Warn,
    /// Good to know.
    Note,
}

/// Why it cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefusalShown {
    /// Stable.
    pub code: String,
    /// Facts.
    pub detail: String,
}
