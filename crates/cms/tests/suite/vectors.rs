//! Bare signatures: openssl's, the standard's, and Project Wycheproof's where the folder with them is present.

use std::path::PathBuf;

use countersign_cms::{DigestAlgorithm, KeyKind, PublicKey, SignatureAlgorithm, SignatureFailure};
use serde_json::Value;

use crate::material::{ALGORITHMS, CONTENT, certificate, data, token_output};

#[test]
fn signatures_by_openssl() {
    use SignatureAlgorithm as A;
    let sha256 = DigestAlgorithm::Sha256;
    let cases = [
        ("rsa2048", A::RsaPkcs1(sha256), "sig-rsa2048-sha256.der"),
        ("p256", A::Ecdsa(sha256), "sig-p256-sha256.der"),
        ("p384", A::Ecdsa(sha256), "sig-p384-sha256.der"),
        ("p521", A::Ecdsa(sha256), "sig-p521-sha256.der"),
        ("ed25519", A::Ed25519, "sig-ed25519.der"),
        ("sm2", A::Sm2Sm3, "sig-sm2.der"),
    ];
    for (name, algorithm, file) in cases {
        let key = certificate(name).public_key().unwrap();
        let signature = data(file);
        assert_eq!(key.verify(algorithm, CONTENT, &signature), Ok(()), "{name}");
        assert_eq!(
            key.verify(algorithm, b"other", &signature),
            Err(SignatureFailure::Bad),
            "{name}"
        );
        for at in 0..signature.len() {
            let mut changed = signature.clone();
            changed[at] ^= 1;
            assert!(key.verify(algorithm, CONTENT, &changed).is_err(), "{name} {at}");
        }
        let longer = [signature.as_slice(), &[0]].concat();
        assert!(key.verify(algorithm, CONTENT, &longer).is_err(), "{name}");
        assert!(key.verify(algorithm, CONTENT, &signature[1..]).is_err(), "{name}");
        assert!(key.verify(algorithm, CONTENT, &[]).is_err(), "{name}");
        match key.prehash(algorithm, CONTENT) {
            Some(digest) => assert_eq!(key.verify_prehashed(algorithm, &digest, &signature), Ok(()), "{name}"),
            None => assert_eq!(key.kind(), KeyKind::Ed25519),
        }
    }
}

#[test]
fn sm2_mistakes_are_named_and_refused() {
    let key = certificate("sm2").public_key().unwrap();
    let signature = data("sig-sm2-empty-id.der");
    assert_eq!(
        key.verify(SignatureAlgorithm::Sm2Sm3, CONTENT, &signature),
        Err(SignatureFailure::Sm2EmptyId)
    );
    // SM3 of the message stands in for the digest with Z.
    use sm2::dsa::signature::hazmat::PrehashSigner as _;
    use sm2::pkcs8::DecodePrivateKey as _;
    let secret = sm2::SecretKey::from_pkcs8_der(&data("sm2.key.der")).unwrap();
    let signer = sm2::dsa::SigningKey::new("1234567812345678", &secret).unwrap();
    let raw: sm2::dsa::Signature = signer.sign_prehash(&DigestAlgorithm::Sm3.hash(CONTENT)).unwrap();
    let der = countersign_cms::ecdsa_raw_to_der(&raw.to_bytes()).unwrap();
    assert_eq!(
        key.verify(SignatureAlgorithm::Sm2Sm3, CONTENT, &der),
        Err(SignatureFailure::Sm2WithoutZ)
    );
}

/// GM/T 0003.5: the example over the recommended curve.
#[test]
fn sm2_known_answer() {
    let spki = hex::decode(
        "3059301306072a8648ce3d020106082a811ccf5501822d03420004\
         09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
         ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
    );
    let key = PublicKey::from_spki_der(&spki.unwrap()).unwrap();
    let raw = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
               b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
    let raw = hex::decode(raw).unwrap();
    let message = b"message digest";
    let der = key.interpret_output(SignatureAlgorithm::Sm2Sm3, message, &raw).unwrap();
    assert_eq!(key.verify(SignatureAlgorithm::Sm2Sm3, message, &der), Ok(()));
    let prehash = key.prehash(SignatureAlgorithm::Sm2Sm3, message).unwrap();
    assert_eq!(
        hex::encode(prehash),
        "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"
    );
}

