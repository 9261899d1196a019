//! What goes to an endpoint, field by field.
//!
//! Not its business: making it (evidence), sending it (engine).

use countersign_engine::{Payload, PayloadMode, config::EndpointTarget};
use serde_json::Value;

use crate::{
    Desk,
    choices::host,
    report::text,
    running::locked,
    view::{FaultShown, PayloadField, PayloadView},
};

pub(crate) const fn kind(target: &EndpointTarget) -> &'static str {
    match target {
        EndpointTarget::Journal => "journal",
        EndpointTarget::Evm { .. } => "evm",
    }
}

pub(crate) const fn mode_name(mode: PayloadMode) -> &'static str {
    match mode {
        PayloadMode::Full => "full",
        PayloadMode::Digests => "digests",
        PayloadMode::Commit => "commit",
    }
}

const fn mode_of(payload: &Payload) -> PayloadMode {
    match payload {
        Payload::Full { .. } => PayloadMode::Full,
        Payload::Digests { .. } => PayloadMode::Digests,
        Payload::Commit { .. } => PayloadMode::Commit,
    }
}

/// The fields of a payload as they are written, with the names that are shown.
const fn fields(mode: PayloadMode) -> &'static [(&'static str, &'static str)] {
    match mode {
        PayloadMode::Full => &[
            ("evidence", "evidence"),
            ("document_sha256", "document.sha256"),
            ("signature_value", "signature.value"),
            ("timestamp_token", "timestamp.token"),
            ("gen_time", "timestamp.gen_time"),
        ],
        PayloadMode::Digests => &[
            ("evidence", "evidence"),
            ("document_sha256", "document.sha256"),
            ("signature_sha256", "signature.sha256"),
            ("timestamp_sha256", "timestamp.sha256"),
            ("gen_time", "timestamp.gen_time"),
        ],
        PayloadMode::Commit => &[("evidence", "evidence")],
    }
}

fn shown_fields(mode: PayloadMode, payload: Option<&Payload>) -> Vec<PayloadField> {
    let written = payload.map(|payload| serde_json::to_value(payload).unwrap_or_default());
    let mut shown: Vec<PayloadField> = fields(mode)
        .iter()
        .map(|(key, name)| PayloadField {
            name: (*name).to_owned(),
            value: written.as_ref().and_then(|written| written.get(*key)).map(text),
        })
        .collect();
    // Whatever else is written goes as well, and is shown by its own name.
    let known = |key: &str| key == "mode" || fields(mode).iter().any(|(known, _)| *known == key);
    let others = written.as_ref().and_then(Value::as_object).into_iter().flatten();
    shown.extend(others.filter(|(key, _)| !known(key)).map(|(key, value)| PayloadField {
        name: key.clone(),
        value: Some(text(value)),
    }));
    shown
}

impl Desk {
    /// `payload`: what exists of it already.
    pub(crate) fn payload_view(&self, name: &str, payload: Option<&Payload>) -> Result<PayloadView, FaultShown> {
        let views = locked(&self.views);
        let endpoint = views.engine.config().endpoints.get(name);
        let mode = match (payload, endpoint) {
            (Some(payload), _) => mode_of(payload),
            (None, Some(endpoint)) => endpoint.payload,
            (None, None) => return Err(FaultShown::new("endpoint-unknown", "submit").with("endpoint", name)),
        };
        Ok(PayloadView {
            endpoint: name.to_owned(),
            kind: endpoint
                .map(|endpoint| kind(&endpoint.target))
                .unwrap_or_default()
                .to_owned(),
            host: match endpoint.map(|endpoint| &endpoint.target) {
                Some(EndpointTarget::Evm { url, .. }) => host(url),
                _ => String::new(),
            },
            mode: mode_name(mode).to_owned(),
            fields: shown_fields(mode, payload),
            practice: self.practice || endpoint.is_some_and(|endpoint| endpoint.practice),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_mode_is_shown() {
        let cases = [
            (
                Payload::Full {
                    evidence: [1; 32],
                    document_sha256: [2; 32],
                    signature_value: vec![3; 4],
                    timestamp_token: vec![4; 4],
                    gen_time: 5,
                },
                5,
            ),
            (
                Payload::Digests {
                    evidence: [1; 32],
                    document_sha256: [2; 32],
                    signature_sha256: [3; 32],
                    timestamp_sha256: [4; 32],
                    gen_time: 5,
                },
                5,
            ),
            (Payload::Commit { evidence: [1; 32] }, 1),
        ];
        for (payload, count) in cases {
            let shown = shown_fields(mode_of(&payload), Some(&payload));
            assert_eq!(shown.len(), count, "{payload:?}");
            assert!(shown.iter().all(|field| field.value.is_some()), "{shown:?}");
            assert!(
                shown_fields(mode_of(&payload), None)
                    .iter()
                    .all(|field| field.value.is_none())
            );
        }
    }
}
