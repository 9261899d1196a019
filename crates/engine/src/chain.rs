//! What the store's records and the endpoints say of a file: the fourth fact of a report.
//!
//! A record is about a file when it names its digest, one of its signatures, or the place where it stands. Without
//! `--online` or `--endpoint` only endpoints on this very machine are asked: the journal and a practice chain.
//! Not its business: the judgement of signatures (signing::verify).

use std::path::Path;

use countersign_evidence::{Payload, PayloadMode, Record};
use countersign_signing::{
    ChainReport, ChainStatus, Integrity, Report, Stage,
    ports::{EndpointKind, OutboxRow, OutboxState},
};
use countersign_store::journal_verify;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Engine, fault::Fault, records::Kept, verify::VerifyFile};

/// How a record fits the file.
enum Fit {
    /// It is about exactly these octets.
    Exact,
    /// It is about the first so many octets, to which more was added.
    Earlier(u64),
    /// It is about the same signature before its timestamp came.
    BeforeStamp,
    /// It is about this file, and says something else.
    Differs(&'static str),
    /// It is about the file that was put here, which is another one.
    OtherFile,
    /// It is about something else.
    None,
}

impl Engine {
    /// The report, and whether something is missing that was once there.
    pub(crate) fn chain_report(&mut self, report: &Report, request: &VerifyFile, octets: &[u8]) -> (ChainReport, bool) {
        let kept = match self.kept() {
            Ok(kept) => kept,
            Err(fault) => {
                let proof = json!({"status": ChainStatus::Unverified, "reason": fault.code, "detail": fault.detail});
                let chain = ChainReport {
                    status: ChainStatus::Unverified,
                    proofs: vec![proof],
                };
                return (chain, true);
            }
        };
        let fits: Vec<(Fit, Kept)> = kept
            .into_iter()
            .map(|kept| (fit(&kept, report, &request.file, octets), kept))
            .collect();
        let exact = fits.iter().any(|(fit, _)| matches!(fit, Fit::Exact));
        let about = fits
            .iter()
            .any(|(fit, _)| matches!(fit, Fit::Exact | Fit::Earlier(_) | Fit::BeforeStamp | Fit::Differs(_)));
        let (mut statuses, mut proofs, mut doubtful) = (Vec::new(), Vec::new(), false);
        for (fit, kept) in fits {
            let differs = |what: &str| {
                json!({"status": ChainStatus::Differs, "record_id": kept.record.record_id, "reason": what,
                       "document": kept.record.document.sha256})
            };
            let octets = match fit {
                Fit::Exact => None,
                Fit::Earlier(octets) => Some(octets),
                Fit::Differs(what) => {
                    statuses.push(ChainStatus::Differs);
                    proofs.push(differs(what));
                    continue;
                }
                // A file that has a record of its own may stand where another one stood.
                Fit::OtherFile if !about => {
                    statuses.push(ChainStatus::Differs);
                    proofs.push(differs("the record of this place names another file"));
                    continue;
                }
                Fit::OtherFile | Fit::BeforeStamp | Fit::None => continue,
            };
            for row in &kept.rows {
                if request.endpoint.as_ref().is_some_and(|wanted| *wanted != row.endpoint) {
                    continue;
                }
                let (mut status, mut proof) = self.ask_endpoint(row, &kept.record, request);
                doubtful |= status == ChainStatus::Absent
                    && matches!(
                        row.state,
                        OutboxState::Included | OutboxState::Final | OutboxState::Adopted | OutboxState::Violated
                    );
                if let (Some(octets), Some(proof)) = (octets, proof.as_object_mut()) {
                    proof.insert("first_octets".to_owned(), json!(octets));
                    // What was added is vouched for by nobody.
                    if status == ChainStatus::Matches {
                        status = ChainStatus::Unverified;
                    }
                }
                if octets.is_none() || !exact || status != ChainStatus::Unverified {
                    statuses.push(status);
                }
                proofs.push(proof);
            }
        }
        if statuses.is_empty() && request.endpoint.is_some() {
            statuses.push(ChainStatus::Absent);
            proofs.push(json!({"endpoint": request.endpoint, "status": "absent", "reason": "no record of this file in the store"}));
        }
        let worst = statuses.into_iter().max_by_key(|status| match status {
            ChainStatus::NotChecked => 0_u8,
            ChainStatus::Matches => 1,
            ChainStatus::Unverified => 2,
            ChainStatus::Absent => 3,
            ChainStatus::Differs => 4,
        });
        let chain = ChainReport {
            status: worst.unwrap_or(ChainStatus::NotChecked),
            proofs,
        };
        (chain, doubtful)
    }

