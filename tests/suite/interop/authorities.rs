//! Time-stamping authorities that the project did not write, where their folder lies beside the checkout: certomancer and
//! openssl, sound ones and broken ones. Never part of the project, never required.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use countersign_tests::{
    contracts,
    desk::{Desk, Key, Pin, Run, Workshop},
    judge::Judge,
    repository, skip,
};

/// Path, root, and the code of the fault; none for a sound one.
const SERVICES: &[(&str, &str, Option<&str>)] = &[
    ("CERTOMANCER/rsa/tsa/tsa", "rsa", None),
    ("CERTOMANCER/ec/tsa/tsa", "ec", None),
    ("OPENSSL/tsa", "rsa", None),
    ("OPENSSL/tsa-ec", "ec", None),
    // A sound token under a wrong media type: only the token counts.
    ("OPENSSL/tsa?fault=wrongtype", "rsa", None),
    ("CERTOMANCER/rsa/tsa/tsa-expired", "rsa", Some("tsa-invalid")),
    ("CERTOMANCER/rsa/tsa/tsa-noeku", "rsa", Some("tsa-invalid")),
    ("CERTOMANCER/rsa/tsa/tsa", "ec", Some("tsa-untrusted")),
    ("OPENSSL/tsa?fault=reject", "rsa", Some("tsa-refused")),
    ("OPENSSL/tsa?fault=badimprint", "rsa", Some("tsa-invalid")),
    ("OPENSSL/tsa?fault=truncate", "rsa", Some("tsa-invalid")),
    ("OPENSSL/tsa?fault=html", "rsa", Some("tsa-invalid")),
    ("OPENSSL/tsa?fault=http500", "rsa", Some("tsa-refused")),
];

/// The authorities while they run.
struct Authorities {
    dir: PathBuf,
    ports: [u16; 2],
}

impl Authorities {
    fn start(from: &Path, dir: PathBuf) -> Option<Self> {
        let python = repository::root().join(".venv/bin/python");
        let copied = Command::new("cp")
            .arg("-rT")
            .args([from, &dir])
            .status()
            .is_ok_and(|status| status.success());
        let _writable = Command::new("chmod").args(["-R", "u+w"]).arg(&dir).status();
        let free = || {
            TcpListener::bind(("127.0.0.1", 0))
                .unwrap()
                .local_addr()
                .unwrap()
                .port()
        };
        let ports = [free(), free()];
        let started = copied
            && Command::new("bash")
                .arg(dir.join("start.sh"))
                .args(ports.map(|port| port.to_string()))
                .env("PY", python)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success());
        let authorities = Self { dir, ports };
        started.then_some(authorities)
    }

    fn url(&self, service: &str) -> String {
        let [certomancer, openssl] = self.ports.map(|port| format!("http://127.0.0.1:{port}"));
        service
            .replace("CERTOMANCER", &certomancer)
            .replace("OPENSSL", &openssl)
    }

    fn root(&self, kind: &str) -> PathBuf {
        self.dir.join(format!("out-{kind}/root/root.cert.pem"))
    }
}

impl Drop for Authorities {
    fn drop(&mut self) {
        let _stopped = Command::new("bash")
            .arg(self.dir.join("stop.sh"))
            .stderr(Stdio::null())
            .status();
    }
}

#[test]
fn authorities_that_are_not_ours() {
    let Some(folder) = repository::root()
        .parent()
        .map(|above| above.join("shared/pki"))
        .filter(|folder| folder.is_dir())
    else {
        skip::without("no foreign time-stamping authorities beside the checkout");
        return;
    };
    let workshop = Workshop::shared();
    let Some(authorities) = Authorities::start(&folder, workshop.folder("authorities")) else {
        skip::without("the foreign time-stamping authorities do not start");
        return;
    };
    let desk = workshop.desk();
    let red: Vec<String> = SERVICES
        .iter()
        .filter_map(|service| {
            check(&desk, &authorities, service)
                .err()
                .map(|why| format!("{service:?}: {why}"))
        })
        .collect();
    assert!(
        red.is_empty(),
        "{} of {} are red:\n{}",
        red.len(),
        SERVICES.len(),
        red.join("\n")
    );
}

fn check(desk: &Desk, authorities: &Authorities, service: &(&str, &str, Option<&str>)) -> Result<(), String> {
    let (service, root, fault) = *service;
    let (source, to, root) = (
        desk.put("contract.pdf", &contracts::classic().bytes),
        desk.work().join("stamped.pdf"),
        authorities.root(root),
    );
    let _gone = std::fs::remove_file(&to);
    let word = |path: &Path| path.to_str().unwrap().to_owned();
    let mut arguments = vec!["sign".to_owned(), word(&source), "-o".to_owned(), word(&to)];
    arguments.extend([
        "--credential".to_owned(),
        desk.credential(Key::P256),
        "--chain".to_owned(),
        word(&desk.chain()),
    ]);
    arguments.extend([
        "--tsa".to_owned(),
        authorities.url(service),
        "--trust".to_owned(),
        word(&root),
    ]);
    arguments.extend(["--level", "B-T", "--yes", "--no-submit"].map(str::to_owned));
    let run = desk.run(&arguments, Pin::File);
    let level = run.json["results"][0]["level"].as_str().unwrap_or_default().to_owned();
    let told = |run: &Run| format!("level {level}, code {:?}, {}", run.code(), run.told());
    match fault {
        None if run.exit == Some(0) && level == "B-T" => {}
        // Nothing is lost: the signature is there, and the stamp waits.
        Some(code) if run.exit == Some(75) && run.code() == code && level == "B-B" && to.is_file() => {}
        _ => return Err(told(&run)),
    }
    let Some(judge) = Judge::shared() else { return Ok(()) };
    let verdicts = judge.judge(&to, &[&desk.root(), &root], true)?;
    match verdicts.as_slice() {
        [one] if one.bottom_line && one.timestamp.is_some() == fault.is_none() => Ok(()),
        other => Err(format!("pyHanko: {other:?}")),
    }
}
