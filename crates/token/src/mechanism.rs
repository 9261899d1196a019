//! Which mechanism makes which signature, from what the token offers.
//!
//! Not its business: which algorithm a policy wants (the caller chooses from `Credential::algorithms`).
//! PKCS#11 C_GetMechanismList and C_GetMechanismInfo, RFC 8017 section 9.2 (DigestInfo), FIPS 186-5 section 6.4 (the
//! leftmost bits of a hash), DOMAIN 3.1.

use std::borrow::Cow;

use countersign_cms::{DigestAlgorithm, PublicKey, SignatureAlgorithm};
use countersign_signing::ports::KeyKind;
use cryptoki::context::Pkcs11;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::slot::Slot;

use crate::material::coordinate_octets;

/// The signature mechanisms that a token offers, of those that we use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Menu(Vec<MechanismType>);

impl Menu {
    /// Asks for each known mechanism: the list of some modules, and cryptoki's copy of it, leaves some out.
    pub(crate) fn read(context: &Pkcs11, slot: Slot) -> Self {
        let listed = context.get_mechanism_list(slot).unwrap_or_default();
        let offered = KNOWN.iter().map(|(mechanism, _)| *mechanism).filter(|mechanism| {
            match context.get_mechanism_info(slot, *mechanism) {
                Ok(info) => info.sign(),
                Err(_) => listed.contains(mechanism),
            }
        });
        Self(offered.collect())
    }

    /// Without what CKA_ALLOWED_MECHANISMS forbids for one key; an empty list there forbids nothing.
    pub(crate) fn allowed(&self, only: Option<&[MechanismType]>) -> Self {
        match only {
            Some(only) if !only.is_empty() => Self(self.0.iter().copied().filter(|one| only.contains(one)).collect()),
            _ => self.clone(),
        }
    }

    fn has(&self, mechanism: MechanismType) -> bool {
        self.0.contains(&mechanism)
    }

    /// Names, for people.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |one: &MechanismType| KNOWN.iter().find(|(known, _)| known == one).map(|(_, name)| *name);
        self.0.iter().filter_map(name).map(str::to_owned).collect()
    }
}

/// One way to make a signature.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) mechanism: Mechanism<'static>,
    input: Input,
}

/// What the mechanism is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    /// The message: the token hashes.
    Message,
    /// Its digest, at most so many octets of it.
    Digest(DigestAlgorithm, usize),
    /// DigestInfo.
    DigestInfo(DigestAlgorithm),
}

impl Plan {
    /// The octets that C_Sign is given.
    pub(crate) fn input<'m>(&self, message: &'m [u8]) -> Cow<'m, [u8]> {
        match self.input {
            Input::Message => Cow::Borrowed(message),
            Input::Digest(digest, limit) => {
                let mut octets = digest.hash(message);
                octets.truncate(limit);
                Cow::Owned(octets)
            }
            Input::DigestInfo(digest) => Cow::Owned(digest.digest_info(&digest.hash(message))),
        }
    }

    /// Whether the mechanism hashes, and so can be fed in parts (C_SignUpdate).
    pub(crate) fn in_parts(&self) -> bool {
        self.input == Input::Message && !matches!(self.mechanism, Mechanism::Eddsa(_))
    }
}

