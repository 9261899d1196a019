//! What a chain does to transactions that were already sent, and what the endpoint says of them.

use std::time::{Duration, Instant};

use countersign_evidence::Payload;
use countersign_remote::{
    TlsConfig,
    evm::{
        EvmConfig, EvmEndpoint, hex0x,
        json_rpc::{Rpc, RpcError},
        tx::{self, Fees, Unsigned},
    },
};
use countersign_signing::ports::{Attempt, Endpoint, EndpointError, Finality, RemoteError, Status};
use serde_json::{Value, json};

use crate::{
    node::{Chain, Node, key, prepare, replace, settled, submission},
    support::{Nobody, Server, answer},
};

const fn commit(evidence: u8) -> Payload {
    Payload::Commit {
        evidence: [evidence; 32],
    }
}

fn assert_included(endpoint: &mut EvmEndpoint<'_>, attempt: &Attempt) -> String {
    match settled(endpoint, attempt) {
        Status::Included { block_hash, .. } => block_hash,
        other => panic!("{other:?}"),
    }
}

fn assert_lost(endpoint: &mut EvmEndpoint<'_>, attempt: &Attempt, consumed: bool) {
    assert_eq!(
        endpoint.status(attempt).unwrap(),
        Status::Unknown {
            nonce_consumed: consumed
        }
    );
}

#[test]
fn the_same_octets_can_be_sent_again_at_any_time() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    chain.node.automine(false);
    let attempt = prepare(&mut endpoint, &commit(1), &[]);
    for _ in 0..2 {
        endpoint.broadcast(&attempt).unwrap();
        assert_eq!(endpoint.status(&attempt).unwrap(), Status::Pending);
    }
    chain.node.mine(1);
    let block = assert_included(&mut endpoint, &attempt);
    endpoint.broadcast(&attempt).unwrap();
    assert_eq!(assert_included(&mut endpoint, &attempt), block);
}

#[test]
fn a_hole_is_filled_and_everything_above_it_is_mined() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    let lost = prepare(&mut endpoint, &commit(1), &[]);
    let above = prepare(&mut endpoint, &commit(2), std::slice::from_ref(&lost));
    assert_eq!((lost.nonce, above.nonce), (Some(0), Some(1)));
    endpoint.broadcast(&above).unwrap();
    let queued = endpoint.status(&above).unwrap();
    assert!(
        matches!(queued, Status::Pending | Status::Unknown { nonce_consumed: false }),
        "{queued:?}"
    );
    let filler = prepare(&mut endpoint, &commit(3), std::slice::from_ref(&above));
    assert_eq!(filler.nonce, Some(0));
    endpoint.broadcast(&filler).unwrap();
    assert_included(&mut endpoint, &filler);
    assert_included(&mut endpoint, &above);
    assert_lost(&mut endpoint, &lost, true);
}

#[test]
fn a_replacement_has_the_same_nonce_and_both_fees_raised() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    chain.node.automine(false);
    let first = prepare(&mut endpoint, &commit(1), &[]);
    endpoint.broadcast(&first).unwrap();
    let second = replace(&mut endpoint, &commit(1), &first);
    assert_eq!(second.nonce, first.nonce);
    assert_ne!(second.id, first.id);
    let fees = |attempt: &Attempt| match tx::read(&attempt.raw).unwrap().fees {
        Fees::Dynamic { max_fee, tip } => (max_fee, tip),
        Fees::Legacy { .. } => panic!(),
    };
    let ((max_fee, tip), (raised_max_fee, raised_tip)) = (fees(&first), fees(&second));
    assert!(raised_max_fee * 8 >= max_fee * 9 && raised_tip * 8 >= tip * 9);
    endpoint.broadcast(&second).unwrap();
    chain.node.mine(1);
    assert_included(&mut endpoint, &second);
    assert_lost(&mut endpoint, &first, true);
    assert!(endpoint.find(&commit(1)).unwrap().is_some());
}

#[test]
fn an_attempt_of_another_account_is_not_replaced() {
    let Some(chain) = Chain::start(&[]) else { return };
    let theirs = prepare(&mut chain.endpoint(2), &commit(1), &[]);
    let wanted = submission(&commit(1));
    let refused = chain.endpoint(1).prepare(&wanted, &[], Some(&theirs), &mut Nobody);
    assert!(matches!(refused, Err(EndpointError::Mismatch { .. })), "{refused:?}");
}

