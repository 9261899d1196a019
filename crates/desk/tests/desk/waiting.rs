//! What waits, and is gone on with: stamps and chains that are away, desks that are closed in between.

use std::{fs, sync::atomic::Ordering, time::Duration};

use countersign_desk::{
    Desk,
    view::{BottomLine, ChainFact, ContractState, SettingsChange, StageName, StageState},
};
use countersign_engine::{
    Engine, Event, Fault, Interaction, ReviewShown,
    demo::{self, DemoChain},
    ports::{Pin, PinAsk, PinRefusal, Prompt},
};

use crate::kit::{Bench, Typed, card, choices, reviewed, see_all};

/// What goes on with the outbox where no person is.
struct Nobody;

impl Prompt for Nobody {
    fn pin(&mut self, _: &PinAsk) -> Result<Pin, PinRefusal> {
        Err(PinRefusal::Unavailable)
    }

    fn enter_on_device(&mut self, _: &PinAsk) -> Result<(), PinRefusal> {
        Err(PinRefusal::Unavailable)
    }
}

impl Interaction for Nobody {
    fn tell(&mut self, _: &Event) {}

    fn approve(&mut self, _: &dyn Fn() -> ReviewShown) -> bool {
        false
    }

    fn try_again(&mut self, _: &Fault) -> bool {
        false
    }

    fn preview(&mut self, _: &str, _: &serde_json::Value) -> bool {
        true
    }

    fn cancelled(&mut self) -> bool {
        false
    }
}

const TSA: &str = "http://practice.invalid/tsa";
/// Nobody listens there.
const CLOSED: &str = "http://127.0.0.1:9/tsa";

pub(crate) fn stamp_late(bench: &Bench) {
    bench.edit_config(TSA, CLOSED);
    let desk = bench.open();
    let id = reviewed(&desk, &bench.contract("a.pdf"));
    desk.sign_start(&choices(&desk, &id)).unwrap();
    let waits = bench.until_state(&desk, &id, ContractState::WaitingForStamp);
    assert_eq!(waits.fault.unwrap().code, "tsa-unreachable");
    let receipt = desk.receipt_view(&id).unwrap();
    assert_eq!(
        (receipt.level.as_deref(), receipt.level_wanted.as_deref()),
        (Some("B-B"), Some("B-T"))
    );
    let stamped = receipt
        .stages
        .iter()
        .find(|stage| stage.stage == StageName::Stamped)
        .unwrap();
    assert_eq!(stamped.state, StageState::Waiting);
    assert_eq!(stamped.fault.as_ref().unwrap().code, "tsa-unreachable");
    bench.until("the next try is told", || {
        let receipt = desk.receipt_view(&id).unwrap();
        receipt.stages.iter().any(|stage| stage.next_try.is_some())
    });
    desk.close();
    drop(desk);

    // Mended: the courier brings the stamp without a PIN, and still holds what is to be submitted.
    bench.edit_config(CLOSED, TSA);
    let desk = bench.open();
    let ready = bench.until_state(&desk, &id, ContractState::ReadyToSubmit);
    assert!(ready.fault.is_none());
    assert_eq!(bench.person.asked.lock().unwrap().len(), 1, "no second PIN");
    bench.until("the person hears of it", || {
        bench
            .person
            .notes
            .lock()
            .unwrap()
            .iter()
            .any(|note| note.starts_with("stamp-arrived"))
    });
    let receipt = desk.receipt_view(&id).unwrap();
    assert!(receipt.level.as_deref() == Some("B-T") && receipt.may_submit);
    desk.receipt_submit(&id).unwrap();
    bench.until_state(&desk, &id, ContractState::Done);
    let verified = desk.receipt_verify(&id).unwrap();
    assert_eq!(
        (verified.overall, verified.chain),
        (BottomLine::TotalPassed, ChainFact::Matches)
    );
    desk.close();
}

/// The journal is there always; an endpoint that is not configured any more is away like any other.
pub(crate) fn chain_late(bench: &Bench) {
    let desk = bench.open();
    let id = reviewed(&desk, &bench.contract("a.pdf"));
    desk.sign_start(&choices(&desk, &id)).unwrap();
    bench.until_state(&desk, &id, ContractState::ReadyToSubmit);
    desk.close();
    drop(desk);

    bench.edit_config("[endpoint.journal]", "[endpoint.other]");
    let desk = bench.open();
    assert_eq!(card(&desk, &id).state, ContractState::ReadyToSubmit);
    desk.receipt_submit(&id).unwrap();
    bench.until("the fault is shown", || {
        card(&desk, &id)
            .fault
            .is_some_and(|fault| fault.code == "endpoint-unknown")
    });
    assert_eq!(card(&desk, &id).state, ContractState::WaitingForChain);
    assert!(desk.receipt_view(&id).unwrap().may_retry);
    desk.close();
    drop(desk);

    bench.edit_config("[endpoint.other]", "[endpoint.journal]");
    let desk = bench.open();
    let done = bench.until_state(&desk, &id, ContractState::Done);
    assert!(done.fault.is_none());
    desk.close();
}

