//! The engine's report as the window shows it: four facts for each signature, never merged.
//!
//! Not its business: the judgement. A word that this program does not know is shown as the worst of its kind.

use std::collections::BTreeMap;

use countersign_engine::{CertificateFacts, Report, SignatureReport, common_name};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    card::short,
    view::{
        BottomLine, ChainFact, ChangeShown, IntegrityFact, LaterChangesFact, SignatureFacts, TimeFact, TrustFact,
        VerifyFinding, VerifyView,
    },
};

/// One vocabulary, spoken by two types.
fn same<T: DeserializeOwned>(word: &impl Serialize, worst: T) -> T {
    serde_json::to_value(word)
        .ok()
        .and_then(|word| serde_json::from_value(word).ok())
        .unwrap_or(worst)
}

pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn word(value: &impl Serialize) -> String {
    text(&serde_json::to_value(value).unwrap_or_default())
}

pub(crate) fn signature(report: &SignatureReport) -> SignatureFacts {
    let CertificateFacts {
        subject,
        issuer,
        serial,
        not_before,
        not_after,
        sha256,
    } = report.certificate.clone();
    SignatureFacts {
        field: report.field.clone(),
        kind: report.kind.clone(),
        revision: report.revision,
        integrity: same(&report.integrity, IntegrityFact::Broken),
        whole_revision: report.coverage.whole_revision,
        later_changes: same(&report.later_changes, LaterChangesFact::Unknown),
        changes: report
            .changes
            .iter()
            .map(|change| ChangeShown {
                code: change.code.clone(),
                detail: change.detail.clone(),
                page: (change.page > 0).then_some(change.page),
                object: change.object.clone(),
            })
            .collect(),
        trust: same(&report.trust, TrustFact::Unknown),
        revocation: word(&report.revocation),
        signer: common_name(&subject),
        subject,
        issuer,
        not_before,
        not_after,
        serial,
        certificate_sha256: sha256,
        time: same(&report.time.kind, TimeFact::None),
        time_at: report.time.at.clone(),
        tsa: report.time.tsa.clone(),
        tsa_trust: same(&report.time.trust, TrustFact::Unknown),
        level: report.level.clone(),
        algorithm: report.algorithm.clone(),
        indication: same(&report.indication, BottomLine::TotalFailed),
        sub_indication: report.sub_indication.as_ref().map(word),
        findings: report
            .findings
            .iter()
            .map(|finding| VerifyFinding {
                code: finding.code.clone(),
                severity: finding.severity.clone(),
                detail: finding.detail.clone(),
            })
            .collect(),
    }
}

/// `practice`: the desk's own word; what the report says of practice counts as well.
pub(crate) fn view(id: &str, name: &str, report: &Report, pages: Option<u32>, practice: bool) -> VerifyView {
    let proofs: Vec<BTreeMap<String, String>> = report
        .chain
        .proofs
        .iter()
        .filter_map(Value::as_object)
        .map(|proof| proof.iter().map(|(key, value)| (key.clone(), text(value))).collect())
        .collect();
    let of_practice = |signature: &SignatureReport| {
        [&signature.certificate.subject, &signature.certificate.issuer]
            .iter()
            .any(|name| name.contains(PRACTICE))
    };
    let proven = proofs
        .iter()
        .any(|proof| proof.get("practice").is_some_and(|word| word == "true"));
    VerifyView {
        id: id.to_owned(),
        name: name.to_owned(),
        size: short(report.file.size),
        sha256: report.file.sha256.clone(),
        sm3: report.file.sm3.clone(),
        pages,
        at: report.at.map(|at| at.to_string()).unwrap_or_default(),
        overall: same(&report.overall, BottomLine::TotalFailed),
        signatures: report.signatures.iter().map(signature).collect(),
        chain: same(&report.chain.status, ChainFact::Unverified),
        practice: practice || proven || report.signatures.iter().any(of_practice),
        proofs,
    }
}

/// In every name that practice means have.
pub(crate) const PRACTICE: &str = "PRACTICE";

#[cfg(test)]
mod tests {
    use countersign_engine::{ChainStatus, Integrity, LaterChanges, Overall, TimeKind, Trust};

    use super::*;

    #[test]
    fn every_word_of_the_engine_is_known() {
        assert_eq!(
            same(&Overall::TotalPassed, BottomLine::TotalFailed),
            BottomLine::TotalPassed
        );
        assert_eq!(
            same(&Overall::Indeterminate, BottomLine::TotalFailed),
            BottomLine::Indeterminate
        );
        assert_eq!(
            same(&Overall::NoSignature, BottomLine::TotalFailed),
            BottomLine::NoSignature
        );
        assert_eq!(same(&Integrity::Intact, IntegrityFact::Broken), IntegrityFact::Intact);
        assert_eq!(
            same(&Integrity::NotUnderstood, IntegrityFact::Broken),
            IntegrityFact::NotUnderstood
        );
        assert_eq!(same(&Trust::Trusted, TrustFact::Unknown), TrustFact::Trusted);
        assert_eq!(same(&Trust::Untrusted, TrustFact::Unknown), TrustFact::Untrusted);
        assert_eq!(same(&TimeKind::Timestamp, TimeFact::None), TimeFact::Timestamp);
        assert_eq!(same(&TimeKind::Claimed, TimeFact::None), TimeFact::Claimed);
        assert_eq!(same(&ChainStatus::Matches, ChainFact::Unverified), ChainFact::Matches);
        assert_eq!(same(&ChainStatus::Differs, ChainFact::Unverified), ChainFact::Differs);
        assert_eq!(same(&ChainStatus::Absent, ChainFact::Unverified), ChainFact::Absent);
        assert_eq!(
            same(&ChainStatus::NotChecked, ChainFact::Unverified),
            ChainFact::NotChecked
        );
        assert_eq!(
            same(&LaterChanges::None, LaterChangesFact::Unknown),
            LaterChangesFact::None
        );
        assert_eq!(
            same(&LaterChanges::Permitted, LaterChangesFact::Unknown),
            LaterChangesFact::Permitted
        );
        assert_eq!(
            same(&LaterChanges::Forbidden, LaterChangesFact::Unknown),
            LaterChangesFact::Forbidden
        );
    }

    #[test]
    fn a_word_that_nobody_knows_is_the_worst() {
        assert_eq!(same(&"GREAT", BottomLine::TotalFailed), BottomLine::TotalFailed);
    }
}
