//! Arguments, from a start or from a second start while the window is open. They are not trusted: anybody may start it.
//!
//! `[--home DIR] [--verify FILE] [FILE...]`; what follows `--` is a file. Not its business: whether the files are any good.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// More files than this at once are a mistake.
pub(crate) const FILES_MAX: usize = 64;
/// No path of this system is longer.
const PATH_MAX: usize = 4096;

/// What is to be shown first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Home folder, instead of the usual one.
    pub(crate) home: Option<PathBuf>,
    /// To be verified.
    pub(crate) verify: Vec<PathBuf>,
    /// To be put on the desk.
    pub(crate) files: Vec<PathBuf>,
}

/// What a start asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Start {
    /// The window.
    Window(Wanted),
    /// `--version`.
    Version,
    /// `--help`.
    Help,
}

/// Why arguments cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    /// An option that does not exist.
    #[error("unknown option: {0}")]
    Unknown(String),
    /// An option without its value.
    #[error("{0} needs a value")]
    Incomplete(&'static str),
    /// More than [`FILES_MAX`].
    #[error("more than {FILES_MAX} files")]
    TooMany,
    /// Empty or too long.
    #[error("not a usable path")]
    Path,
}

/// Reads arguments (without the program's name). Relative paths are meant from `folder`.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>, folder: &Path) -> Result<Start, ArgumentError> {
    let mut arguments = arguments.into_iter();
    let (mut wanted, mut only_files) = (Wanted::default(), false);
    while let Some(argument) = arguments.next() {
        let option = argument.to_str().filter(|text| !only_files && text.starts_with('-'));
        let mut value = |name| arguments.next().ok_or(ArgumentError::Incomplete(name));
        match option {
            None => wanted.files.push(path(&argument, folder)?),
            Some("--") => only_files = true,
            Some("--home") => wanted.home = Some(path(&value("--home")?, folder)?),
            Some("--verify") => wanted.verify.push(path(&value("--verify")?, folder)?),
            Some("--version" | "-V") => return Ok(Start::Version),
            Some("--help" | "-h") => return Ok(Start::Help),
            Some(other) => return Err(ArgumentError::Unknown(other.chars().take(80).collect())),
        }
        if wanted.files.len() + wanted.verify.len() > FILES_MAX {
            return Err(ArgumentError::TooMany);
        }
    }
    Ok(Start::Window(wanted))
}

fn path(argument: &OsString, folder: &Path) -> Result<PathBuf, ArgumentError> {
    if argument.is_empty() || argument.len() > PATH_MAX {
        return Err(ArgumentError::Path);
    }
    Ok(folder.join(argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn arguments_are_read_as_described() {
        let window = |home: Option<&str>, verify: &[&str], given: &[&str]| {
            Ok(Start::Window(Wanted {
                home: home.map(PathBuf::from),
                verify: files(verify),
                files: files(given),
            }))
        };
        let unknown = |text: &str| Err(ArgumentError::Unknown(text.to_owned()));
        let cases: &[(&[&str], Result<Start, ArgumentError>)] = &[
            (&[], window(None, &[], &[])),
            (&["a.pdf"], window(None, &[], &["/here/a.pdf"])),
            (
                &["/x/a.pdf", "合同.pdf"],
                window(None, &[], &["/x/a.pdf", "/here/合同.pdf"]),
            ),
            (&["--verify", "b.pdf"], window(None, &["/here/b.pdf"], &[])),
            (&["--home", "h", "a"], window(Some("/here/h"), &[], &["/here/a"])),
            (&["--", "--home"], window(None, &[], &["/here/--home"])),
            (&["--", "--", "-x"], window(None, &[], &["/here/--", "/here/-x"])),
            (&["--version", "--nonsense"], Ok(Start::Version)),
            (&["-h"], Ok(Start::Help)),
            (&["--home"], Err(ArgumentError::Incomplete("--home"))),
            (&["--verify"], Err(ArgumentError::Incomplete("--verify"))),
            (&["--remote-debugging-port=1"], unknown("--remote-debugging-port=1")),
            (&["-"], unknown("-")),
            (&[""], Err(ArgumentError::Path)),
            (&["--home", ""], Err(ArgumentError::Path)),
        ];
        for (given, expected) in cases {
            let given: Vec<OsString> = given.iter().map(Into::into).collect();
            assert_eq!(&parse(given.clone(), Path::new("/here")), expected, "{given:?}");
        }
    }

    #[test]
    fn neither_number_nor_length_is_without_bound() {
        let many = vec![OsString::from("a"); FILES_MAX + 1];
        assert_eq!(parse(many, Path::new("/")), Err(ArgumentError::TooMany));
        let long = OsString::from("a".repeat(PATH_MAX + 1));
        assert_eq!(parse([long], Path::new("/")), Err(ArgumentError::Path));
    }

    #[test]
    fn a_name_that_is_not_unicode_is_a_file() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = OsString::from_vec(b"-\xff.pdf".to_vec());
        let Ok(Start::Window(wanted)) = parse([odd], Path::new("/here")) else {
            panic!("refused");
        };
        assert_eq!(wanted.files.len(), 1);
    }
}
