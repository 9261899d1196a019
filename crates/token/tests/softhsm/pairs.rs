//! Keys and certificates that are not written as usual: other CKA_IDs, no certificate on the token, one that is replaced.

use countersign_cms::DigestAlgorithm;
use countersign_signing::ports::{Pin, PinAsk, PinRefusal, Prompt, Token, TokenError};

use super::kit::{self, Kit, PIN, Script, to_sign, tokens};

fn sha256(name: &str) -> String {
    hex::encode(DigestAlgorithm::Sha256.hash(&kit::read(name)))
}

pub(crate) fn make_other_ids(kit: &Kit) {
    kit.token("desk");
    for (id, other) in [("01", "6b657931"), ("02", "01")] {
        kit.pair(id, "P-256", kit::SIGNING);
        kit.import_key("desk", id, &format!("30{id}"), id);
        kit.write_certificate("desk", &format!("{id}.der"), other, id);
    }
}

/// The public key decides, also where the certificate's CKA_ID is that of nobody, or like that of another key.
pub(crate) fn other_ids() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    assert_eq!(tokens.credentials().unwrap().len(), 2);
    for id in ["01", "02"] {
        let uri = format!("pkcs11:token=desk;object={id}");
        let credential = tokens.find(&uri, &mut prompt).unwrap();
        assert_eq!(credential.certificate, kit::read(&format!("{id}.der")));
        assert_eq!(credential.key.id, format!("30{id}"));
        tokens
            .sign(&credential, &to_sign(credential.algorithms[0]), &mut prompt)
            .unwrap();
        assert_eq!(tokens.find(&credential.uri, &mut prompt).as_ref(), Ok(&credential));
    }
    assert_eq!(prompt.asked.len(), 1);
}

pub(crate) fn make_bare(kit: &Kit) {
    kit.token("desk");
    for id in ["01", "02"] {
        kit.pair(id, "P-256", kit::SIGNING);
    }
    kit.import_key("desk", "01", "01", "hsm");
}

/// The certificate is a file; it must fit the key, and goes with the credential into another process.
pub(crate) fn bare() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN, PIN]);
    let uri = "pkcs11:token=desk;object=hsm".to_owned();
    assert_eq!(
        tokens.find(&uri, &mut prompt),
        Err(TokenError::NoCertificate { uri: uri.clone() })
    );
    tokens.with_certificates(&[kit::read("02.der")], true);
    assert_eq!(
        tokens.find(&uri, &mut prompt),
        Err(TokenError::KeyMismatch { uri: uri.clone() })
    );
    assert!(prompt.asked.is_empty());
    tokens.with_certificates(&[kit::read("02.der"), kit::read("01.der")], true);
    let credential = tokens.find(&uri, &mut prompt).unwrap();
    assert!(credential.certificate_from_file && credential.certificate == kit::read("01.der"));
    let what = to_sign(credential.algorithms[0]);
    tokens.sign(&credential, &what, &mut prompt).unwrap();
    drop(tokens);
    let kept = serde_json::to_string(&credential).unwrap();
    let credential = serde_json::from_str(&kept).unwrap();
    kit::tokens().sign(&credential, &what, &mut prompt).unwrap();
    assert_eq!(prompt.asked.len(), 2);
}

/// Somebody writes another certificate for the same key, at this moment.
fn replace() {
    let kit = Kit::in_child();
    kit.delete_certificate("desk", "01");
    kit.renew("01");
    kit.write_certificate("desk", "01-new.der", "0a", "other");
}

/// Replaces the certificate while the PIN is typed.
struct Replacing;

impl Prompt for Replacing {
    fn pin(&mut self, _: &PinAsk) -> Result<Pin, PinRefusal> {
        replace();
        Pin::new(PIN.as_bytes().to_vec()).ok_or(PinRefusal::Unavailable)
    }

    fn enter_on_device(&mut self, _: &PinAsk) -> Result<(), PinRefusal> {
        Err(PinRefusal::Unavailable)
    }
}

fn changed() -> Option<TokenError> {
    Some(TokenError::CertificateChanged {
        prepared: sha256("01.der"),
        found: sha256("01-new.der"),
    })
}

pub(crate) fn replaced_while_the_pin_is_typed() {
    let mut tokens = tokens();
    let credential = tokens.find("pkcs11:token=desk;id=%01", &mut Script::new(&[])).unwrap();
    let answer = tokens.sign(&credential, &to_sign(credential.algorithms[0]), &mut Replacing);
    assert_eq!(answer.err(), changed());
}

pub(crate) fn replaced_between_two_signatures() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let credential = tokens.find("pkcs11:token=desk;id=%01", &mut prompt).unwrap();
    let what = to_sign(credential.algorithms[0]);
    tokens.sign(&credential, &what, &mut prompt).unwrap();
    tokens.sign(&credential, &what, &mut prompt).unwrap();
    replace();
    assert_eq!(tokens.sign(&credential, &what, &mut prompt).err(), changed());
}
