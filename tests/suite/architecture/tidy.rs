//! What every file of the project keeps to.

use std::path::PathBuf;

use countersign_tests::repository::{self, relative, text};

use super::none;

const LINES_HABIT: usize = 200;
const LINES_MAX: usize = 600;
const ARCHITECTURE_MAX: usize = 200;

/// Crates without IO, clock, environment and randomness.
const PURE: &[&str] = &["pdf", "cms", "trust", "evidence", "signing"];
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "getrandom",
];

/// The files that may be unsafe, each with one purpose: a memory map (of the private copy, and of the same in the process
/// that draws it), a call that cryptoki does not offer, and the environment that a module reads when it is loaded.
const UNSAFE: &[&str] = &[
    "crates/render/src/worker/map.rs",
    "crates/store/src/snapshot/map.rs",
    "crates/token/src/raw.rs",
    "crates/cli/src/main.rs",
    "src-tauri/src/start.rs",
];

/// A word in two halves, so that this file does not contain it.
type Halves = (&'static str, &'static str);
const UNFINISHED: &[Halves] = &[
    ("todo", "!("),
    ("unimplemen", "ted!("),
    ("FIX", "ME"),
    ("#[al", "low("),
    ("#![al", "low("),
];
const ELSEWHERE: &[Halves] = &[("crates", ".io"), ("npm", "js"), ("pypi", ".org"), ("/wo", "rk/")];

fn joined(halves: &[Halves]) -> Vec<String> {
    halves
        .iter()
        .map(|(first, second)| format!("{first}{second}"))
        .collect()
}

/// The code of a file: no comments, nothing that is compiled for tests only.
fn product_code(source: &str) -> Vec<(usize, &str)> {
    let mut kept = Vec::new();
    let mut lines = source.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let bare = line.trim_start();
        if bare.starts_with("#[cfg(test)]") {
            let indent = &line[..line.len() - bare.len()];
            // Further attributes belong to the item.
            let item = lines
                .by_ref()
                .map(|(_, line)| line)
                .find(|line| !line.trim_start().starts_with("#["));
            if item.is_some_and(|item| item.trim_end().ends_with('{')) {
                let end = format!("{indent}}}");
                let _closed = lines.by_ref().find(|(_, line)| *line == end);
            }
            continue;
        }
        if !bare.starts_with("//") {
            kept.push((number + 1, line));
        }
    }
    kept
}

/// Source files that are part of a product, not of its tests.
fn product_sources(krate: &str) -> Vec<PathBuf> {
    let prefix = format!("crates/{krate}/src/");
    let found: Vec<PathBuf> = repository::sources()
        .into_iter()
        .filter(|file| relative(file).starts_with(&prefix))
        .filter(|file| {
            !relative(file)[prefix.len()..]
                .split('/')
                .any(|part| part == "tests" || part == "tests.rs")
        })
        .collect();
    assert!(!found.is_empty(), "no source in {prefix}");
    found
}

#[test]
fn code_for_tests_is_told_from_code_for_the_product() {
    let source = "//! Doc std::fs.\nuse a;\n#[cfg(test)]\nmod tests;\nfn b() {}\n#[cfg(test)]\nmod more {\n    use std::fs;\n}\nfn c() {}\n";
    let kept: Vec<&str> = product_code(source).into_iter().map(|(_, line)| line).collect();
    assert_eq!(kept, ["use a;", "fn b() {}", "fn c() {}"]);
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let (mut found, mut long) = (Vec::new(), Vec::new());
    for file in repository::sources() {
        let source = text(&file);
        let (name, lines) = (relative(&file), source.lines().count());
        if lines > LINES_MAX {
            found.push(format!("{name}: {lines} lines"));
        } else if lines > LINES_HABIT {
            long.push(format!("{lines:4} {name}"));
        }
        if !source.starts_with("//!") {
            found.push(format!("{name}: does not begin with //!"));
        }
    }
    long.sort();
    eprintln!(
        "{} files over {LINES_HABIT} lines:\n  {}",
        long.len(),
        long.join("\n  ")
    );
    none("untidy files", &found);
}

#[test]
fn nothing_is_left_unfinished_or_silenced() {
    let words = joined(UNFINISHED);
    let mut found = Vec::new();
    for file in repository::sources() {
        for (number, line) in text(&file).lines().enumerate() {
            found.extend(
                words
                    .iter()
                    .filter(|word| line.contains(word.as_str()))
                    .map(|word| format!("{}:{}: {word}", relative(&file), number + 1)),
            );
        }
    }
    none("unfinished or silenced", &found);
}

#[test]
fn pure_crates_reach_for_nothing() {
    let mut found = Vec::new();
    for file in PURE.iter().flat_map(|krate| product_sources(krate)) {
        let source = text(&file);
        for (number, line) in product_code(&source) {
            found.extend(
                IMPURE
                    .iter()
                    .filter(|word| line.contains(*word))
                    .map(|word| format!("{}:{number}: {word}", relative(&file))),
            );
        }
    }
    none("IO, clock, environment or randomness in a pure crate", &found);
}

#[test]
fn unsafe_code_stands_in_known_files_only() {
    let word = ["un", "safe"].concat();
    let mut found = Vec::new();
    for file in repository::sources() {
        let (name, source) = (relative(&file), text(&file));
        let used = source.lines().any(|line| {
            let code = line.split("//").next().unwrap_or_default();
            // Not the name of the lint, and not a longer word, such as one of a content policy.
            code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
                .any(|token| token == word)
        });
        if used && !UNSAFE.contains(&name.as_str()) && !name.starts_with("tests/") {
            found.push(name);
        }
    }
    none("unsafe code in unlisted files", &found);
}

#[test]
fn no_word_of_other_places() {
    let words = joined(ELSEWHERE);
    // Written by the package managers themselves.
    let locks = ["Cargo.lock", "package-lock.json"];
    let mut found = Vec::new();
    for file in repository::files() {
        let name = relative(&file);
        if locks.contains(&name.as_str()) {
            continue;
        }
        let content = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        found.extend(
            words
                .iter()
                .filter(|word| content.contains(word.as_str()))
                .map(|word| format!("{name}: {word}")),
        );
    }
    none("words of other tools and hosts", &found);
}

#[test]
fn the_architecture_page_stays_a_page() {
    let page = repository::root().join("ARCHITECTURE.md");
    if page.exists() {
        let lines = text(&page).lines().count();
        assert!(
            lines <= ARCHITECTURE_MAX,
            "ARCHITECTURE.md has {lines} lines, {ARCHITECTURE_MAX} are allowed"
        );
    } else {
        countersign_tests::skip::without("ARCHITECTURE.md is not there yet");
    }
}
