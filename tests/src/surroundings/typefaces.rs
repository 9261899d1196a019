//! A machine without typefaces: their folders are empty for one process.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::skip::without;

/// A program in `dir` that starts the given one where no typeface is found; none, said loudly, where the kernel does not
/// let an unprivileged user mount over a folder.
///
/// # Panics
/// When nothing can be written there.
#[must_use]
pub fn without_typefaces(program: &Path, dir: &Path) -> Option<PathBuf> {
    let hide = "for folder in /usr/share/fonts /usr/local/share/fonts; do \
                [ ! -d $folder ] || mount -t tmpfs none $folder || exit 1; done";
    let mut probe = Command::new("unshare");
    probe.args(["-rm", "sh", "-c", hide]).stderr(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        without("typefaces cannot be hidden here (unshare -rm); a machine without them is not tried");
        return None;
    }
    let name = program.file_name().expect("a program").to_string_lossy();
    let script = dir.join(format!("{name}-without-typefaces"));
    let program = program.display();
    let text = format!(
        "#!/bin/sh\nexec unshare -rm sh -c '{hide}; HOME=/nonexistent exec \"$0\" \"$@\"' '{program}' \"$@\"\n"
    );
    std::fs::write(&script, text).expect("a folder to write to");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("a file of ours");
    Some(script)
}
