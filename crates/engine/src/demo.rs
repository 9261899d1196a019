//! The practice home: token, authority, chain or journal, and a configuration that names them. The demo and the practice
//! tour run on it with the same commands as real work.
//!
//! Not its business: the story that the demo tells (shells). Everything here says PRACTICE / 演练: no evidential value.

use std::path::{Path, PathBuf};

use countersign_practice::{DevChain, Lab};
use countersign_remote::evm::{SecretKey, deploy_registry, describe};
use countersign_signing::Stage;
use jiff::Timestamp;

use crate::{
    Engine,
    fault::Fault,
    practice::{self, CHAIN_URL, TSA_URL, chain_options},
};

/// Where the demo's evidence goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoChain {
    /// A development node on this machine.
    Evm,
    /// The local journal. Not a chain.
    Journal,
}

/// A practice home that is ready.
#[derive(Debug, Clone)]
pub struct PracticeHome {
    /// The home folder.
    pub home: PathBuf,
    /// Credential of party A.
    pub credential: String,
    /// Credential of party B.
    pub second_credential: String,
    /// The practice PIN's file.
    pub pin_file: PathBuf,
    /// The practice root, PEM.
    pub trust: PathBuf,
    /// What was set up; `Journal` also when a chain was asked for and anvil is not here.
    pub chain: DemoChain,
    /// Contract address of the registry, or empty.
    pub contract: String,
}

/// The sample contract, Chinese and English, several pages.
pub const SAMPLE: &[u8] = include_bytes!("../../../sample/contract.pdf");

/// Wei for the throwaway account: far more than a day of practice spends.
const FUNDS: u128 = 1_000_000_000_000_000_000;

/// Makes the practice home, or opens it. The chain keeps running inside the returned engine.
///
/// # Errors
/// When SoftHSM2 is missing, or the folder cannot be used.
pub fn practice_home(home: &Path, wanted: Option<DemoChain>) -> Result<(Engine, PracticeHome), Fault> {
    let failed = |error: &dyn std::fmt::Display| Fault::new(Stage::Open, "practice-unavailable").because(error);
    let home = std::path::absolute(home).map_err(|error| failed(&error))?;
    std::fs::create_dir_all(&home).map_err(|error| failed(&error))?;
    let lab = Lab::open_or_create(&home, Timestamp::now()).map_err(|error| failed(&error))?;
    let running = match wanted {
        Some(DemoChain::Journal) => None,
        _ => lab.start_chain(&chain_options()).map_err(|error| failed(&error))?,
    };
    let endpoint = match &running {
        Some(chain) => evm_section(&lab, chain)?,
        None => (
            "[endpoint.journal]\nkind = \"journal\"\npayload = \"full\"\npractice = true\n".to_owned(),
            String::new(),
        ),
    };
    let config = home.join("config.toml");
    let text = config_text(&lab, &endpoint.0);
    countersign_store::atomic::write(&config, text.as_bytes(), 0o600).map_err(|error| failed(&error))?;
    let engine = Engine::open(&home, None)?;
    let chain = if running.is_some() {
        DemoChain::Evm
    } else {
        DemoChain::Journal
    };
    if let Some(running) = running {
        practice::running(&engine.practice).keep_chain(running);
    }
    let second = lab
        .signatories
        .get(1)
        .map(|signatory| signatory.uri.clone())
        .unwrap_or_default();
    let practice = PracticeHome {
        home,
        credential: lab.credential_uri().to_owned(),
        second_credential: second,
        pin_file: lab.pin_file(),
        trust: lab.trust_file(),
        chain,
        contract: endpoint.1,
    };
    Ok((engine, practice))
}

/// The variable that SoftHSM2 must find in the environment for the practice token of this home.
///
/// # Errors
/// When the practice token cannot be made.
pub fn prepare_token(home: &Path) -> Result<(&'static str, PathBuf), Fault> {
    let failed = |error: &dyn std::fmt::Display| Fault::new(Stage::Open, "practice-unavailable").because(error);
    std::fs::create_dir_all(home).map_err(|error| failed(&error))?;
    let lab = Lab::open_or_create(home, Timestamp::now()).map_err(|error| failed(&error))?;
    Ok(lab.token.environment())
}

fn evm_section(lab: &Lab, chain: &DevChain) -> Result<(String, String), Fault> {
    let failed = |error: &dyn std::fmt::Display| Fault::new(Stage::Submit, "practice-unavailable").because(error);
    let url = chain.url();
    let key_file = lab.account_key_file().map_err(|error| failed(&error))?;
    let key = SecretKey::from_file(&key_file).map_err(|error| failed(&error))?;
    let address = format!("0x{}", hex::encode(key.address()));
    chain.fund(&address, FUNDS).map_err(|error| failed(&error))?;
    let node = describe(&url).map_err(|error| failed(&error))?;
    let noted = lab.dir.join("registry.txt");
    let (contract, code_hash) = match known_registry(&noted, &node.genesis, chain) {
        Some(known) => known,
        None => {
            let deployed = deploy_registry(&url, node.chain_id, &key).map_err(|error| failed(&error))?;
            let note = format!("{} {} {}\n", node.genesis, deployed.contract, deployed.code_hash);
            countersign_store::atomic::write(&noted, note.as_bytes(), 0o600).map_err(|error| failed(&error))?;
            (deployed.contract, deployed.code_hash)
        }
    };
    let section = format!(
        "[endpoint.practice-chain]\nkind = \"evm\"\npayload = \"full\"\nfinality = \"confirmations:2\"\npractice = true\n\
         url = \"{CHAIN_URL}\"\nchain_id = {}\ngenesis = \"{}\"\ncontract = \"{contract}\"\ncode_hash = \"{code_hash}\"\n\
         profile = \"registry\"\naccount = {{ custody = \"file\", path = {:?} }}\n",
        node.chain_id,
        node.genesis,
        key_file.display().to_string(),
    );
    Ok((section, contract))
}

/// The registry that an earlier run deployed, if this is still the same chain and the code is still there.
fn known_registry(noted: &Path, genesis: &str, chain: &DevChain) -> Option<(String, String)> {
    let text = std::fs::read_to_string(noted).ok()?;
    let mut words = text.split_whitespace();
    let (seen, contract, code_hash) = (words.next()?, words.next()?, words.next()?);
    let code = chain
        .rpc("eth_getCode", &serde_json::json!([contract, "latest"]))
        .ok()?;
    (seen == genesis && code.as_str().is_some_and(|code| code.len() > 2))
        .then(|| (contract.to_owned(), code_hash.to_owned()))
}

fn config_text(lab: &Lab, endpoint: &str) -> String {
    let quoted = |path: &Path| format!("{:?}", path.display().to_string());
    format!(
        "# 演练 PRACTICE: made by `countersign demo`; no evidential value / 无证据效力\n\n\
         [signing]\nlevel = \"B-T\"\n\n\
         [[pkcs11.module]]\nname = \"practice\"\npath = {module}\n\n\
         [[tsa]]\n# started inside the program when it is needed\nurl = \"{TSA_URL}\"\nauth = \"none\"\n\n\
         [trust]\nanchors = [{root}]\nrevocation = \"off\"\n\n{endpoint}",
        module = quoted(lab.token.module()),
        root = quoted(&lab.trust_file()),
    )
}
