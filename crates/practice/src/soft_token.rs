//! The practice token: SoftHSM2 in a folder of its own, set up by `pkcs11-tool` in child processes.
//!
//! Not its business: signing (countersign-token does that through the module, like with any other token).
//!
//! SoftHSM2 finds its configuration through an environment variable only, which belongs to the whole process. The children
//! get it in their own environment; the program itself must have it set before the module is loaded, see
//! [`token_environment`]. The practice PIN is no secret, and still it stays out of argument lists.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{PracticeError, der, folder};

/// The variable that names SoftHSM2's configuration.
pub const SOFTHSM2_CONF: &str = "SOFTHSM2_CONF";

/// The kind of a key on the practice token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoftKeyKind {
    /// RSA, 2048 bits.
    Rsa2048,
    /// RSA, 3072 bits.
    Rsa3072,
    /// RSA, 4096 bits.
    Rsa4096,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// secp256k1, for chain accounts.
    Secp256k1,
}

/// A key to be generated.
#[derive(Debug, Clone)]
pub struct SoftKey {
    /// CKA_ID.
    pub id: u8,
    /// CKA_LABEL.
    pub label: String,
    /// Kind.
    pub kind: SoftKeyKind,
    /// CKA_ALWAYS_AUTHENTICATE: the PIN is asked for each signature.
    pub always_authenticate: bool,
    /// CKA_EXTRACTABLE: a key that a careful client warns about.
    pub extractable: bool,
}

impl SoftKey {
    /// A key that is confined to the token.
    #[must_use]
    pub fn new(id: u8, label: &str, kind: SoftKeyKind) -> Self {
        Self {
            id,
            label: label.to_owned(),
            kind,
            always_authenticate: false,
            extractable: false,
        }
    }
}

/// A practice token.
#[derive(Debug, Clone)]
pub struct SoftToken {
    dir: PathBuf,
    label: String,
    pin: String,
    module: PathBuf,
}

impl SoftToken {
    /// Writes `dir/softhsm2.conf` and `dir/tokens`, initialises one token there and generates the keys.
    ///
    /// # Errors
    /// When SoftHSM2 or pkcs11-tool is missing, or says no.
    pub fn create(dir: &Path, label: &str, pin: &[u8], so_pin: &[u8], keys: &[SoftKey]) -> Result<Self, PracticeError> {
        let token = Self::open(dir, label, pin)?;
        let so_pin = text("SO PIN", so_pin)?;
        let tokens = token.dir.join("tokens");
        folder::make(&tokens)?;
        let conf = [
            b"# PRACTICE \xe2\x80\x93 no evidential value\ndirectories.tokendir = ".as_slice(),
            tokens.as_os_str().as_encoded_bytes(),
            b"\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n",
        ]
        .concat();
        folder::write_private(&token.conf(), &conf)?;
        token.run(
            "init-token",
            &so_pin,
            &[
                "--init-token",
                "--slot-index",
                "0",
                "--label",
                label,
                "--so-pin",
                SECRET,
            ],
        )?;
        token.run_with(
            "init-pin",
            &[
                ("COUNTERSIGN_PRACTICE_SECRET", &so_pin),
                ("COUNTERSIGN_PRACTICE_NEW", &token.pin),
            ],
            &[
                "--token-label",
                label,
                "--login",
                "--login-type",
                "so",
                "--so-pin",
                SECRET,
                "--init-pin",
                "--new-pin",
                "env:COUNTERSIGN_PRACTICE_NEW",
            ],
        )?;
        for key in keys {
            token.generate(key)?;
        }
        Ok(token)
    }

    /// Names a token that `create` has made before.
    ///
    /// # Errors
    /// When SoftHSM2 is missing, or label or PIN cannot be used.
    pub fn open(dir: &Path, label: &str, pin: &[u8]) -> Result<Self, PracticeError> {
        // CK_TOKEN_INFO.label has 32 octets, and SoftHSM2 takes PINs of 4 to 255.
        if label.is_empty() || label.len() > 32 {
            return Err(PracticeError::Unusable {
                what: "token label",
                length: label.len(),
            });
        }
        Ok(Self {
            dir: std::path::absolute(dir).map_err(PracticeError::io("resolve", dir))?,
            label: label.to_owned(),
            pin: text("PIN", pin)?,
            module: module_path()?,
        })
    }

