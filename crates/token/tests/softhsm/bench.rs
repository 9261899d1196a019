//! What the adapter costs over raw C_Sign in a batch. Printed; asserted only with a wide margin, for busy machines.

use std::time::{Duration, Instant};

use countersign_cms::{Certificate, SignatureAlgorithm};
use countersign_signing::ports::Token;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;

use super::kit::{PIN, Script, module, to_sign, tokens};

const ROUNDS: usize = 200;

pub(crate) fn batch() {
    let mut tokens = tokens();
    let mut prompt = Script::new(&[PIN]);
    let context = Pkcs11::new(module()).unwrap();
    let _ = context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    for id in ["01", "02"] {
        let credential = tokens
            .find(&format!("pkcs11:token=desk;id=%{id}"), &mut prompt)
            .unwrap();
        let what = to_sign(credential.algorithms[0]);
        let first = tokens.sign(&credential, &what, &mut prompt).unwrap();

        let slot = context.get_slots_with_initialized_token().unwrap()[0];
        let session = context.open_ro_session(slot).unwrap();
        let _ = session.login(UserType::User, Some(&AuthPin::new(PIN.into())));
        let wanted = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::Id(hex::decode(id).unwrap()),
        ];
        let key = session.find_objects(&wanted).unwrap()[0];
        let (mechanism, input) = match what.algorithm {
            SignatureAlgorithm::Ecdsa(digest) => (Mechanism::Ecdsa, digest.hash(&what.message)),
            _ => (Mechanism::Sha256RsaPkcs, what.message.clone()),
        };
        let verifier = Certificate::from_der(&credential.certificate)
            .unwrap()
            .public_key()
            .unwrap();
        // Interleaved, so that a busy machine disturbs all alike; medians.
        let (mut raw, mut ours, mut verify) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            raw.push(timed(|| session.sign(&mechanism, key, &input).unwrap()));
            ours.push(timed(|| tokens.sign(&credential, &what, &mut prompt).unwrap()));
            verify.push(timed(|| {
                verifier.verify(what.algorithm, &what.message, &first).unwrap();
            }));
        }
        let [raw, ours, verify] = [raw, ours, verify].map(median);
        let own = ours.saturating_sub(raw).saturating_sub(verify);
        println!(
            "note: {:?}: C_Sign {raw:?}, sign {ours:?}, of it verifying {verify:?}, own {own:?}",
            what.algorithm
        );
        assert!(own < Duration::from_millis(1), "own cost {own:?}");
    }
    assert_eq!(prompt.asked.len(), 1, "a batch asks once");
}

fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let _ = run();
    start.elapsed()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}
