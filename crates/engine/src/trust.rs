//! Trust anchors from files and folders, PEM or DER.
//!
//! Not its business: what they are trusted for (trust).

use std::path::{Path, PathBuf};

use countersign_cms::certificate::certificates_from_pem_or_der;
use countersign_signing::Stage;
use countersign_trust::TrustAnchors;

use crate::fault::Fault;

/// A file larger than this is no list of certificates.
const FILE_LIMIT: u64 = 8 * 1024 * 1024;
/// More anchors than this are a mistake.
const ANCHOR_LIMIT: usize = 5_000;

/// Reads every certificate in the files, and in the files of the folders, in order.
///
/// # Errors
/// `trust-unusable` with the path.
pub fn certificates(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Fault> {
    let mut found = Vec::new();
    for path in paths {
        for file in files(path)? {
            let unusable = |error: &dyn std::fmt::Display| fault(&file, error);
            let size = std::fs::metadata(&file).map_err(|error| unusable(&error))?.len();
            if size > FILE_LIMIT {
                return Err(fault(&file, &"too large"));
            }
            let octets = std::fs::read(&file).map_err(|error| unusable(&error))?;
            match certificates_from_pem_or_der(&octets) {
                Ok(certificates) => found.extend(certificates.iter().map(|certificate| certificate.der().to_vec())),
                // In a folder other files may lie about; a file that was named must be usable.
                Err(_) if path.is_dir() => {}
                Err(error) => return Err(unusable(&error)),
            }
            if found.len() > ANCHOR_LIMIT {
                return Err(fault(&file, &"too many certificates"));
            }
        }
    }
    Ok(found)
}

/// Anchors from the same.
///
/// # Errors
/// As above.
pub(crate) fn anchors(paths: &[PathBuf]) -> Result<TrustAnchors, Fault> {
    let found = certificates(paths)?;
    TrustAnchors::new(found).map_err(|error| Fault::new(Stage::Verify, "trust-unusable").because(&error))
}

/// How deep folders may lie in one another.
const DEPTH: usize = 4;
/// Files in all folders together.
const FILES: usize = 20_000;

fn files(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    collect(path, DEPTH, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Fault> {
    let entries = std::fs::read_dir(folder).map_err(|error| fault(folder, &error))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if files.len() >= FILES {
            return Err(fault(folder, &"too many files"));
        }
        // Links are not followed into folders: a loop would never end.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => collect(&path, depth - 1, files)?,
            Ok(_) if path.is_file() => files.push(path),
            _ => {}
        }
    }
    Ok(())
}

fn fault(path: &Path, error: &dyn std::fmt::Display) -> Fault {
    Fault::new(Stage::Verify, "trust-unusable")
        .with("path", path.display().to_string())
        .because(error)
}
