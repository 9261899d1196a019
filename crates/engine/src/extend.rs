//! extend: a stamp for a signature that has none yet, in the room that was kept for it. No PIN.
//!
//! Only while nobody has signed after: then, and only then, the stamp changes nothing that anyone has signed.
//! Not its business: document timestamps and long-term data.

use std::path::{Path, PathBuf};

use countersign_cms::read_signed_data;
use countersign_pdf::signatures::SignatureKind;
use countersign_signing::{
    Integrity, LaterChanges, Level, Overall, RevocationMode, Stage, TimeKind, VerifyRequest, ports::Clock as _,
    request_stamp,
};
use countersign_store::snapshot::{Options, Overwrite, Snapshot, View, Wanted};
use countersign_trust::TrustAnchors;
use serde_json::{Value, json};

use crate::{Engine, clock::SystemEntropy, fault::Fault, faults};

/// What to extend.
#[derive(Debug, Clone)]
pub struct ExtendRequest {
    /// The signed file.
    pub file: PathBuf,
    /// Where the result goes.
    pub output: PathBuf,
    /// Level wanted.
    pub level: Level,
    /// URLs instead of the configured authorities.
    pub tsa: Vec<String>,
    /// Anchors beside the configured ones.
    pub trust: Vec<PathBuf>,
    /// An existing output may be replaced.
    pub overwrite: bool,
}

/// What a stamp did to a file.
pub(crate) struct Extended {
    pub(crate) field: String,
    pub(crate) gen_time: String,
    pub(crate) tsa: String,
    pub(crate) token: Vec<u8>,
    pub(crate) sha256: [u8; 32],
}

impl Engine {
    /// Adds the stamp.
    ///
    /// # Errors
    /// When the file does not allow it, or no authority gives one: then there is no output.
    pub fn extend(&mut self, request: &ExtendRequest) -> Result<Value, Fault> {
        if request.level != Level::BT {
            return Err(Fault::new(Stage::Timestamp, "level-unsupported").with("level", request.level.name()));
        }
        let before = sha256_of(&request.file)?;
        let extended = self.extend_file(
            &request.file,
            &request.output,
            &request.tsa,
            &request.trust,
            request.overwrite,
        )?;
        Ok(json!({
            "schema": "countersign.extend/1", "input": request.file.display().to_string(),
            "output": request.output.display().to_string(), "sha256_before": hex::encode(before),
            "sha256_after": hex::encode(extended.sha256), "field": extended.field, "level": "B-T",
            "gen_time": extended.gen_time, "tsa": extended.tsa,
        }))
    }

    pub(crate) fn extend_file(
        &mut self,
        file: &Path,
        output: &Path,
        tsa: &[String],
        trust: &[PathBuf],
        overwrite: bool,
    ) -> Result<Extended, Fault> {
        self.sweep(output)?;
        let view = View::take(
            file,
            &std::env::temp_dir(),
            &Options {
                wanted: Wanted::default(),
                ..Options::default()
            },
        )
        .map_err(|error| faults::snapshot(Stage::Open, &error))?;
        let document = countersign_pdf::open(view.bytes.clone()).map_err(|error| faults::open(&error))?;
        let signatures = document.signatures();
        let not_extendable = |reason: &str| Fault::new(Stage::Timestamp, "not-extendable").with("reason", reason);
        if signatures.is_empty() {
            return Err(Fault::new(Stage::Timestamp, "no-signature"));
        }
        let last = signatures
            .iter()
            .find(|signature| signature.covers_whole_file && signature.kind == SignatureKind::Signature)
            .ok_or_else(|| not_extendable("the last revision is not a signature that covers the whole file"))?;
        let byte_range = last.byte_range.ok_or_else(|| not_extendable("no ByteRange"))?;
        let view_cms =
            read_signed_data(&last.contents).map_err(|error| not_extendable("unreadable").because(&error))?;
        if !view_cms.signer.timestamp_tokens.is_empty() {
            return Err(not_extendable("it has a timestamp already"));
        }
        self.must_be_intact(&document, &last.field)?;
        let anchors = self.tsa_anchors(trust)?;
        let mut tried = Vec::new();
        for mut authority in self.authorities(tsa)? {
            let url = authority.url().to_owned();
            let asked = request_stamp(
                &view_cms.signer.signature,
                authority.as_mut(),
                &anchors,
                &mut SystemEntropy,
                self.clock.now(),
            );
            match asked {
                Ok(token) => {
                    let octets = (*view.bytes).as_ref();
                    let (range, hex_digits) = countersign_signing::extend(octets, byte_range, &last.contents, &token)
                        .map_err(|error| faults::embed(&error))?;
                    let gen_time = countersign_cms::timestamp::read_token(&token)
                        .map(|token| token.info.gen_time.to_string())
                        .unwrap_or_default();
                    let field = last.field.clone();
                    let sha256 = self.put_in_place(file, output, octets, (&range, &hex_digits), &field, overwrite)?;
                    return Ok(Extended {
                        field,
                        gen_time,
                        tsa: url,
                        token,
                        sha256,
                    });
                }
                Err(failure) => tried.push(faults::stamp_failure(&url, &failure)),
            }
        }
        match tried.pop() {
            Some(fault) => Err(fault),
            None => Err(Fault::new(Stage::Timestamp, "tsa-not-configured")),
        }
    }

