//! Certificates from files for keys that have none on the token: some HSM modules have no certificate objects.
//!
//! A file's certificate stands in only for a key with the same public key, and only where the token has no certificate for
//! that key. Not its business: reading files (engine), which pairs may sign (`pairing`). PKCS#11 3.1 section 4.6.

use crate::certificate::{self, CertificateFacts};
use crate::inventory::{CertificateObject, Inventory, KeyObject};

/// Reads certificates that were given as DER; what cannot be read is left out, since the caller has checked its file.
pub(crate) fn read(given: &[Vec<u8>]) -> Vec<CertificateFacts> {
    given.iter().filter_map(|der| certificate::read(der).ok()).collect()
}

/// Adds those that belong to a key of the token that has no certificate there.
pub(crate) fn supplement(inventory: &mut Inventory, given: &[CertificateFacts]) {
    for facts in given {
        let of_key = |key: &&KeyObject| {
            key.material
                .as_ref()
                .is_some_and(|material| material.same(&facts.material))
        };
        let has_one = inventory
            .certificates
            .iter()
            .any(|found| found.facts.material.same(&facts.material));
        let key = inventory
            .private
            .iter()
            .find(of_key)
            .or(inventory.public.iter().find(of_key));
        if let (Some(key), false) = (key, has_one) {
            inventory.certificates.push(CertificateObject {
                handle: None,
                id: key.id.clone(),
                label: key.label.clone(),
                facts: facts.clone(),
            });
        }
    }
}
