//! Messages (CMS) that lie: taken apart and put together again by somebody without the key, or signed by somebody with one.
//!
//! RFC 5652, RFC 5035 (ESS), RFC 6211 (algorithm protection), RFC 8933. Not its business: timestamps (`stamps`).

use sha2::{Digest as _, Sha256, Sha512};

use super::{
    Add, Cast, Expect, Signed,
    der::Node,
    file::{message, with_contents},
    insider::{Insider, covered},
};

/// Where things are in a message: ContentInfo > [0] > SignedData > signers > the first signer.
const SIGNER: [usize; 4] = [1, 0, 4, 0];
const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
const MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const PROTECTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x34];
const REFERENCE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];

/// The attribute of this type.
fn attribute<'a>(attributes: &'a mut Node, oid: &[u8]) -> &'a mut Node {
    attributes
        .nodes
        .iter_mut()
        .find(|one| one.nodes[0].octets == oid)
        .expect("an attribute")
}

pub(super) fn all(signed: &Signed, cast: &Cast, add: &mut Add<'_>) {
    let file = &signed.plain;
    let changed = |change: &dyn Fn(&mut Node)| {
        let mut node = message(file);
        change(&mut node);
        with_contents(file, &node.der())
    };
    let value = Expect::broken("signature-value-invalid");
    add(
        "signed attributes taken away",
        changed(&|node| drop(node.at(&SIGNER).nodes.remove(3))),
        value,
    );
    add(
        "no signers",
        changed(&|node| node.at(&SIGNER[..3]).nodes.clear()),
        Expect::failed("cms-unreadable"),
    );
    add(
        "no certificates",
        changed(&|node| drop(node.at(&[1, 0]).nodes.remove(3))),
        Expect::open("no-signing-certificate"),
    );
    add(
        "signer named by the issuing authority's certificate",
        changed(&|node| {
            let issuing = message(file);
            let own = issuing.clone().at(&SIGNER).nodes[1].nodes[1].octets.clone();
            let authority = issuing
                .clone()
                .at(&[1, 0, 3])
                .nodes
                .iter()
                .find(|one| one.nodes[0].nodes[1].octets != own)
                .expect("an authority's")
                .clone();
            let tbs = &authority.nodes[0].nodes;
            node.at(&SIGNER).nodes[1] = Node::branch(0x30, vec![tbs[3].clone(), tbs[1].clone()]);
        }),
        Expect::broken("certificate-reference-mismatch"),
    );
    add(
        "content inside",
        changed(&|node| {
            node.at(&[1, 0, 2])
                .nodes
                .push(Node::branch(0xa0, vec![Node::leaf(4, *b"other content")]));
        }),
        Expect::broken("content-misplaced"),
    );
    add(
        "content of another type",
        changed(&|node| node.at(&[1, 0, 2, 0]).octets[8] = 2),
        Expect::broken("content-type-mismatch"),
    );
    add(
        "not signed data",
        changed(&|node| node.at(&[0]).octets[8] = 3),
        Expect::failed("cms-unreadable"),
    );
    add(
        "signature value empty",
        changed(&|node| node.at(&SIGNER).nodes[5].octets.clear()),
        value,
    );
    add(
        "signature value zero",
        changed(&|node| node.at(&SIGNER).nodes[5].octets.fill(0)),
        value,
    );
    add(
        "signature value one",
        changed(&|node| {
            let octets = &mut node.at(&SIGNER).nodes[5].octets;
            octets.fill(0);
            *octets.last_mut().expect("octets") = 1;
        }),
        value,
    );
    add(
        "digest algorithm lowered to SHA-1",
        changed(&|node| node.at(&SIGNER).nodes[2].nodes[0].octets = SHA1.to_vec()),
        Expect::failed(""),
    );
    add(
        "digest algorithm lowered to MD5",
        changed(&|node| node.at(&SIGNER).nodes[2].nodes[0].octets = MD5.to_vec()),
        Expect::open("digest-algorithm-unknown"),
    );
    // The order in a SET OF is not a writer's to choose: what was signed is DER.
    add(
        "signed attributes in another order",
        changed(&|node| node.at(&SIGNER).nodes[3].nodes.reverse()),
        Expect::harmless(),
    );
    signers(signed, cast, add);
    insiders(signed, cast, add);
    strangers(signed, cast, add);
}

/// More than one signer.
fn signers(signed: &Signed, cast: &Cast, add: &mut Add<'_>) {
    let file = &signed.plain;
    let digest = Sha256::digest(covered(file));
    let both = |first_own: bool, other: &Insider| {
        let mut own = message(file);
        let mut theirs = other.message(&other.attributes(&digest));
        let second = theirs.at(&SIGNER).clone();
        own.at(&[1, 0, 3]).nodes.extend(theirs.at(&[1, 0, 3]).nodes.clone());
        let place = usize::from(first_own);
        own.at(&SIGNER[..3]).nodes.insert(place, second);
        with_contents(file, &own.der())
    };
    let count = Expect::broken("signer-count");
    add("a second signer behind", both(true, &cast.insider), count);
    add("a second signer before", both(false, &cast.insider), count);
    add("a stranger as second signer", both(true, &cast.rogue), count);
    let mut twice = message(file);
    let signer = twice.at(&SIGNER).clone();
    twice.at(&SIGNER[..3]).nodes.push(signer);
    add("the same signer twice", with_contents(file, &twice.der()), count);
}

