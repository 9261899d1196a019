//! Signatures of every kind of key, and the questions asked for them.

use countersign_cms::{Certificate, DigestAlgorithm, SignatureAlgorithm};
use countersign_signing::ports::{KeyKind, PinPurpose, PinRefusal, Token, TokenError};
use countersign_token::Reason;

use super::kit::{self, Kit, PIN, Script, to_sign, tokens};

pub(crate) fn make_one(kit: &Kit) {
    kit.token("desk");
    kit.pair("01", "P-256", kit::SIGNING);
    kit.import("desk", "01", "sign");
}

pub(crate) fn make_two(kit: &Kit) {
    make_one(kit);
    kit.pair("02", "rsa:2048", kit::SIGNING);
    kit.import("desk", "02", "rsa");
}

pub(crate) fn make_rsa(kit: &Kit) {
    kit.token("desk");
    kit.authority();
    for (id, bits) in [("01", "rsa:2048"), ("02", "rsa:3072")] {
        kit.pair(id, bits, kit::SIGNING);
        kit.import("desk", id, "sign");
    }
    kit.write_certificate("desk", "ca.der", "0f", "ca");
}

pub(crate) fn rsa() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let found = tokens.credentials().unwrap();
    assert_eq!(found.len(), 2);
    for (id, bits) in [("01", 2048), ("02", 3072)] {
        let credential = tokens
            .find(&format!("pkcs11:token=desk;id=%{id}"), &mut prompt)
            .unwrap();
        assert!(prompt.asked.is_empty() || id == "02", "finding needs no PIN");
        assert_eq!(credential.key.kind, KeyKind::Rsa(bits));
        assert_eq!(
            credential.algorithms.first(),
            Some(&SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256))
        );
        assert_eq!(credential.algorithms.len(), 6, "PKCS#1 and PSS with three digests");
        assert_eq!(
            credential.chain,
            [kit::read("ca.der")],
            "the issuer, and nothing else of the token"
        );
        assert_eq!(credential.token.module_sha256.len(), 64);
        assert_eq!(tokens.find(&credential.uri, &mut prompt).unwrap(), credential);
        for algorithm in credential.algorithms.clone() {
            let what = to_sign(algorithm);
            let value = tokens.sign(&credential, &what, &mut prompt).unwrap();
            let key = Certificate::from_der(&credential.certificate)
                .unwrap()
                .public_key()
                .unwrap();
            key.verify(algorithm, &what.message, &value).unwrap();
        }
    }
    assert_eq!(prompt.asked.len(), 1, "one PIN for the whole run");
    assert_eq!(prompt.asked[0].purpose, PinPurpose::Login);
    assert!(prompt.asked[0].token.starts_with("desk ("));
    assert_eq!(prompt.asked[0].document, "contract.pdf …0123");
}

pub(crate) fn make_ec(kit: &Kit) {
    kit.token("desk");
    for (id, curve) in [("01", "P-256"), ("02", "P-384"), ("03", "P-521")] {
        kit.pair(id, curve, kit::SIGNING);
        kit.import("desk", id, curve);
    }
}

pub(crate) fn ec() {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let cases = [
        ("P-256", KeyKind::P256, Sha256),
        ("P-384", KeyKind::P384, Sha384),
        ("P-521", KeyKind::P521, Sha512),
    ];
    for (label, kind, digest) in cases {
        let credential = tokens
            .find(&format!("pkcs11:object={label};type=private"), &mut prompt)
            .unwrap();
        assert_eq!(credential.key.kind, kind);
        assert_eq!(credential.algorithms.first(), Some(&SignatureAlgorithm::Ecdsa(digest)));
        assert_eq!(credential.algorithms.len(), 3);
        for algorithm in credential.algorithms.clone() {
            let what = to_sign(algorithm);
            let value = tokens.sign(&credential, &what, &mut prompt).unwrap();
            assert_eq!(value[0], 0x30, "DER, although SoftHSM gives r and s");
            let key = Certificate::from_der(&credential.certificate)
                .unwrap()
                .public_key()
                .unwrap();
            key.verify(algorithm, &what.message, &value).unwrap();
        }
    }
    assert_eq!(prompt.asked.len(), 1);
}

