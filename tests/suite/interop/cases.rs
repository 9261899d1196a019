//! The table: which input is signed how, and what must come of it.

use std::collections::BTreeMap;

use countersign_tests::{contracts::PARTY, desk::Key};

use super::inputs::Input;

/// One way to make a signature value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Algorithm {
    pub(super) name: &'static str,
    pub(super) key: Key,
    pub(super) arguments: &'static [&'static str],
    /// As pyHanko names them.
    pub(super) digest: &'static str,
    pub(super) mechanism: &'static str,
}

pub(super) const ALGORITHMS: [Algorithm; 5] = [
    Algorithm {
        name: "RSA2048 pkcs1 sha256",
        key: Key::Rsa2048,
        arguments: &["--scheme", "pkcs1", "--digest", "sha256"],
        digest: "sha256",
        mechanism: "sha256_rsa|rsassa_pkcs1v15",
    },
    Algorithm {
        name: "RSA3072 pkcs1 sha512",
        key: Key::Rsa3072,
        arguments: &["--scheme", "pkcs1", "--digest", "sha512"],
        digest: "sha512",
        mechanism: "sha512_rsa|rsassa_pkcs1v15",
    },
    Algorithm {
        name: "RSA2048 pss sha256",
        key: Key::Rsa2048,
        arguments: &["--scheme", "pss", "--digest", "sha256"],
        digest: "sha256",
        mechanism: "rsassa_pss",
    },
    Algorithm {
        name: "P-256 sha256",
        key: Key::P256,
        arguments: &["--digest", "sha256"],
        digest: "sha256",
        mechanism: "sha256_ecdsa|ecdsa",
    },
    Algorithm {
        name: "P-384 sha384",
        key: Key::P384,
        arguments: &["--digest", "sha384"],
        digest: "sha384",
        mechanism: "sha384_ecdsa|ecdsa",
    },
];

pub(super) const LEVELS: [&str; 2] = ["B-B", "B-T"];

/// One signature.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) algorithm: Algorithm,
    pub(super) level: &'static str,
    pub(super) arguments: Vec<String>,
}

/// What must come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    Signed,
    Refused(&'static str, i32),
}

/// One cell of the matrix.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) input: String,
    /// The table's row: the input, and how it is signed.
    pub(super) row: String,
    pub(super) column: String,
    pub(super) steps: Vec<Step>,
    pub(super) expect: Expect,
}

const UNUSABLE: i32 = 65;
const REFUSED: i32 = 77;

/// Signed with every algorithm on every level.
const BASES: [&str; 4] = ["classic", "xref-stream", "hybrid", "sample"];

/// Signed once as they are.
const PLAIN: &[&str] = &[
    "pdf-2.0",
    "pdf-2.0-xref-stream",
    "xref-stream-plain-objects",
    "crlf",
    "cr-table",
    "no-last-eol",
    "no-last-eol-xref-stream",
    "inherited-rotated",
    "form-indirect",
    "form-inline",
    "form-fields-object",
    "form-inline-fields-object",
    "form-in-object-streams",
    "annots-inline",
    "annots-object",
    "annots-empty",
    "empty-field",
    "history",
    "history-xref-stream",
    "history-mixed",
    "history-mixed-to-stream",
    "generation",
    "linearized",
    "linearized-xref-stream",
    "signed",
    "signed-xref-stream",
    "signed-twice",
    "certified-2",
    "certified-2-xref-stream",
    "certified-3",
    "locked-other-field",
];

const VISIBLE: &str = "--visible 1,72,500,180,60";

