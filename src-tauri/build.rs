//! Generates a permission for each command of the window; nothing that is not on the list can be called.

#[path = "src/names.rs"]
mod names;

fn main() {
    // The window's files are in the program: it is made anew when they are.
    println!("cargo:rerun-if-changed=../ui/dist");
    let manifest = tauri_build::AppManifest::new().commands(names::COMMANDS);
    let built = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest));
    if let Err(error) = built {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
