//! The practice certification authority: root, issuing authority and the identity of the time-stamping authority.
//!
//! Kept in a folder: `root.pem`, `issuing.pem`, `tsa.pem` with their keys (0600), and `chain.pem` (issuing, root).
//! Not its business: revocation services, and any judgement. RFC 5280.

mod issue;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use rcgen::{
    CertificateParams, CertificateRevocationListParams, Issuer, KeyPair, PublicKeyData, RevokedCertParams,
    SerialNumber, SigningKey,
};

pub use issue::{ExtendedKeyUsage, Extension, Issue, KeyUsage, SignedBy};

use crate::{PracticeError, folder};

/// id-kp-timeStamping (RFC 3161 §2.3).
pub const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

const ORGANISATION: &str = "演练 PRACTICE";
const ROOT: &str = "演练 PRACTICE Root CA – no evidential value / 无证据效力";
const ISSUING: &str = "演练 PRACTICE Issuing CA – no evidential value / 无证据效力";
const TSA: &str = "演练 PRACTICE TSA – no evidential value / 无证据效力";

/// The practice authority.
pub struct Pki {
    dir: PathBuf,
    root: Authority,
    issuing: Authority,
    tsa: TsaIdentity,
}

/// Key and certificate of a time-stamping authority, with the certificates to hand out along with it.
#[derive(Clone)]
pub struct TsaIdentity {
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
    /// Certificates above it, without the root, DER.
    pub chain: Vec<Vec<u8>>,
    pub(crate) key: Arc<KeyPair>,
}

struct Authority {
    certificate: Vec<u8>,
    key: KeyPair,
    common_name: &'static str,
}

impl Pki {
    /// Opens the authority kept in `dir`, or makes one that is valid from an hour before `now` for ten years.
    ///
    /// # Errors
    /// When the folder cannot be used or what is in it is damaged.
    pub fn open_or_create(dir: &Path, now: Timestamp) -> Result<Self, PracticeError> {
        // The TSA comes last: without it an earlier attempt was cut short and nothing has been issued yet.
        if dir.join("tsa.pem").exists() {
            Self::open(dir)
        } else {
            Self::create(dir, now)
        }
    }

    fn open(dir: &Path) -> Result<Self, PracticeError> {
        let issuing = load(dir, "issuing")?;
        let tsa = load(dir, "tsa")?;
        let root = load(dir, "root")?;
        Ok(Self {
            dir: dir.to_owned(),
            tsa: TsaIdentity {
                certificate: tsa.0,
                chain: vec![issuing.0.clone()],
                key: Arc::new(tsa.1),
            },
            root: Authority {
                certificate: root.0,
                key: root.1,
                common_name: ROOT,
            },
            issuing: Authority {
                certificate: issuing.0,
                key: issuing.1,
                common_name: ISSUING,
            },
        })
    }

    fn create(dir: &Path, now: Timestamp) -> Result<Self, PracticeError> {
        folder::make(dir)?;
        let (not_before, not_after) = (
            issue::shift(now, -60 * issue::MINUTE),
            issue::shift(now, 3_650 * issue::DAY),
        );
        let authority = |common_name, key: &KeyPair| {
            Issue {
                common_name,
                organisation: ORGANISATION,
                not_before,
                not_after,
                key_usage: &[KeyUsage::KeyCertSign, KeyUsage::CrlSign],
                is_ca: true,
                ..Issue::signatory("", "", &key.subject_public_key_info(), now)
            }
            .parameters()
        };

        let key = KeyPair::generate()?;
        let mut params = authority(ROOT, &key)?;
        params.use_authority_key_identifier_extension = false;
        let root = Authority {
            certificate: params.self_signed(&key)?.der().to_vec(),
            key,
            common_name: ROOT,
        };
        let key = KeyPair::generate()?;
        let issuing = Authority {
            certificate: root.sign(&authority(ISSUING, &key)?, &key)?,
            key,
            common_name: ISSUING,
        };
        let mut made = Self {
            dir: dir.to_owned(),
            tsa: TsaIdentity {
                certificate: Vec::new(),
                chain: Vec::new(),
                key: Arc::new(KeyPair::generate()?),
            },
            root,
            issuing,
        };
        made.tsa = made.issue_tsa(&Issue {
            not_before,
            not_after,
            ..Issue::tsa(now)
        })?;
        for (name, certificate, key) in [
            ("root", &made.root.certificate, &made.root.key),
            ("issuing", &made.issuing.certificate, &made.issuing.key),
            ("tsa", &made.tsa.certificate, &made.tsa.key),
        ] {
            folder::write_private(&dir.join(name).with_extension("key"), key.serialize_pem().as_bytes())?;
            if name == "tsa" {
                folder::write_private(
                    &made.chain_path(),
                    (pem(&made.issuing.certificate) + &pem(&made.root.certificate)).as_bytes(),
                )?;
            }
            folder::write_private(&dir.join(name).with_extension("pem"), pem(certificate).as_bytes())?;
        }
        Ok(made)
    }

    /// Issues a certificate as it is asked for, DER.
    ///
    /// # Errors
    /// When the public key is of a kind that cannot be certified here.
    pub fn issue(&self, what: &Issue<'_>) -> Result<Vec<u8>, PracticeError> {
        let key = issue::ForeignKey::from_spki(what.spki_der)?;
        match what.signed_by {
            SignedBy::Issuing => &self.issuing,
            SignedBy::Root => &self.root,
        }
        .sign(&what.parameters()?, &key)
    }

