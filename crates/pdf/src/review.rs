//! What a person sees before approving: the facts of a document in one value.
//!
//! Everything here is bounded ([`ReviewLimits`]); a bound that is reached is itself a finding, and nothing is left out
//! silently. Not its business: whether the document may be signed (`Refusal`), and page pictures.

use std::cell::Cell;

use serde::Serialize;

use crate::document::Document;
use crate::fields::SignatureField;
use crate::findings::walk::walk;
use crate::findings::{Finding, FindingCode, Findings, Severity, file, forms, layers, pages, structure};
use crate::second_reader;
use crate::signatures::EmbeddedSignature;
use crate::signatures::fields::FieldTree;

pub(crate) mod source;
pub(crate) mod syntax;

/// How much a review may look at.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReviewLimits {
    /// Objects that are visited.
    pub objects: u64,
    /// Tokens that are read in them: what bounds the time.
    pub tokens: u64,
    /// How deep dictionaries and arrays may be nested in one object.
    pub depth: usize,
    /// The largest file that the second reader is given; 0 switches it off. It loads the whole file.
    pub second_reader_bytes: u64,
}

impl Default for ReviewLimits {
    /// The same for everybody who looks at a document or signs it: what is found must not depend on the way there.
    fn default() -> Self {
        Self {
            objects: 1_000_000,
            tokens: 20_000_000,
            depth: 64,
            second_reader_bytes: second_reader::MAX_BYTES,
        }
    }
}

#[cfg(test)]
impl ReviewLimits {
    /// For tests of single findings on files that only the first reader has to understand.
    pub(crate) fn first_reader() -> Self {
        Self {
            second_reader_bytes: 0,
            ..Self::default()
        }
    }
}

/// The facts of a document.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Review {
    /// The number of pages.
    pub pages: u32,
    /// The version that the file claims.
    pub pdf_version: String,
    /// Whether the file is encrypted; it opened without a password, so only rights are restricted.
    pub encrypted: bool,
    /// The revisions, the oldest first.
    pub revisions: Vec<RevisionFacts>,
    /// The signature fields.
    pub fields: Vec<SignatureField>,
    /// What the signatory has to know, the weightiest first.
    pub findings: Vec<Finding>,
}

/// One revision of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RevisionFacts {
    /// The byte after it.
    pub end: u64,
    /// The field whose signature covers all of it.
    pub signed_by: Option<String>,
}

impl Document {
    /// Reviews the document.
    #[must_use]
    pub fn review(&self, limits: &ReviewLimits) -> Review {
        self.review_with(limits, &self.signatures())
    }

    /// Reviews the document, given its signatures: for callers that need both.
    #[must_use]
    pub fn review_with(&self, limits: &ReviewLimits, signatures: &[EmbeddedSignature]) -> Review {
        let tree = FieldTree::read(self);
        let mut findings = Findings::default();
        let read = Cell::new(0);
        let source = source::Source::new(self, &read);
        walk(source, limits, &mut findings);
        if let Some((catalog, _)) = source.catalog() {
            layers::judge(&catalog, &mut findings);
            file::usage_rights(&catalog, &mut findings);
        }
        pages::judge(self, &mut findings);
        structure::judge(source, &mut findings);
        forms::judge(self, &tree, &mut findings);
        file::judge(self, signatures, &mut findings);
        if limits.second_reader_bytes > 0 {
            let reading = second_reader::compare_up_to(self, limits.second_reader_bytes);
            findings.extend(reading.findings());
        }
        let fields = if tree
            .fields()
            .iter()
            .filter(|field| field.kind.as_deref() == Some(b"Sig"))
            .count()
            > MAX_FIELDS
        {
            let detail = format!("more than {MAX_FIELDS} signature fields, none is listed");
            findings.add(FindingCode::BudgetExhausted, Severity::Warn, None, detail);
            Vec::new()
        } else {
            self.fields()
        };
        let signed_by = |end: u64| {
            let covers =
                |signature: &&EmbeddedSignature| signature.coverage.whole_revision && signature.revision_end == end;
            signatures.iter().find(covers).map(|signature| signature.field.clone())
        };
        Review {
            pages: self.page_count(),
            pdf_version: self.version(),
            encrypted: self.encrypted(),
            revisions: self
                .revisions_end()
                .into_iter()
                .map(|end| RevisionFacts {
                    end,
                    signed_by: signed_by(end),
                })
                .collect(),
            fields,
            findings: findings.into_vec(),
        }
    }
}

/// More signature fields than these are not listed.
const MAX_FIELDS: usize = 2000;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
