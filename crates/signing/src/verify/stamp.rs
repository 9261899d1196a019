//! What time-stamp tokens prove: over a signature (RFC 3161 appendix A), and over the document (ISO 32000-2 12.8.5).
//!
//! A token counts as proof only when its authority is trusted and its time does not lie ahead. Not its business: the path
//! of the authority (trust).

use countersign_cms::{
    DigestAlgorithm, SignedDataView,
    timestamp::{Expected, TimestampProblem},
};
use countersign_pdf::{Document, signatures::EmbeddedSignature};
use countersign_trust::{
    AuthorityTrust, Indication, StatedTime, SubIndication, TimestampFailure, TrustAnchors, verify_timestamp,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    Verdict, VerifyRequest,
    form::{Form, form_of, unreadable},
    report::{Integrity, LaterChanges, ReportFinding, SignatureReport, TimeKind, TimeReport, Trust},
    signature::{certificate_facts, conclude, padding_verdict, range_digest, worst_of},
};

/// A valid timestamp gives the time at which the path is judged; a bad one is said and proves nothing.
pub(super) fn judge_time(
    embedded: &EmbeddedSignature,
    view: &SignedDataView,
    pool: &[Vec<u8>],
    request: &VerifyRequest<'_>,
    report: &mut SignatureReport,
) -> (Option<Timestamp>, Option<Verdict>) {
    if let Some(claimed) = embedded.claimed_time {
        report.time = TimeReport {
            kind: TimeKind::Claimed,
            at: claimed.to_string(),
            tsa: String::new(),
            trust: Trust::Unknown,
        };
    }
    let mut proven: Option<Timestamp> = None;
    let mut verdict = None;
    for token in &view.signer.timestamp_tokens {
        match stamp_over(token, &view.signer.signature, pool, request.tsa_anchors) {
            StampVerdict::Trusted(time) if is_ahead(&time, request.at) => {
                report.findings.push(ReportFinding::new(
                    "error",
                    "timestamp-in-the-future",
                    time.at.to_string(),
                ));
                if proven.is_none() {
                    verdict = Some((Indication::Indeterminate, Some(SubIndication::TimestampOrderFailure)));
                }
            }
            StampVerdict::Trusted(time) => {
                // The earliest trusted stamp proves most.
                if proven.is_none_or(|earlier| time.at < earlier) {
                    proven = Some(time.at);
                    report.time = stamp_report(&time, Trust::Trusted);
                }
                verdict = None;
            }
            StampVerdict::Sound(time, trust, why) => {
                report.findings.push(ReportFinding::new("warn", "tsa-not-trusted", why));
                if proven.is_none() {
                    report.time = stamp_report(&time, trust);
                    // Anybody can write a date: what it says is shown with its trust, and nothing passes on it.
                    verdict = Some((Indication::Indeterminate, Some(SubIndication::NoCertificateChainFound)));
                }
            }
            StampVerdict::NotUnderstood(why) => {
                report
                    .findings
                    .push(ReportFinding::new("warn", "timestamp-not-understood", why));
                if proven.is_none() {
                    verdict = Some((Indication::Indeterminate, Some(SubIndication::CryptoConstraintsFailure)));
                }
            }
            StampVerdict::Bad(why) => {
                report
                    .findings
                    .push(ReportFinding::new("error", "timestamp-invalid", why));
                if proven.is_none() {
                    verdict = Some((Indication::Indeterminate, Some(SubIndication::SigConstraintsFailure)));
                }
            }
        }
    }
    (proven, verdict)
}

/// Later than the moment that is judged at, by more than clocks differ.
fn is_ahead(time: &StatedTime, at: Timestamp) -> bool {
    time.at.duration_since(at) > CLOCK_DIFFERENCE
}

const CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_mins(10);

enum StampVerdict {
    Trusted(StatedTime),
    Sound(StatedTime, Trust, String),
    NotUnderstood(String),
    Bad(String),
}

fn stamp_over(token: &[u8], signed: &[u8], pool: &[Vec<u8>], anchors: &TrustAnchors) -> StampVerdict {
    match countersign_cms::timestamp::read_token(token) {
        Ok(read) => {
            let algorithm = read.info.imprint_algorithm;
            judge_stamp(token, algorithm, &algorithm.hash(signed), pool, anchors)
        }
        Err(error) if unreadable(&error).0 == Indication::Indeterminate => {
            StampVerdict::NotUnderstood(error.to_string())
        }
        Err(error) => StampVerdict::Bad(error.to_string()),
    }
}

