//! A PostgreSQL that tests start themselves: Debian's programs, a folder and a socket of its own. It ends with the
//! program that started it, however that ends. Nothing of it speaks to the server but by `psql`.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Starting may take so long on a machine that does much else.
const START_MAX: Duration = Duration::from_secs(60);
/// Between two looks whether it answers.
const LOOK: Duration = Duration::from_millis(20);

/// A killed server has what it has acknowledged: only the loss of power is left out, which is PostgreSQL's part.
const SETTINGS: &str = "listen_addresses = ''\nfsync = off\nfull_page_writes = off\nmax_connections = 200\nshared_buffers = 64MB\n\
     log_min_messages = fatal\nlog_min_error_statement = panic\nmax_wal_size = 4GB\n";

/// What the shell does that keeps the server: starts and kills it when it is told, and in the end leaves nothing.
const KEEPER: &str = "program=$0 data=$1 folder=$2; start() { \"$program\" -D \"$data\" >>\"$folder/log\" 2>&1 & }; start; \
     while read -r order; do case $order in kill) kill -QUIT $!; wait;; start) start;; esac; done; kill -QUIT $!; wait; rm -rf \"$folder\"";

/// A running server.
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    /// Ends the server when its end of the pipe is closed.
    keeper: Mutex<Child>,
}

/// Where PostgreSQL's programs are.
pub fn programs() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("LOCKGATE_POSTGRES_BIN") {
        return Ok(folder.into());
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("initdb").exists())
        .collect();
    versions.sort();
    let on_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    versions.pop().map(|(_, folder)| folder).or_else(on_path).context(
        "this needs PostgreSQL 15 or newer, and starts it itself: install it with `apt-get install postgresql`, or name the \
         folder of initdb and postgres in LOCKGATE_POSTGRES_BIN",
    )
}

/// Somebody who is not root, for whom PostgreSQL does not run.
fn nobody() -> Result<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let id = |flag: &str| -> Option<u32> {
        let output = Command::new("id").args([flag, "postgres"]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    Ok(Some((id("-u").unwrap_or(65534), id("-g").unwrap_or(65534))))
}

fn command(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command.env("LC_ALL", "C.UTF-8").current_dir("/");
    command
}

impl Postgres {
    /// Makes one and starts it; `more` settings go behind those of all.
    pub fn start(more: &str) -> Result<Self> {
        let (programs, user) = (programs()?, nobody()?);
        let folder = tempfile::Builder::new().prefix("pg").tempdir()?.keep();
        if let Some((user, group)) = user {
            chown(&folder, Some(user), Some(group))?;
        }
        let data = folder.join("data");
        let made = command(&programs.join("initdb"), user)
            .args(["--username=lockgate", "--auth=trust", "--encoding=UTF8", "--no-sync", "--pgdata"])
            .arg(&data)
            .output()?;
        if !made.status.success() {
            bail!("initdb: {}", String::from_utf8_lossy(&made.stderr));
        }
        let mut settings = fs::OpenOptions::new().append(true).open(data.join("postgresql.conf"))?;
        writeln!(settings, "{SETTINGS}unix_socket_directories = '{}'\n{more}", folder.display())?;
        let keeper = command(Path::new("/bin/sh"), user)
            .args(["-c", KEEPER])
            .args([&programs.join("postgres"), &data, &folder])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self { folder, programs, keeper: Mutex::new(keeper) };
        server.until(true)?;
        Ok(server)
    }

    /// Ends it at once, as a machine that fails.
    pub fn kill(&self) -> Result<()> {
        self.order("kill")?;
        self.until(false)
    }

    /// Starts it again, with the same data, and waits until it answers.
    pub fn start_again(&self) -> Result<()> {
        self.order("start")?;
        self.until(true)
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://lockgate@{}/{database}", self.folder.display().to_string().replace('/', "%2F"))
    }

    /// Makes an empty database, and gives its URL.
    pub fn database(&self, name: &str) -> Result<String> {
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(name))
    }

    /// Carries out some SQL; what it answers, as text.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-U", "lockgate", "-d", database, "-c", sql, "-h"])
            .arg(&self.folder)
            .output()?;
        if !output.status.success() {
            bail!("{sql}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn order(&self, order: &str) -> Result<()> {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(keeper.stdin.as_mut().context("the keeper has no input")?, "{order}")?;
        Ok(())
    }

    /// Waits until it answers, or does not any more.
    fn until(&self, answers: bool) -> Result<()> {
        let begun = Instant::now();
        while self.sql("postgres", "SELECT 1").is_ok() != answers {
            if begun.elapsed() > START_MAX {
                bail!("PostgreSQL does not start or stop: {}", fs::read_to_string(self.folder.join("log")).unwrap_or_default());
            }
            std::thread::park_timeout(LOOK);
        }
        Ok(())
    }
}
