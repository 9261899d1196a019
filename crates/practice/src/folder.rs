//! Private folders and files: 0700 and 0600 from their first moment on.
//!
//! Not its business: the product's own atomic output (countersign-store). What is kept here can be made anew.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use crate::PracticeError;

/// Makes a folder and its parents, 0700. An existing one is taken as it is.
pub(crate) fn make(path: &Path) -> Result<(), PracticeError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(PracticeError::io("create folder", path))
}

/// Writes a file with mode 0600 and puts it in place in one step: a reader sees all of it or nothing.
pub(crate) fn write_private(path: &Path, octets: &[u8]) -> Result<(), PracticeError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let mut file: File = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(part)
        .map_err(PracticeError::io("create", part))?;
    file.write_all(octets).map_err(PracticeError::io("write", part))?;
    std::fs::rename(part, path).map_err(PracticeError::io("rename to", path))
}

/// Reads a whole file of at most a mebibyte.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, PracticeError> {
    let length = std::fs::metadata(path)
        .map_err(PracticeError::io("look at", path))?
        .len();
    if length > 1 << 20 {
        return Err(PracticeError::Damaged { path: path.into() });
    }
    std::fs::read(path).map_err(PracticeError::io("read", path))
}

/// Random octets from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], PracticeError> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).map_err(|_| PracticeError::Random)?;
    Ok(octets)
}
