//! For tests of other crates.

use std::path::PathBuf;

/// The engine that connectors run on. Its epoch does not advance by itself.
pub use crate::engine::engine;
use crate::options::SandboxOptions;

/// The program that tests use as compiler.
const COMPILER: &str = "lockgate-compile";

/// The program that compiles is not there.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{COMPILER}` is in no folder above {test_program}: run `cargo build -p lockgate-sandbox --bins` first, or test the whole workspace"
)]
pub struct NotBuilt {
    /// Above which it was looked for.
    test_program: PathBuf,
}

impl SandboxOptions {
    /// With a fixed key, and with the compiler that was built beside the test program.
    pub fn for_tests(artefact_dir: impl Into<PathBuf>) -> Result<Self, NotBuilt> {
        let test_program = std::env::current_exe().unwrap_or_default();
        let name = format!("{COMPILER}{}", std::env::consts::EXE_SUFFIX);
        let compiler = test_program.ancestors().skip(1).take(3).map(|folder| folder.join(&name)).find(|path| path.is_file());
        let compiler = compiler.ok_or(NotBuilt { test_program })?;
        Ok(Self { artefact_key: [7; 32], compiler: vec![compiler.into()], ..Self::new(artefact_dir) })
    }
}
