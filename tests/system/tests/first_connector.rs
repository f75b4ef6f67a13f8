//! The first connector in each language: the steps that the README of a new project prints, run as they stand there, from
//! `lockgate new` to a stored object. What a toolchain is installed with is left out: the one that `cargo xtask
//! languages` installed stands in its place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use lockgate_system_tests::languages::{repository, scaffold_target, toolchain};
use lockgate_system_tests::program::{lockgate, path, program, text};

/// Python's component takes the compiler 15 s on an idle machine.
const PATIENT: &str = "\n[sandbox]\ncompile_cpu_seconds_max = 120\ncompile_wall_ms_max = 240_000\n";

/// How a language's toolchain gets into a project.
struct Toolchain {
    /// Beginnings of the README's lines that install it, or that are not worth their time here.
    left_out: &'static [&'static str],
    /// A name in the project, and what it is a link to.
    links: Vec<(&'static str, PathBuf)>,
    /// Where tools keep what they keep.
    variables: Vec<(&'static str, PathBuf)>,
}

/// What the README's blocks of shell commands say, without the lines that begin so.
fn steps(readme: &str, left_out: &[&str]) -> String {
    let (mut steps, mut left) = (String::new(), 0);
    let mut in_block = false;
    for line in readme.lines() {
        match line {
            "```sh" => in_block = true,
            "```" => in_block = false,
            _ if in_block && left_out.iter().any(|beginning| line.starts_with(beginning)) => left += 1,
            _ if in_block => writeln!(steps, "{line}").unwrap(),
            _ => {}
        }
    }
    assert_eq!(left, left_out.len(), "the README installs the toolchain otherwise than this test knows: {readme}");
    steps
}

fn first_object_is_stored(language: &str, toolchain: Toolchain) {
    let folder = tempfile::tempdir().unwrap();
    let sdk = repository().join("guest-sdk").join(language);
    let written = lockgate(folder.path()).args(["new", "teams", "--lang", language, "--sdk", path(&sdk)]).output().unwrap();
    assert!(written.status.success(), "{}", text(&written.stderr));
    let project = folder.path().join("teams");
    for (name, target) in toolchain.links {
        std::fs::create_dir_all(project.join(name).parent().unwrap()).unwrap();
        symlink(target, project.join(name)).unwrap();
    }
    let configuration = std::fs::read_to_string(project.join("lockgate.toml")).unwrap();
    std::fs::write(project.join("lockgate.toml"), configuration + PATIENT).unwrap();

    let steps = steps(&std::fs::read_to_string(project.join("README.md")).unwrap(), toolchain.left_out);
    let mut shell = Command::new("sh");
    shell.args(["-e", "-x", "-c", &steps]).current_dir(&project).envs(toolchain.variables).env("PATH", search_path());
    for variable in ["LOCKGATE_CONFIG", "LOCKGATE_STORE", "LOCKGATE_URL", "LOCKGATE_TOKEN"] {
        shell.env_remove(variable);
    }
    let ran = shell.output().unwrap();
    let (printed, said) = (text(&ran.stdout), text(&ran.stderr));
    assert!(ran.status.success(), "{printed}{said}");
    assert!(printed.contains("ok   case create") && printed.contains(" 0 failed"), "the harness passes: {printed}{said}");
    let stored = printed.rsplit(" 0 failed").next().unwrap();
    assert!(stored.contains("team-7") && stored.contains("Editors"), "the last step shows the object: {printed}{said}");
}

/// `lockgate` is found first.
fn search_path() -> std::ffi::OsString {
    let own = program("lockgate").parent().map(Path::to_owned);
    let others = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(own.into_iter().chain(std::env::split_paths(&others))).unwrap()
}

#[test]
fn in_rust() {
    let toolchain =
        Toolchain { left_out: &["rustup target add"], links: Vec::new(), variables: vec![("CARGO_TARGET_DIR", scaffold_target())] };
    first_object_is_stored("rust", toolchain);
}

#[test]
fn in_typescript() {
    let Some(npm) = toolchain("typescript") else { return };
    let command = npm.join("bin/lockgate-guest.mjs");
    let toolchain = Toolchain {
        left_out: &["npm install"],
        links: vec![("node_modules/lockgate-guest", npm), ("node_modules/.bin/lockgate-guest", command)],
        variables: Vec::new(),
    };
    first_object_is_stored("typescript", toolchain);
}

#[test]
fn in_python() {
    let Some(environment) = toolchain("python") else { return };
    let toolchain = Toolchain {
        left_out: &["python3 -m venv", "pip install"],
        links: vec![(".venv", environment)],
        variables: vec![("PYTHONPATH", repository().join("guest-sdk/python/src")), ("PYTHONDONTWRITEBYTECODE", "1".into())],
    };
    first_object_is_stored("python", toolchain);
}

#[test]
fn in_c() {
    let Some(environment) = toolchain("c") else { return };
    let cache = environment.join("zig-cache");
    let toolchain = Toolchain {
        left_out: &["python3 -m venv", "toolchain/bin/pip install"],
        links: vec![("toolchain", environment)],
        variables: vec![("ZIG_GLOBAL_CACHE_DIR", cache.clone()), ("ZIG_LOCAL_CACHE_DIR", cache)],
    };
    first_object_is_stored("c", toolchain);
}

#[test]
fn in_go() {
    let Some(go) = toolchain("go") else { return };
    let toolchain = Toolchain {
        left_out: &["python3 -m venv"],
        links: vec![(".go", go.join("venv"))],
        variables: vec![
            ("GOPATH", go.join("path")),
            ("GOCACHE", go.join("cache")),
            ("GOPROXY", "off".into()),
            ("GOENV", "off".into()),
            ("GOTELEMETRY", "off".into()),
        ],
    };
    first_object_is_stored("go", toolchain);
}