/// Closed at every stage, and opened again.
pub(crate) fn reopened(bench: &Bench) {
    let desk = bench.open();
    let path = bench.contract("a.pdf");
    let id = desk.desk_add(std::slice::from_ref(&path)).unwrap().pop().unwrap();
    desk.close();
    drop(desk);
    let desk = bench.open();
    assert_eq!(card(&desk, &id).state, ContractState::ToReview);
    let sheet = desk.review_open(&id).unwrap();
    desk.review_seen(&id, 1, false).unwrap();
    desk.close();
    drop(desk);

    let desk = bench.open();
    assert_eq!(desk.review_open(&id).unwrap().seen, [1]);
    (2..=sheet.pages).for_each(|page| desk.review_seen(&id, page, false).unwrap());
    // Closed while the person thinks about the PIN.
    let chosen = choices(&desk, &id);
    bench.script(&[Typed::Dawdle]);
    desk.sign_start(&chosen).unwrap();
    bench.until("the PIN is asked for", || {
        !bench.person.asked.lock().unwrap().is_empty()
    });
    std::thread::scope(|scope| {
        scope.spawn(|| desk.close());
        *bench.person.go.lock().unwrap() = true;
        bench.person.gone.notify_all();
    });
    drop(desk);
    let desk = bench.open();
    assert_eq!(card(&desk, &id).state, ContractState::WaitingForToken);
    desk.sign_start(&chosen).unwrap();
    bench.until_state(&desk, &id, ContractState::ReadyToSubmit);
    desk.close();
    drop(desk);

    // Held for everybody: the command line's courier leaves it alone as well.
    let mut engine = Engine::open(&bench.home, None).unwrap();
    let (outbox, _) = engine.outbox_run(Duration::ZERO, &mut Nobody).unwrap();
    assert_eq!(outbox["rows"][0]["held"], true, "{outbox}");
    assert_eq!(outbox["rows"][0]["state"], "queued", "{outbox}");
    drop(engine);

    let desk = bench.open();
    assert_eq!(card(&desk, &id).state, ContractState::ReadyToSubmit);
    assert!(desk.receipt_view(&id).unwrap().may_submit);
    desk.receipt_submit(&id).unwrap();
    desk.close();
    drop(desk);

    let desk = bench.open();
    bench.until_state(&desk, &id, ContractState::Done);
    desk.desk_remove(&id).unwrap();
    assert!(path.with_file_name("a-signed.pdf").is_file(), "the finished file stays");
    desk.close();
}

pub(crate) fn at_once(bench: &Bench) {
    let desk = bench.open();
    let id = reviewed(&desk, &bench.contract("a.pdf"));
    let mut chosen = choices(&desk, &id);
    chosen.submit_at_once = true;
    desk.sign_start(&chosen).unwrap();
    bench.until_state(&desk, &id, ContractState::Done);
    desk.close();
}

