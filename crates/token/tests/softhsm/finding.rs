//! Which credential a URI names, and what is said of the others.

use countersign_cms::DigestAlgorithm;
use countersign_signing::ports::{PinRefusal, Token, TokenError};
use countersign_token::{ModuleConfig, Pkcs11Tokens, Reason, Uri};

use super::kit::{self, Kit, PIN, Script, module, to_sign, tokens};
use super::signing::{make_account, make_one};

pub(crate) fn make_labels(kit: &Kit) {
    kit.token("desk");
    for id in ["01", "02"] {
        kit.pair(id, "P-256", kit::SIGNING);
        kit.import("desk", id, "sign");
    }
}

pub(crate) fn labels() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let uri = "pkcs11:token=desk;object=sign".to_owned();
    assert_eq!(
        tokens.find(&uri, &mut prompt),
        Err(TokenError::Ambiguous { uri, count: 2 })
    );
    let all = tokens.credentials().unwrap();
    assert_eq!(all.len(), 2);
    for credential in all {
        assert_eq!(tokens.find(&credential.uri, &mut prompt).as_ref(), Ok(&credential));
        tokens
            .sign(&credential, &to_sign(credential.algorithms[0]), &mut prompt)
            .unwrap();
        assert_eq!(Uri::parse(&credential.uri).unwrap().to_string(), credential.uri);
    }
    let uri = "pkcs11:token=desk;object=other".to_owned();
    assert_eq!(
        tokens.find(&uri, &mut prompt),
        Err(TokenError::CredentialMissing { uri })
    );
    assert_eq!(prompt.asked.len(), 1);
}

pub(crate) fn make_encryption(kit: &Kit) {
    make_one(kit);
    // Its key has another CKA_ID first, or the tools would refuse it; certificate and public key share 01.
    kit.pair("02", "P-256", kit::ENCRYPTION);
    kit.write_certificate("desk", "02.der", "01", "encrypt");
    kit.write_public_key("desk", "02", "01", "encrypt");
}

pub(crate) fn encryption() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let credential = tokens.find("pkcs11:token=desk;id=%01", &mut prompt).unwrap();
    assert_eq!(credential.certificate, kit::read("01.der"));
    tokens
        .sign(&credential, &to_sign(credential.algorithms[0]), &mut prompt)
        .unwrap();
    let survey = tokens.survey();
    let unusable: Vec<_> = survey
        .iter()
        .flat_map(|module| &module.slots)
        .flat_map(|slot| &slot.unusable)
        .collect();
    assert!(
        unusable
            .iter()
            .any(|found| found.reason == Reason::NotForSigning && found.what.contains("encrypt"))
    );
    // Also with the private keys in sight.
    assert_eq!(
        tokens
            .find("pkcs11:token=desk;id=%01", &mut prompt)
            .unwrap()
            .certificate,
        credential.certificate
    );
}

pub(crate) fn make_mismatch(kit: &Kit) {
    kit.token("desk");
    kit.pair("01", "P-256", kit::SIGNING);
    kit.pair("02", "P-256", kit::SIGNING);
    kit.import_key("desk", "01", "01", "sign");
    kit.write_certificate("desk", "02.der", "01", "sign");
}

pub(crate) fn mismatch() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let uri = "pkcs11:token=desk;object=sign".to_owned();
    assert_eq!(tokens.find(&uri, &mut prompt), Err(TokenError::KeyMismatch { uri }));
    assert!(prompt.asked.is_empty());
    assert_eq!(tokens.credentials(), Ok(Vec::new()));
}

pub(crate) fn swapped() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let credential = tokens.find("pkcs11:token=desk", &mut prompt).unwrap();
    // Another certificate for the same key, under the same CKA_ID and label, by another process.
    let kit = Kit::in_child();
    kit.delete_certificate("desk", "01");
    kit.renew("01");
    kit.write_certificate("desk", "01-new.der", "01", "sign");
    let sha256 = |name: &str| hex::encode(DigestAlgorithm::Sha256.hash(&kit::read(name)));
    let expected = TokenError::CertificateChanged {
        prepared: sha256("01.der"),
        found: sha256("01-new.der"),
    };
    let what = to_sign(credential.algorithms[0]);
    assert_eq!(tokens.sign(&credential, &what, &mut prompt), Err(expected));
    assert!(prompt.asked.is_empty(), "compared before a PIN is asked for");
    kit.delete_certificate("desk", "01");
    let gone = tokens.sign(&credential, &what, &mut prompt);
    assert!(gone.is_err() && prompt.asked.len() <= 1, "{gone:?}");
}

