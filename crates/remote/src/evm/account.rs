//! The chain account: an address and something that signs a hash for it.
//!
//! Not its business: where a keyring keeps its secret (store), how a token is driven (token). Never the contract-signing
//! key: an account key of its own, worth only its gas.

use std::path::Path;

use countersign_signing::ports::{AccountPrompt, EndpointError, TokenError};
use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::{hex0x, keccak256, tx::last20};
use crate::config::{ConfigError, parse_hex};

/// 20 octets.
pub type Address = [u8; 20];

/// An address as it is written, `0x` or not; the case is not looked at.
///
/// # Errors
/// `Hex`.
pub fn parse_address(text: &str) -> Result<Address, ConfigError> {
    parse_hex("address", text)
}

/// An ECDSA signature over secp256k1 with low s (EIP-2) and the parity that recovers the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoverableSignature {
    /// r, big endian.
    pub r: [u8; 32],
    /// s, big endian, at most half the order.
    pub s: [u8; 32],
    /// The y coordinate of R is odd.
    pub y_parity: bool,
}

/// Signs for one address.
pub trait AccountSigner {
    /// The address, where it is known without asking a person.
    fn known_address(&self) -> Option<Address>;

    /// The address.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn address(&mut self, prompt: AccountPrompt<'_>) -> Result<Address, EndpointError>;

    /// A signature over a hash that recovers to the address.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn sign(&mut self, hash: &[u8; 32], prompt: AccountPrompt<'_>) -> Result<RecoverableSignature, EndpointError>;
}

/// A secret key in memory (custody `keyring` or `file`). Wiped on drop, no Debug, no Clone.
pub struct SecretKey {
    key: SigningKey,
    address: Address,
}

impl SecretKey {
    /// 64 hex digits, `0x` allowed.
    ///
    /// # Errors
    /// `KeyInvalid`.
    pub fn from_hex(secret: &str) -> Result<Self, ConfigError> {
        let mut octets = Zeroizing::new([0; 32]);
        let digits = secret.trim();
        hex::decode_to_slice(digits.strip_prefix("0x").unwrap_or(digits), octets.as_mut())
            .map_err(|_| ConfigError::KeyInvalid)?;
        let key = SigningKey::from_slice(octets.as_ref()).map_err(|_| ConfigError::KeyInvalid)?;
        let address = address_of(key.verifying_key());
        Ok(Self { key, address })
    }

