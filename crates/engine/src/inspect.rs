//! inspect: what a reviewer must know of a file, as `countersign.inspect/1`. No network, nothing changed.
//!
//! Not its business: the findings themselves (pdf), the judgement of signatures (signing::verify).

use std::path::Path;

use countersign_cms::Certificate;
use countersign_pdf::{SignatureRequest, SubFilter, review::ReviewLimits};
use countersign_signing::ports::Credential;
use countersign_signing::{Prefix, Review, RevocationMode, Signability, SourceFacts, VerifyRequest, ports::Clock as _};
use countersign_store::snapshot::{Options, View, Wanted};
use countersign_trust::TrustAnchors;
use serde_json::{Value, json};

use crate::{Engine, fault::Fault, faults};
use countersign_signing::Stage;

/// Octets of a dry signature, to ask whether one would be possible.
const DRY_CAPACITY: usize = 16 * 1024;

impl Engine {
    /// Reads the file into a private, nameless copy and tells everything.
    ///
    /// # Errors
    /// When it cannot be read well enough to say anything.
    pub fn inspect(&mut self, file: &Path) -> Result<Value, Fault> {
        let wanted = Wanted {
            sm3: true,
            ..Wanted::default()
        };
        let view = View::take(
            file,
            &std::env::temp_dir(),
            &Options {
                wanted,
                ..Options::default()
            },
        )
        .map_err(|error| faults::snapshot(Stage::Open, &error))?;
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let source = SourceFacts {
            name,
            size: view.len,
            sha256: view.hashes.sha256(),
        };
        let prefix = Prefix::new(view.bytes.clone(), view.hashes.sha256.clone());
        let contract = countersign_signing::open(prefix, source).map_err(|error| {
            faults::open(&error).with(
                "file",
                json!({"size": view.len, "sha256": hex::encode(view.hashes.sha256()),
                                     "sm3": view.hashes.sm3().map(hex::encode)}),
            )
        })?;
        let review = contract.review(&ReviewLimits::default());
        let none = TrustAnchors::default();
        let report = countersign_signing::verify(
            review.contract().document(),
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
        let mut facts = facts(&review, view.hashes.sm3());
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("signatures".to_owned(), json!(report.signatures));
            facts.insert("signature_findings".to_owned(), json!(report.findings));
        }
        Ok(facts)
    }
}

/// The facts of a review, without the signatures' judgement.
pub(crate) fn facts(review: &Review, sm3: Option<[u8; 32]>) -> Value {
    let contract = review.contract();
    let source = contract.source();
    let refusals = contract.document().refusals(&SignatureRequest {
        field: None,
        new_field_name: None,
        sub_filter: SubFilter::EtsiCadesDetached,
        certify: None,
        lock: None,
        visible: None,
        reason: None,
        location: None,
        name: None,
        contact: None,
        claimed_time: jiff::Timestamp::UNIX_EPOCH,
        contents_capacity: DRY_CAPACITY,
    });
    let mut refusals = faults::refusals(&refusals);
    if let Signability::Blocked(codes) = review.signability(&std::collections::BTreeSet::new()) {
        refusals.push(json!({"code": "content-blocked", "detail": codes.join(" ")}));
    }
    let mut value = json!(review.facts());
    if let Some(object) = value.as_object_mut() {
        object.insert("schema".to_owned(), json!("countersign.inspect/1"));
        object.insert(
            "file".to_owned(),
            json!({"size": source.size, "sha256": hex::encode(source.sha256),
                                                "sm3": sm3.map(hex::encode).unwrap_or_default()}),
        );
        object.insert("signatures".to_owned(), json!([]));
        object.insert("signable".to_owned(), json!(refusals.is_empty()));
        object.insert("refusals".to_owned(), json!(refusals));
    }
    value
}

/// Who would sign.
pub(crate) fn signer(credential: &Credential) -> Value {
    match Certificate::from_der(&credential.certificate) {
        Ok(certificate) => json!({
            "key_extractable": credential.key.extractable,
            "subject": certificate.subject(), "issuer": certificate.issuer(),
            "not_after": certificate.not_after().to_string(), "sha256": hex::encode(certificate.sha256()),
        }),
        Err(error) => json!({"unreadable": error.to_string()}),
    }
}
