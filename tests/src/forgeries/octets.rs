//! One octet changed, in every region of a signed file, and everything in /Contents that is not the message.
//!
//! Not its business: ByteRanges (`ranges`), messages made anew (`messages`).

use super::{
    Add, Expect, Signed,
    der::Node,
    file::{find, find_last, hole, message, range_text, swapped, with_contents},
};

pub(super) fn all(signed: &Signed, add: &mut Add<'_>) {
    let file = &signed.stamped;
    let flipped = |at: usize| {
        let mut bytes = file.clone();
        bytes[at] ^= 1;
        bytes
    };
    let last = |needle: &str| find_last(file, needle.as_bytes()).unwrap_or_else(|| panic!("{needle}"));
    let first = |needle: &str| find(file, needle.as_bytes()).unwrap_or_else(|| panic!("{needle}"));
    let digest = Expect::broken("digest-mismatch");
    add("octet of the header", flipped(10), digest);
    add(
        "version in the header",
        swapped_first(file, "%PDF-1.7", "%PDF-1.6"),
        digest,
    );
    add("octet of page content", flipped(first("clause")), digest);
    add("octet of the trailer", flipped(last("/ID [") + 6), digest);
    add("octet of the claimed time", flipped(last("/M (D:") + 9), digest);
    add(
        "another /SubFilter",
        swapped(file, "ETSI.CAdES.detached", "adbe.pkcs7.detached"),
        digest,
    );
    add(
        "an unknown /SubFilter",
        swapped(file, "ETSI.CAdES.detached", "ETSI.CAdES.attached"),
        Expect::open("sub-filter-unknown"),
    );
    add(
        "an unknown /Filter",
        swapped(file, "Adobe.PPKLite", "Adobe.PPKLots"),
        Expect::broken("filter-unknown"),
    );
    let digit = range_text(file).start + 2;
    add(
        "digit of the ByteRange",
        flipped(digit),
        Expect::uncovered("digest-mismatch"),
    );
    contents(signed, add);
    message_octets(signed, add);
}

/// The first `from` replaced.
fn swapped_first(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let at = find(file, from.as_bytes()).unwrap_or_else(|| panic!("{from}"));
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    bytes
}

/// /Contents as a whole.
fn contents(signed: &Signed, add: &mut Add<'_>) {
    let file = &signed.stamped;
    let own = message(file).der();
    add(
        "Contents of another file",
        with_contents(file, &message(&signed.other).der()),
        Expect::broken("digest-mismatch"),
    );
    add(
        "Contents of zeros",
        with_contents(file, &[]),
        Expect::failed("cms-unreadable"),
    );
    add(
        "Contents of one zero octet",
        blank(file, b"00"),
        Expect::failed("cms-unreadable"),
    );
    add(
        "Contents without digits",
        blank(file, b""),
        Expect::failed("cms-unreadable"),
    );
    let padding = Expect::open("contents-not-zero-padded").intact();
    add(
        "a second message behind the first",
        with_contents(
            &signed.plain,
            &[message(&signed.plain).der(), message(&signed.other).der()].concat(),
        ),
        padding,
    );
    add(
        "octets behind the message",
        with_contents(file, &[&own[..], b"\0\0not zeros"].concat()),
        padding,
    );
    add(
        "the last octet of the hole",
        {
            let mut bytes = file.clone();
            let end = hole(file).end;
            bytes[end - 1] = b'1';
            bytes
        },
        padding,
    );
    add(
        "the message cut",
        with_contents(file, &own[..own.len() - 9]),
        Expect::never(),
    );
    add(
        "digits in capitals",
        {
            let mut bytes = file.clone();
            let hole = hole(file);
            bytes[hole].make_ascii_uppercase();
            bytes
        },
        Expect::harmless(),
    );
    let mut bytes = file.clone();
    let hole = hole(file);
    (bytes[hole.start - 1], bytes[hole.end]) = (b'(', b')');
    add(
        "Contents as a literal string",
        bytes,
        Expect::failed("contents-not-hexadecimal").uncovering(),
    );
    let mut bytes = file.clone();
    bytes[hole.start + 9] = b'x';
    add(
        "Contents with a letter that is no digit",
        bytes,
        Expect::open("value-unreadable").uncovering(),
    );
}

