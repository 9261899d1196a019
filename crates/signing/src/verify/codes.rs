//! What a problem is called in a report: finding codes, which are stable, and sub-indications (EN 319 102-1 §5.1.3).
//!
//! Not its business: which verdict follows.

use countersign_cms::SignerProblem;
use countersign_trust::SubIndication;

pub(super) fn problem_sub_indication(problem: &SignerProblem) -> SubIndication {
    use SignerProblem as P;
    match problem {
        P::DigestMismatch { .. } => SubIndication::HashFailure,
        P::BadSignature(_) => SubIndication::SigCryptoFailure,
        P::DigestAlgorithmDiffers { .. } => SubIndication::SigConstraintsFailure,
        P::WeakDigest { .. } | P::Algorithm(_) | P::Key(_) => SubIndication::CryptoConstraintsFailure,
        _ => SubIndication::FormatFailure,
    }
}

pub(super) fn problem_code(problem: &SignerProblem) -> &'static str {
    use SignerProblem as P;
    match problem {
        P::Algorithm(_) => "algorithm-not-understood",
        P::AlgorithmProtectionMismatch => "algorithm-protection-mismatch",
        P::BadSignature(_) => "signature-value-invalid",
        P::CertificateMissing => "no-signing-certificate",
        P::CertificateReferenceMismatch => "certificate-reference-mismatch",
        P::ContentMissing | P::ContentPresent => "content-misplaced",
        P::ContentTypeMismatch { .. } => "content-type-mismatch",
        P::DigestAlgorithmDiffers { .. } => "digest-algorithm-differs",
        P::DigestMismatch { .. } => "digest-mismatch",
        P::DuplicateAttribute { .. } | P::MalformedAttribute { .. } | P::MissingAttribute { .. } => {
            "signed-attributes-faulty"
        }
        P::Key(_) => "key-not-understood",
        P::SignerCount { .. } => "signer-count",
        P::WeakDigest { .. } => "weak-digest",
        _ => "cms-faulty",
    }
}

/// The stable code of a problem that the PDF side names, as it serialises.
pub(super) fn code_of(problem: &impl serde::Serialize) -> String {
    serde_json::to_value(problem)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_else(|| "form-faulty".to_owned())
}
