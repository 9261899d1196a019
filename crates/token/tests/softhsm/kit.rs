//! Tokens, keys and certificates for the cases, made by the tools of others; and a prompt that follows a script.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use countersign_cms::{Certificate, SignatureAlgorithm};
use countersign_signing::ports::{Pin, PinAsk, PinRefusal, Prompt, ToSign};
use countersign_token::{ModuleConfig, Pkcs11Tokens, installed_modules};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, CertificateType, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;

pub(crate) const PIN: &str = "73512846";
const SO_PIN: &str = "24680135";
/// Extensions of the certificates.
pub(crate) const SIGNING: &str = "critical,digitalSignature,nonRepudiation";
pub(crate) const ENCRYPTION: &str = "critical,keyEncipherment,dataEncipherment,keyAgreement";

/// One token folder.
pub(crate) struct Kit {
    home: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl Kit {
    /// A folder of its own, or `None`, said loudly, where the tools are missing.
    pub(crate) fn new(case: &str) -> Option<Self> {
        let tools = ["softhsm2-util", "pkcs11-tool", "openssl"];
        let missing: Vec<_> = tools
            .iter()
            .filter(|tool| Command::new(tool).arg("--help").output().is_err())
            .collect();
        let has_module = installed_modules().iter().any(|module| module.name == "softhsm2");
        if !missing.is_empty() || !has_module {
            eprintln!("SKIPPED: token case {case:?}: missing {missing:?}, SoftHSM2 module there: {has_module}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_path_buf();
        std::fs::create_dir(home.join("tokens")).unwrap();
        let conf = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            home.join("tokens").display()
        );
        std::fs::write(home.join("softhsm2.conf"), conf).unwrap();
        Some(Self {
            home,
            _folder: Some(folder),
        })
    }

    /// The folder that the parent made.
    pub(crate) fn in_child() -> Self {
        Self {
            home: home(),
            _folder: None,
        }
    }

    pub(crate) fn run_child(&self, case: &str) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "softhsm::child", "--nocapture"])
            .env("COUNTERSIGN_TOKEN_CASE", case);
        let output = self.output(command.env("COUNTERSIGN_TOKEN_HOME", &self.home));
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            output.status.success() && text.contains("1 passed"),
            "case {case}: {}\n{text}",
            output.status
        );
        assert!(!text.contains(PIN), "a PIN was printed");
        text.lines()
            .filter(|line| line.starts_with("note:"))
            .for_each(|line| println!("{line}"));
    }

    fn output(&self, command: &mut Command) -> Output {
        command
            .env("SOFTHSM2_CONF", self.home.join("softhsm2.conf"))
            .current_dir(&self.home)
            .output()
            .unwrap()
    }

    fn tool(&self, program: &str, arguments: &[&str]) {
        let output = self.output(Command::new(program).args(arguments));
        let text = [output.stdout, output.stderr]
            .map(|part| String::from_utf8_lossy(&part).into_owned())
            .concat();
        assert!(output.status.success(), "{program} {arguments:?}: {text}");
    }

    fn pkcs11_tool(&self, token: &str, arguments: &[&str]) {
        let module = module();
        let fixed = [
            "--module",
            module.to_str().unwrap(),
            "--token-label",
            token,
            "--login",
            "--pin",
            PIN,
        ];
        self.tool("pkcs11-tool", &[&fixed[..], arguments].concat());
    }

    /// `NAME.so` from C source; said loudly where there is no compiler.
    pub(crate) fn compile(&self, name: &str, source: &str) {
        if Command::new("cc").arg("--version").output().is_err() {
            eprintln!("SKIPPED: token faults: no C compiler");
            return;
        }
        let (from, to) = (format!("{name}.c"), format!("{name}.so"));
        std::fs::write(self.home.join(&from), source).unwrap();
        let module = format!("-DMODULE=\"{}\"", module().display());
        let pin = format!("-DPIN=\"{PIN}\"");
        self.tool(
            "cc",
            &["-shared", "-fPIC", "-O1", &module, &pin, "-o", &to, &from, "-ldl"],
        );
    }

    pub(crate) fn token(&self, label: &str) {
        self.tool(
            "softhsm2-util",
            &[
                "--init-token",
                "--free",
                "--label",
                label,
                "--so-pin",
                SO_PIN,
                "--pin",
                PIN,
            ],
        );
    }

    /// `ca.pem`, `ca.key`, `ca.der`; certificates made after it are issued by it.
    pub(crate) fn authority(&self) {
        self.certificate(
            "ca",
            "P-256",
            "keyUsage=critical,keyCertSign,cRLSign\nbasicConstraints=critical,CA:TRUE",
            None,
        );
    }

    /// `ID.key`, `ID.pem`, `ID.der`.
    pub(crate) fn pair(&self, id: &str, kind: &str, usage: &str) {
        let extensions = format!("keyUsage={usage}\nbasicConstraints=critical,CA:FALSE");
        self.certificate(id, kind, &extensions, None);
    }

    /// `ID-new.pem`, `ID-new.der`: another certificate for the key of `ID`.
    pub(crate) fn renew(&self, id: &str) {
        let extensions = format!("keyUsage={SIGNING}\nbasicConstraints=critical,CA:FALSE");
        self.certificate(&format!("{id}-new"), "", &extensions, Some(id));
    }

    fn certificate(&self, name: &str, kind: &str, extensions: &str, key_of: Option<&str>) {
        let conf = format!(
            "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nO=Countersign practice\nCN={name}\n[ext]\n{extensions}\n"
        );
        std::fs::write(self.home.join("openssl.cnf"), conf).unwrap();
        let key = format!("{}.key", key_of.unwrap_or(name));
        if key_of.is_none() {
            match kind.split_once(':') {
                Some((_, bits)) => {
                    let bits = format!("rsa_keygen_bits:{bits}");
                    self.tool(
                        "openssl",
                        &["genpkey", "-algorithm", "RSA", "-pkeyopt", &bits, "-out", &key],
                    );
                }
                None => {
                    let curve = format!("ec_paramgen_curve:{kind}");
                    let named = ["-pkeyopt", &curve, "-pkeyopt", "ec_param_enc:named_curve", "-out", &key];
                    self.tool("openssl", &[&["genpkey", "-algorithm", "EC"][..], &named].concat());
                }
            }
        }
        let pem = format!("{name}.pem");
        let request = [
            "req",
            "-new",
            "-key",
            &key,
            "-config",
            "openssl.cnf",
            "-out",
            "request.pem",
        ];
        self.tool("openssl", &request);
        let issuer: &[&str] = if name != "ca" && self.home.join("ca.pem").exists() {
            &["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
        } else {
            &["-signkey", &key]
        };
        let sign = [
            "x509",
            "-req",
            "-in",
            "request.pem",
            "-days",
            "30",
            "-extfile",
            "openssl.cnf",
            "-extensions",
            "ext",
            "-out",
            &pem,
        ];
        self.tool("openssl", &[&sign[..], issuer].concat());
        self.tool(
            "openssl",
            &["x509", "-in", &pem, "-outform", "DER", "-out", &format!("{name}.der")],
        );
        self.tool(
            "openssl",
            &[
                "pkey",
                "-in",
                &key,
                "-outform",
                "DER",
                "-out",
                &format!("{name}.key.der"),
            ],
        );
        self.tool(
            "openssl",
            &[
                "pkey",
                "-in",
                &key,
                "-pubout",
                "-outform",
                "DER",
                "-out",
                &format!("{name}.pub.der"),
            ],
        );
    }

    /// Key pair and certificate, all with this CKA_ID and label.
    pub(crate) fn import(&self, token: &str, id: &str, label: &str) {
        self.import_key(token, id, id, label);
        self.write_certificate(token, &format!("{id}.der"), id, label);
    }

    /// The private and the public key of `ID.key`.
    pub(crate) fn import_key(&self, token: &str, name: &str, id: &str, label: &str) {
        let key = format!("{name}.key");
        let to = ["--token", token, "--pin", PIN, "--id", id, "--label", label];
        self.tool("softhsm2-util", &[&["--import", &key][..], &to].concat());
    }

    pub(crate) fn write_certificate(&self, token: &str, file: &str, id: &str, label: &str) {
        self.pkcs11_tool(
            token,
            &["--write-object", file, "--type", "cert", "--id", id, "--label", label],
        );
    }

    pub(crate) fn write_public_key(&self, token: &str, name: &str, id: &str, label: &str) {
        let file = format!("{name}.pub.der");
        self.pkcs11_tool(
            token,
            &[
                "--write-object",
                &file,
                "--type",
                "pubkey",
                "--id",
                id,
                "--label",
                label,
            ],
        );
    }

    pub(crate) fn write_always_authenticate(&self, token: &str, id: &str, label: &str) {
        let file = format!("{id}.key.der");
        let flags = ["--usage-sign", "--always-auth", "--sensitive"];
        self.pkcs11_tool(
            token,
            &[
                &[
                    "--write-object",
                    &file,
                    "--type",
                    "privkey",
                    "--id",
                    id,
                    "--label",
                    label,
                ][..],
                &flags,
            ]
            .concat(),
        );
        self.write_public_key(token, id, id, label);
        self.write_certificate(token, &format!("{id}.der"), id, label);
    }

    /// The private key alone; see `hide_certificate`.
    pub(crate) fn write_private_key(&self, token: &str, id: &str, label: &str) {
        let file = format!("{id}.key.der");
        let object = [
            "--write-object",
            &file,
            "--type",
            "privkey",
            "--usage-sign",
            "--sensitive",
        ];
        self.pkcs11_tool(token, &[&object[..], &["--id", id, "--label", label]].concat());
    }

    pub(crate) fn delete_certificate(&self, token: &str, id: &str) {
        self.pkcs11_tool(token, &["--delete-object", "--type", "cert", "--id", id]);
    }

    pub(crate) fn generate(&self, token: &str, kind: &str, id: &str, label: &str) {
        self.pkcs11_tool(
            token,
            &["--keypairgen", "--key-type", kind, "--id", id, "--label", label],
        );
    }
}

