//! The registry through the endpoint, on a development node: what it keeps and what it refuses.

use std::time::Duration;

use countersign_evidence::Payload;
use countersign_remote::{
    ConfigError, TlsConfig,
    evm::{
        AccountSigner, EvmConfig, EvmEndpoint, SecretKey, deploy_registry, describe, hex0x,
        tx::{self, Unsigned},
    },
};
use countersign_signing::ports::{Endpoint, EndpointError, EndpointKind, Finality, RemoteError, Status};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    node::{Chain, Node, key, prepare, settled, submission},
    support::Nobody,
};

const TIME: u64 = 1_790_000_000;

fn full(evidence: u8, signature: &[u8], token: &[u8]) -> Payload {
    Payload::Full {
        evidence: [evidence; 32],
        document_sha256: [0xdc; 32],
        signature_value: signature.to_vec(),
        timestamp_token: token.to_vec(),
        gen_time: TIME,
    }
}

fn digests(evidence: u8, signature: &[u8], token: Option<&[u8]>) -> Payload {
    Payload::Digests {
        evidence: [evidence; 32],
        document_sha256: [0xdc; 32],
        signature_sha256: Sha256::digest(signature).into(),
        timestamp_sha256: token.map_or([0; 32], |token| Sha256::digest(token).into()),
        gen_time: TIME,
    }
}

#[test]
fn every_degree_of_disclosure_is_kept_and_found() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    assert_eq!(endpoint.facts().kind, EndpointKind::Evm);
    let cases = [
        Payload::Commit { evidence: [1; 32] },
        digests(2, b"signature", Some(b"token")),
        digests(3, b"signature", None),
        full(4, &[0xaa; 256], &vec![0xbb; 6000]),
        full(5, &[0xaa; 71], &[]),
        full(6, &[], &[0xcc; 33]),
    ];
    for payload in cases {
        assert_eq!(endpoint.find(&payload).unwrap(), None);
        let attempt = prepare(&mut endpoint, &payload, &[]);
        assert!(matches!(
            endpoint.status(&attempt).unwrap(),
            Status::Unknown { nonce_consumed: false }
        ));
        endpoint.broadcast(&attempt).unwrap();
        let Status::Included { is_final, .. } = settled(&mut endpoint, &attempt) else {
            panic!("{:?}", payload.evidence())
        };
        assert!(is_final);
        let found = endpoint.find(&payload).unwrap().unwrap();
        assert_eq!(Some(&found.submitter), attempt.account.as_ref());
        assert_eq!(found.id.as_ref(), Some(&attempt.id));
        let mined = chain.node.call("eth_getTransactionByHash", json!([attempt.id]));
        assert_eq!(mined["from"], json!(attempt.account), "the node recovers our address");
        assert_eq!(mined["type"], "0x2");
    }
    // Full and digests are one entry.
    assert!(
        endpoint
            .find(&digests(4, &[0xaa; 256], Some(&vec![0xbb; 6000])))
            .unwrap()
            .is_some()
    );
    assert!(endpoint.find(&digests(5, &[0xaa; 71], None)).unwrap().is_some());
}

#[test]
fn nobody_can_occupy_an_evidence_with_other_parts_and_a_repeat_changes_nothing() {
    let Some(chain) = Chain::start(&[]) else { return };
    let (mut ours, mut theirs) = (chain.endpoint(1), chain.endpoint(2));
    let (payload, squat) = (digests(7, b"ours", None), digests(7, b"theirs", None));

    let attempt = prepare(&mut theirs, &squat, &[]);
    theirs.broadcast(&attempt).unwrap();
    settled(&mut theirs, &attempt);
    assert_eq!(ours.find(&payload).unwrap(), None);

    let first = prepare(&mut ours, &payload, &[]);
    ours.broadcast(&first).unwrap();
    settled(&mut ours, &first);
    let entry = ours.find(&payload).unwrap().unwrap();

    // The same from another institution is adopted: it is included, and the first submitter stays.
    let repeat = prepare(&mut theirs, &payload, &[]);
    theirs.broadcast(&repeat).unwrap();
    assert!(matches!(settled(&mut theirs, &repeat), Status::Included { .. }));
    let seen = theirs.find(&payload).unwrap().unwrap();
    assert_eq!((&seen, Some(&seen.submitter)), (&entry, first.account.as_ref()));
    assert_ne!(Some(seen.submitter), repeat.account);
    let logs = chain.node.call(
        "eth_getLogs",
        json!([{"fromBlock": "0x0", "address": chain.registry.contract}]),
    );
    assert_eq!(logs.as_array().unwrap().len(), 2, "one event for each fresh entry");
}

