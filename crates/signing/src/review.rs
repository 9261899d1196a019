//! open → review → approve: only what was shown can be approved, only what was approved can be prepared.
//!
//! Not its business: how it is shown. `Approved` holds the SHA-256 of the exact octets that the review was made from.

use std::collections::BTreeSet;

use countersign_pdf::{
    Document, OpenError,
    findings::{Finding, Severity},
    review::{Review as PdfReview, ReviewLimits},
};

use crate::{
    ledger::Ledger,
    ports::StoreError,
    source::{Prefix, SourceFacts},
};

/// A contract that was read into a private copy.
pub struct Contract {
    document: Document,
    prefix: Prefix,
    source: SourceFacts,
}

/// A contract with everything that an approver should know.
pub struct Review {
    contract: Contract,
    facts: PdfReview,
}

/// A contract whose exact octets were approved.
pub struct Approved {
    contract: Contract,
}

/// Whether the review allows an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signability {
    /// Nothing stands against it.
    Yes,
    /// Findings of severity `block` that nobody accepted, by code.
    Blocked(Vec<String>),
}

/// Why it was not approved. The review is given back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
pub enum ReviewError {
    /// The digest that was approved is not that of the reviewed octets.
    #[error("approved {approved}, reviewed {reviewed}")]
    ChangedSinceReview { approved: String, reviewed: String },
    /// Findings block it.
    #[error("findings block the approval: {codes:?}")]
    Blocked { codes: Vec<String> },
    /// The trace could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads the structure. Nothing is judged yet.
///
/// # Errors
/// When the file cannot be read well enough to be shown.
pub fn open(prefix: Prefix, source: SourceFacts) -> Result<Contract, OpenError> {
    let document = countersign_pdf::open(prefix.octets().clone())?;
    Ok(Contract {
        document,
        prefix,
        source,
    })
}

impl Contract {
    /// Looks for everything an approver should know.
    #[must_use]
    pub fn review(self, limits: &ReviewLimits) -> Review {
        let facts = self.document.review(limits);
        Review { contract: self, facts }
    }

    /// The structure.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The octets.
    #[must_use]
    pub fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// Name, size, digest.
    #[must_use]
    pub fn source(&self) -> &SourceFacts {
        &self.source
    }
}

impl Review {
    /// The facts to show.
    #[must_use]
    pub fn facts(&self) -> &PdfReview {
        &self.facts
    }

    /// The contract under review.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Whether findings stand against an approval; `accepted` are codes that the approver explicitly accepts.
    #[must_use]
    pub fn signability(&self, accepted: &BTreeSet<String>) -> Signability {
        let blocking = |finding: &&Finding| finding.severity == Severity::Block;
        let codes: BTreeSet<String> = self
            .facts
            .findings
            .iter()
            .filter(blocking)
            .map(|finding| finding.code.as_str().to_owned())
            .filter(|code| !accepted.contains(code))
            .collect();
        if codes.is_empty() {
            Signability::Yes
        } else {
            Signability::Blocked(codes.into_iter().collect())
        }
    }

    /// The explicit yes to exactly the octets with this SHA-256.
    ///
    /// # Errors
    /// Gives the review back.
    pub fn approve(
        self,
        shown_sha256: &[u8; 32],
        accepted: &BTreeSet<String>,
        ledger: &mut Ledger<'_>,
    ) -> Result<Approved, (Box<Self>, ReviewError)> {
        let reviewed = self.contract.source.sha256;
        if *shown_sha256 != reviewed {
            let error = ReviewError::ChangedSinceReview {
                approved: hex::encode(shown_sha256),
                reviewed: hex::encode(reviewed),
            };
            return Err((Box::new(self), error));
        }
        if let Signability::Blocked(codes) = self.signability(accepted) {
            return Err((Box::new(self), ReviewError::Blocked { codes }));
        }
        let accepted = accepted.iter().cloned().collect::<Vec<_>>().join(" ");
        let digest = hex::encode(reviewed);
        match ledger.trace("approve", &[("sha256", &digest), ("accepted", &accepted)]) {
            Ok(_) => Ok(Approved {
                contract: self.contract,
            }),
            Err(error) => Err((Box::new(self), error.into())),
        }
    }

    /// The explicit no.
    ///
    /// # Errors
    /// When the trace could not be written.
    pub fn reject(self, reason: &str, ledger: &mut Ledger<'_>) -> Result<(), StoreError> {
        let digest = hex::encode(self.contract.source.sha256);
        ledger
            .trace("reject", &[("sha256", &digest), ("reason", reason)])
            .map(|_| ())
    }
}

impl Approved {
    /// What was approved.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.contract
    }
}