/// A real development chain, in the practice desk below an ordinary home.
pub(crate) fn evm(bench: &Bench) {
    let made = demo::practice_home(&bench.home, Some(DemoChain::Evm)).unwrap();
    if made.1.chain != DemoChain::Evm {
        println!("SKIPPED: the desk on a chain: anvil is missing");
        return;
    }
    drop(made);
    let desk = bench.open();
    let id = reviewed(&desk, &bench.contract("a.pdf"));
    let chosen = choices(&desk, &id);
    assert_eq!(chosen.endpoint.as_deref(), Some("practice-chain"));
    desk.sign_start(&chosen).unwrap();
    bench.until_state(&desk, &id, ContractState::ReadyToSubmit);
    desk.close();
    drop(desk);

    // Away: a port where nobody listens.
    let config = fs::read_to_string(bench.home.join("config.toml")).unwrap();
    bench.edit_config("http://practice.invalid/chain", "http://127.0.0.1:9/chain");
    let desk = bench.open();
    desk.receipt_submit(&id).unwrap();
    bench.until("the fault is shown", || {
        let card = card(&desk, &id);
        card.state == ContractState::WaitingForChain
            && card.fault.is_some_and(|fault| fault.code == "endpoint-unreachable")
    });
    desk.close();
    drop(desk);

    fs::write(bench.home.join("config.toml"), config).unwrap();
    let desk = bench.open();
    bench.until_state(&desk, &id, ContractState::Done);
    let receipt = desk.receipt_view(&id).unwrap();
    let submitted = receipt
        .stages
        .iter()
        .find(|stage| stage.stage == StageName::Submitted)
        .unwrap();
    assert!(
        submitted
            .facts
            .get("transaction")
            .is_some_and(|id| id.starts_with("0x")),
        "{submitted:?}"
    );
    let last = receipt.stages.last().unwrap();
    assert!(
        last.state == StageState::Done && last.facts.contains_key("block_number"),
        "{last:?}"
    );
    let verified = desk.receipt_verify(&id).unwrap();
    assert_eq!(
        (verified.overall, verified.chain),
        (BottomLine::TotalPassed, ChainFact::Matches)
    );
    assert!(desk.settings_probe_endpoint("practice-chain").unwrap().ok);
    // Another endpoint: what is pinned is read from the node.
    let view = desk.settings_view().unwrap();
    let pins = view.endpoints[0].pins.clone();
    let add = |contract: &str| SettingsChange::AddEvm {
        name: "second".to_owned(),
        url: "http://practice.invalid/chain".to_owned(),
        contract: contract.to_owned(),
        account: String::new(),
        finality: "confirmations:2".to_owned(),
        payload: "digests".to_owned(),
    };
    let refused = desk
        .settings_change(&add("0x00000000000000000000000000000000000000ff"))
        .unwrap_err();
    assert_eq!(refused.code, "chain-mismatch", "no code stands there");
    // The person is asked with the very values that are kept.
    bench.person.agrees.store(false, Ordering::Relaxed);
    let no = desk.settings_change(&add(&pins["contract"])).unwrap_err();
    assert_eq!(
        (no.code.as_str(), desk.settings_view().unwrap().endpoints.len()),
        ("not-agreed", 1)
    );
    let asked = bench.person.changes.lock().unwrap().pop().unwrap();
    for (name, pinned) in &pins {
        assert!(
            asked.facts.iter().any(|(told, value)| told == name && value == pinned),
            "{asked:?}"
        );
    }
    bench.person.agrees.store(true, Ordering::Relaxed);
    let view = desk.settings_change(&add(&pins["contract"])).unwrap();
    let second = view
        .endpoints
        .iter()
        .find(|endpoint| endpoint.name == "second")
        .unwrap();
    assert_eq!((&second.pins, second.account.as_str()), (&pins, "none"));
    let probe = desk.settings_probe_endpoint("second").unwrap();
    assert_eq!(
        probe.fault.unwrap().code,
        "practice-only",
        "a development node outside practice"
    );
    desk.close();
}

/// The tour of a newcomer: an ordinary home with nothing in it.
pub(crate) fn practice(bench: &Bench) {
    let home = bench.home.join("ordinary");
    let options = || bench.options();
    let desk = Desk::open(&home, bench.someone(), options()).unwrap();
    let view = desk.desk_view().unwrap();
    assert!(view.first_start && !view.practice && view.contracts.is_empty() && desk.practice_pin().is_none());
    assert!(desk.settings_view().unwrap().endpoints.is_empty());
    desk.close();
    drop(desk);

    let desk = Desk::open_practice(&home, bench.someone(), options()).unwrap();
    assert!(desk.is_practice() && desk.home() == home.join("practice"));
    let view = desk.desk_view().unwrap();
    assert!(view.practice && !view.first_start && view.contracts.len() == 1);
    let pin = desk.practice_pin().unwrap();
    *bench.person.pin.lock().unwrap() = pin;
    let id = view.contracts[0].id.clone();
    see_all(&desk, &id);
    let mut chosen = choices(&desk, &id);
    chosen.submit_at_once = true;
    desk.sign_start(&chosen).unwrap();
    bench.until_state(&desk, &id, ContractState::Done);
    assert_eq!(desk.receipt_verify(&id).unwrap().overall, BottomLine::TotalPassed);
    desk.close();
    drop(desk);

    // The practice token is no choice at the real desk, whose home is still no practice home.
    let desk = Desk::open(&home, bench.someone(), options()).unwrap();
    assert!(!desk.is_practice() && desk.tokens_view(true).unwrap().credentials.is_empty());
    desk.close();
    let desk = Desk::open_practice(&home, bench.someone(), options()).unwrap();
    assert_eq!(card(&desk, &id).state, ContractState::Done);
    desk.close();
}