    /// Generates a key pair.
    ///
    /// # Errors
    /// When the token says no.
    pub fn generate(&self, key: &SoftKey) -> Result<(), PracticeError> {
        let kind = match key.kind {
            SoftKeyKind::Rsa2048 => "rsa:2048",
            SoftKeyKind::Rsa3072 => "rsa:3072",
            SoftKeyKind::Rsa4096 => "rsa:4096",
            SoftKeyKind::P256 => "EC:prime256v1",
            SoftKeyKind::P384 => "EC:secp384r1",
            SoftKeyKind::Secp256k1 => "EC:secp256k1",
        };
        let id = hex::encode([key.id]);
        let mut arguments = vec![
            "--keypairgen",
            "--key-type",
            kind,
            "--usage-sign",
            "--id",
            &id,
            "--label",
            &key.label,
        ];
        if key.always_authenticate {
            arguments.push("--always-auth");
        }
        if key.extractable {
            arguments.push("--extractable");
        }
        self.logged_in("keypairgen", &arguments).map(drop)
    }

    /// The public key of a key pair: SubjectPublicKeyInfo, DER, ready to be certified.
    ///
    /// # Errors
    /// When there is none.
    pub fn public_key(&self, id: u8) -> Result<Vec<u8>, PracticeError> {
        let listing = self.objects()?;
        match elliptic(&listing, id) {
            // pkcs11-tool 0.23 cannot write out a P-384 public key; what it lists is enough.
            Some((curve, point)) => elliptic_spki(&curve, &point).ok_or_else(|| PracticeError::UnsupportedKey {
                spki: hex::encode(&point),
            }),
            None => {
                let file = self.dir.join(format!("public-{id:02x}.der"));
                let path = file.to_string_lossy().into_owned();
                let id = hex::encode([id]);
                self.token(
                    "read-object",
                    &["--read-object", "--type", "pubkey", "--id", &id, "--output-file", &path],
                )?;
                let spki = folder::read(&file);
                let _gone = std::fs::remove_file(&file);
                spki
            }
        }
    }

    /// Puts a certificate on the token, in place of any other with the same CKA_ID.
    ///
    /// # Errors
    /// When the token says no.
    pub fn write_certificate(&self, id: u8, label: &str, certificate_der: &[u8]) -> Result<(), PracticeError> {
        let hex_id = hex::encode([id]);
        if has_certificate(&self.objects()?, id) {
            self.logged_in("delete-object", &["--delete-object", "--type", "cert", "--id", &hex_id])?;
        }
        let file = self.dir.join(format!("certificate-{hex_id}.der"));
        folder::write_private(&file, certificate_der)?;
        let path = file.to_string_lossy().into_owned();
        let done = self.logged_in(
            "write-object",
            &[
                "--write-object",
                &path,
                "--type",
                "cert",
                "--id",
                &hex_id,
                "--label",
                label,
            ],
        );
        let _gone = std::fs::remove_file(&file);
        done.map(drop)
    }

    /// What `pkcs11-tool --list-objects` says without a PIN.
    ///
    /// # Errors
    /// When it says nothing.
    pub fn objects(&self) -> Result<String, PracticeError> {
        self.token("list-objects", &["--list-objects"])
    }

    /// The RFC 7512 URI of a private key by its label.
    #[must_use]
    pub fn uri(&self, object: &str) -> String {
        format!(
            "pkcs11:token={};object={};type=private?module-path={}",
            percent(self.label.as_bytes()),
            percent(object.as_bytes()),
            percent_path(&self.module)
        )
    }

    /// Label of the token.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The PKCS#11 module.
    #[must_use]
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// SoftHSM2's configuration of this token.
    #[must_use]
    pub fn conf(&self) -> PathBuf {
        self.dir.join("softhsm2.conf")
    }

    /// What must be in the environment of a process that uses this token.
    #[must_use]
    pub fn environment(&self) -> (&'static str, PathBuf) {
        (SOFTHSM2_CONF, self.conf())
    }

    fn logged_in(&self, task: &str, arguments: &[&str]) -> Result<String, PracticeError> {
        let all = [&["--token-label", &self.label, "--login", "--pin", SECRET], arguments].concat();
        self.run(task, &self.pin, &all)
    }

    fn token(&self, task: &str, arguments: &[&str]) -> Result<String, PracticeError> {
        self.run_with(task, &[], &[&["--token-label", &self.label], arguments].concat())
    }

    fn run(&self, task: &str, secret: &str, arguments: &[&str]) -> Result<String, PracticeError> {
        self.run_with(task, &[("COUNTERSIGN_PRACTICE_SECRET", secret)], arguments)
    }