    /// Everything before the hole is copied; the hole and what follows it are appended, verified, and put in place.
    fn put_in_place(
        &self,
        file: &Path,
        output: &Path,
        octets: &[u8],
        (range, hex_digits): (&std::ops::Range<u64>, &[u8]),
        field: &str,
        overwrite: bool,
    ) -> Result<[u8; 32], Fault> {
        let of = |error| faults::snapshot(Stage::Embed, &error);
        let replaces_source = file == output;
        let options = Options {
            replace_source: replaces_source,
            ..Options::default()
        };
        let mut snapshot = Snapshot::take(file, output, &options).map_err(of)?;
        snapshot.cut(range.start).map_err(of)?;
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let mut tail = hex_digits.to_vec();
        tail.extend_from_slice(octets.get(at(range.end)..).unwrap_or_default());
        snapshot.append(&tail).map_err(of)?;
        let result = snapshot.result().map_err(of)?;
        let copied = (*result).as_ref().get(..at(range.start));
        if copied.is_none() || copied != octets.get(..at(range.start)) {
            return Err(Fault::new(Stage::Embed, "changed-since-review").with("reason", "the file changed meanwhile"));
        }
        let document = countersign_pdf::open(result).map_err(|error| faults::open(&error))?;
        self.must_be_stamped(&document, field)?;
        let overwrite = if overwrite {
            Overwrite::Replace
        } else {
            Overwrite::Never
        };
        Ok(snapshot.finish(overwrite).map_err(of)?.sha256)
    }

    /// The signature is whole, a baseline one, and no signature in the file is broken: a stamp would lend it credit.
    fn must_be_intact(
        &self,
        document: &countersign_pdf::Document,
        field: &str,
    ) -> Result<countersign_signing::SignatureReport, Fault> {
        let refused = |reason: &str| Fault::new(Stage::Timestamp, "not-extendable").with("reason", reason);
        let none = TrustAnchors::default();
        let report = countersign_signing::verify(
            document,
            &VerifyRequest {
                anchors: &none,
                tsa_anchors: &none,
                extra_certificates: &[],
                signer_purposes: &[],
                at: self.clock.now(),
                revocation: RevocationMode::Off,
                known: None,
                only_field: None,
            },
        );
        if report.overall == Overall::TotalFailed {
            return Err(refused("a signature in the file is broken"));
        }
        let whole = |signature: &countersign_signing::SignatureReport| {
            signature.field == field
                && signature.integrity == Integrity::Intact
                && signature.later_changes == LaterChanges::None
        };
        let Some(signature) = report.signatures.into_iter().find(whole) else {
            return Err(refused("the signature is not intact"));
        };
        if signature.level == "none" {
            return Err(refused("not a PAdES baseline signature"));
        }
        let padding = |finding: &countersign_signing::ReportFinding| finding.code == "contents-not-zero-padded";
        if signature.findings.iter().any(padding) {
            return Err(refused("the room for the stamp is not empty"));
        }
        Ok(signature)
    }

    fn must_be_stamped(&self, document: &countersign_pdf::Document, field: &str) -> Result<(), Fault> {
        let signature = self.must_be_intact(document, field)?;
        if signature.time.kind == TimeKind::Timestamp && signature.claimed_level == Level::BT.name() {
            return Ok(());
        }
        Err(Fault::new(Stage::Embed, "not-verified").with("reason", "the stamp is not found again"))
    }
}

fn sha256_of(file: &Path) -> Result<[u8; 32], Fault> {
    let view = View::take(file, &std::env::temp_dir(), &Options::default())
        .map_err(|error| faults::snapshot(Stage::Open, &error))?;
    Ok(view.hashes.sha256())
}