pub(crate) fn home() -> PathBuf {
    PathBuf::from(std::env::var_os("COUNTERSIGN_TOKEN_HOME").unwrap())
}

pub(crate) fn read(name: &str) -> Vec<u8> {
    std::fs::read(home().join(name)).unwrap()
}

pub(crate) fn module() -> PathBuf {
    let module = installed_modules()
        .into_iter()
        .find(|module| module.name == "softhsm2")
        .unwrap();
    Path::new(module.path).to_path_buf()
}

pub(crate) fn tokens() -> Pkcs11Tokens {
    Pkcs11Tokens::new(vec![ModuleConfig::from_path(module())])
}

pub(crate) fn to_sign(algorithm: SignatureAlgorithm) -> ToSign {
    ToSign {
        algorithm,
        message: b"signed attributes".to_vec(),
        document: "contract.pdf …0123".to_owned(),
        credential: "CN=01".to_owned(),
    }
}

/// openssl as the judge of a secp256k1 signature.
pub(crate) fn openssl_verifies_secp256k1(public: &[u8; 65], hash: &[u8; 32], value: &[u8; 64]) {
    let kit = Kit::in_child();
    let mut spki = hex::decode("3056301006072a8648ce3d020106052b8104000a034200").unwrap();
    spki.extend_from_slice(public);
    let files: [(&str, &[u8]); 3] = [
        ("account.der", &spki),
        ("hash", hash),
        ("value", &countersign_cms::ecdsa_raw_to_der(value).unwrap()),
    ];
    for (name, octets) in files {
        std::fs::write(kit.home.join(name), octets).unwrap();
    }
    let key = ["-pubin", "-inkey", "account.der", "-keyform", "DER"];
    kit.tool(
        "openssl",
        &[&["pkeyutl", "-verify", "-in", "hash", "-sigfile", "value"][..], &key].concat(),
    );
}

