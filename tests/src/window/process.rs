//! Children in process groups of their own, with their output in a file, ended together with everything they started.

use std::{
    fs::File,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A child that leads a process group.
#[derive(Debug)]
pub struct Group(Child);

impl Group {
    /// Starts it; stdout and stderr go to `log` unless stdout is piped already.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .unwrap_or_else(|error| panic!("{}: {error}", log.display()));
        command.stdin(Stdio::null()).stderr(file.try_clone().expect("a handle"));
        command.stdout(file);
        Self::spawn(command)
    }

    /// The same, with stdout to read.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn talking(command: &mut Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        Self::spawn(command)
    }

    fn spawn(command: &mut Command) -> Self {
        let child = command
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
        Self(child)
    }

    /// The leader.
    pub const fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// The leader's number, and the group's.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether the leader has not ended.
    ///
    /// # Panics
    /// When that cannot be told.
    pub fn lives(&mut self) -> bool {
        self.0.try_wait().expect("a child").is_none()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        signal("KILL", &format!("-{}", self.0.id()));
        let _ended = self.0.wait();
    }
}

/// Sends a signal to a process, or to a group with a minus before its number.
pub fn signal(name: &str, target: &str) {
    let _gone = Command::new("kill")
        .args(["-s", name, "--", target])
        .stderr(Stdio::null())
        .status();
}

/// A process and all below it, the process first.
#[must_use]
pub fn tree(root: u32) -> Vec<u32> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_string_lossy().parse::<u32>().ok() else {
            continue;
        };
        // The name, in brackets, may hold anything: what counts stands behind the last one.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1))
            .and_then(|parent| parent.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (id, parent)));
    }
    let mut found = vec![root];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        at += 1;
    }
    found
}