/// These digits, and spaces in the rest of the hole.
fn blank(file: &[u8], digits: &[u8]) -> Vec<u8> {
    let (mut bytes, hole) = (file.to_vec(), hole(file));
    bytes[hole.clone()].fill(b' ');
    bytes[hole.start..hole.start + digits.len()].copy_from_slice(digits);
    bytes
}

/// One octet of each part of the message.
fn message_octets(signed: &Signed, add: &mut Add<'_>) {
    let file = &signed.stamped;
    let changed = |change: &dyn Fn(&mut Node)| {
        let mut node = message(file);
        change(&mut node);
        with_contents(file, &node.der())
    };
    let flip_last = |path: &'static [usize]| {
        changed(&move |node: &mut Node| *node.at(path).octets.last_mut().expect("octets") ^= 1)
    };
    let value = Expect::broken("signature-value-invalid");
    // ContentInfo > [0] > SignedData > { version, digests, content, certificates, signers > { version, sid, digest, attributes, algorithm, value, unsigned } }
    add(
        "octet of the signed content-type",
        flip_last(&[1, 0, 4, 0, 3, 0, 1, 0]),
        Expect::broken("content-type-mismatch"),
    );
    add("octet of the signature value", flip_last(&[1, 0, 4, 0, 5]), value);
    add(
        "octet of the serial number that names the signer",
        flip_last(&[1, 0, 4, 0, 1, 1]),
        Expect::open("no-signing-certificate"),
    );
    add(
        "octet of the digest algorithm",
        flip_last(&[1, 0, 4, 0, 2, 0]),
        Expect::open("digest-algorithm-unknown"),
    );
    add(
        "octet of the signature algorithm",
        flip_last(&[1, 0, 4, 0, 4, 0]),
        Expect::failed("algorithm-protection-mismatch"),
    );
    for (place, name) in [(0, "first"), (1, "second"), (2, "third"), (3, "fourth")] {
        let path: [usize; 6] = [1, 0, 4, 0, 3, place];
        let bytes = changed(&move |node: &mut Node| assert!(flip_deepest(node.at(&path)), "an octet"));
        add(&format!("octet of the {name} signed attribute"), bytes, value);
    }
    let certificate = |place: usize| {
        let mut node = message(file);
        let names = node.at(&[1, 0, 4, 0, 1, 1]).octets.clone();
        let own = node
            .at(&[1, 0, 3])
            .nodes
            .iter()
            .position(|one| one.clone().at(&[0, 1]).octets == names)
            .expect("the signer's");
        *node.at(&[1, 0, 3, own, 2 - place]).octets.last_mut().expect("a value") ^= 1;
        with_contents(file, &node.der())
    };
    add(
        "octet of the signer's certificate",
        certificate(0),
        Expect::broken("certificate-reference-mismatch"),
    );
    // Nobody signs these three, and nothing is decided by them.
    add(
        "version of the signer",
        changed(&|node| node.at(&[1, 0, 4, 0, 0]).octets = vec![9]),
        Expect::harmless(),
    );
    add(
        "a digest algorithm that the list does not have",
        changed(&|node| node.at(&[1, 0, 1, 0, 0]).octets[8] ^= 1),
        Expect::harmless(),
    );
    add(
        "no digest algorithms listed",
        changed(&|node| node.at(&[1, 0, 1]).nodes.clear()),
        Expect::harmless(),
    );
}

/// Changes the last octet of the last primitive element inside that has any.
fn flip_deepest(node: &mut Node) -> bool {
    if let Some(last) = node.octets.last_mut() {
        *last ^= 1;
        return true;
    }
    node.nodes.iter_mut().rev().any(flip_deepest)
}
