//! verify: the report on a file, with what endpoints say.
//!
//! Not its business: the judgement (signing::verify). Without `--online` or `--endpoint` only endpoints on this very machine
//! are asked: the journal and a practice chain.

use std::path::PathBuf;

use countersign_evidence::{Payload, Record};
use countersign_signing::{
    ChainReport, ChainStatus, FileFacts, Overall, Report, RevocationMode, Stage, VerifyRequest,
    ports::{Clock as _, EndpointKind},
};
use countersign_store::snapshot::{Options, View, Wanted};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Engine,
    fault::{Fault, exit},
    faults, trust,
};

/// What to judge and by what.
#[derive(Debug, Clone, Default)]
pub struct VerifyFile {
    /// The file.
    pub file: PathBuf,
    /// Anchors for signers and authorities, beside the configured ones.
    pub trust: Vec<PathBuf>,
    /// Judge at this time instead of now.
    pub at: Option<Timestamp>,
    /// Ask endpoints over the network.
    pub online: bool,
    /// Ask this one.
    pub endpoint: Option<String>,
}

impl Engine {
    /// Judges every signature, and looks the evidence up.
    ///
    /// # Errors
    /// When nothing could be examined.
    pub fn verify(&mut self, request: &VerifyFile) -> Result<(Report, u8), Fault> {
        let wanted = Wanted {
            sm3: true,
            ..Wanted::default()
        };
        let view = View::take(
            &request.file,
            &std::env::temp_dir(),
            &Options {
                wanted,
                ..Options::default()
            },
        )
        .map_err(|error| faults::snapshot(Stage::Open, &error))?;
        let document = countersign_pdf::open(view.bytes.clone()).map_err(|error| faults::open(&error))?;
        let anchors = self.signer_anchors(&request.trust)?;
        let tsa_anchors = self.tsa_anchors(&request.trust)?;
        let extra = trust::certificates(&request.trust)?;
        let at = request.at.unwrap_or_else(|| self.clock.now());
        let mut report = countersign_signing::verify(
            &document,
            &VerifyRequest {
                anchors: &anchors,
                tsa_anchors: &tsa_anchors,
                extra_certificates: &extra,
                at,
                revocation: self.revocation_mode(),
                known: None,
                only_field: None,
            },
        );
        report.at = Some(at);
        report.file = FileFacts {
            size: view.len,
            sha256: hex::encode(view.hashes.sha256()),
            sm3: view.hashes.sm3().map(hex::encode).unwrap_or_default(),
        };
        report.chain = self.chain_report(&report, request);
        let exit = match (report.overall, report.chain.status) {
            (Overall::TotalFailed, _) => exit::FAILED,
            (Overall::NoSignature, _) => exit::NO_SIGNATURE,
            // A chain that holds something else is a fact of its own; it never makes a file pass.
            (_, ChainStatus::Differs) => exit::FAILED,
            (Overall::Indeterminate, _) => exit::INDETERMINATE,
            (Overall::TotalPassed, _) => exit::DONE,
        };
        Ok((report, exit))
    }

    fn chain_report(&mut self, report: &Report, request: &VerifyFile) -> ChainReport {
        let not_checked = ChainReport {
            status: ChainStatus::NotChecked,
            proofs: Vec::new(),
        };
        let Ok(records) = self.records_for(&report.file.sha256) else {
            return not_checked;
        };
        let mut proofs = Vec::new();
        let mut statuses = Vec::new();
        for (record, rows) in &records {
            for (endpoint, payload) in rows {
                if request.endpoint.as_ref().is_some_and(|wanted| wanted != endpoint) {
                    continue;
                }
                let (status, proof) = self.ask_endpoint(endpoint, payload, record, report, request);
                statuses.push(status);
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
        ChainReport {
            status: worst.unwrap_or(ChainStatus::NotChecked),
            proofs,
        }
    }

    fn ask_endpoint(
        &mut self,
        name: &str,
        payload: &Payload,
        record: &Record,
        report: &Report,
        request: &VerifyFile,
    ) -> (ChainStatus, Value) {
        let say = |status: ChainStatus, reason: String| {
            (
                status,
                json!({"endpoint": name, "status": status, "evidence": hex::encode(payload.evidence()), "reason": reason}),
            )
        };
        if let Some(difference) = differs_from_file(record, report) {
            return say(ChainStatus::Differs, difference);
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
}

/// The record must say of the file what the file says of itself.
fn differs_from_file(record: &Record, report: &Report) -> Option<String> {
    if record.document.sha256 != report.file.sha256 {
        return Some("document.sha256".to_owned());
    }
    let signature = report
        .signatures
        .iter()
        .find(|signature| signature.signature_value == record.signature.value);
    signature.is_none().then(|| "signature.value".to_owned())
}

impl Engine {
    pub(crate) fn revocation_mode(&self) -> RevocationMode {
        match self.revocation_word() {
            "require" => RevocationMode::Require,
            "off" => RevocationMode::Off,
            _ => RevocationMode::Prefer,
        }
    }
}
