//! What a review must point out in a document before somebody signs it (active content, content that a reader may not
//! show, parts that come from elsewhere): one file a family, and one bounded walk over everything reachable.
//!
//! Not its business: whether a policy lets the document be signed, what changed after a signature, and page pixels.

use serde::Serialize;

mod actions;
mod annotations;
mod attachments;
pub(crate) mod file;
mod fonts;
pub(crate) mod forms;
pub(crate) mod layers;
pub(crate) mod pages;
pub(crate) mod structure;
pub(crate) mod walk;

/// One thing that the signatory has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What it is.
    pub code: FindingCode,
    /// How much it weighs for somebody who is bound by the signature.
    pub severity: Severity,
    /// The page it belongs to, counted from 1, where it belongs to one.
    pub page: Option<u32>,
    /// Short facts: object number, host, name. At most 200 characters.
    pub detail: String,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// The shown pages may not be all there is.
    Warn,
    /// What is shown need not be what another reader shows or does.
    Block,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $code:literal,)*) => {
        /// What was found. The codes are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FindingCode {
            $($(#[doc = $doc])* $variant,)*
        }

        impl FindingCode {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it stands in reports.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

codes! {
    /// A bound of the review was reached; the rest was not looked at.
    BudgetExhausted = "budget-exhausted",
    /// The file went on after the last bytes that a signature covers.
    ChangedAfterSignature = "changed-after-signature",
    /// Bytes follow the last end-of-file marker.
    ContentAfterEof = "content-after-eof",
    /// Bytes precede the header.
    ContentBeforeHeader = "content-before-header",
    /// The content of a page cannot be decoded, or not by every reader.
    ContentUndecodable = "content-undecodable",
    /// The cross-reference chain is not as it should be.
    DamagedXref = "damaged-xref",
    /// A key stands in a dictionary twice.
    DuplicateKey = "duplicate-key",
    /// An object stream has an object twice.
    DuplicateObject = "duplicate-object",
    /// Two form fields share one name.
    DuplicateFieldName = "duplicate-field-name",
    /// A file is carried inside.
    EmbeddedFile = "embedded-file",
    /// The file is encrypted.
    Encrypted = "encrypted",
    /// A stream takes its data from another file.
    ExternalStream = "external-stream",
    /// An annotation has content and is not shown.
    HiddenAnnotation = "hidden-annotation",
    /// An action shows or hides annotations.
    HideAction = "hide-action",
    /// A page of an implausible size.
    HugePage = "huge-page",
    /// The table and the hidden stream of a hybrid file give different objects.
    HybridDiffers = "hybrid-differs",
    /// An action fills the form from a file.
    ImportDataAction = "import-data-action",
    /// A script.
    Javascript = "javascript",
    /// An action starts a program or opens a file.
    LaunchAction = "launch-action",
    /// A font is not embedded: another reader may draw other shapes.
    NonEmbeddedFont = "non-embedded-font",
    /// The second reader did not look at the file.
    NotCompared = "not-compared",
    /// An object stands within another one, or again further on: a reader that repairs the file takes another.
    ObjectOverlap = "object-overlap",
    /// Content that can be switched on and off.
    OptionalContent = "optional-content",
    /// Readers do not agree about the page tree, or might not.
    PageTreeAmbiguous = "page-tree-ambiguous",
    /// A page that names no resources.
    PageWithoutResources = "page-without-resources",
    /// A page without a size, or with one that readers take differently.
    PageWithoutSize = "page-without-size",
    /// The two readers do not see the same document.
    ReadersDisagree = "readers-disagree",
    /// An action opens another document.
    RemoteGotoAction = "remote-goto-action",
    /// Sound, film, 3D and the like.
    RichMedia = "rich-media",
    /// An action sends the form somewhere.
    SubmitForm = "submit-form",
    /// A signature has a fault of form that a reader of the document should know.
    SignatureAnomaly = "signature-anomaly",
    /// Where a stream ends is in doubt.
    StreamLength = "stream-length",
    /// Nested deeper than the review goes.
    TooDeep = "too-deep",
    /// A signature of a kind that is not understood.
    UnknownSubFilter = "unknown-sub-filter",
    /// An object cannot be read.
    UnreadableObject = "unreadable-object",
    /// A link to the web.
    UriAction = "uri-action",
    /// A second description of the form (XFA), which some readers show instead of the pages.
    Xfa = "xfa",
}

impl Serialize for FindingCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Findings of one code that are listed one by one; further ones are counted.
const LISTED_PER_CODE: usize = 20;
const DETAIL_CHARACTERS: usize = 200;

/// Collects findings; a code that occurs very often is cut to a list and a count, never dropped silently.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    listed: Vec<Finding>,
    more: Vec<(FindingCode, Severity, u64)>,
}

impl Findings {
    pub(crate) fn add(&mut self, code: FindingCode, severity: Severity, page: Option<u32>, detail: impl Into<String>) {
        let detail = bounded(detail.into());
        let same = self
            .listed
            .iter()
            .filter(|finding| finding.code == code && finding.severity == severity);
        if same
            .clone()
            .any(|finding| finding.page == page && finding.detail == detail)
        {
            return;
        }
        if same.count() < LISTED_PER_CODE {
            self.listed.push(Finding {
                code,
                severity,
                page,
                detail,
            });
        } else if let Some(more) = self.more.iter_mut().find(|more| more.0 == code && more.1 == severity) {
            more.2 += 1;
        } else {
            self.more.push((code, severity, 1));
        }
    }

    /// Adds what is told once for the whole document, with the first page where it occurs.
    pub(crate) fn add_once(
        &mut self,
        code: FindingCode,
        severity: Severity,
        page: Option<u32>,
        detail: impl Into<String>,
    ) {
        let detail = bounded(detail.into());
        if !self
            .listed
            .iter()
            .any(|known| known.code == code && known.severity == severity && known.detail == detail)
        {
            self.add(code, severity, page, detail);
        }
    }

    /// Whether something of this code was found.
    pub(crate) fn has(&self, code: FindingCode) -> bool {
        self.listed.iter().any(|finding| finding.code == code)
    }

    /// Takes over findings made elsewhere.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.add(finding.code, finding.severity, finding.page, finding.detail);
        }
    }

    /// The weightiest first, then by page.
    pub(crate) fn into_vec(mut self) -> Vec<Finding> {
        for (code, severity, count) in self.more {
            self.listed.push(Finding {
                code,
                severity,
                page: None,
                detail: format!("and {count} more"),
            });
        }
        self.listed.sort_by_key(|finding| {
            (
                std::cmp::Reverse(finding.severity),
                finding.code,
                finding.page.is_none(),
                finding.page,
            )
        });
        self.listed
    }
}

