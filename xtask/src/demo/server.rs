//! `lockgate serve`, as long as it is needed.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::build;

/// A running server. Stopped when dropped.
pub struct Server {
    child: Child,
    log: PathBuf,
    /// Where it listens.
    pub url: String,
}

impl Server {
    /// With a store in this folder.
    pub fn start(folder: &Path) -> Result<Self> {
        Self::start_as(lockgate(folder), folder)
    }

    /// The same with a command that says where the store is; its log goes to the folder.
    pub fn start_as(mut command: Command, folder: &Path) -> Result<Self> {
        let log = folder.join("serve.log");
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--json"])
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .context("cannot run lockgate")?;
        let stdout = child.stdout.take().context("lockgate has no output")?;
        // From here on it is stopped whatever happens.
        let mut server = Self { child, log, url: String::new() };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        match said.get("url").and_then(Value::as_str) {
            Some(url) => url.clone_into(&mut server.url),
            None => bail!("lockgate serve did not start:\n{}", std::fs::read_to_string(&server.log).unwrap_or_default()),
        }
        Ok(server)
    }

    /// Until a line comes, or where nobody can write one, until the server is told to end.
    pub fn until_somebody_ends_it(&mut self) -> Result<()> {
        if std::io::stdin().read_line(&mut String::new())? == 0 {
            self.child.wait()?;
        }
        Ok(())
    }

    /// As a machine that fails.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// As an operator would; it finishes what it has in hand.
    pub fn stop(mut self) -> Result<()> {
        if matches!(self.child.try_wait(), Ok(None)) {
            terminate(&self.child)?;
        }
        let status = self.child.wait()?;
        if !status.success() {
            bail!("lockgate serve ended with {status}:\n{}", std::fs::read_to_string(&self.log).unwrap_or_default());
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = terminate(&self.child);
            let _ = self.child.wait();
        }
    }
}

/// The program, with a store in this folder and nothing from the caller's environment.
pub fn lockgate(folder: &Path) -> Command {
    let mut command = configured(folder);
    command.arg("--store").arg(folder.join("demo.redb"));
    command
}

/// The program with the configuration in this folder, and nothing from the caller's environment.
pub fn configured(folder: &Path) -> Command {
    let mut command = Command::new(build::program("lockgate"));
    command.current_dir(folder);
    for variable in ["CONFIG", "STORE", "URL", "TOKEN"] {
        command.env_remove(format!("LOCKGATE_{variable}"));
    }
    command
}

/// SIGTERM, without unsafe code: `kill` is on every Unix.
fn terminate(child: &Child) -> Result<()> {
    build::run(Command::new("kill").args(["-TERM", &child.id().to_string()]))
}