/// How to make a signature of this algorithm with a key of this kind: hashed by the token where it can, else by us.
pub(crate) fn plan(menu: &Menu, kind: KeyKind, algorithm: SignatureAlgorithm) -> Option<Plan> {
    match (algorithm, kind) {
        (SignatureAlgorithm::RsaPkcs1(digest), KeyKind::Rsa(_)) => {
            let (hashed, mechanism) = match digest {
                DigestAlgorithm::Sha256 => (MechanismType::SHA256_RSA_PKCS, Mechanism::Sha256RsaPkcs),
                DigestAlgorithm::Sha384 => (MechanismType::SHA384_RSA_PKCS, Mechanism::Sha384RsaPkcs),
                DigestAlgorithm::Sha512 => (MechanismType::SHA512_RSA_PKCS, Mechanism::Sha512RsaPkcs),
                DigestAlgorithm::Sha1 | DigestAlgorithm::Sm3 => return None,
            };
            let raw = (MechanismType::RSA_PKCS, Mechanism::RsaPkcs, Input::DigestInfo(digest));
            choose(menu, (hashed, mechanism), raw)
        }
        (SignatureAlgorithm::RsaPss(digest), KeyKind::Rsa(bits)) => {
            let parameters = pss_parameters(digest)?;
            // RFC 8017 section 9.1.1: emLen >= hLen + sLen + 2.
            let length = digest.output_len();
            if usize::try_from(bits).ok()?.saturating_sub(1).div_ceil(8) < 2 * length + 2 {
                return None;
            }
            let (hashed, mechanism) = match digest {
                DigestAlgorithm::Sha256 => (
                    MechanismType::SHA256_RSA_PKCS_PSS,
                    Mechanism::Sha256RsaPkcsPss(parameters),
                ),
                DigestAlgorithm::Sha384 => (
                    MechanismType::SHA384_RSA_PKCS_PSS,
                    Mechanism::Sha384RsaPkcsPss(parameters),
                ),
                DigestAlgorithm::Sha512 => (
                    MechanismType::SHA512_RSA_PKCS_PSS,
                    Mechanism::Sha512RsaPkcsPss(parameters),
                ),
                DigestAlgorithm::Sha1 | DigestAlgorithm::Sm3 => return None,
            };
            let raw = (
                MechanismType::RSA_PKCS_PSS,
                Mechanism::RsaPkcsPss(parameters),
                Input::Digest(digest, length),
            );
            choose(menu, (hashed, mechanism), raw)
        }
        (SignatureAlgorithm::Ecdsa(digest), KeyKind::P256 | KeyKind::P384 | KeyKind::P521) => {
            let (hashed, mechanism) = match digest {
                DigestAlgorithm::Sha256 => (MechanismType::ECDSA_SHA256, Mechanism::EcdsaSha256),
                DigestAlgorithm::Sha384 => (MechanismType::ECDSA_SHA384, Mechanism::EcdsaSha384),
                DigestAlgorithm::Sha512 => (MechanismType::ECDSA_SHA512, Mechanism::EcdsaSha512),
                DigestAlgorithm::Sha1 | DigestAlgorithm::Sm3 => return None,
            };
            let input = Input::Digest(digest, coordinate_octets(kind)?);
            choose(
                menu,
                (hashed, mechanism),
                (MechanismType::ECDSA, Mechanism::Ecdsa, input),
            )
        }
        (SignatureAlgorithm::Ed25519, KeyKind::Ed25519) => menu.has(MechanismType::EDDSA).then(|| Plan {
            mechanism: Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)),
            input: Input::Message,
        }),
        _ => None,
    }
}

/// Everything that a key can sign with here, preferred first: the digest that fits the key, PKCS#1 before PSS.
pub(crate) fn algorithms(menu: &Menu, kind: KeyKind, key: &PublicKey) -> Vec<SignatureAlgorithm> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let digests = match kind {
        KeyKind::P384 => [Sha384, Sha512, Sha256],
        KeyKind::P521 => [Sha512, Sha384, Sha256],
        _ => [Sha256, Sha384, Sha512],
    };
    let families: &[fn(DigestAlgorithm) -> SignatureAlgorithm] = match kind {
        KeyKind::Rsa(_) => &[SignatureAlgorithm::RsaPkcs1, SignatureAlgorithm::RsaPss],
        KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => &[SignatureAlgorithm::Ecdsa],
        _ => &[],
    };
    let mut all: Vec<_> = digests
        .iter()
        .flat_map(|digest| families.iter().map(|family| family(*digest)))
        .collect();
    if kind == KeyKind::Ed25519 {
        all.push(SignatureAlgorithm::Ed25519);
    }
    all.retain(|algorithm| key.fits(*algorithm) && plan(menu, kind, *algorithm).is_some());
    all
}

