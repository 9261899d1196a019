//! Public keys and the arithmetic of signatures (RFC 8017, FIPS 186-5, RFC 8032, GM/T 0003.2).
//!
//! Whether a key is long enough for a contract is a policy's business (trust). Strict: a signature that could be written
//! in two ways is accepted in one.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use sha2::digest::FixedOutputReset;

use crate::algorithm::{self, AlgorithmError, DigestAlgorithm, SignatureAlgorithm};
use crate::asn1::{self, Asn1Error, BIT_STRING, INTEGER, NULL, OID, SEQUENCE};
use crate::{ecdsa, oids};

/// A public key out of a SubjectPublicKeyInfo, ready to verify.
#[derive(Debug, Clone)]
pub struct PublicKey {
    spki: Vec<u8>,
    bits: usize,
    material: Material,
}

/// The family of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// Edwards curve 25519.
    Ed25519,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// RSA for any scheme.
    Rsa,
    /// RSA that its certificate restricts to RSASSA-PSS.
    RsaPss,
    /// The curve of chain accounts: recognised, and never used for contracts.
    Secp256k1,
    /// SM2.
    Sm2,
}

/// Why octets are not a public key that we can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the compared values")]
#[non_exhaustive]
pub enum KeyError {
    /// Its algorithm is not in the table.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// Not a SubjectPublicKeyInfo.
    #[error("public key not readable")]
    Malformed(#[from] Asn1Error),
    /// A point that is not on the curve, or an RSA modulus or exponent that can be none.
    #[error("public key of {bits} bits not valid")]
    Value { bits: usize },
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the compared values")]
#[non_exhaustive]
pub enum SignatureFailure {
    /// Its algorithm is not in the table.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// It belongs to other octets or to another key.
    #[error("signature does not belong to these octets and this key")]
    Bad,
    /// A key of this kind cannot make a signature of this algorithm.
    #[error("{} with a {kind:?} key", algorithm.name())]
    KeyDoesNotFit {
        kind: KeyKind,
        algorithm: SignatureAlgorithm,
    },
    /// A value of another length than key and algorithm give.
    #[error("signature of {found} octets where {expected} were expected")]
    Length { expected: usize, found: usize },
    /// Not the one strict encoding of two integers.
    #[error("signature not in DER")]
    Malformed,
    /// The algorithm signs the message itself and cannot be checked from a digest.
    #[error("the message itself is needed")]
    NeedsMessage,
    /// SM2 with a user id other than the default one: the empty one, which OpenSSL takes.
    #[error("SM2 signature made with an empty user id")]
    Sm2EmptyId,
    /// SM2 over the bare digest of the message, without Z.
    #[error("SM2 signature made without the identity hash")]
    Sm2WithoutZ,
}

#[derive(Debug, Clone)]
enum Material {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
    Rsa(rsa::PublicKey),
    /// With what its parameters restrict it to: the digest and the least salt (RFC 4055 §3.3).
    RsaPss(rsa::PublicKey, Option<(DigestAlgorithm, usize)>),
    Secp256k1,
    Sm2(sm2::PublicKey),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo (RFC 5280 §4.1).
    ///
    /// # Errors
    /// When it is none, or of an algorithm that is not in the table.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let mut reader = asn1::single(der, SEQUENCE)?.reader();
        let identifier = reader.expect(SEQUENCE)?;
        let (oid, parameters) = algorithm::split(identifier.full)?;
        let bits = reader.expect(BIT_STRING)?;
        reader.finish()?;
        let Some((0, key)) = bits.value.split_first() else {
            return Err(Asn1Error::Value { tag: BIT_STRING }.into());
        };
        let (bits, material) = match oid.as_str() {
            oids::RSA => {
                let (bits, key) = rsa_key(key)?;
                (bits, Material::Rsa(key))
            }
            oids::RSA_PSS => {
                let restriction = match parameters {
                    Some(parameters) if parameters.tag != NULL => {
                        let least = SignatureAlgorithm::from_identifier(identifier.full)?;
                        Some((least.digest(), salt_len(least)))
                    }
                    _ => None,
                };
                let (bits, key) = rsa_key(key)?;
                (bits, Material::RsaPss(key, restriction))
            }
            oids::ED25519 => (256, ed25519_key(key)?),
            oids::EC_PUBLIC_KEY => match parameters.filter(|parameters| parameters.tag == OID) {
                Some(curve) => ec_key(&asn1::dotted(curve.value)?, key)?,
                None => return Err(AlgorithmError::Parameters { oid }.into()),
            },
            // SM2 as an algorithm of its own, as GM/T 0006 has it: the curve is named once more, or not at all.
            oids::SM2 | oids::SM2_SIGN => match parameters {
                Some(curve) if curve.tag == OID && asn1::dotted(curve.value)? != oids::SM2 => {
                    return Err(AlgorithmError::Parameters { oid }.into());
                }
                Some(other) if !matches!(other.tag, OID | NULL) => {
                    return Err(AlgorithmError::Parameters { oid }.into());
                }
                _ => ec_key(oids::SM2, key)?,
            },
            _ => return Err(AlgorithmError::Unknown { oid }.into()),
        };
        Ok(Self {
            spki: der.to_vec(),
            bits,
            material,
        })
    }

    /// Its family.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        match &self.material {
            Material::Ed25519(_) => KeyKind::Ed25519,
            Material::P256(_) => KeyKind::P256,
            Material::P384(_) => KeyKind::P384,
            Material::P521(_) => KeyKind::P521,
            Material::Rsa(_) => KeyKind::Rsa,
            Material::RsaPss(..) => KeyKind::RsaPss,
            Material::Secp256k1 => KeyKind::Secp256k1,
            Material::Sm2(_) => KeyKind::Sm2,
        }
    }

    /// Bits of the modulus or of the curve's field.
    #[must_use]
    pub const fn bits(&self) -> usize {
        self.bits
    }

    /// The SubjectPublicKeyInfo that it was read from.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// Whether this key can make signatures of this algorithm.
    #[must_use]
    pub fn fits(&self, algorithm: SignatureAlgorithm) -> bool {
        use SignatureAlgorithm as A;
        if algorithm.oid().is_none() {
            return false;
        }
        match (&self.material, algorithm) {
            (Material::Rsa(_), A::RsaPkcs1(_) | A::RsaPss(_) | A::RsaPssSalt(..))
            | (Material::P256(_) | Material::P384(_) | Material::P521(_), A::Ecdsa(_))
            | (Material::Ed25519(_), A::Ed25519)
            | (Material::Sm2(_), A::Sm2Sm3) => true,
            (Material::RsaPss(_, restriction), A::RsaPss(digest) | A::RsaPssSalt(digest, _)) => {
                restriction.is_none_or(|(only, least)| only == digest && salt_len(algorithm) >= least)
            }
            _ => false,
        }
    }

    /// The longest signature value that this key makes, in octets of a SignerInfo.
    #[must_use]
    pub const fn signature_len(&self) -> usize {
        match self.kind() {
            KeyKind::Rsa | KeyKind::RsaPss => self.bits.div_ceil(8),
            KeyKind::Ed25519 => 64,
            _ => ecdsa::max_der_len(self.bits),
        }
    }

    /// Verifies a signature over a message.
    ///
    /// # Errors
    /// Says why it is not accepted.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureFailure> {
        match &self.material {
            Material::Ed25519(key) if self.fits(algorithm) => {
                let value = ed25519_dalek::Signature::from_slice(signature).map_err(|_| SignatureFailure::Length {
                    expected: 64,
                    found: signature.len(),
                })?;
                key.verify_strict(message, &value).map_err(|_| SignatureFailure::Bad)
            }
            Material::Sm2(key) if self.fits(algorithm) => verify_sm2(key, message, signature),
            _ => self.verify_prehashed(algorithm, &algorithm.digest().hash(message), signature),
        }
    }

    /// Verifies a signature from the digest of the message. For SM2 that is SM3(Z ‖ message), see [`Self::prehash`].
    ///
    /// # Errors
    /// Says why it is not accepted; Ed25519 always needs the message.
    pub fn verify_prehashed(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureFailure> {
        if !self.fits(algorithm) {
            return Err(SignatureFailure::KeyDoesNotFit {
                kind: self.kind(),
                algorithm,
            });
        }
        let expected = algorithm.digest().output_len();
        if digest.len() != expected {
            return Err(SignatureFailure::Length {
                expected,
                found: digest.len(),
            });
        }
        match &self.material {
            Material::Rsa(key) | Material::RsaPss(key, _) => {
                let expected = self.signature_len();
                if signature.len() != expected {
                    return Err(SignatureFailure::Length {
                        expected,
                        found: signature.len(),
                    });
                }
                verify_rsa(key, algorithm, digest, signature)
            }
            Material::P256(key) => {
                let value = p256::ecdsa::Signature::from_slice(&ecdsa::fixed(signature, 32)?);
                key.verify_prehash(digest, &value.map_err(|_| SignatureFailure::Bad)?)
                    .map_err(|_| SignatureFailure::Bad)
            }
            Material::P384(key) => {
                let value = p384::ecdsa::Signature::from_slice(&ecdsa::fixed(signature, 48)?);
                key.verify_prehash(digest, &value.map_err(|_| SignatureFailure::Bad)?)
                    .map_err(|_| SignatureFailure::Bad)
            }
            Material::P521(key) => {
                let value = p521::ecdsa::Signature::from_slice(&ecdsa::fixed(signature, 66)?);
                key.verify_prehash(digest, &value.map_err(|_| SignatureFailure::Bad)?)
                    .map_err(|_| SignatureFailure::Bad)
            }
            Material::Sm2(key) => sm2_prehashed(key, digest, signature),
            Material::Ed25519(_) | Material::Secp256k1 => Err(SignatureFailure::NeedsMessage),
        }
    }

    /// What a mechanism signs that is given a digest: the digest of the message, for SM2 SM3(Z ‖ message) with the default
    /// user id. `None` where the message itself is signed (Ed25519) or the key does not fit.
    #[must_use]
    pub fn prehash(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
        match &self.material {
            _ if !self.fits(algorithm) => None,
            Material::Ed25519(_) => None,
            Material::Sm2(key) => Some(sm2_digest(key, SM2_DEFAULT_ID, message)),
            _ => Some(algorithm.digest().hash(message)),
        }
    }

    /// Makes the signature value of a SignerInfo out of a token's output, which may be DER or the bare concatenation of r
    /// and s: whichever of the two verifies.
    ///
    /// # Errors
    /// When neither does; the failure is that of the reading that came closest.
    pub fn interpret_output(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        output: &[u8],
    ) -> Result<Vec<u8>, SignatureFailure> {
        let failure = match self.verify(algorithm, message, output) {
            Ok(()) => return Ok(output.to_vec()),
            Err(failure) => failure,
        };
        if !matches!(algorithm, SignatureAlgorithm::Ecdsa(_) | SignatureAlgorithm::Sm2Sm3) {
            return Err(failure);
        }
        match ecdsa::raw_to_der(output) {
            Some(der) if output.len() == 2 * self.bits.div_ceil(8) => {
                self.verify(algorithm, message, &der).map(|()| der)
            }
            _ => Err(failure),
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

/// RSAPublicKey, by hand: some cards write a modulus without its leading zero, others with several.
fn rsa_key(der: &[u8]) -> Result<(usize, rsa::PublicKey), KeyError> {
    let mut reader = asn1::single(der, SEQUENCE)?.reader();
    let modulus = asn1::magnitude(reader.expect(INTEGER)?.value);
    let exponent = asn1::magnitude(reader.expect(INTEGER)?.value);
    reader.finish()?;
    let leading = modulus
        .first()
        .map_or(0, |first| usize::try_from(first.leading_zeros()).unwrap_or(0));
    let bits = (modulus.len() * 8).saturating_sub(leading);
    if bits > rsa::PublicKey::MAX_SIZE || exponent.len() > 8 || exponent.is_empty() {
        return Err(KeyError::Value { bits });
    }
    let n = BoxedUint::from_be_slice_vartime(modulus);
    let e = BoxedUint::from_be_slice_vartime(exponent);
    rsa::PublicKey::new(n, e)
        .map(|key| (bits, key))
        .map_err(|_| KeyError::Value { bits })
}

fn ed25519_key(key: &[u8]) -> Result<Material, KeyError> {
    let refused = KeyError::Value { bits: 256 };
    let octets = <&[u8; 32]>::try_from(key).map_err(|_| refused.clone())?;
    ed25519_dalek::VerifyingKey::from_bytes(octets)
        .map(Material::Ed25519)
        .map_err(|_| refused)
}

fn ec_key(curve: &str, point: &[u8]) -> Result<(usize, Material), KeyError> {
    let (bits, material) = match curve {
        oids::P256 => (
            256,
            p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .ok()
                .map(Material::P256),
        ),
        oids::P384 => (
            384,
            p384::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .ok()
                .map(Material::P384),
        ),
        oids::P521 => (
            521,
            p521::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .ok()
                .map(Material::P521),
        ),
        oids::SM2 => (256, sm2::PublicKey::from_sec1_bytes(point).ok().map(Material::Sm2)),
        oids::SECP256K1 => (256, Some(Material::Secp256k1)),
        other => return Err(AlgorithmError::Unknown { oid: other.to_owned() }.into()),
    };
    material
        .map(|material| (bits, material))
        .ok_or(KeyError::Value { bits })
}

fn verify_rsa(
    key: &rsa::PublicKey,
    algorithm: SignatureAlgorithm,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), SignatureFailure> {
    use DigestAlgorithm as D;
    use SignatureAlgorithm as A;
    let outcome = match algorithm {
        A::RsaPkcs1(D::Sha1) => key.pkcs1v15_verify_prehash::<sha1::Sha1>(digest, signature),
        A::RsaPkcs1(D::Sha256) => key.pkcs1v15_verify_prehash::<sha2::Sha256>(digest, signature),
        A::RsaPkcs1(D::Sha384) => key.pkcs1v15_verify_prehash::<sha2::Sha384>(digest, signature),
        A::RsaPkcs1(D::Sha512) => key.pkcs1v15_verify_prehash::<sha2::Sha512>(digest, signature),
        A::RsaPss(D::Sha1) => key.pss_verify_prehash::<sha1::Sha1>(digest, signature),
        A::RsaPss(D::Sha256) => key.pss_verify_prehash::<sha2::Sha256>(digest, signature),
        A::RsaPss(D::Sha384) => key.pss_verify_prehash::<sha2::Sha384>(digest, signature),
        A::RsaPss(D::Sha512) => key.pss_verify_prehash::<sha2::Sha512>(digest, signature),
        A::RsaPssSalt(D::Sha1, _) => pss_with_salt::<sha1::Sha1>(key, salt_len(algorithm), digest, signature),
        A::RsaPssSalt(D::Sha256, _) => pss_with_salt::<sha2::Sha256>(key, salt_len(algorithm), digest, signature),
        A::RsaPssSalt(D::Sha384, _) => pss_with_salt::<sha2::Sha384>(key, salt_len(algorithm), digest, signature),
        A::RsaPssSalt(D::Sha512, _) => pss_with_salt::<sha2::Sha512>(key, salt_len(algorithm), digest, signature),
        _ => {
            return Err(SignatureFailure::KeyDoesNotFit {
                kind: KeyKind::Rsa,
                algorithm,
            });
        }
    };
    outcome.map_err(|_| SignatureFailure::Bad)
}

/// The length of the salt is a parameter of the signature (RFC 4055 §3.1): exactly that length is accepted.
fn pss_with_salt<D>(key: &rsa::PublicKey, salt: usize, digest: &[u8], signature: &[u8]) -> rsa::Result<()>
where
    D: sha2::Digest + FixedOutputReset,
{
    // RFC 8017 §9.1.2 step 3; said here so that no length can reach arithmetic that does not expect it.
    if key.size() < digest.len() + salt + 2 {
        return Err(rsa::Error::Verification);
    }
    let value = rsa::pss::Signature::try_from(signature).map_err(|_| rsa::Error::Verification)?;
    rsa::pss::VerifyingKey::<D>::new_with_salt_len(key.clone(), salt)
        .verify_prehash(digest, &value)
        .map_err(|_| rsa::Error::Verification)
}

/// Octets of salt of an RSASSA-PSS signature; 0 for every other algorithm.
fn salt_len(algorithm: SignatureAlgorithm) -> usize {
    match algorithm {
        SignatureAlgorithm::RsaPss(digest) => digest.output_len(),
        SignatureAlgorithm::RsaPssSalt(_, salt) => usize::from(salt),
        _ => 0,
    }
}

/// The default id first; then the two mistakes that are met, so that a report can name them. They are never accepted.
fn verify_sm2(key: &sm2::PublicKey, message: &[u8], signature: &[u8]) -> Result<(), SignatureFailure> {
    let failure = match sm2_prehashed(key, &sm2_digest(key, SM2_DEFAULT_ID, message), signature) {
        Err(SignatureFailure::Bad) => SignatureFailure::Bad,
        decided => return decided,
    };
    if sm2_prehashed(key, &DigestAlgorithm::Sm3.hash(message), signature).is_ok() {
        return Err(SignatureFailure::Sm2WithoutZ);
    }
    if sm2_prehashed(key, &sm2_digest(key, "", message), signature).is_ok() {
        return Err(SignatureFailure::Sm2EmptyId);
    }
    Err(failure)
}

fn sm2_prehashed(key: &sm2::PublicKey, digest: &[u8], signature: &[u8]) -> Result<(), SignatureFailure> {
    let value = sm2::dsa::Signature::from_slice(&ecdsa::fixed(signature, 32)?).map_err(|_| SignatureFailure::Bad)?;
    // The id does not enter here: the digest already holds Z.
    let key = sm2::dsa::VerifyingKey::new(SM2_DEFAULT_ID, *key).map_err(|_| SignatureFailure::Bad)?;
    key.verify_prehash(digest, &value).map_err(|_| SignatureFailure::Bad)
}

/// SM3(Z ‖ message), Z = SM3(ENTL ‖ id ‖ a ‖ b ‖ G ‖ P) (GM/T 0003.2 §5.5).
fn sm2_digest(key: &sm2::PublicKey, id: &str, message: &[u8]) -> Vec<u8> {
    let entl = u16::try_from(id.len() * 8).unwrap_or_default();
    let point = key.to_sec1_bytes();
    let point = point.get(1..).unwrap_or_default();
    let z = DigestAlgorithm::Sm3.hash(&[&entl.to_be_bytes(), id.as_bytes(), &SM2_CURVE, point].concat());
    DigestAlgorithm::Sm3.hash(&[&z, message].concat())
}

/// The user id that certificates and contracts use (GM/T 0009 §10).
const SM2_DEFAULT_ID: &str = "1234567812345678";

/// a, b, and the coordinates of the generator (GM/T 0003.5).
const SM2_CURVE: [u8; 128] = {
    const HEX: &[u8; 256] = b"FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC\
28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93\
32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7\
BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0";
    const fn digit(octet: u8) -> u8 {
        if octet >= b'A' { octet - b'A' + 10 } else { octet - b'0' }
    }
    let mut octets = [0; 128];
    let mut at = 0;
    while at < 128 {
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated when compiling, over constants of known length"
        )]
        {
            octets[at] = digit(HEX[2 * at]) * 16 + digit(HEX[2 * at + 1]);
        }
        at += 1;
    }
    octets
};
