//! A development node for one test: own process, own port, own chain id, registry deployed.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use countersign_evidence::Payload;
use countersign_remote::{
    TlsConfig,
    evm::{Deployment, EvmConfig, EvmEndpoint, NodeFacts, SecretKey, deploy_registry, describe, hex0x, json_rpc::Rpc},
};
use countersign_signing::ports::{Attempt, Endpoint, Finality, Status, Submission};
use serde_json::{Value, json};

use crate::support::{Nobody, skip};

pub(crate) struct Node {
    child: Child,
    pub(crate) url: String,
    pub(crate) chain_id: u64,
    pub(crate) rpc: Rpc,
}

impl Node {
    /// `None`, said loudly, when there is no anvil.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let chain_id =
            3_000_000 + u64::from(std::process::id() % 100_000) * 100 + COUNT.fetch_add(1, Ordering::Relaxed);
        Self::start_as(chain_id, 0, arguments)
    }

    pub(crate) fn start_as(chain_id: u64, port: u16, arguments: &[&str]) -> Option<Self> {
        let Some(anvil) = find_anvil() else {
            skip("no anvil (npm ci, or COUNTERSIGN_ANVIL=PATH): nothing was tried on a chain");
            return None;
        };
        let mut child = Command::new(anvil)
            .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--accounts", "1"])
            .args(["--chain-id", &chain_id.to_string()])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| Some(line.unwrap().strip_prefix("Listening on ")?.to_owned()));
        std::thread::spawn(move || lines.count());
        let Some(address) = address else {
            panic!("anvil ended: {:?}", child.wait())
        };
        let url = format!("http://{address}");
        let rpc = Rpc::new(&url, Duration::from_secs(10), &TlsConfig::default()).unwrap();
        let node = Self {
            child,
            url,
            chain_id,
            rpc,
        };
        assert_eq!(
            node.rpc.quantity64("eth_chainId", json!([])),
            Ok(chain_id),
            "our own child answers"
        );
        Some(node)
    }

    pub(crate) fn call(&self, method: &'static str, params: Value) -> Value {
        self.rpc.call(method, params).unwrap()
    }

    pub(crate) fn mine(&self, blocks: u64) {
        self.call("anvil_mine", json!([format!("{blocks:#x}")]));
    }

    pub(crate) fn automine(&self, on: bool) {
        self.call("evm_setAutomine", json!([on]));
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A node with the registry, and some blocks after it so that a short reorganisation leaves it alone.
pub(crate) struct Chain {
    pub(crate) node: Node,
    pub(crate) facts: NodeFacts,
    pub(crate) registry: Deployment,
}

impl Chain {
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        let node = Node::start(arguments)?;
        let key = key(&node, 0xd0);
        let registry = deploy_registry(&node.url, node.chain_id, &key).unwrap();
        node.mine(5);
        let facts = describe(&node.url).unwrap();
        Some(Self { node, facts, registry })
    }

    /// A configuration that fits; accounts are numbered and funded.
    pub(crate) fn config(&self, account: u8, finality: Finality) -> EvmConfig<'static> {
        EvmConfig {
            name: "practice".into(),
            url: self.node.url.clone(),
            tls: TlsConfig::default(),
            chain_id: self.facts.chain_id,
            genesis: self.facts.genesis.clone(),
            contract: self.registry.contract.clone(),
            code_hash: self.registry.code_hash.clone(),
            finality,
            practice: true,
            caps: countersign_remote::evm::FeeCaps::default(),
            timeout: Duration::from_secs(10),
            account: Some(Box::new(key(&self.node, account))),
        }
    }

    pub(crate) fn endpoint(&self, account: u8) -> EvmEndpoint<'static> {
        EvmEndpoint::new(self.config(account, Finality::Instant)).unwrap()
    }
}

/// A key that nobody publishes, with 10 ether on the node.
pub(crate) fn key(node: &Node, number: u8) -> SecretKey {
    let key = SecretKey::from_hex(&hex0x(&[number; 32])).unwrap();
    node.call("anvil_setBalance", json!([hex0x(&key.address()), "0x8ac7230489e80000"]));
    key
}

pub(crate) fn prepare(endpoint: &mut EvmEndpoint<'_>, payload: &Payload, live: &[Attempt]) -> Attempt {
    endpoint.prepare(&submission(payload), live, None, &mut Nobody).unwrap()
}

pub(crate) fn replace(endpoint: &mut EvmEndpoint<'_>, payload: &Payload, earlier: &Attempt) -> Attempt {
    endpoint
        .prepare(&submission(payload), &[], Some(earlier), &mut Nobody)
        .unwrap()
}

/// Its status once the node, which mines beside answering, has come to it.
pub(crate) fn settled(endpoint: &mut EvmEndpoint<'_>, attempt: &Attempt) -> Status {
    let start = Instant::now();
    loop {
        match endpoint.status(attempt).unwrap() {
            Status::Pending if start.elapsed() < Duration::from_secs(20) => {
                std::thread::sleep(Duration::from_millis(5));
            }
            settled => return settled,
        }
    }
}

pub(crate) fn submission(payload: &Payload) -> Submission {
    Submission {
        record_id: "record".into(),
        payload: payload.clone(),
    }
}

fn find_anvil() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("COUNTERSIGN_ANVIL") {
        return Some(path.into());
    }
    let modules = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules/@foundry-rs"));
    let (system, machine) = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", "aarch64") => ("darwin", "arm64"),
        ("macos", _) => ("darwin", "amd64"),
        (_, "aarch64") => ("linux", "arm64"),
        _ => ("linux", "amd64"),
    };
    let path = modules.join(format!("anvil-{system}-{machine}/bin/anvil"));
    path.is_file().then_some(path)
}
