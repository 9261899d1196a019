//! What the form of a signature lets us conclude: a fault of form fails it, a limit of ours never does.
//!
//! Not its business: digests, signature values, certificates.

use countersign_cms::CmsError;
use countersign_pdf::signatures::{CoverageProblem, EmbeddedSignature, SignatureProblem};
use countersign_trust::{Indication, SubIndication};

use super::Verdict;

/// What the PDF side says of a signature, sorted by what may be concluded from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing.
    Sound,
    /// It lies in the octets, at its own place, and nothing in the document leads to it: what it signed may be intact.
    Unreachable,
    /// A limit of ours, or a revision that we cannot open: its octets can be judged, its place cannot.
    NotJudged,
    /// Too little of it was read to judge anything.
    NotRead,
    /// A fault of form.
    Faulty,
}

pub(super) fn form_of(embedded: &EmbeddedSignature) -> Form {
    let coverage = &embedded.coverage.problems;
    let unreachable = embedded.problems.contains(&SignatureProblem::NotInCurrentRevision);
    let ours = |problem: &SignatureProblem| {
        matches!(
            problem,
            SignatureProblem::RevisionSkipped
                | SignatureProblem::RevisionUnreadable
                | SignatureProblem::NotInCurrentRevision
        )
    };
    let of_ours = |problem: &CoverageProblem| match problem {
        CoverageProblem::RevisionSkipped | CoverageProblem::RevisionUnreadable => true,
        CoverageProblem::NotInItsRevision => unreachable,
        _ => false,
    };
    let torn = unreachable && (embedded.contents.is_empty() || embedded.byte_range.is_none());
    if torn || coverage.contains(&CoverageProblem::ContentsTooLarge) {
        Form::NotRead
    } else if !embedded.problems.iter().all(ours) || !coverage.iter().all(of_ours) {
        Form::Faulty
    } else if unreachable {
        Form::Unreachable
    } else if embedded.problems.is_empty() && coverage.is_empty() && embedded.coverage.whole_revision {
        Form::Sound
    } else if coverage.is_empty() && embedded.problems.is_empty() {
        Form::Faulty
    } else {
        Form::NotJudged
    }
}

/// What is larger or deeper than we read, or of an algorithm that we do not know, was not judged; only what is no message
/// at all has failed (EN 319 102-1 §5.2.2).
pub(super) const fn unreadable(error: &CmsError) -> Verdict {
    match error {
        CmsError::TooDeep { .. } | CmsError::TooLarge { .. } => {
            (Indication::Indeterminate, Some(SubIndication::Generic))
        }
        CmsError::Algorithm(_) => (Indication::Indeterminate, Some(SubIndication::CryptoConstraintsFailure)),
        _ => (Indication::TotalFailed, Some(SubIndication::FormatFailure)),
    }
}
