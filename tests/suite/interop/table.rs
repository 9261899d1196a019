//! The matrix as a table: inputs down, algorithms and levels across.

use countersign_tests::repository;

use super::cases::{ALGORITHMS, Cell, LEVELS};

/// Markdown.
pub(super) fn render(cells: &[Cell], outcomes: &[Result<String, String>]) -> String {
    let mut columns: Vec<String> = ALGORITHMS
        .iter()
        .flat_map(|algorithm| LEVELS.map(|level| format!("{} {level}", algorithm.name)))
        .collect();
    columns.push("all".to_owned());
    let mut rows: Vec<&str> = Vec::new();
    for cell in cells {
        if !rows.contains(&cell.row.as_str()) {
            rows.push(&cell.row);
        }
    }
    let mut lines = vec![
        format!("| input | {} |", columns.join(" | ")),
        format!("|{}", "---|".repeat(columns.len() + 1)),
    ];
    for row in rows {
        let words = columns.iter().map(|column| {
            let place = cells.iter().position(|cell| cell.row == row && cell.column == *column);
            place.map_or("", |place| outcomes[place].as_ref().map_or("RED", String::as_str))
        });
        lines.push(format!(
            "| {} | {} |",
            row.replace('|', "\\|"),
            words.collect::<Vec<_>>().join(" | ")
        ));
    }
    let count =
        |what: &dyn Fn(&Result<String, String>) -> bool| outcomes.iter().filter(|outcome| what(outcome)).count();
    let signed = count(&|outcome| outcome.as_deref() == Ok("ok"));
    let red = count(&|outcome| outcome.is_err());
    lines.push(String::new());
    lines.push(format!(
        "{} cells: {signed} signed and accepted by all judges, {} refused as they must be, {red} red.",
        cells.len(),
        cells.len() - signed - red
    ));
    lines.join("\n") + "\n"
}

/// To the output of the test and to a file.
pub(super) fn publish(table: &str, skipped: usize) {
    let note = if skipped > 0 {
        format!("{skipped} checks were SKIPPED for want of a tool.\n")
    } else {
        String::new()
    };
    eprintln!("\n{table}{note}");
    let file = repository::root().join("target/interop-matrix.md");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(
        &file,
        format!("# Inputs and algorithms, judged by pyHanko, pdfsig and qpdf\n\n{table}{note}"),
    )
    .unwrap();
}
