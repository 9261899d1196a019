//! Signed data: ours in a roundtrip, openssl's, and what is wrong with changed ones.

use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use countersign_cms::{
    CmsError, DigestAlgorithm, SignatureAlgorithm, SignatureFailure, SignedDataInput, SignerId, SignerProblem,
    read_signed_data, signed_data, signed_data_capacity, verify_encapsulated, verify_signer, verify_signer_over,
    with_timestamp,
};
use der::{Decode as _, Encode as _};

use crate::material::{ALGORITHMS, CONTENT, attributes, certificate, data, signed, token_output};

#[test]
fn ours_in_every_algorithm() {
    for (name, algorithm) in ALGORITHMS {
        let chain = [data("ca.cert.der"), data(&format!("{name}.cert.der"))];
        let message = signed(name, algorithm, &chain);
        let view = read_signed_data(&message).unwrap();
        let digest = algorithm.digest().hash(CONTENT);
        assert_eq!(verify_signer(&view, &digest), [], "{name} {algorithm:?}");
        assert_eq!(view.signer.algorithm, Ok(algorithm));
        assert_eq!((view.version, view.signer_count, view.certificates.len()), (1, 1, 2));
        assert!(view.content.is_none() && view.repairs.is_der());
        assert_eq!(
            view.signer_certificate().unwrap().der(),
            data(&format!("{name}.cert.der"))
        );
        let signed_attributes = view.signer.signed_attributes.as_ref().unwrap();
        let types: Vec<&str> = signed_attributes
            .all
            .iter()
            .map(|attribute| attribute.oid.as_str())
            .collect();
        assert_eq!(types.len(), 4);
        assert!(signed_attributes.signing_time.is_none() && signed_attributes.algorithm_protection.is_some());
        assert!(signed_attributes.signing_certificate[0].version_2);

        let wrong = algorithm.digest().hash(b"other");
        let problems = verify_signer(&view, &wrong);
        assert!(
            matches!(problems.as_slice(), [SignerProblem::DigestMismatch { .. }]),
            "{problems:?}"
        );

        // The strict types of another implementation read it, and writing it again gives the same octets: it is DER.
        let outer = ContentInfo::from_der(&message).unwrap();
        let inner: SignedData = outer.content.decode_as().unwrap();
        assert_eq!(inner.signer_infos.0.len(), 1);
        assert_eq!(outer.to_der().unwrap(), message);
        assert_eq!(inner.to_der().unwrap(), outer.content.to_der().unwrap());

        let bits = certificate(name).public_key().unwrap().bits();
        let capacity = signed_data_capacity(&certificate(name), &chain, algorithm, bits, 0).unwrap();
        assert!(
            message.len() <= capacity && capacity < message.len() + 80,
            "{name}: {} {capacity}",
            message.len()
        );
    }
}

#[test]
fn capacity_covers_a_token_of_the_estimated_size() {
    let algorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
    let message = signed("p256", algorithm, &[]);
    for size in [100_usize, 120, 127, 128, 1000, 6000, 70_000] {
        let token = der::asn1::Any::new(der::Tag::Sequence, vec![0; size])
            .unwrap()
            .to_der()
            .unwrap();
        let stamped = with_timestamp(&message, &token).unwrap();
        let capacity = signed_data_capacity(&certificate("p256"), &[], algorithm, 256, token.len()).unwrap();
        assert!(stamped.len() <= capacity, "{size}: {} {capacity}", stamped.len());
    }
}

#[test]
fn openssl_messages() {
    let cases = [
        ("rsa-sha256", DigestAlgorithm::Sha256),
        ("rsa-sha384", DigestAlgorithm::Sha384),
        ("rsa-sha512-keyid", DigestAlgorithm::Sha512),
        ("rsa-noattr", DigestAlgorithm::Sha256),
        ("pss-sha256", DigestAlgorithm::Sha256),
        ("pss-key-sha256", DigestAlgorithm::Sha256),
        ("p256-sha256", DigestAlgorithm::Sha256),
        ("p384-sha384", DigestAlgorithm::Sha384),
        ("p521-sha512", DigestAlgorithm::Sha512),
    ];
    for (name, digest) in cases {
        let view = read_signed_data(&data(&format!("cms-{name}.der"))).unwrap();
        assert_eq!(view.signer.digest, Ok(digest), "{name}");
        assert_eq!(verify_signer(&view, &digest.hash(CONTENT)), [], "{name}");
        assert_eq!(verify_signer_over(&view, CONTENT, &[]), [], "{name}");
        assert!(!verify_signer(&view, &digest.hash(b"other")).is_empty(), "{name}");
        assert!(view.repairs.is_der(), "{name}");
        assert_eq!(
            name.contains("keyid"),
            matches!(view.signer.id, SignerId::SubjectKeyId(_)),
            "{name}"
        );
    }
}

