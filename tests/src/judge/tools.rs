//! Small independent tools: pdfsig (poppler with NSS), qpdf, pdftotext.
//!
//! Each returns `None`, said loudly once, when it is not on this machine.

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, Output, Stdio},
    sync::Mutex,
};

use crate::skip::skip;

/// What pdfsig says of each signature, e.g. `Signature is Valid.`
#[must_use]
pub fn pdfsig(file: &Path) -> Option<Vec<String>> {
    let output = run(Command::new("pdfsig").arg("-nocert").arg(file))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(
        said.lines()
            .filter_map(|line| line.trim().strip_prefix("- Signature Validation: "))
            .map(str::to_owned)
            .collect(),
    )
}

/// What qpdf complains about; nothing for a clean file.
#[must_use]
pub fn qpdf_complaints(file: &Path) -> Option<Vec<String>> {
    let output = run(Command::new("qpdf").arg("--check").arg(file))?;
    let mut said: Vec<String> = [&output.stdout, &output.stderr]
        .iter()
        .flat_map(|said| {
            String::from_utf8_lossy(said)
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|line| line.contains("WARNING") || line.contains("ERROR"))
        .collect();
    if !output.status.success() && said.is_empty() {
        said.push(format!("qpdf --check: {}", output.status));
    }
    Some(said)
}

/// How many pages qpdf counts.
#[must_use]
pub fn pages(file: &Path) -> Option<usize> {
    let output = run(Command::new("qpdf").arg("--show-npages").arg(file))?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// The text that pdftotext finds.
#[must_use]
pub fn text(file: &Path) -> Option<String> {
    let output = run(Command::new("pdftotext")
        .args(["-layout", "-enc", "UTF-8"])
        .arg(file)
        .arg("-"))?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The text of one page, in the order of its content.
#[must_use]
pub fn page_text(file: &Path, page: u32) -> Option<String> {
    let number = page.to_string();
    let output = run(Command::new("pdftotext")
        .args(["-raw", "-enc", "UTF-8", "-f", &number, "-l", &number])
        .arg(file)
        .arg("-"))?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Lets qpdf make a file of another.
///
/// # Panics
/// When qpdf is there and fails.
#[must_use]
pub fn qpdf(from: &Path, to: &Path, arguments: &[&str]) -> bool {
    let Some(output) = run(Command::new("qpdf").args(arguments).arg(from).arg(to)) else {
        return false;
    };
    assert!(
        output.status.success(),
        "qpdf {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

fn run(command: &mut Command) -> Option<Output> {
    static MISSING: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    match command.stdin(Stdio::null()).output() {
        Ok(output) => Some(output),
        Err(error) => {
            let tool = command.get_program().to_string_lossy().into_owned();
            if MISSING.lock().expect("no other panic").insert(tool.clone()) {
                skip(&format!("{tool}: {error}; nothing is judged by it"));
            }
            None
        }
    }
}