#[test]
fn a_base_fee_that_rises_asks_for_a_replacement() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    chain.node.automine(false);
    let cheap = prepare(&mut endpoint, &commit(1), &[]);
    endpoint.broadcast(&cheap).unwrap();
    chain
        .node
        .call("anvil_setNextBlockBaseFeePerGas", json!(["0x174876e800"])); // 100 gwei
    chain.node.mine(1);
    let stuck = endpoint.status(&cheap).unwrap();
    assert!(
        matches!(stuck, Status::Pending | Status::Unknown { nonce_consumed: false }),
        "{stuck:?}"
    );

    // Handing it over now fails, which is no reason to call a person.
    let again = endpoint.broadcast(&cheap);
    assert!(!matches!(again, Err(EndpointError::Rejected { .. })), "{again:?}");

    let dear = replace(&mut endpoint, &commit(1), &cheap);
    assert_eq!(dear.nonce, cheap.nonce);
    endpoint.broadcast(&dear).unwrap();
    chain.node.mine(1);
    assert_included(&mut endpoint, &dear);
}

#[test]
fn a_dropped_transaction_is_sent_again_as_it_was() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    chain.node.automine(false);
    let attempt = prepare(&mut endpoint, &commit(1), &[]);
    endpoint.broadcast(&attempt).unwrap();
    chain.node.call("anvil_dropTransaction", json!([attempt.id]));
    assert_lost(&mut endpoint, &attempt, false);
    endpoint.broadcast(&attempt).unwrap();
    chain.node.mine(1);
    assert_included(&mut endpoint, &attempt);
}

#[test]
fn a_reorganisation_takes_the_entry_and_the_same_octets_bring_it_back() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = EvmEndpoint::new(chain.config(1, Finality::Confirmations(3))).unwrap();
    let attempt = prepare(&mut endpoint, &commit(1), &[]);
    endpoint.broadcast(&attempt).unwrap();
    chain.node.mine(1);
    let before = assert_included(&mut endpoint, &attempt);
    chain.node.call("anvil_reorg", json!([2, []]));
    assert_lost(&mut endpoint, &attempt, false);
    assert_eq!(endpoint.find(&commit(1)).unwrap(), None);
    endpoint.broadcast(&attempt).unwrap();
    assert_ne!(assert_included(&mut endpoint, &attempt), before);
    assert!(endpoint.find(&commit(1)).unwrap().is_some());
}

#[test]
fn a_reorganisation_with_a_competitor_consumes_the_nonce() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    let attempt = prepare(&mut endpoint, &commit(1), &[]);
    endpoint.broadcast(&attempt).unwrap();
    chain.node.mine(1);
    assert_included(&mut endpoint, &attempt);
    let competitor = transfer_nothing(&chain, 0);
    chain.node.call("anvil_reorg", json!([2, [[hex0x(&competitor), 0]]]));
    assert_lost(&mut endpoint, &attempt, true);
    assert_eq!(endpoint.find(&commit(1)).unwrap(), None);
    assert!(endpoint.broadcast(&attempt).is_err(), "it can never be included");
    let again = prepare(&mut endpoint, &commit(1), &[]);
    assert_eq!(again.nonce, Some(1));
    endpoint.broadcast(&again).unwrap();
    assert_included(&mut endpoint, &again);
}

/// A transaction of account 1 that has nothing to do with us.
fn transfer_nothing(chain: &Chain, nonce: u64) -> Vec<u8> {
    let unsigned = Unsigned {
        chain_id: chain.node.chain_id,
        nonce,
        fees: Fees::Dynamic {
            max_fee: 10_000_000_000,
            tip: 1_000_000_000,
        },
        gas: 21_000,
        to: Some([9; 20]),
        data: vec![],
    };
    unsigned.signed(&key(&chain.node, 1).sign_hash(&unsigned.signing_hash()).unwrap())
}

#[test]
fn a_lost_attempt_whose_entry_exists_counts_as_handed_over() {
    let Some(chain) = Chain::start(&[]) else { return };
    let (mut ours, mut theirs) = (chain.endpoint(1), chain.endpoint(2));
    let attempt = prepare(&mut ours, &commit(1), &[]);
    // Its nonce goes to something else, and another institution makes the entry.
    chain
        .node
        .call("eth_sendRawTransaction", json!([hex0x(&transfer_nothing(&chain, 0))]));
    let other = prepare(&mut theirs, &commit(1), &[]);
    theirs.broadcast(&other).unwrap();
    settled(&mut theirs, &other);
    ours.broadcast(&attempt).unwrap();
    assert_lost(&mut ours, &attempt, true);
    assert_eq!(
        ours.find(&commit(1)).unwrap().map(|found| found.submitter),
        other.account
    );
}