    fn ask_endpoint(&mut self, row: &OutboxRow, record: &Record, request: &VerifyFile) -> (ChainStatus, Value) {
        let (name, payload) = (row.endpoint.as_str(), &row.submission.payload);
        let say = |status: ChainStatus, reason: String| {
            (
                status,
                json!({"endpoint": name, "status": status, "evidence": hex::encode(payload.evidence()), "reason": reason}),
            )
        };
        // What was sent must be what the record says: nothing else is looked up.
        if !record.payload(mode_of(payload)).is_ok_and(|own| own == *payload) {
            return say(
                ChainStatus::Differs,
                "what was submitted is not of the record".to_owned(),
            );
        }
        let facts = match self.endpoint_facts(name) {
            Ok(facts) => facts,
            Err(fault) => return say(ChainStatus::Unverified, fault.code),
        };
        let local = facts.kind == EndpointKind::Journal || facts.practice;
        if !local && !request.online && request.endpoint.is_none() {
            return say(
                ChainStatus::NotChecked,
                "not asked: no network without --online or --endpoint".to_owned(),
            );
        }
        if facts.kind == EndpointKind::Journal
            && let Err(fault) = self.journal_holds(name)
        {
            return say(ChainStatus::Differs, fault.code);
        }
        let found = self.with_endpoint(name, |endpoint, _| {
            endpoint.check().and_then(|()| endpoint.find(payload))
        });
        match found {
            Err(fault) => say(ChainStatus::Unverified, fault.code),
            Ok(Err(error)) => say(ChainStatus::Unverified, error.to_string()),
            Ok(Ok(None)) => say(ChainStatus::Absent, "the endpoint holds no such entry".to_owned()),
            Ok(Ok(Some(found))) => (
                ChainStatus::Matches,
                json!({"endpoint": name, "kind": facts.kind, "practice": facts.practice, "status": ChainStatus::Matches,
                       "evidence": hex::encode(payload.evidence()), "parts": hex::encode(payload.parts()),
                       "submitter": found.submitter, "time": found.time, "id": found.id}),
            ),
        }
    }

    /// A journal whose hashes do not hold says nothing that counts.
    fn journal_holds(&mut self, name: &str) -> Result<(), Fault> {
        let database = &self.database()?.database;
        journal_verify(database, name, None)
            .map(|_| ())
            .map_err(|error| Fault::store(Stage::Verify, &error))
    }
}

const fn mode_of(payload: &Payload) -> PayloadMode {
    match payload {
        Payload::Full { .. } => PayloadMode::Full,
        Payload::Digests { .. } => PayloadMode::Digests,
        Payload::Commit { .. } => PayloadMode::Commit,
    }
}

fn fit(kept: &Kept, report: &Report, file: &Path, octets: &[u8]) -> Fit {
    let document = &kept.record.document;
    let mut of_signature = report
        .signatures
        .iter()
        .filter(|signature| signature.signature_value == kept.record.signature.value);
    let named = of_signature.next();
    if document.sha256 == report.file.sha256 {
        return match named {
            Some(_) => Fit::Exact,
            None => Fit::Differs("signature.value"),
        };
    }
    if let Some(signature) = named {
        let head = usize::try_from(document.size).ok().and_then(|size| octets.get(..size));
        if head.is_some_and(|head| hex::encode(Sha256::digest(head)) == document.sha256) {
            return Fit::Earlier(document.size);
        }
        let same_octets = signature.coverage.byte_range == document.byte_range;
        return if signature.integrity == Integrity::Intact && same_octets && kept.record.timestamp.token.is_empty() {
            Fit::BeforeStamp
        } else {
            Fit::Differs("document.sha256")
        };
    }
    let here = std::fs::canonicalize(file).ok();
    let there = kept
        .output
        .as_ref()
        .and_then(|output| std::fs::canonicalize(output).ok());
    if here.is_some() && here == there {
        Fit::OtherFile
    } else {
        Fit::None
    }
}
