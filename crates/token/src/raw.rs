//! One C_Sign on a session of cryptoki's, by the module's own function table.
//!
//! Why it exists: a key that is always-authenticate needs C_SignInit, C_Login(CKU_CONTEXT_SPECIFIC) and C_Sign in this
//! order on one session. cryptoki 0.12 has no C_Sign without its own C_SignInit before it, only C_SignUpdate and
//! C_SignFinal, which single-part mechanisms (CKM_ECDSA, CKM_RSA_PKCS, CKM_EDDSA) do not have.
//! Limit: a proxy that hands out a new set of sessions with each function table (p11-kit-proxy) refuses the handle;
//! that comes back as the module's return value. The only unsafe code of this crate.

#![expect(
    unsafe_code,
    reason = "C_Sign after a context-specific login is not reachable through cryptoki"
)]

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use cryptoki::error::{Rv, RvError};
use cryptoki_sys::{CK_FUNCTION_LIST, CK_SESSION_HANDLE, CK_ULONG, Pkcs11};

/// Why there is no signature.
#[derive(Debug)]
pub(crate) enum RawRefusal {
    /// The module's answer.
    Answer(RvError),
    /// The function table could not be had.
    NoFunction(&'static str),
}

/// A second reference to a loaded module. Taken when the module is loaded, so that a file that is replaced later is never
/// run.
#[derive(Clone)]
pub(crate) struct Library(Arc<Pkcs11>);

impl Library {
    /// Takes the reference. The module must be loaded already.
    pub(crate) fn of(module: &Path) -> Option<Self> {
        // SAFETY: the dynamic linker hands out the library that is loaded; no initialiser runs again.
        unsafe { Pkcs11::new(module) }
            .ok()
            .map(|library| Self(Arc::new(library)))
    }
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Library")
    }
}

/// C_Sign, once, into a buffer that is large enough for every key that we use: no length query.
pub(crate) fn sign_once(library: &Library, session: CK_SESSION_HANDLE, input: &[u8]) -> Result<Vec<u8>, RawRefusal> {
    let library = &library.0;
    let Ok(function_list) = &library.C_GetFunctionList else {
        return Err(RawRefusal::NoFunction("C_GetFunctionList"));
    };
    let mut list: *mut CK_FUNCTION_LIST = std::ptr::null_mut();
    // SAFETY: the signature is that of the standard; the module writes one pointer into `list`.
    answer(unsafe { function_list(&raw mut list) })?;
    if list.is_null() {
        return Err(RawRefusal::NoFunction("C_GetFunctionList"));
    }
    // SAFETY: not null, and the module keeps its table as long as it is loaded (PKCS#11 section 5.4).
    let sign = unsafe { (*list).C_Sign }.ok_or(RawRefusal::NoFunction("C_Sign"))?;
    let mut signature = vec![0_u8; OUTPUT_LIMIT];
    let mut length = CK_ULONG::try_from(signature.len()).map_err(|_| RawRefusal::NoFunction("C_Sign"))?;
    let input_length = CK_ULONG::try_from(input.len()).map_err(|_| RawRefusal::NoFunction("C_Sign"))?;
    // SAFETY: both buffers are as long as stated and outlive the call; C_Sign does not write to its input, the pointer is
    // mutable only because the header has no const.
    answer(unsafe {
        sign(
            session,
            input.as_ptr().cast_mut(),
            input_length,
            signature.as_mut_ptr(),
            &raw mut length,
        )
    })?;
    signature.truncate(usize::try_from(length).unwrap_or(0).min(OUTPUT_LIMIT));
    Ok(signature)
}

fn answer(value: cryptoki_sys::CK_RV) -> Result<(), RawRefusal> {
    match Rv::from(value) {
        Rv::Ok => Ok(()),
        Rv::Error(error) => Err(RawRefusal::Answer(error)),
    }
}

const OUTPUT_LIMIT: usize = 4096;
