//! Thirty thousand broken messages: no reader panics, hangs, or finds a changed statement intact.

use countersign_cms::timestamp::{Expected, check_token, read_request, read_response, read_token};
use countersign_cms::{
    Certificate, DigestAlgorithm, PublicKey, SignatureAlgorithm, read_signed_data, verify_signer, with_timestamp,
};

use crate::material::{CONTENT, certificate, data, signed};

/// xorshift64: the same mutations in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

fn mutated(octets: &[u8], random: &mut Random) -> Vec<u8> {
    let mut changed = octets.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(changed.len());
        let octet = u8::try_from(random.next() & 0xff).unwrap();
        match random.below(8) {
            0 => changed.truncate(at + 1),
            1 => changed.insert(at, octet),
            2 => {
                changed.remove(at);
            }
            3 => changed[at] = 0x80,
            4 => changed[at] = 0xff,
            5 => changed[at] ^= 1 << (octet & 7),
            6 => {
                let end = (at + random.below(40)).min(changed.len());
                let piece = changed[at..end].to_vec();
                let to = random.below(changed.len());
                changed.splice(to..to, piece);
            }
            _ => changed[at] = octet,
        }
        if changed.is_empty() {
            changed.push(octet);
        }
    }
    changed
}

#[test]
fn readers_survive() {
    let algorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
    let ours = signed("p256", algorithm, &[data("ca.cert.der")]);
    let token = read_response(&data("ess-sha1.tsr")).unwrap().token.unwrap();
    let stamped = with_timestamp(&ours, &token).unwrap();
    let imprint = DigestAlgorithm::Sha256.hash(CONTENT);
    let expected = Expected {
        algorithm: DigestAlgorithm::Sha256,
        imprint: &imprint,
        nonce: None,
        policy: None,
    };
    let mut random = Random(0x00c0_ffee_1234_5678);
    let statement = read_token(&token).unwrap().info;
    let (mut readable, mut intact) = (0, 0);
    for round in 0..10_000 {
        let octets = mutated(&stamped, &mut random);
        if let Ok(view) = read_signed_data(&octets) {
            readable += 1;
            // The arithmetic is the slow part; a share of the readable ones is enough for it.
            if round % 8 == 0 && verify_signer(&view, &imprint).is_empty() {
                intact += 1;
                assert_eq!(view.signer_certificate().unwrap().der(), data("p256.cert.der"));
            }
        }
        let _ = with_timestamp(&octets, &token);

        let octets = mutated(&token, &mut random);
        if let Ok(read) = read_token(&octets) {
            readable += 1;
            if round % 8 == 0 && check_token(&read, &expected).is_empty() {
                intact += 1;
                assert_eq!(read.info, statement);
            }
        }
        let _ = read_response(&octets);
        let _ = read_request(&octets);

        let octets = mutated(&data_once(round), &mut random);
        let _ = read_signed_data(&octets);
        if let Ok(certificate) = Certificate::from_der(&octets) {
            let _ = (
                certificate.subject(),
                certificate.key_usage(),
                certificate.extended_key_usage(),
                certificate.is_ca(),
            );
            let _ = certificate.public_key();
        }
        let _ = PublicKey::from_spki_der(&octets);
    }
    // What is not signed may change: unsigned attributes, other certificates.
    assert!(intact > 10, "{intact}");
    assert!(
        readable > 1000,
        "{readable}: the mutations are too coarse to test anything"
    );
}

fn data_once(round: usize) -> Vec<u8> {
    use std::sync::OnceLock;
    static KEPT: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let kept = KEPT.get_or_init(|| {
        let mut all = vec![data("cms-rsa-content-stream.der"), data("cms-rsa-noattr.der")];
        for name in ["rsa2048", "p384", "ed25519", "sm2", "tsa-two-purposes"] {
            all.push(certificate(name).der().to_vec());
            all.push(certificate(name).spki_der().to_vec());
        }
        all
    });
    kept[round % kept.len()].clone()
}

/// One flipped bit anywhere in what is signed or in the value leaves no intact signature.
#[test]
fn no_single_bit_goes_unnoticed() {
    let algorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
    let message = signed("p256", algorithm, &[]);
    let digest = DigestAlgorithm::Sha256.hash(CONTENT);
    let view = read_signed_data(&message).unwrap();
    let attributes = view.signer.signed_attributes.unwrap().der;
    let start = message
        .windows(attributes.len() - 1)
        .position(|window| window == &attributes[1..])
        .unwrap();
    for at in start..message.len() {
        let mut changed = message.clone();
        changed[at] ^= 1 << (at % 8);
        if let Ok(view) = read_signed_data(&changed) {
            assert_ne!(verify_signer(&view, &digest), [], "octet {at}");
        }
    }
}