/// Writes a certificate with CKA_PRIVATE, which pkcs11-tool does not do, and logs out again.
pub(crate) fn hide_certificate(id: &str, label: &str) {
    let context = Pkcs11::new(module()).unwrap();
    context
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    let slot = context.get_slots_with_initialized_token().unwrap()[0];
    let session = context.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&AuthPin::new(PIN.into()))).unwrap();
    let der = read(&format!("{id}.der"));
    let template = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Subject(Certificate::from_der(&der).unwrap().subject_der().to_vec()),
        Attribute::Id(hex::decode(id).unwrap()),
        Attribute::Label(label.as_bytes().to_vec()),
        Attribute::Value(der),
    ];
    session.create_object(&template).unwrap();
    session.logout().unwrap();
    // Dropping the context would unload an initialised library.
    std::mem::forget(context);
}

/// Answers with these PINs, one for each question; then there is no one to ask.
pub(crate) struct Script {
    pins: Vec<&'static str>,
    pub(crate) asked: Vec<PinAsk>,
}

impl Script {
    pub(crate) fn new(pins: &[&'static str]) -> Self {
        Self {
            pins: pins.iter().rev().copied().collect(),
            asked: Vec::new(),
        }
    }
}

impl Prompt for Script {
    fn pin(&mut self, ask: &PinAsk) -> Result<Pin, PinRefusal> {
        let pin = self
            .pins
            .pop()
            .and_then(|pin| Pin::new(pin.as_bytes().to_vec()))
            .ok_or(PinRefusal::Unavailable)?;
        self.asked.push(ask.clone());
        Ok(pin)
    }

    fn enter_on_device(&mut self, _: &PinAsk) -> Result<(), PinRefusal> {
        panic!("SoftHSM2 has no protected authentication path")
    }
}
