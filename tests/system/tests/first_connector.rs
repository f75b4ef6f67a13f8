//! The first connector in each language: the steps that the README of a new project prints, run as they stand there, from
//! `lockgate new` to a stored object. What a toolchain is installed with is left out: the one that `cargo xtask
//! languages` installed stands in its place; of the repository nothing is used, for the SDK travels in the program. Then an import that no host offers, and how the build tells of it.
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

use lockgate_system_tests::languages::{scaffold_target, toolchain};
use lockgate_system_tests::program::{program, text};

/// How a language's toolchain gets into a project.
struct Toolchain {
    /// Beginnings of the README's lines that install it, or that are not worth their time here.
    left_out: &'static [&'static str],
    /// A name in the project, and what it is a link to.
    links: Vec<(&'static str, PathBuf)>,
    /// Where tools keep what they keep.
    variables: Vec<(&'static str, PathBuf)>,
}

/// A line that imports what no host offers.
struct WrongImport {
    file: &'static str,
    line: &'static str,
    /// The project's build.
    build: &'static str,
    /// What its author reads.
    told: &'static [&'static str],
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

fn first_object_is_stored(language: &str, toolchain: Toolchain, wrong: &WrongImport) {
    let folder = tempfile::tempdir().unwrap();
    let written = installed(folder.path()).args(["new", "teams", "--lang", language]).current_dir(folder.path()).output().unwrap();
    assert!(written.status.success(), "{}", text(&written.stderr));
    let project = folder.path().join("teams");
    for (name, target) in toolchain.links {
        std::fs::create_dir_all(project.join(name).parent().unwrap()).unwrap();
        symlink(target, project.join(name)).unwrap();
    }

    let steps = steps(&std::fs::read_to_string(project.join("README.md")).unwrap(), toolchain.left_out);
    let (succeeded, printed, said) = run(&steps, &project, &toolchain.variables);
    assert!(succeeded, "{printed}{said}");
    assert!(printed.contains("ok   case create") && printed.contains(" 0 failed"), "the harness passes: {printed}{said}");
    let stored = printed.rsplit(" 0 failed").next().unwrap();
    assert!(stored.contains("team-7") && stored.contains("Editors"), "the last step shows the object: {printed}{said}");

    let source = project.join(wrong.file);
    let right = std::fs::read_to_string(&source).unwrap();
    std::fs::write(&source, format!("{right}{}\n", wrong.line)).unwrap();
    let (succeeded, printed, said) = run(wrong.build, &project, &toolchain.variables);
    assert!(!succeeded, "a wrong import is built: {printed}{said}");
    for told in wrong.told {
        assert!(printed.contains(told) || said.contains(told), "{told} is not told: {printed}{said}");
    }
}

/// The program, copied to where no repository is above it: the SDK comes from the program itself.
fn installed(folder: &Path) -> Command {
    let copy = folder.join("bin/lockgate");
    std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
    // Another process makes it: what this one has open for writing does not start.
    assert!(Command::new("cp").arg(program("lockgate")).arg(&copy).status().unwrap().success());
    Command::new(copy)
}

/// Runs shell commands in a project: whether they succeeded, and what they printed to stdout and stderr.
fn run(commands: &str, project: &Path, variables: &[(&str, PathBuf)]) -> (bool, String, String) {
    let mut shell = Command::new("sh");
    shell.args(["-e", "-x", "-c", commands]).current_dir(project).envs(variables.iter().cloned()).env("PATH", search_path());
    for variable in ["LOCKGATE_CONFIG", "LOCKGATE_STORE", "LOCKGATE_URL", "LOCKGATE_TOKEN"] {
        shell.env_remove(variable);
    }
    let ran = shell.output().unwrap();
    (ran.status.success(), text(&ran.stdout), text(&ran.stderr))
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
    let wrong = WrongImport {
        file: "src/lib.rs",
        line: r#"#[link(wasm_import_module = "env")] unsafe extern "C" { fn fetch(id: i32) -> i32; } #[unsafe(no_mangle)] pub extern "C" fn fetched(id: i32) -> i32 { unsafe { fetch(id) } }"#,
        build: "./build.sh",
        told: &["failed to resolve import `env::fetch`"],
    };
    first_object_is_stored("rust", toolchain, &wrong);
}

#[test]
fn in_typescript() {
    let Some(npm) = toolchain("typescript") else { return };
    let toolchain = Toolchain {
        left_out: &["npm install"],
        links: vec![
            ("node_modules/.bin/lockgate-guest", npm.join("build/bin/lockgate-guest.mjs")),
            ("node_modules/.bin/vitest", npm.join("node_modules/vitest/vitest.mjs")),
            ("node_modules/vitest", npm.join("node_modules/vitest")),
            ("node_modules/lockgate-guest", npm),
        ],
        variables: Vec::new(),
    };
    let wrong = WrongImport {
        file: "src/connector.ts",
        line: r#"import { readFileSync } from "node:fs"; console.log(readFileSync("/etc/hosts"));"#,
        build: "npm run build",
        told: &["Cannot find name 'node:fs'", "src/connector.ts(59,"],
    };
    first_object_is_stored("typescript", toolchain, &wrong);
}

#[test]
fn in_python() {
    let Some(environment) = toolchain("python") else { return };
    let toolchain = Toolchain {
        left_out: &["python3 -m venv", "pip install"],
        links: vec![(".venv", environment)],
        variables: vec![("PYTHONPATH", "vendor/lockgate-guest/src".into()), ("PYTHONDONTWRITEBYTECODE", "1".into())],
    };
    let wrong = WrongImport {
        file: "connector.py",
        line: "import crm_client",
        build: ".venv/bin/python -m lockgate_guest build connector.py -o wrong.wasm",
        told: &["ModuleNotFoundError: No module named 'crm_client'", "connector.py\", line 54"],
    };
    first_object_is_stored("python", toolchain, &wrong);
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
    let wrong = WrongImport {
        file: "connector.c",
        line: r#"__attribute__((import_module("env"), import_name("fetch"))) int fetch(int id); __attribute__((export_name("fetched"))) int fetched(int id) { return fetch(id); }"#,
        build: "./build.sh",
        told: &["imports from env", "neither the contract nor an adapter offers"],
    };
    first_object_is_stored("c", toolchain, &wrong);
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
    let wrong = WrongImport {
        file: "connector.go",
        line: "//go:wasmimport env fetch\nfunc fetch(id int32) int32\n\nfunc init() { fetch(0) }",
        build: r#"PATH="$PWD/.go/bin:$PATH" GOTOOLCHAIN=local sh build.sh"#,
        told: &["imports from env", "neither the contract nor an adapter offers"],
    };
    first_object_is_stored("go", toolchain, &wrong);
}
