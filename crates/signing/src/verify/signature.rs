//! The judgement of one signature: form, integrity, time, trust, in that order (EN 319 102-1 §5.3, §5.5).
//!
//! Not its business: what later revisions changed; until that is judged it is `unknown`, never `none`.

use countersign_cms::{
    Certificate, DigestAlgorithm, Hasher, SignedDataView, SignerProblem, read_signed_data, timestamp::Expected,
    verify_signer,
};
use countersign_pdf::{
    Document,
    signatures::{EmbeddedSignature, LaterChanges as PdfLater, SignatureKind},
};
use countersign_trust::{
    AuthorityTrust, Indication, PathRequest, Policy, StatedTime, SubIndication, TimestampFailure, TrustAnchors, Usage,
    verify_path, verify_timestamp,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    RevocationMode, VerifyRequest,
    codes::{code_of, problem_code, problem_sub_indication},
    report::{
        CertificateFacts, CoverageReport, Integrity, LaterChanges, ReportFinding, Revocation, SignatureReport,
        TimeKind, TimeReport, Trust,
    },
};

type Verdict = (Indication, Option<SubIndication>);

/// SubFilters whose Contents is a CMS over the ByteRange.
const DETACHED: [&str; 2] = ["ETSI.CAdES.detached", "adbe.pkcs7.detached"];

pub(super) fn judge(document: &Document, embedded: &EmbeddedSignature, request: &VerifyRequest<'_>) -> SignatureReport {
    let mut report = blank(embedded);
    report.later_changes = match document.later_changes(embedded) {
        PdfLater::None => LaterChanges::None,
        PdfLater::Unknown => LaterChanges::Unknown,
    };
    for problem in &embedded.problems {
        report.findings.push(ReportFinding::new("error", &code_of(problem), ""));
    }
    for problem in &embedded.coverage.problems {
        report.findings.push(ReportFinding::new("error", &code_of(problem), ""));
    }
    let is_stamp = embedded.kind == SignatureKind::DocTimestamp || embedded.sub_filter == "ETSI.RFC3161";
    if !is_stamp && !DETACHED.contains(&embedded.sub_filter.as_str()) {
        report.findings.push(ReportFinding::new(
            "error",
            "signature-not-understood",
            format!("Filter {} SubFilter {}", embedded.filter, embedded.sub_filter),
        ));
        return report;
    }
    let Some(byte_range) = embedded.byte_range else {
        report
            .findings
            .push(ReportFinding::new("error", "byte-range-missing", ""));
        return conclude(
            report,
            (Indication::TotalFailed, Some(SubIndication::FormatFailure)),
            Integrity::Broken,
        );
    };
    if is_stamp {
        return judge_document_timestamp(document, embedded, byte_range, request, report);
    }
    let view = match read_signed_data(&embedded.contents) {
        Ok(view) => view,
        Err(error) => {
            report
                .findings
                .push(ReportFinding::new("error", "cms-unreadable", error.to_string()));
            return conclude(
                report,
                (Indication::TotalFailed, Some(SubIndication::FormatFailure)),
                Integrity::NotUnderstood,
            );
        }
    };
    judge_cms(document, embedded, byte_range, &view, request, report)
}

