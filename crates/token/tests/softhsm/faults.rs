//! A module that misbehaves (`shim.c`): what the person is told, how many tries are spent, what is kept.

use countersign_cms::Certificate;
use countersign_signing::ports::{Credential, KeyKind, Pin, PinAsk, PinPurpose, PinRefusal, Prompt, Token, TokenError};
use countersign_token::{ModuleConfig, Pkcs11Tokens};

use super::kit::{self, Kit, PIN, Script, to_sign};

const SHIM: &str = include_str!("shim.c");

/// The shim, or `false`, said loudly, where there is no C compiler.
pub(crate) fn make_shim(kit: &Kit) {
    super::signing::make_two(kit);
    kit.compile("shim", SHIM);
}

fn fault(name: &str) {
    std::fs::write(kit::home().join("fault"), name).unwrap();
}

/// What reached the token since the last question.
fn calls() -> Vec<String> {
    let path = kit::home().join("calls");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(&path);
    text.lines().map(str::to_owned).collect()
}

fn tokens() -> Pkcs11Tokens {
    Pkcs11Tokens::new(vec![ModuleConfig::from_path(kit::home().join("shim.so"))])
}

fn find(tokens: &mut Pkcs11Tokens) -> Credential {
    tokens.find("pkcs11:id=%01", &mut Script::new(&[])).unwrap()
}

/// The person at a PIN pad.
#[derive(Default)]
struct Pad {
    asked: Vec<PinAsk>,
    /// Said no on this machine, while the device waited.
    withdrawn: bool,
}

impl Prompt for Pad {
    fn pin(&mut self, _: &PinAsk) -> Result<Pin, PinRefusal> {
        panic!("a PIN was asked for on this machine")
    }

    fn enter_on_device(&mut self, ask: &PinAsk) -> Result<(), PinRefusal> {
        self.asked.push(ask.clone());
        Ok(())
    }

    fn withdrawn(&mut self) -> bool {
        self.withdrawn
    }
}

pub(crate) fn pins() {
    if !kit::home().join("shim.so").exists() {
        return;
    }
    let mut tokens = tokens();
    let credential = find(&mut tokens);
    let what = to_sign(credential.algorithms[0]);

    // Locked, by the flags: not asked, nothing sent. By the answer: one try.
    fault("locked");
    let mut prompt = Script::new(&[PIN]);
    assert_eq!(tokens.sign(&credential, &what, &mut prompt), Err(TokenError::PinLocked));
    assert!(prompt.asked.is_empty() && calls().is_empty());
    assert!(find(&mut tokens).token.pin.locked);
    fault("login-locked");
    assert_eq!(tokens.sign(&credential, &what, &mut prompt), Err(TokenError::PinLocked));
    assert_eq!(calls(), ["login u"]);

    // Expired: said as such, one try.
    fault("login-expired");
    let mut prompt = Script::new(&[PIN, PIN]);
    assert_eq!(
        tokens.sign(&credential, &what, &mut prompt),
        Err(TokenError::PinExpired)
    );
    assert_eq!((prompt.asked.len(), calls()), (1, vec!["login u".to_owned()]));

    // An error that is no answer about the PIN: one try, never repeated.
    fault("login-error");
    let mut prompt = Script::new(&[PIN, PIN]);
    let refused = TokenError::ModuleRefused {
        function: "C_Login".into(),
        rv: "CKR_DEVICE_ERROR".into(),
    };
    assert_eq!(tokens.sign(&credential, &what, &mut prompt), Err(refused));
    assert_eq!((prompt.asked.len(), calls()), (1, vec!["login u".to_owned()]));

    // The last try is shown before it is asked for.
    fault("final");
    let mut prompt = Script::new(&["0000"]);
    assert!(
        matches!(tokens.sign(&credential, &what, &mut prompt), Err(TokenError::PinIncorrect { flags }) if flags.final_try)
    );
    assert!(prompt.asked[0].flags.final_try);
    calls();

    // Already logged in is no error.
    fault("already");
    tokens.sign(&credential, &what, &mut Script::new(&[PIN])).unwrap();
    assert_eq!(calls(), ["login u", "sign"]);

    // A PIN pad: NULL, and only here. (A login is shared by all sessions of a process: the old ones go first.)
    drop(tokens);
    let mut tokens = self::tokens();
    fault("pad");
    let mut pad = Pad::default();
    tokens.sign(&credential, &what, &mut pad).unwrap();
    assert_eq!(calls(), ["null-login", "login u", "sign"]);
    assert!(pad.asked[0].flags.protected_path && pad.asked[0].purpose == PinPurpose::Login);

    // Cancelled here while the device waited, and then allowed there: not signed, and not logged in either.
    drop(tokens);
    let mut tokens = self::tokens();
    pad.withdrawn = true;
    let cancelled = Err(TokenError::PinRefused(PinRefusal::Cancelled));
    for _ in 0..2 {
        assert_eq!(tokens.sign(&credential, &what, &mut pad), cancelled);
        assert_eq!(calls(), ["null-login", "login u"]);
    }
}

