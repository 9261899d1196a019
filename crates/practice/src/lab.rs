//! The practice laboratory in the product's own home: authority, token with two signatories, PIN files, account key.
//!
//! Not its business: the flow of the demo (countersign-engine and the shell). Everything lies in `HOME/practice`; removing
//! that folder removes it all.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ChainOptions, DevChain, Issue, Pki, PracticeError, SoftKey, SoftKeyKind, SoftToken, TsaOptions, TsaServer, folder,
    pki,
};

/// Name of the laboratory's folder in the home.
pub const FOLDER: &str = "practice";
/// Label of the practice token.
pub const TOKEN_LABEL: &str = "PRACTICE 演练";

/// The laboratory.
pub struct Lab {
    /// `HOME/practice`.
    pub dir: PathBuf,
    /// The authority.
    pub pki: Pki,
    /// The token.
    pub token: SoftToken,
    /// Who can sign with it: party A (RSA 3072) and party B (P-256).
    pub signatories: Vec<Signatory>,
}

/// A credential on the practice token.
#[derive(Debug, Clone)]
pub struct Signatory {
    /// CKA_ID.
    pub id: u8,
    /// CKA_LABEL, and the `object` of the URI.
    pub label: String,
    /// CN.
    pub common_name: String,
    /// O.
    pub organisation: String,
    /// RFC 7512 URI.
    pub uri: String,
    /// Certificate, DER.
    pub certificate: Vec<u8>,
}

/// What is kept beside the key material: until when the certificates hold. Written last, so that it marks completeness.
#[derive(Serialize, Deserialize)]
struct Note {
    note: String,
    renew_after: Timestamp,
}

impl Lab {
    /// Opens the laboratory of this home, or sets it up: about two seconds, most of them for an RSA key.
    /// Certificates that have less than a month left are issued anew for the same keys.
    ///
    /// # Errors
    /// When SoftHSM2 or pkcs11-tool is missing, or the folder cannot be used.
    pub fn open_or_create(home: &Path, now: Timestamp) -> Result<Self, PracticeError> {
        let dir = std::path::absolute(home.join(FOLDER)).map_err(PracticeError::io("resolve", home))?;
        folder::make(&dir)?;
        let pki = Pki::open_or_create(&dir.join("pki"), now)?;
        let noted = folder::read(&dir.join(NOTE))
            .ok()
            .and_then(|note| serde_json::from_slice::<Note>(&note).ok());
        let token = match noted {
            Some(_) => SoftToken::open(&dir, TOKEN_LABEL, &folder::read(&dir.join("pin"))?)?,
            None => create_token(&dir)?,
        };
        let renew = noted.is_none_or(|note| now >= note.renew_after);
        let signatories = PEOPLE
            .iter()
            .map(|person| signatory(person, &dir, &pki, &token, renew.then_some(now)))
            .collect::<Result<_, _>>()?;
        if renew {
            let note = Note {
                note: crate::NO_EVIDENTIAL_VALUE.into(),
                renew_after: pki::expiry(now, 335),
            };
            let octets = serde_json::to_vec_pretty(&note).unwrap_or_default();
            folder::write_private(&dir.join("README.txt"), README.as_bytes())?;
            folder::write_private(&dir.join(NOTE), &octets)?;
        }
        Ok(Self {
            dir,
            pki,
            token,
            signatories,
        })
    }

    /// The credential of party A, for `--credential`.
    #[must_use]
    pub fn credential_uri(&self) -> &str {
        self.signatories.first().map_or("", |signatory| &signatory.uri)
    }

    /// The practice PIN, mode 0600, for `--pin-from file:…`.
    #[must_use]
    pub fn pin_file(&self) -> PathBuf {
        self.dir.join("pin")
    }

    /// The root's certificate, PEM, for `--trust`.
    #[must_use]
    pub fn trust_file(&self) -> PathBuf {
        self.pki.root_path()
    }

