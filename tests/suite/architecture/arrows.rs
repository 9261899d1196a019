//! Dependencies point one way, and each foreign crate has one owner.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use countersign_tests::repository;

use super::none;

/// Who may depend on whom. The order is the order of the arrows: a crate may only name crates that stand before it.
const ARROWS: &[(&str, &[&str])] = &[
    // Text of strangers, made harmless: below everything that shows some.
    ("plain-text", &[]),
    ("cms", &["plain-text"]),
    ("pdf", &["plain-text"]),
    ("evidence", &[]),
    // A file, and nothing that draws it.
    ("typeface", &[]),
    // Draws octets; what they mean is not its business.
    ("render", &["plain-text", "typeface"]),
    ("trust", &["cms"]),
    ("signing", &["pdf", "cms", "trust", "evidence"]),
    ("practice", &[]),
    ("token", &["signing", "cms"]),
    ("remote", &["plain-text", "signing", "evidence"]),
    ("store", &["signing", "evidence"]),
    (
        "engine",
        &[
            "pdf", "cms", "trust", "evidence", "typeface", "signing", "token", "remote", "store", "practice",
        ],
    ),
    // What a window shows and asks, without one.
    ("desk", &["plain-text", "engine", "render"]),
    ("cli", &["plain-text", "engine"]),
    ("desktop", &["plain-text", "desk", "engine", "render"]),
];

/// Nothing depends on the tests; they may look at everything.
const TESTS: &str = "tests";

/// Plain types that every crate may use.
const VOCABULARY: &[&str] = &[
    "serde",
    "serde_json",
    "thiserror",
    "hex",
    "base64",
    "sha2",
    "sm3",
    "jiff",
    "zeroize",
];

/// Foreign crates that more than one crate uses, with those that do and why it is not one.
const SHARED: &[(&str, &[&str])] = &[
    // A tool of unit tests; it is in no product.
    (
        "tempfile",
        &["desk", "practice", "remote", "render", "store", "token", TESTS],
    ),
    // The private copy, mapped by who made it and again by the process that draws it.
    ("memmap2", &["render", "store"]),
    // Files and locks there, limits of a process here.
    ("rustix", &["render", "store"]),
    // The types that cross to the window, and their translation.
    ("specta", &["desk", "desktop"]),
    // Practice services, and services with faults in the tests.
    ("tiny_http", &["practice", TESTS]),
    // Random ids and nonces are made by the engine; throwaway keys by practice.
    ("getrandom", &["engine", "practice"]),
    // The tests compress the inputs that they make.
    ("flate2", &["pdf", TESTS]),
    // The tests look into the pictures that are drawn.
    ("png", &["pdf", TESTS]),
];

/// The owners that the design names. A crate that is used by one other crate than these is a broken promise, too.
const OWNERS: &[(&str, &str)] = &[
    ("aes-gcm", "store"),
    ("certval", "trust"),
    ("clap", "cli"),
    ("cms", "cms"),
    ("cryptoki", "token"),
    ("cryptoki-sys", "token"),
    ("der", "cms"),
    ("hayro", "render"),
    ("hayro-syntax", "pdf"),
    ("k256", "remote"),
    ("keyring", "store"),
    ("lopdf", "pdf"),
    ("rcgen", "practice"),
    ("reqwest", "remote"),
    ("rusqlite", "store"),
    ("rustls", "remote"),
    ("seccompiler", "render"),
    ("serde_json_canonicalizer", "evidence"),
    ("specta-typescript", "desktop"),
    ("tauri", "desktop"),
    ("toml_edit", "store"),
    ("x509-cert", "cms"),
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(repository::root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata")
}

/// The name without the family's prefix; foreign crates have none.
fn own(name: &str) -> Option<&str> {
    name.strip_prefix("countersign-")
}

fn packages(metadata: &Metadata) -> Vec<(&str, &Package)> {
    let found: Vec<_> = metadata
        .packages
        .iter()
        .map(|package| {
            (
                own(&package.name).unwrap_or_else(|| panic!("{}: a name without the prefix", package.name)),
                package,
            )
        })
        .collect();
    assert!(found.len() > ARROWS.len(), "fewer packages than the table has");
    found
}

#[test]
fn the_table_of_arrows_points_one_way() {
    for (place, (name, below)) in ARROWS.iter().enumerate() {
        for target in *below {
            let at = ARROWS.iter().position(|(name, _)| name == target);
            assert!(at.is_some_and(|at| at < place), "{name} -> {target}");
        }
    }
}

#[test]
fn dependencies_follow_the_arrows() {
    let metadata = metadata();
    let mut found = Vec::new();
    for (name, package) in packages(&metadata) {
        if name == TESTS {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            found.push(format!("{name} is not in the table of arrows"));
            continue;
        };
        let targets: BTreeSet<_> = package
            .dependencies
            .iter()
            .filter_map(|dependency| own(&dependency.name))
            .collect();
        found.extend(
            targets
                .iter()
                .filter(|target| !allowed.contains(target))
                .map(|target| format!("{name} -> {target}")),
        );
    }
    none("arrows that the design does not have", &found);
}

#[test]
fn each_foreign_crate_has_one_owner() {
    let metadata = metadata();
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, package) in packages(&metadata) {
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| own(&dependency.name).is_none())
        {
            users.entry(&dependency.name).or_default().insert(name);
        }
    }
    let mut found = Vec::new();
    for (foreign, users) in &users {
        if VOCABULARY.contains(foreign) {
            continue;
        }
        let shared = SHARED.iter().find(|(name, _)| name == foreign).map(|(_, users)| *users);
        let owner = OWNERS.iter().find(|(name, _)| name == foreign).map(|(_, owner)| *owner);
        let allowed = users.iter().all(|user| match (shared, owner) {
            (Some(shared), _) => shared.contains(user),
            (None, Some(owner)) => *user == owner,
            (None, None) => users.len() == 1,
        });
        if !allowed {
            found.push(format!("{foreign}: {users:?}"));
        }
    }
    none("foreign crates without exactly one owner", &found);
}

#[test]
fn development_tools_stay_out_of_the_product() {
    let metadata = metadata();
    let mut found = Vec::new();
    for (name, package) in packages(&metadata).into_iter().filter(|(name, _)| *name != TESTS) {
        for dependency in &package.dependencies {
            if dependency.name == "tempfile" && dependency.kind != DependencyKind::Development {
                found.push(format!("{name} -> {}", dependency.name));
            }
        }
    }
    none("development tools in the product", &found);
}