/// A signer whose certificate is trusted, with messages that must not pass.
fn insiders(signed: &Signed, cast: &Cast, add: &mut Add<'_>) {
    let (file, insider) = (&signed.plain, &cast.insider);
    add(
        "signed again by an insider: nothing wrong",
        insider.signed(file),
        Expect::harmless(),
    );
    let with = |change: &dyn Fn(&mut Node)| insider.signed_with(file, change);
    add(
        "no message digest signed",
        with(&|all| all.nodes.retain(|one| one.nodes[0].octets != MESSAGE_DIGEST)),
        Expect::broken("signed-attributes-faulty"),
    );
    add(
        "no content type signed",
        with(&|all| all.nodes.retain(|one| one.nodes[0].octets != CONTENT_TYPE)),
        Expect::broken("signed-attributes-faulty"),
    );
    add(
        "no certificate reference signed",
        with(&|all| all.nodes.retain(|one| one.nodes[0].octets != REFERENCE)),
        Expect::open("certificate-reference-missing").intact(),
    );
    add(
        "no algorithm protection signed",
        with(&|all| all.nodes.retain(|one| one.nodes[0].octets != PROTECTION)),
        Expect::harmless(),
    );
    let repeated = Expect::broken("signed-attributes-faulty");
    add(
        "message digest in two attributes",
        with(&|all| {
            let mut second = attribute(all, MESSAGE_DIGEST).clone();
            second.nodes[1].nodes[0].octets.fill(1);
            all.nodes.push(second);
        }),
        repeated,
    );
    add(
        "message digest in two attributes, the wrong one first",
        with(&|all| {
            let mut second = attribute(all, MESSAGE_DIGEST).clone();
            second.nodes[1].nodes[0].octets.fill(1);
            all.nodes.insert(0, second);
        }),
        repeated,
    );
    add(
        "message digest with two values",
        with(&|all| {
            let values = &mut attribute(all, MESSAGE_DIGEST).nodes[1];
            values.nodes.push(Node::leaf(4, [1; 32]));
        }),
        repeated,
    );
    add(
        "message digest without value",
        with(&|all| attribute(all, MESSAGE_DIGEST).nodes[1].nodes.clear()),
        repeated,
    );
    add(
        "message digest empty",
        with(&|all| attribute(all, MESSAGE_DIGEST).nodes[1].nodes[0].octets.clear()),
        Expect::broken("digest-mismatch"),
    );
    add(
        "message digest cut",
        with(&|all| attribute(all, MESSAGE_DIGEST).nodes[1].nodes[0].octets.truncate(31)),
        Expect::broken("digest-mismatch"),
    );
    add(
        "message digest of other octets",
        with(&|all| attribute(all, MESSAGE_DIGEST).nodes[1].nodes[0].octets.fill(9)),
        Expect::broken("digest-mismatch"),
    );
    add(
        "reference to another certificate",
        with(&|all| {
            attribute(all, REFERENCE).at(&[1, 0, 0, 0, 0]).octets[3] ^= 1;
        }),
        Expect::broken("certificate-reference-mismatch"),
    );
    add(
        "a reference that cannot be read",
        with(&|all| attribute(all, REFERENCE).nodes[1].nodes[0] = Node::leaf(4, [0; 4])),
        repeated,
    );
    add(
        "algorithm protection of another digest",
        with(&|all| {
            attribute(all, PROTECTION).at(&[1, 0, 0, 0]).octets = SHA384.to_vec();
        }),
        Expect::broken("algorithm-protection-mismatch"),
    );
    add(
        "algorithm protection of another signature",
        with(&|all| {
            attribute(all, PROTECTION).at(&[1, 0, 1, 0]).octets = ECDSA_SHA384.to_vec();
        }),
        Expect::broken("algorithm-protection-mismatch"),
    );
    add(
        "another content type signed",
        with(&|all| attribute(all, CONTENT_TYPE).nodes[1].nodes[0].octets[8] = 6),
        Expect::broken("content-type-mismatch"),
    );

    // Straight over the content: right by RFC 5652, and no PAdES (EN 319 142-1 §6.3 wants the signed reference).
    let digest = Sha256::digest(covered(file));
    let mut bare = insider.message(&insider.attributes(&digest));
    bare.at(&SIGNER).nodes.remove(3);
    bare.at(&SIGNER).nodes[4].octets = insider.sign(&covered(file), "-sha256");
    add(
        "a signature without signed attributes",
        with_contents(file, &bare.der()),
        Expect::open("certificate-reference-missing").intact(),
    );

    let lowered = |digest: &str, own: &[u8], algorithm: &[u8], value: Vec<u8>| {
        let mut attributes = insider.attributes(&digest_of(file));
        attributes.nodes.retain(|one| one.nodes[0].octets != PROTECTION);
        attribute(&mut attributes, MESSAGE_DIGEST).nodes[1].nodes[0].octets = value;
        let mut node = insider.message(&attributes);
        node.at(&SIGNER).nodes[5].octets = insider.sign(&attributes.der(), digest);
        node.at(&SIGNER).nodes[2].nodes[0].octets = own.to_vec();
        node.at(&SIGNER).nodes[4].nodes[0].octets = algorithm.to_vec();
        with_contents(file, &node.der())
    };
    let sha1 = openssl_digest("-sha1", &covered(file));
    add(
        "signed with SHA-1",
        lowered("-sha1", SHA1, ECDSA_SHA1, sha1.clone()),
        Expect::open("weak-digest").stampable(),
    );
    add(
        "content digest SHA-1, signature SHA-256",
        lowered("-sha256", SHA1, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02], sha1),
        Expect::open("digest-algorithm-differs").intact().stampable(),
    );
    add(
        "content digest MD5",
        lowered(
            "-sha256",
            MD5,
            &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
            openssl_digest("-md5", &covered(file)),
        ),
        Expect::never(),
    );
    add(
        "content digest SHA-512, signature SHA-256",
        lowered(
            "-sha256",
            &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
            &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
            Sha512::digest(covered(file)).to_vec(),
        ),
        Expect::open("digest-algorithm-differs").intact().stampable(),
    );
}