/// Nothing that could forge lines in a report; long details end in an ellipsis.
pub(crate) fn bounded(detail: String) -> String {
    countersign_plain_text::bounded(&detail, DETAIL_CHARACTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_kebab_case() {
        let codes: std::collections::HashSet<_> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), FindingCode::ALL.len());
        assert!(
            codes
                .iter()
                .all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
        );
    }

    #[test]
    fn many_findings_are_counted() {
        let mut findings = Findings::default();
        for page in 0..1000 {
            findings.add(FindingCode::UriAction, Severity::Note, Some(page), "example.org");
        }
        findings.add(FindingCode::Xfa, Severity::Block, None, "");
        let list = findings.into_vec();
        assert_eq!(list.len(), LISTED_PER_CODE + 2);
        assert_eq!(list.first().map(|finding| finding.code), Some(FindingCode::Xfa));
        assert_eq!(list.last().map(|finding| finding.detail.as_str()), Some("and 980 more"));
    }

    #[test]
    fn details_are_bounded() {
        assert_eq!(bounded("a\nb\u{202e}c".to_owned()), "a\u{fffd}b\u{fffd}c");
        assert_eq!(bounded("é".repeat(200)).chars().count(), 200);
        assert!(bounded("é".repeat(300)).ends_with('…'));
    }
}
