//! Reading what a token shows: private keys, public keys and certificates.
//!
//! Not its business: which of them belong together (`pairing`), logging in (`login`).
//! One unreadable attribute fails a whole C_GetAttributeValue for cryptoki's callers, so only what is known to be there is
//! asked for together, and an object that cannot be read is reported, not dropped.

use countersign_signing::ports::KeyKind;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::object::{Attribute, AttributeInfo, AttributeType, CertificateType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use crate::certificate::{CertificateFacts, read};
use crate::material::{KeyMaterial, curve};
use crate::module::clean;
use crate::refusal::{is_removal, rv};
use crate::survey::{Reason, Unusable};

/// A private or public key object.
#[derive(Debug, Clone)]
pub(crate) struct KeyObject {
    pub(crate) handle: ObjectHandle,
    pub(crate) id: Vec<u8>,
    pub(crate) label: String,
    pub(crate) kind: KeyKind,
    /// The public half, as far as this object tells it.
    pub(crate) material: Option<KeyMaterial>,
    /// CKA_EC_POINT without the wrapping, as the token has it.
    pub(crate) point: Option<Vec<u8>>,
    /// CKA_SIGN; `None` when the object does not say.
    pub(crate) sign: Option<bool>,
    pub(crate) extractable: bool,
    pub(crate) always_authenticate: bool,
    pub(crate) allowed: Option<Vec<MechanismType>>,
}

/// A certificate object.
#[derive(Debug, Clone)]
pub(crate) struct CertificateObject {
    /// None for a certificate that came from a file.
    pub(crate) handle: Option<ObjectHandle>,
    pub(crate) id: Vec<u8>,
    pub(crate) label: String,
    pub(crate) facts: CertificateFacts,
}

/// What a session shows now. Private objects are in it only after a login.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inventory {
    pub(crate) private: Vec<KeyObject>,
    pub(crate) public: Vec<KeyObject>,
    pub(crate) certificates: Vec<CertificateObject>,
    /// Objects that could not be read.
    pub(crate) unusable: Vec<Unusable>,
}

/// Reads everything that the session shows.
pub(crate) fn inventory(session: &Session) -> Result<Inventory, Error> {
    let mut found = Inventory::default();
    for handle in handles(session, ObjectClass::CERTIFICATE, &mut found.unusable)? {
        match certificate(session, handle)? {
            Ok(Some(certificate)) => found.certificates.push(certificate),
            Ok(None) => {}
            Err(unusable) => found.unusable.push(unusable),
        }
    }
    for handle in handles(session, ObjectClass::PUBLIC_KEY, &mut found.unusable)? {
        found.public.push(key(session, handle)?);
    }
    private_keys(session, &mut found)?;
    Ok(found)
}

/// Reads the private keys anew: what a login adds to an inventory that was made right before it.
pub(crate) fn private_keys(session: &Session, found: &mut Inventory) -> Result<(), Error> {
    found.private.clear();
    for handle in handles(session, ObjectClass::PRIVATE_KEY, &mut found.unusable)? {
        let seen = key(session, handle)?;
        found.private.push(permitted(session, seen)?);
    }
    Ok(())
}

fn handles(session: &Session, class: ObjectClass, unusable: &mut Vec<Unusable>) -> Result<Vec<ObjectHandle>, Error> {
    let mut found = Vec::new();
    for handle in session.iter_objects(&[Attribute::Class(class)])? {
        if found.len() == OBJECT_LIMIT {
            unusable.push(Unusable::new(
                format!("{class:?} objects"),
                Reason::TooManyObjects,
                OBJECT_LIMIT.to_string(),
            ));
            break;
        }
        found.push(handle?);
    }
    Ok(found)
}