#[test]
fn mining_by_the_clock() {
    let Some(chain) = Chain::start(&["--block-time", "1"]) else {
        return;
    };
    let mut endpoint = EvmEndpoint::new(chain.config(1, Finality::Confirmations(2))).unwrap();
    let attempt = prepare(&mut endpoint, &commit(1), &[]);
    endpoint.broadcast(&attempt).unwrap();
    let start = Instant::now();
    let mut seen_young = false;
    loop {
        match endpoint.status(&attempt).unwrap() {
            Status::Included { is_final: true, .. } => break,
            Status::Included { is_final: false, .. } => seen_young = true,
            Status::Pending => (),
            other => panic!("{other:?}"),
        }
        assert!(start.elapsed().as_secs() < 20);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(seen_young, "final in the second block, not before");
}

#[test]
fn a_node_that_dies_is_unreachable_and_one_that_forgot_is_another_chain() {
    let Some(mut chain) = Chain::start(&[]) else { return };
    let mut endpoint = chain.endpoint(1);
    let attempt = prepare(&mut endpoint, &commit(1), &[]);
    endpoint.broadcast(&attempt).unwrap();
    let port = chain.node.port();
    chain.node.kill();
    let unreachable = |error| matches!(error, Some(EndpointError::Remote(RemoteError::Unreachable { .. })));
    assert!(unreachable(endpoint.status(&attempt).err()));
    assert!(unreachable(endpoint.broadcast(&attempt).err()));
    assert!(unreachable(endpoint.check().err()));
    assert!(unreachable(endpoint.find(&commit(1)).err()));
    // Same port, same chain id, no history: nothing is read as "not there", nothing is sent.
    let genesis_in_the_past = ["--timestamp", "1700000000"];
    let Some(_reborn) = Node::start_as(chain.node.chain_id, port, &genesis_in_the_past) else {
        return;
    };
    assert!(matches!(
        endpoint.status(&attempt),
        Err(EndpointError::Mismatch { what: "genesis", .. })
    ));
    assert!(matches!(endpoint.find(&commit(1)), Err(EndpointError::Mismatch { .. })));
    assert!(matches!(
        endpoint.broadcast(&attempt),
        Err(EndpointError::Mismatch { .. })
    ));
}

/// A node in front of a node: some methods are answered here, with `Null` for a gateway's error page.
fn in_front_of(chain: &Chain, reply: impl Fn(&str) -> Option<Value> + Send + Sync + 'static) -> Server {
    in_front_of_all(chain, move |asked| reply(asked["method"].as_str()?))
}

fn in_front_of_all(chain: &Chain, reply: impl Fn(&Value) -> Option<Value> + Send + Sync + 'static) -> Server {
    let upstream = chain.node.url.clone();
    Server::start(move |request| {
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let mut answered = reply(&asked).unwrap_or_else(|| pass_on(&upstream, &asked));
        if answered == Value::Null {
            return answer("502 Bad Gateway", "text/html", b"<html>bad gateway</html>");
        }
        answered["id"] = asked["id"].clone();
        answer("200 OK", "application/json", answered.to_string().as_bytes())
    })
}

fn pass_on(upstream: &str, asked: &Value) -> Value {
    let method: &'static str = asked["method"].as_str().unwrap().to_owned().leak();
    let rpc = Rpc::new(upstream, Duration::from_secs(10), &TlsConfig::default()).unwrap();
    match rpc.call(method, asked["params"].clone()) {
        Ok(result) => json!({ "result": result }),
        Err(RpcError::Node { code, message, .. }) => json!({"error": {"code": code, "message": message}}),
        Err(error) => panic!("{error}"),
    }
}

fn through(chain: &Chain, server: &Server, finality: Finality) -> EvmEndpoint<'static> {
    let url = server.url.clone();
    EvmEndpoint::new(EvmConfig {
        url,
        ..chain.config(1, finality)
    })
    .unwrap()
}

#[test]
fn a_node_without_the_newer_methods_will_do() {
    let Some(chain) = Chain::start(&[]) else { return };
    let missing = json!({"error": {"code": -32601, "message": "the method does not exist"}});
    let server = in_front_of(&chain, move |method| {
        let absent = [
            "eth_maxPriorityFeePerGas",
            "web3_clientVersion",
            "eth_getLogs",
            "eth_estimateGas",
        ];
        absent.contains(&method).then(|| missing.clone())
    });
    let mut endpoint = through(&chain, &server, Finality::Instant);
    let payload = Payload::Full {
        evidence: [2; 32],
        document_sha256: [3; 32],
        signature_value: vec![4; 512],
        timestamp_token: vec![5; 8000],
        gen_time: 6,
    };
    for payload in [commit(1), payload] {
        let attempt = prepare(&mut endpoint, &payload, &[]);
        endpoint.broadcast(&attempt).unwrap();
        assert_included(&mut endpoint, &attempt);
        assert_eq!(endpoint.find(&payload).unwrap().unwrap().id, None);
    }
}