fn judge_cms(
    document: &Document,
    embedded: &EmbeddedSignature,
    byte_range: [u64; 4],
    view: &SignedDataView,
    request: &VerifyRequest<'_>,
    mut report: SignatureReport,
) -> SignatureReport {
    report.signature_value = hex::encode(&view.signer.signature);
    let Ok(digest) = view.signer.digest else {
        report
            .findings
            .push(ReportFinding::new("error", "digest-algorithm-unknown", ""));
        return conclude(
            report,
            (Indication::Indeterminate, Some(SubIndication::CryptoConstraintsFailure)),
            Integrity::NotUnderstood,
        );
    };
    let Some(signer) = view.signer_certificate() else {
        report
            .findings
            .push(ReportFinding::new("error", "no-signing-certificate", ""));
        return conclude(
            report,
            (
                Indication::Indeterminate,
                Some(SubIndication::NoSigningCertificateFound),
            ),
            Integrity::NotUnderstood,
        );
    };
    report.certificate = certificate_facts(signer);
    if let Ok(algorithm) = view.signer.algorithm {
        report.algorithm = algorithm.name();
    }
    let message_digest = range_digest(document.bytes(), byte_range, digest, request);
    let problems = verify_signer(view, &message_digest);
    for problem in &problems {
        report
            .findings
            .push(ReportFinding::new("error", problem_code(problem), problem.to_string()));
    }
    let form_problem =
        !embedded.problems.is_empty() || !embedded.coverage.problems.is_empty() || !embedded.coverage.whole_revision;
    let breaking: Vec<&SignerProblem> = problems.iter().filter(|problem| problem.breaks_integrity()).collect();
    let understood = breaking.iter().any(|problem| !problem.not_understood());
    let sub = breaking
        .iter()
        .map(|problem| problem_sub_indication(problem))
        .max_by_key(|sub| sub.rank());
    if form_problem || understood {
        let sub = sub.unwrap_or(SubIndication::FormatFailure);
        return conclude(report, (Indication::TotalFailed, Some(sub)), Integrity::Broken);
    }
    if let Some(sub) = sub {
        return conclude(report, (Indication::Indeterminate, Some(sub)), Integrity::NotUnderstood);
    }
    report.integrity = Integrity::Intact;
    let weak = problems.iter().map(problem_sub_indication).max_by_key(|sub| sub.rank());
    let pool: Vec<Vec<u8>> = view
        .certificates
        .iter()
        .map(|certificate| certificate.der().to_vec())
        .chain(request.extra_certificates.iter().cloned())
        .collect();
    let (proven, time_verdict) = judge_time(embedded, view, &pool, request, &mut report);
    // A baseline level needs the signed reference to the certificate (EN 319 142-1 §6.3).
    let attributes = view.signer.signed_attributes.as_ref();
    let referenced = attributes.is_some_and(|attributes| !attributes.signing_certificate.is_empty());
    let cades = embedded.sub_filter == "ETSI.CAdES.detached" && referenced;
    let stamped = report.time.kind == TimeKind::Timestamp;
    report.level = match (cades, stamped) {
        (false, _) => "none",
        (true, true) => "B-T",
        (true, false) => "B-B",
    }
    .to_owned();
    let path_verdict = judge_path(signer, &pool, proven.unwrap_or(request.at), request, &mut report);
    let mut verdicts = vec![path_verdict];
    verdicts.extend(time_verdict);
    verdicts.extend(weak.map(|sub| (Indication::Indeterminate, Some(sub))));
    if embedded.sub_filter == "ETSI.CAdES.detached" && !referenced {
        // Without it another certificate for the same key could be put in the signer's place (RFC 5035 §5.4).
        report
            .findings
            .push(ReportFinding::new("error", "certificate-reference-missing", ""));
        verdicts.push((Indication::Indeterminate, Some(SubIndication::SigConstraintsFailure)));
    }
    verdicts.extend(padding_verdict(view, &mut report));
    if report.later_changes == LaterChanges::Unknown {
        report
            .findings
            .push(ReportFinding::new("warn", "later-changes-not-judged", ""));
        verdicts.push((Indication::Indeterminate, Some(SubIndication::Generic)));
    }
    let worst = worst_of(&verdicts);
    (report.indication, report.sub_indication) = worst;
    report
}

/// What fills up /Contents is covered by no signature: it must be zeros (ISO 32000-2 12.8.3.3.1), or somebody wrote there.
fn padding_verdict(view: &SignedDataView, report: &mut SignatureReport) -> Option<Verdict> {
    if !view.repairs.trailing_nonzero {
        return None;
    }
    let detail = format!("{} octets behind the message", view.repairs.trailing_octets);
    report
        .findings
        .push(ReportFinding::new("warn", "contents-not-zero-padded", detail));
    Some((Indication::Indeterminate, Some(SubIndication::Generic)))
}

/// The worst indication, with the sub-indication that says most.
fn worst_of(verdicts: &[Verdict]) -> Verdict {
    let order = |indication: Indication| match indication {
        Indication::TotalPassed => 0_u8,
        Indication::Indeterminate => 1,
        Indication::TotalFailed => 2,
    };
    verdicts
        .iter()
        .copied()
        .max_by_key(|(indication, sub)| (order(*indication), sub.map_or(0, |sub| sub.rank())))
        .unwrap_or((Indication::TotalPassed, None))
}

/// A valid timestamp gives the time at which the path is judged; a bad one is said and proves nothing.
fn judge_time(
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
    Bad(String),
}

fn stamp_over(token: &[u8], signed: &[u8], pool: &[Vec<u8>], anchors: &TrustAnchors) -> StampVerdict {
    match countersign_cms::timestamp::read_token(token) {
        Ok(read) => {
            let algorithm = read.info.imprint_algorithm;
            judge_stamp(token, algorithm, &algorithm.hash(signed), pool, anchors)
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
                _ => StampVerdict::Bad(why),
            }
        }
    }
}

fn stamp_report(time: &StatedTime, trust: Trust) -> TimeReport {
    TimeReport {
        kind: TimeKind::Timestamp,
        at: time.at.to_string(),
        tsa: time.tsa.clone(),
        trust,
    }
}

