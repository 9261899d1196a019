//! Changes to the user's file: what is kept, what is refused, and that nothing is lost either way.

use std::fs;

use countersign_evidence::PayloadMode;
use countersign_signing::{Level, ports::Finality};

use super::{Config, ConfigChange, ConfigError, EvmChange, FinalityRule, change};

const FILE: &str = "# mine\n[signing]\nlevel = \"B-T\" # as agreed\n\n[[tsa]]\n# the first\nurl = \"https://one.example/\"\n\n\
                    [[tsa]]\n# the second\nurl = \"https://two.example/\"\n\n[trust]\nanchors = [\n  \"a.pem\", # from the bank\n]\n";

struct Home(tempfile::TempDir);

impl Home {
    fn new(text: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("config.toml"), text).unwrap();
        fs::write(home.path().join("managed.toml"), "").unwrap();
        Self(home)
    }

    fn managed(self, text: &str) -> Self {
        fs::write(self.0.path().join("managed.toml"), text).unwrap();
        self
    }

    fn change(&self, what: &ConfigChange) -> Result<Config, ConfigError> {
        let managed = self.0.path().join("managed.toml");
        change(self.0.path(), Some(&managed), what)?;
        Ok(Config::load(self.0.path(), None, Some(&managed))?.0)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.0.path().join("config.toml")).unwrap()
    }
}

fn evm(name: &str) -> ConfigChange {
    ConfigChange::AddEvm(Box::new(EvmChange {
        name: name.to_owned(),
        url: "https://node.example/".to_owned(),
        chain_id: 7,
        genesis: format!("0x{}", "1".repeat(64)),
        contract: format!("0x{}", "2".repeat(40)),
        code_hash: format!("0x{}", "3".repeat(64)),
        account: String::new(),
        finality: FinalityRule(Finality::Confirmations(2)),
        payload: PayloadMode::Digests,
    }))
}

#[test]
fn one_thing_changes_and_comments_stay() {
    let home = Home::new(FILE);
    assert_eq!(
        home.change(&ConfigChange::Level(Level::BB)).unwrap().signing.level,
        Level::BB
    );
    assert!(home.text().contains("level = \"B-B\" # as agreed"), "{}", home.text());
    assert!(
        !home
            .change(&ConfigChange::RenderAllPages(false))
            .unwrap()
            .signing
            .render_all_pages_before_signing
    );
    let config = home.change(&ConfigChange::PreferTsa(1)).unwrap();
    assert_eq!(config.tsa[0].url, "https://two.example/");
    let url = "http://three.example/".to_owned();
    assert_eq!(home.change(&ConfigChange::AddTsa { url }).unwrap().tsa.len(), 3);
    let config = home.change(&ConfigChange::RemoveTsa(1)).unwrap();
    let urls: Vec<_> = config.tsa.iter().map(|tsa| tsa.url.as_str()).collect();
    assert_eq!(urls, ["https://two.example/", "http://three.example/"]);
    let add = ConfigChange::AddAnchor {
        path: "/etc/b.pem".into(),
        authorities: false,
    };
    assert_eq!(home.change(&add).unwrap().trust.anchors.len(), 2);
    let remove = ConfigChange::RemoveAnchor {
        index: 1,
        authorities: false,
    };
    assert_eq!(home.change(&remove).unwrap().trust.anchors.len(), 1);
    let module = ConfigChange::AddModule {
        name: "m".to_owned(),
        path: "/usr/lib/m.so".into(),
    };
    assert_eq!(home.change(&module).unwrap().modules.len(), 1);
    assert_eq!(home.change(&ConfigChange::RemoveModule(0)).unwrap().modules.len(), 0);
    let config = home.change(&evm("chain")).unwrap();
    assert_eq!(config.endpoints["chain"].payload, PayloadMode::Digests);
    let config = home
        .change(&ConfigChange::AddJournal {
            name: "local".to_owned(),
        })
        .unwrap();
    assert_eq!(config.endpoints.len(), 2);
    let config = home
        .change(&ConfigChange::RemoveEndpoint {
            name: "chain".to_owned(),
        })
        .unwrap();
    assert_eq!(config.endpoints.len(), 1);
    for kept in ["# mine", "# as agreed", "# the second", "# from the bank"] {
        assert!(home.text().contains(kept), "{kept}: {}", home.text());
    }
    assert_eq!(
        fs::read_dir(home.0.path()).unwrap().count(),
        2,
        "nothing is left beside"
    );
}

#[test]
fn what_cannot_be_leaves_the_file_as_it_was() {
    let home = Home::new(FILE);
    let name = || "local".to_owned();
    home.change(&ConfigChange::AddJournal { name: name() }).unwrap();
    let before = home.text();
    let refused = [
        ConfigChange::AddTsa {
            url: "ftp://x".to_owned(),
        },
        ConfigChange::RemoveTsa(9),
        ConfigChange::PreferTsa(9),
        ConfigChange::RemoveModule(0),
        ConfigChange::RemoveAnchor {
            index: 1,
            authorities: true,
        },
        ConfigChange::AddJournal { name: name() },
        ConfigChange::AddJournal {
            name: "no spaces".to_owned(),
        },
        ConfigChange::RemoveEndpoint {
            name: "none".to_owned(),
        },
        evm("local"),
    ];
    for change in refused {
        assert!(home.change(&change).is_err(), "{change:?}");
        assert_eq!(home.text(), before, "{change:?}");
    }
}

#[test]
fn an_administrators_word_stands() {
    let managed = "tsa = [{ url = \"https://ours.example/\" }]\n[signing]\nlevel = \"B-T\"\n[managed]\nlock = [\"signing.level\"]\n";
    let home = Home::new("").managed(managed);
    let locked = |change: &ConfigChange| matches!(home.change(change), Err(ConfigError::Locked { .. }));
    assert!(locked(&ConfigChange::Level(Level::BB)));
    // A list of the user's own would take the place of the administrator's.
    assert!(locked(&ConfigChange::AddTsa {
        url: "https://mine.example/".to_owned()
    }));
    assert!(!locked(&ConfigChange::RenderAllPages(false)));
    assert_eq!(home.text().trim(), "[signing]\nrender_all_pages_before_signing = false");
}
