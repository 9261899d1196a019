//! Judges that are not ours: pyHanko in Python processes that stay, and small tools (`tools`).
//!
//! Not its business: what they have to say of a file (the suites).

pub mod process;
pub mod tools;

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock},
};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{desk::Identity, repository, skip::skip};
use process::Process;

/// Which Python to take instead of looking for one.
pub const PYTHON: &str = "COUNTERSIGN_PYTHON";

/// pyHanko, as many processes as there are threads that ask at the same time.
pub struct Judge {
    python: PathBuf,
    idle: Mutex<Vec<Process>>,
}

/// What pyHanko says of one signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "pyHanko's own names")]
pub struct Verdict {
    pub field: String,
    pub kind: String,
    pub bottom_line: bool,
    pub intact: bool,
    pub valid: bool,
    pub trusted: bool,
    pub coverage: String,
    pub modification: Option<String>,
    pub docmdp_ok: bool,
    pub certified: Option<u8>,
    pub md_algorithm: String,
    pub mechanism: String,
    pub timestamp: Option<Stamp>,
    pub summary: String,
    pub exception: Option<String>,
}

/// What pyHanko says of a signature's timestamp.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "pyHanko's own names")]
pub struct Stamp {
    pub valid: bool,
    pub intact: bool,
    pub trusted: bool,
    pub at: String,
}

impl Judge {
    /// The judge of this process; `None`, said loudly, when no Python with pyHanko is there.
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static JUDGE: OnceLock<Option<Judge>> = OnceLock::new();
        JUDGE
            .get_or_init(|| {
                let judge = find_python("import pyhanko").map(|python| Self {
                    python,
                    idle: Mutex::default(),
                });
                if judge.is_none() {
                    skip("no Python with pyHanko (make setup brings one); nothing is judged by it");
                }
                judge
            })
            .as_ref()
    }

    /// Every signature of a file, in the order in which they were made.
    ///
    /// # Errors
    /// When pyHanko cannot read the file.
    pub fn judge(&self, file: &Path, trust: &[&Path], strict: bool) -> Result<Vec<Verdict>, String> {
        let answer = self.ask(&json!({"op": "judge", "file": file, "trust": trust, "strict": strict}))?;
        Ok(serde_json::from_value(answer["signatures"].clone()).expect("the judge's answer"))
    }

    /// Signs with pyHanko: `options` are `certify`, `lock`, `field`, `times`, `existing`, `box`, `digest`.
    ///
    /// # Panics
    /// When pyHanko does not sign.
    pub fn sign(&self, from: &Path, to: &Path, signer: &Identity, options: Value) {
        let mut request = json!({
            "op": "sign", "from": from, "to": to,
            "key": signer.key, "certificate": signer.certificate, "chain": signer.chain,
        });
        if let (Value::Object(request), Value::Object(options)) = (&mut request, options) {
            request.extend(options);
        }
        self.ask(&request)
            .unwrap_or_else(|error| panic!("pyHanko does not sign {}: {error}", from.display()));
    }

    /// The signature fields of a file: name, and whether they are signed.
    ///
    /// # Errors
    /// When pyHanko cannot read the file.
    pub fn fields(&self, file: &Path) -> Result<Vec<(String, bool)>, String> {
        let answer = self.ask(&json!({"op": "fields", "file": file}))?;
        let fields = answer["fields"].as_array().cloned().unwrap_or_default();
        Ok(fields
            .iter()
            .map(|field| {
                (
                    field["name"].as_str().unwrap_or_default().to_owned(),
                    field["signed"] == true,
                )
            })
            .collect())
    }

    /// The decoded content streams of each page.
    ///
    /// # Errors
    /// When pyHanko cannot read the file.
    pub fn content(&self, file: &Path) -> Result<Vec<String>, String> {
        let answer = self.ask(&json!({"op": "text", "file": file, "strict": false}))?;
        Ok(serde_json::from_value(answer["pages"].clone()).expect("the judge's answer"))
    }

    fn ask(&self, request: &Value) -> Result<Value, String> {
        let idle = self.idle.lock().expect("no judge panicked").pop();
        let mut process = idle.unwrap_or_else(|| {
            let script = repository::root().join("tests/judge/judge.py");
            Process::start(Command::new(&self.python).args(["-W", "ignore"]).arg(script))
        });
        let answer = process
            .ask(request)
            .unwrap_or_else(|| panic!("the judge ended at {request}"));
        self.idle.lock().expect("no judge panicked").push(process);
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        }
    }
}

/// A Python in which this statement succeeds.
pub(crate) fn find_python(statement: &str) -> Option<PathBuf> {
    let named = std::env::var_os(PYTHON).map(PathBuf::from);
    let looked = [
        Some(repository::root().join(".venv/bin/python")),
        Some("python3".into()),
    ];
    let candidates = if named.is_some() { vec![named] } else { looked.into() };
    candidates.into_iter().flatten().find(|python| {
        Command::new(python)
            .args(["-c", statement])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}
