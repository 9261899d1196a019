//! Which private key belongs to which certificate: by the public key; by CKA_ID only where a key does not tell its public half.
//!
//! Not its business: reading objects (`inventory`), choosing one of the pairs (`tokens`).
//! DOMAIN A4. An encryption certificate may share CKA_ID with the signing key, and a token may hide its private keys
//! until a login: then certificates are paired with public keys, and after the login again with the private ones.

use countersign_signing::ports::KeyKind;

use crate::inventory::{CertificateObject, Inventory, KeyObject};
use crate::survey::{Reason, Unusable};

/// A certificate and its key.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) certificate: CertificateObject,
    /// The private key, when the token shows it.
    pub(crate) private: Option<KeyObject>,
    /// CKA_LABEL of the key, else of the public key, else of the certificate.
    pub(crate) label: String,
    /// All labels under which a URI may name it: before and after a login different ones are seen.
    pub(crate) labels: Vec<String>,
    /// CKA_ID of the key.
    pub(crate) id: Vec<u8>,
    /// Only CKA_ID says that they belong together.
    pub(crate) unproven: bool,
}

/// The outcome for one token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pairing {
    pub(crate) pairs: Vec<Pair>,
    /// Certificates whose CKA_ID leads to another key.
    pub(crate) mismatched: Vec<CertificateObject>,
    /// Certificates whose keyUsage does not allow a signature.
    pub(crate) not_for_signing: Vec<CertificateObject>,
    pub(crate) unusable: Vec<Unusable>,
    /// Keys that could sign, but have no certificate here: CKA_ID and label.
    pub(crate) bare: Vec<(Vec<u8>, String)>,
}

enum Outcome {
    Pair { private: Option<KeyObject>, unproven: bool },
    Unusable(Reason),
}

/// Pairs what a token shows. `hidden`: private keys are shown only after a login that has not happened.
pub(crate) fn pair(inventory: &Inventory, hidden: bool) -> Pairing {
    let mut found = Pairing {
        unusable: inventory.unusable.clone(),
        ..Pairing::default()
    };
    for certificate in &inventory.certificates {
        match judge(certificate, inventory, hidden) {
            Outcome::Pair { private, unproven } => {
                let public = of(certificate, &inventory.public);
                let named = private.as_ref().or(public);
                let labels = [
                    private.as_ref().map(|key| &key.label),
                    public.map(|key| &key.label),
                    Some(&certificate.label),
                ];
                let label = named.map(|key| &key.label).filter(|label| !label.is_empty());
                let id = named.map(|key| &key.id).filter(|id| !id.is_empty());
                found.pairs.push(Pair {
                    label: label.unwrap_or(&certificate.label).clone(),
                    labels: labels.into_iter().flatten().cloned().collect(),
                    id: id.unwrap_or(&certificate.id).clone(),
                    certificate: certificate.clone(),
                    private,
                    unproven,
                });
            }
            Outcome::Unusable(reason) => {
                match reason {
                    Reason::KeyMismatch => found.mismatched.push(certificate.clone()),
                    Reason::NotForSigning => found.not_for_signing.push(certificate.clone()),
                    _ => {}
                }
                let subject = certificate.facts.certificate.subject();
                found.unusable.push(Unusable::new(
                    describe("certificate", &certificate.label, &certificate.id),
                    reason,
                    subject,
                ));
            }
        }
    }
    // Keys that no certificate claims; before a login the public ones stand for them.
    let keys = if hidden && inventory.private.is_empty() {
        &inventory.public
    } else {
        &inventory.private
    };
    for key in keys {
        let claimed = |certificate: &CertificateObject| {
            same(certificate, key) || (key.material.is_none() && !key.id.is_empty() && key.id == certificate.id)
        };
        if !inventory.certificates.iter().any(claimed) {
            let reason = if key.kind == KeyKind::Secp256k1 {
                Reason::AccountKey
            } else {
                found.bare.push((key.id.clone(), key.label.clone()));
                Reason::NoCertificate
            };
            found.unusable.push(Unusable::new(
                describe("key", &key.label, &key.id),
                reason,
                String::new(),
            ));
        }
    }
    found
}

fn judge(certificate: &CertificateObject, inventory: &Inventory, hidden: bool) -> Outcome {
    if !certificate.facts.may_sign() {
        let ca = certificate.facts.certificate.is_ca();
        return Outcome::Unusable(if ca {
            Reason::CaCertificate
        } else {
            Reason::NotForSigning
        });
    }
    if let Some(key) = of(certificate, &inventory.private) {
        return usable(key, false);
    }
    // A private key that does not tell its public half (EC) goes with the public key of its own CKA_ID.
    let silent = |key: &&KeyObject| key.material.is_none() && may_be(certificate.facts.kind(), key.kind);
    let public = of(certificate, &inventory.public).filter(|public| !public.id.is_empty());
    if let Some(public) = public
        && let Some(key) = inventory.private.iter().filter(silent).find(|key| key.id == public.id)
    {
        return usable(key, false);
    }
    let shares_id = |key: &&KeyObject| !key.id.is_empty() && key.id == certificate.id;
    let named: Vec<&KeyObject> = inventory.private.iter().filter(shares_id).collect();
    let mut public = inventory
        .public
        .iter()
        .filter(shares_id)
        .filter(|key| key.material.is_some())
        .peekable();
    let no_public = public.peek().is_none();
    let public_fits = public.any(|key| same(certificate, key));
    match named.iter().find(|key| silent(key)) {
        Some(key) if public_fits => return usable(key, false),
        Some(key) if no_public => return usable(key, true),
        _ => {}
    }
    if !named.is_empty() {
        return Outcome::Unusable(Reason::KeyMismatch);
    }
    if hidden {
        if of(certificate, &inventory.public).is_some() {
            return Outcome::Pair {
                private: None,
                unproven: false,
            };
        }
        if !no_public {
            return Outcome::Unusable(Reason::KeyMismatch);
        }
        let lone = inventory.private.is_empty() && !certificate.id.is_empty();
        if lone && !certificate.facts.certificate.is_ca() {
            return Outcome::Pair {
                private: None,
                unproven: true,
            };
        }
    }
    let ca = certificate.facts.certificate.is_ca();
    Outcome::Unusable(if ca { Reason::CaCertificate } else { Reason::NoKey })
}

fn usable(key: &KeyObject, unproven: bool) -> Outcome {
    if key.sign == Some(false) {
        return Outcome::Unusable(Reason::KeyNotForSigning);
    }
    Outcome::Pair {
        private: Some(key.clone()),
        unproven,
    }
}

fn same(certificate: &CertificateObject, key: &KeyObject) -> bool {
    key.material
        .as_ref()
        .is_some_and(|material| material.same(&certificate.facts.material))
}

/// The key with the certificate's public key. That decides; some tools write another CKA_ID to the certificate. Where a token
/// has the key twice, the one with the certificate's CKA_ID is taken.
fn of<'a>(certificate: &CertificateObject, keys: &'a [KeyObject]) -> Option<&'a KeyObject> {
    let fits = || keys.iter().filter(|key| same(certificate, key));
    fits().find(|key| key.id == certificate.id).or(fits().next())
}

/// Whether a key of which only this much is known can be of the certificate's kind.
fn may_be(certificate: KeyKind, key: KeyKind) -> bool {
    key == certificate || matches!((certificate, key), (KeyKind::Rsa(_), KeyKind::Rsa(0)))
}

pub(crate) fn describe(what: &str, label: &str, id: &[u8]) -> String {
    format!("{what} {label:?}, id {}", hex::encode(id))
}