pub(crate) fn pin() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[]);
    let credential = tokens.find("pkcs11:token=desk", &mut prompt).unwrap();
    assert!(!credential.token.pin.count_low && credential.token.pin.login_required);
    let what = to_sign(credential.algorithms[0]);

    // No one to ask: nothing is sent.
    let refused = tokens.sign(&credential, &what, &mut prompt).unwrap_err();
    assert_eq!(refused, TokenError::PinRefused(PinRefusal::Unavailable));
    let again = tokens.find("pkcs11:token=desk", &mut prompt).unwrap();
    assert!(!again.token.pin.count_low, "no try was spent");

    // A wrong PIN: one try, and the flags after it.
    let mut wrong = Script::new(&["9999", PIN]);
    let Err(TokenError::PinIncorrect { flags }) = tokens.sign(&credential, &what, &mut wrong) else {
        panic!()
    };
    assert!(flags.count_low && !flags.locked);
    assert_eq!(wrong.asked.len(), 1, "never a second try by itself");

    // The next question shows it, and the right PIN clears it.
    let value = tokens.sign(&credential, &what, &mut wrong).unwrap();
    assert!(!value.is_empty() && wrong.asked[1].flags.count_low);
    let after = tokens.find("pkcs11:token=desk", &mut prompt).unwrap();
    assert!(!after.token.pin.count_low);
    assert_eq!(tokens.observed_key(&credential), None, "a new look forgets");
    tokens.sign(&credential, &what, &mut prompt).unwrap();
    assert!(!tokens.observed_key(&credential).unwrap().always_authenticate);

    // Three wrong ones in a new run (SoftHSM2 counts but never locks: the flags say what they say).
    drop(tokens);
    let mut tokens = kit::tokens();
    let mut wrong = Script::new(&["0000", "1111", "2222"]);
    for _ in 0..3 {
        assert!(matches!(
            tokens.sign(&credential, &what, &mut wrong),
            Err(TokenError::PinIncorrect { .. })
        ));
    }
    assert_eq!(wrong.asked.len(), 3);
    let mut right = Script::new(&[PIN]);
    match tokens.sign(&credential, &what, &mut right) {
        Ok(_) => println!("note: three wrong PINs do not lock this SoftHSM2"),
        Err(error) => assert!(
            matches!(error, TokenError::PinLocked) && right.asked.is_empty(),
            "{error:?}"
        ),
    }
    // No PIN is in anything that can be printed.
    assert!(!format!("{tokens:?}").contains(PIN));
}

pub(crate) fn make_always(kit: &Kit) {
    kit.token("desk");
    for (id, kind) in [("01", "P-256"), ("02", "rsa:2048")] {
        kit.pair(id, kind, kit::SIGNING);
        kit.write_always_authenticate("desk", id, id);
    }
}

pub(crate) fn always() {
    let mut tokens = tokens();
    for id in ["01", "02"] {
        let mut prompt = Script::new(&[PIN; 8]);
        let uri = format!("pkcs11:token=desk;id=%{id}");
        let credential = tokens.find(&uri, &mut prompt).unwrap();
        for algorithm in [credential.algorithms[0], credential.algorithms[1]] {
            let what = to_sign(algorithm);
            tokens.sign(&credential, &what, &mut prompt).unwrap();
        }
        let purposes: Vec<_> = prompt.asked.iter().map(|ask| ask.purpose).collect();
        let each = [PinPurpose::EachSignature; 2];
        let expected = if id == "01" {
            [&[PinPurpose::Login][..], &each].concat()
        } else {
            each.to_vec()
        };
        assert_eq!(purposes, expected);
        assert!(tokens.observed_key(&credential).unwrap().always_authenticate);

        // A wrong PIN for one signature: no signature, no second try, and the login survives.
        let mut wrong = Script::new(&["9999", PIN, PIN]);
        let what = to_sign(credential.algorithms[0]);
        let answer = tokens.sign(&credential, &what, &mut wrong);
        assert!(matches!(answer, Err(TokenError::PinIncorrect { .. })), "{answer:?}");
        assert_eq!(wrong.asked.len(), 1);
        // Refused by the person: the same.
        let refused = tokens.sign(&credential, &what, &mut Script::new(&[]));
        assert_eq!(refused, Err(TokenError::PinRefused(PinRefusal::Unavailable)));
        tokens.sign(&credential, &what, &mut wrong).unwrap();
        assert_eq!(wrong.asked.len(), 2);
    }
}

pub(crate) fn make_account(kit: &Kit) {
    make_one(kit);
    kit.generate("desk", "EC:secp256k1", "0a", "chain");
}

pub(crate) fn account() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let hash = DigestAlgorithm::Sha256.hash(b"transaction");
    let hash = <&[u8; 32]>::try_from(hash.as_slice()).unwrap();
    let survey = tokens.survey();
    let mut unusable = survey
        .iter()
        .flat_map(|module| &module.slots)
        .flat_map(|slot| &slot.unusable);
    let shown = unusable.find(|found| found.reason == Reason::AccountKey).unwrap();
    for uri in ["pkcs11:token=desk;object=chain", shown.uri.as_deref().unwrap()] {
        let (value, public) = tokens.sign_hash_secp256k1(uri, hash, &mut prompt).unwrap();
        kit::openssl_verifies_secp256k1(&public, hash, &value);
    }
    assert_eq!(prompt.asked.len(), 1);
    assert_eq!(prompt.asked[0].purpose, PinPurpose::ChainAccount);
    let uri = "pkcs11:token=desk;object=sign".to_owned();
    let refused = tokens.sign_hash_secp256k1(&uri, hash, &mut prompt).unwrap_err();
    assert_eq!(refused, TokenError::CredentialMissing { uri });
    // An account key never becomes a credential for contracts.
    assert_eq!(tokens.credentials().unwrap().len(), 1);
}
