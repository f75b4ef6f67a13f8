//! The package of an SDK, tried as an author has it: in an empty folder outside of the repository, by the steps that its README
//! prints.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::build::{path_with_programs, root, run_aside};

/// A folder outside of the repository, which goes with it.
pub struct Empty(PathBuf);

impl Empty {
    /// Makes one; `name` is for who looks at the folder meanwhile.
    pub fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("lockgate-packed-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Runs shell commands in it, with `lockgate` found first, `$LOCKGATE` the repository, and these variables.
    pub fn run<K: AsRef<OsStr>, V: AsRef<OsStr>>(&self, commands: &str, variables: impl IntoIterator<Item = (K, V)>) -> Result<()> {
        let path = path_with_programs()?;
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", commands]).current_dir(&self.0).env("PATH", path).env("LOCKGATE", root()).envs(variables);
        run_aside(&mut shell)
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        // What stays is in the system's folder for what may go.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The blocks of a README in a language, one after the other.
pub fn blocks(readme: &Path, language: &str) -> Result<Vec<String>> {
    let text = fs::read_to_string(readme).with_context(|| format!("cannot read {}", readme.display()))?;
    let mut found: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line == "```" {
            inside = false;
        } else if line.strip_prefix("```") == Some(language) {
            inside = true;
            found.push(String::new());
        } else if let (true, Some(block)) = (inside, found.last_mut()) {
            writeln!(block, "{line}")?;
        }
    }
    ensure!(!found.is_empty(), "{} has no block in {language}", readme.display());
    Ok(found)
}
