//! The real program: started, stopped, frozen, killed.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value;

/// Longest that a server may take to start, and to stop.
const WAIT: Duration = Duration::from_secs(60);
/// Longest that a command may take beside a server.
const COMMAND_WAIT: Duration = Duration::from_secs(30);

/// Where a server works.
#[derive(Debug, Clone)]
pub struct Place {
    /// The `lockgate` program.
    pub program: PathBuf,
    /// Holds `lockgate.toml`; the server's log goes there too.
    pub folder: PathBuf,
    /// The store's file.
    pub store: PathBuf,
}

impl Place {
    /// The program over this store, with nothing from the caller's environment.
    pub fn lockgate(&self, arguments: &[&str]) -> Command {
        // A write beyond the limit of a file's size shall fail, and not end the program.
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(&self.program);
        command.current_dir(&self.folder).arg("--store").arg(&self.store).args(arguments);
        for variable in ["CONFIG", "STORE", "URL", "TOKEN"] {
            command.env_remove(format!("LOCKGATE_{variable}"));
        }
        command
    }

    /// A command that must end by itself, however it does.
    pub fn output(&self, arguments: &[&str]) -> Result<Output> {
        // Into files: a pipe that nobody reads would hold it up.
        let [stdout, stderr] = ["command.out", "command.err"].map(|name| self.folder.join(name));
        let mut command = self.lockgate(arguments);
        let mut child = command.stdout(File::create(&stdout)?).stderr(File::create(&stderr)?).spawn().context("cannot run lockgate")?;
        let status = ended(&mut child, COMMAND_WAIT)?;
        let (stdout, stderr) = (std::fs::read(stdout)?, std::fs::read(stderr)?);
        match status {
            Some(status) => Ok(Output { status, stdout, stderr }),
            None => {
                child.kill()?;
                child.wait()?;
                bail!("lockgate {arguments:?} did not end: {}", String::from_utf8_lossy(&stderr))
            }
        }
    }

    /// A command that must succeed.
    pub fn run(&self, arguments: &[&str]) -> Result<()> {
        let output = self.lockgate(arguments).output().context("cannot run lockgate")?;
        if !output.status.success() {
            bail!("lockgate {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// Whether the program has a verb.
    pub fn knows(&self, verb: &str) -> bool {
        self.output(&[verb, "--help"]).is_ok_and(|output| output.status.success())
    }

    /// The end of the server's log.
    pub fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join(" | ")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("serve.log")
    }
}

/// A running server. Killed when dropped.
pub struct Server {
    /// Where it listens.
    pub url: String,
    child: Child,
}

impl Server {
    /// Starts one and waits until it listens.
    pub fn start(place: &Place) -> Result<Self> {
        let log = File::options().create(true).append(true).open(place.log())?;
        let mut command = place.lockgate(&["--json", "serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().context("cannot run lockgate")?;
        let stdout = child.stdout.take().context("lockgate has no output")?;
        // From here on it is stopped whatever happens.
        let mut server = Self { url: String::new(), child };
        let (said, line) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line);
            // Nobody waits any more: the server was too slow.
            let _ = said.send(read.map(|_| line));
        });
        let line = line.recv_timeout(WAIT).context("lockgate serve did not say within a minute where it listens")??;
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        match said.get("url").and_then(Value::as_str) {
            Some(url) => url.clone_into(&mut server.url),
            None => bail!("lockgate serve did not start: {}", place.log_tail()),
        }
        Ok(server)
    }

    /// How it ended, if nobody asked it to.
    pub fn has_ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// As a power failure would end it, but for what the disk loses.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop, and waits for its end.
    pub fn stop(mut self) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        ended(&mut self.child, WAIT)?.context("lockgate serve did not end within a minute of SIGTERM")
    }

    /// No thread of it runs until it is thawed.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// It goes on.
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// No file of it may grow beyond so many bytes.
    pub fn limit_files(&self, bytes: Option<u64>) -> Result<()> {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(self.pid()?), Resource::Fsize, limit).context("cannot set the limit of the server's files")?;
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill_process(self.pid()?, signal)?)
    }

    fn pid(&self) -> Result<Pid> {
        Pid::from_raw(i32::try_from(self.child.id())?).context("a server without a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `kill` and `stop` there is none.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for the end, for so long.
pub fn ended(child: &mut Child, wait: Duration) -> Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(Some(status)),
            None if begun.elapsed() > wait => return Ok(None),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// The bytes of a file; 0 when there is none.
pub fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
