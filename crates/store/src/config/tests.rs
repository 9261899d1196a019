//! Configuration files, good and bad, and what an administrator locks.

use std::fs;

use countersign_evidence::PayloadMode;
use countersign_signing::{Level, ports::Finality};
use tempfile::TempDir;

use super::*;

const FULL: &str = r#"
[signing]
level = "B-LT"
policy = "default"
render_all_pages_before_signing = false

[[pkcs11.module]]
name = "desk"
path = "/usr/lib/softhsm/libsofthsm2.so"
sha256 = "AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
slots = [0, 3]
[[pkcs11.module]]
name = "by the loader"
path = "libopensc-pkcs11.so"

[[tsa]]
url = "http://127.0.0.1:3161/tsa"
[[tsa]]
url = "https://tsa.example/basic"
auth = "basic"
user = "desk"
password_from = "keyring:tsa"
digest = "sha512"
policy_oid = "1.2.3.4"
timeout_s = 5
[[tsa]]
url = "https://tsa.example/mtls"
auth = "mtls"
identity = "tsa/identity.pem"
ca = "/etc/ca.pem"

[trust]
anchors = ["anchors", "/etc/anchors.pem"]
tsa_anchors = []
signer_purposes = ["1.3.6.1.5.5.7.3.2"]
revocation = "require"

[endpoint.local]
kind = "journal"
practice = true
[endpoint.main]
kind = "evm"
payload = "digests"
finality = "confirmations:12"
url = "https://node.example:8545"
chain_id = 20210726
genesis = "0x00000000000000000000000000000000000000000000000000000000000000aB"
contract = "0x00000000000000000000000000000000000000cD"
code_hash = "0x0000000000000000000000000000000000000000000000000000000000000001"
profile = "eas-timestamp"
account = {custody = "keyring", address = "0x00000000000000000000000000000000000000eF"}

[secrets]
store = "file"
"#;

fn home(config: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(FILE), config).unwrap();
    home
}

fn load(home: &Path) -> Result<Config, ConfigError> {
    Config::load(home, None, None).map(|(config, _)| config)
}

#[test]
fn everything_is_read() {
    let home = home(FULL);
    let config = load(home.path()).unwrap();
    assert_eq!(config.signing.level, Level::BLt);
    assert!(!config.signing.render_all_pages_before_signing);
    assert_eq!(config.modules[0].slots.as_deref(), Some([0, 3].as_slice()));
    assert!(config.modules[0].sha256.as_ref().unwrap().starts_with("aaaa"));
    assert_eq!(config.modules[1].path, Path::new("libopensc-pkcs11.so"));
    assert_eq!(config.tsa[0].timeout_s, 20);
    assert_eq!(config.tsa[1].digest, Digest::Sha512);
    let password_from = SecretSource::Keyring("tsa".to_owned());
    assert_eq!(
        config.tsa[1].auth,
        TsaAuth::Basic {
            user: "desk".to_owned(),
            password_from
        }
    );
    assert_eq!(
        config.tsa[2].auth,
        TsaAuth::Mtls {
            identity: home.path().join("tsa/identity.pem")
        }
    );
    assert_eq!(config.tsa[2].ca.as_deref(), Some(Path::new("/etc/ca.pem")));
    assert_eq!(
        config.trust.anchors,
        [home.path().join("anchors"), PathBuf::from("/etc/anchors.pem")]
    );
    assert_eq!(config.trust.revocation, Revocation::Require);
    assert_eq!(config.trust.signer_purposes, ["1.3.6.1.5.5.7.3.2"]);
    let local = &config.endpoints["local"];
    assert_eq!(
        (local.practice, local.finality.0, &local.target),
        (true, Finality::Instant, &EndpointTarget::Journal)
    );
    let main = &config.endpoints["main"];
    assert_eq!(
        (main.payload, main.finality.0),
        (PayloadMode::Digests, Finality::Confirmations(12))
    );
    assert!(
        matches!(&main.target, EndpointTarget::Evm { chain_id: 20_210_726, contract, .. } if contract.ends_with("cd"))
    );
    assert_eq!(config.secrets.store, SecretStore::File);
    let shown = serde_json::to_value(&config).unwrap();
    assert_eq!(shown["endpoints"]["main"]["finality"], "confirmations:12");
    assert_eq!(shown["tsa"][1]["auth"]["password_from"], "keyring:tsa");
}

