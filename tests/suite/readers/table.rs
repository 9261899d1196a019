//! The table: what we answer, and what each reader shows.

use countersign_tests::{
    ambiguous::Expected,
    readers::{OTHERS, Shown},
    repository,
};

use super::{Row, compare, reasons};

/// To the output of the test and to target/readers-table.md.
pub(super) fn publish(rows: &[Row], skipped: usize) {
    let mut lines = vec![
        format!("| file | our answer | Countersign | {} | readers |", OTHERS.join(" | ")),
        format!("|{}", "---|".repeat(OTHERS.len() + 4)),
    ];
    lines.extend(rows.iter().map(line));
    let count = |what: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| what(row)).count();
    let refused = |row: &Row| matches!(row.case.expected, Expected::Refused(_));
    let agree = |row: &Row| row.differences().is_empty();
    lines.push(String::new());
    lines.push(format!(
        "{} files: {} accepted ({} shown differently for a reason that is given), {} refused ({} of them shown alike: strict \
         for a reason that is given).",
        rows.len(),
        count(&|row| !refused(row)),
        count(&|row| !refused(row) && !agree(row)),
        count(&refused),
        count(&|row| refused(row) && agree(row)),
    ));
    if skipped > 0 {
        lines.push(format!("{skipped} checks were SKIPPED for want of a tool."));
    }
    let table = lines.join("\n") + "\n";
    eprintln!("\n{table}");
    let file = repository::root().join("target/readers-table.md");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, format!("# Files that readers may take differently\n\n{table}")).unwrap();
}

fn line(row: &Row) -> String {
    let (name, differences) = (row.case.name, row.differences());
    let answer = match row.case.expected {
        Expected::Accepted => "accepted".to_owned(),
        Expected::Told(code) => format!("accepted, told: {code}"),
        Expected::Refused(code) => format!("refused: {code}"),
    };
    let why = match row.case.expected {
        Expected::Refused(code) if differences.is_empty() => reasons::strict(name, code),
        Expected::Accepted | Expected::Told(_) if !differences.is_empty() => reasons::differ(name),
        _ => None,
    };
    let agree = if differences.is_empty() {
        "agree".to_owned()
    } else {
        format!("differ: {}", differences.join("; "))
    };
    let agree = why.map_or(agree.clone(), |why| format!("{agree} ({why})"));
    let cells = std::iter::once(&row.ours)
        .chain(&row.others)
        .map(|shown| shown.as_ref().map_or_else(|| "not on this machine".to_owned(), summary));
    let cells: Vec<String> = [name.to_owned(), answer]
        .into_iter()
        .chain(cells)
        .chain([agree])
        .map(|cell| cell.replace('|', "\\|").replace(['\n', '\r'], " "))
        .collect();
    format!("| {} |", cells.join(" | "))
}

/// The pages in a few words.
fn summary(shown: &Shown) -> String {
    match shown {
        Err(_) => "cannot open".to_owned(),
        Ok(view) => {
            let pages = view.pages.iter().map(|page| {
                let text: String = compare::letters(&page.text).chars().take(LETTERS).collect();
                if text.is_empty() { "(empty)".to_owned() } else { text }
            });
            format!("{}: {}", view.count, pages.collect::<Vec<_>>().join(" / "))
        }
    }
}

/// So much of a page's text tells it apart.
const LETTERS: usize = 24;
