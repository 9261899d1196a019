//! Signing for a chain account: one ECDSA signature over a hash by a secp256k1 key.
//!
//! Not its business: transactions, recovery ids, low s (countersign-remote), and verifying: no crate below this one has
//! the curve, so the caller recovers the key from the value and compares.
//! SEC 1 section 4.1.3, PKCS#11 CKM_ECDSA.

use countersign_signing::ports::{KeyKind, PinPurpose, Prompt, TokenError};
use cryptoki::mechanism::Mechanism;

use crate::inventory::{Inventory, KeyObject, inventory};
use crate::login::{Question, is_logged_in};
use crate::pairing::describe;
use crate::refusal::refused;
use crate::sign::Open;
use crate::slots::Seen;
use crate::tokens::{Pkcs11Tokens, names_object};
use crate::uri::{ObjectType, Uri};

/// Signs the hash with the one account key that the URI names.
pub(crate) fn sign_hash(
    tokens: &mut Pkcs11Tokens,
    text: &str,
    uri: &Uri,
    hash: &[u8; 32],
    prompt: &mut dyn Prompt,
) -> Result<([u8; 64], [u8; 65]), TokenError> {
    let seen = holder(tokens, text, uri)?;
    let mut open = tokens.take(&seen)?;
    let result = on_token(&mut open, text, uri, hash, prompt);
    tokens.keep(open, result)
}

/// The one token that has, or may hide, the key.
fn holder(tokens: &Pkcs11Tokens, text: &str, uri: &Uri) -> Result<Seen, TokenError> {
    let all = tokens.seen(text, uri)?;
    let mut visible = Vec::new();
    let mut dark = Vec::new();
    for seen in all {
        let look = tokens.with_session(&seen, |session| {
            let found = inventory(session).map_err(|error| refused(&error, "C_GetAttributeValue"))?;
            Ok((found, is_logged_in(session).unwrap_or(false)))
        });
        let Ok(Some((found, logged_in))) = look else { continue };
        if !keys(&found.public, uri).is_empty() || !keys(&found.private, uri).is_empty() {
            visible.push(seen);
        } else if seen.facts.pin.login_required && !logged_in && found.public.is_empty() {
            // A token that shows its public keys has no hidden account key; one that shows none may have.
            dark.push(seen);
        }
    }
    let mut chosen = if visible.is_empty() { dark } else { visible };
    match chosen.len() {
        0 | 1 => chosen
            .pop()
            .ok_or_else(|| TokenError::CredentialMissing { uri: text.to_owned() }),
        count => Err(TokenError::Ambiguous {
            uri: text.to_owned(),
            count,
        }),
    }
}

fn on_token(
    open: &mut Open,
    text: &str,
    uri: &Uri,
    hash: &[u8; 32],
    prompt: &mut dyn Prompt,
) -> Result<([u8; 64], [u8; 65]), TokenError> {
    if !open.slot_has("CKM_ECDSA") {
        let wanted = "ECDSA secp256k1".to_owned();
        return Err(TokenError::MechanismMissing {
            wanted,
            offered: open.offered(),
        });
    }
    let question = Question {
        token: &open.title(),
        credential: text,
        document: "",
        purpose: PinPurpose::ChainAccount,
    };
    open.login(question, prompt)?;
    let found = inventory(open.session()).map_err(|error| refused(&error, "C_GetAttributeValue"))?;
    let private = match keys(&found.private, uri).as_slice() {
        [] => return Err(TokenError::CredentialMissing { uri: text.to_owned() }),
        [one] => *one,
        several => {
            return Err(TokenError::Ambiguous {
                uri: text.to_owned(),
                count: several.len(),
            });
        }
    };
    let public = public_point(private, &found).ok_or_else(|| TokenError::KeyMismatch { uri: text.to_owned() })?;
    if private.always_authenticate {
        // An unattended account must not ask for each transaction; such a key is not made for it.
        let rv = "CKA_ALWAYS_AUTHENTICATE is set on an account key".to_owned();
        return Err(TokenError::ModuleRefused {
            function: "C_Sign".to_owned(),
            rv,
        });
    }
    let output = match open.session().sign(&Mechanism::Ecdsa, private.handle, hash) {
        Ok(output) => output,
        Err(error) => return Err(open.renewed(refused(&error, "C_Sign"))),
    };
    let not_verified = || TokenError::SignatureNotVerified {
        algorithm: "ECDSA secp256k1".to_owned(),
    };
    let value = bare(&output).ok_or_else(not_verified)?;
    Ok((value, public))
}

