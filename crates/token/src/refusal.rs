//! What a module answered, in the words of the port.
//!
//! Not its business: PIN answers (`login`), loading (`module`).

use countersign_signing::ports::TokenError;
use cryptoki::context::Function;
use cryptoki::error::{Error, RvError};

/// A refused call, told apart from a token that is gone.
pub(crate) fn refused(error: &Error, function: &str) -> TokenError {
    match error {
        Error::Pkcs11(rv, _) if is_removal(rv) => TokenError::Removed,
        Error::Pkcs11(RvError::PinExpired, _) => TokenError::PinExpired,
        Error::Pkcs11(rv, called) => TokenError::ModuleRefused {
            function: function_name(*called),
            rv: rv_name(rv),
        },
        // The texts of these are cryptoki's own and hold no octets of the traffic.
        other => TokenError::ModuleRefused {
            function: function.to_owned(),
            rv: other.to_string(),
        },
    }
}

/// The return value, when the module gave one.
pub(crate) fn rv(error: &Error) -> Option<&RvError> {
    match error {
        Error::Pkcs11(rv, _) => Some(rv),
        _ => None,
    }
}

/// CKR_* values that mean: the token, or our session with it, is gone.
pub(crate) fn is_removal(rv: &RvError) -> bool {
    matches!(
        rv,
        RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SessionHandleInvalid
            | RvError::SessionClosed
            | RvError::SlotIdInvalid
    )
}

/// `DeviceError` → `CKR_DEVICE_ERROR`; vendor values with their number.
pub(crate) fn rv_name(rv: &RvError) -> String {
    match rv {
        RvError::VendorDefined(value) => format!("CKR_VENDOR_DEFINED({value:#010x})"),
        RvError::UnknownErrorCode(value) => format!("unknown return value {value:#010x}"),
        named => format!("{named:?}").chars().fold("CKR".to_owned(), |mut name, letter| {
            if letter.is_uppercase() {
                name.push('_');
            }
            name.push(letter.to_ascii_uppercase());
            name
        }),
    }
}

/// `Sign` → `C_Sign`.
pub(crate) fn function_name(function: Function) -> String {
    format!("C_{function:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(rv_name(&RvError::DeviceError), "CKR_DEVICE_ERROR");
        assert_eq!(rv_name(&RvError::UserPinNotInitialized), "CKR_USER_PIN_NOT_INITIALIZED");
        assert_eq!(
            rv_name(&RvError::VendorDefined(0x8000_0001)),
            "CKR_VENDOR_DEFINED(0x80000001)"
        );
        assert_eq!(function_name(Function::GetSlotList), "C_GetSlotList");
        let gone = Error::Pkcs11(RvError::DeviceRemoved, Function::Sign);
        assert_eq!(refused(&gone, "C_Sign"), TokenError::Removed);
    }
}
