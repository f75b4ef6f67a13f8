//! What is checked of the C library and of what is written with it: format, lints, tests, its README and its bindings.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{sdk, sources, zig_cc};
use crate::build;
use crate::languages::packed::blocks;

/// Folders whose `.c` and `.h` files are formatted and linted, below the SDK's.
const OWN: &[&str] =
    &["include", "src", "src/parts", "test", "tests", "broken", "libc", "examples/teams", "examples/articles", "examples/said"];
/// Documents that the reader of JSON is compared with Python's on.
const DOCUMENTS: &str = "60000";
/// For programs that run natively.
const NATIVE: [&str; 5] = ["-std=c11", "-g", "-Wall", "-Wextra", "-Werror"];

pub(super) fn all(python: &Path, out: &Path) -> Result<()> {
    format(python)?;
    bindings(out)?;
    readme()?;
    tests(out)?;
    cpp(python, out)?;
    lint(python)
}

fn tool(python: &Path, name: &str) -> Command {
    Command::new(python.with_file_name(name))
}

fn own_files() -> Result<Vec<PathBuf>> {
    let mut files = sources(&sdk().join("../../tests/bench/languages/c"))?;
    for folder in OWN {
        let folder = sdk().join(folder);
        files.extend(sources(&folder)?);
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        files
            .extend(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ext| ext == "h")));
    }
    Ok(files)
}

fn format(python: &Path) -> Result<()> {
    let style = format!("--style=file:{}", sdk().join(".clang-format").display());
    build::run(tool(python, "clang-format").arg(style).args(["--dry-run", "--Werror"]).args(own_files()?))
        .context("clang-format would write the C files otherwise: `target/toolchains/c/bin/clang-format -i` does")
}

/// The library as its tests compile it, and every connector.
fn lint(python: &Path) -> Result<()> {
    let linted = [
        "src/lockgate.c",
        "test/lockgate_test.c",
        "examples/teams/connector.c",
        "examples/articles/connector.c",
        "examples/articles/connector_test.c",
    ];
    let headers = Command::new("cc").arg("-print-file-name=include").output().context("cannot run cc")?;
    let headers = String::from_utf8_lossy(&headers.stdout).trim().to_owned();
    let mut tidy = tool(python, "clang-tidy");
    tidy.args(["--quiet", "--header-filter=guest-sdk/c/(include|src|test)/"]).args(linted).arg("--");
    tidy.arg("-std=c11").arg("-I").arg(sdk().join("include")).args(["-isystem", &headers]).current_dir(sdk());
    build::run_aside(&mut tidy).context("clang-tidy finds faults in the C library")
}

/// The machine's own compiler, whose sanitisers find what WebAssembly does not notice. Rust links with it, so it is there.
fn native(out: &Path, name: &str, files: &[PathBuf]) -> Result<PathBuf> {
    let program = out.join(name);
    let mut cc = Command::new("cc");
    cc.args(NATIVE).args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I"]).arg(sdk().join("include"));
    build::run(cc.args(files).arg("-o").arg(&program)).with_context(|| format!("{name} cannot be compiled natively"))?;
    Ok(program)
}

fn tests(out: &Path) -> Result<()> {
    let host = sdk().join("test/lockgate_test.c");
    let library = native(out, "library-tests", &[sdk().join("tests/library.c"), host.clone()])?;
    build::run(&mut Command::new(library)).context("the tests of the C library fail")?;
    for example in ["teams", "articles"] {
        let folder = sdk().join("examples").join(example);
        let mut files = vec![sdk().join("src/lockgate.c"), host.clone()];
        files.extend(["connector.c", "connector_test.c"].map(|file| folder.join(file)));
        let program = native(out, &format!("{example}-tests"), &files)?;
        build::run(&mut Command::new(program)).with_context(|| format!("the tests of examples/{example} fail"))?;
    }
    let reader = native(out, "json-reader", &[sdk().join("tests/json_reader.c"), host])?;
    build::run(Command::new("python3").arg(sdk().join("tests/json_differential.py")).arg(reader).arg(DOCUMENTS))
        .context("the C library and Python do not read the same JSON")
}

/// A connector in C++ includes the same headers.
fn cpp(python: &Path, out: &Path) -> Result<()> {
    let mut cpp = zig_cc(python);
    cpp.args(["-target", "wasm32-wasi", "-x", "c++", "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-c", "-I"]);
    cpp.arg(sdk().join("include")).arg(sdk().join("tests/headers.cpp")).arg("-o").arg(out.join("headers.o"));
    build::run(&mut cpp).context("the headers of the C library do not compile as C++")
}

/// Each block of C and TOML in the README stands in an example, which is compiled and tested here.
fn readme() -> Result<()> {
    let mut known = String::new();
    for example in ["teams", "articles"] {
        for file in ["connector.c", "connector_test.c", "manifest.toml"] {
            let path = sdk().join("examples").join(example).join(file);
            known += &std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        }
    }
    for language in ["c", "toml"] {
        for block in blocks(&sdk().join("README.md"), language)? {
            ensure!(known.contains(&block), "no example of the C SDK has this block of its README:\n{block}");
        }
    }
    Ok(())
}

/// The generated files that are kept are those of today's contract.
fn bindings(out: &Path) -> Result<()> {
    for (options, files) in [(&[][..], ["connector.c", "connector.h"]), (&["--calls"][..], ["calls.c", "calls.h"])] {
        let made = out.join("gen");
        build::run_aside(
            Command::new(build::program("lockgate")).args(["bindings", "--lang", "c", "--force", "-o"]).arg(&made).args(options),
        )?;
        for file in files {
            let kept = sdk().join("gen").join(file);
            let same = std::fs::read(&kept).ok() == std::fs::read(made.join(file)).ok();
            let command = ["lockgate bindings --lang c --force -o guest-sdk/c/gen", &options.concat()].join(" ");
            ensure!(same, "{} is not of today's contract: write it with `{}`", kept.display(), command.trim_end());
        }
    }
    Ok(())
}
