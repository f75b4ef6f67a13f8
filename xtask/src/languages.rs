//! Connectors in other languages than Rust: how each is installed and built.

mod c;
mod go;
mod python;
pub mod typescript;

use anyhow::{Context as _, Result};

/// A language, and what installs its toolchain and builds and tests what is written in it.
type Language = (&'static str, fn() -> Result<()>);

const LANGUAGES: [Language; 4] = [("TypeScript", typescript::build), ("Python", python::build), ("C", c::build), ("Go", go::build)];

/// Every language, one after the other. `lockgate` is built before.
pub fn build() -> Result<()> {
    for (language, build) in LANGUAGES {
        eprintln!("--> {language}");
        build().with_context(|| format!("{language}: its toolchain is not installed, or what is written in it is wrong"))?;
    }
    Ok(())
}
