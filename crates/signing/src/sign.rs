//! sign: one approval, one signature. The value is verified before it is believed.
//!
//! Not its business: PIN dialogs (Prompt), mechanisms (token).

use countersign_cms::Certificate;
use serde::{Deserialize, Serialize};

use crate::{
    ledger::{Failed, Ledger, SessionState},
    ports::{Prompt, StoreError, ToSign, Token, TokenError},
    prepare::Prepared,
};

/// Signed by the token. Plain data: this is what must never be lost, a person has spent a PIN on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signed {
    /// What was signed.
    pub prepared: Prepared,
    /// SignerInfo.signature.
    #[serde(
        serialize_with = "crate::hex_list::one",
        deserialize_with = "hex::serde::deserialize"
    )]
    pub signature_value: Vec<u8>,
}

/// Why there is no signature. The prepared state is given back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// What the token gave does not verify with the certificate's key.
    #[error("the token's output does not verify with the certificate")]
    NotVerified,
    /// The session could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The token did not sign.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// Asks the token for one signature.
///
/// # Errors
/// Gives the prepared state back; after a wrong PIN it is as good as before.
pub fn sign(
    prepared: Prepared,
    token: &mut dyn Token,
    prompt: &mut dyn Prompt,
    ledger: &mut Ledger<'_>,
) -> Result<Signed, Failed<Box<Prepared>, SignError>> {
    match ask_token(&prepared, token, prompt, ledger) {
        Ok(signature_value) => {
            let signed = Signed {
                prepared,
                signature_value,
            };
            match ledger.save(&SessionState::Signed(Box::new(signed.clone())), false) {
                Ok(()) => Ok(signed),
                Err(error) => Err(Failed {
                    state: Box::new(signed.prepared),
                    error: error.into(),
                }),
            }
        }
        Err(error) => Err(Failed {
            state: Box::new(prepared),
            error,
        }),
    }
}

fn ask_token(
    prepared: &Prepared,
    token: &mut dyn Token,
    prompt: &mut dyn Prompt,
    ledger: &mut Ledger<'_>,
) -> Result<Vec<u8>, SignError> {
    let certificate = Certificate::from_der(&prepared.certificate).map_err(|_| SignError::NotVerified)?;
    let digest = hex::encode(prepared.source.sha256);
    let tail = digest.get(56..).unwrap_or(&digest);
    let what = ToSign {
        algorithm: prepared.algorithm,
        message: prepared.signed_attributes.clone(),
        document: format!("{} …{tail}", prepared.source.name),
        credential: certificate.subject().to_owned(),
    };
    let certificate_sha256 = hex::encode(certificate.sha256());
    ledger.trace("sign", &[("certificate_sha256", &certificate_sha256)])?;
    let value = match token.sign(&prepared.credential, &what, prompt) {
        Ok(value) => value,
        Err(error) => {
            let kind = if matches!(error, TokenError::PinIncorrect { .. }) {
                "pin-failed"
            } else {
                "fault"
            };
            let traced = ledger.trace(kind, &[("stage", "sign"), ("code", error.code())]);
            // A person must hear that a try was spent, whatever else goes wrong.
            if !matches!(error, TokenError::PinIncorrect { .. }) {
                traced?;
            }
            return Err(error.into());
        }
    };
    let verified = certificate.public_key().is_ok_and(|key| {
        key.verify(prepared.algorithm, &prepared.signed_attributes, &value)
            .is_ok()
    });
    if !verified {
        ledger.trace("fault", &[("stage", "sign"), ("code", "signature-not-verified")])?;
        return Err(SignError::NotVerified);
    }
    Ok(value)
}
