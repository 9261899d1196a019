//! What the program is built of: every licence is one that deny.toml allows, and the lists that the window shows are those
//! of this build. Nothing here asks the network.
//!
//! `crates/desk/libraries/crates.tsv` is made here (`COUNTERSIGN_WRITE_LIBRARIES=1 cargo test --test suite licences` writes
//! it anew), `window.tsv` beside it by the build of the window.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, TargetKind};
use countersign_tests::repository;

use super::none;

const CRATES: &str = "crates/desk/libraries/crates.tsv";
const WINDOW: &str = "crates/desk/libraries/window.tsv";
/// What pdf.js brings along that is no code.
const DATA: &[(&str, &str)] = &[
    ("ICC profiles (pdf.js)", "CC0-1.0"),
    ("Liberation fonts (pdf.js)", "OFL-1.1"),
];
const DESKTOP: &str = "countersign-desktop";
/// Packages are built for this; a list for another one differs in a few names.
const TARGET: &str = "x86_64-unknown-linux-gnu";

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(repository::root().join("Cargo.toml"))
        .other_options(["--offline", "--locked", "--filter-platform", TARGET].map(str::to_owned))
        .exec()
        .expect("cargo metadata")
}

fn is_macro(package: &Package) -> bool {
    let kinds = package.targets.iter().flat_map(|target| &target.kind);
    kinds.into_iter().any(|kind| *kind == TargetKind::ProcMacro)
}

/// What is linked into the desktop program: neither macros nor what only builds or tests it.
fn linked(metadata: &Metadata) -> Vec<&Package> {
    let packages: BTreeMap<_, _> = metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let desktop = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == DESKTOP);
    let mut open = vec![&desktop.expect("the desktop").id];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if is_macro(packages[id]) || !seen.insert(id) {
            continue;
        }
        let used = nodes[id]
            .deps
            .iter()
            .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
        open.extend(used.map(|dep| &dep.pkg));
    }
    let mut found: Vec<_> = seen
        .into_iter()
        .map(|id| packages[id])
        .filter(|package| package.source.is_some())
        .collect();
    found.sort_by_key(|package| (package.name.to_string(), package.version.clone()));
    found
}

/// `allow` and `exceptions` of deny.toml.
struct Allowed {
    everywhere: BTreeSet<String>,
    /// Licences of one library each.
    of_one: BTreeSet<(String, String)>,
}

fn quoted(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn allowed() -> Allowed {
    let text = repository::text(&repository::root().join("deny.toml"));
    let section = text.split("\n[licenses]\n").nth(1).expect("the licences");
    let section = section.split("\n[").next().expect("up to the next one");
    let list = |key: &str| {
        let after = section.split(&format!("{key} = [\n")).nth(1).expect(key);
        let lines = after.lines().take_while(|line| *line != "]");
        lines
            .filter(|line| !line.trim_start().starts_with('#'))
            .map(quoted)
            .collect::<Vec<_>>()
    };
    let exceptions = list("exceptions").into_iter().flat_map(|words| {
        let mut words = words.into_iter();
        let name = words.next().expect("a crate");
        words.map(move |licence| (name.clone(), licence))
    });
    Allowed {
        of_one: exceptions.collect(),
        everywhere: list("allow").into_iter().flatten().collect(),
    }
}

impl Allowed {
    fn one(&self, library: &str, licence: &str) -> bool {
        self.everywhere.contains(licence) || self.of_one.contains(&(library.to_owned(), licence.to_owned()))
    }

    /// An SPDX expression; `/` is how OR was written once. AND binds closer.
    fn all(&self, library: &str, expression: &str) -> bool {
        let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let mut words = spaced.split_whitespace().peekable();
        let said = self.either(library, &mut words);
        said && words.next().is_none()
    }

    fn either<'a>(&self, library: &str, words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> bool {
        let mut one = self.both(library, words);
        while words.next_if_eq(&"OR").is_some() {
            one |= self.both(library, words);
        }
        one
    }

    fn both<'a>(&self, library: &str, words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> bool {
        let mut all = self.term(library, words);
        while words.next_if_eq(&"AND").is_some() {
            all &= self.term(library, words);
        }
        all
    }

    fn term<'a>(&self, library: &str, words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> bool {
        if words.next_if_eq(&"(").is_some() {
            let mut depth = 1;
            let mut text = String::new();
            for word in words {
                depth += i32::from(word == "(") - i32::from(word == ")");
                if depth == 0 {
                    return self.all(library, &text);
                }
                text.push_str(word);
                text.push(' ');
            }
            return false;
        }
        let Some(mut licence) = words.next().map(str::to_owned) else {
            return false;
        };
        if words.next_if_eq(&"WITH").is_some() {
            licence = format!("{licence} WITH {}", words.next().unwrap_or_default());
        }
        self.one(library, &licence)
    }
}

