//! The judgement of one signature: form, integrity, time, trust, in that order (EN 319 102-1 §5.3, §5.5).
//!
//! Not its business: what later revisions changed; until that is judged it is `unknown`, never `none`.

use countersign_cms::{
    Certificate, DigestAlgorithm, Hasher, SignedDataView, SignerProblem, read_signed_data, verify_signer,
};
use countersign_pdf::{
    Document,
    signatures::{EmbeddedSignature, LaterChanges as PdfLater, SignatureKind},
};
use countersign_trust::{Indication, PathRequest, Policy, SubIndication, Usage, verify_path};
use jiff::Timestamp;

use super::{
    RevocationMode, Verdict, VerifyRequest,
    codes::{code_of, problem_code, problem_sub_indication},
    form::{Form, form_of, unreadable},
    report::{
        CertificateFacts, CoverageReport, Integrity, LaterChanges, ReportFinding, Revocation, SignatureReport,
        TimeKind, TimeReport, Trust,
    },
    stamp::{judge_document_timestamp, judge_time},
};

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
    if form_of(embedded) == Form::NotRead {
        report.findings.push(ReportFinding::new(
            "warn",
            "signature-not-understood",
            "not read far enough to be judged",
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
            return conclude(report, unreadable(&error), Integrity::NotUnderstood);
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
    let form = form_of(embedded);
    let breaking: Vec<&SignerProblem> = problems.iter().filter(|problem| problem.breaks_integrity()).collect();
    let understood = breaking.iter().any(|problem| !problem.not_understood());
    let sub = breaking
        .iter()
        .map(|problem| problem_sub_indication(problem))
        .max_by_key(|sub| sub.rank());
    if form == Form::Faulty || understood {
        let sub = sub.unwrap_or(SubIndication::FormatFailure);
        return conclude(report, (Indication::TotalFailed, Some(sub)), Integrity::Broken);
    }
    if let Some(sub) = sub {
        return conclude(report, (Indication::Indeterminate, Some(sub)), Integrity::NotUnderstood);
    }
    if form == Form::NotJudged {
        let verdict = (Indication::Indeterminate, Some(SubIndication::Generic));
        return conclude(report, verdict, Integrity::NotUnderstood);
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
    let level = |stamped: bool| match (cades, stamped) {
        (false, _) => "none",
        (true, true) => "B-T",
        (true, false) => "B-B",
    };
    level(proven.is_some()).clone_into(&mut report.level);
    level(report.time.kind == TimeKind::Timestamp).clone_into(&mut report.claimed_level);
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
    if form == Form::Unreachable {
        verdicts.push((Indication::Indeterminate, Some(SubIndication::Generic)));
    }
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
pub(super) fn padding_verdict(view: &SignedDataView, report: &mut SignatureReport) -> Option<Verdict> {
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
pub(super) fn worst_of(verdicts: &[Verdict]) -> Verdict {
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

/// The digest over both ranges; the ranges were checked to lie inside the file by the coverage rules.
pub(super) fn range_digest(
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

pub(super) fn certificate_facts(certificate: &Certificate) -> CertificateFacts {
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
        claimed_level: "none".to_owned(),
        indication: Indication::Indeterminate,
        sub_indication: Some(SubIndication::Generic),
        findings: Vec::new(),
        algorithm: String::new(),
        signature_value: String::new(),
    }
}

pub(super) fn conclude(mut report: SignatureReport, verdict: Verdict, integrity: Integrity) -> SignatureReport {
    (report.indication, report.sub_indication) = verdict;
    report.integrity = integrity;
    report
}