/// Signed once, in a way of their own. `IMAGE` stands for a picture.
const SPECIAL: &[(&str, &str)] = &[
    ("classic", VISIBLE),
    ("classic", "--visible 2,72,500,180,60 --image IMAGE"),
    ("xref-stream", VISIBLE),
    ("xref-stream", "--visible 2,72,500,180,60 --image IMAGE"),
    ("hybrid", VISIBLE),
    ("sample", "--visible 1,72,80,180,60 --image IMAGE"),
    ("inherited-rotated", "--visible 1,72,200,180,60 --image IMAGE"),
    ("annots-object", VISIBLE),
    ("generation", VISIBLE),
    ("linearized", VISIBLE),
    ("form-in-object-streams", VISIBLE),
    ("signed", VISIBLE),
    ("signed-xref-stream", VISIBLE),
    ("classic", "--reason 同意_(agreed)_\\ --location 上海"),
    ("classic", "--field 甲方"),
    ("empty-field", "--field PARTY"),
    ("empty-field-kids", "--field PARTY"),
    ("empty-field-xref-stream", "--field PARTY"),
    ("empty-field-kids-xref-stream", "--field PARTY"),
    ("empty-field", "--field PARTY --visible 1,72,100,200,60"),
    (
        "empty-field-kids",
        "--field PARTY --visible 1,72,100,200,60 --image IMAGE",
    ),
    ("empty-field-locks", "--field PARTY"),
    ("signed-with-empty-field", "--field PARTY"),
    ("signed-with-empty-field-xref-stream", "--field PARTY"),
    ("certified-2-with-empty-field", "--field PARTY"),
    (
        "certified-2-with-empty-field",
        "--field PARTY --visible 1,72,100,200,60",
    ),
    ("locked-other-field", "--field PARTY"),
    ("classic", "--certify 1"),
    ("classic", "--certify 2"),
    ("classic", "--certify 3"),
    ("xref-stream", "--certify 1"),
    ("xref-stream", "--certify 2 --visible 1,72,500,180,60"),
    ("form-inline", "--certify 2 --lock include:Amount"),
    ("form-indirect", "--lock all"),
    ("form-indirect", "--lock include:Amount"),
    ("form-in-object-streams", "--lock exclude:Amount"),
];

/// What pdfsig cannot see: it takes a field with its widget as a kid for unsigned, whoever signed it.
pub(super) const PDFSIG_BLIND: [&str; 2] = ["empty-field-kids", "empty-field-kids-xref-stream"];

/// Refused, each for its reason.
const REFUSALS: &[(&str, &str, &str, i32)] = &[
    ("encrypted-owner-only", "", "encrypted", UNUSABLE),
    ("encrypted-owner-only-128", "", "encrypted", UNUSABLE),
    ("encrypted-user-password", "", "encrypted", UNUSABLE),
    ("encrypted-rc4", "", "encrypted", UNUSABLE),
    ("offset-off-catalog", "", "damaged-xref", UNUSABLE),
    ("offset-off-page", "", "damaged-xref", UNUSABLE),
    ("offset-off-content", "", "content-blocked", REFUSED),
    ("offset-off-font", "", "content-blocked", REFUSED),
    ("startxref-off", "", "damaged-xref", UNUSABLE),
    ("startxref-beyond", "", "damaged-xref", UNUSABLE),
    ("startxref-off-xref-stream", "", "damaged-xref", UNUSABLE),
    ("truncated", "", "damaged-xref", UNUSABLE),
    ("truncated-xref-stream", "", "damaged-xref", UNUSABLE),
    ("prev-loop", "", "damaged-xref", UNUSABLE),
    ("no-trailer", "", "damaged-xref", UNUSABLE),
    ("empty-file-with-header", "", "damaged-xref", UNUSABLE),
    ("no-pdf", "", "not-a-pdf", UNUSABLE),
    ("certified-1", "", "docmdp-forbids", REFUSED),
    ("certified-1", VISIBLE, "docmdp-forbids", REFUSED),
    ("certified-2", VISIBLE, "docmdp-forbids", REFUSED),
    ("certified-3", VISIBLE, "docmdp-forbids", REFUSED),
    ("certified-2", "--certify 2", "already-certified", REFUSED),
    ("signed", "--certify 2", "certify-not-first", REFUSED),
    ("signed", "--field Foreign", "field-already-signed", REFUSED),
    ("locked-all", "", "field-locked", REFUSED),
    ("locked-field", "--field PARTY", "field-locked", REFUSED),
    ("locked-no-changes", "", "docmdp-forbids", REFUSED),
    ("duplicate-field-name", "--field PARTY", "duplicate-field-name", REFUSED),
    ("form-indirect", "--field Amount", "duplicate-field-name", REFUSED),
    ("classic", "--visible 9,72,500,180,60", "page-missing", REFUSED),
    (
        "classic",
        "--visible 1,500,800,180,60",
        "placement-outside-page",
        REFUSED,
    ),
];