    fn run_with(&self, task: &str, secrets: &[(&str, &str)], arguments: &[&str]) -> Result<String, PracticeError> {
        let failed = |said: String| PracticeError::Tool {
            tool: TOOL,
            task: task.to_owned(),
            said,
        };
        let output = Command::new(TOOL)
            .arg("--module")
            .arg(&self.module)
            .args(arguments)
            .env(SOFTHSM2_CONF, self.conf())
            .envs(secrets.iter().copied())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
            said.truncate(said.floor_char_boundary(500));
            return Err(failed(said.trim().to_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Where SoftHSM2's module lies on this machine.
///
/// # Errors
/// When it lies nowhere that we know of.
pub fn module_path() -> Result<PathBuf, PracticeError> {
    let looked: Vec<PathBuf> = MODULES.iter().map(PathBuf::from).collect();
    looked
        .iter()
        .find(|path| path.is_file())
        .cloned()
        .ok_or(PracticeError::ModuleMissing { looked })
}

/// The variable that must be set for the practice token of `home` to be found, if there is one and the variable is not
/// set already. SoftHSM2 reads it when the module is loaded: set it at the very start of `main`, before any thread.
#[must_use]
pub fn token_environment(home: &Path) -> Option<(&'static str, PathBuf)> {
    if std::env::var_os(SOFTHSM2_CONF).is_some() {
        return None;
    }
    let conf = std::path::absolute(home.join(crate::lab::FOLDER).join("softhsm2.conf")).ok()?;
    conf.is_file().then_some((SOFTHSM2_CONF, conf))
}

/// Curve (DER of its identifier) and point of an elliptic public key in a listing of objects.
fn elliptic(listing: &str, id: u8) -> Option<(Vec<u8>, Vec<u8>)> {
    let id = hex::encode([id]);
    blocks(listing).into_iter().find_map(|(head, fields)| {
        let field = |name: &str| fields.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        if !head.starts_with("Public Key Object; EC") || field("ID") != Some(&id) {
            return None;
        }
        let curve = hex::decode(field("EC_PARAMS")?).ok()?;
        let point = hex::decode(field("EC_POINT")?).ok()?;
        Some((
            curve,
            der::Reader::new(&point).next(der::OCTET_STRING)?.content.to_vec(),
        ))
    })
}

fn has_certificate(listing: &str, id: u8) -> bool {
    let id = hex::encode([id]);
    blocks(listing)
        .iter()
        .any(|(head, fields)| head.starts_with("Certificate Object") && fields.contains(&("ID", id.as_str())))
}

type Block<'a> = (&'a str, Vec<(&'a str, &'a str)>);

fn blocks(listing: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for line in listing.lines() {
        if !line.starts_with(' ') {
            blocks.push((line, Vec::new()));
        } else if let (Some((_, fields)), Some((key, value))) = (blocks.last_mut(), line.split_once(':')) {
            fields.push((key.trim(), value.trim()));
        }
    }
    blocks
}

/// SubjectPublicKeyInfo of RFC 5480.
fn elliptic_spki(curve: &[u8], point: &[u8]) -> Option<Vec<u8>> {
    let identifier = der::join(der::SEQUENCE, &[&der::oid("1.2.840.10045.2.1")?, curve]);
    let bits = der::tlv(der::BIT_STRING, &[&[0], point].concat());
    Some(der::join(der::SEQUENCE, &[&identifier, &bits]))
}

fn text(what: &'static str, octets: &[u8]) -> Result<String, PracticeError> {
    let unusable = || PracticeError::Unusable {
        what,
        length: octets.len(),
    };
    let text = str::from_utf8(octets).map_err(|_| unusable())?;
    if (4..=255).contains(&text.len()) && !text.contains('\0') {
        Ok(text.to_owned())
    } else {
        Err(unusable())
    }
}

/// Everything but unreserved characters as %XX (RFC 7512 §2.3).
fn percent(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut out, octet| {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(*octet)),
            _ => {
                out.push('%');
                out.push_str(&hex::encode_upper([*octet]));
            }
        }
        out
    })
}

/// As `percent`, with the slashes of a path left readable: RFC 7512 allows them in the query part.
fn percent_path(path: &Path) -> String {
    let octets = <Path as AsRef<OsStr>>::as_ref(path).as_encoded_bytes();
    octets
        .split(|octet| *octet == b'/')
        .map(percent)
        .collect::<Vec<_>>()
        .join("/")
}

const TOOL: &str = "pkcs11-tool";
/// pkcs11-tool takes a PIN from its environment when told so.
const SECRET: &str = "env:COUNTERSIGN_PRACTICE_SECRET";
const MODULES: [&str; 8] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    "/usr/lib/libsofthsm2.so",
];