#[test]
fn openssl_messages_with_content_and_odd_ones() {
    let sha256 = DigestAlgorithm::Sha256.hash(CONTENT);
    for name in ["rsa-content", "rsa-content-stream"] {
        let view = read_signed_data(&data(&format!("cms-{name}.der"))).unwrap();
        assert_eq!(view.content.as_deref(), Some(CONTENT), "{name}");
        assert_eq!(name.contains("stream"), view.repairs.indefinite_lengths > 0, "{name}");
        assert_eq!(verify_encapsulated(&view, &[]), [], "{name}");
        assert_eq!(verify_signer(&view, &sha256), [SignerProblem::ContentPresent], "{name}");
    }
    let view = read_signed_data(&data("cms-rsa-sha1.der")).unwrap();
    let problems = verify_signer(&view, &DigestAlgorithm::Sha1.hash(CONTENT));
    assert_eq!(
        problems,
        [SignerProblem::WeakDigest {
            digest: DigestAlgorithm::Sha1
        }]
    );
    assert!(!problems[0].breaks_integrity());

    let view = read_signed_data(&data("cms-two-signers.der")).unwrap();
    assert!(verify_signer(&view, &sha256).contains(&SignerProblem::SignerCount { found: 2 }));
    assert_eq!(
        with_timestamp(&data("cms-two-signers.der"), &[0x30, 0]),
        Err(CmsError::SignerCount { found: 2 })
    );

    let view = read_signed_data(&data("cms-pss-other-salt.der")).unwrap();
    let salt_20 = SignatureAlgorithm::RsaPssSalt(DigestAlgorithm::Sha256, 20);
    assert_eq!(view.signer.algorithm, Ok(salt_20));
    assert_eq!(verify_signer(&view, &sha256), []);
    assert!(matches!(
        read_signed_data(&data("rsa2048.cert.der")),
        Err(CmsError::Malformed(_))
    ));
    assert!(matches!(read_signed_data(&[]), Err(CmsError::Malformed(_))));
}

/// The salt is as long as the parameters say, whatever that is; another length than they say is no signature.
#[test]
fn salts_of_every_length() {
    let pss = |salt| SignatureAlgorithm::RsaPssSalt(DigestAlgorithm::Sha256, salt);
    let key = certificate("rsa2048").public_key().unwrap();
    for salt in [0, 20, 31, 33, 222] {
        let message = signed("rsa2048", pss(salt), &[]);
        let view = read_signed_data(&message).unwrap();
        assert_eq!(view.signer.algorithm, Ok(pss(salt)));
        assert_eq!(
            verify_signer(&view, &DigestAlgorithm::Sha256.hash(CONTENT)),
            [],
            "{salt}"
        );
        let output = token_output("rsa2048", pss(salt), CONTENT);
        assert_eq!(key.verify(pss(salt), CONTENT, &output), Ok(()), "{salt}");
        let as_long_as_the_digest = SignatureAlgorithm::RsaPss(DigestAlgorithm::Sha256);
        for other in [pss(salt + 1), pss(223), pss(u16::MAX), as_long_as_the_digest] {
            assert_eq!(
                key.verify(other, CONTENT, &output),
                Err(SignatureFailure::Bad),
                "{salt} {other:?}"
            );
        }
    }
    // A key that its certificate restricts to salts of 32 octets and more.
    let restricted = certificate("pss").public_key().unwrap();
    assert!(restricted.fits(pss(33)) && !restricted.fits(pss(20)));
}

