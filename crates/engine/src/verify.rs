//! verify: the report on a file, with what endpoints say.
//!
//! Not its business: the judgement (signing::verify), what records and endpoints say (chain).

use std::path::PathBuf;

use countersign_signing::{
    ChainStatus, FileFacts, Overall, Report, RevocationMode, Stage, VerifyRequest, ports::Clock as _,
};
use countersign_store::snapshot::{Options, View, Wanted};
use jiff::Timestamp;

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
                signer_purposes: &self.config.trust.signer_purposes,
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
        let (chain, doubtful) = self.chain_report(&report, request, document.bytes());
        report.chain = chain;
        let exit = match (report.overall, report.chain.status) {
            (Overall::TotalFailed, _) => exit::FAILED,
            (Overall::NoSignature, _) => exit::NO_SIGNATURE,
            // A chain that holds something else is a fact of its own; it never makes a file pass.
            (_, ChainStatus::Differs) => exit::FAILED,
            (Overall::Indeterminate, _) => exit::INDETERMINATE,
            // The store or an endpoint has lost what it once held: nothing is wrong with the file, and not all is well.
            (Overall::TotalPassed, _) if doubtful => exit::INDETERMINATE,
            (Overall::TotalPassed, _) => exit::DONE,
        };
        Ok((report, exit))
    }
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
