//! Contracts that only other tools can make: linearized and encrypted by qpdf, signed by pyHanko.
//!
//! Not its business: running those tools (judge).

use std::path::Path;

use serde_json::json;

use super::{Annots, Contract, Field, Form, PARTY, Shape, classic, streams};
use crate::{
    contracts::writer::{File, Kind},
    desk::Identity,
    judge::{self, Judge},
};

/// What qpdf makes of a plain contract.
#[must_use]
pub fn by_qpdf(dir: &Path) -> Vec<Contract> {
    let cases: [(&str, Contract, &[&str]); 6] = [
        ("linearized", classic(), &["--linearize"]),
        (
            "linearized-xref-stream",
            classic(),
            &["--linearize", "--object-streams=generate"],
        ),
        (
            "encrypted-owner-only",
            classic(),
            &["--encrypt", "", "owner", "256", "--"],
        ),
        (
            "encrypted-owner-only-128",
            streams(),
            &["--encrypt", "", "owner", "128", "--use-aes=y", "--"],
        ),
        (
            "encrypted-user-password",
            classic(),
            &["--encrypt", "user", "owner", "256", "--"],
        ),
        (
            "encrypted-rc4",
            classic(),
            &["--allow-weak-crypto", "--encrypt", "user", "owner", "40", "--"],
        ),
    ];
    cases
        .into_iter()
        .filter_map(|(name, base, arguments)| {
            let (from, to) = (
                dir.join(format!("{name}.base.pdf")),
                dir.join(format!("{name}.made.pdf")),
            );
            std::fs::write(&from, base.bytes).expect("a folder to write to");
            judge::tools::qpdf(&from, &to, arguments)
                .then(|| Contract::new(name, std::fs::read(&to).expect("qpdf's file")))
        })
        .collect()
}

/// What pyHanko signs: approvals, certifications of each level, and locks.
#[must_use]
pub fn by_pyhanko(dir: &Path, judge: &Judge, signer: &Identity) -> Vec<Contract> {
    let form = Shape {
        form: Form::Indirect,
        fields_inline: true,
        annots: Annots::Inline,
        ..Shape::default()
    };
    let with_field = Shape {
        field: Field::Merged,
        ..form.clone()
    };
    let table = |shape: &Shape| File::new("1.7", Kind::Table).with(&shape.body()).finish();
    let packed = |shape: &Shape| File::new("1.7", Kind::ObjectStreams).with(&shape.body()).finish();
    let (plain, packed_plain) = (classic().bytes, streams().bytes);
    let mut cases = vec![
        ("signed", plain.clone(), json!({})),
        ("signed-xref-stream", packed_plain.clone(), json!({})),
        ("signed-twice", plain.clone(), json!({"times": 2})),
        (
            "signed-with-empty-field",
            table(&with_field),
            json!({"field": "Lender"}),
        ),
        (
            "signed-with-empty-field-xref-stream",
            packed(&with_field),
            json!({"field": "Lender"}),
        ),
        ("certified-1", plain.clone(), json!({"certify": 1})),
        ("certified-2", plain.clone(), json!({"certify": 2})),
        ("certified-3", plain.clone(), json!({"certify": 3})),
        ("certified-2-xref-stream", packed_plain, json!({"certify": 2})),
        (
            "certified-2-with-empty-field",
            table(&with_field),
            json!({"field": "Lender", "certify": 2}),
        ),
        ("locked-all", plain, json!({"lock": {"action": "all"}})),
        (
            "locked-field",
            table(&with_field),
            json!({"field": "Lender", "lock": {"action": "include", "fields": [PARTY]}}),
        ),
        // A field with an appearance must not be named: pyHanko takes its own second signature for a change of it.
        (
            "locked-other-field",
            table(&with_field),
            json!({"field": "Lender", "lock": {"action": "include", "fields": ["Other"]}}),
        ),
        (
            "locked-no-changes",
            table(&form),
            json!({"lock": {"action": "include", "fields": ["Amount"], "permission": 1}}),
        ),
    ];
    cases
        .drain(..)
        .map(|(name, bytes, options)| {
            let (from, to) = (
                dir.join(format!("{name}.base.pdf")),
                dir.join(format!("{name}.made.pdf")),
            );
            std::fs::write(&from, bytes).expect("a folder to write to");
            judge.sign(&from, &to, signer, options);
            Contract::new(name, std::fs::read(&to).expect("pyHanko's file"))
        })
        .collect()
}