pub(crate) fn make_hidden(kit: &Kit) {
    kit.token("desk");
    kit.pair("01", "P-256", kit::SIGNING);
    kit.write_private_key("desk", "01", "sign");
}

pub(crate) fn hidden() {
    kit::hide_certificate("01", "sign");
    let mut tokens = tokens();
    assert_eq!(tokens.credentials(), Ok(Vec::new()));
    let refused = tokens
        .find("pkcs11:token=desk;object=sign", &mut Script::new(&[]))
        .unwrap_err();
    assert_eq!(refused, TokenError::PinRefused(PinRefusal::Unavailable));
    let mut prompt = Script::new(&[PIN]);
    let credential = tokens.find("pkcs11:token=desk;object=sign", &mut prompt).unwrap();
    tokens
        .sign(&credential, &to_sign(credential.algorithms[0]), &mut prompt)
        .unwrap();
    assert_eq!(prompt.asked.len(), 1);
    // A new process prepared with it: nothing but the token and the certificate are known before the login.
    drop(tokens);
    let mut tokens = kit::tokens();
    let mut prompt = Script::new(&[PIN]);
    tokens
        .sign(&credential, &to_sign(credential.algorithms[0]), &mut prompt)
        .unwrap();
    assert_eq!(prompt.asked.len(), 1);
}

pub(crate) fn make_twins(kit: &Kit) {
    make_one(kit);
    kit.renew("01");
    kit.write_certificate("desk", "01-new.der", "01", "sign");
}

pub(crate) fn twins() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let uri = "pkcs11:token=desk;object=sign".to_owned();
    assert_eq!(
        tokens.find(&uri, &mut prompt),
        Err(TokenError::Ambiguous { uri, count: 2 })
    );
    for credential in tokens.credentials().unwrap() {
        assert_eq!(tokens.find(&credential.uri, &mut prompt).as_ref(), Ok(&credential));
        tokens
            .sign(&credential, &to_sign(credential.algorithms[0]), &mut prompt)
            .unwrap();
    }
}

pub(crate) fn make_survey(kit: &Kit) {
    make_account(kit);
    kit.token("other");
    kit.authority();
    kit.write_certificate("desk", "ca.der", "0f", "ca");
    kit.generate("desk", "rsa:2048", "0b", "bare");
}

pub(crate) fn survey() {
    let mut all = vec![ModuleConfig::from_path(module())];
    all.push(ModuleConfig::from_path("/nonexistent/lib.so"));
    let survey = Pkcs11Tokens::new(all).survey();
    let trouble = survey[1].error.as_ref().unwrap();
    assert!(trouble.code == "module-load" && trouble.detail.contains("no such file") && survey[1].facts.is_none());
    assert!(survey[0].facts.as_ref().unwrap().manufacturer.contains("SoftHSM"));
    let slot = survey[0]
        .slots
        .iter()
        .find(|slot| slot.token.as_ref().unwrap().label == "desk")
        .unwrap();
    assert_eq!(
        (slot.credentials.len(), slot.logged_in, slot.initialized),
        (1, false, true)
    );
    assert!(slot.credentials[0].key_hidden && !slot.credentials[0].unproven);
    assert!(slot.mechanisms.iter().any(|name| name == "CKM_ECDSA"));
    let mut reasons: Vec<_> = slot
        .unusable
        .iter()
        .map(|found| serde_json::to_string(&found.reason).unwrap())
        .collect();
    reasons.sort();
    assert_eq!(reasons, ["\"account-key\"", "\"ca-certificate\"", "\"no-certificate\""]);
    // The slot that SoftHSM keeps for the next token is shown as what it is.
    let free = survey[0].slots.iter().find(|slot| !slot.initialized).unwrap();
    assert!(free.error.is_none() && free.credentials.is_empty());
    serde_json::to_string(&survey).unwrap();
}
