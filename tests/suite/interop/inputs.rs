//! The files to sign, with what independent tools say of them before.

use std::{collections::BTreeMap, path::Path};

use countersign_tests::{
    contracts::{self, Contract},
    desk::Workshop,
    judge::{Judge, tools},
    repository,
};

/// A file to sign.
pub(super) struct Input {
    pub(super) bytes: Vec<u8>,
    /// What pdftotext finds in it.
    pub(super) text: Option<String>,
    /// How many pages qpdf counts.
    pub(super) pages: Option<usize>,
    /// How many signatures are in it.
    pub(super) signatures: usize,
}

/// Who signed before us.
pub(super) const OTHER: &str = "Other Party";

/// Every input by its name.
pub(super) fn all(workshop: &Workshop, judge: Option<&Judge>) -> BTreeMap<String, Input> {
    let dir = workshop.folder("inputs");
    let mut contracts = contracts::sound();
    contracts.extend(contracts::foreign::by_qpdf(&dir));
    contracts.extend(contracts::damaged());
    let sample = repository::root().join("sample/contract.pdf");
    contracts.push(Contract {
        name: "sample",
        bytes: std::fs::read(sample).unwrap(),
    });
    let ours = contracts.len();
    if let Some(judge) = judge {
        let signer = workshop.identity(OTHER);
        contracts.extend(contracts::foreign::by_pyhanko(&dir, judge, &signer));
    }
    let sound: Vec<String> = contracts::sound()
        .iter()
        .map(|contract| contract.name.to_owned())
        .collect();
    let mut inputs = BTreeMap::new();
    for (place, Contract { name, bytes }) in contracts.into_iter().enumerate() {
        let file = dir.join(format!("{name}.pdf"));
        let mut input = read(&file, bytes);
        let (text, pages) = (&input.text, input.pages);
        if sound.iter().any(|sound| sound == name) {
            assert!(pages.is_none_or(|pages| pages == 2), "{name}: {pages:?} pages");
            for word in ["Loan agreement 2026-02", "\u{8d37}\u{6b3e}\u{5408}\u{540c}"] {
                assert!(
                    text.as_ref().is_none_or(|text| text.contains(word)),
                    "{name}: no {word} in {text:?}"
                );
            }
            let complaints = tools::qpdf_complaints(&file).unwrap_or_default();
            assert!(complaints.is_empty(), "{name}: {complaints:?}");
        }
        input.signatures = match (place >= ours, name) {
            (false, _) => 0,
            (true, "signed-twice") => 2,
            (true, _) => 1,
        };
        assert!(inputs.insert(name.to_owned(), input).is_none(), "{name} twice");
    }
    inputs
}

/// Some of our own contracts, by name.
pub(super) fn some(dir: &Path, names: &[&str]) -> BTreeMap<String, Input> {
    let wanted = contracts::sound()
        .into_iter()
        .filter(|contract| names.contains(&contract.name));
    wanted
        .map(|contract| (contract.name.to_owned(), read(&dir.join("input.pdf"), contract.bytes)))
        .collect()
}

fn read(file: &Path, bytes: Vec<u8>) -> Input {
    std::fs::write(file, &bytes).unwrap();
    Input {
        bytes,
        text: tools::text(file),
        pages: tools::pages(file),
        signatures: 0,
    }
}
