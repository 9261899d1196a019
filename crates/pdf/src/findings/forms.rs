//! The form as a whole (ISO 32000-2 12.7.3): a second description of it (XFA, annex K), fields that share a name.

use std::collections::HashMap;

use hayro_syntax::object::{Array, Dict, Stream};

use super::{FindingCode, Findings, Severity};
use crate::document::Document;
use crate::signatures::fields::FieldTree;

/// A configuration packet above this size is not decoded; the form then counts as dynamic.
const LARGEST_PACKET: usize = 16 << 10;

pub(crate) fn judge(document: &Document, tree: &FieldTree, findings: &mut Findings) {
    if let Ok(catalog) = document.catalog()
        && let Some(form) = catalog.get::<Dict<'_>>("AcroForm")
        && document.has_value(&form, "XFA")
    {
        let rendered_anew = catalog.get::<bool>("NeedsRendering") == Some(true);
        if rendered_anew || !is_static(&form) {
            let detail = "dynamic: some readers show pages made from it instead of these";
            findings.add(FindingCode::Xfa, Severity::Block, None, detail);
        } else {
            findings.add(
                FindingCode::Xfa,
                Severity::Warn,
                None,
                "static: some readers show its values instead of these",
            );
        }
    }
    let mut uses: HashMap<&str, u32> = HashMap::new();
    for field in tree.fields().iter().filter(|field| field.named && field.in_form) {
        *uses.entry(&field.name).or_default() += 1;
    }
    let mut shared: Vec<_> = uses.into_iter().filter(|(_, count)| *count > 1).collect();
    shared.sort_unstable();
    for (name, count) in shared {
        let detail = format!("{count} fields are named {name}");
        findings.add(FindingCode::DuplicateFieldName, Severity::Warn, None, detail);
    }
    for cut in tree.cuts() {
        findings.add(cut.code, Severity::Warn, None, cut.detail.clone());
    }
}

/// Whether the configuration packet is there, readable, and does not ask for dynamic rendering.
fn is_static(form: &Dict<'_>) -> bool {
    let Some(packets) = form.get::<Array<'_>>("XFA") else {
        return false;
    };
    let mut items = packets.flex_iter();
    for _ in 0..64 {
        let Some(name) = items.next::<hayro_syntax::object::String<'_>>() else {
            return false;
        };
        let Some(packet) = items.next::<Stream<'_>>() else {
            return false;
        };
        if name.as_bytes() == b"config" {
            let raw = packet.raw_data();
            return raw.len() <= LARGEST_PACKET
                && packet.decoded_data().is_ok_and(|config| {
                    std::str::from_utf8(&config).is_ok_and(|config| {
                        !config.contains("dynamicRender") || config.contains("<dynamicRender>forbidden<")
                    })
                });
        }
    }
    false
}