    /// Starts the time-stamping authority.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn start_tsa(&self, options: TsaOptions) -> Result<TsaServer, PracticeError> {
        TsaServer::start(&self.pki, options)
    }

    /// Starts the development chain with its state in the laboratory; `None` when anvil is not on this machine.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_chain(&self, options: &ChainOptions) -> Result<Option<DevChain>, PracticeError> {
        DevChain::start(&self.dir.join("chain"), options)
    }

    /// The private key of the throwaway chain account (secp256k1): 64 hexadecimal digits in a file of mode 0600, made when
    /// it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn account_key_file(&self) -> Result<PathBuf, PracticeError> {
        let path = self.dir.join("account.key");
        if !path.exists() {
            let mut key = folder::random::<32>()?;
            // Below the group's order whatever the rest is, and not zero.
            if let Some(first) = key.first_mut() {
                *first = (*first & 0x7f) | 0x40;
            }
            folder::write_private(&path, format!("{}\n", hex::encode(key)).as_bytes())?;
        }
        Ok(path)
    }
}

fn create_token(dir: &Path) -> Result<SoftToken, PracticeError> {
    // Without the note nobody has been given this token yet: what an interrupted attempt left is of no use.
    let tokens = dir.join("tokens");
    if tokens.exists() {
        std::fs::remove_dir_all(&tokens).map_err(PracticeError::io("remove", &tokens))?;
    }
    let digits = |octets: [u8; 8]| -> Vec<u8> { octets.iter().map(|octet| b'0' + octet % 10).collect() };
    let (pin, so_pin) = (digits(folder::random()?), digits(folder::random()?));
    folder::write_private(&dir.join("pin"), &pin)?;
    folder::write_private(&dir.join("so-pin"), &so_pin)?;
    let keys: Vec<SoftKey> = PEOPLE
        .iter()
        .map(|person| SoftKey::new(person.id, person.label, person.kind))
        .collect();
    SoftToken::create(dir, TOKEN_LABEL, &pin, &so_pin, &keys)
}

fn signatory(
    person: &Person,
    dir: &Path,
    pki: &Pki,
    token: &SoftToken,
    renew: Option<Timestamp>,
) -> Result<Signatory, PracticeError> {
    let path = dir.join(person.label).with_extension("der");
    if let Some(now) = renew {
        let spki = token.public_key(person.id)?;
        let certificate = pki.issue(&Issue::signatory(person.common_name, person.organisation, &spki, now))?;
        token.write_certificate(person.id, person.label, &certificate)?;
        folder::write_private(&path, &certificate)?;
    }
    if let (Some(_), Some(first)) = (renew, PEOPLE.first())
        && first.id == person.id
    {
        token.write_certificate(CA_ID, "practice-issuing-ca", pki.issuing_der())?;
    }
    Ok(Signatory {
        id: person.id,
        label: person.label.into(),
        common_name: person.common_name.into(),
        organisation: person.organisation.into(),
        uri: token.uri(person.label),
        certificate: folder::read(&path)?,
    })
}

struct Person {
    id: u8,
    label: &'static str,
    kind: SoftKeyKind,
    common_name: &'static str,
    organisation: &'static str,
}

const PEOPLE: [Person; 2] = [
    Person {
        id: 1,
        label: "party-a",
        kind: SoftKeyKind::Rsa3072,
        common_name: "演练 PRACTICE 林书航 Lin Shuhang",
        organisation: "演练 PRACTICE 云麓资产管理有限公司 Yunlu Asset Management",
    },
    Person {
        id: 2,
        label: "party-b",
        kind: SoftKeyKind::P256,
        common_name: "演练 PRACTICE 周亦宁 Zhou Yining",
        organisation: "演练 PRACTICE 澄江银行 Chengjiang Bank",
    },
];
const CA_ID: u8 = 0xca;
const NOTE: &str = "lab.json";
const README: &str = "演练 PRACTICE – no evidential value / 无证据效力\n\n\
    Everything in this folder is made for trying the program out: token, PIN, certification authority, time-stamping\n\
    authority, chain. Remove the folder to be rid of it.\n\n\
    本文件夹内的一切（令牌、PIN、CA、时间戳机构、链）仅供演练，无证据效力；删除本文件夹即可全部清除。\n";