#[test]
fn a_node_without_the_finalized_tag_never_says_final() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut endpoint = EvmEndpoint::new(chain.config(1, Finality::Finalized)).unwrap();
    let attempt = prepare(&mut endpoint, &commit(1), &[]);
    endpoint.broadcast(&attempt).unwrap();
    let Status::Included { is_final, .. } = settled(&mut endpoint, &attempt) else {
        panic!()
    };
    assert!(!is_final);
}

#[test]
fn an_error_after_acceptance_is_looked_up() {
    let Some(chain) = Chain::start(&[]) else { return };
    let says = "insufficient funds, execution reverted, unknown transaction";
    let errors = [
        json!({"error": {"code": -32000, "message": says}}),
        json!({"error": {"code": 3, "message": says}}),
        json!({"result": hex0x(&[7; 32])}),
        json!({}),
        Value::Null,
    ];
    for (number, error) in (1..).zip(errors) {
        let upstream = chain.node.url.clone();
        let shown = error.clone();
        let server = in_front_of_all(&chain, move |asked| {
            (asked["method"] == "eth_sendRawTransaction").then(|| {
                pass_on(&upstream, asked);
                error.clone()
            })
        });
        let mut endpoint = through(&chain, &server, Finality::Instant);
        let attempt = prepare(&mut endpoint, &commit(number), &[]);
        assert_eq!(endpoint.broadcast(&attempt), Ok(()), "{shown}");
        assert_included(&mut endpoint, &attempt);
    }
}

#[test]
fn an_error_without_acceptance_is_an_error() {
    let Some(chain) = Chain::start(&[]) else { return };
    let says = "already known";
    for error in [
        json!({"error": {"code": -32000, "message": says}}),
        json!({"result": null}),
        Value::Null,
    ] {
        let reply = error.clone();
        let server = in_front_of(&chain, move |method| {
            (method == "eth_sendRawTransaction").then(|| reply.clone())
        });
        let mut endpoint = through(&chain, &server, Finality::Instant);
        let attempt = prepare(&mut endpoint, &commit(1), &[]);
        let outcome = endpoint.broadcast(&attempt);
        assert!(matches!(outcome, Err(EndpointError::Remote(_))), "{error}: {outcome:?}");
        assert_lost(&mut endpoint, &attempt, false);
    }
}

#[test]
fn an_attempt_that_is_mined_between_two_questions_is_not_lost() {
    let Some(chain) = Chain::start(&[]) else { return };
    let attempt = prepare(&mut chain.endpoint(1), &commit(1), &[]);
    let raw = hex0x(&attempt.raw);
    let upstream = chain.node.url.clone();
    // It arrives and is mined while the node says that it does not know it.
    let server = in_front_of_all(&chain, move |asked| {
        (asked["method"] == "eth_getTransactionByHash").then(|| {
            pass_on(&upstream, &json!({"method": "eth_sendRawTransaction", "params": [raw]}));
            pass_on(&upstream, &json!({"method": "anvil_mine", "params": ["0x1"]}));
            json!({"result": null})
        })
    });
    let status = through(&chain, &server, Finality::Instant).status(&attempt).unwrap();
    assert!(matches!(status, Status::Included { .. }), "{status:?}");
}

