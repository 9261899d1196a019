//! Loading a PKCS#11 module: which file, whether it is the expected one, and why it cannot be loaded.
//!
//! Not its business: slots and what is in them (`survey`, `inventory`).
//! DOMAIN A8. A module is loaded once per process and never finalised: C_Finalize unloads threads and devices that
//! vendor libraries get wrong, a crash there would come after the signature was made, and another part of the process
//! may still use the module. The operating system closes everything at exit; sessions are closed before.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use countersign_signing::ports::TokenError;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::raw::Library;
use crate::refusal::{function_name, rv, rv_name};

/// A module as configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleConfig {
    /// Name for people, and for `module-name` in a URI.
    pub name: String,
    /// Absolute path of the library.
    pub path: PathBuf,
    /// SHA-256 that the file must have, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The only slots to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<Vec<u64>>,
}

impl ModuleConfig {
    /// A module that is known by its path alone.
    #[must_use]
    pub fn from_path(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        Self {
            name,
            path: path.to_path_buf(),
            sha256: None,
            slots: None,
        }
    }

    /// Whether `module-name` means this one: its name, or its file name without `lib` and suffix (RFC 7512 section 2.3).
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let stem = self
            .path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        self.name == name || stem == name || stem.strip_prefix("lib") == Some(name)
    }

    /// Whether `module-path` means this one, also through a symbolic link.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        let path = Path::new(path);
        self.path == path || matches!((self.path.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b)
    }

    pub(crate) fn path_text(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

/// What a loaded module says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModuleFacts {
    /// SHA-256 of the file when it was loaded, hex.
    pub sha256: String,
    /// CK_INFO.manufacturerID.
    pub manufacturer: String,
    /// CK_INFO.libraryDescription.
    pub description: String,
    /// CK_INFO.libraryVersion.
    pub version: String,
    /// CK_INFO.cryptokiVersion.
    pub cryptoki_version: String,
}

/// A loaded, initialised module.
#[derive(Debug, Clone)]
pub(crate) struct Module {
    pub(crate) context: Pkcs11,
    pub(crate) facts: ModuleFacts,
    /// For `raw`; `None` when the dynamic linker does not hand it out twice.
    pub(crate) library: Option<Library>,
}

/// Every module of this process by its real path. Never emptied, see above.
static LOADED: Mutex<BTreeMap<PathBuf, Module>> = Mutex::new(BTreeMap::new());

/// Loads a module, or finds it loaded.
pub(crate) fn load(config: &ModuleConfig) -> Result<Module, TokenError> {
    let failed = |reason: String| TokenError::ModuleLoad {
        path: config.path_text(),
        reason,
    };
    if !config.path.is_absolute() {
        return Err(failed("the path is not absolute".to_owned()));
    }
    let real = config.path.canonicalize().map_err(|error| failed(io_reason(&error)))?;
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let module = match loaded.get(&real) {
        Some(module) => module.clone(),
        None => {
            let file = examine(&real).map_err(&failed)?;
            let module = if config.sha256.is_some() {
                // Before the library's own code runs.
                let sha256 = digest(file).map_err(&failed)?;
                check_pin(config, &sha256)?;
                open(&real, sha256).map_err(&failed)?
            } else {
                // Nobody waits for this digest, so it is made while the library is linked.
                let beside = std::thread::Builder::new().spawn(move || digest(file));
                let beside = beside.map_err(|error| failed(io_reason(&error)))?;
                let module = open(&real, String::new()).map_err(&failed)?;
                let ended_early = |_| Err("the reading thread ended early".to_owned());
                let sha256 = beside.join().unwrap_or_else(ended_early).map_err(&failed)?;
                Module {
                    facts: ModuleFacts { sha256, ..module.facts },
                    ..module
                }
            };
            loaded.insert(real, module.clone());
            module
        }
    };
    check_pin(config, &module.facts.sha256)?;
    Ok(module)
}

fn check_pin(config: &ModuleConfig, found: &str) -> Result<(), TokenError> {
    match &config.sha256 {
        Some(pinned) if !pinned.eq_ignore_ascii_case(found) => Err(TokenError::ModuleLoad {
            path: config.path_text(),
            reason: format!("its SHA-256 is {found}, the configuration pins {pinned}"),
        }),
        _ => Ok(()),
    }
}

