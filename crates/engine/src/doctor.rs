//! doctor: probe everything that a signature would need, and say for each what to do.
//!
//! Not its business: mending anything. Time-stamping authorities are asked for one stamp over a random digest: that is the
//! only way to know that they stamp; nothing of any contract is in it.

use countersign_signing::{
    ports::{Clock as _, Entropy as _},
    request_stamp,
};
use serde_json::{Value, json};

use crate::{
    Engine,
    clock::SystemEntropy,
    fault::{Fault, exit},
    faults,
};

impl Engine {
    /// One document, and the exit status: 0 when all is well, 69 when something is not.
    pub fn doctor(&mut self) -> (Value, u8) {
        let modules = self.survey();
        let usable = modules.iter().any(|module| module.error.is_none());
        let store = match self.database() {
            Ok(_) => json!({"ok": true}),
            Err(fault) => json!({"ok": false, "error": fault}),
        };
        let tsa = self.probe_authorities();
        let endpoints = self.probe_endpoints();
        let well = usable && [&tsa, &endpoints].into_iter().flatten().all(is_well) && is_well(&store);
        let document = json!({
            "schema": "countersign.doctor/1", "ok": well, "home": self.home(), "clock": self.clock.now(),
            "config": {"modules": self.config.modules.len(), "tsa": self.config.tsa.len(),
                       "anchors": self.config.trust.anchors.len(), "endpoints": self.config.endpoints.len()},
            "modules": modules, "store": store, "tsa": tsa, "endpoints": endpoints,
        });
        (document, if well { exit::DONE } else { exit::SERVICE })
    }

    fn probe_authorities(&mut self) -> Vec<Value> {
        let anchors = match self.tsa_anchors(&[]) {
            Ok(anchors) => anchors,
            Err(fault) => return vec![json!({"ok": false, "error": fault})],
        };
        let authorities = match self.authorities(&[]) {
            Ok(authorities) => authorities,
            Err(fault) => return vec![json!({"ok": false, "error": fault})],
        };
        let mut probe = [0_u8; 32];
        SystemEntropy.fill(&mut probe);
        let mut found = Vec::new();
        for mut authority in authorities {
            let url = authority.url().to_owned();
            let now = self.clock.now();
            let stamp = request_stamp(&probe, authority.as_mut(), &anchors, &mut SystemEntropy, now);
            found.push(match stamp.map(|token| countersign_cms::timestamp::read_token(&token)) {
                Ok(Ok(token)) => {
                    let skew = token.info.gen_time.as_second() - now.as_second();
                    json!({"ok": true, "url": url, "gen_time": token.info.gen_time.to_string(), "clock_skew_s": skew})
                }
                Ok(Err(error)) => json!({"ok": false, "url": url, "reason": error.to_string()}),
                Err(failure) => json!({"ok": false, "url": url, "error": faults::stamp_failure(&url, &failure)}),
            });
        }
        found
    }

    fn probe_endpoints(&mut self) -> Vec<Value> {
        let names: Vec<String> = self.config.endpoints.keys().cloned().collect();
        let mut found = Vec::new();
        for name in names {
            let checked = self.with_endpoint(&name, |endpoint, _| (endpoint.facts(), endpoint.check()));
            found.push(match checked {
                Ok((facts, Ok(()))) => json!({"ok": true, "facts": facts}),
                Ok((facts, Err(error))) => json!({"ok": false, "facts": facts, "error": Fault::endpoint(&error)}),
                Err(fault) => json!({"ok": false, "name": name, "error": fault}),
            });
        }
        found
    }
}

fn is_well(value: &Value) -> bool {
    value.get("ok").and_then(Value::as_bool).unwrap_or(false)
}