/// Digest algorithm of the content beside another one of the signature: every value is right, and it is told.
#[test]
fn a_digest_beside_the_signature_is_told_and_not_called_broken() {
    use DigestAlgorithm::{Sha256, Sha512};
    let algorithm = SignatureAlgorithm::RsaPkcs1(Sha512);
    let (sha512, sha256) = (
        hex::decode("0609608648016503040203").unwrap(),
        hex::decode("0609608648016503040201").unwrap(),
    );
    let protection = hex::decode("06092a864886f70d010934").unwrap();
    let kept: Vec<Vec<u8>> = elements(&attributes(
        &certificate("rsa2048"),
        SignatureAlgorithm::RsaPkcs1(Sha256),
        CONTENT,
    ))
    .into_iter()
    .filter(|attribute| !attribute.windows(protection.len()).any(|part| part == protection))
    .collect();
    let mut message = forged("rsa2048", algorithm, &set(&kept), "rsa2048");
    let places: Vec<usize> = (0..message.len())
        .filter(|&at| message[at..].starts_with(&sha512))
        .collect();
    assert_eq!(places.len(), 2, "digestAlgorithms and digestAlgorithm");
    for at in places {
        message[at..at + sha256.len()].copy_from_slice(&sha256);
    }
    let view = read_signed_data(&message).unwrap();
    let told = SignerProblem::DigestAlgorithmDiffers {
        content: Sha256,
        signature: Sha512,
    };
    assert_eq!(verify_signer(&view, &Sha256.hash(CONTENT)), std::slice::from_ref(&told));
    assert!(!told.breaks_integrity());
    let other = verify_signer(&view, &Sha256.hash(b"other"));
    assert!(other.iter().any(SignerProblem::breaks_integrity), "{other:?}");

    // Without attributes one digest serves both: which one was meant is not known, and nothing is called broken.
    let mut view = read_signed_data(&data("cms-rsa-noattr.der")).unwrap();
    assert_eq!(view.signer.algorithm, Ok(SignatureAlgorithm::RsaPkcs1(Sha256)));
    view.signer.digest = Ok(Sha512);
    let problems = verify_signer(&view, &Sha512.hash(CONTENT));
    assert!(
        problems
            .iter()
            .all(|problem| problem.not_understood() || !problem.breaks_integrity()),
        "{problems:?}"
    );
}

/// The same element with indefinite lengths down to a depth.
fn indefinite(octets: &[u8], depth: usize) -> Vec<u8> {
    let element = der::asn1::AnyRef::from_der(octets).unwrap();
    if depth == 0 || octets[0] & 0x20 == 0 {
        return octets.to_vec();
    }
    let mut written = vec![octets[0], 0x80];
    let mut rest = element.value();
    while !rest.is_empty() {
        let (_, after) = der::asn1::AnyRef::from_der_partial(rest).unwrap();
        written.extend(indefinite(&rest[..rest.len() - after.len()], depth - 1));
        rest = after;
    }
    written.extend([0, 0]);
    written
}

/// Four levels hold everything around certificates and signers; what was signed stays as it was.
#[test]
fn indefinite_lengths_change_nothing() {
    for name in [
        "cms-rsa-sha256.der",
        "cms-rsa-sha512-keyid.der",
        "cms-p256-sha256.der",
        "cms-rsa-noattr.der",
    ] {
        let message = data(name);
        let view = read_signed_data(&indefinite(&message, 4)).unwrap();
        assert!(view.repairs.indefinite_lengths > 4);
        assert_eq!(view.der, message);
        let stamped = with_timestamp(&indefinite(&message, 4), &[0x30, 0]).unwrap();
        assert_eq!(stamped, with_timestamp(&message, &[0x30, 0]).unwrap());
        // Deeper, the signed attributes themselves: what was signed is their DER.
        let view = read_signed_data(&indefinite(&message, 9)).unwrap();
        let digest = view.signer.digest.clone().unwrap().hash(CONTENT);
        assert_eq!(verify_signer(&view, &digest), [], "{name}");
    }
}

#[test]
fn padding_is_cut() {
    let message = data("cms-rsa-sha256.der");
    let view = read_signed_data(&[message.as_slice(), &[0; 500]].concat()).unwrap();
    assert_eq!(
        (view.repairs.trailing_octets, view.repairs.trailing_nonzero),
        (500, false)
    );
    assert_eq!(view.der, message);
    let view = read_signed_data(&[message.as_slice(), &[0, 1]].concat()).unwrap();
    assert!(view.repairs.trailing_nonzero);
}

#[test]
fn a_token_is_added_and_replaced() {
    for name in [
        "cms-rsa-sha256.der",
        "cms-rsa-sha384.der",
        "cms-rsa-noattr.der",
        "cms-p256-sha256.der",
    ] {
        let before = read_signed_data(&data(name)).unwrap();
        let (first, second) = ([0x30, 3, 2, 1, 1], [0x30, 4, 2, 2, 1, 1]);
        let once = with_timestamp(&data(name), &first).unwrap();
        let twice = with_timestamp(&once, &second).unwrap();
        for (message, token) in [(&once, &first[..]), (&twice, &second[..])] {
            let after = read_signed_data(message).unwrap();
            assert_eq!(after.signer.timestamp_tokens, [token.to_vec()], "{name}");
            assert_eq!(after.signer.signed_attributes, before.signer.signed_attributes);
            assert_eq!(after.certificates, before.certificates);
            assert_eq!(after.signer.signature, before.signer.signature);
            assert!(after.repairs.is_der());
            let digest = after.signer.digest.clone().unwrap().hash(CONTENT);
            assert_eq!(verify_signer(&after, &digest), [], "{name}");
        }
        assert!(with_timestamp(&data(name), &[]).is_err());
        assert!(with_timestamp(&data(name), b"\x30\x00\x00").is_err());
    }
}

