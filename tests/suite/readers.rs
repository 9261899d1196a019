//! What is shown is what others show: each file of the tables in our own reader, poppler, PDFium and pdf.js.
//!
//! Lopdf and hayro share habits, so they do not count as two. A file that is accepted and that the readers show
//! differently fails; a file that is refused although all show the same needs a reason (`reasons`). Of a file whose
//! fragility is told, a reader may show nothing, but none may show something else. The whole table is kept as
//! target/readers-table.md. Not its business: whether the product answers as the table of cases says (`ambiguous`).

pub(crate) mod compare;
mod reasons;
mod table;

use countersign_tests::{
    ambiguous::{self, Case, Expected},
    desk::Workshop,
    readers::{self, OTHERS, Shown},
    skip,
};

/// A case and what each reader shows of it.
struct Row {
    case: Case,
    /// None where our own picture cannot be made on this machine.
    ours: Option<Shown>,
    /// In the order of [`OTHERS`]; none for a reader that is missing here.
    others: [Option<Shown>; 3],
}

#[test]
fn readers_show_the_same() {
    let dir = Workshop::shared().folder("readers");
    let rows: Vec<Row> = ambiguous::cases().into_iter().map(|case| row(&dir, case)).collect();
    table::publish(&rows, skip::count());
    let red: Vec<String> = rows.iter().filter_map(judged).collect();
    assert!(red.is_empty(), "{} of {}:\n{}", red.len(), rows.len(), red.join("\n"));
}

fn row(dir: &std::path::Path, case: Case) -> Row {
    let file = dir.join("case.pdf");
    std::fs::write(&file, &case.bytes).unwrap();
    Row {
        ours: readers::ours(&file),
        others: readers::others(&file),
        case,
    }
}

impl Row {
    /// Who shows what, ours first, without those that are missing here.
    fn views(&self) -> Vec<(&'static str, &Shown)> {
        let others = OTHERS.iter().copied().zip(self.others.iter());
        std::iter::once(("Countersign", &self.ours))
            .chain(others)
            .filter_map(|(name, shown)| Some((name, shown.as_ref()?)))
            .collect()
    }

    /// Each difference between two readers that stand side by side.
    fn differences(&self) -> Vec<String> {
        let mut views = self.views();
        if matches!(self.case.expected, Expected::Told(_)) {
            views.retain(|(_, shown)| shown.is_ok());
        }
        views
            .windows(2)
            .filter_map(|pair| {
                let [(first, one), (second, other)] = pair else {
                    return None;
                };
                compare::difference(one, other).map(|how| format!("{first} and {second}: {how}"))
            })
            .collect()
    }
}

/// Why a row is red.
fn judged(row: &Row) -> Option<String> {
    let differences = row.differences();
    let name = row.case.name;
    match row.case.expected {
        Expected::Accepted | Expected::Told(_) if differences.is_empty() => None,
        Expected::Accepted | Expected::Told(_) => reasons::differ(name)
            .is_none()
            .then(|| format!("{name} is accepted, but readers differ: {}", differences.join("; "))),
        Expected::Refused(code) => (differences.is_empty() && reasons::strict(name, code).is_none())
            .then(|| format!("{name} is refused ({code}), but readers agree, and no reason is given")),
    }
}