#[test]
fn another_chain_or_contract_is_refused_for_reading_and_writing() {
    let Some(chain) = Chain::start(&[]) else { return };
    let payload = Payload::Commit { evidence: [8; 32] };
    let attempt = prepare(&mut chain.endpoint(1), &payload, &[]);
    let base = || chain.config(1, Finality::Instant);
    let other = hex0x(&[0xee; 32]);
    let cases = [
        ("chain id", EvmConfig { chain_id: 1, ..base() }),
        (
            "genesis",
            EvmConfig {
                genesis: other.clone(),
                ..base()
            },
        ),
        (
            "contract code",
            EvmConfig {
                code_hash: other,
                ..base()
            },
        ),
        (
            "contract code",
            EvmConfig {
                contract: hex0x(&[0xee; 20]),
                ..base()
            },
        ),
    ];
    for (expected, config) in cases {
        let mut endpoint = EvmEndpoint::new(config).unwrap();
        let outcomes = [
            endpoint.check().err(),
            endpoint.find(&payload).err(),
            endpoint.prepare(&submission(&payload), &[], None, &mut Nobody).err(),
            endpoint.broadcast(&attempt).err(),
            endpoint.status(&attempt).err(),
        ];
        for outcome in outcomes {
            let Some(EndpointError::Mismatch { what, pinned, seen }) = outcome else {
                panic!("{expected}: {outcome:?}")
            };
            assert_eq!(what, expected);
            assert_ne!(pinned, seen);
        }
    }
    assert_eq!(chain.endpoint(1).find(&payload).unwrap(), None, "nothing was sent");
}

#[test]
fn development_nodes_and_accounts_are_refused_outside_practice() {
    let Some(chain) = Chain::start(&[]) else { return };
    let public = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    let account = || Some(Box::new(SecretKey::from_hex(public).unwrap()) as Box<dyn AccountSigner>);
    let refused = |config: EvmConfig<'_>| match EvmEndpoint::new(config).unwrap().check() {
        Err(EndpointError::PracticeOnly { what }) => what,
        other => panic!("{other:?}"),
    };
    let strict = || EvmConfig {
        practice: false,
        ..chain.config(1, Finality::Instant)
    };
    assert!(refused(strict()).starts_with("anvil/"));
    assert!(
        refused(EvmConfig {
            account: account(),
            ..strict()
        })
        .contains("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")
    );
    let practice = EvmConfig {
        account: account(),
        ..chain.config(1, Finality::Instant)
    };
    assert_eq!(EvmEndpoint::new(practice).unwrap().check(), Ok(()));
}

#[test]
fn finality_by_confirmations_and_by_tag() {
    let Some(chain) = Chain::start(&["--slots-in-an-epoch", "1"]) else {
        return;
    };
    let payload = Payload::Commit { evidence: [9; 32] };
    chain.node.automine(false);
    let mut by_count = EvmEndpoint::new(chain.config(1, Finality::Confirmations(3))).unwrap();
    let mut by_tag = EvmEndpoint::new(chain.config(1, Finality::Finalized)).unwrap();
    let attempt = prepare(&mut by_count, &payload, &[]);
    by_count.broadcast(&attempt).unwrap();
    assert_eq!(by_count.status(&attempt).unwrap(), Status::Pending);
    for (blocks, expected) in [(1, false), (1, false), (1, true), (5, true)] {
        chain.node.mine(blocks);
        for endpoint in [&mut by_count, &mut by_tag] {
            let Status::Included { is_final, .. } = endpoint.status(&attempt).unwrap() else {
                panic!()
            };
            assert_eq!(is_final, expected);
        }
    }
}

#[test]
fn a_chain_without_base_fee_gets_a_legacy_transaction() {
    let Some(chain) = Chain::start(&["--hardfork", "berlin"]) else {
        return;
    };
    let mut endpoint = chain.endpoint(1);
    let payload = full(10, &[1; 64], &[2; 100]);
    let attempt = prepare(&mut endpoint, &payload, &[]);
    endpoint.broadcast(&attempt).unwrap();
    let status = settled(&mut endpoint, &attempt);
    assert!(matches!(status, Status::Included { .. }), "{status:?}");
    let mined = chain.node.call("eth_getTransactionByHash", json!([attempt.id]));
    assert_eq!(
        (mined["type"].as_str(), mined["from"].as_str()),
        (Some("0x0"), attempt.account.as_deref())
    );
    assert!(endpoint.find(&payload).unwrap().is_some());
}

#[test]
fn an_account_without_funds_needs_a_person() {
    let Some(chain) = Chain::start(&[]) else { return };
    let poor = SecretKey::from_hex(&"77".repeat(32)).unwrap();
    let config = EvmConfig {
        account: Some(Box::new(poor)),
        ..chain.config(1, Finality::Instant)
    };
    let mut endpoint = EvmEndpoint::new(config).unwrap();
    let payload = Payload::Commit { evidence: [11; 32] };
    let refused = endpoint.prepare(&submission(&payload), &[], None, &mut Nobody);
    assert!(matches!(refused, Err(EndpointError::Rejected { .. })), "{refused:?}");

    // Signed while there were funds, sent when they are gone.
    let mut endpoint = chain.endpoint(1);
    let attempt = prepare(&mut endpoint, &payload, &[]);
    chain.node.call("anvil_setBalance", json!([attempt.account, "0x1"]));
    let refused = endpoint.broadcast(&attempt);
    assert!(matches!(refused, Err(EndpointError::Rejected { .. })), "{refused:?}");
}

