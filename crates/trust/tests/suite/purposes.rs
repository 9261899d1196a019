//! extKeyUsage: what it says, where it stands, critical or not. Every cell is a path of its own; one table says who passes.

use crate::pki::{CA, Pki, TSA, Wish};
use countersign_cms::certificate::Certificate;
use countersign_trust::{
    Indication, PathRequest, Policy, SubIndication, TrustAnchors, Usage, certificate_refusals, verify_path,
};

/// What an extKeyUsage is worth by itself. `documents`: may sign; `issuing`: may stand above a signer without one; `mail`:
/// may stand above a signer with emailProtection.
struct Purposes {
    name: &'static str,
    value: &'static str,
    documents: bool,
    mail: bool,
}

const fn row(name: &'static str, value: &'static str, documents: bool, mail: bool) -> Purposes {
    Purposes {
        name,
        value,
        documents,
        mail,
    }
}

const TABLE: [Purposes; 17] = [
    row("any", "anyExtendedKeyUsage", true, true),
    row("mail", "emailProtection", true, true),
    row("document", "1.3.6.1.5.5.7.3.36", true, false),
    row("adobe", "1.2.840.113583.1.1.5", true, false),
    row("microsoft", "1.3.6.1.4.1.311.10.3.12", true, false),
    row("mail-login", "clientAuth,emailProtection", true, true),
    row("mail-server", "serverAuth,emailProtection", true, true),
    row("any-ocsp", "OCSPSigning,anyExtendedKeyUsage", true, true),
    row("login", "clientAuth", false, false),
    row("server", "serverAuth", false, false),
    row("server-login", "serverAuth,clientAuth", false, false),
    row("code", "codeSigning", false, false),
    row("ocsp", "OCSPSigning", false, false),
    row("stamping", "timeStamping", false, false),
    row("smartcard", "1.3.6.1.4.1.311.20.2.2", false, false),
    row("own", "1.2.3.4.5.6", false, false),
    row("empty", "DER:3000", false, false),
];

const SIGNER: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation";
const NOW: &str = "2026-06-01T00:00:00Z";
const LOGIN: &str = "1.3.6.1.5.5.7.3.2";

