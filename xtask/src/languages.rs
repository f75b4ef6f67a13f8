//! Connectors in other languages than Rust: how each is installed and built.

mod c;
mod go;
mod packed;
mod python;
pub mod typescript;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::build;

/// A language, and what installs its toolchain and builds and tests what is written in it.
type Language = (&'static str, fn() -> Result<()>);

const LANGUAGES: [Language; 4] = [("TypeScript", typescript::build), ("Python", python::build), ("C", c::build), ("Go", go::build)];

/// Every language, or these only, one after the other. `lockgate` is built before.
pub fn build(only: &[String]) -> Result<()> {
    let known = |name: &String| LANGUAGES.iter().any(|(language, _)| language.eq_ignore_ascii_case(name));
    ensure!(only.iter().all(known), "the languages are typescript, python, c and go");
    for (language, build) in LANGUAGES {
        if !only.is_empty() && !only.iter().any(|name| language.eq_ignore_ascii_case(name)) {
            continue;
        }
        eprintln!("--> {language}");
        build().with_context(|| format!("{language}: its toolchain is not installed, or what is written in it is wrong"))?;
    }
    Ok(())
}

/// The interpreter that has zig, a C compiler for every machine, as a module.
pub fn c_compiler() -> Result<std::path::PathBuf> {
    c::toolchain()
}

/// Installs every toolchain. What cannot be installed is told by [`build()`], which tries again.
pub fn install() {
    // Each is mostly the net and the disk, so they are best beside a compiler.
    let _ = (typescript::install(), python::install(), c::toolchain(), go::Go::install());
}

/// The benchmark's connector in a language: its name for `lockgate-bench languages`, and what builds it, with this `lockgate`,
/// to this file.
type Benched = (&'static str, fn(&Path, &Path) -> Result<()>);

const BENCHED: [Benched; 5] = [
    ("c", c::bench),
    ("go", go::bench),
    ("typescript-quickjs", typescript::bench_quickjs),
    ("typescript-starlingmonkey", typescript::bench_starlingmonkey),
    ("python", python::bench),
];
/// Why a language is absent, in its row of the benchmark's table.
const NOT_INSTALLED: &str = "its toolchain cannot be installed here";
/// Likewise.
const NOT_BUILT: &str = "its connector cannot be built";

/// A language that could not be built, and why.
pub struct Absent {
    /// As the benchmark names it.
    pub name: &'static str,
    /// For its row.
    pub why: String,
}

/// Builds the benchmark's connector in every language but Rust, to `target/guests/bench-languages/NAME.wasm`. One that cannot be
/// built keeps no other from being built.
pub fn bench(lockgate: &Path) -> Result<Vec<Absent>> {
    let folder = build::guest_target_dir().join("bench-languages");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut absent = Vec::new();
    for (name, build) in BENCHED {
        eprintln!("--> {name}");
        if let Err(error) = build(lockgate, &folder.join(name).with_extension("wasm")) {
            eprintln!("--> {name} will be absent: {error:#}");
            // The rest of the chain names folders of this machine, and the row is published.
            absent.push(Absent { name, why: error.to_string() });
        }
    }
    Ok(absent)
}
