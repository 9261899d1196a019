//! The PIN: when it is asked for, how it is sent, what the answer means.
//!
//! Not its business: the dialog (shells), what is signed (`sign`).
//! DOMAIN A2, A3. One PIN is sent per question; an empty one cannot exist (`Pin`); NULL is sent only to a token with a
//! protected authentication path, because some modules count it as a wrong try; CKR_USER_ALREADY_LOGGED_IN is success.

use countersign_signing::ports::{PinAsk, PinFlags, PinPurpose, PinRefusal, Prompt, TokenError};
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::TokenInfo;
use cryptoki::types::RawAuthPin;

use crate::refusal::{refused, rv};

/// Who is asked, and for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) token: &'a str,
    pub(crate) credential: &'a str,
    pub(crate) document: &'a str,
    pub(crate) purpose: PinPurpose,
}

/// A PIN that was given, or the word that it will be given on the device. Not Debug.
pub(crate) enum Given {
    Typed(RawAuthPin),
    OnDevice,
}

/// CK_TOKEN_INFO.flags, as far as they are about the PIN.
pub(crate) fn pin_flags(info: &TokenInfo) -> PinFlags {
    PinFlags {
        count_low: info.user_pin_count_low(),
        final_try: info.user_pin_final_try(),
        locked: info.user_pin_locked(),
        protected_path: info.protected_authentication_path(),
        login_required: info.login_required(),
    }
}

/// Whether a user is logged in, in the token's own words.
pub(crate) fn is_logged_in(session: &Session) -> Result<bool, Error> {
    let state = session.get_session_info()?.session_state();
    Ok(matches!(state, SessionState::RoUser | SessionState::RwUser))
}

/// Asks. Nothing is sent to the token; a locked PIN is not asked for.
pub(crate) fn ask(info: &TokenInfo, question: Question<'_>, prompt: &mut dyn Prompt) -> Result<Given, TokenError> {
    let flags = pin_flags(info);
    if flags.locked {
        return Err(TokenError::PinLocked);
    }
    let ask = PinAsk {
        token: question.token.to_owned(),
        credential: question.credential.to_owned(),
        document: question.document.to_owned(),
        purpose: question.purpose,
        flags,
    };
    if flags.protected_path {
        prompt.enter_on_device(&ask).map_err(TokenError::PinRefused)?;
        return Ok(Given::OnDevice);
    }
    let pin = prompt.pin(&ask).map_err(TokenError::PinRefused)?;
    // Wiped on drop, as `Pin` is.
    Ok(Given::Typed(RawAuthPin::new(Box::new(pin.expose().to_vec()))))
}

/// Sends it, once. `flags_after` reads the token's flags again.
pub(crate) fn send(
    session: &Session,
    user: UserType,
    given: Given,
    flags_after: impl FnOnce() -> PinFlags,
) -> Result<(), TokenError> {
    let answer = match given {
        Given::Typed(pin) => session.login_with_raw(user, &pin),
        Given::OnDevice => session.login(user, None),
    };
    let Err(error) = answer else { return Ok(()) };
    match rv(&error) {
        Some(RvError::UserAlreadyLoggedIn) => Ok(()),
        Some(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange) => {
            Err(TokenError::PinIncorrect { flags: flags_after() })
        }
        Some(RvError::PinLocked) => Err(TokenError::PinLocked),
        Some(RvError::PinExpired) => Err(TokenError::PinExpired),
        Some(RvError::FunctionCanceled | RvError::Cancel | RvError::FunctionRejected) => {
            Err(TokenError::PinRefused(PinRefusal::Cancelled))
        }
        _ => Err(refused(&error, "C_Login")),
    }
}