#[test]
fn answers_that_make_no_sense_decide_nothing() {
    let Some(chain) = Chain::start(&[]) else { return };
    let mut honest = chain.endpoint(1);
    let attempt = prepare(&mut honest, &commit(1), &[]);
    honest.broadcast(&attempt).unwrap();
    assert_included(&mut honest, &attempt);
    let other = hex0x(&[7; 32]);
    let cases = [
        (
            "eth_getTransactionReceipt",
            json!({"result": {"transactionHash": other, "blockHash": other, "blockNumber": "0x1", "status": "0x1"}}),
        ),
        (
            "eth_getTransactionReceipt",
            json!({"result": {"transactionHash": attempt.id, "blockHash": other, "blockNumber": "0x1"}}),
        ),
        ("eth_getTransactionReceipt", json!({"result": "0x1"})),
        (
            "eth_getTransactionReceipt",
            json!({"error": {"code": -32000, "message": "not found"}}),
        ),
        ("eth_getTransactionReceipt", Value::Null),
        ("eth_chainId", json!({"result": 1})),
        ("eth_chainId", json!({"error": {"code": -32000, "message": "syncing"}})),
        ("eth_getBlockByNumber", json!({"result": null})),
        ("eth_getBlockByNumber", json!({"result": {"number": "0x0"}})),
    ];
    for (lies, reply) in cases {
        let shown = format!("{lies} {reply}");
        let server = in_front_of(&chain, move |method| (method == lies).then(|| reply.clone()));
        let outcome = through(&chain, &server, Finality::Instant).status(&attempt);
        let expected = matches!(
            outcome,
            Err(EndpointError::Remote(
                RemoteError::Malformed { .. } | RemoteError::RefusedWith { .. } | RemoteError::Refused { status: 502 }
            ))
        );
        assert!(expected, "{shown}: {outcome:?}");
    }
    // A receipt of a block that is not on the chain is no receipt.
    let receipt =
        json!({"result": {"transactionHash": attempt.id, "blockHash": other, "blockNumber": "0x6", "status": "0x1"}});
    let server = in_front_of(&chain, move |method| {
        (method == "eth_getTransactionReceipt").then(|| receipt.clone())
    });
    assert_eq!(
        through(&chain, &server, Finality::Instant).status(&attempt),
        Ok(Status::Pending)
    );
    // A registry that answers nonsense has no entry and no absence of one.
    let server = in_front_of(&chain, |method| (method == "eth_call").then(|| json!({"result": "0x"})));
    assert!(through(&chain, &server, Finality::Instant).find(&commit(1)).is_err());
}

/// A node that asks for a fortune: the tip is cut, everything else above the caps is refused before anything is signed.
#[test]
fn a_node_that_lies_about_prices_spends_nothing_beyond_the_caps() {
    let Some(chain) = Chain::start(&[]) else { return };
    let caps = countersign_remote::evm::FeeCaps::default();
    let huge = json!({"result": "0xffffffffffffffffffffffff"});
    let block = json!({"result": {"number": "0x1", "hash": hex0x(&[7; 32]), "baseFeePerGas": "0xffffffffffffffff"}});
    for (lies, reply, expected) in [
        ("eth_maxPriorityFeePerGas", huge.clone(), None),
        ("eth_estimateGas", json!({"result": "0x3d08ff"}), None),
        (
            "eth_estimateGas",
            json!({"result": "0xffffffff"}),
            Some("endpoint-malformed"),
        ),
        ("eth_getBlockByNumber", block, Some("chain-mismatch")),
    ] {
        let server = in_front_of(&chain, move |method| (method == lies).then(|| reply.clone()));
        let mut endpoint = through(&chain, &server, Finality::Instant);
        let made = endpoint.prepare(&submission(&commit(9)), &[], None, &mut Nobody);
        match expected {
            None => {
                let sent = tx::read(&made.unwrap().raw).unwrap();
                let Fees::Dynamic { max_fee, tip } = sent.fees else {
                    panic!("{lies}: {:?}", sent.fees)
                };
                assert!(
                    tip <= caps.max_priority_fee && max_fee <= caps.max_fee_per_gas,
                    "{lies}: {sent:?}"
                );
                assert!(
                    max_fee * u128::from(sent.gas) <= caps.max_total && sent.gas <= caps.max_gas,
                    "{lies}"
                );
            }
            Some(code) => assert_eq!(made.err().map(|error| error.code()), Some(code), "{lies}"),
        }
    }
    // Caps below what the chain asks: nothing is signed, and what was compared is said.
    for (caps, what) in [
        (
            countersign_remote::evm::FeeCaps {
                max_fee_per_gas: 1,
                ..caps
            },
            "fee per gas",
        ),
        (countersign_remote::evm::FeeCaps { max_gas: 1000, ..caps }, "gas"),
        (
            countersign_remote::evm::FeeCaps {
                max_total: 1000,
                ..caps
            },
            "total",
        ),
    ] {
        let mut endpoint = EvmEndpoint::new(EvmConfig {
            caps,
            ..chain.config(1, Finality::Instant)
        })
        .unwrap();
        let refused = endpoint.prepare(&submission(&commit(9)), &[], None, &mut Nobody);
        assert!(
            matches!(&refused, Err(EndpointError::FeeLimit { what: found, .. }) if *found == what),
            "{what}: {refused:?}"
        );
    }
}
