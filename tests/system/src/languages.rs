//! Connectors in other languages than Rust and their toolchains, as `cargo xtask languages` makes them. Where they are not,
//! a test skips with a notice; under `cargo xtask test` they must be there.

use std::path::{Path, PathBuf};

use crate::built::workspace;

/// Configuration for a machine on which an interpreter is compiled for minutes, because others are at work.
pub const PATIENT: &str = "
[sandbox]
compile_cpu_seconds_max = 120
compile_wall_ms_max = 600_000
";

/// A component in a language.
pub fn component(language: &str, name: &str) -> Option<PathBuf> {
    there(folder("LOCKGATE_GUESTS", "guests").join(language).join(name).with_extension("wasm"))
}

/// The folder that a language's toolchain was installed into.
pub fn toolchain(language: &str) -> Option<PathBuf> {
    there(folder("LOCKGATE_TOOLCHAINS", "toolchains").join(language))
}

/// Where Rust keeps what it builds for projects that `lockgate new` wrote.
pub fn scaffold_target() -> PathBuf {
    folder("LOCKGATE_GUESTS", "guests").join("scaffold")
}

/// The repository, by its shortest path.
pub fn repository() -> PathBuf {
    workspace().canonicalize().expect("the repository's own path")
}

fn folder(variable: &str, name: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| repository().join("target").join(name), PathBuf::from)
}

fn there(path: PathBuf) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    let notice = format!("{} is not here: `cargo xtask languages` makes it", shown(&path));
    assert!(std::env::var_os("LOCKGATE_LANGUAGES").is_none(), "{notice}");
    eprintln!("skipped: {notice}");
    None
}

fn shown(path: &Path) -> String {
    path.strip_prefix(repository()).unwrap_or(path).display().to_string()
}
