//! A throwaway PKI made with the openssl command: certificates as a table of wishes.
//!
//! Every value has its own folder, removed when it is dropped. Dates are fixed, so that tests need no clock.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// What one certificate shall be.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) name: &'static str,
    /// Name of the issuer; the same name is self-signed.
    pub(crate) issuer: &'static str,
    /// `/CN=…` form; default is `/C=CN/O=Test/CN=name`.
    pub(crate) subject: Option<&'static str>,
    /// Take the key of another one.
    pub(crate) key_of: Option<&'static str>,
    /// Options of `openssl genpkey`.
    pub(crate) key: &'static [&'static str],
    pub(crate) digest: &'static str,
    pub(crate) not_before: &'static str,
    pub(crate) not_after: &'static str,
    /// Lines of an openssl extension section.
    pub(crate) extensions: &'static str,
}

pub(crate) const EC: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
pub(crate) const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
pub(crate) const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
/// Signs with the user id of GM/T 0009; openssl's own default is the empty one.
pub(crate) const SM2: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"];
pub(crate) const RSA_1024: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];

pub(crate) const CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid";
pub(crate) const LEAF: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid";
pub(crate) const TSA: &str = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid";

impl Wish {
    pub(crate) fn new(name: &'static str, issuer: &'static str, extensions: &'static str) -> Self {
        Self {
            name,
            issuer,
            subject: None,
            key_of: None,
            key: EC,
            digest: "sha256",
            not_before: "20250101000000Z",
            not_after: "20450101000000Z",
            extensions,
        }
    }

    pub(crate) fn valid(mut self, not_before: &'static str, not_after: &'static str) -> Self {
        self.not_before = not_before;
        self.not_after = not_after;
        self
    }

    pub(crate) fn subject(mut self, subject: &'static str) -> Self {
        self.subject = Some(subject);
        self
    }

    pub(crate) fn key(mut self, key: &'static [&'static str]) -> Self {
        self.key = key;
        self
    }

    pub(crate) fn key_of(mut self, name: &'static str) -> Self {
        self.key_of = Some(name);
        self
    }

    pub(crate) fn digest(mut self, digest: &'static str) -> Self {
        self.digest = digest;
        self
    }
}

pub(crate) struct Pki {
    dir: PathBuf,
    certificates: HashMap<&'static str, Vec<u8>>,
}

