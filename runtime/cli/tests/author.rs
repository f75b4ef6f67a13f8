//! What authors need before there is a component that could run: scaffold, bindings, components, contracts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Folder, guest, stderr, stdout};

/// The smallest core module: the four bytes of the magic number and the version.
const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap().join("../..").canonicalize().unwrap()
}

#[test]
fn a_new_project_in_rust_builds_passes_and_is_stored() {
    let folder = Folder::new();
    folder.run(&["new", "my-teams", "--lang", "rust"]).success();
    // As build.sh does it, with what is built kept from run to run.
    let target = root().join("target/guests/scaffold");
    let project = folder.path().join("my-teams");
    let built = Command::new("sh").arg("build.sh").current_dir(&project).env("CARGO_TARGET_DIR", &target).status();
    assert!(built.unwrap().success());
    let assert = folder.run(&["test", "my-teams/my-teams.wasm", "my-teams/cases"]).success();
    assert!(stdout(&assert).contains("ok   case create") && stdout(&assert).contains(" 0 failed"), "{}", stdout(&assert));
    let config = ["--config", "my-teams/lockgate.toml"];
    folder.run(&[&["model", "apply", "my-teams/model.toml"], &config[..]].concat()).success();
    folder.run(&[&["connector", "add", "my-teams", "my-teams/my-teams.wasm"], &config[..]].concat()).success();
    folder.run(&[&["submit", "my-teams", "my-teams/cases/not-stated/payload.json"], &config[..]].concat()).success();
    folder.run(&[&["process", "my-teams"], &config[..]].concat()).success();
    folder.run(&[&["object", "get", "cms.role", "team-7"], &config[..]].concat()).success();
}

#[test]
fn a_project_is_not_written_over_another() {
    let folder = Folder::new();
    for lang in ["rust", "typescript", "python", "go", "c"] {
        folder.run(&["new", "shop", "--lang", lang, "-o", lang]).success();
        assert!(folder.path().join(lang).join("README.md").is_file());
        folder.run(&["new", "shop", "--lang", lang, "-o", lang]).code(1);
    }
    let assert = folder.run(&["new", "My Shop", "--lang", "c"]).code(2);
    assert!(stderr(&assert).contains("hint: for example `my-shop`"), "{}", stderr(&assert));
}

#[test]
fn bindings_are_written_for_c_and_go_and_as_wit() {
    let folder = Folder::new();
    folder.run(&["bindings", "--lang", "c", "-o", "gen"]).success();
    for file in ["connector.h", "connector.c", "connector_component_type.o"] {
        assert!(folder.path().join("gen").join(file).is_file(), "{file}");
    }
    folder.run(&["bindings", "--lang", "go", "--package", "example.org/shop", "-o", "go"]).success();
    folder.run(&["bindings", "--lang", "wit", "-o", "wit"]).success();
    let wit = std::fs::read(folder.path().join("wit/connector.wit")).unwrap();
    assert_eq!(wit, std::fs::read(root().join("wit/connector.wit")).unwrap());
    folder.run(&["bindings", "--lang", "c", "--stubs"]).code(2);
}

#[test]
fn what_cannot_become_a_component_is_explained() {
    let folder = Folder::new();
    folder.write("core.wasm", CORE_MODULE);
    folder.write("text.wasm", "text");
    let guest = guest();
    for (file, said) in [
        ("core.wasm", "hint: the module must export the three methods"),
        ("text.wasm", "hint: name what your compiler made"),
        (guest.to_str().unwrap(), "hint: nothing is left to be done"),
    ] {
        let assert = folder.run(&["component", "new", file, "-o", "out.wasm"]).code(2);
        assert!(stderr(&assert).contains(said), "{}", stderr(&assert));
    }
    assert!(!folder.path().join("out.wasm").exists());
}

#[test]
fn a_component_is_looked_into() {
    let folder = Folder::new();
    let assert = folder.run(&["component", "wit", guest().to_str().unwrap()]).success();
    assert!(stdout(&assert).contains("export lockgate:connector/translator@"), "{}", stdout(&assert));
}

#[test]
fn a_change_of_the_contract_is_judged() {
    let folder = Folder::new();
    let contract = std::fs::read_to_string(root().join("wit/connector.wit")).unwrap();
    folder.write("old.wit", &contract);
    folder.write("more.wit", contract.replace("now-ms: func() -> f64;", "now-ms: func() -> f64;\n    zone: func() -> string;"));
    folder.write("other.wit", contract.replace("record field {", "record field {\n        note: string,"));
    let assert = folder.run(&["wit", "check", "old.wit", "old.wit"]).success();
    assert!(stdout(&assert).contains("the same"), "{}", stdout(&assert));
    let assert = folder.run(&["wit", "check", "old.wit", "more.wit"]).success();
    assert!(stdout(&assert).contains("ok     clock.zone: a new function"), "{}", stdout(&assert));
    let assert = folder.run(&["wit", "check", "old.wit", "other.wit"]).code(1);
    assert!(stdout(&assert).contains("BREAKS types.field: a new field `note`"), "{}", stdout(&assert));
    folder.write("broken.wit", "package");
    folder.run(&["wit", "check", "old.wit", "broken.wit"]).code(2);
}
