//! A contract on the desk, as it is kept on disk: `desk/<id>/entry.json` beside the private copy.
//!
//! Only what a person did is kept here. Where a signature stands is asked of the engine's store, never of this file. Written
//! in one step, private to the user. Not its business: which contracts there are (shelf).

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use countersign_engine::files::{self, FileMark};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    draft::Draft,
    view::{FaultShown, SignChoices},
};

/// Name of the file in a contract's folder.
pub(crate) const FILE: &str = "entry.json";
/// Folder of the private copy in a contract's folder.
pub(crate) const COPY: &str = "file";

/// One contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    /// File name, for people.
    pub(crate) name: String,
    /// Where it was taken from.
    #[serde(with = "place")]
    pub(crate) source: PathBuf,
    /// What the source looked like then.
    pub(crate) mark: FileMark,
    pub(crate) added: Timestamp,
    pub(crate) changed: Timestamp,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) sm3: String,
    /// The private copy, below the contract's folder.
    #[serde(with = "place")]
    pub(crate) copy: PathBuf,
    #[serde(default)]
    pub(crate) pages: Option<u32>,
    #[serde(default)]
    pub(crate) earlier_signatures: u32,
    /// Pages that were seen, by either reader.
    #[serde(default)]
    pub(crate) seen: BTreeSet<u32>,
    /// Pages whose picture by the signing engine was seen.
    #[serde(default)]
    pub(crate) seen_as_picture: BTreeSet<u32>,
    /// What the window's reader could not show, by page.
    #[serde(default)]
    pub(crate) warnings: BTreeMap<u32, String>,
    #[serde(default)]
    pub(crate) rejected: Option<String>,
    /// Where the person wants the result.
    #[serde(default, with = "place_or_none")]
    pub(crate) chosen_output: Option<PathBuf>,
    /// What is written on the sign screen.
    #[serde(default)]
    pub(crate) draft: Option<Draft>,
    #[serde(default)]
    pub(crate) approval: Option<Approval>,
    /// What went wrong last, until it is mended.
    #[serde(default)]
    pub(crate) fault: Option<FaultShown>,
}

/// What the person said yes to. It stays when it is carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Approval {
    pub(crate) choices: SignChoices,
    /// The credential, by which the token is found again.
    pub(crate) uri: String,
    pub(crate) at: Timestamp,
    #[serde(with = "place")]
    pub(crate) output: PathBuf,
    /// The engine's session, once it is known: the trace knows it by this.
    #[serde(default)]
    pub(crate) session: Option<String>,
    /// The signature field, once it is made.
    #[serde(default)]
    pub(crate) field: Option<String>,
}

impl Entry {
    /// Its folder below the desk's.
    pub(crate) fn folder(&self, shelf: &Path) -> PathBuf {
        shelf.join(&self.id)
    }

    /// The private copy.
    pub(crate) fn file(&self, shelf: &Path) -> PathBuf {
        self.folder(shelf).join(&self.copy)
    }

    /// SHA-256 as octets.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut octets = [0; 32];
        // It is our own hex; anything else fits no file and is refused as changed.
        let _ = hex::decode_to_slice(&self.sha256, &mut octets);
        octets
    }

    /// Puts it on disk.
    pub(crate) fn keep(&self, shelf: &Path) -> Result<(), FaultShown> {
        let unusable = |error: &dyn std::fmt::Display| FaultShown::new("store-unusable", "open").because(error);
        let octets = serde_json::to_vec_pretty(self).map_err(|error| unusable(&error))?;
        Ok(files::write_private(&self.folder(shelf).join(FILE), &octets)?)
    }

    /// Reads it back. `None` where the folder has none: a copy that was never finished.
    pub(crate) fn read(folder: &Path) -> Option<Result<Self, FaultShown>> {
        let octets = match std::fs::read(folder.join(FILE)) {
            Ok(octets) => octets,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => return Some(Err(FaultShown::new("store-unusable", "open").because(&error))),
        };
        let read = serde_json::from_slice(&octets);
        Some(read.map_err(|error| FaultShown::new("store-unusable", "open").because(&error)))
    }
}

/// A path as text; octets that are no text as hex. Ours are absolute or plain names, so that the two cannot be confused.
mod place {
    use super::{Deserialize as _, Deserializer, OsStrExt as _, OsString, OsStringExt as _, Path, PathBuf, Serializer};

    const HEX: &str = "hex:";

    pub(super) fn text(path: &Path) -> String {
        match path.to_str().filter(|text| !text.starts_with(HEX)) {
            Some(text) => text.to_owned(),
            None => format!("{HEX}{}", hex::encode(path.as_os_str().as_bytes())),
        }
    }

    pub(super) fn path(text: &str) -> PathBuf {
        let octets = text.strip_prefix(HEX).and_then(|digits| hex::decode(digits).ok());
        octets.map_or_else(|| PathBuf::from(text), |octets| OsString::from_vec(octets).into())
    }

    pub(super) fn serialize<S: Serializer>(place: &Path, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text(place))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        String::deserialize(from).map(|text| path(&text))
    }
}

mod place_or_none {
    use super::{Deserialize as _, Deserializer, PathBuf, Serialize as _, Serializer, place};

    pub(super) fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
        path.as_deref().map(place::text).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
        Option::<String>::deserialize(from).map(|text| text.as_deref().map(place::path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back_as_they_were() {
        for octets in [
            &b"/home/a/\xe5\x90\x88\xe5\x90\x8c.pdf"[..],
            b"/tmp/\xff\xfe.pdf",
            b"hex:00.pdf",
            b"a.pdf",
        ] {
            let path = PathBuf::from(OsString::from_vec(octets.to_vec()));
            assert_eq!(place::path(&place::text(&path)), path);
        }
    }
}