pub(crate) fn signatures() {
    if !kit::home().join("shim.so").exists() {
        return;
    }
    let mut tokens = tokens();
    let credential = find(&mut tokens);
    let what = to_sign(credential.algorithms[0]);
    let refused = |function: &str, rv: &str| {
        Err(TokenError::ModuleRefused {
            function: function.to_owned(),
            rv: rv.to_owned(),
        })
    };
    let mut prompt = Script::new(&[PIN]);
    tokens.sign(&credential, &what, &mut prompt).unwrap();
    calls();

    // Each fault: the answer, and that C_Sign was called once: nothing is repeated blindly, no probes.
    let not_verified = || {
        Err(TokenError::SignatureNotVerified {
            algorithm: what.algorithm.name(),
        })
    };
    let cases = [
        ("empty", not_verified()),
        ("garbage", not_verified()),
        ("device", refused("C_Sign", "CKR_DEVICE_ERROR")),
    ];
    for (name, expected) in cases {
        fault(name);
        assert_eq!(tokens.sign(&credential, &what, &mut prompt), expected, "{name}");
        assert_eq!(calls(), ["sign"], "{name}");
        // The next one needs no new PIN.
        fault("");
        tokens.sign(&credential, &what, &mut prompt).unwrap();
        assert_eq!(calls(), ["sign"], "after {name}");
    }

    // DER where the standard says r and s.
    fault("der");
    for _ in 0..32 {
        let value = tokens.sign(&credential, &what, &mut prompt).unwrap();
        let key = Certificate::from_der(&credential.certificate)
            .unwrap()
            .public_key()
            .unwrap();
        key.verify(what.algorithm, &what.message, &value).unwrap();
    }
    calls();

    // A key that wants a login for each signature and does not say so.
    fault("unsaid");
    let mut each = Script::new(&[PIN, PIN]);
    tokens.sign(&credential, &what, &mut each).unwrap();
    tokens.sign(&credential, &what, &mut each).unwrap();
    let purposes: Vec<_> = each.asked.iter().map(|ask| ask.purpose).collect();
    assert_eq!(purposes, [PinPurpose::EachSignature; 2]);
    assert_eq!(calls(), ["login c", "sign", "login c", "sign"]);

    // Pulled: said by C_Sign, or seen after an unclear answer.
    find(&mut tokens);
    for name in ["removed", "pulled"] {
        fault(name);
        let mut each = Script::new(&[PIN, PIN]);
        let answer = tokens.sign(&credential, &what, &mut each);
        assert_eq!(answer, Err(TokenError::Removed), "{name}");
        fault("");
        // It is back: a new login, as with any new token.
        let mut prompt = Script::new(&[PIN]);
        tokens.sign(&credential, &what, &mut prompt).unwrap();
        calls();
    }
    // The whole reader is gone between two signatures.
    fault("gone");
    assert_eq!(tokens.sign(&credential, &what, &mut prompt), Err(TokenError::Removed));
    assert!(matches!(
        tokens.sign(&credential, &what, &mut prompt),
        Err(TokenError::Absent { .. })
    ));
    assert!(calls().is_empty());

    // A session that closes badly takes no signature with it, and dropping everything does not finalise.
    fault("");
    drop(tokens);
    let mut tokens = self::tokens();
    let value = tokens.sign(&credential, &what, &mut Script::new(&[PIN]));
    fault("close");
    drop(tokens);
    assert!(value.is_ok());
}

pub(crate) fn odd_tokens() {
    if !kit::home().join("shim.so").exists() {
        return;
    }
    // Labels with NUL and junk, and in GBK: cut, replaced, and found by serial.
    let plain = find(&mut tokens());
    for (name, expected) in [("label", "desk"), ("gbk", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")] {
        fault(name);
        let mut tokens = tokens();
        let credential = find(&mut tokens);
        assert_eq!(credential.token.label, expected);
        let by_serial = format!("pkcs11:serial={};id=%01", plain.token.serial);
        assert_eq!(tokens.find(&by_serial, &mut Script::new(&[])).as_ref(), Ok(&credential));
        assert_eq!(
            tokens.find(&credential.uri, &mut Script::new(&[])).as_ref(),
            Ok(&credential)
        );
        tokens
            .sign(
                &credential,
                &to_sign(credential.algorithms[0]),
                &mut Script::new(&[PIN]),
            )
            .unwrap();
    }

    // Attributes that cannot be read hide nothing else.
    fault("attribute");
    let mut tokens = tokens();
    let credential = find(&mut tokens);
    assert_eq!(credential.key.kind, KeyKind::P256);
    tokens
        .sign(
            &credential,
            &to_sign(credential.algorithms[0]),
            &mut Script::new(&[PIN]),
        )
        .unwrap();
    // An absurd length is not allocated; the object is reported.
    fault("huge");
    assert!(matches!(
        tokens.find("pkcs11:id=%01", &mut Script::new(&[])),
        Err(TokenError::CredentialMissing { .. } | TokenError::NoCertificate { .. } | TokenError::PinRefused(_))
    ));

    // Put into another slot: sessions are gone, the token is found by its serial, and the PIN is asked again.
    fault("");
    drop(tokens);
    let mut tokens = self::tokens();
    let credential = find(&mut tokens);
    let what = to_sign(credential.algorithms[0]);
    let mut prompt = Script::new(&[PIN, PIN]);
    tokens.sign(&credential, &what, &mut prompt).unwrap();
    fault("moved");
    tokens.sign(&credential, &what, &mut prompt).unwrap();
    assert_eq!(prompt.asked.len(), 2);
    assert_eq!(find(&mut tokens).uri, credential.uri);
}
