//! Poppler, by its tools.

use std::{path::Path, process::Command};

use super::{MOST_PAGES, PageView, Shown, View};
use crate::skip::skip;

/// Seconds for a file; some hostile ones take for ever.
const DEADLINE: &str = "20";

pub(super) fn view(file: &Path) -> Option<Shown> {
    let most = MOST_PAGES.to_string();
    let facts = run("pdfinfo", &[], file, &[])?;
    let facts = String::from_utf8_lossy(&facts).into_owned();
    let Some(count) = facts
        .lines()
        .find_map(|line| line.strip_prefix("Pages:")?.trim().parse().ok())
    else {
        return Some(Err("pdfinfo names no pages".to_owned()));
    };
    let options = ["-gray", "-r", "72", "-cropbox", "-l", &most];
    let mut pictures = run("pdftoppm", &options, file, &[])?;
    let text = run("pdftotext", &["-enc", "UTF-8", "-l", &most], file, &["-"])?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut texts = text.split('\u{c}');
    let mut pages = Vec::new();
    while let Some(mut page) = next_picture(&mut pictures) {
        page.text = texts.next().unwrap_or_default().to_owned();
        pages.push(page);
    }
    Some(Ok(View { count, pages }))
}

fn run(program: &str, options: &[&str], file: &Path, target: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("timeout")
        .arg(DEADLINE)
        .arg(program)
        .args(options)
        .arg(file)
        .args(target)
        .output();
    match output {
        // What `timeout` says of a program that is not there.
        Ok(output) if output.status.code() != Some(127) => Some(output.stdout),
        _ => {
            skip(&format!("{program} (poppler-utils) is missing"));
            None
        }
    }
}

/// Takes a PGM file (P5) from the front of several.
fn next_picture(from: &mut Vec<u8>) -> Option<PageView> {
    let mut at = 0;
    let mut word = || {
        let rest = from.get(at..)?;
        let start = at + rest.iter().position(|octet| !octet.is_ascii_whitespace())?;
        let end = start + from.get(start..)?.iter().position(u8::is_ascii_whitespace)?;
        // One white space ends the head.
        at = end + 1;
        String::from_utf8(from.get(start..end)?.to_vec()).ok()
    };
    if word()? != "P5" {
        return None;
    }
    let (width, height): (usize, usize) = (word()?.parse().ok()?, word()?.parse().ok()?);
    let _white = word()?;
    let grey = from.get(at..at + width * height)?.to_vec();
    from.drain(..at + width * height);
    Some(PageView {
        width,
        height,
        grey,
        text: String::new(),
    })
}
