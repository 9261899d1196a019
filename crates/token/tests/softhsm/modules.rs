//! Modules and tokens that are not there, or not what was expected.

use std::path::{Path, PathBuf};

use countersign_cms::SignatureAlgorithm;
use countersign_signing::ports::{Token, TokenError};
use countersign_token::{ModuleConfig, Pkcs11Tokens, Uri};

use super::kit::{self, Script, module, to_sign, tokens};

pub(crate) fn absent() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[]);
    let uri = "pkcs11:token=other".to_owned();
    assert_eq!(tokens.find(&uri, &mut prompt), Err(TokenError::Absent { uri }));
    // Only the slot that waits for the next token.
    let uri = "pkcs11:token=".to_owned();
    assert_eq!(tokens.find(&uri, &mut prompt), Err(TokenError::Absent { uri }));
    let refused = tokens
        .find("pkcs11:token=desk?pin-value=1234", &mut prompt)
        .unwrap_err();
    assert!(matches!(&refused, TokenError::Uri { reason } if reason.contains("PIN") && !reason.contains("1234")));
    assert!(matches!(
        tokens.find("pkcs11:type=data", &mut prompt),
        Err(TokenError::Uri { .. })
    ));

    // Modules: unknown, garbage, of another architecture, pinned to something else.
    let other = |path: &Path| {
        let uri = Uri {
            module_path: Some(path.to_string_lossy().into_owned()),
            ..Uri::default()
        }
        .to_string();
        match Pkcs11Tokens::new(Vec::new()).find(&uri, &mut Script::new(&[])) {
            Err(TokenError::ModuleLoad { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert!(other(Path::new("/nonexistent/lib.so")).contains("no such file"));
    let home = kit::home();
    let mut elf32 = std::fs::read(module()).unwrap();
    elf32[4] = 1;
    let broken: [(&str, &[u8], &str); 4] = [
        ("elf32.so", &elf32, "32-bit library"),
        ("garbage.so", b"garbage", "not a shared library"),
        ("empty.so", b"", "empty"),
        ("cut.so", &elf32_to_64(&elf32)[..4096], "cut short"),
    ];
    for (name, octets, expected) in broken {
        let path = home.join(name);
        std::fs::write(&path, octets).unwrap();
        let reason = other(&path);
        assert!(reason.contains(expected), "{name}: {reason}");
    }
    let libc = ["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6"].map(PathBuf::from);
    if let Some(libm) = libc.iter().find(|path| path.exists()) {
        assert!(other(libm).contains("not a PKCS#11 module"));
    }
    let pinned = ModuleConfig {
        sha256: Some("00".repeat(32)),
        ..ModuleConfig::from_path(module())
    };
    let mut pinned = Pkcs11Tokens::new(vec![pinned]);
    let refused = pinned.credentials().unwrap_err();
    assert!(matches!(&refused, TokenError::ModuleLoad { reason, .. } if reason.contains("pins 0000")));
    assert!(matches!(
        pinned.find("pkcs11:?module-name=other", &mut prompt),
        Err(TokenError::ModuleLoad { .. })
    ));

    // One broken module does not hide the others.
    let both = vec![
        ModuleConfig::from_path(home.join("garbage.so")),
        ModuleConfig::from_path(module()),
    ];
    assert_eq!(Pkcs11Tokens::new(both).credentials().unwrap().len(), 1);
    // A URI alone is enough: no module configured.
    let uri = format!("pkcs11:token=desk?module-path={}", module().display());
    Pkcs11Tokens::new(Vec::new()).find(&uri, &mut prompt).unwrap();
    assert!(
        tokens
            .find("pkcs11:token=desk?module-name=softhsm2", &mut prompt)
            .is_ok()
    );
    // Slots that the configuration leaves out are not looked at.
    let no_slots = ModuleConfig {
        slots: Some(vec![u64::MAX]),
        ..ModuleConfig::from_path(module())
    };
    assert_eq!(Pkcs11Tokens::new(vec![no_slots]).credentials(), Ok(Vec::new()));

    // The token of a prepared signature is gone.
    let mut credential = tokens.find("pkcs11:token=desk", &mut prompt).unwrap();
    credential.token.serial = "gone".to_owned();
    let what = to_sign(credential.algorithms[0]);
    assert!(matches!(
        tokens.sign(&credential, &what, &mut prompt),
        Err(TokenError::Absent { .. })
    ));
    // An algorithm that it has no mechanism for: known before the PIN is asked for.
    let credential = tokens.find("pkcs11:token=desk", &mut prompt).unwrap();
    let what = to_sign(SignatureAlgorithm::Ed25519);
    assert!(matches!(
        tokens.sign(&credential, &what, &mut prompt),
        Err(TokenError::MechanismMissing { .. })
    ));
    assert!(prompt.asked.is_empty());
}

fn elf32_to_64(octets: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[4] = 2;
    octets
}