/// All cells whose inputs could be made; `complete` says that all of them could.
pub(super) fn all(inputs: &BTreeMap<String, Input>, complete: bool) -> Vec<Cell> {
    let mut cells = Vec::new();
    for base in BASES {
        for algorithm in ALGORITHMS {
            cells.extend(LEVELS.map(|level| one(base, "", algorithm, level, Expect::Signed)));
        }
    }
    // The others take turns, so that every algorithm and level meets many shapes.
    let mut turn = (0..LEVELS.len() * ALGORITHMS.len()).cycle();
    let mut next = || {
        turn.next()
            .map(|at| (ALGORITHMS[at % ALGORITHMS.len()], LEVELS[at % LEVELS.len()]))
            .unwrap()
    };
    let signed = PLAIN.iter().map(|input| (*input, "", Expect::Signed));
    let special = SPECIAL.iter().map(|(input, how)| (*input, *how, Expect::Signed));
    let refused = REFUSALS
        .iter()
        .map(|(input, how, code, exit)| (*input, *how, Expect::Refused(code, *exit)));
    for (input, how, expect) in signed.chain(special).chain(refused) {
        let (algorithm, level) = next();
        cells.push(one(input, how, algorithm, level, expect));
    }
    for input in ["classic", "xref-stream", "linearized", "empty-field-kids-xref-stream"] {
        cells.push(in_a_row(input));
    }
    cells.extend(["classic", "form-in-object-streams"].map(after_a_certification));
    let missing: Vec<&str> = cells
        .iter()
        .map(|cell| cell.input.as_str())
        .filter(|input| !inputs.contains_key(*input))
        .collect();
    assert!(!complete || missing.is_empty(), "inputs that nobody makes: {missing:?}");
    cells.retain(|cell| inputs.contains_key(&cell.input));
    for name in inputs.keys() {
        assert!(
            cells.iter().any(|cell| cell.input == *name),
            "{name} is an input that no cell signs"
        );
    }
    cells
}

fn one(input: &str, how: &str, algorithm: Algorithm, level: &'static str, expect: Expect) -> Cell {
    // An underscore stands for a space within a value.
    let spaced = |word: &str| word.replace('_', " ").replace("PARTY", PARTY);
    let arguments = how.split_whitespace().map(spaced).collect();
    Cell {
        input: input.to_owned(),
        row: format!("{input} {how}").trim_end().to_owned(),
        column: format!("{} {level}", algorithm.name),
        steps: vec![Step {
            algorithm,
            level,
            arguments,
        }],
        expect,
    }
}

/// Five signatures, each with another algorithm.
fn in_a_row(input: &str) -> Cell {
    let steps = ALGORITHMS.iter().enumerate().map(|(place, algorithm)| Step {
        algorithm: *algorithm,
        level: LEVELS[place % LEVELS.len()],
        arguments: if place == 2 {
            VISIBLE.split(' ').map(str::to_owned).collect()
        } else {
            vec![]
        },
    });
    Cell {
        input: input.to_owned(),
        row: format!("{input} (five signatures)"),
        column: "all".to_owned(),
        steps: steps.collect(),
        expect: Expect::Signed,
    }
}

/// A certification that allows signing, and two signatures after it.
fn after_a_certification(input: &str) -> Cell {
    let mut cell = in_a_row(input);
    cell.row = format!("{input} (--certify 2, then two signatures)");
    cell.steps.truncate(3);
    for (place, step) in cell.steps.iter_mut().enumerate() {
        step.arguments = if place == 0 {
            vec!["--certify".to_owned(), "2".to_owned()]
        } else {
            vec![]
        };
    }
    cell
}