fn judge_stamp(
    token: &[u8],
    algorithm: DigestAlgorithm,
    imprint: &[u8],
    pool: &[Vec<u8>],
    anchors: &TrustAnchors,
) -> StampVerdict {
    let expected = Expected {
        algorithm,
        imprint,
        nonce: None,
        policy: None,
    };
    match verify_timestamp(token, &expected, pool, anchors) {
        Ok(time) => StampVerdict::Trusted(time.stated().clone()),
        Err(failure) => {
            let why = failure.to_string();
            match failure {
                TimestampFailure::Untrusted {
                    stated,
                    trust: AuthorityTrust::Unknown,
                    ..
                } if anchors.is_empty() => StampVerdict::Sound(*stated, Trust::Unknown, why),
                TimestampFailure::Untrusted { stated, .. } => StampVerdict::Sound(*stated, Trust::Untrusted, why),
                TimestampFailure::Broken { problems } if !problems.iter().any(known_wrong) => {
                    StampVerdict::NotUnderstood(why)
                }
                _ => StampVerdict::Bad(why),
            }
        }
    }
}

/// A problem that says more than that we do not know the algorithm.
fn known_wrong(problem: &TimestampProblem) -> bool {
    problem.breaks_integrity() && !problem.not_understood() && !matches!(problem, TimestampProblem::Purpose { .. })
}

fn stamp_report(time: &StatedTime, trust: Trust) -> TimeReport {
    TimeReport {
        kind: TimeKind::Timestamp,
        at: time.at.to_string(),
        tsa: time.tsa.clone(),
        trust,
    }
}

pub(super) fn judge_document_timestamp(
    document: &Document,
    embedded: &EmbeddedSignature,
    byte_range: [u64; 4],
    request: &VerifyRequest<'_>,
    mut report: SignatureReport,
) -> SignatureReport {
    let form = form_of(embedded);
    let read = match countersign_cms::timestamp::read_token(&embedded.contents) {
        Ok(read) => read,
        Err(error) => {
            report
                .findings
                .push(ReportFinding::new("error", "timestamp-invalid", error.to_string()));
            return conclude(report, unreadable(&error), Integrity::NotUnderstood);
        }
    };
    if let Some(certificate) = read.signed_data.signer_certificate() {
        report.certificate = certificate_facts(certificate);
    }
    let algorithm = read.info.imprint_algorithm;
    let imprint = range_digest(document.bytes(), byte_range, algorithm, request);
    let verdict = judge_stamp(
        &embedded.contents,
        algorithm,
        &imprint,
        request.extra_certificates,
        request.tsa_anchors,
    );
    if form == Form::Faulty {
        return conclude(
            report,
            (Indication::TotalFailed, Some(SubIndication::FormatFailure)),
            Integrity::Broken,
        );
    }
    let verdict = match verdict {
        StampVerdict::Trusted(time) => {
            let ahead = is_ahead(&time, request.at);
            report.time = stamp_report(&time, Trust::Trusted);
            report.trust = Trust::Trusted;
            if ahead {
                report.findings.push(ReportFinding::new(
                    "error",
                    "timestamp-in-the-future",
                    time.at.to_string(),
                ));
                (Indication::Indeterminate, Some(SubIndication::TimestampOrderFailure))
            } else {
                (Indication::TotalPassed, None)
            }
        }
        StampVerdict::Sound(time, trust, why) => {
            report.findings.push(ReportFinding::new("warn", "tsa-not-trusted", why));
            report.time = stamp_report(&time, trust);
            report.trust = trust;
            (Indication::Indeterminate, Some(SubIndication::NoCertificateChainFound))
        }
        StampVerdict::NotUnderstood(why) => {
            report
                .findings
                .push(ReportFinding::new("warn", "timestamp-not-understood", why));
            let verdict = (Indication::Indeterminate, Some(SubIndication::CryptoConstraintsFailure));
            return conclude(report, verdict, Integrity::NotUnderstood);
        }
        StampVerdict::Bad(why) => {
            report
                .findings
                .push(ReportFinding::new("error", "timestamp-invalid", why));
            return conclude(
                report,
                (Indication::TotalFailed, Some(SubIndication::HashFailure)),
                Integrity::Broken,
            );
        }
    };
    if form == Form::NotJudged {
        let verdict = (Indication::Indeterminate, Some(SubIndication::Generic));
        return conclude(report, verdict, Integrity::NotUnderstood);
    }
    report.integrity = Integrity::Intact;
    let mut verdicts = vec![verdict];
    if form == Form::Unreachable {
        verdicts.push((Indication::Indeterminate, Some(SubIndication::Generic)));
    }
    verdicts.extend(padding_verdict(&read.signed_data, &mut report));
    if report.later_changes == LaterChanges::Unknown {
        report
            .findings
            .push(ReportFinding::new("warn", "later-changes-not-judged", ""));
        verdicts.push((Indication::Indeterminate, Some(SubIndication::Generic)));
    }
    (report.indication, report.sub_indication) = worst_of(&verdicts);
    report
}
