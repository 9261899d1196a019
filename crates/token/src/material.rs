//! The public half of a key, in a form in which a certificate and a token can be compared.
//!
//! Not its business: signature arithmetic (countersign-cms), which objects belong together (`pairing`).
//! RFC 5280 section 4.1.2.7, RFC 5480, RFC 8410, PKCS#11 CKA_MODULUS, CKA_EC_PARAMS, CKA_EC_POINT, CKA_PUBLIC_KEY_INFO.

use countersign_signing::ports::KeyKind;

/// A public key, normalised: no leading zeros, points compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyMaterial {
    /// Modulus and public exponent; some private key objects do not tell the exponent.
    Rsa {
        modulus: Vec<u8>,
        exponent: Option<Vec<u8>>,
    },
    /// A point on a curve, as the sign octet and the x coordinate, or the octets of an Edwards point.
    Point { curve: KeyKind, point: Vec<u8> },
}

impl KeyMaterial {
    /// From CKA_MODULUS and CKA_PUBLIC_EXPONENT.
    pub(crate) fn rsa(modulus: &[u8], exponent: Option<&[u8]>) -> Option<Self> {
        let modulus = magnitude(modulus);
        let exponent = exponent.map(magnitude).filter(|value| !value.is_empty());
        (!modulus.is_empty()).then(|| Self::Rsa {
            modulus: modulus.to_vec(),
            exponent: exponent.map(<[u8]>::to_vec),
        })
    }

    /// From CKA_EC_POINT, which is a DER OCTET STRING on some tokens and bare on others.
    pub(crate) fn point(curve: KeyKind, octets: &[u8]) -> Option<Self> {
        let point = compressed(&point_octets(curve, octets)?)?;
        Some(Self::Point { curve, point })
    }

    /// From a SubjectPublicKeyInfo (certificate, or CKA_PUBLIC_KEY_INFO).
    pub(crate) fn spki(der: &[u8]) -> Option<Self> {
        let (spki, _) = element(der, SEQUENCE)?;
        let (algorithm, rest) = element(spki, SEQUENCE)?;
        let (bits, _) = element(rest, BIT_STRING)?;
        let key = bits.strip_prefix(&[0])?;
        let (oid, parameters) = element(algorithm, OID)?;
        match oid {
            RSA_ENCRYPTION | RSASSA_PSS => {
                let (key, _) = element(key, SEQUENCE)?;
                let (modulus, key) = element(key, INTEGER)?;
                let (exponent, _) = element(key, INTEGER)?;
                Self::rsa(modulus, Some(exponent))
            }
            EC_PUBLIC_KEY => Self::point(curve(parameters), key),
            ED25519 => Self::point(KeyKind::Ed25519, key),
            _ => None,
        }
    }

    /// Kind and size.
    pub(crate) fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa { modulus, .. } => {
                let lead = modulus.first().map_or(0, |octet| octet.leading_zeros());
                let bits = u32::try_from(modulus.len()).unwrap_or(u32::MAX).saturating_mul(8);
                KeyKind::Rsa(bits.saturating_sub(lead))
            }
            Self::Point { curve, .. } => *curve,
        }
    }

    /// Whether both are the same key; an exponent that one side does not tell is not held against it.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Rsa {
                    modulus: a,
                    exponent: x,
                },
                Self::Rsa {
                    modulus: b,
                    exponent: y,
                },
            ) => a == b && (x.is_none() || y.is_none() || x == y),
            _ => self == other,
        }
    }
}

/// The curve that CKA_EC_PARAMS, or the parameters of an AlgorithmIdentifier, name.
pub(crate) fn curve(parameters: &[u8]) -> KeyKind {
    if let Some((name, _)) = element(parameters, PRINTABLE_STRING) {
        return if name == b"edwards25519" {
            KeyKind::Ed25519
        } else {
            KeyKind::Other
        };
    }
    element(parameters, OID)
        .and_then(|(oid, _)| CURVES.iter().find(|(known, _)| *known == oid))
        .map_or(KeyKind::Other, |(_, kind)| *kind)
}

/// Octets of one coordinate.
pub(crate) fn coordinate_octets(curve: KeyKind) -> Option<usize> {
    match curve {
        KeyKind::P256 | KeyKind::Secp256k1 | KeyKind::Sm2 | KeyKind::Ed25519 => Some(32),
        KeyKind::P384 => Some(48),
        KeyKind::P521 => Some(66),
        KeyKind::Rsa(_) | KeyKind::Other => None,
    }
}