impl Pki {
    pub(crate) fn new(wishes: &[Wish]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let dir = std::env::temp_dir().join(format!(
            "countersign-trust-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        ));
        fs::create_dir_all(&dir).unwrap();
        let mut pki = Self {
            dir,
            certificates: HashMap::new(),
        };
        for wish in wishes {
            pki.make(wish);
        }
        pki
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Keeps only the certificates.
    pub(crate) fn drop_files(&mut self) {
        // A folder that stays behind in the temporary folder is no failure of a test.
        let _ignored = fs::remove_dir_all(&self.dir);
    }

    /// The DER of one certificate.
    pub(crate) fn der(&self, name: &str) -> Vec<u8> {
        self.certificates
            .get(name)
            .unwrap_or_else(|| panic!("no certificate {name}"))
            .clone()
    }

    pub(crate) fn ders(&self, names: &[&str]) -> Vec<Vec<u8>> {
        names.iter().map(|name| self.der(name)).collect()
    }

    pub(crate) fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .output()
            .expect("the openssl command is needed for these tests");
        assert!(
            output.status.success(),
            "openssl {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// A root of version 1: no extensions.
    pub(crate) fn old_root(&mut self, name: &'static str) {
        self.old(name, None);
    }

    /// A certificate of version 1 that another one signed.
    pub(crate) fn old_leaf(&mut self, name: &'static str, issuer: &'static str) {
        self.old(name, Some(issuer));
    }

    /// One that is issued after the table was made.
    pub(crate) fn issued_by(&mut self, name: &'static str, issuer: &'static str, extensions: &'static str) {
        self.make(&Wish::new(name, issuer, extensions));
    }

    /// `openssl x509 -req` without extensions writes version 1.
    fn old(&mut self, name: &'static str, issuer: Option<&str>) {
        let [key, request, certificate, der] = ["key", "csr", "pem", "der"].map(|kind| format!("{name}.{kind}"));
        let mut arguments = vec!["genpkey", "-out", &key];
        arguments.extend(EC);
        self.openssl(&arguments);
        let subject = format!("/C=CN/O=Test/CN={name}");
        self.openssl(&[
            "req", "-new", "-key", &key, "-subj", &subject, "-out", &request, "-batch",
        ]);
        let mut arguments = vec!["x509", "-req", "-in", &request, "-days", "9000", "-out", &certificate];
        let above = issuer.map(|issuer| (format!("{issuer}.pem"), format!("{issuer}.key")));
        match &above {
            Some((issuer, issuer_key)) => arguments.extend(["-CA", issuer, "-CAkey", issuer_key, "-set_serial", "77"]),
            None => arguments.extend(["-signkey", &key]),
        }
        self.openssl(&arguments);
        self.openssl(&["x509", "-in", &certificate, "-outform", "DER", "-out", &der]);
        self.certificates.insert(name, fs::read(self.dir.join(der)).unwrap());
    }

    fn make(&mut self, wish: &Wish) {
        let name = wish.name;
        let subject = wish
            .subject
            .map_or_else(|| format!("/C=CN/O=Test/CN={name}"), str::to_owned);
        let key = format!("{name}.key");
        match wish.key_of {
            Some(other) => {
                fs::copy(self.dir.join(format!("{other}.key")), self.dir.join(&key)).unwrap();
            }
            None => {
                let mut arguments = vec!["genpkey", "-out", &key];
                arguments.extend(wish.key);
                self.openssl(&arguments);
            }
        }
        let request = format!("{name}.csr");
        let mut arguments = vec![
            "req", "-new", "-utf8", "-key", &key, "-subj", &subject, "-out", &request, "-batch",
        ];
        if wish.digest == "sm3" {
            arguments.extend(["-sm3", "-sigopt", USER_ID]);
        }
        self.openssl(&arguments);
        fs::write(
            self.dir.join(format!("{name}.cnf")),
            format!(
                "[ca]\ndefault_ca=d\n[d]\ndatabase={name}.db\nnew_certs_dir=.\nrand_serial=yes\nunique_subject=no\npolicy=p\n\
                 default_md={digest}\nemail_in_dn=no\nx509_extensions=e\npreserve=yes\n\
                 [p]\nC=optional\nO=optional\nOU=optional\nCN=supplied\n[e]\n{extensions}\n{SECTIONS}",
                digest = wish.digest,
                extensions = wish.extensions,
            ),
        )
        .unwrap();
        fs::write(self.dir.join(format!("{name}.db")), "").unwrap();
        let (certificate, config) = (format!("{name}.pem"), format!("{name}.cnf"));
        let (issuer_certificate, issuer_key) = (format!("{}.pem", wish.issuer), format!("{}.key", wish.issuer));
        let mut arguments = vec![
            "ca",
            "-batch",
            "-notext",
            "-utf8",
            "-config",
            &config,
            "-in",
            &request,
            "-out",
            &certificate,
            "-startdate",
            wish.not_before,
            "-enddate",
            wish.not_after,
            "-keyfile",
            &issuer_key,
        ];
        if wish.digest == "sm3" {
            arguments.extend(["-sigopt", USER_ID, "-vfyopt", USER_ID]);
        }
        if wish.issuer == name {
            arguments.push("-selfsign");
        } else {
            arguments.extend(["-cert", &issuer_certificate]);
        }
        self.openssl(&arguments);
        let der = format!("{name}.der");
        self.openssl(&["x509", "-in", &certificate, "-outform", "DER", "-out", &der]);
        self.certificates.insert(name, fs::read(self.dir.join(der)).unwrap());
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        self.drop_files();
    }
}

/// The default user id of GM/T 0009.
const USER_ID: &str = "distid:1234567812345678";

/// Sections that extension lines may refer to.
const SECTIONS: &str = "[permitted]\npermitted;dirName.0=permitted_name\n[permitted_name]\nC=CN\nO=Test\n\
    [excluded]\nexcluded;dirName.0=excluded_name\n[excluded_name]\nC=CN\nO=Test\n";