fn judge_path(
    signer: &Certificate,
    pool: &[Vec<u8>],
    at: Timestamp,
    request: &VerifyRequest<'_>,
    report: &mut SignatureReport,
) -> Verdict {
    if request.anchors.is_empty() {
        report.trust = Trust::Unknown;
        report.findings.push(ReportFinding::new(
            "warn",
            "no-trust-anchors",
            "no anchors were given to judge the signer by",
        ));
        return (Indication::Indeterminate, Some(SubIndication::NoCertificateChainFound));
    }
    let path = verify_path(&PathRequest {
        certificate: signer.der(),
        pool,
        anchors: request.anchors,
        at,
        usage: Usage::DocumentSigning,
        policy: &Policy::DEFAULT.with_signer_purposes(request.signer_purposes),
    });
    match path {
        Ok(_) => {
            report.trust = Trust::Trusted;
            match request.revocation {
                RevocationMode::Require => {
                    report.findings.push(ReportFinding::new(
                        "error",
                        "revocation-unknown",
                        "required, and nothing is known",
                    ));
                    (Indication::Indeterminate, Some(SubIndication::TryLater))
                }
                RevocationMode::Prefer => {
                    report
                        .findings
                        .push(ReportFinding::new("warn", "revocation-unknown", "not checked"));
                    (Indication::TotalPassed, None)
                }
                RevocationMode::Off => {
                    report
                        .findings
                        .push(ReportFinding::new("note", "revocation-off", "not looked at"));
                    (Indication::TotalPassed, None)
                }
            }
        }
        Err(failure) => {
            report.trust = Trust::Untrusted;
            for finding in &failure.findings {
                report
                    .findings
                    .push(ReportFinding::new("error", finding.code(), finding.to_string()));
            }
            // Without a proven time nobody knows whether it was made before the certificate ended (EN 319 102-1 §5.3.4).
            let sub = if report.time.kind == TimeKind::Timestamp && report.time.trust == Trust::Trusted {
                failure.sub_indication
            } else {
                failure.sub_indication.without_proof_of_existence()
            };
            (failure.indication, Some(sub))
        }
    }
}

fn judge_document_timestamp(
    document: &Document,
    embedded: &EmbeddedSignature,
    byte_range: [u64; 4],
    request: &VerifyRequest<'_>,
    mut report: SignatureReport,
) -> SignatureReport {
    let form_problem =
        !embedded.problems.is_empty() || !embedded.coverage.problems.is_empty() || !embedded.coverage.whole_revision;
    let read = countersign_cms::timestamp::read_token(&embedded.contents);
    let Ok(read) = read else {
        report
            .findings
            .push(ReportFinding::new("error", "timestamp-invalid", "unreadable token"));
        return conclude(
            report,
            (Indication::TotalFailed, Some(SubIndication::FormatFailure)),
            Integrity::NotUnderstood,
        );
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
    if form_problem {
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
    report.integrity = Integrity::Intact;
    let mut verdicts = vec![verdict];
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

/// The digest over both ranges; the ranges were checked to lie inside the file by the coverage rules.
fn range_digest(
    octets: &[u8],
    byte_range: [u64; 4],
    algorithm: DigestAlgorithm,
    request: &VerifyRequest<'_>,
) -> Vec<u8> {
    if let Some(known) = &request.known
        && known.byte_range == byte_range
        && known.algorithm == algorithm
    {
        return known.value.clone();
    }
    let [start, length, second_start, second_length] = byte_range;
    let mut hasher = Hasher::new(algorithm);
    for (from, count) in [(start, length), (second_start, second_length)] {
        let end = from.saturating_add(count);
        let (from, end) = (
            usize::try_from(from).unwrap_or(usize::MAX),
            usize::try_from(end).unwrap_or(usize::MAX),
        );
        hasher.update(octets.get(from..end).unwrap_or_default());
    }
    hasher.finalize()
}

fn certificate_facts(certificate: &Certificate) -> CertificateFacts {
    CertificateFacts {
        subject: certificate.subject().to_owned(),
        issuer: certificate.issuer().to_owned(),
        serial: certificate.serial_hex().to_owned(),
        not_before: certificate.not_before().to_string(),
        not_after: certificate.not_after().to_string(),
        sha256: hex::encode(certificate.sha256()),
    }
}

fn blank(embedded: &EmbeddedSignature) -> SignatureReport {
    let kind = match embedded.kind {
        SignatureKind::Signature => "signature",
        SignatureKind::DocTimestamp => "doc-timestamp",
    };
    SignatureReport {
        field: embedded.field.clone(),
        kind: kind.to_owned(),
        sub_filter: embedded.sub_filter.clone(),
        revision: embedded.revision,
        integrity: Integrity::NotUnderstood,
        coverage: CoverageReport {
            byte_range: embedded.byte_range.map(|range| range.to_vec()).unwrap_or_default(),
            whole_revision: embedded.coverage.whole_revision,
        },
        later_changes: LaterChanges::Unknown,
        changes: Vec::new(),
        certificate: CertificateFacts::default(),
        trust: Trust::Unknown,
        revocation: Revocation::Unknown,
        time: TimeReport {
            kind: TimeKind::None,
            at: String::new(),
            tsa: String::new(),
            trust: Trust::Unknown,
        },
        level: "none".to_owned(),
        indication: Indication::Indeterminate,
        sub_indication: Some(SubIndication::Generic),
        findings: Vec::new(),
        algorithm: String::new(),
        signature_value: String::new(),
    }
}

fn conclude(mut report: SignatureReport, verdict: Verdict, integrity: Integrity) -> SignatureReport {
    (report.indication, report.sub_indication) = verdict;
    report.integrity = integrity;
    report
}
