//! The certification authorities and certificates that the path tests are about.

use std::sync::OnceLock;

use crate::pki::{CA, EC, LEAF, P384, Pki, RSA, RSA_1024, SM2, TSA, Wish};

/// Made once for all tests of a process.
pub(crate) fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let mut pki = make();
        pki.drop_files();
        pki
    })
}

fn make() -> Pki {
    let old = ("20200101000000Z", "20210101000000Z");
    let coming = ("20300101000000Z", "20400101000000Z");
    Pki::new(&[
        Wish::new("root", "root", CA),
        Wish::new("ca", "root", CA),
        Wish::new("sub", "ca", CA).key(P384).digest("sha384"),
        Wish::new("leaf", "ca", LEAF),
        Wish::new("deep", "sub", LEAF),
        Wish::new("rsa-root", "rsa-root", CA).key(RSA),
        Wish::new("rsa-ca", "rsa-root", CA).key(RSA).digest("sha512"),
        Wish::new("rsa-leaf", "rsa-ca", LEAF).key(RSA),
        Wish::new("sm2-root", "sm2-root", CA).key(SM2).digest("sm3"),
        Wish::new("sm2-leaf", "sm2-root", LEAF).key(SM2).digest("sm3"),
        Wish::new("chinese-ca", "root", CA).subject("/C=CN/O=会签测试机构/CN=中级 CA"),
        Wish::new("chinese", "chinese-ca", LEAF).subject("/C=CN/O=某银行/CN=张三"),
        // a long way up
        Wish::new("c1", "root", CA),
        Wish::new("c2", "c1", CA),
        Wish::new("c3", "c2", CA),
        Wish::new("c4", "c3", CA),
        Wish::new("c5", "c4", CA),
        Wish::new("c6", "c5", CA),
        Wish::new("c7", "c6", CA),
        Wish::new("eighth", "c6", LEAF),
        Wish::new("ninth", "c7", LEAF),
        // two that know only each other
        Wish::new("ring-a", "ring-a", CA),
        Wish::new("ring-b", "ring-a", CA),
        Wish::new("ring-a2", "ring-b", CA)
            .subject("/C=CN/O=Test/CN=ring-a")
            .key_of("ring-a"),
        Wish::new("in-ring", "ring-a", LEAF),
        // pathlen
        Wish::new(
            "short-ca",
            "root",
            "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign",
        ),
        Wish::new("below-short", "short-ca", CA),
        Wish::new("too-deep", "below-short", LEAF),
        // names
        Wish::new("permits", "root", leak(CA, "nameConstraints=critical,@permitted")),
        Wish::new("inside", "permits", LEAF),
        Wish::new("outside", "permits", LEAF).subject("/C=CN/O=Other/CN=outside"),
        Wish::new("excludes", "root", leak(CA, "nameConstraints=critical,@excluded")),
        Wish::new("excluded", "excludes", LEAF),
        // dates
        Wish::new("expired", "ca", LEAF).valid(old.0, old.1),
        Wish::new("expired-ca", "root", CA).valid(old.0, old.1),
        Wish::new("under-expired", "expired-ca", LEAF),
        Wish::new("coming", "ca", LEAF).valid(coming.0, coming.1),
        Wish::new("expired-root", "expired-root", CA).valid(old.0, old.1),
        Wish::new("under-expired-root", "expired-root", LEAF),
        // usages
        Wish::new("encipher", "ca", "keyUsage=critical,keyEncipherment"),
        Wish::new("digital-only", "ca", "keyUsage=digitalSignature"),
        Wish::new("repudiation-only", "ca", "keyUsage=nonRepudiation"),
        Wish::new("no-usage", "ca", "basicConstraints=CA:FALSE"),
        Wish::new(
            "web",
            "ca",
            "keyUsage=digitalSignature\nextendedKeyUsage=critical,serverAuth",
        ),
        Wish::new(
            "mail",
            "ca",
            "keyUsage=digitalSignature\nextendedKeyUsage=critical,emailProtection",
        ),
        Wish::new("tsa", "ca", TSA),
        Wish::new(
            "tsa-plain",
            "ca",
            "keyUsage=digitalSignature\nextendedKeyUsage=timeStamping",
        ),
        Wish::new(
            "tsa-both",
            "ca",
            "keyUsage=digitalSignature\nextendedKeyUsage=critical,timeStamping,codeSigning",
        ),
        Wish::new("tsa-none", "ca", "keyUsage=digitalSignature"),
        // extensions
        Wish::new(
            "unknown-critical",
            "ca",
            "keyUsage=digitalSignature\n1.2.3.4.5=critical,DER:0500",
        ),
        Wish::new("unknown-plain", "ca", "keyUsage=digitalSignature\n1.2.3.4.5=DER:0500"),
        Wish::new("critical-ca", "root", leak(CA, "1.2.3.4.5=critical,DER:0500")),
        Wish::new("under-critical", "critical-ca", LEAF),
        Wish::new("no-basic", "root", "keyUsage=critical,keyCertSign"),
        Wish::new("under-no-basic", "no-basic", LEAF),
        Wish::new("not-ca", "root", LEAF),
        Wish::new("under-leaf", "not-ca", LEAF),
        Wish::new(
            "no-cert-sign",
            "root",
            "basicConstraints=critical,CA:TRUE\nkeyUsage=cRLSign",
        ),
        Wish::new("under-no-cert-sign", "no-cert-sign", LEAF),
        // algorithms
        Wish::new("sha1-ca", "root", CA).digest("sha1"),
        Wish::new("under-sha1", "sha1-ca", LEAF),
        Wish::new("weak-ca", "root", CA).key(RSA_1024),
        Wish::new("under-weak", "weak-ca", LEAF),
        // the same name and key certified twice, once badly; and two that certify each other
        Wish::new("cross-bad", "expired-root", CA).subject("/C=CN/O=Test/CN=cross"),
        Wish::new("cross-good", "root", CA)
            .subject("/C=CN/O=Test/CN=cross")
            .key_of("cross-bad"),
        Wish::new("crossed", "cross-bad", LEAF),
        Wish::new("other-root", "other-root", CA),
        Wish::new("loop-a", "other-root", CA),
        Wish::new("loop-b", "loop-a", CA),
        Wish::new("loop-a2", "loop-b", CA)
            .subject("/C=CN/O=Test/CN=loop-a")
            .key_of("loop-a"),
        Wish::new("looped", "loop-a", LEAF),
        // somebody else with the name of the CA
        Wish::new("fake-root", "fake-root", CA).subject("/C=CN/O=Test/CN=root"),
        Wish::new("fake-ca", "fake-root", CA).subject("/C=CN/O=Test/CN=ca"),
        Wish::new("forged", "fake-ca", LEAF),
        Wish::new("alone", "alone", LEAF),
        Wish::new("alone-old", "alone-old", LEAF).valid(old.0, old.1),
        Wish::new(
            "alone-critical",
            "alone-critical",
            "keyUsage=digitalSignature\n1.2.3.4.5=critical,DER:0500",
        ),
        Wish::new("under-alone", "alone", LEAF).key(EC),
    ])
}

fn leak(base: &str, more: &str) -> &'static str {
    Box::leak(format!("{base}\n{more}").into_boxed_str())
}
