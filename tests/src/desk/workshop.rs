//! What takes long and is made once for a process: token, keys, authority, time-stamping server, another signer's key.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use countersign_practice::{Issue, Pki, SoftKey, SoftKeyKind, SoftToken, TsaOptions, TsaServer, pki};
use jiff::Timestamp;

use super::{Desk, Key};
use crate::repository;

/// The practice PIN.
pub(super) const PIN: &str = "271828";
const SO_PIN: &str = "31415926";
const LABEL: &str = "PRACTICE desk";

/// Shared by all desks of a process.
pub struct Workshop {
    pub(crate) dir: PathBuf,
    pub(crate) pki: Pki,
    pub(crate) token: SoftToken,
    pub(crate) tsa: TsaServer,
}

/// A key in files, for signers that are not ours.
#[derive(Debug, Clone)]
pub struct Identity {
    /// PEM.
    pub key: PathBuf,
    /// PEM.
    pub certificate: PathBuf,
    /// PEM, each of the authorities above.
    pub chain: Vec<PathBuf>,
}

impl Workshop {
    /// The workshop of this process.
    #[must_use]
    pub fn shared() -> &'static Self {
        static WORKSHOP: OnceLock<Workshop> = OnceLock::new();
        WORKSHOP.get_or_init(Self::set_up)
    }

    fn set_up() -> Self {
        let base = target().join("desks");
        sweep(&base);
        let dir = base.join(std::process::id().to_string());
        private_folder(&dir);
        let now = Timestamp::now();
        let pki = Pki::open_or_create(&dir.join("pki"), now).expect("a practice authority");
        let keys = Key::ALL.map(|key| {
            let (id, kind) = match key {
                Key::Rsa2048 => (1, SoftKeyKind::Rsa2048),
                Key::Rsa3072 => (2, SoftKeyKind::Rsa3072),
                Key::P256 => (3, SoftKeyKind::P256),
                Key::P384 => (4, SoftKeyKind::P384),
            };
            SoftKey::new(id, key.label(), kind)
        });
        let token = SoftToken::create(&dir.join("token"), LABEL, PIN.as_bytes(), SO_PIN.as_bytes(), &keys)
            .expect("a practice token (make setup brings SoftHSM2 and pkcs11-tool)");
        for key in &keys {
            let spki = token.public_key(key.id).expect("its public key");
            let name = format!("演练 {}", key.label);
            let issued = pki
                .issue(&Issue::signatory(&name, "演练银行 Practice Bank", &spki, now))
                .expect("a certificate");
            token
                .write_certificate(key.id, &key.label, &issued)
                .expect("a place for it");
        }
        let pin = dir.join("pin");
        fs::write(&pin, PIN).expect("a PIN file");
        fs::set_permissions(&pin, Permissions::from_mode(0o600)).expect("a private file");
        let tsa = TsaServer::start(&pki, TsaOptions::new(Timestamp::now)).expect("a time-stamping authority");
        Self { dir, pki, token, tsa }
    }

    /// A new desk.
    ///
    /// # Panics
    /// When the token's folder cannot be copied.
    #[must_use]
    pub fn desk(&'static self) -> Desk {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let dir = self.dir.join(format!("desk-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        let desk = Desk { workshop: self, dir };
        for folder in [desk.home(), desk.work(), desk.dir.join("token")] {
            private_folder(&folder);
        }
        let tokens = desk.dir.join("token/tokens");
        copy(&self.dir.join("token/tokens"), &tokens);
        let conf = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n",
            tokens.display()
        );
        fs::write(desk.token_conf(), conf).expect("a configuration");
        desk.configure("");
        desk
    }

    /// A key in files with a certificate of the practice authority.
    ///
    /// # Panics
    /// When openssl does not make one.
    #[must_use]
    pub fn identity(&self, name: &str) -> Identity {
        let file = |extension: &str| self.dir.join(name).with_extension(extension);
        let (key, public, certificate) = (file("key"), file("spki"), file("pem"));
        let openssl = |arguments: &[&str]| {
            let status = Command::new("openssl")
                .args(arguments)
                .stderr(Stdio::null())
                .status()
                .expect("openssl");
            assert!(status.success(), "openssl {arguments:?}: {status}");
        };
        let (key_text, public_text) = (key.to_string_lossy(), public.to_string_lossy());
        openssl(&[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            &key_text,
        ]);
        openssl(&[
            "pkey",
            "-in",
            &key_text,
            "-pubout",
            "-outform",
            "DER",
            "-out",
            &public_text,
        ]);
        let spki = fs::read(public).expect("a public key");
        let issued = self
            .pki
            .issue(&Issue::signatory(name, "演练 Other Party", &spki, Timestamp::now()))
            .expect("a certificate");
        fs::write(&certificate, pki::pem(&issued)).expect("a certificate file");
        Identity {
            key,
            certificate,
            chain: vec![self.pki.chain_path()],
        }
    }

    /// Where the time-stamping authority listens.
    #[must_use]
    pub fn tsa_url(&self) -> &str {
        self.tsa.url()
    }

    /// The practice root, PEM.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.pki.root_path()
    }

    /// A folder for files that belong to no desk.
    #[must_use]
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.dir.join(name);
        private_folder(&folder);
        folder
    }

    /// The token that every desk has a copy of.
    #[must_use]
    pub const fn token(&self) -> &SoftToken {
        &self.token
    }

    /// The authority.
    #[must_use]
    pub const fn pki(&self) -> &Pki {
        &self.pki
    }
}

/// The program under test, beside the test itself.
///
/// # Panics
/// When it has not been built.
#[must_use]
pub fn program() -> PathBuf {
    let program = target()
        .join("countersign")
        .with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        program.is_file(),
        "{} is missing: run `cargo build --workspace` first",
        program.display()
    );
    program
}

/// `target/PROFILE`.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("this test's own path");
    let deps = test.parent().expect("target/PROFILE/deps");
    deps.parent().expect("target/PROFILE").to_owned()
}

/// Whether a source file is newer than the program: then the tests speak of yesterday's program.
#[must_use]
pub fn stale() -> Option<String> {
    let built = program().metadata().and_then(|facts| facts.modified()).ok()?;
    repository::sources()
        .into_iter()
        .filter(|file| repository::relative(file).starts_with("crates/"))
        .find(|file| {
            file.metadata()
                .and_then(|facts| facts.modified())
                .is_ok_and(|changed| changed > built)
        })
        .map(|file| repository::relative(&file))
}

/// Removes what tests that were killed have left: the folders are named after processes.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let alive = Path::new("/proc").join(entry.file_name()).exists();
        if Path::new("/proc/self").exists() && !alive {
            let _gone = fs::remove_dir_all(entry.path());
        }
    }
}

fn private_folder(dir: &Path) {
    fs::create_dir_all(dir).expect("a folder under target");
    fs::set_permissions(dir, Permissions::from_mode(0o700)).expect("a private folder");
}

fn copy(from: &Path, to: &Path) {
    private_folder(to);
    for entry in fs::read_dir(from).expect("a token's folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a token's file");
        }
    }
}