#[test]
fn expressions_are_read() {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
    let allowed = Allowed {
        everywhere: words(&["MIT", "ISC"]),
        of_one: BTreeSet::from([("one".to_owned(), "MPL-2.0".to_owned())]),
    };
    for (library, expression, expected) in [
        ("a", "MIT", true),
        ("a", "MPL-2.0", false),
        ("one", "MPL-2.0", true),
        ("a", "GPL-3.0 OR MIT", true),
        ("a", "GPL-3.0/MIT", true),
        ("a", "GPL-3.0 AND MIT", false),
        ("a", "ISC AND MIT", true),
        ("a", "MIT OR GPL-3.0 AND MPL-2.0", true),
        ("a", "(MIT OR GPL-3.0) AND ISC", true),
        ("a", "(MIT OR GPL-3.0) AND GPL-3.0", false),
        ("a", "((MIT))", true),
        ("a", "MIT WITH X-exception", false),
        ("a", "MIT ISC", false),
        ("a", "(MIT", false),
        ("a", "", false),
    ] {
        assert_eq!(allowed.all(library, expression), expected, "{library}: {expression}");
    }
}

#[test]
fn licences_of_everything_that_is_foreign_are_allowed() {
    let (metadata, allowed) = (metadata(), allowed());
    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    let mut found: Vec<String> = Vec::new();
    let mut looked = 0;
    for package in foreign {
        looked += 1;
        let licence = package.license.clone().unwrap_or_default();
        if !allowed.all(&package.name, &licence) {
            found.push(format!("{} {}: {licence:?}", package.name, package.version));
        }
    }
    assert!(looked > 300, "only {looked} packages");
    for row in repository::text(&repository::root().join(WINDOW)).lines() {
        let parts: Vec<&str> = row.split('\t').collect();
        let [name, _, licence] = parts[..] else {
            found.push(format!("{WINDOW}: {row}"));
            continue;
        };
        if !allowed.all(name, licence) && !DATA.contains(&(name, licence)) {
            found.push(format!("{name} in the window: {licence:?}"));
        }
    }
    none("licences that deny.toml does not allow", &found);
}

#[test]
fn exceptions_are_needed() {
    let metadata = metadata();
    let there = |name: &str| metadata.packages.iter().any(|package| package.name.as_str() == name);
    let unused = allowed().of_one.into_iter().filter(|(name, _)| !there(name));
    let unused: Vec<String> = unused.map(|(name, licence)| format!("{name}: {licence}")).collect();
    none("exceptions of deny.toml for what is not there", &unused);
}

#[test]
fn the_list_of_libraries_is_not_stale() {
    let metadata = metadata();
    let made: String = linked(&metadata)
        .into_iter()
        .map(|package| {
            let licence = package.license.as_deref().unwrap_or_default().replace('/', " OR ");
            let licence = licence.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{}\t{}\t{licence}\n", package.name, package.version)
        })
        .collect();
    let file = repository::root().join(CRATES);
    if std::env::var_os("COUNTERSIGN_WRITE_LIBRARIES").is_some() {
        fs::write(&file, &made).expect("write");
    }
    let kept = repository::text(&file);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let differing: Vec<String> = lines(&made).symmetric_difference(&lines(&kept)).cloned().collect();
    none(
        &format!("{CRATES} is stale: COUNTERSIGN_WRITE_LIBRARIES=1 cargo test --test suite licences"),
        &differing,
    );
}
