//! Timestamp tokens that prove nothing: of another signature, broken, by somebody who is no authority, back-dated.
//!
//! Such a token never makes a signature worse than it was without one, and never better: nothing passes on it.
//! RFC 3161 §2.4.2, EN 319 102-1 §5.4.

use jiff::{SignedDuration, Timestamp};

use super::{
    Add, Cast, Expect, Signed,
    der::Node,
    file::{message, with_contents},
};

const SIGNER: [usize; 4] = [1, 0, 4, 0];
const TOKEN: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e];

/// The message with these tokens over its signature, in place of any.
fn stamped(mut message: Node, tokens: &[Vec<u8>]) -> Node {
    let signer = message.at(&SIGNER);
    signer.nodes.truncate(6);
    let attributes = tokens.iter().map(|token| {
        Node::branch(
            0x30,
            vec![Node::leaf(6, TOKEN), Node::branch(0x31, vec![Node::read(token).0])],
        )
    });
    signer.nodes.push(Node::branch(0xa1, attributes.collect()));
    message
}

fn token_of(file: &[u8]) -> Vec<u8> {
    message(file).at(&[1, 0, 4, 0, 6, 0, 1, 0]).der()
}

pub(super) fn all(signed: &Signed, cast: &Cast, add: &mut Add<'_>) {
    let file = &signed.stamped;
    let own = token_of(file);
    let value = message(file).at(&SIGNER).nodes[5].octets.clone();
    let now = Timestamp::now();
    let years_ago = now - SignedDuration::from_hours(24 * 365 * 9);
    let with = |tokens: &[Vec<u8>]| with_contents(file, &stamped(message(file), tokens).der());
    // Whoever has the file can take it away again; what is left claims no proven time.
    add("the token taken away", with(&[]), Expect::harmless());
    let invalid = Expect::open("timestamp-invalid").intact();
    let untrusted = Expect::open("tsa-not-trusted").intact();
    add("token of another signature", with(&[token_of(&signed.other)]), invalid);
    let flipped = |path: &[usize]| {
        let mut token = Node::read(&own).0;
        *token.at(path).octets.last_mut().expect("octets") ^= 1;
        with(&[token.der()])
    };
    add("token with a broken signature", flipped(&[1, 0, 4, 0, 5]), invalid);
    add(
        "token with another time",
        {
            let mut token = Node::read(&own).0;
            let content = token.at(&[1, 0, 2, 1, 0]);
            let mut info = Node::read(&content.octets).0;
            info.nodes[4].octets[3] ^= 1;
            content.octets = info.der();
            with(&[token.der()])
        },
        invalid,
    );
    add(
        "token whose imprint was changed to fit",
        {
            let mut token = Node::read(&token_of(&signed.other)).0;
            let content = token.at(&[1, 0, 2, 1, 0]);
            let mut info = Node::read(&content.octets).0;
            let mut right = Node::read(&own).0;
            let right = Node::read(&right.at(&[1, 0, 2, 1, 0]).octets).0;
            info.nodes[2] = right.nodes[2].clone();
            content.octets = info.der();
            with(&[token.der()])
        },
        invalid,
    );
    add("token that is no token", with(&[message(&signed.plain).der()]), invalid);
    add(
        "token by a certificate that is not for time-stamping",
        with(&[cast.insider.token(&value, now)]),
        untrusted,
    );
    add(
        "token of nobody's authority",
        with(&[cast.rogue_tsa.token(&value, now)]),
        untrusted,
    );
    add(
        "token back-dated by nobody's authority",
        with(&[cast.rogue_tsa.token(&value, years_ago)]),
        untrusted,
    );
    add(
        "token by the trusted authority for time, before its certificate",
        with(&[cast.tsa.token(&value, years_ago)]),
        untrusted,
    );
    add(
        "token by the trusted authority, years ahead",
        with(&[cast.tsa.token(&value, now + SignedDuration::from_hours(24 * 365 * 9))]),
        untrusted,
    );
    add(
        "token by the trusted authority, ten days ahead",
        with(&[cast.tsa.token(&value, now + SignedDuration::from_hours(240))]),
        Expect::open("timestamp-in-the-future").intact(),
    );
    add(
        "right token beside a broken one: what is proven stays proven",
        with(&[own.clone(), token_of(&signed.other)]),
        Expect::harmless(),
    );
    add(
        "broken token before the right one",
        with(&[token_of(&signed.other), own.clone()]),
        Expect::harmless(),
    );
    add(
        "right token beside one back-dated by nobody's authority",
        with(&[own.clone(), cast.rogue_tsa.token(&value, years_ago)]),
        Expect::harmless(),
    );
    add(
        "back-dated token before the right one",
        with(&[cast.rogue_tsa.token(&value, years_ago), own]),
        Expect::harmless(),
    );
    // A certificate that has ended is not revived by a stamp of nobody's.
    let ended = cast.expired.signed(&signed.plain);
    let value = message(&ended).at(&SIGNER).nodes[5].octets.clone();
    let revived = stamped(
        message(&ended),
        &[cast.rogue_tsa.token(&value, now - SignedDuration::from_hours(24 * 40))],
    );
    add(
        "an ended certificate under a token of nobody's authority",
        with_contents(&ended, &revived.der()),
        Expect::open("expired").intact(),
    );
}
