//! The configuration: `config.toml` of the user over the administrator's file, into typed values.
//!
//! Not its business: the environment and arguments (shells), secrets themselves (keyring). An administrator's file is an
//! ordinary configuration whose values hold unless the user's file says otherwise; keys under `[managed] lock` the user's
//! file must not set at all. Relative paths are relative to the home folder.

mod check;
mod edit;
mod edit_table;
mod error;
mod raw;
mod values;

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use toml::{Table, Value};

pub use edit::{ConfigChange, EvmChange, change};
pub use error::ConfigError;
pub use values::{
    Account, Config, Digest, EndpointConfig, EndpointTarget, EvmProfile, Fees, FinalityRule, Module, Revocation,
    SecretSource, SecretStore, Secrets, Signing, Trust, Tsa, TsaAuth,
};

/// Where the administrator's file is looked for.
pub const MANAGED: &str = "/etc/countersign/managed.toml";

/// Name of the user's file in the home folder.
pub const FILE: &str = "config.toml";

/// Octets of a file that are read at most.
const MAX_OCTETS: u64 = 1024 * 1024;

/// A key that the administrator locked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lock {
    /// Dotted.
    pub key: String,
    /// The administrator's file.
    pub by: PathBuf,
}

impl Config {
    /// Reads the administrator's file, then the user's. A file that is named must be there; the usual ones may be absent.
    ///
    /// # Errors
    /// The first thing that is wrong, with file and key.
    pub fn load(home: &Path, config: Option<&Path>, managed: Option<&Path>) -> Result<(Self, Vec<Lock>), ConfigError> {
        let by = managed.map_or_else(|| PathBuf::from(MANAGED), Path::to_owned);
        let file = config.map_or_else(|| home.join(FILE), Path::to_owned);
        let (mut merged, managed) = read(&by, managed.is_some())?;
        let (user, own) = read(&file, config.is_some())?;
        if !own.managed.lock.is_empty() {
            let key = "managed.lock".to_owned();
            return Err(ConfigError::Value {
                key,
                rule: "belongs in the administrator's file",
            });
        }
        merged.remove("managed");
        let locks = locks(&managed.managed.lock, &merged, &by)?;
        if let Some(lock) = locks.iter().find(|lock| sets(&user, &lock.key)) {
            return Err(ConfigError::Locked {
                file,
                key: lock.key.clone(),
                by,
            });
        }
        overlay(&mut merged, user);
        // Each file is sound by itself; together they are checked as one.
        let both: raw::File =
            Value::Table(merged)
                .try_into()
                .map_err(|error: toml::de::Error| ConfigError::Malformed {
                    file,
                    line: 0,
                    column: 0,
                    key: String::new(),
                    reason: error.message().to_owned(),
                })?;
        Ok((check::typed(home, both)?, locks))
    }
}

/// The home folder by the values of COUNTERSIGN_HOME, XDG_DATA_HOME and HOME; `None` when none of them says anything.
#[must_use]
pub fn default_home(own: Option<&OsStr>, data: Option<&OsStr>, home: Option<&OsStr>) -> Option<PathBuf> {
    let given = |value: Option<&OsStr>| value.filter(|value| !value.is_empty()).map(PathBuf::from);
    // XDG Base Directory: a relative path is invalid and to be ignored.
    let absolute = |path: &PathBuf| path.is_absolute();
    given(own)
        .or_else(|| given(data).filter(absolute).map(|data| data.join("countersign")))
        .or_else(|| given(home).map(|home| home.join(".local/share/countersign")))
}

fn read(path: &Path, required: bool) -> Result<(Table, raw::File), ConfigError> {
    let unreadable = |reason: &dyn ToString| ConfigError::Unreadable {
        file: path.to_owned(),
        reason: reason.to_string(),
    };
    let mut text = String::new();
    match File::open(path).and_then(|file| file.take(MAX_OCTETS + 1).read_to_string(&mut text)) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound && required => {
            return Err(ConfigError::Missing { file: path.to_owned() });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => return Err(unreadable(&error)),
    }
    if text.len() as u64 > MAX_OCTETS {
        return Err(unreadable(&"over 1 MiB"));
    }
    let malformed = |error: &toml::de::Error| {
        let before = text
            .get(..error.span().map_or(0, |span| span.start))
            .unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text
            .get(line_start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        ConfigError::Malformed {
            file: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            // Only what is left of "=": what is right of it may be a secret in the wrong place.
            key: line
                .split_once('=')
                .map_or("", |(key, _)| key.trim())
                .chars()
                .take(64)
                .collect(),
            reason: error.message().to_owned(),
        }
    };
    let typed = toml::from_str(&text).map_err(|error| malformed(&error))?;
    let table = toml::from_str(&text).map_err(|error| malformed(&error))?;
    Ok((table, typed))
}

fn locks(keys: &[String], managed: &Table, by: &Path) -> Result<Vec<Lock>, ConfigError> {
    let mut locks = Vec::new();
    for key in keys {
        if key == "*" {
            leaves(managed, "", &mut |key| locks.push(Lock { key, by: by.to_owned() }));
        } else if key.split('.').any(str::is_empty) {
            let key = "managed.lock".to_owned();
            return Err(ConfigError::Value {
                key,
                rule: "dotted keys, or *",
            });
        } else {
            locks.push(Lock {
                key: key.clone(),
                by: by.to_owned(),
            });
        }
    }
    Ok(locks)
}

fn leaves(table: &Table, above: &str, found: &mut impl FnMut(String)) {
    for (name, value) in table {
        let key = if above.is_empty() {
            name.clone()
        } else {
            format!("{above}.{name}")
        };
        match value {
            Value::Table(below) if !below.is_empty() => leaves(below, &key, found),
            _ => found(key),
        }
    }
}

/// Whether a file sets a key, something below it, or replaces something above it.
fn sets(table: &Table, key: &str) -> bool {
    let (name, below) = key
        .split_once('.')
        .map_or((key, None), |(name, below)| (name, Some(below)));
    match (table.get(name), below) {
        (None, _) => false,
        (Some(Value::Table(table)), Some(below)) => sets(table, below),
        (Some(_), _) => true,
    }
}

fn overlay(under: &mut Table, over: Table) {
    for (name, value) in over {
        match (under.get_mut(&name), value) {
            (Some(Value::Table(under)), Value::Table(over)) => overlay(under, over),
            (_, value) => {
                under.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod tests;