fn open(path: &Path, sha256: String) -> Result<Module, String> {
    let context = Pkcs11::new(path).map_err(|error| match &error {
        Error::LibraryLoading(loading) => loading.to_string(),
        Error::MissingSymbol(symbol) => format!("not a PKCS#11 module: it has no {symbol}"),
        Error::Pkcs11(value, function) => format!("{} answered {}", function_name(*function), rv_name(value)),
        other => other.to_string(),
    })?;
    // Without CKF_OS_LOCKING_OK some modules are not safe under the threads of a desktop program.
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) => {}
        Err(error) => match rv(&error) {
            Some(RvError::CryptokiAlreadyInitialized) => {}
            Some(value) => return Err(format!("C_Initialize answered {}", rv_name(value))),
            None => return Err(format!("C_Initialize: {error}")),
        },
    }
    // Some modules set reserved flags in CK_INFO; that is no reason not to sign with them.
    let info = context.get_library_info().ok();
    let field = |read: fn(&cryptoki::context::Info) -> String| info.as_ref().map(read).unwrap_or_default();
    let facts = ModuleFacts {
        sha256,
        manufacturer: field(|info| clean(info.manufacturer_id())),
        description: field(|info| clean(info.library_description())),
        version: field(|info| info.library_version().to_string()),
        cryptoki_version: field(|info| info.cryptoki_version().to_string()),
    };
    Ok(Module {
        context,
        facts,
        library: Library::of(path),
    })
}

/// Opens the file and looks at its head: why the dynamic linker would not take it.
fn examine(path: &Path) -> Result<File, String> {
    let metadata = std::fs::metadata(path).map_err(|error| io_reason(&error))?;
    if !metadata.is_file() {
        return Err("it is not a file".to_owned());
    }
    if metadata.len() > FILE_LIMIT {
        return Err(format!("{} octets, at most {FILE_LIMIT} are accepted", metadata.len()));
    }
    let file = File::open(path).map_err(|error| io_reason(&error))?;
    let mut head = Vec::with_capacity(HEAD);
    (&file)
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(|error| io_reason(&error))?;
    match foreign(&head).or_else(|| cut_short(&head, metadata.len())) {
        Some(reason) => Err(reason),
        None => Ok(file),
    }
}

/// SHA-256 of the file, hex.
fn digest(mut file: File) -> Result<String, String> {
    file.rewind().map_err(|error| io_reason(&error))?;
    let mut file = file.take(FILE_LIMIT);
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(|error| io_reason(&error))?;
        let part = buffer.get(..count).unwrap_or_default();
        if part.is_empty() {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(part);
    }
}

/// A library whose file ends before a segment that its program headers name: the dynamic linker maps it all the same,
/// and the process dies of SIGBUS while it is being linked. A broken download does that.
fn cut_short(head: &[u8], length: u64) -> Option<String> {
    if !head.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let number = |at: usize, octets: usize| -> Option<u64> {
        let digits = head.get(at..at.checked_add(octets)?)?;
        Some(digits.iter().rev().fold(0, |sum, digit| (sum << 8) | u64::from(*digit)))
    };
    let reason = || "the file is cut short".to_owned();
    let (Some(table), Some(size), Some(count)) = (number(0x20, 8), number(0x36, 2), number(0x38, 2)) else {
        return Some(reason());
    };
    for entry in 0..count {
        let at = table
            .checked_add(entry * size)
            .and_then(|at| usize::try_from(at).ok())
            .unwrap_or(usize::MAX);
        // Program headers beyond the part that was kept are the dynamic linker's business.
        let (Some(kind), Some(offset), Some(filled)) = (
            number(at, 4),
            number(at.saturating_add(8), 8),
            number(at.saturating_add(32), 8),
        ) else {
            return (length <= u64::try_from(at).unwrap_or(u64::MAX)).then(reason);
        };
        if kind == PT_LOAD && offset.checked_add(filled).is_none_or(|end| end > length) {
            return Some(reason());
        }
    }
    None
}

