//! The SDK for Rust as its people get it: packed, unpacked in an empty folder, built and tested there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests' code: a failure here is a failed test")]

use std::path::Path;
use std::process::Command;

use lockgate_system_tests::built::workspace;

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", said(&output.stdout), said(&output.stderr));
}

fn cargo(folder: &Path, target: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What the crates around it need was fetched when this test was built.
    command.current_dir(folder).env("CARGO_TARGET_DIR", target).env("CARGO_NET_OFFLINE", "true");
    command
}

#[test]
fn the_sdk_for_rust_builds_and_passes_its_tests_where_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    run(cargo(&workspace(), &target).args(["package", "-p", "lockgate-guest", "--no-verify", "--allow-dirty"]));
    let packed = std::fs::read_dir(target.join("package")).unwrap().map(|entry| entry.unwrap().path());
    let packed = packed.into_iter().find(|path| path.extension().is_some_and(|end| end == "crate")).unwrap();
    run(Command::new("tar").arg("-xzf").arg(&packed).arg("-C").arg(folder.path()));
    let unpacked = folder.path().join(packed.file_stem().unwrap());
    assert!(unpacked.join("wit/connector.wit").is_file(), "the contract is in the package");
    run(cargo(&unpacked, &target).args(["test", "--all-features"]));
    run(cargo(&unpacked, &target).args(["build", "--all-features", "--target", "wasm32-wasip2"]));
}