#[test]
fn outputs_of_tokens_are_interpreted() {
    for (name, algorithm) in ALGORITHMS {
        let key = certificate(name).public_key().unwrap();
        let output = token_output(name, algorithm, CONTENT);
        let value = key.interpret_output(algorithm, CONTENT, &output).unwrap();
        assert_eq!(key.verify(algorithm, CONTENT, &value), Ok(()), "{name}");
        // Already as it should be: unchanged.
        assert_eq!(
            key.interpret_output(algorithm, CONTENT, &value).as_ref(),
            Ok(&value),
            "{name}"
        );
        assert!(value.len() <= key.signature_len(), "{name}");
        for wrong in [
            vec![],
            vec![0; output.len()],
            output[1..].to_vec(),
            [output.as_slice(), &[0, 0]].concat(),
        ] {
            assert!(key.interpret_output(algorithm, CONTENT, &wrong).is_err(), "{name}");
        }
        assert!(key.interpret_output(algorithm, b"other", &output).is_err(), "{name}");
    }
}

#[test]
fn keys_make_only_their_own_algorithms() {
    for (name, _) in ALGORITHMS {
        let key = certificate(name).public_key().unwrap();
        for (other, algorithm) in ALGORITHMS {
            let outcome = key.interpret_output(algorithm, CONTENT, &token_output(other, algorithm, CONTENT));
            assert_eq!(
                outcome.is_ok(),
                name == other && key.fits(algorithm),
                "{name} {other} {algorithm:?}"
            );
        }
    }
    let key = certificate("k256").public_key().unwrap();
    assert!(!key.fits(SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256)));
}

#[test]
fn wycheproof() {
    use SignatureAlgorithm as A;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/other/wycheproof");
    if !folder.is_dir() {
        println!("SKIPPED: no Wycheproof vectors at {}", folder.display());
        return;
    }
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let vectors: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for group in vectors["testGroups"].as_array().unwrap() {
            let digest = match group["sha"].as_str() {
                Some("SHA-384") => DigestAlgorithm::Sha384,
                Some("SHA-512") => DigestAlgorithm::Sha512,
                _ => DigestAlgorithm::Sha256,
            };
            let algorithm = match group["type"].as_str().unwrap() {
                "EcdsaVerify" => A::Ecdsa(digest),
                "EddsaVerify" => A::Ed25519,
                "RsassaPkcs1Verify" => A::RsaPkcs1(digest),
                "RsassaPssVerify" => {
                    assert_eq!(group["sLen"].as_u64(), Some(32));
                    match digest.output_len() {
                        32 => A::RsaPss(digest),
                        _ => A::RsaPssSalt(digest, 32),
                    }
                }
                other => panic!("{other}"),
            };
            let spki = hex::decode(group["publicKeyDer"].as_str().unwrap()).unwrap();
            let key = match PublicKey::from_spki_der(&spki) {
                Ok(key) => key,
                Err(error) => panic!("{name}: {error}"),
            };
            for test in group["tests"].as_array().unwrap() {
                let message = hex::decode(test["msg"].as_str().unwrap()).unwrap();
                let signature = hex::decode(test["sig"].as_str().unwrap()).unwrap();
                let accepted = key.verify(algorithm, &message, &signature).is_ok();
                let expected = match test["result"].as_str().unwrap() {
                    "valid" => true,
                    "invalid" => false,
                    // A missing NULL in DigestInfo, and the like: both answers are allowed, we refuse.
                    _ => continue,
                };
                assert_eq!(accepted, expected, "{name} {}", test["tcId"]);
                count += 1;
            }
        }
    }
    assert!(count > 2000, "{count}");
}
