//! What the compiled component carries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a failure here is a failed test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use wasmparser::{Parser, Payload};

/// As `cargo xtask test` built it; built now where it did not.
fn component() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = std::env::var_os("LOCKGATE_TEST_GUEST").map_or_else(
        || {
            let target = root.join("target/guests");
            let mut build = Command::new(env!("CARGO"));
            build.current_dir(&root).args([
                "build",
                "--profile",
                "guest",
                "--target",
                "wasm32-wasip2",
                "--package",
                env!("CARGO_PKG_NAME"),
            ]);
            assert!(build.arg("--target-dir").arg(&target).status().unwrap().success(), "run `rustup target add wasm32-wasip2`");
            target.join("wasm32-wasip2/guest/lockgate_test_guest.wasm")
        },
        PathBuf::from,
    );
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_manifest_survives_lto_linking_and_the_making_of_a_component() {
    let component = component();
    // Depth 0 is the component, 1 a core module or a component within it.
    let mut depth = 0;
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(&component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::CustomSection(section) if section.name() == "lockgate:manifest" => found.push((depth, section.data().to_vec())),
            _ => {}
        }
    }
    let expected = include_bytes!("../manifest.toml").to_vec();
    assert_eq!(found, [(1, expected)], "one manifest, in the core module, byte for byte");
}
