//! The test material of `tests/data` and the keys to sign with. Not its business: judging anything.

use std::path::PathBuf;

use countersign_cms::{Certificate, DigestAlgorithm, SignatureAlgorithm, SignedAttributesInput, SignedDataInput};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::{DecodePrivateKey as _, PrivateKeyInfoRef};

pub(crate) const CONTENT: &[u8] = b"Countersign test content\n";

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

pub(crate) fn data(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

pub(crate) fn certificate(name: &str) -> Certificate {
    Certificate::from_der(&data(&format!("{name}.cert.der"))).unwrap()
}

/// Every algorithm that we write, with the key of the test material that makes it.
pub(crate) const ALGORITHMS: [(&str, SignatureAlgorithm); 15] = {
    use DigestAlgorithm as D;
    use SignatureAlgorithm as A;
    [
        ("rsa2048", A::RsaPkcs1(D::Sha256)),
        ("rsa2048", A::RsaPkcs1(D::Sha384)),
        ("rsa2048", A::RsaPkcs1(D::Sha512)),
        ("rsa3072", A::RsaPkcs1(D::Sha256)),
        ("rsa2048", A::RsaPss(D::Sha256)),
        ("rsa3072", A::RsaPss(D::Sha384)),
        ("rsa3072", A::RsaPss(D::Sha512)),
        ("pss", A::RsaPss(D::Sha256)),
        ("p256", A::Ecdsa(D::Sha256)),
        ("p256", A::Ecdsa(D::Sha512)),
        ("p384", A::Ecdsa(D::Sha384)),
        ("p384", A::Ecdsa(D::Sha256)),
        ("p521", A::Ecdsa(D::Sha512)),
        ("ed25519", A::Ed25519),
        ("sm2", A::Sm2Sm3),
    ]
};

/// Signs as a token would; ECDSA and SM2 come out as the bare concatenation.
pub(crate) fn token_output(key: &str, algorithm: SignatureAlgorithm, message: &[u8]) -> Vec<u8> {
    use DigestAlgorithm as D;
    use SignatureAlgorithm as A;
    let der = data(&format!("{key}.key.der"));
    match algorithm {
        A::RsaPkcs1(D::Sha256) => rsa_key(&der).pkcs1v15_sign::<sha2::Sha256>(message).unwrap(),
        A::RsaPkcs1(D::Sha384) => rsa_key(&der).pkcs1v15_sign::<sha2::Sha384>(message).unwrap(),
        A::RsaPkcs1(_) => rsa_key(&der).pkcs1v15_sign::<sha2::Sha512>(message).unwrap(),
        A::RsaPss(D::Sha256) => rsa_key(&der).pss_sign::<sha2::Sha256>(message).unwrap(),
        A::RsaPss(D::Sha384) => rsa_key(&der).pss_sign::<sha2::Sha384>(message).unwrap(),
        A::RsaPss(_) => rsa_key(&der).pss_sign::<sha2::Sha512>(message).unwrap(),
        A::RsaPssSalt(_, salt) => {
            let key = rsa::pss::SigningKey::<sha2::Sha256>::new_with_salt_len(rsa_key(&der), usize::from(salt));
            rsa::signature::SignatureEncoding::to_vec(&key.sign(message))
        }
        A::Ecdsa(digest) => ecdsa(key, &der, &digest.hash(message)),
        A::Ed25519 => {
            let key = ed25519_dalek::SigningKey::from_bytes(der[16..].try_into().unwrap());
            key.sign(message).to_bytes().to_vec()
        }
        A::Sm2Sm3 => {
            let secret = sm2::SecretKey::from_pkcs8_der(&der).unwrap();
            let key = sm2::dsa::SigningKey::new("1234567812345678", &secret).unwrap();
            let signature: sm2::dsa::Signature = key.sign(message);
            signature.to_bytes().to_vec()
        }
    }
}

/// The key inside PKCS #8, whichever of the two RSA identifiers stands outside.
fn rsa_key(der: &[u8]) -> rsa::PrivateKey {
    let outer = PrivateKeyInfoRef::try_from(der).unwrap();
    rsa::PrivateKey::from_pkcs1_der(outer.private_key.as_bytes()).unwrap()
}

fn ecdsa(key: &str, der: &[u8], digest: &[u8]) -> Vec<u8> {
    match key {
        "p256" => {
            let key = p256::ecdsa::SigningKey::from_pkcs8_der(der).unwrap();
            let signature: p256::ecdsa::Signature = key.sign_prehash(digest).unwrap();
            signature.to_vec()
        }
        "p384" => {
            let key = p384::ecdsa::SigningKey::from_pkcs8_der(der).unwrap();
            let signature: p384::ecdsa::Signature = key.sign_prehash(digest).unwrap();
            signature.to_vec()
        }
        _ => {
            let key = p521::ecdsa::SigningKey::from_pkcs8_der(der).unwrap();
            let signature: p521::ecdsa::Signature = key.sign_prehash(digest).unwrap();
            signature.to_vec()
        }
    }
}

pub(crate) fn attributes(certificate: &Certificate, algorithm: SignatureAlgorithm, content: &[u8]) -> Vec<u8> {
    let digest = algorithm.digest();
    let message_digest = digest.hash(content);
    let input = SignedAttributesInput {
        digest,
        message_digest: &message_digest,
        certificate,
        algorithm,
    };
    countersign_cms::signed_attributes(&input).unwrap()
}

/// A detached message over the content, from end to end.
pub(crate) fn signed(key: &str, algorithm: SignatureAlgorithm, chain: &[Vec<u8>]) -> Vec<u8> {
    let certificate = certificate(key);
    let signed_attributes = attributes(&certificate, algorithm, CONTENT);
    let output = token_output(key, algorithm, &signed_attributes);
    let signature = certificate
        .public_key()
        .unwrap()
        .interpret_output(algorithm, &signed_attributes, &output)
        .unwrap();
    countersign_cms::signed_data(&SignedDataInput {
        certificate: &certificate,
        chain,
        signed_attributes: &signed_attributes,
        algorithm,
        signature: &signature,
        timestamp_token: None,
    })
    .unwrap()
}
