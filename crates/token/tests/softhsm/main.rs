//! The adapter against SoftHSM2, with keys and certificates made by softhsm2-util, pkcs11-tool and openssl.
//!
//! Each case runs in a process of its own: SOFTHSM2_CONF belongs to a process, and two processes on one token folder
//! disturb each other. The parent makes the token, then starts this binary again with the case in the environment.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod modules;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod signing;

#[cfg(test)]
mod softhsm {
    use super::kit::Kit;
    use super::{bench, faults, finding, modules, pairs, signing};

    type Case = (&'static str, fn(&Kit), fn());

    const CASES: [Case; 21] = [
        ("rsa", signing::make_rsa, signing::rsa),
        ("ec", signing::make_ec, signing::ec),
        ("pin", signing::make_one, signing::pin),
        ("labels", finding::make_labels, finding::labels),
        ("encryption", finding::make_encryption, finding::encryption),
        ("mismatch", finding::make_mismatch, finding::mismatch),
        ("swapped", signing::make_one, finding::swapped),
        ("always", signing::make_always, signing::always),
        ("account", signing::make_account, signing::account),
        ("absent", signing::make_one, modules::absent),
        ("hidden", finding::make_hidden, finding::hidden),
        ("twins", finding::make_twins, finding::twins),
        ("batch", signing::make_two, bench::batch),
        ("fault-pins", faults::make_shim, faults::pins),
        ("fault-signatures", faults::make_shim, faults::signatures),
        ("fault-tokens", faults::make_shim, faults::odd_tokens),
        ("other-ids", pairs::make_other_ids, pairs::other_ids),
        ("bare", pairs::make_bare, pairs::bare),
        (
            "replaced-at-pin",
            signing::make_one,
            pairs::replaced_while_the_pin_is_typed,
        ),
        (
            "replaced-later",
            signing::make_one,
            pairs::replaced_between_two_signatures,
        ),
        ("survey", finding::make_survey, finding::survey),
    ];

    /// Started again by `run` with the name of a case; nothing by itself.
    #[test]
    fn child() {
        let Ok(name) = std::env::var("COUNTERSIGN_TOKEN_CASE") else {
            return;
        };
        let case = CASES.iter().find(|(known, ..)| *known == name).unwrap();
        case.2();
    }

    fn run(name: &str) {
        let Some(kit) = Kit::new(name) else { return };
        let case = CASES.iter().find(|(known, ..)| *known == name).unwrap();
        case.1(&kit);
        kit.run_child(name);
    }

    macro_rules! cases {
        ($($test:ident => $name:literal),* $(,)?) => { $(#[test] fn $test() { run($name); })* };
    }

    cases! {
        rsa_pkcs1_and_pss => "rsa",
        p256_and_p384 => "ec",
        wrong_pins => "pin",
        two_pairs_with_one_label => "labels",
        encryption_certificate_with_the_same_id => "encryption",
        key_and_certificate_that_do_not_match => "mismatch",
        certificate_changed_between_find_and_sign => "swapped",
        always_authenticate => "always",
        chain_account => "account",
        absent_tokens_and_modules => "absent",
        hidden_certificate => "hidden",
        two_certificates_for_one_key => "twins",
        a_batch_asks_once_and_costs_little => "batch",
        faults_of_the_login => "fault-pins",
        faults_of_the_signature => "fault-signatures",
        odd_tokens => "fault-tokens",
        ids_of_key_and_certificate_that_differ => "other-ids",
        a_key_without_a_certificate => "bare",
        certificate_replaced_while_the_pin_is_typed => "replaced-at-pin",
        certificate_replaced_between_two_signatures => "replaced-later",
        the_survey_shows_everything => "survey",
    }
}