#[test]
fn every_purpose_in_every_place() {
    let mut wishes = vec![
        Wish::new("root", "root", CA),
        Wish::new("ca", "root", CA).key_of("root"),
    ];
    let mut wrong = Vec::new();
    for purposes in &TABLE {
        for critical in [false, true] {
            let mut wish = |name: String, issuer: &str, base: &str, own: bool| {
                let prefix = match (critical, purposes.value.starts_with("DER:")) {
                    (true, _) => "critical,",
                    (false, _) => "",
                };
                let key = if purposes.value.starts_with("DER:") {
                    "2.5.29.37"
                } else {
                    "extendedKeyUsage"
                };
                let extensions = match own {
                    true => format!("{base}\n{key}={prefix}{}", purposes.value),
                    false => base.to_owned(),
                };
                let [name, issuer, extensions] =
                    [name, issuer.to_owned(), extensions].map(|text| &*Box::leak(text.into_boxed_str()));
                let wish = Wish::new(name, issuer, extensions);
                // One key for all but the root: making keys is what takes time.
                wishes.push(wish.key_of("root"));
            };
            let name = |what: &str| format!("{}-{critical}-{what}", purposes.name);
            let mail = format!("{SIGNER}\nextendedKeyUsage=emailProtection");
            wish(name("signer"), "ca", SIGNER, true);
            wish(name("ca"), "root", CA, true);
            wish(name("below"), &name("ca"), SIGNER, false);
            wish(name("mail-below"), &name("ca"), &mail, false);
            wish(name("tsa-below"), &name("ca"), TSA, false);
        }
    }
    let pki = Pki::new(&wishes);
    let anchors = TrustAnchors::new(pki.ders(&["root"])).unwrap();
    let wider = Policy::DEFAULT.with_signer_purposes(&[LOGIN.to_owned()]);
    let mut check = |what: String, path: &[&str], usage: Usage, policy: &Policy, passes: bool, at: usize| {
        let found = verify_path(&PathRequest {
            certificate: &pki.der(path[0]),
            pool: &pki.ders(&path[1..]),
            anchors: &anchors,
            at: NOW.parse().unwrap(),
            usage,
            policy,
        });
        let told = match &found {
            Ok(_) => passes,
            Err(failure) => {
                !passes
                    && failure.indication == Indication::Indeterminate
                    && failure.sub_indication == SubIndication::ChainConstraintsFailure
                    && failure.findings.iter().any(|finding| {
                        finding.code() == "extended-key-usage"
                            && finding.to_string().contains(&format!("certificate {at} "))
                    })
            }
        };
        if !told {
            wrong.push(format!("{what}: {found:?}"));
        }
        // The same table decides what may sign.
        if usage == Usage::DocumentSigning {
            let certificates: Vec<Certificate> = path
                .iter()
                .map(|name| Certificate::from_der(&pki.der(name)).unwrap())
                .collect();
            let refusals = certificate_refusals(&certificates[0], &certificates[1..], NOW.parse().unwrap(), policy);
            let codes: Vec<&str> = refusals.iter().map(|refusal| refusal.code()).collect();
            let expected: &[&str] = if passes { &[] } else { &["extended-key-usage"] };
            if codes != expected {
                wrong.push(format!("{what}: signing: {codes:?}"));
            }
        }
    };
    for purposes in &TABLE {
        for critical in [false, true] {
            let name = |what: &str| format!("{}-{critical}-{what}", purposes.name);
            let (signer, ca) = (name("signer"), name("ca"));
            let login = purposes.value.contains("clientAuth");
            for (policy, wide) in [(&Policy::DEFAULT, false), (&wider, true)] {
                let what = |place: &str| format!("{} critical {critical} wide {wide}: {place}", purposes.name);
                let fits = purposes.documents || (wide && login);
                let documents = Usage::DocumentSigning;
                check(what("signer"), &[&signer, "ca"], documents, policy, fits, 0);
                check(what("issuer"), &[&name("below"), &ca], documents, policy, fits, 1);
                check(
                    what("issuer, mail"),
                    &[&name("mail-below"), &ca],
                    documents,
                    policy,
                    purposes.mail,
                    1,
                );
            }
            let stamps = purposes.value.contains("timeStamping") || purposes.value.contains("any");
            let what = format!("{} critical {critical}: issuer of an authority", purposes.name);
            check(
                what,
                &[&name("tsa-below"), &ca],
                Usage::TimeStamping,
                &Policy::DEFAULT,
                stamps,
                1,
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An anchor narrows what it vouches for as any other issuer does, and a CA's certificate signs nothing but certificates.
#[test]
fn anchors_and_authorities() {
    let old = Box::leak(format!("{CA}\nextendedKeyUsage=serverAuth").into_boxed_str());
    let signing_ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature,keyCertSign";
    let pki = Pki::new(&[
        Wish::new("root", "root", CA),
        Wish::new("web-root", "web-root", old),
        Wish::new("of-web", "web-root", SIGNER),
        Wish::new("signing-ca", "root", signing_ca),
    ]);
    let path = |leaf: &str, anchor: &str| {
        let anchors = TrustAnchors::new(pki.ders(&[anchor])).unwrap();
        verify_path(&PathRequest {
            certificate: &pki.der(leaf),
            pool: &[],
            anchors: &anchors,
            at: NOW.parse().unwrap(),
            usage: Usage::DocumentSigning,
            policy: &Policy::DEFAULT,
        })
    };
    for (leaf, anchor, code) in [
        ("of-web", "web-root", "extended-key-usage"),
        ("signing-ca", "root", "ca-certificate"),
        ("signing-ca", "signing-ca", "ca-certificate"),
    ] {
        let failure = path(leaf, anchor).unwrap_err();
        assert_eq!(failure.sub_indication, SubIndication::ChainConstraintsFailure, "{leaf}");
        assert!(
            failure.findings.iter().any(|finding| finding.code() == code),
            "{leaf} {failure:?}"
        );
    }
}

/// Roots of version 1 are anchors; the same as an intermediate is none, nor is a signer of version 1 that was configured.
#[test]
fn roots_of_version_1() {
    let mut pki = Pki::new(&[Wish::new("root", "root", CA)]);
    pki.old_root("old");
    pki.issued_by("below-old", "old", SIGNER);
    pki.old_leaf("old-leaf", "root");
    pki.issued_by("below-leaf", "old-leaf", SIGNER);
    for (leaf, pool, anchor, passes) in [
        ("below-old", &[][..], "old", true),
        ("below-leaf", &["old-leaf"][..], "root", false),
        ("below-leaf", &[], "old-leaf", false),
        ("old-leaf", &[], "root", true),
    ] {
        let anchors = TrustAnchors::new(pki.ders(&[anchor])).unwrap();
        let found = verify_path(&PathRequest {
            certificate: &pki.der(leaf),
            pool: &pki.ders(pool),
            anchors: &anchors,
            // Openssl dates them from today.
            at: "2040-01-01T00:00:00Z".parse().unwrap(),
            usage: Usage::DocumentSigning,
            policy: &Policy::DEFAULT,
        });
        assert_eq!(found.is_ok(), passes, "{leaf} under {anchor}: {found:?}");
    }
}
