//! Where PKCS#11 modules are usually installed, for `doctor` and the first set-up.
//!
//! Not its business: loading any of them (`module`), and whether one may be loaded (the caller): a module is code that
//! runs with our rights.

use std::path::Path;

/// A module that is known by name, and where to look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct KnownModule {
    /// Short name.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// Absolute path.
    pub path: &'static str,
}

/// All places where a known module may be.
#[must_use]
pub fn known_modules() -> &'static [KnownModule] {
    KNOWN
}

/// Those that are there.
#[must_use]
pub fn installed_modules() -> Vec<KnownModule> {
    KNOWN
        .iter()
        .filter(|module| Path::new(module.path).is_file())
        .copied()
        .collect()
}

const fn known(name: &'static str, purpose: &'static str, path: &'static str) -> KnownModule {
    KnownModule { name, purpose, path }
}

const OPENSC: &str = "smart cards and USB keys that OpenSC supports";
const SOFTHSM: &str = "keys in files, for tests and the demo";
const YKCS11: &str = "YubiKey (PIV)";
const PROXY: &str = "all modules that p11-kit is configured with";
const SAFENET: &str = "SafeNet eToken";
const IDPRIME: &str = "Thales IDPrime";
const CRYPTOUCAN: &str = "Nitrokey and CardContact SmartCard-HSM";
const LUNA: &str = "Thales Luna HSM";
const NSHIELD: &str = "Entrust nShield HSM";
const UTIMACO: &str = "Utimaco HSM";
const CLOUDHSM: &str = "AWS CloudHSM";
const TPM: &str = "TPM 2.0";
const KRYOPTIC: &str = "keys in a database, software";
const LONGMAI: &str = "Longmai mToken (龙脉)";
const FEITIAN: &str = "Feitian ePass (飞天)";
const WATCHDATA: &str = "Watchdata WatchKey (握奇)";
const BIT4ID: &str = "Bit4id keys and cards";
const CRYPTOVISION: &str = "cryptovision sc/interface";

const KNOWN: &[KnownModule] = &[
    known("opensc", OPENSC, "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
    known("opensc", OPENSC, "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so"),
    known("opensc", OPENSC, "/usr/lib64/opensc-pkcs11.so"),
    known("opensc", OPENSC, "/usr/lib/opensc-pkcs11.so"),
    known("opensc", OPENSC, "/Library/OpenSC/lib/opensc-pkcs11.so"),
    known(
        "opensc",
        OPENSC,
        "C:\\Program Files\\OpenSC Project\\OpenSC\\pkcs11\\opensc-pkcs11.dll",
    ),
    known("softhsm2", SOFTHSM, "/usr/lib/softhsm/libsofthsm2.so"),
    known("softhsm2", SOFTHSM, "/usr/lib64/pkcs11/libsofthsm2.so"),
    known("softhsm2", SOFTHSM, "/usr/local/lib/softhsm/libsofthsm2.so"),
    known("softhsm2", SOFTHSM, "/opt/homebrew/lib/softhsm/libsofthsm2.so"),
    known("ykcs11", YKCS11, "/usr/lib/x86_64-linux-gnu/libykcs11.so"),
    known("ykcs11", YKCS11, "/usr/lib/aarch64-linux-gnu/libykcs11.so"),
    known("ykcs11", YKCS11, "/usr/lib64/libykcs11.so"),
    known("ykcs11", YKCS11, "/usr/local/lib/libykcs11.dylib"),
    known("p11-kit-proxy", PROXY, "/usr/lib/x86_64-linux-gnu/p11-kit-proxy.so"),
    known("p11-kit-proxy", PROXY, "/usr/lib/aarch64-linux-gnu/p11-kit-proxy.so"),
    known("p11-kit-proxy", PROXY, "/usr/lib64/p11-kit-proxy.so"),
    known("etoken", SAFENET, "/usr/lib/libeToken.so"),
    known("etoken", SAFENET, "/usr/lib/libeTPkcs11.so"),
    known("etoken", SAFENET, "/usr/local/lib/libeTPkcs11.dylib"),
    known("idprime", IDPRIME, "/usr/lib/libIDPrimePKCS11.so"),
    known("smartcard-hsm", CRYPTOUCAN, "/usr/lib/libsc-hsm-pkcs11.so"),
    known("smartcard-hsm", CRYPTOUCAN, "/usr/local/lib/libsc-hsm-pkcs11.so"),
    known("luna", LUNA, "/usr/safenet/lunaclient/lib/libCryptoki2_64.so"),
    known("nshield", NSHIELD, "/opt/nfast/toolkits/pkcs11/libcknfast.so"),
    known("utimaco", UTIMACO, "/usr/lib/libcs_pkcs11_R3.so"),
    known("cloudhsm", CLOUDHSM, "/opt/cloudhsm/lib/libcloudhsm_pkcs11.so"),
    known("tpm2", TPM, "/usr/lib/x86_64-linux-gnu/pkcs11/libtpm2_pkcs11.so"),
    known("tpm2", TPM, "/usr/lib64/pkcs11/libtpm2_pkcs11.so"),
    known("kryoptic", KRYOPTIC, "/usr/lib64/pkcs11/libkryoptic_pkcs11.so"),
    known("longmai", LONGMAI, "/usr/lib/libgm3000_pkcs11.so"),
    known("longmai", LONGMAI, "/usr/local/lib/libgm3000_pkcs11.so"),
    known("feitian", FEITIAN, "/usr/lib/libcastle.so"),
    known("feitian", FEITIAN, "/usr/lib/libcastle_v2.so"),
    known("feitian", FEITIAN, "/usr/lib/libshuttle_p11v220.so"),
    known("watchdata", WATCHDATA, "/usr/lib/libwdpkcs_SignatureP11.so"),
    known("bit4id", BIT4ID, "/usr/lib/libbit4xpki.so"),
    known("cryptovision", CRYPTOVISION, "/usr/lib/libcvP11.so"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_absolute_and_listed_once() {
        for (position, module) in KNOWN.iter().enumerate() {
            assert!(
                module.path.starts_with('/') || module.path.get(1..3) == Some(":\\"),
                "{}",
                module.path
            );
            assert!(
                !KNOWN.iter().skip(position + 1).any(|other| other.path == module.path),
                "{}",
                module.path
            );
        }
    }
}
