//! Guests, as `cargo xtask test` builds them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// The workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The bytes of a guest component, built when it is not there yet.
pub fn guest(name: &str) -> Vec<u8> {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _building = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let target = workspace().join("target/guests");
    let path = target.join(format!("wasm32-wasip2/guest/{name}.wasm"));
    if !path.exists() {
        let built = Command::new(env!("CARGO"))
            .current_dir(workspace())
            .args(["build", "--profile", "guest", "--target", "wasm32-wasip2", "--target-dir"])
            .arg(&target)
            .args(["--package", &name.replace('_', "-")])
            .status();
        assert!(built.is_ok_and(|status| status.success()), "{name} could not be built: run `rustup target add wasm32-wasip2`");
    }
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
