//! Where the component model's own tests are: the package `wasm-tools` carries them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder in the package.
const FOLDER: &str = "tests/component-model/test";

/// Every `.wast` file, sorted: its name below the folder, with `/`, and where it is.
pub fn conformance_files() -> Vec<(String, PathBuf)> {
    let folder = package().join(FOLDER);
    let mut found = Vec::new();
    walk(&folder, &folder, &mut found);
    found.sort();
    found
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<(String, PathBuf)>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(root, &path, found);
        } else if path.extension().is_some_and(|end| end == "wast") {
            let name = path.strip_prefix(root).expect("below it").to_string_lossy().replace('\\', "/");
            found.push((name, path));
        }
    }
}

/// The package's folder, as cargo has unpacked it, now if not before. Cargo.lock pins its version and its digest.
fn package() -> PathBuf {
    let arguments = ["metadata", "--format-version", "1", "--locked", "--manifest-path"];
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let asked = Command::new(env!("CARGO")).args(arguments).arg(own).output().expect("cargo runs");
    assert!(asked.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&asked.stderr));
    let metadata: Value = serde_json::from_slice(&asked.stdout).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let tools = packages.iter().find(|package| package["name"] == "wasm-tools").expect("wasm-tools is a dependency");
    let manifest = PathBuf::from(tools["manifest_path"].as_str().expect("a path"));
    manifest.parent().expect("a folder").to_owned()
}
