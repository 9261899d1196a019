//! A desk with everything around it for one case: a contract, a token that may misbehave, an authority and a chain behind
//! doors, and the list of what is picked in dialogs for files.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use countersign_practice::{
    SoftKey, SoftKeyKind, SoftToken,
    soft_token::{SOFTHSM2_CONF, module_path},
};
use countersign_remote::evm::{hex0x, keccak256};

use super::{
    app::{App, Stage, Start},
    gate::{Gate, State},
    shim::{self, Shim},
};
use crate::{
    contracts,
    desk::{Desk, Workshop},
    repository,
    surroundings::Chain,
};

/// Names the file with what is picked in dialogs for files.
pub const PICK: &str = "COUNTERSIGN_E2E_PICK";
/// Where the development chain's program is.
const ANVIL: &str = "COUNTERSIGN_ANVIL";
/// The contract's file name.
pub const CONTRACT: &str = "contract.pdf";

/// What is around a case.
pub struct Scene {
    /// The desk.
    pub desk: Desk,
    /// In front of the time-stamping authority.
    pub tsa: Gate,
    /// In front of the chain's node, where there is a chain.
    pub node: Option<Gate>,
    /// The token's other module.
    pub shim: Option<Shim>,
    configured: bool,
    confirmations: u32,
    /// The account of the chain's endpoint, where it is not the run's own.
    account: Option<String>,
}

impl Scene {
    /// Everything is there and open; the sample contract, five pages in two languages, lies in the folder to work in.
    ///
    /// # Panics
    /// When a practice service does not come up.
    #[must_use]
    pub fn with_sample() -> Self {
        let scene = Self::new();
        fs::copy(repository::root().join("sample/contract.pdf"), scene.contract()).expect("the sample");
        scene
    }

    /// Everything is there and open; a short contract lies in the folder to work in.
    ///
    /// # Panics
    /// When a practice service does not come up.
    #[must_use]
    pub fn new() -> Self {
        let workshop = Workshop::shared();
        let desk = workshop.desk();
        fs::create_dir_all(desk.dir.join("user")).expect("a folder to write to");
        let _contract = desk.put(CONTRACT, &contracts::classic().bytes);
        // The window has no option for a chain of certificates: as on a real token, the issuer's is beside the signer's.
        let token = SoftToken::open(&desk.dir.join("token"), workshop.token.label(), desk.pin().as_bytes())
            .expect("the desk's token");
        token
            .write_certificate(9, "issuer", workshop.pki.issuing_der())
            .expect("a place for it");
        let scene = Self {
            tsa: Gate::before(workshop.tsa_url(), State::Open),
            node: chain().map(|chain| Gate::before(&chain.url(), State::Open)),
            shim: None,
            configured: true,
            confirmations: 2,
            account: None,
            desk,
        };
        scene.configure();
        scene
    }

    /// A home in which nobody has been: no configuration, no token.
    ///
    /// # Panics
    /// As above.
    #[must_use]
    pub fn empty() -> Self {
        let mut scene = Self::new();
        fs::remove_file(scene.desk.home().join("config.toml")).expect("the configuration");
        scene.configured = false;
        scene
    }

    /// The same with the module that misbehaves.
    ///
    /// # Panics
    /// As above.
    #[must_use]
    pub fn with_shim() -> Option<Self> {
        let mut scene = Self::new();
        let folder = scene.desk.dir.join("shim");
        fs::create_dir_all(&folder).expect("a folder to write to");
        let real = module_path().expect("SoftHSM2");
        scene.shim = Some(Shim::compile(&folder, &real, &scene.desk.pin())?);
        scene.configure();
        Some(scene)
    }