/// The octets of the point, without the OCTET STRING (or, for Edwards curves, BIT STRING) that may be around it. The
/// tag of an OCTET STRING is also the first octet of an uncompressed point: lengths decide.
pub(crate) fn point_octets(curve: KeyKind, octets: &[u8]) -> Option<Vec<u8>> {
    let coordinate = coordinate_octets(curve)?;
    let fits = |point: &[u8]| match (curve, point.first()) {
        (KeyKind::Ed25519, _) => point.len() == coordinate,
        (_, Some(4)) => point.len() == 2 * coordinate + 1,
        (_, Some(2 | 3)) => point.len() == coordinate + 1,
        _ => false,
    };
    let wrapped = |tag, strip: &[u8]| {
        let (inner, rest) = element(octets, tag)?;
        let inner = inner.strip_prefix(strip)?;
        (rest.is_empty() && fits(inner)).then_some(inner)
    };
    let bare = fits(octets).then_some(octets);
    bare.or_else(|| wrapped(OCTET_STRING, &[]))
        .or_else(|| wrapped(BIT_STRING, &[0]))
        .map(<[u8]>::to_vec)
}

fn compressed(point: &[u8]) -> Option<Vec<u8>> {
    match point.split_first() {
        Some((4, coordinates)) if coordinates.len() % 2 == 0 => {
            let (x, y) = coordinates.split_at_checked(coordinates.len() / 2)?;
            let sign = 2 | (y.last()? & 1);
            Some([&[sign], x].concat())
        }
        _ => Some(point.to_vec()),
    }
}

fn magnitude(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}

/// The content of the first element, if it has this tag, and what follows it.
fn element(octets: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *found != tag {
        return None;
    }
    let count = usize::from(first & 0x7F);
    let (length, rest) = match first {
        0..=0x7F => (count, rest),
        _ if (1..=4).contains(&count) => {
            let (digits, rest) = rest.split_at_checked(count)?;
            (
                digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit)),
                rest,
            )
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const PRINTABLE_STRING: u8 = 0x13;
const SEQUENCE: u8 = 0x30;

const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const RSASSA_PSS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const ED25519: &[u8] = &[0x2B, 0x65, 0x70];
const CURVES: [(&[u8], KeyKind); 6] = [
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], KeyKind::P256),
    (&[0x2B, 0x81, 0x04, 0x00, 0x22], KeyKind::P384),
    (&[0x2B, 0x81, 0x04, 0x00, 0x23], KeyKind::P521),
    (&[0x2B, 0x81, 0x04, 0x00, 0x0A], KeyKind::Secp256k1),
    (&[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D], KeyKind::Sm2),
    (ED25519, KeyKind::Ed25519),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn uncompressed(sign: u8) -> Vec<u8> {
        let mut point = vec![4];
        point.extend([7; 32]);
        point.extend([8; 31]);
        point.push(sign);
        point
    }

    #[test]
    fn a_point_is_the_same_however_it_is_written() {
        let bare = uncompressed(9);
        let wrapped = [&[0x04, 65][..], &bare].concat();
        let long_form = [&[0x04, 0x81, 65][..], &bare].concat();
        let short = [&[3][..], &[7; 32]].concat();
        let expected = KeyMaterial::point(KeyKind::P256, &bare).unwrap();
        for octets in [wrapped, long_form, short] {
            assert!(KeyMaterial::point(KeyKind::P256, &octets).unwrap().same(&expected));
        }
        assert!(
            !KeyMaterial::point(KeyKind::P256, &uncompressed(8))
                .unwrap()
                .same(&expected)
        );
        assert!(!KeyMaterial::point(KeyKind::Secp256k1, &bare).unwrap().same(&expected));
        assert_eq!(KeyMaterial::point(KeyKind::P384, &bare), None);
    }

    #[test]
    fn moduli_with_and_without_leading_zeros() {
        let token = KeyMaterial::rsa(&[0xC0, 1, 2], None).unwrap();
        let certificate = KeyMaterial::rsa(&[0, 0xC0, 1, 2], Some(&[1, 0, 1])).unwrap();
        assert!(token.same(&certificate));
        assert_eq!(token.kind(), KeyKind::Rsa(24));
        assert!(!certificate.same(&KeyMaterial::rsa(&[0xC0, 1, 2], Some(&[3])).unwrap()));
        assert_eq!(KeyMaterial::rsa(&[0, 0], None), None);
    }

    #[test]
    fn curves_by_their_parameters() {
        assert_eq!(curve(&[6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7]), KeyKind::P256);
        assert_eq!(
            curve(&[6, 8, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x82, 0x2D]),
            KeyKind::Sm2
        );
        assert_eq!(curve(b"\x13\x0Cedwards25519"), KeyKind::Ed25519);
        for odd in [
            &[][..],
            &[6],
            &[6, 0x80],
            &[6, 0x85, 1, 1, 1, 1, 1],
            &[0x30, 0],
            &[6, 9, 1],
        ] {
            assert_eq!(curve(odd), KeyKind::Other);
        }
    }

    #[test]
    fn odd_octets_are_no_key() {
        for odd in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 2, 0x30, 0],
            &[0x30, 0x84, 255, 255, 255, 255],
        ] {
            assert_eq!(KeyMaterial::spki(odd), None);
        }
    }
}