    /// Issues a certificate for a time-stamping authority with a key of its own; `spki_der` is not used. Start from
    /// [`Issue::tsa`] and change what shall be wrong.
    ///
    /// # Errors
    /// When no key could be made.
    pub fn issue_tsa(&self, what: &Issue<'_>) -> Result<TsaIdentity, PracticeError> {
        let key = KeyPair::generate()?;
        let spki = key.subject_public_key_info();
        let certificate = self.issue(&Issue {
            spki_der: &spki,
            ..what.clone()
        })?;
        let chain = match what.signed_by {
            SignedBy::Issuing => vec![self.issuing.certificate.clone()],
            SignedBy::Root => Vec::new(),
        };
        Ok(TsaIdentity {
            certificate,
            chain,
            key: Arc::new(key),
        })
    }

    /// The issuing authority's revocation list, DER, with these serial numbers revoked at `now`, valid for a week.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn revocation_list(&self, revoked: &[&[u8]], number: u64, now: Timestamp) -> Result<Vec<u8>, PracticeError> {
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        let list = CertificateRevocationListParams {
            this_update: epoch + issue::since_1970(now),
            next_update: epoch + issue::since_1970(issue::shift(now, 7 * issue::DAY)),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked
                .iter()
                .map(|serial| RevokedCertParams {
                    serial_number: SerialNumber::from_slice(serial),
                    revocation_time: epoch + issue::since_1970(now),
                    reason_code: None,
                    invalidity_date: None,
                })
                .collect(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        Ok(list.signed_by(&self.issuing.issuer()?)?.der().to_vec())
    }

    /// The root's certificate, DER.
    #[must_use]
    pub fn root_der(&self) -> &[u8] {
        &self.root.certificate
    }

    /// The issuing authority's certificate, DER.
    #[must_use]
    pub fn issuing_der(&self) -> &[u8] {
        &self.issuing.certificate
    }

    /// The time-stamping authority's identity.
    #[must_use]
    pub const fn tsa(&self) -> &TsaIdentity {
        &self.tsa
    }

    /// The root's certificate as PEM, for `--trust`.
    #[must_use]
    pub fn root_pem(&self) -> String {
        pem(&self.root.certificate)
    }

    /// Where the root's certificate lies, PEM, for `--trust`.
    #[must_use]
    pub fn root_path(&self) -> PathBuf {
        self.dir.join("root.pem")
    }

    /// Where the issuing authority's and the root's certificates lie, PEM.
    #[must_use]
    pub fn chain_path(&self) -> PathBuf {
        self.dir.join("chain.pem")
    }
}

impl Issue<'_> {
    /// The certificate of a time-stamping authority as RFC 3161 §2.3 wants it.
    #[must_use]
    pub fn tsa(now: Timestamp) -> Self {
        Self {
            key_usage: &[KeyUsage::DigitalSignature],
            extended_key_usage: ExtendedKeyUsage::Critical(&[TIME_STAMPING]),
            ..Self::signatory(TSA, ORGANISATION, &[], now)
        }
    }
}

impl Authority {
    fn issuer(&self) -> Result<Issuer<'static, &KeyPair>, PracticeError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = issue::name(self.common_name, ORGANISATION)?;
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign, rcgen::KeyUsagePurpose::CrlSign];
        Ok(Issuer::new(params, &self.key))
    }

    fn sign(&self, params: &CertificateParams, key: &impl PublicKeyData) -> Result<Vec<u8>, PracticeError> {
        Ok(params.signed_by(key, &self.issuer()?)?.der().to_vec())
    }
}

impl TsaIdentity {
    /// ECDSA on P-256 with SHA-256, DER.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PracticeError> {
        Ok(self.key.sign(message)?)
    }
}

/// A certificate in the armour of RFC 7468.
#[must_use]
pub fn pem(certificate_der: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(certificate_der);
    let mut armoured = String::from("-----BEGIN CERTIFICATE-----\n");
    for (at, character) in body.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            armoured.push('\n');
        }
        armoured.push(character);
    }
    armoured + "\n-----END CERTIFICATE-----\n"
}

fn load(dir: &Path, name: &str) -> Result<(Vec<u8>, KeyPair), PracticeError> {
    let (certificate, key) = (
        dir.join(name).with_extension("pem"),
        dir.join(name).with_extension("key"),
    );
    let damaged = |path: &Path| PracticeError::Damaged { path: path.to_owned() };
    let armoured = String::from_utf8(folder::read(&certificate)?).map_err(|_| damaged(&certificate))?;
    let body: String = armoured.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64_STANDARD.decode(body).map_err(|_| damaged(&certificate))?;
    let armoured = String::from_utf8(folder::read(&key)?).map_err(|_| damaged(&key))?;
    let pair =
        KeyPair::from_pkcs8_pem_and_sign_algo(&armoured, &rcgen::PKCS_ECDSA_P256_SHA256).map_err(|_| damaged(&key))?;
    Ok((der, pair))
}

/// So many days after `now`.
pub(crate) fn expiry(now: Timestamp, days: i64) -> Timestamp {
    issue::shift(now, days * issue::DAY)
}
