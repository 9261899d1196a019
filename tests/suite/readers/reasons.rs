//! Why an answer stands although the readers seem to speak against it. Each line is a decision.

/// Files that are accepted although readers show them differently, by name.
const DIFFER: &[(&str, &str)] = &[
    (
        "Length ends at the second of two ends",
        "two texts on one place: poppler extracts glyphs that lie on each other once",
    ),
    // These are told, not refused: one reader shows less than the others, none shows other words.
    ("null among the kids", "poppler leaves the page behind it empty"),
    ("no size anywhere", "our picture is A4, theirs is US Letter"),
    ("no resources anywhere", "poppler leaves the page empty"),
    ("content null in a list", "poppler leaves the page empty"),
    ("content to nothing in a list", "poppler leaves the page empty"),
];

/// What is refused although these readers agree, by name or by code.
const STRICT: &[(&str, &str)] = &[
    (
        "content-undecodable",
        "what cannot be decoded cannot be reviewed; readers agree on nothing, or on garbage",
    ),
    (
        "damaged-xref",
        "what readers find by searching the whole file is a guess, and no revision of the file",
    ),
    (
        "duplicate-key",
        "which one counts is left open (7.3.7): for other keys of the same kind these readers differ",
    ),
    (
        "duplicate-object",
        "pdf.js takes the last, others the one that the index names: they agree by chance of the order",
    ),
    (
        "hybrid-differs",
        "readers without cross-reference streams show the other object",
    ),
    (
        "object-overlap",
        "a reader that repairs the file takes the last object of a number, and none from within a stream",
    ),
    (
        "page-tree-ambiguous",
        "readers that go by /Type or /Count, as these do for the neighbours in this table, show other pages",
    ),
    (
        "page-without-size",
        "only multiples of 90 are defined (table 31); readers round each in its own way",
    ),
    (
        "stream-length",
        "readers that trust /Length and readers that search for the end see other octets",
    ),
];

pub(super) fn differ(name: &str) -> Option<&'static str> {
    DIFFER.iter().find(|(known, _)| *known == name).map(|(_, why)| *why)
}

pub(super) fn strict(name: &str, code: &str) -> Option<&'static str> {
    let of = |word: &str| STRICT.iter().find(|(known, _)| *known == word).map(|(_, why)| *why);
    of(name).or_else(|| of(code))
}
