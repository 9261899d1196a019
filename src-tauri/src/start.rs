//! The beginning of the process: what must be settled before any other thread exists.
//!
//! Not its business: the window. This is the only file of the shell that changes the environment.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use countersign_desk::token_environment;
use countersign_engine::default_home;

/// Variables by which others could look into the web view or steer it.
const STEERING: &[&str] = &[
    "TAURI_WEBVIEW_AUTOMATION",
    "WEBKIT_INSPECTOR_SERVER",
    "WEBKIT_INSPECTOR_HTTP_SERVER",
];

/// How much the scripts' heap may grow between two full collections, as a multiple of what is alive. The engine's own number
/// follows the machine's memory: with 24 GiB, scrolling through 500 pages leaves about 90 MiB more uncollected. It has no other
/// way to be told; where it does not know this name nothing changes.
const HEAP_GROWTH: (&str, &str) = ("JSC_heapGrowthMaxIncrease", "1");

/// One change of the environment.
type Change = (OsString, Option<OsString>);

/// The home folder: as said, or as the command line finds it.
pub(crate) fn home(said: Option<PathBuf>) -> Option<PathBuf> {
    let var = |name: &str| std::env::var_os(name);
    let home = said.or_else(|| {
        default_home(
            var("COUNTERSIGN_HOME").as_deref(),
            var("XDG_DATA_HOME").as_deref(),
            var("HOME").as_deref(),
        )
    })?;
    std::path::absolute(home).ok()
}

/// Changes what must be changed. Called first of all.
pub(crate) fn settle_environment(home: &Path) {
    for (name, value) in changes(home, cfg!(feature = "e2e"), &|name| std::env::var_os(name)) {
        #[expect(unsafe_code, reason = "called from main before any other thread exists")]
        // SAFETY: no other thread of this process exists yet that could read the environment.
        unsafe {
            match value {
                Some(value) => std::env::set_var(name, value),
                None => std::env::remove_var(name),
            }
        }
    }
}

fn changes(home: &Path, tested: bool, var: &dyn Fn(&str) -> Option<OsString>) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    if !tested {
        changes.extend(STEERING.iter().map(|name| (OsString::from(name), None)));
    }
    changes.push((HEAP_GROWTH.0.into(), Some(HEAP_GROWTH.1.into())));
    // Without a usable graphics device, or with NVIDIA's driver, this renderer shows an empty window.
    if var("WEBKIT_DISABLE_DMABUF_RENDERER").is_none() && !has_plain_graphics() {
        changes.push(("WEBKIT_DISABLE_DMABUF_RENDERER".into(), Some("1".into())));
    }
    // The practice desk below the home may be opened later, by this same process.
    if let Some((name, value)) = token_environment(home).filter(|(name, _)| var(name).is_none()) {
        changes.push((name.into(), Some(value.into())));
    }
    changes
}

fn has_plain_graphics() -> bool {
    let render = std::fs::read_dir("/dev/dri").is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            AsRef::<OsStr>::as_ref(&entry.file_name())
                .to_string_lossy()
                .starts_with("renderD")
        })
    });
    render && !Path::new("/proc/driver/nvidia").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(changes: &[Change], name: &str) -> Option<Option<OsString>> {
        changes
            .iter()
            .find(|(changed, _)| changed == name)
            .map(|(_, value)| value.clone())
    }

    #[test]
    fn nobody_steers_the_web_view_from_outside() {
        let none = |_: &str| None;
        let changed = changes(Path::new("/nowhere"), false, &none);
        for name in STEERING {
            assert_eq!(value(&changed, name), Some(None), "{name}");
        }
        assert!(STEERING.contains(&"TAURI_WEBVIEW_AUTOMATION"));
        // Nor makes it hoard memory.
        let hoarding = |_: &str| Some(OsString::from("100"));
        let bounded = changes(Path::new("/nowhere"), false, &hoarding);
        assert_eq!(value(&bounded, HEAP_GROWTH.0), Some(Some("1".into())));
        let tested = changes(Path::new("/nowhere"), true, &none);
        assert!(STEERING.iter().all(|name| value(&tested, name).is_none()));
    }
}
