//! The real program: set up, started, looked at, killed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Longest that a server may take to say where it listens, and to be ready.
const WAIT: Duration = Duration::from_secs(120);

/// A folder with a configuration and a store for the program.
pub struct Place {
    program: PathBuf,
    folder: PathBuf,
}

impl Place {
    /// Writes the configuration: every connector may write the benchmark's types. `more` is added.
    pub fn new(program: &Path, folder: &Path, more: &str) -> Result<Self> {
        let text = format!("[defaults.grant]\nobjects = [\"shop.*\"]\n\n[log]\nlevel = \"warn\"\n\n{more}");
        std::fs::write(folder.join("lockgate.toml"), text)?;
        Ok(Self { program: program.to_owned(), folder: folder.to_owned() })
    }

    /// Applies the benchmark's model.
    pub fn apply_model(&self) -> Result<()> {
        let file = self.folder.join("bench.toml");
        std::fs::write(&file, crate::rig::MODEL)?;
        self.run(&["model", "apply", &file.to_string_lossy()])
    }

    /// Installs a component.
    pub fn add_connector(&self, name: &str, component: &[u8]) -> Result<()> {
        let file = self.folder.join("connector.wasm");
        std::fs::write(&file, component)?;
        self.run(&["connector", "add", name, &file.to_string_lossy()])
    }

    /// The store's file.
    pub fn store(&self) -> PathBuf {
        self.folder.join("lockgate.redb")
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let output = self.lockgate(arguments).output().with_context(|| format!("cannot run {}", self.program.display()))?;
        if !output.status.success() {
            bail!("lockgate {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    fn lockgate(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(["--config", "lockgate.toml", "--store"]).arg(self.store()).args(arguments);
        for variable in ["CONFIG", "STORE", "URL", "TOKEN"] {
            command.env_remove(format!("LOCKGATE_{variable}"));
        }
        command
    }

    /// Starts `lockgate serve` and waits until it is ready.
    pub fn serve(&self) -> Result<Server> {
        let begun = Instant::now();
        let mut command = self.lockgate(&["--json", "serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot run {}", self.program.display()))?;
        let stdout = child.stdout.take().context("lockgate has no output")?;
        // From here on it is stopped whatever happens.
        let mut server = Server { address: SocketAddr::from(([127, 0, 0, 1], 0)), ready: Duration::ZERO, child };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).context("lockgate serve did not start: what it says stands above")?;
        let url = said.get("url").and_then(Value::as_str).unwrap_or_default();
        server.address = url.trim_start_matches("http://").parse().with_context(|| format!("{url:?} is no address"))?;
        while !server.is_ready() {
            if begun.elapsed() > WAIT {
                bail!("lockgate serve was not ready within {} s", WAIT.as_secs());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.ready = begun.elapsed();
        Ok(server)
    }
}

/// A running server. Killed when dropped.
pub struct Server {
    pub address: SocketAddr,
    /// From the start of the process to its first `ready`.
    pub ready: Duration,
    child: Child,
}

impl Server {
    fn is_ready(&self) -> bool {
        let asked = TcpStream::connect(self.address).and_then(|mut stream| {
            write!(stream, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            let mut said = String::new();
            stream.read_to_string(&mut said)?;
            Ok(said)
        });
        asked.is_ok_and(|said| said.starts_with("HTTP/1.1 200"))
    }

    /// Memory that it holds, in MiB: all, and without what it shares with files.
    pub fn memory_mib(&self) -> Result<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).context("the server has ended")?;
        let of = |key: &str| {
            let line = status.lines().find(|line| line.starts_with(key)).unwrap_or_default();
            line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
        };
        Ok((of("VmRSS:"), of("RssAnon:")))
    }

    /// As a power failure would end it, but for what the disk loses.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop, and waits for its end.
    pub fn stop(mut self) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?).context("a server without a number")?;
        kill_process(pid, Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `kill` and `stop` there is none.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