fn choose(
    menu: &Menu,
    hashed: (MechanismType, Mechanism<'static>),
    raw: (MechanismType, Mechanism<'static>, Input),
) -> Option<Plan> {
    let hashed = menu.has(hashed.0).then_some(Plan {
        mechanism: hashed.1,
        input: Input::Message,
    });
    hashed.or_else(|| {
        menu.has(raw.0).then_some(Plan {
            mechanism: raw.1,
            input: raw.2,
        })
    })
}

/// MGF1 with the same digest, salt as long as the digest: what countersign-cms writes into the SignerInfo.
fn pss_parameters(digest: DigestAlgorithm) -> Option<PkcsPssParams> {
    let (hash_alg, mgf) = match digest {
        DigestAlgorithm::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        DigestAlgorithm::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        DigestAlgorithm::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
        DigestAlgorithm::Sha1 | DigestAlgorithm::Sm3 => return None,
    };
    Some(PkcsPssParams {
        hash_alg,
        mgf,
        s_len: digest.output_len().try_into().ok()?,
    })
}

const KNOWN: [(MechanismType, &str); 13] = [
    (MechanismType::RSA_PKCS, "CKM_RSA_PKCS"),
    (MechanismType::SHA256_RSA_PKCS, "CKM_SHA256_RSA_PKCS"),
    (MechanismType::SHA384_RSA_PKCS, "CKM_SHA384_RSA_PKCS"),
    (MechanismType::SHA512_RSA_PKCS, "CKM_SHA512_RSA_PKCS"),
    (MechanismType::RSA_PKCS_PSS, "CKM_RSA_PKCS_PSS"),
    (MechanismType::SHA256_RSA_PKCS_PSS, "CKM_SHA256_RSA_PKCS_PSS"),
    (MechanismType::SHA384_RSA_PKCS_PSS, "CKM_SHA384_RSA_PKCS_PSS"),
    (MechanismType::SHA512_RSA_PKCS_PSS, "CKM_SHA512_RSA_PKCS_PSS"),
    (MechanismType::ECDSA, "CKM_ECDSA"),
    (MechanismType::ECDSA_SHA256, "CKM_ECDSA_SHA256"),
    (MechanismType::ECDSA_SHA384, "CKM_ECDSA_SHA384"),
    (MechanismType::ECDSA_SHA512, "CKM_ECDSA_SHA512"),
    (MechanismType::EDDSA, "CKM_EDDSA"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_by_the_token_where_it_can_else_by_us() {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
        let rsa = KeyKind::Rsa(2048);
        let cases = [
            (
                &[MechanismType::RSA_PKCS, MechanismType::SHA256_RSA_PKCS][..],
                rsa,
                RsaPkcs1(Sha256),
                Some(Input::Message),
            ),
            (
                &[MechanismType::RSA_PKCS],
                rsa,
                RsaPkcs1(Sha512),
                Some(Input::DigestInfo(Sha512)),
            ),
            (&[MechanismType::RSA_PKCS], rsa, RsaPss(Sha256), None),
            (
                &[MechanismType::RSA_PKCS_PSS],
                rsa,
                RsaPss(Sha384),
                Some(Input::Digest(Sha384, 48)),
            ),
            (&[MechanismType::RSA_PKCS_PSS], KeyKind::Rsa(1024), RsaPss(Sha512), None),
            (
                &[MechanismType::ECDSA],
                KeyKind::P256,
                Ecdsa(Sha512),
                Some(Input::Digest(Sha512, 32)),
            ),
            (
                &[MechanismType::ECDSA],
                KeyKind::P521,
                Ecdsa(Sha512),
                Some(Input::Digest(Sha512, 66)),
            ),
            (&[MechanismType::ECDSA], KeyKind::Secp256k1, Ecdsa(Sha256), None),
            (&[MechanismType::ECDSA], rsa, Ecdsa(Sha256), None),
            (&[MechanismType::RSA_PKCS], rsa, RsaPkcs1(Sha1), None),
            (
                &[MechanismType::EDDSA],
                KeyKind::Ed25519,
                SignatureAlgorithm::Ed25519,
                Some(Input::Message),
            ),
        ];
        for (offered, kind, algorithm, expected) in cases {
            let found = plan(&Menu(offered.to_vec()), kind, algorithm).map(|plan| plan.input);
            assert_eq!(found, expected, "{kind:?} {algorithm:?}");
        }
    }

    #[test]
    fn allowed_mechanisms_narrow_the_menu() {
        let menu = Menu(vec![MechanismType::RSA_PKCS, MechanismType::SHA256_RSA_PKCS]);
        assert_eq!(
            menu.allowed(Some(&[MechanismType::SHA256_RSA_PKCS])).names(),
            ["CKM_SHA256_RSA_PKCS"]
        );
        assert_eq!(menu.allowed(Some(&[])).names().len(), 2);
        assert_eq!(menu.allowed(None).names().len(), 2);
    }

    #[test]
    fn a_long_hash_is_cut_to_the_curve() {
        let plan = plan(
            &Menu(vec![MechanismType::ECDSA]),
            KeyKind::P256,
            SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384),
        );
        let plan = plan.unwrap();
        assert_eq!(plan.input(b"m").as_ref(), &DigestAlgorithm::Sha384.hash(b"m")[..32]);
    }
}