    /// A file with 64 hex digits that nobody else can read.
    ///
    /// # Errors
    /// `KeyFile`, `KeyFileMode`, `KeyInvalid`.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let failed = |error: std::io::Error| ConfigError::KeyFile {
            path: path.to_owned(),
            kind: error.kind(),
        };
        let file = std::fs::File::open(path).map_err(failed)?;
        // Asked of the open file: the name may point elsewhere a moment later.
        check_mode(path, &file.metadata().map_err(failed)?)?;
        let mut text = Zeroizing::new(String::with_capacity(MAX_KEY_FILE));
        std::io::Read::read_to_string(&mut std::io::Read::take(file, MAX_KEY_FILE as u64), &mut text)
            .map_err(failed)?;
        Self::from_hex(&text)
    }

    /// The address.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// RFC 6979, low s.
    ///
    /// # Errors
    /// When the library refuses, which it does for no hash that can be met.
    pub fn sign_hash(&self, hash: &[u8; 32]) -> Result<RecoverableSignature, EndpointError> {
        let (signature, _) = self.key.sign_prehash_recoverable(hash);
        recoverable(&signature.normalize_s(), hash, self.key.verifying_key())
            .ok_or_else(|| unusable(&self.address, "own signature does not recover"))
    }
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &std::fs::Metadata) -> Result<(), ConfigError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o7777;
    if !metadata.is_file() {
        return Err(ConfigError::KeyFile {
            path: path.to_owned(),
            kind: std::io::ErrorKind::InvalidInput,
        });
    }
    if mode & 0o077 != 0 {
        return Err(ConfigError::KeyFileMode {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

/// Where there are no modes, the folder's access list is all there is.
#[cfg(not(unix))]
fn check_mode(_: &Path, _: &std::fs::Metadata) -> Result<(), ConfigError> {
    Ok(())
}

impl AccountSigner for SecretKey {
    fn known_address(&self) -> Option<Address> {
        Some(self.address)
    }

    fn address(&mut self, _: AccountPrompt<'_>) -> Result<Address, EndpointError> {
        Ok(self.address)
    }

    fn sign(&mut self, hash: &[u8; 32], _: AccountPrompt<'_>) -> Result<RecoverableSignature, EndpointError> {
        self.sign_hash(hash)
    }
}

/// A key elsewhere that returns raw r ‖ s and its uncompressed public key (`Token::sign_hash_secp256k1`).
pub struct TokenAccount<F> {
    address: Option<Address>,
    sign: F,
}

impl<F> TokenAccount<F>
where
    F: FnMut(&[u8; 32], AccountPrompt<'_>) -> Result<([u8; 64], [u8; 65]), TokenError>,
{
    /// Without an address the first use costs one signature over a fixed value that is no transaction: the public key
    /// comes with it. With an address any other key is refused.
    pub const fn new(address: Option<Address>, sign: F) -> Self {
        Self { address, sign }
    }
}

impl<F> AccountSigner for TokenAccount<F>
where
    F: FnMut(&[u8; 32], AccountPrompt<'_>) -> Result<([u8; 64], [u8; 65]), TokenError>,
{
    fn known_address(&self) -> Option<Address> {
        self.address
    }

    fn address(&mut self, prompt: AccountPrompt<'_>) -> Result<Address, EndpointError> {
        if let Some(address) = self.address {
            return Ok(address);
        }
        self.sign(&keccak256(ADDRESS_PROBE), prompt)?;
        self.address.ok_or_else(|| unusable(&[0; 20], "no public key"))
    }

    fn sign(&mut self, hash: &[u8; 32], prompt: AccountPrompt<'_>) -> Result<RecoverableSignature, EndpointError> {
        let (raw, point) = (self.sign)(hash, prompt).map_err(EndpointError::Account)?;
        let shown = self.address.unwrap_or_default();
        let key = VerifyingKey::from_sec1_bytes(&point).map_err(|_| unusable(&shown, "no point of secp256k1"))?;
        let address = address_of(&key);
        if self.address.is_some_and(|expected| expected != address) {
            return Err(unusable(&shown, "the key has another address"));
        }
        // Tokens give high s as often as low.
        let signature = Signature::from_slice(&raw)
            .map_err(|_| unusable(&address, "no signature"))?
            .normalize_s();
        let signature =
            recoverable(&signature, hash, &key).ok_or_else(|| unusable(&address, "signature does not verify"))?;
        self.address = Some(address);
        Ok(signature)
    }
}

/// Verifies, and finds the parity by recovering both ways.
fn recoverable(signature: &Signature, hash: &[u8; 32], key: &VerifyingKey) -> Option<RecoverableSignature> {
    let recovery = RecoveryId::trial_recovery_from_prehash(key, hash, signature).ok()?;
    // x above the order has no place in a transaction; one signature in 2^127 has it.
    if recovery.is_x_reduced() {
        return None;
    }
    let (r, s) = signature.split_bytes();
    Some(RecoverableSignature {
        r: r.into(),
        s: s.into(),
        y_parity: recovery.is_y_odd(),
    })
}

fn address_of(key: &VerifyingKey) -> Address {
    let point = key.to_sec1_point(false);
    // Without the leading 0x04.
    last20(&keccak256(point.as_bytes().get(1..).unwrap_or_default()))
}

fn unusable(address: &Address, reason: &str) -> EndpointError {
    EndpointError::AccountUnusable {
        address: hex0x(address),
        reason: reason.into(),
    }
}

const ADDRESS_PROBE: &[u8] = b"countersign: which address is this?\n";
const MAX_KEY_FILE: usize = 256;

#[cfg(test)]
mod tests {
    use countersign_signing::ports::{Pin, PinAsk, PinRefusal, Prompt};

    use super::*;

    struct Nobody;

    impl Prompt for Nobody {
        fn pin(&mut self, _: &PinAsk) -> Result<Pin, PinRefusal> {
            Err(PinRefusal::Unavailable)
        }

        fn enter_on_device(&mut self, _: &PinAsk) -> Result<(), PinRefusal> {
            Err(PinRefusal::Unavailable)
        }
    }

    #[test]
    fn address_vector() {
        let key = SecretKey::from_hex("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80").unwrap();
        assert_eq!(hex0x(&key.address()), "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    }

    #[test]
    fn keys_that_are_none() {
        for secret in [
            "",
            "0x",
            "00",
            &"00".repeat(32),
            &"ff".repeat(32),
            &"zz".repeat(32),
            &"11".repeat(33),
        ] {
            assert_eq!(
                SecretKey::from_hex(secret).err(),
                Some(ConfigError::KeyInvalid),
                "{secret}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_for_its_owner_only() {
        use std::{fs, os::unix::fs::PermissionsExt};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account");
        let expected = SecretKey::from_hex(&"42".repeat(32)).unwrap().address();
        for (mode, text, accepted) in [
            (0o600, format!("0x{}\n", "42".repeat(32)), true),
            (0o400, "42".repeat(32), true),
            (0o640, "42".repeat(32), false),
            (0o604, "42".repeat(32), false),
            (0o600, "42".repeat(200), false),
            (0o600, String::new(), false),
        ] {
            let _ = fs::remove_file(&path);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let read = SecretKey::from_file(&path);
            assert_eq!(
                read.as_ref().ok().map(SecretKey::address),
                accepted.then_some(expected),
                "{mode:o}"
            );
            if mode & 0o077 != 0 {
                assert_eq!(
                    read.err(),
                    Some(ConfigError::KeyFileMode {
                        path: path.clone(),
                        mode
                    })
                );
            }
        }
        for other in [folder.path().join("none"), folder.path().to_owned()] {
            assert!(SecretKey::from_file(&other).is_err());
        }
    }

    #[test]
    fn a_token_that_gives_high_s_signs_like_the_key_in_memory() {
        let key = SecretKey::from_hex(&"42".repeat(32)).unwrap();
        let (address, point) = (key.address(), key.key.verifying_key().to_sec1_point(false));
        let point: [u8; 65] = point.as_bytes().try_into().unwrap();
        for round in 0..20_u8 {
            let hash = keccak256(&[round]);
            let low = key.sign_hash(&hash).unwrap();
            for high in [false, true] {
                let signer = SecretKey::from_hex(&"42".repeat(32)).unwrap();
                let mut token = TokenAccount::new(None, move |hash: &[u8; 32], _: AccountPrompt<'_>| {
                    let (signature, _) = signer.key.sign_prehash_recoverable(hash);
                    let (r, s) = signature.normalize_s().split_scalars();
                    let s = if high { -s } else { s };
                    let raw = Signature::from_scalars(r, s).unwrap().to_bytes();
                    Ok((raw.into(), point))
                });
                assert_eq!(token.address(&mut Nobody).unwrap(), address);
                assert_eq!(token.sign(&hash, &mut Nobody).unwrap(), low);
            }
        }
    }

    #[test]
    fn a_token_with_another_key_or_a_wrong_signature_is_refused() {
        let key = SecretKey::from_hex(&"42".repeat(32)).unwrap();
        let point: [u8; 65] = key
            .key
            .verifying_key()
            .to_sec1_point(false)
            .as_bytes()
            .try_into()
            .unwrap();
        let (signature, _) = key.key.sign_prehash_recoverable(&[9; 32]);
        let raw: [u8; 64] = signature.to_bytes().into();
        let unusable = |result| matches!(result, Err(EndpointError::AccountUnusable { .. }));

        let mut other = TokenAccount::new(Some([7; 20]), |_: &[u8; 32], _: AccountPrompt<'_>| Ok((raw, point)));
        assert!(unusable(other.sign(&[9; 32], &mut Nobody)));
        let mut wrong = TokenAccount::new(None, |_: &[u8; 32], _: AccountPrompt<'_>| Ok((raw, point)));
        assert!(unusable(wrong.sign(&[8; 32], &mut Nobody)));
        assert!(wrong.sign(&[9; 32], &mut Nobody).is_ok());
        let mut zero = TokenAccount::new(None, |_: &[u8; 32], _: AccountPrompt<'_>| Ok(([0; 64], [0; 65])));
        assert!(unusable(zero.sign(&[9; 32], &mut Nobody)));
        let mut gone = TokenAccount::new(None, |_: &[u8; 32], _: AccountPrompt<'_>| Err(TokenError::Removed));
        assert_eq!(
            gone.sign(&[9; 32], &mut Nobody),
            Err(EndpointError::Account(TokenError::Removed))
        );
    }
}
