//! Forgeries: signed files that were changed, and files that were made to look signed.
//!
//! Each is a transformation with a name, made from files that the program itself has signed or from a key whose
//! certificate is trusted (the worst forger is a signer). With each stands what a verdict must say. Not its business:
//! running the program (the suite). ISO 32000-2 12.8.1; the named attacks are those of pdf-insecurity.org (universal
//! signature forgery, incremental saving, signature wrapping, shadow attacks).

pub mod der;
pub mod file;
mod hidden;
pub mod insider;
mod later;
mod messages;
mod octets;
mod ranges;
mod stamps;
mod structure;

use insider::Insider;

/// What a forgery is made from: one contract, signed.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Names the kind of file: `classic` or `xref-stream`.
    pub kind: &'static str,
    /// The contract.
    pub contract: Vec<u8>,
    /// Signed without a timestamp.
    pub plain: Vec<u8>,
    /// Signed with one.
    pub stamped: Vec<u8>,
    /// Another contract, signed with a timestamp by the same key.
    pub other: Vec<u8>,
}

/// Who else is in the play.
pub struct Cast {
    /// Holds a key that the anchors vouch for.
    pub insider: Insider,
    /// The same names as the practice authority gives, by a key of nobody's.
    pub rogue: Insider,
    /// An authority for time by nobody's key.
    pub rogue_tsa: Insider,
    /// A certificate that has ended, of the trusted authority.
    pub expired: Insider,
    /// A time-stamping certificate of the trusted authority.
    pub tsa: Insider,
}

/// A file and what must be said of it.
#[derive(Debug, Clone)]
pub struct Forgery {
    /// Names the case.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// What a verdict must say.
    pub expect: Expect,
}

/// What must be said of a forgery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expect {
    /// The verdict.
    pub verdict: Verdict,
    /// A finding that tells what it is; empty for none.
    pub code: &'static str,
    /// `integrity`, where it matters.
    pub integrity: Option<&'static str>,
    /// `coverage.whole_revision`, where it matters.
    pub whole_revision: Option<bool>,
    /// `later_changes`, where it matters.
    pub later_changes: Option<&'static str>,
    /// Whether it may get a timestamp: the octets are intact, and only the signer or the algorithm is not trusted.
    pub stampable: bool,
}

/// The verdict, which is also the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// `TOTAL-FAILED`, 1.
    Failed,
    /// `INDETERMINATE`, 2.
    Indeterminate,
    /// `NO-SIGNATURE`, 3.
    Unsigned,
    /// Anything but passed: what exactly depends on where a reader stumbles first. 1, 2, 3 or 65.
    Never,
    /// Not a forgery: the change is one that nobody signed for and that says nothing. `TOTAL-PASSED`, 0.
    Harmless,
}

impl Expect {
    const fn new(verdict: Verdict, code: &'static str) -> Self {
        Self {
            verdict,
            code,
            integrity: None,
            whole_revision: None,
            later_changes: None,
            stampable: false,
        }
    }

    pub(crate) const fn broken(code: &'static str) -> Self {
        Self {
            integrity: Some("broken"),
            ..Self::new(Verdict::Failed, code)
        }
    }

    pub(crate) const fn uncovered(code: &'static str) -> Self {
        Self {
            whole_revision: Some(false),
            ..Self::broken(code)
        }
    }

    pub(crate) const fn failed(code: &'static str) -> Self {
        Self::new(Verdict::Failed, code)
    }

    pub(crate) const fn open(code: &'static str) -> Self {
        Self::new(Verdict::Indeterminate, code)
    }

    pub(crate) const fn never() -> Self {
        Self::new(Verdict::Never, "")
    }

    pub(crate) const fn unsigned() -> Self {
        Self::new(Verdict::Unsigned, "")
    }

    pub(crate) const fn uncovering(self) -> Self {
        Self {
            whole_revision: Some(false),
            ..self
        }
    }

    pub(crate) const fn stampable(self) -> Self {
        Self {
            stampable: true,
            ..self
        }
    }

    pub(crate) const fn harmless() -> Self {
        Self {
            integrity: Some("intact"),
            ..Self::new(Verdict::Harmless, "")
        }
    }

    pub(crate) const fn intact(self) -> Self {
        Self {
            integrity: Some("intact"),
            ..self
        }
    }

    pub(crate) const fn changed_later(self) -> Self {
        Self {
            integrity: Some("intact"),
            whole_revision: Some(true),
            later_changes: Some("unknown"),
            ..self
        }
    }
}

/// Every forgery that can be made of these.
#[must_use]
pub fn all(signed: &Signed, cast: &Cast) -> Vec<Forgery> {
    let mut made = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>, expect: Expect| {
        assert!(
            bytes != signed.stamped && bytes != signed.plain,
            "{name}: nothing was changed"
        );
        made.push(Forgery {
            name: format!("{}: {name}", signed.kind),
            bytes,
            expect,
        });
    };
    octets::all(signed, &mut add);
    later::all(signed, &mut add);
    hidden::all(signed, &mut add);
    // The same without a timestamp: there is room for one, and `extend` must not give it.
    let unstamped = Signed {
        stamped: signed.plain.clone(),
        ..signed.clone()
    };
    let mut add_unstamped =
        |name: &str, bytes: Vec<u8>, expect: Expect| add(&format!("{name}, without stamp"), bytes, expect);
    octets::all(&unstamped, &mut add_unstamped);
    later::all(&unstamped, &mut add_unstamped);
    ranges::all(signed, cast, &mut add);
    structure::all(signed, cast, &mut add);
    messages::all(signed, cast, &mut add);
    stamps::all(signed, cast, &mut add);
    made
}

type Add<'a> = dyn FnMut(&str, Vec<u8>, Expect) + 'a;
