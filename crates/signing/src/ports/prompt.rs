//! Asking a person for a PIN. The port may answer that there is no one to ask.
//!
//! Not its business: the dialog (shells), the login (token). A PIN has no Debug, no Clone, no Serialize and is wiped on drop.

use zeroize::Zeroizing;

/// A PIN on its way from the person to the token.
pub struct Pin(Zeroizing<Vec<u8>>);

impl Pin {
    /// Takes the octets; `None` for an empty PIN, which is never sent to a token.
    #[must_use]
    pub fn new(octets: Vec<u8>) -> Option<Self> {
        let octets = Zeroizing::new(octets);
        (!octets.is_empty()).then_some(Self(octets))
    }

    /// The octets, for the login call only.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// What the token says of its PIN before it is asked for (CK_TOKEN_INFO.flags).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PinFlags {
    /// CKF_USER_PIN_COUNT_LOW: at least one wrong PIN since the last right one.
    pub count_low: bool,
    /// CKF_USER_PIN_FINAL_TRY: the next wrong PIN locks the token.
    pub final_try: bool,
    /// CKF_USER_PIN_LOCKED.
    pub locked: bool,
    /// CKF_PROTECTED_AUTHENTICATION_PATH: the PIN is entered on the device.
    pub protected_path: bool,
    /// CKF_LOGIN_REQUIRED.
    pub login_required: bool,
}

/// Why the PIN is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinPurpose {
    /// Logging in (CKU_USER).
    Login,
    /// A single signature with a key that is always-authenticate (CKU_CONTEXT_SPECIFIC).
    EachSignature,
    /// The account key of a chain endpoint.
    ChainAccount,
}

/// What the person is shown when asked.
#[derive(Debug, Clone)]
pub struct PinAsk {
    /// Token label and serial.
    pub token: String,
    /// Who the credential belongs to.
    pub credential: String,
    /// File name and digest tail of what will be signed.
    pub document: String,
    /// Why.
    pub purpose: PinPurpose,
    /// State of the PIN.
    pub flags: PinFlags,
}

/// Why no PIN came back. Nothing was sent to the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinRefusal {
    /// The person said no.
    #[error("cancelled")]
    Cancelled,
    /// An earlier PIN was wrong and nobody is there to confirm another try.
    #[error("an earlier PIN was wrong; not tried without a person")]
    CountLow,
    /// The last try before the lock was not accepted explicitly.
    #[error("final try not accepted")]
    FinalTry,
    /// There is no one to ask and no PIN was given.
    #[error("no PIN available")]
    Unavailable,
}

/// Asks for a PIN. Called once per try; never again by itself after a wrong PIN.
pub trait Prompt {
    /// A PIN typed on this machine.
    ///
    /// # Errors
    /// When none may or can be given.
    fn pin(&mut self, ask: &PinAsk) -> Result<Pin, PinRefusal>;

    /// The PIN is entered on the device: tell the person, and say whether to go on.
    ///
    /// # Errors
    /// When the person, or the absence of one, says no.
    fn enter_on_device(&mut self, ask: &PinAsk) -> Result<(), PinRefusal>;

    /// Whether the person has said no since [`Prompt::enter_on_device`]. Asked once the device has answered, for a device
    /// that waits cannot be stopped (C_CancelFunction only answers CKR_FUNCTION_NOT_PARALLEL): then its yes is not made use of.
    fn withdrawn(&mut self) -> bool {
        false
    }
}
