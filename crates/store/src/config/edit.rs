//! Changing one thing in the user's `config.toml`: everything else, comments included, stays as it stands.
//!
//! The changed text is read as the program would read it before it takes the old one's place; what an administrator locked,
//! or set as a list that the user's file does not have, is refused. Not its business: which changes a person may ask for.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use countersign_evidence::PayloadMode;
use countersign_signing::Level;
use toml_edit::{DocumentMut, Item, Table, value};

use super::{
    Config, ConfigError, FILE, FinalityRule, MANAGED, MAX_OCTETS,
    edit_table::{anchors, array, endpoint, evm_table, missing, prefer, remove, section, set, text},
};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigChange {
    /// `signing.level`.
    Level(Level),
    /// `signing.render_all_pages_before_signing`.
    RenderAllPages(bool),
    /// A module at the end.
    AddModule {
        /// What it is called in lists.
        name: String,
        /// The library.
        path: PathBuf,
    },
    /// The module at this place of the list.
    RemoveModule(usize),
    /// An authority at the end.
    AddTsa {
        /// URL.
        url: String,
    },
    /// The authority at this place of the list.
    RemoveTsa(usize),
    /// The authority at this place becomes the first.
    PreferTsa(usize),
    /// An anchor file at the end; `authorities`: for authorities only.
    AddAnchor {
        /// File or folder.
        path: PathBuf,
        /// Which list.
        authorities: bool,
    },
    /// The anchor at this place of its list.
    RemoveAnchor {
        /// Place.
        index: usize,
        /// Which list.
        authorities: bool,
    },
    /// A local journal.
    AddJournal {
        /// Name.
        name: String,
    },
    /// A chain, with everything that is pinned.
    AddEvm(Box<EvmChange>),
    /// An endpoint.
    RemoveEndpoint {
        /// Name.
        name: String,
    },
}

/// A chain to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the keys of the configuration")]
pub struct EvmChange {
    pub name: String,
    pub url: String,
    pub chain_id: u64,
    pub genesis: String,
    pub contract: String,
    pub code_hash: String,
    /// Address of a key in the keyring; empty for none.
    pub account: String,
    pub finality: FinalityRule,
    pub payload: PayloadMode,
}

/// Makes the change in the user's file of this home.
///
/// # Errors
/// What reading the changed file says; `Locked`; `Value` for an entry that is not there or is there already. The file is
/// as it was then.
pub fn change(home: &Path, managed: Option<&Path>, change: &ConfigChange) -> Result<(), ConfigError> {
    let file = home.join(FILE);
    let by = managed.map_or_else(|| PathBuf::from(MANAGED), Path::to_owned);
    let old = text_of(&file)?;
    let unreadable = |reason: &dyn ToString| ConfigError::Unreadable {
        file: file.clone(),
        reason: reason.to_string(),
    };
    let mut document: DocumentMut = old
        .parse()
        .map_err(|error: toml_edit::TomlError| unreadable(&error.message()))?;
    let administrators = Config::load(home, Some(Path::new("/dev/null")), managed)?.0;
    let surplus = |key: &str, there: bool, set: bool| {
        let key = key.to_owned();
        let (file, by) = (file.clone(), by.clone());
        // The user's list would take the place of the administrator's.
        if set && !there {
            Err(ConfigError::Locked { file, key, by })
        } else {
            Ok(())
        }
    };
    let has =
        |document: &DocumentMut, table: &str, key: &str| document.get(table).and_then(|table| table.get(key)).is_some();
    match change {
        ConfigChange::Level(level) => set(&mut document, "signing", "level", level.name().into())?,
        ConfigChange::RenderAllPages(on) => {
            set(
                &mut document,
                "signing",
                "render_all_pages_before_signing",
                (*on).into(),
            )?;
        }
        ConfigChange::AddModule { .. } | ConfigChange::RemoveModule(_) => {
            let there = has(&document, "pkcs11", "module");
            surplus("pkcs11.module", there, !administrators.modules.is_empty())?;
            let modules = array(section(&mut document, "pkcs11", true)?, "module")?;
            match change {
                ConfigChange::AddModule { name, path } => {
                    let mut table = Table::new();
                    table.insert("name", value(name.as_str()));
                    table.insert("path", value(text(path)?));
                    modules.push(table);
                }
                ConfigChange::RemoveModule(index) => remove(modules, *index, "pkcs11.module")?,
                _ => {}
            }
        }
        ConfigChange::AddTsa { .. } | ConfigChange::RemoveTsa(_) | ConfigChange::PreferTsa(_) => {
            surplus("tsa", document.contains_key("tsa"), !administrators.tsa.is_empty())?;
            let list = array(document.as_table_mut(), "tsa")?;
            match change {
                ConfigChange::AddTsa { url } => {
                    let mut table = Table::new();
                    table.insert("url", value(url.as_str()));
                    table.insert("auth", value("none"));
                    list.push(table);
                }
                ConfigChange::RemoveTsa(index) => remove(list, *index, "tsa")?,
                ConfigChange::PreferTsa(index) => prefer(list, *index)?,
                _ => {}
            }
        }
        ConfigChange::AddAnchor { authorities, .. } | ConfigChange::RemoveAnchor { authorities, .. } => {
            let (key, set) = match authorities {
                true => ("tsa_anchors", !administrators.trust.tsa_anchors.is_empty()),
                false => ("anchors", !administrators.trust.anchors.is_empty()),
            };
            surplus(&format!("trust.{key}"), has(&document, "trust", key), set)?;
            anchors(section(&mut document, "trust", false)?, key, change)?;
        }
        ConfigChange::AddJournal { name } => {
            let mut table = Table::new();
            table.insert("kind", value("journal"));
            endpoint(&mut document, name, table)?;
        }
        ConfigChange::AddEvm(evm) => endpoint(&mut document, &evm.name, evm_table(evm)?)?,
        ConfigChange::RemoveEndpoint { name } => {
            let removed = document
                .get_mut("endpoint")
                .and_then(Item::as_table_like_mut)
                .and_then(|table| table.remove(name));
            removed.ok_or_else(|| missing(&format!("endpoint.{name}")))?;
        }
    }
    keep(home, &file, managed, &document.to_string())
}

/// What the program would make of the changed text decides whether it is kept.
fn keep(home: &Path, file: &Path, managed: Option<&Path>, text: &str) -> Result<(), ConfigError> {
    let unwritable = |error: std::io::Error| ConfigError::Unreadable {
        file: file.to_owned(),
        reason: error.to_string(),
    };
    let tried = home.join(".config.toml.tried");
    crate::atomic::write(&tried, text.as_bytes(), 0o600).map_err(unwritable)?;
    let read = Config::load(home, Some(&tried), managed);
    let _ = fs::remove_file(&tried);
    read?;
    crate::atomic::write(file, text.as_bytes(), 0o600).map_err(unwritable)
}

fn text_of(file: &Path) -> Result<String, ConfigError> {
    let unreadable = |error: std::io::Error| ConfigError::Unreadable {
        file: file.to_owned(),
        reason: error.to_string(),
    };
    let mut text = String::new();
    match fs::File::open(file) {
        Ok(open) => open.take(MAX_OCTETS).read_to_string(&mut text).map_err(unreadable)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(unreadable(error)),
    };
    Ok(text)
}