/// Builds a message from attributes that are given, signed with the key they are given with.
fn forged(name: &str, algorithm: SignatureAlgorithm, signed_attributes: &[u8], embedded: &str) -> Vec<u8> {
    let key = certificate(name).public_key().unwrap();
    let output = token_output(name, algorithm, signed_attributes);
    let signature = key.interpret_output(algorithm, signed_attributes, &output).unwrap();
    signed_data(&SignedDataInput {
        certificate: &certificate(embedded),
        chain: &[],
        signed_attributes,
        algorithm,
        signature: &signature,
        timestamp_token: None,
    })
    .unwrap()
}

/// The elements of a SET, to be put together otherwise.
fn elements(set: &[u8]) -> Vec<Vec<u8>> {
    let set = der::asn1::Any::from_der(set).unwrap();
    let mut rest = set.value();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (element, after) = der::asn1::AnyRef::from_der_partial(rest).unwrap();
        found.push(element.to_der().unwrap());
        rest = after;
    }
    found
}

fn set(elements: &[Vec<u8>]) -> Vec<u8> {
    der::asn1::Any::new(der::Tag::Set, elements.concat())
        .unwrap()
        .to_der()
        .unwrap()
}

#[test]
fn every_problem_is_listed() {
    let algorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
    let own = certificate("p256");
    let digest = DigestAlgorithm::Sha256.hash(CONTENT);
    let good = elements(&attributes(&own, algorithm, CONTENT));
    let position = |oid_der: &[u8]| {
        good.iter()
            .position(|element| element.windows(oid_der.len()).any(|w| w == oid_der))
    };
    let content_type = position(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3]).unwrap();
    let message_digest = position(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4]).unwrap();
    let protection = position(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 52]).unwrap();
    let without = |at: usize| {
        let mut all = good.clone();
        all.remove(at);
        set(&all)
    };
    let problems = |octets: &[u8], embedded: &str| {
        let view = read_signed_data(&forged("p256", algorithm, octets, embedded)).unwrap();
        verify_signer(&view, &digest)
    };
    let has = |problems: &[SignerProblem], wanted: fn(&SignerProblem) -> bool| {
        problems.iter().filter(|p| wanted(p)).count() == 1
    };

    assert_eq!(problems(&set(&good), "p256"), []);
    // Another order than DER's, and signed so: the file's own octets count.
    let mut reversed = good.clone();
    reversed.reverse();
    assert_eq!(problems(&set(&reversed), "p256"), []);

    let found = problems(&without(content_type), "p256");
    assert!(
        has(
            &found,
            |p| matches!(p, SignerProblem::MissingAttribute { oid } if oid.ends_with("9.3"))
        ) && found.len() == 1
    );
    let found = problems(&without(message_digest), "p256");
    assert!(
        has(
            &found,
            |p| matches!(p, SignerProblem::MissingAttribute { oid } if oid.ends_with("9.4"))
        ) && found.len() == 1
    );
    assert_eq!(problems(&without(protection), "p256"), []);

    let mut twice = good.clone();
    twice.push(good[message_digest].clone());
    assert!(has(&problems(&set(&twice), "p256"), |p| matches!(
        p,
        SignerProblem::DuplicateAttribute { .. }
    )));

    // The protection of another algorithm.
    let mut other = good.clone();
    let pss = attributes(&own, SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256), CONTENT);
    other[protection] = elements(&pss)
        .into_iter()
        .find(|e| {
            e.windows(9)
                .any(|w| w == [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 52])
        })
        .unwrap();
    assert_eq!(
        problems(&set(&other), "p256"),
        [SignerProblem::AlgorithmProtectionMismatch]
    );

    // Another certificate put in: reference, key and signature all disagree, and all is said.
    let found = problems(&set(&good), "p384");
    assert!(
        has(&found, |p| *p == SignerProblem::CertificateReferenceMismatch),
        "{found:?}"
    );
    assert!(
        has(&found, |p| matches!(p, SignerProblem::BadSignature(_))),
        "{found:?}"
    );
    let found = problems(&set(&good), "rsa2048");
    assert!(
        has(&found, |p| matches!(
            p,
            SignerProblem::BadSignature(SignatureFailure::KeyDoesNotFit { .. })
        )),
        "{found:?}"
    );
    assert!(found.iter().all(SignerProblem::breaks_integrity));
}