fn keys<'a>(all: &'a [KeyObject], uri: &Uri) -> Vec<&'a KeyObject> {
    let fits = |key: &&KeyObject| {
        key.kind == KeyKind::Secp256k1 && names_object(uri, &key.id, std::slice::from_ref(&key.label))
    };
    all.iter().filter(fits).collect()
}

/// The uncompressed point: of the private key object, else of the one public key object with its CKA_ID.
fn public_point(private: &KeyObject, found: &Inventory) -> Option<[u8; 65]> {
    let mut points = found
        .public
        .iter()
        .filter(|key| key.kind == KeyKind::Secp256k1 && key.id == private.id);
    let point = match &private.point {
        Some(point) => point,
        None => {
            let point = points.next()?.point.as_ref()?;
            if points.any(|other| other.point.as_ref() != Some(point)) {
                return None;
            }
            point
        }
    };
    point.as_slice().try_into().ok()
}

/// r ‖ s, from the bare form or from DER.
fn bare(output: &[u8]) -> Option<[u8; 64]> {
    if let Ok(bare) = output.try_into() {
        // 64 octets may also be DER with short numbers; that happens once in some thousand signatures of such a token.
        return if countersign_cms::ecdsa_raw_to_der(output).is_some() {
            Some(bare)
        } else {
            None
        };
    }
    from_der(output)
}

fn from_der(output: &[u8]) -> Option<[u8; 64]> {
    let (length, content) = output.strip_prefix(&[0x30])?.split_first()?;
    let mut rest = content;
    if usize::from(*length) != rest.len() {
        return None;
    }
    let mut value = [0; 64];
    for half in value.chunks_exact_mut(32) {
        let (length, tail) = rest.strip_prefix(&[0x02])?.split_first()?;
        let (number, tail) = tail.split_at_checked(usize::from(*length))?;
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        let (_, place) = half.split_at_mut_checked(32_usize.checked_sub(number.len())?)?;
        place.copy_from_slice(number);
        rest = tail;
    }
    rest.is_empty().then_some(value)
}

/// The URI by which `sign_hash` finds an account key that a survey shows.
pub(crate) fn uri_of(seen: &Seen, found: &Inventory, what: &str) -> Option<String> {
    let mut keys = found.private.iter().chain(&found.public);
    let key = keys.find(|key| describe("key", &key.label, &key.id) == what)?;
    let uri = Uri {
        token: Some(seen.facts.label.clone()),
        serial: Some(seen.facts.serial.clone()),
        id: Some(key.id.clone()).filter(|id| !id.is_empty()),
        object: Some(key.label.clone()).filter(|label| !label.is_empty()),
        object_type: Some(ObjectType::Private),
        module_path: Some(seen.facts.module_path.clone()),
        ..Uri::default()
    };
    Some(uri.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_and_der_forms() {
        let mut expected = [0; 64];
        expected[31] = 1;
        expected[32..].fill(0xFF);
        let mut der = vec![0x30, 38, 2, 1, 1, 2, 33, 0];
        der.extend([0xFF; 32]);
        assert_eq!(bare(&der), Some(expected));
        assert_eq!(bare(&expected), Some(expected));
        for odd in [&[][..], &[0x30], &[0x30, 0], &[0x30, 3, 2, 1, 1], &[0; 63], &der[..39]] {
            assert_eq!(bare(odd), None, "{odd:?}");
        }
    }
}