#[test]
fn nothing_is_needed() {
    let home = tempfile::tempdir().unwrap();
    let config = load(home.path()).unwrap();
    assert_eq!(config.signing.level, Level::BT);
    assert!(config.signing.render_all_pages_before_signing && config.tsa.is_empty() && config.endpoints.is_empty());
    assert_eq!(config.secrets.store, SecretStore::Keyring);
    let named = home.path().join("other.toml");
    assert_eq!(
        Config::load(home.path(), Some(&named), None).unwrap_err(),
        ConfigError::Missing { file: named.clone() }
    );
    assert_eq!(
        Config::load(home.path(), None, Some(&named)).unwrap_err(),
        ConfigError::Missing { file: named }
    );
}

#[test]
fn wrong_files_say_where() {
    let cases: [(&str, usize, &str); 14] = [
        ("[signing]\nlevle = \"B-T\"\n", 2, "levle"),
        ("[signing]\nlevel = \"B-X\"\n", 2, "B-X"),
        ("[signing]\nlevel = 3\n", 2, "level"),
        ("\n\n[sining]\n", 3, "sining"),
        ("[signing\n", 1, ""),
        ("[signing]\nlevel = \"B-T\"\nlevel = \"B-B\"\n", 3, ""),
        ("[[tsa]]\nurl = \"http://a\"\npassword = \"x\"\n", 3, "password"),
        ("[[tsa]]\nauth = \"none\"\n", 1, "url"),
        (
            "[[tsa]]\nurl = \"http://a\"\npassword_from = \"hunter2\"\n",
            3,
            "keyring:NAME",
        ),
        (
            "[endpoint.x]\nkind = \"evm\"\nfinality = \"confirmations:0\"\n",
            3,
            "confirmations:N",
        ),
        (
            "[endpoint.x]\nkind = \"evm\"\nfinality = \"soon\"\n",
            3,
            "confirmations:N",
        ),
        ("[endpoint.x]\nkind = \"bitcoin\"\n", 2, "bitcoin"),
        (
            "[endpoint.x]\naccount = {custody = \"file\", path = \"k\", pin = \"1\"}\n",
            2,
            "pin",
        ),
        ("[[pkcs11.module]]\nname = \"x\"\n", 1, "path"),
    ];
    for (text, at, says) in cases {
        match load(home(text).path()) {
            Err(ConfigError::Malformed { line, key, reason, .. }) => {
                assert_eq!(line, at, "{text}: {reason}");
                assert!(
                    reason.contains(says) || key == says || says.is_empty(),
                    "{text}: {reason}"
                );
                assert!(!reason.contains("hunter2"), "a secret is repeated: {reason}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(matches!(
        load(home(&"#".repeat(1024 * 1024 + 1)).path()),
        Err(ConfigError::Unreadable { .. })
    ));
    let folder = home("");
    fs::write(folder.path().join(FILE), b"\xff").unwrap();
    assert!(matches!(load(folder.path()), Err(ConfigError::Unreadable { .. })));
}

#[test]
fn wrong_values_say_which_key() {
    let edit = |from: &str, to: &str| {
        assert!(FULL.contains(from), "{from}");
        FULL.replacen(from, to, 1)
    };
    let cases = [
        (edit("policy = \"default\"", "policy = \"\""), "signing.policy"),
        (edit("sha256 = \"AA", "sha256 = \""), "pkcs11.module[0].sha256"),
        (edit("name = \"desk\"", "name = \"\""), "pkcs11.module[0].name"),
        (edit("http://127.0.0.1:3161/tsa", "ftp://127.0.0.1"), "tsa[0].url"),
        (edit("http://127.0.0.1:3161/tsa", "http://"), "tsa[0].url"),
        (
            edit("http://127.0.0.1:3161/tsa", "http://user:secret@host/"),
            "tsa[0].url",
        ),
        (edit("user = \"desk\"\n", ""), "tsa[1].user"),
        (edit("auth = \"basic\"\n", ""), "tsa[1].user"),
        (
            edit("[\"1.3.6.1.5.5.7.3.2\"]", "[\"clientAuth\"]"),
            "trust.signer_purposes",
        ),
        (
            edit("policy_oid = \"1.2.3.4\"", "policy_oid = \"any\""),
            "tsa[1].policy_oid",
        ),
        (edit("timeout_s = 5", "timeout_s = 0"), "tsa[1].timeout_s"),
        (edit("identity = \"tsa/identity.pem\"\n", ""), "tsa[2].identity"),
        (edit("kind = \"evm\"\n", ""), "endpoint.main.kind"),
        (edit("kind = \"evm\"\n", "kind = \"http\"\n"), "endpoint.main.kind"),
        (
            edit("kind = \"journal\"", "kind = \"journal\"\nfinality = \"finalized\""),
            "endpoint.local.finality",
        ),
        (
            edit("kind = \"journal\"", "kind = \"journal\"\nurl = \"http://a\""),
            "endpoint.local.url",
        ),
        (edit("finality = \"confirmations:12\"\n", ""), "endpoint.main.finality"),
        (edit("chain_id = 20210726\n", ""), "endpoint.main.chain_id"),
        (edit("00aB\"\n", "00\"\n"), "endpoint.main.genesis"),
        (edit("contract = \"0x00", "contract = \"0000"), "endpoint.main.contract"),
        (
            edit("code_hash = \"0x00000", "code_hash = \"0x0000g"),
            "endpoint.main.code_hash",
        ),
        (
            edit("address = \"0x00", "address = \"0x0"),
            "endpoint.main.account.address",
        ),
        (
            edit(
                "{custody = \"keyring\", address",
                "{custody = \"pkcs11\", uri = \"pkcs11:token=a?pin-value=1\" } #",
            ),
            "endpoint.main.account.uri",
        ),
        (
            format!("{FULL}[endpoint.\"a b\"]\nkind = \"journal\"\n"),
            "endpoint.\"a b\"",
        ),
        (format!("{FULL}[managed]\nlock = [\"tsa\"]\n"), "managed.lock"),
    ];
    for (text, expected) in cases {
        match load(home(&text).path()) {
            Err(ConfigError::Value { key, .. } | ConfigError::MissingKey { key }) => assert_eq!(key, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn an_administrator_can_lock_any_key() {
    let managed = r#"
        [signing]
        level = "B-LTA"
        policy = "house"
        [endpoint.main]
        kind = "journal"
        practice = true
        [managed]
        lock = ["signing.level", "endpoint.main.practice", "tsa", "trust"]
    "#;
    let check = |lock: &str, user: &str, expect: Option<&str>| {
        let home = home(user);
        let file = home.path().join("managed.toml");
        fs::write(&file, lock).unwrap();
        let result = Config::load(home.path(), None, Some(&file));
        match (expect, result) {
            (None, Ok((config, locks))) => return Some((config, locks)),
            (Some(expected), Err(ConfigError::Locked { key, by, .. })) => {
                assert_eq!((key.as_str(), by), (expected, file), "{user}");
            }
            (_, other) => panic!("{user}: {other:?}"),
        }
        None
    };
    let (config, locks) = check(
        managed,
        "[signing]\npolicy = \"mine\"\n[endpoint.main]\npayload = \"commit\"\n",
        None,
    )
    .unwrap();
    assert_eq!(
        (config.signing.level, config.signing.policy.as_str()),
        (Level::BLta, "mine")
    );
    assert_eq!(config.endpoints["main"].payload, PayloadMode::Commit);
    assert!(config.endpoints["main"].practice);
    assert_eq!(locks.len(), 4);
    check(managed, "[signing]\nlevel = \"B-LTA\"\n", Some("signing.level"));
    check(
        managed,
        "[endpoint.main]\npractice = false\n",
        Some("endpoint.main.practice"),
    );
    check(managed, "[[tsa]]\nurl = \"http://a\"\n", Some("tsa"));
    check(managed, "[trust]\nrevocation = \"off\"\n", Some("trust"));
    let all = managed.replace(
        "[\"signing.level\", \"endpoint.main.practice\", \"tsa\", \"trust\"]",
        "[\"*\"]",
    );
    check(&all, "[signing]\npolicy = \"mine\"\n", Some("signing.policy"));
    check(&all, "[endpoint.main]\nkind = \"evm\"\n", Some("endpoint.main.kind"));
    check(&all, "[trust]\nrevocation = \"off\"\n", None);
}

#[test]
fn home_by_the_environment() {
    let os = |text: &'static str| Some(OsStr::new(text));
    let cases = [
        ((os("/own"), os("/data"), os("/home/a")), Some("/own")),
        ((os(""), os("/data"), os("/home/a")), Some("/data/countersign")),
        (
            (None, os("data"), os("/home/a")),
            Some("/home/a/.local/share/countersign"),
        ),
        ((None, None, os("/home/a")), Some("/home/a/.local/share/countersign")),
        ((None, None, None), None),
    ];
    for ((own, data, home), expected) in cases {
        assert_eq!(default_home(own, data, home), expected.map(PathBuf::from));
    }
}
