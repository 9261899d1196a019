//! Tables, lists and values of a TOML document that is changed in place: comments and order stay.
//!
//! Not its business: whether a change may be made, and keeping it (edit).

use std::path::Path;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::{ConfigChange, ConfigError, EvmChange};

pub(super) fn text(path: &Path) -> Result<&str, ConfigError> {
    path.to_str().ok_or_else(|| ConfigError::Value {
        key: path.display().to_string(),
        rule: "a path that is UTF-8",
    })
}

pub(super) fn missing(key: &str) -> ConfigError {
    ConfigError::MissingKey { key: key.to_owned() }
}

/// A section; what has its name and is none is refused.
pub(super) fn section<'a>(
    document: &'a mut DocumentMut,
    name: &str,
    implicit: bool,
) -> Result<&'a mut Table, ConfigError> {
    let item = document.entry(name).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(implicit);
        Item::Table(table)
    });
    if let Some(inline) = item.as_inline_table() {
        *item = Item::Table(inline.clone().into_table());
    }
    item.as_table_mut().ok_or_else(|| missing(name))
}

pub(super) fn set(document: &mut DocumentMut, name: &str, key: &str, new: Value) -> Result<(), ConfigError> {
    let table = section(document, name, false)?;
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    }
    Ok(())
}

pub(super) fn array<'a>(table: &'a mut Table, key: &str) -> Result<&'a mut ArrayOfTables, ConfigError> {
    let item = table
        .entry(key)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if !item.is_array_of_tables() {
        // An array of inline tables says the same.
        let owned = std::mem::take(item);
        *item = Item::ArrayOfTables(owned.into_array_of_tables().map_err(|_| missing(key))?);
    }
    item.as_array_of_tables_mut().ok_or_else(|| missing(key))
}

pub(super) fn remove(list: &mut ArrayOfTables, index: usize, key: &str) -> Result<(), ConfigError> {
    if index >= list.len() {
        return Err(missing(&format!("{key}[{index}]")));
    }
    list.remove(index);
    Ok(())
}

pub(super) fn prefer(list: &mut ArrayOfTables, index: usize) -> Result<(), ConfigError> {
    let mut tables: Vec<Table> = list.iter().cloned().collect();
    if index >= tables.len() {
        return Err(missing(&format!("tsa[{index}]")));
    }
    let places: Vec<_> = tables.iter().map(Table::position).collect();
    let preferred = tables.remove(index);
    tables.insert(0, preferred);
    list.clear();
    for (mut table, place) in tables.into_iter().zip(places) {
        table.set_position(place);
        list.push(table);
    }
    Ok(())
}

pub(super) fn anchors(trust: &mut Table, key: &str, change: &ConfigChange) -> Result<(), ConfigError> {
    let item = trust.entry(key).or_insert_with(|| value(Array::new()));
    let list = item.as_array_mut().ok_or_else(|| missing(&format!("trust.{key}")))?;
    match change {
        ConfigChange::AddAnchor { path, .. } => list.push(text(path)?),
        ConfigChange::RemoveAnchor { index, .. } if *index < list.len() => {
            list.remove(*index);
        }
        _ => return Err(missing(&format!("trust.{key}"))),
    }
    Ok(())
}

pub(super) fn endpoint(document: &mut DocumentMut, name: &str, table: Table) -> Result<(), ConfigError> {
    let endpoints = section(document, "endpoint", true)?;
    if endpoints.contains_key(name) {
        return Err(ConfigError::Value {
            key: format!("endpoint.{name}"),
            rule: "a name that is not taken",
        });
    }
    endpoints.insert(name, Item::Table(table));
    Ok(())
}

pub(super) fn evm_table(evm: &EvmChange) -> Result<Table, ConfigError> {
    let number = i64::try_from(evm.chain_id).map_err(|_| ConfigError::Value {
        key: format!("endpoint.{}.chain_id", evm.name),
        rule: "below 2^63",
    })?;
    let mut account = InlineTable::new();
    if evm.account.is_empty() {
        account.insert("custody", "none".into());
    } else {
        account.insert("custody", "keyring".into());
        account.insert("address", evm.account.as_str().into());
    }
    let mut table = Table::new();
    table.insert("kind", value("evm"));
    table.insert("payload", value(word(&evm.payload)));
    table.insert("finality", value(word(&evm.finality)));
    table.insert("url", value(evm.url.as_str()));
    table.insert("chain_id", value(number));
    table.insert("genesis", value(evm.genesis.as_str()));
    table.insert("contract", value(evm.contract.as_str()));
    table.insert("code_hash", value(evm.code_hash.as_str()));
    table.insert("account", value(account));
    Ok(table)
}

/// How a value is written in the file.
fn word(value: &impl serde::Serialize) -> String {
    let written = serde_json::to_value(value).unwrap_or_default();
    written.as_str().unwrap_or_default().to_owned()
}
