//! Small files (configuration, reports) written so that a reader finds the old or the new one, never half of either.
//!
//! Not its business: contracts (snapshot).

use std::{
    fs::{self, File, OpenOptions},
    hash::{BuildHasher, Hasher, RandomState},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Writes a file in one step: new file beside it, sync, rename, sync of the folder. It gets `mode`, less the umask.
///
/// # Errors
/// When any step fails; then the old file is as it was.
pub fn write(path: &Path, octets: &[u8], mode: u32) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
    let mut part = std::ffi::OsString::from(".");
    part.push(name);
    part.push(format!(".{:016x}.new", RandomState::new().build_hasher().finish()));
    let part = folder.join(part);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&part)?;
    let written = file
        .write_all(octets)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // The error that led here says more than one of tidying up.
        let _ = fs::remove_file(&part);
    }
    written?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn old_or_new_and_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        write(&path, b"one", 0o600).unwrap();
        write(&path, b"two", 0o600).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::create_dir(folder.path().join("taken")).unwrap();
        assert!(write(&folder.path().join("taken"), b"x", 0o600).is_err());
        assert!(write(&folder.path().join("absent/x"), b"x", 0o600).is_err());
        assert!(write(Path::new("/"), b"x", 0o600).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
