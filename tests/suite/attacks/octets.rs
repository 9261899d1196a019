//! One octet after the other changed in a signed file: nothing passes but what is listed here.
//!
//! Judged inside this process, because there are thousands of them. What lies in /Contents is changed octet by octet of
//! the message, everything else octet by octet of the file.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use countersign_practice::Pki;
use countersign_signing::{Overall, RevocationMode, VerifyRequest, verify};
use countersign_tests::{
    desk::Workshop,
    forgeries::{Signed, file},
};
use countersign_trust::TrustAnchors;
use jiff::Timestamp;

use super::scene;

/// Octets of the message that nobody signs and that decide nothing, by their way from the top of the message: the versions
/// of SignedData and SignerInfo and the list of digest algorithms, once for the message and once for the token in it; and the
/// type of the unsigned attribute that holds the token: without it the signature stands as if it had never been stamped.
const IDLE: [&[usize]; 7] = [
    &[1, 0, 0],
    &[1, 0, 1],
    &[1, 0, 4, 0, 0],
    &[1, 0, 4, 0, 6, 0, 0],
    &[1, 0, 4, 0, 6, 0, 1, 0, 1, 0, 0],
    &[1, 0, 4, 0, 6, 0, 1, 0, 1, 0, 1],
    &[1, 0, 4, 0, 6, 0, 1, 0, 1, 0, 4, 0, 0],
];

/// Each is ten milliseconds of verification: a part of them is taken, another one at every run, because the files are new.
const STRIDE: usize = 13;

#[test]
fn no_octet_changes_unnoticed() {
    let workshop = Workshop::shared();
    let anchors = TrustAnchors::new(vec![workshop.pki().root_der().to_vec()]).expect("the practice root");
    for signed in scene::signed(workshop) {
        let changes: Vec<_> = changes(workshop.pki(), &signed).into_iter().step_by(STRIDE).collect();
        let (next, passing) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        assert_eq!(
            overall(signed.stamped.clone(), &anchors),
            Some(Overall::TotalPassed),
            "{}: unchanged",
            signed.kind
        );
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8) {
                scope.spawn(|| {
                    while let Some((at, octet)) = changes.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let mut bytes = signed.stamped.clone();
                        bytes[*at] = *octet;
                        if overall(bytes, &anchors) == Some(Overall::TotalPassed) {
                            passing.lock().unwrap().push(name(&signed, *at));
                        }
                    }
                });
            }
        });
        let passing = passing.into_inner().unwrap();
        assert!(
            passing.is_empty(),
            "{}: {} of {} changes pass: {passing:?}",
            signed.kind,
            passing.len(),
            changes.len()
        );
        println!("{}: {} octets changed, none unnoticed", signed.kind, changes.len());
    }
}

/// What is changed: its place in the file, and the octet to put there.
fn changes(pki: &Pki, signed: &Signed) -> Vec<(usize, u8)> {
    let bytes = &signed.stamped;
    let hole = file::hole(bytes);
    let message = file::message(bytes);
    let length = message.der().len();
    let mut idle: Vec<std::ops::Range<usize>> = IDLE.iter().map(|path| message.place(path)).collect();
    idle.extend(spare_certificates(pki, &message.der()));
    let mut all = Vec::new();
    for at in (0..bytes.len()).filter(|at| !hole.contains(at)) {
        all.push((at, bytes[at] ^ 1));
    }
    for place in (0..length).filter(|place| !idle.iter().any(|range| range.contains(place))) {
        let at = hole.start + 2 * place + 1;
        let digit = char::from(bytes[at]).to_digit(16).expect("a digit") ^ 1;
        all.push((
            at,
            char::from_digit(digit, 16).map_or(b'0', |digit| u8::try_from(digit).expect("ASCII")),
        ));
    }
    let padding = [hole.start + 2 * length, hole.start + 2 * length + 1, hole.end - 1];
    all.extend(padding.map(|at| (at, b'1')));
    all
}

/// What stands there.
fn name(signed: &Signed, at: usize) -> String {
    let hole = file::hole(&signed.stamped);
    if !hole.contains(&at) {
        return format!("octet {at}");
    }
    let (message, place) = (file::message(&signed.stamped), (at - hole.start) / 2);
    format!("octet {place} of the message, at {:?}", message.way(place))
}

/// Certificates in the message that no path needs: the root, which is an anchor, and the issuing authority's once more in
/// the token.
fn spare_certificates(pki: &Pki, message: &[u8]) -> Vec<std::ops::Range<usize>> {
    let places = |der: &[u8]| -> Vec<std::ops::Range<usize>> {
        let starts = message
            .windows(der.len())
            .enumerate()
            .filter(|(_, window)| *window == der);
        starts.map(|(start, _)| start..start + der.len()).collect()
    };
    let mut spare = places(pki.root_der());
    spare.extend(places(pki.issuing_der()).into_iter().skip(1));
    spare
}

/// `None` when the file cannot be opened.
fn overall(bytes: Vec<u8>, anchors: &TrustAnchors) -> Option<Overall> {
    let document = countersign_pdf::open(Arc::new(bytes)).ok()?;
    let request = VerifyRequest {
        anchors,
        tsa_anchors: anchors,
        extra_certificates: &[],
        signer_purposes: &[],
        at: Timestamp::now(),
        revocation: RevocationMode::Prefer,
        known: None,
        only_field: None,
    };
    Some(verify(&document, &request).overall)
}