/// What a key is: all that is asked of a public one.
fn key(session: &Session, handle: ObjectHandle) -> Result<KeyObject, Error> {
    let common = [
        AttributeType::Id,
        AttributeType::Label,
        AttributeType::Modulus,
        AttributeType::PublicExponent,
    ];
    let [id, label, modulus, exponent] = several(session, handle, common)?;
    let of = |kind| octets(session, handle, kind);
    let key_type = match single(session, handle, AttributeType::KeyType)? {
        Some(Attribute::KeyType(key_type)) => Some(key_type),
        _ => None,
    };
    let mut kind = KeyKind::Other;
    let mut material = None;
    let mut point = None;
    if key_type == Some(KeyType::RSA) {
        material = modulus.and_then(|modulus| KeyMaterial::rsa(&modulus, exponent.as_deref()));
        kind = KeyKind::Rsa(0);
    } else if key_type == Some(KeyType::EC) || key_type == Some(KeyType::EC_EDWARDS) {
        kind = of(AttributeType::EcParams)?.map_or(KeyKind::Other, |parameters| curve(&parameters));
        if let Some(octets) = of(AttributeType::EcPoint)? {
            material = KeyMaterial::point(kind, &octets);
            point = crate::material::point_octets(kind, &octets);
        }
    }
    if material.is_none() {
        material = of(AttributeType::PublicKeyInfo)?.and_then(|spki| KeyMaterial::spki(&spki));
    }
    if let Some(material) = &material {
        kind = material.kind();
    }
    Ok(KeyObject {
        handle,
        id: id.unwrap_or_default(),
        label: text(label),
        kind,
        material,
        point,
        sign: None,
        extractable: false,
        always_authenticate: false,
        allowed: None,
    })
}

/// What a private key may be used for. The flags are of fixed length and come together where the token has them all.
fn permitted(session: &Session, key: KeyObject) -> Result<KeyObject, Error> {
    let handle = key.handle;
    let kinds = [
        AttributeType::Sign,
        AttributeType::Extractable,
        AttributeType::Sensitive,
        AttributeType::AlwaysAuthenticate,
    ];
    let together = settle(session.get_attributes(handle, &kinds))?.unwrap_or_default();
    let flag = |kind: AttributeType| match together.iter().find(|found| found.attribute_type() == kind) {
        Some(found) => Ok(truth(found)),
        None => boolean(session, handle, kind),
    };
    let allowed = match single(session, handle, AttributeType::AllowedMechanisms)? {
        Some(Attribute::AllowedMechanisms(allowed)) => Some(allowed),
        _ => None,
    };
    Ok(KeyObject {
        sign: flag(AttributeType::Sign)?,
        extractable: flag(AttributeType::Extractable)? == Some(true) || flag(AttributeType::Sensitive)? == Some(false),
        always_authenticate: flag(AttributeType::AlwaysAuthenticate)? == Some(true),
        allowed,
        ..key
    })
}

/// The value of a certificate object now; none when it is gone.
pub(crate) fn certificate_value(session: &Session, handle: ObjectHandle) -> Result<Option<Vec<u8>>, Error> {
    octets(session, handle, AttributeType::Value)
}

type Read<T> = Result<Result<T, Unusable>, Error>;

fn certificate(session: &Session, handle: ObjectHandle) -> Read<Option<CertificateObject>> {
    let wanted = [AttributeType::Id, AttributeType::Label, AttributeType::Value];
    let [id, label, der] = several(session, handle, wanted)?;
    let (id, label) = (id.unwrap_or_default(), text(label));
    let what = || format!("certificate {label:?}, id {}", hex::encode(&id));
    if let Some(Attribute::CertificateType(kind)) = single(session, handle, AttributeType::CertificateType)?
        && kind != CertificateType::X_509
    {
        return Ok(Err(Unusable::new(what(), Reason::NotX509, String::new())));
    }
    let Some(der) = der.filter(|der| !der.is_empty()) else {
        return Ok(Err(Unusable::new(what(), Reason::CertificateEmpty, String::new())));
    };
    match read(&der) {
        Ok(facts) => Ok(Ok(Some(CertificateObject {
            handle: Some(handle),
            id,
            label,
            facts,
        }))),
        Err(detail) => Ok(Err(Unusable::new(what(), Reason::CertificateUnreadable, detail))),
    }
}