/// Why a library with this head cannot be loaded into this process; `None` leaves the answer to the dynamic linker.
fn foreign(head: &[u8]) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    if head.is_empty() {
        return Some("the file is empty".to_owned());
    }
    if head.starts_with(b"MZ") {
        return Some("a Windows library (DLL)".to_owned());
    }
    if MACH_O.iter().any(|magic| head.starts_with(magic)) {
        return Some("a macOS library".to_owned());
    }
    if !head.starts_with(b"\x7fELF") {
        return Some("not a shared library (no ELF header)".to_owned());
    }
    let ours = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
    match head.get(4) {
        Some(1) if ours == 2 => return Some("a 32-bit library; this program is 64-bit".to_owned()),
        Some(2) if ours == 1 => return Some("a 64-bit library; this program is 32-bit".to_owned()),
        Some(1 | 2) => {}
        _ => return Some("a damaged ELF header".to_owned()),
    }
    let machine = match (head.get(5), head.get(18), head.get(19)) {
        (Some(1), Some(low), Some(high)) => u16::from_le_bytes([*low, *high]),
        (Some(2), Some(high), Some(low)) => u16::from_be_bytes([*high, *low]),
        _ => return Some("a damaged ELF header".to_owned()),
    };
    let expected = MACHINES.iter().find(|(_, name)| *name == std::env::consts::ARCH)?.0;
    let name = MACHINES
        .iter()
        .find(|(value, _)| *value == machine)
        .map_or("another architecture", |(_, name)| name);
    (machine != expected).then(|| format!("a library for {name}; this program is for {}", std::env::consts::ARCH))
}

fn io_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "the file may not be read".to_owned(),
        _ => error.to_string(),
    }
}

/// A text of CK_INFO, CK_SLOT_INFO or CK_TOKEN_INFO: NUL and junk stay in some, octets that are not UTF-8 have become
/// U+FFFD.
pub(crate) fn clean(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().trim().to_owned()
}

const FILE_LIMIT: u64 = 1 << 30;
const HEAD: usize = 1 << 14;
const PT_LOAD: u64 = 1;
const MACH_O: [&[u8]; 4] = [
    &[0xFE, 0xED, 0xFA, 0xCF],
    &[0xCF, 0xFA, 0xED, 0xFE],
    &[0xCE, 0xFA, 0xED, 0xFE],
    &[0xCA, 0xFE, 0xBA, 0xBE],
];
/// e_machine of the ELF header by Rust's names.
const MACHINES: [(u16, &str); 8] = [
    (3, "x86"),
    (8, "mips"),
    (20, "powerpc"),
    (21, "powerpc64"),
    (40, "arm"),
    (62, "x86_64"),
    (183, "aarch64"),
    (258, "loongarch64"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(class: u8, machine: u16) -> Vec<u8> {
        let mut head = b"\x7fELF".to_vec();
        head.extend([class, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0]);
        head.extend(machine.to_le_bytes());
        head
    }

    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn foreign_libraries_are_named() {
        let cases: [(&[u8], Option<&str>); 10] = [
            (&elf(2, 62), None),
            (&elf(1, 3), Some("a 32-bit library")),
            (&elf(2, 183), Some("a library for aarch64; this program is for x86_64")),
            (&elf(2, 999), Some("another architecture")),
            (&elf(7, 62), Some("damaged ELF")),
            (b"\x7fELF", Some("damaged ELF")),
            (b"MZ\x90", Some("Windows")),
            (&[0xCF, 0xFA, 0xED, 0xFE], Some("macOS")),
            (b"#!/bin/sh", Some("not a shared library")),
            (b"", Some("empty")),
        ];
        for (head, expected) in cases {
            let found = foreign(head);
            let fits = match (&found, expected) {
                (None, None) => true,
                (Some(found), Some(expected)) => found.contains(expected),
                _ => false,
            };
            assert!(fits, "{head:?}: {found:?}");
        }
    }

    #[test]
    fn a_file_that_is_no_module_is_refused_with_the_reason() {
        let cases = [
            ("relative.so", "not absolute"),
            ("/nonexistent/module.so", "no such file"),
            ("/", "not a file"),
            ("/etc/passwd", "not a shared library"),
        ];
        for (path, expected) in cases {
            match load(&ModuleConfig::from_path(Path::new(path))) {
                Err(TokenError::ModuleLoad { reason, .. }) => assert!(reason.contains(expected), "{path}: {reason}"),
                other => panic!("{path}: {other:?}"),
            }
        }
    }

    #[test]
    fn names_that_mean_a_module() {
        let config = ModuleConfig::from_path(Path::new("/usr/lib/libsofthsm2.so"));
        assert!(config.is_called("softhsm2") && config.is_called("libsofthsm2") && !config.is_called("soft"));
        assert!(config.is_at("/usr/lib/libsofthsm2.so") && !config.is_at("/usr/lib/other.so"));
    }

    #[test]
    fn labels_are_cut_at_nul() {
        assert_eq!(clean("desk\0junk  "), "desk");
        assert_eq!(clean("  会签 "), "会签");
        assert_eq!(clean("\0"), "");
    }
}