    /// The same with a new key on the token for the account that submits; `None`, said loudly, without a chain.
    ///
    /// # Panics
    /// As above.
    #[must_use]
    pub fn with_token_account() -> Option<Self> {
        let chain = chain()?;
        let mut scene = Self::new();
        let label = Workshop::shared().token.label();
        let token = SoftToken::open(&scene.desk.dir.join("token"), label, scene.desk.pin().as_bytes())
            .expect("the desk's token");
        let key = SoftKey::new(10, "account", SoftKeyKind::Secp256k1);
        token.generate(&key).expect("a key for the account");
        let spki = token.public_key(key.id).expect("its public key");
        // The point without its first octet ends the SubjectPublicKeyInfo; the address ends its hash.
        let point = spki.last_chunk::<64>().expect("a point");
        let address = hex0x(&keccak256(point)[12..]);
        chain.fund(&address);
        scene.account = Some(format!(
            "{{ custody = \"pkcs11\", uri = \"{}\", address = \"{address}\" }}",
            token.uri("account")
        ));
        scene.configure();
        Some(scene)
    }

    /// The chain counts as final after so many blocks.
    #[must_use]
    pub fn confirmations(mut self, count: u32) -> Self {
        self.confirmations = count;
        self.configure();
        self
    }

    fn configure(&self) {
        let desk = &self.desk;
        let module = self
            .shim
            .as_ref()
            .map_or_else(|| module_path().expect("SoftHSM2"), Shim::library);
        let endpoint = match (chain(), &self.node) {
            (Some(chain), Some(node)) => chain
                .section_of(node.url(), self.account.as_deref())
                .replace("confirmations:2", &format!("confirmations:{}", self.confirmations)),
            _ => format!(
                "[endpoint.{}]\nkind = \"journal\"\npayload = \"full\"\npractice = true\n",
                Chain::NAME
            ),
        };
        let text = format!(
            "[signing]\nlevel = \"B-T\"\n\n[trust]\nanchors = [{:?}]\n\n[[tsa]]\nurl = \"{}\"\ntimeout_s = 5\n\n\
             [[pkcs11.module]]\nname = \"token\"\npath = {module:?}\n\n{endpoint}",
            desk.root(),
            self.tsa.url(),
        );
        fs::write(desk.home().join("config.toml"), text).expect("a home to write to");
        fs::write(self.picks(), "").expect("a folder to write to");
    }

    fn picks(&self) -> PathBuf {
        self.desk.dir.join("picks")
    }

    /// The next dialog for files is answered with this one.
    ///
    /// # Panics
    /// When it cannot be written down.
    pub fn pick(&self, file: &Path) {
        fs::write(self.picks(), format!("{}\n", file.display())).expect("a folder to write to");
    }

    /// Where the contract is.
    #[must_use]
    pub fn contract(&self) -> PathBuf {
        self.desk.work().join(CONTRACT)
    }

    /// Nothing that crosses to the page may contain this.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.desk.dir
    }

    /// The person's home.
    #[must_use]
    pub fn user(&self) -> PathBuf {
        self.desk.dir.join("user")
    }

    /// How the application is started here.
    #[must_use]
    pub fn start(&self) -> Start {
        let user = self.user();
        let mut environment = vec![
            ("COUNTERSIGN_HOME".to_owned(), self.desk.home()),
            (PICK.to_owned(), self.picks()),
            ("HOME".to_owned(), user.clone()),
            ("XDG_RUNTIME_DIR".to_owned(), user),
        ];
        if self.configured {
            environment.push((SOFTHSM2_CONF.to_owned(), self.desk.token_conf()));
        }
        if let Some(anvil) = std::env::var_os(ANVIL) {
            environment.push((ANVIL.to_owned(), anvil.into()));
        }
        if let Some(shim) = &self.shim {
            environment.push((shim::HOME.to_owned(), shim.folder().to_owned()));
        }
        Start {
            environment,
            ..Start::default()
        }
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn open<'a>(&self, stage: Stage<'a>) -> App<'a> {
        App::start(stage, &self.start())
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

/// The chain of this run; `None`, said loudly, without anvil.
pub fn chain() -> Option<&'static Chain> {
    static CHAIN: OnceLock<Option<Chain>> = OnceLock::new();
    CHAIN
        .get_or_init(|| Chain::start(&Workshop::shared().folder("window-chain")))
        .as_ref()
}