fn text(label: Option<Vec<u8>>) -> String {
    clean(&String::from_utf8_lossy(&label.unwrap_or_default()))
}

fn boolean(session: &Session, handle: ObjectHandle, kind: AttributeType) -> Result<Option<bool>, Error> {
    Ok(single(session, handle, kind)?.as_ref().and_then(truth))
}

const fn truth(attribute: &Attribute) -> Option<bool> {
    match attribute {
        Attribute::Sign(value)
        | Attribute::Extractable(value)
        | Attribute::Sensitive(value)
        | Attribute::AlwaysAuthenticate(value) => Some(*value),
        _ => None,
    }
}

/// Attributes of variable length. Each is asked for its length alone, then those that have one are fetched together: a
/// token that answers in milliseconds is asked a third as often. Where they do not come as announced, each is fetched alone.
fn several<const N: usize>(
    session: &Session,
    handle: ObjectHandle,
    kinds: [AttributeType; N],
) -> Result<[Option<Vec<u8>>; N], Error> {
    let mut announced = [const { None }; N];
    for (length, kind) in announced.iter_mut().zip(kinds) {
        *length = length_of(session, handle, kind)?;
    }
    let wanted: Vec<_> = kinds
        .iter()
        .zip(&announced)
        .filter_map(|(kind, length)| length.map(|_| *kind))
        .collect();
    if wanted.is_empty() {
        return Ok([const { None }; N]);
    }
    let together = settle(session.get_attributes(handle, &wanted))?.unwrap_or_default();
    let mut together = together.into_iter();
    let mut found = [const { None }; N];
    for ((place, kind), length) in found.iter_mut().zip(kinds).zip(announced) {
        let Some(length) = length else { continue };
        *place = match together.next().and_then(|found| value_of(kind, found)) {
            Some(value) if value.len() == length => Some(value),
            _ => single(session, handle, kind)?.and_then(|found| value_of(kind, found)),
        };
    }
    Ok(found)
}

fn octets(session: &Session, handle: ObjectHandle, kind: AttributeType) -> Result<Option<Vec<u8>>, Error> {
    match length_of(session, handle, kind)? {
        Some(_) => Ok(single(session, handle, kind)?.and_then(|found| value_of(kind, found))),
        None => Ok(None),
    }
}

/// The length first: an absurd one is not allocated.
fn length_of(session: &Session, handle: ObjectHandle, kind: AttributeType) -> Result<Option<usize>, Error> {
    match settle(session.get_attribute_info(handle, &[kind]))?.as_deref() {
        Some([AttributeInfo::Available(length)]) if *length <= ATTRIBUTE_LIMIT => Ok(Some(*length)),
        _ => Ok(None),
    }
}

fn value_of(kind: AttributeType, attribute: Attribute) -> Option<Vec<u8>> {
    if attribute.attribute_type() != kind {
        return None;
    }
    match attribute {
        Attribute::Id(value)
        | Attribute::Label(value)
        | Attribute::Value(value)
        | Attribute::Modulus(value)
        | Attribute::PublicExponent(value)
        | Attribute::EcParams(value)
        | Attribute::EcPoint(value)
        | Attribute::PublicKeyInfo(value) => Some(value),
        _ => None,
    }
}

fn single(session: &Session, handle: ObjectHandle, kind: AttributeType) -> Result<Option<Attribute>, Error> {
    Ok(settle(session.get_attributes(handle, &[kind]))?.and_then(|mut found| found.pop()))
}

/// An attribute that cannot be read is none; a token that is gone is an error.
fn settle<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) => match rv(&error) {
            Some(value) if is_removal(value) || *value == RvError::DeviceError => Err(error),
            _ => Ok(None),
        },
    }
}

const OBJECT_LIMIT: usize = 512;
const ATTRIBUTE_LIMIT: usize = 1 << 16;
