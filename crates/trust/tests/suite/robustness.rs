//! Damaged certificates: no panic, and nothing damaged is ever part of a good path.

use crate::pki::{CA, LEAF, Pki, Wish};
use countersign_trust::{PathRequest, Policy, TrustAnchors, Usage, verify_path};

/// The same numbers in every run (Knuth's MMIX constants).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

fn damage(certificate: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(certificate.len());
        match numbers.below(5) {
            0 => certificate[at] ^= 1 << numbers.below(8),
            1 => certificate[at] = [0x00, 0x7f, 0x80, 0xff, 0x30][numbers.below(5)],
            2 => {
                certificate.remove(at);
            }
            3 => certificate.insert(at, 0xff),
            _ => certificate.truncate(at.max(1)),
        }
    }
}

#[test]
fn twenty_thousand_damaged_chains() {
    let names = "subjectAltName=critical,DNS:a.example,email:a@a.example,URI:https://a.example/,IP:10.0.0.1\n\
                 certificatePolicies=1.2.3.4\n";
    let constraints = "nameConstraints=critical,permitted;DNS:example,permitted;email:a.example,permitted;URI:.example,\
                       permitted;IP:10.0.0.0/255.0.0.0\ncertificatePolicies=1.2.3.4\npolicyConstraints=inhibitPolicyMapping:3\n";
    let pki = Pki::new(&[
        Wish::new("root", "root", CA),
        Wish::new("ca", "root", Box::leak(format!("{CA}\n{constraints}").into_boxed_str())),
        Wish::new("leaf", "ca", Box::leak(format!("{LEAF}\n{names}").into_boxed_str())),
    ]);
    let originals = pki.ders(&["leaf", "ca", "root"]);
    let verify = |chain: &[Vec<u8>]| {
        let anchors = TrustAnchors::new(vec![chain[2].clone()]).ok()?;
        Some(verify_path(&PathRequest {
            certificate: &chain[0],
            pool: &chain[1..2],
            anchors: &anchors,
            at: "2026-06-01T00:00:00Z".parse().unwrap(),
            usage: Usage::DocumentSigning,
            policy: &Policy::DEFAULT,
        }))
    };
    verify(&originals).unwrap().expect("the undamaged chain is good");
    let mut numbers = Numbers(1);
    let (mut good, mut unreadable_anchor) = (0, 0);
    for round in 0..20_000 {
        let mut chain = originals.clone();
        let which = numbers.below(3);
        damage(&mut chain[which], &mut numbers);
        match verify(&chain) {
            // Padding with zeros or a change undone by the next one leave the certificate as it was; an anchor is
            // trusted as it is given.
            Some(Ok(path)) => {
                good += 1;
                assert_eq!(path.certificates()[..2], originals[..2], "round {round}");
            }
            Some(Err(_)) => {}
            None => unreadable_anchor += 1,
        }
    }
    // Both ends are reached: the damage is neither always fatal nor never.
    assert!(good > 0 && good < 2_000, "{good}");
    assert!(unreadable_anchor > 1_000, "{unreadable_anchor}");
}

/// certval logs names of subjects; the build compiles that out.
#[test]
fn nothing_is_logged() {
    assert_eq!(log::STATIC_MAX_LEVEL, log::LevelFilter::Off);
}
