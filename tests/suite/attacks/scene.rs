//! The files that forgeries are made from, signed by the program, and the forgers.
//!
//! Not its business: the forgeries.

use countersign_practice::{Issue, Pki};
use countersign_tests::{
    contracts::{self, Contract},
    desk::{Desk, Key, Pin, Workshop},
    forgeries::{Cast, Signed, insider::Insider},
};
use jiff::{SignedDuration, Timestamp};

/// One contract of each kind, signed with and without a stamp.
pub(super) fn signed(workshop: &'static Workshop) -> Vec<Signed> {
    let desk = workshop.desk();
    let sign = |name: &str, contract: &Contract, key: Key, level: &str| {
        let (from, to) = (
            desk.put("contract.pdf", &contract.bytes),
            desk.work().join(format!("{name}-{level}.pdf")),
        );
        signed_at(&desk, &from, &to, key, level);
        std::fs::read(&to).unwrap()
    };
    let all = contracts::sound();
    let other = all
        .iter()
        .find(|contract| contract.name == "pdf-2.0")
        .expect("a contract of this name");
    [
        ("classic", contracts::classic(), Key::Rsa2048),
        ("xref-stream", contracts::streams(), Key::P256),
    ]
    .map(|(kind, contract, key)| Signed {
        kind,
        plain: sign(kind, &contract, key, "B-B"),
        stamped: sign(kind, &contract, key, "B-T"),
        other: sign(&format!("{kind}-other"), other, key, "B-T"),
        contract: contract.bytes,
    })
    .into()
}

/// Signs one file, without submitting anything.
pub(super) fn signed_at(desk: &Desk, from: &std::path::Path, to: &std::path::Path, key: Key, level: &str) {
    let (credential, chain) = (desk.credential(key), desk.chain());
    let arguments = [
        "sign",
        &from.to_string_lossy(),
        "-o",
        &to.to_string_lossy(),
        "--yes",
        "--no-submit",
        "--reason",
        "Agreed",
        "--level",
        level,
    ]
    .map(str::to_owned);
    let more = [
        "--credential".to_owned(),
        credential,
        "--chain".to_owned(),
        chain.to_string_lossy().into_owned(),
    ];
    let run = desk.run(&[arguments.as_slice(), &more].concat(), Pin::File);
    assert_eq!(run.exit, Some(0), "{}", run.told());
}

/// The forgers.
pub(super) fn cast(workshop: &'static Workshop) -> Cast {
    let folder = workshop.folder("forgers");
    let now = Timestamp::now();
    let nobody = Pki::open_or_create(&folder.join("nobody"), now).expect("an authority of nobody's");
    let hours = SignedDuration::from_hours;
    let signatory = Issue::signatory("演练 rsa2048", "演练银行 Practice Bank", &[], now);
    let ended = Issue {
        not_before: now - hours(24 * 60),
        not_after: now - hours(24 * 30),
        ..signatory.clone()
    };
    Cast {
        insider: Insider::new(&folder, "insider", workshop.pki(), &signatory),
        rogue: Insider::new(&folder, "rogue", &nobody, &signatory),
        rogue_tsa: Insider::new(
            &folder,
            "rogue-tsa",
            &nobody,
            &Issue {
                not_before: now - hours(24 * 365 * 20),
                ..Issue::tsa(now)
            },
        ),
        expired: Insider::new(&folder, "expired", workshop.pki(), &ended),
        tsa: Insider::new(&folder, "tsa", workshop.pki(), &Issue::tsa(now)),
    }
}