#[test]
fn without_an_account_one_can_look_but_not_submit() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = EvmEndpoint::new(EvmConfig {
        account: None,
        ..chain.config(1, Finality::Instant)
    })
    .unwrap();
    let payload = Payload::Commit { evidence: [12; 32] };
    assert_eq!(endpoint.find(&payload), Ok(None));
    let refused = endpoint.prepare(&submission(&payload), &[], None, &mut Nobody);
    assert!(matches!(refused, Err(EndpointError::AccountUnusable { .. })));
}

#[test]
fn a_transaction_that_fails_is_reverted() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    let payload = Payload::Commit { evidence: [13; 32] };
    let good = prepare(&mut endpoint, &payload, &[]);
    let sent = tx::read(&good.raw).unwrap();
    let starved = Unsigned {
        chain_id: chain.node.chain_id,
        nonce: sent.nonce,
        fees: sent.fees,
        gas: 25_000,
        to: Some(hex::decode(&chain.registry.contract[2..]).unwrap().try_into().unwrap()),
        data: sent.data,
    };
    let raw = starved.signed(&key(&chain.node, 1).sign_hash(&starved.signing_hash()).unwrap());
    let attempt = countersign_signing::ports::Attempt {
        id: hex0x(&tx::hash(&raw)),
        raw,
        ..good
    };
    endpoint.broadcast(&attempt).unwrap();
    assert!(matches!(settled(&mut endpoint, &attempt), Status::Reverted { .. }));
    assert_eq!(endpoint.find(&payload).unwrap(), None);
    // The next attempt takes the next nonce.
    let again = prepare(&mut endpoint, &payload, &[]);
    assert_eq!(again.nonce, Some(sent.nonce + 1));
}

#[test]
fn an_attempt_that_was_changed_on_disk_is_not_sent() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    let mut attempt = prepare(&mut endpoint, &Payload::Commit { evidence: [14; 32] }, &[]);
    *attempt.raw.last_mut().unwrap() ^= 1;
    assert!(matches!(
        endpoint.broadcast(&attempt),
        Err(EndpointError::Mismatch {
            what: "transaction hash",
            ..
        })
    ));
}

#[test]
fn deployment_is_compared_with_the_chain_that_was_meant() {
    let Some(node) = Node::start(&[]) else { return };
    let facts = describe(&node.url).unwrap();
    assert_eq!(facts.chain_id, node.chain_id);
    assert!(facts.client.starts_with("anvil/") && facts.genesis.len() == 66);
    let refused = deploy_registry(&node.url, 1, &key(&node, 1));
    assert!(matches!(refused, Err(EndpointError::Mismatch { what: "chain id", .. })));
    let first = deploy_registry(&node.url, node.chain_id, &key(&node, 1)).unwrap();
    let second = deploy_registry(&node.url, node.chain_id, &key(&node, 1)).unwrap();
    assert_ne!(first.contract, second.contract);
    assert_eq!(first.code_hash, second.code_hash);
}

#[test]
fn a_configuration_is_judged_before_anything_is_sent() {
    let config = |url: &str, genesis: &str| EvmConfig {
        name: "x".into(),
        url: url.into(),
        tls: TlsConfig::default(),
        chain_id: 1,
        genesis: genesis.into(),
        contract: hex0x(&[1; 20]),
        code_hash: hex0x(&[1; 32]),
        finality: Finality::Instant,
        practice: false,
        caps: countersign_remote::evm::FeeCaps::default(),
        timeout: Duration::from_secs(1),
        account: None,
    };
    let good = hex0x(&[1; 32]);
    assert!(EvmEndpoint::new(config("https://node.example", &good)).is_ok());
    let plaintext = EvmEndpoint::new(config("http://node.example", &good)).err();
    assert_eq!(
        plaintext,
        Some(ConfigError::Plaintext {
            host: "node.example".into()
        })
    );
    let short = EvmEndpoint::new(config("https://node.example", "0x00")).err();
    assert_eq!(
        short,
        Some(ConfigError::Hex {
            what: "genesis",
            octets: 32
        })
    );
    let nowhere = describe("http://127.0.0.1:9");
    assert!(matches!(
        nowhere,
        Err(EndpointError::Remote(RemoteError::Unreachable { .. }))
    ));
    assert!(matches!(
        describe("http://node.example"),
        Err(EndpointError::Rejected { .. })
    ));
}