fn digest_of(file: &[u8]) -> Vec<u8> {
    Sha256::digest(covered(file)).to_vec()
}

fn openssl_digest(digest: &str, octets: &[u8]) -> Vec<u8> {
    use std::{
        io::Write as _,
        process::{Command, Stdio},
    };
    let mut child = Command::new("openssl")
        .args(["dgst", digest, "-binary"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(octets)
        .expect("openssl reads");
    child.wait_with_output().expect("openssl ends").stdout
}

/// Signers whom nobody vouches for, whatever their certificates say of themselves.
fn strangers(signed: &Signed, cast: &Cast, add: &mut Add<'_>) {
    let (file, rogue) = (&signed.plain, &cast.rogue);
    let untrusted = Expect::open("").intact().stampable();
    add(
        "signed by a stranger with the same names",
        rogue.signed(file),
        untrusted,
    );
    let digest = digest_of(file);
    // The stranger's message with the victim's certificate beside, named as the signer.
    let mut posing = rogue.message(&rogue.attributes(&digest));
    let mut own = message(file);
    let certificates = own.at(&[1, 0, 3]).nodes.clone();
    posing.at(&[1, 0, 3]).nodes.extend(certificates.clone());
    posing.at(&SIGNER).nodes[1] = own.at(&SIGNER).nodes[1].clone();
    add(
        "a stranger's signature in the victim's name",
        with_contents(file, &posing.der()),
        Expect::broken("signature-value-invalid"),
    );
    posing.at(&[1, 0, 3]).nodes.clone_from(&certificates);
    add(
        "the same with the victim's certificates alone",
        with_contents(file, &posing.der()),
        Expect::broken("signature-value-invalid"),
    );
    // The victim's message with a certificate of the same names and another key in the victim's place.
    let mut replaced = message(file);
    let mut theirs = rogue.message(&rogue.attributes(&digest));
    let identifier = theirs.at(&SIGNER).nodes[1].clone();
    replaced.at(&[1, 0, 3]).nodes.clone_from(&theirs.at(&[1, 0, 3]).nodes);
    replaced.at(&SIGNER).nodes[1] = identifier;
    add(
        "the victim's signature under a stranger's certificate",
        with_contents(file, &replaced.der()),
        Expect::broken("certificate-reference-mismatch"),
    );
    // The stranger's signature with the trusted authority's certificate instead of the stranger's own authority.
    let mut borrowed = rogue.message(&rogue.attributes(&digest));
    let own_certificate = Node::read(rogue.certificate.der()).0;
    let issuing = Node::read(&cast.insider.chain[0]).0;
    borrowed.at(&[1, 0, 3]).nodes = vec![own_certificate, issuing];
    add(
        "a stranger's certificate below the trusted authority",
        with_contents(file, &borrowed.der()),
        untrusted,
    );
    add(
        "signed by a certificate that has ended",
        cast.expired.signed(file),
        Expect::open("expired").intact().stampable(),
    );
    add(
        "signed by a time-stamping certificate",
        cast.tsa.signed(file),
        untrusted,
    );
}
