//! Runs the child: feeds it, listens to it, ends it in time, and leaves nothing of it behind.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::answer::{self, Header, ReadError};

/// Kept of what the child says on stderr.
const STDERR_BYTES_MAX: u64 = 4 << 10;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failed {
    /// It could not be started.
    NotStarted(io::Error),
    /// It ended without one.
    Ended {
        /// How.
        status: ExitStatus,
        /// What it said last.
        stderr: String,
    },
    /// Its time was up.
    Late,
    /// It answered what no compiler answers, and was ended for it.
    Malformed {
        /// What it said last.
        stderr: String,
    },
    /// The artefact has so many bytes, too many.
    TooLarge(u64),
}

/// What the parent allows, whatever the child does.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From start to answer.
    pub wall_max: Duration,
    /// Length of the artefact.
    pub artefact_bytes_max: u64,
}

/// Starts the child with an empty environment, hands it `input`, and waits for its answer.
pub fn run(command: &[OsString], arguments: &[String], input: &[u8], bounds: Bounds) -> Result<(Header, Vec<u8>), Failed> {
    let mut started = Started::start(command, arguments).map_err(Failed::NotStarted)?;
    let (stdin, stdout, stderr) = (started.child.stdin.take(), started.child.stdout.take(), started.child.stderr.take());
    let (sender, answer) = mpsc::channel();
    // The child moves in: it is ended before the threads are waited for.
    thread::scope(move |scope| {
        let spawn = |name: &str| thread::Builder::new().name(format!("compiler-{name}"));
        // A child that ends early does not want the rest: its answer says why.
        spawn("stdin").spawn_scoped(scope, move || stdin.map(|mut pipe| pipe.write_all(input)))?;
        let said = spawn("stderr").spawn_scoped(scope, move || stderr.map(first_bytes).unwrap_or_default())?;
        spawn("stdout").spawn_scoped(scope, move || {
            let _ = sender.send(stdout.map_or(Err(ReadError::Incomplete), |pipe| answer::read(pipe, bounds.artefact_bytes_max)));
        })?;
        let answer = answer.recv_timeout(bounds.wall_max);
        // Whatever it still does is of no use; if it has ended, this changes nothing.
        let status = started.end()?;
        Ok((answer, status, said.join().unwrap_or_default()))
    })
    .map_err(Failed::NotStarted)
    .and_then(|(answer, status, stderr)| match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(ReadError::TooLarge(bytes))) => Err(Failed::TooLarge(bytes)),
        Ok(Err(ReadError::Malformed)) => Err(Failed::Malformed { stderr }),
        Ok(Err(ReadError::Incomplete)) => Err(Failed::Ended { status, stderr }),
        Err(_timeout) => Err(Failed::Late),
    })
}

/// The child. It is gone, with all that it started, when this is.
struct Started {
    child: Child,
    /// How it ended, once it was waited for: from then on its number may be another's.
    ended: Option<ExitStatus>,
}

impl Started {
    fn start(command: &[OsString], arguments: &[String]) -> io::Result<Self> {
        let (program, first) = command.split_first().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no program is named"))?;
        Command::new(program)
            .args(first)
            .args(arguments)
            .env_clear()
            // A group of its own: an operator's Ctrl-C is for the host, and a wrapper ends with what it started.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map(|child| Self { child, ended: None })
    }

    /// Ends it and says how it ended, or had ended before.
    fn end(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.ended {
            return Ok(status);
        }
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Fails if there is nobody left.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let status = self.child.wait()?;
        self.ended = Some(status);
        Ok(status)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Reads to the end, so that the child is not held up, and keeps the beginning.
fn first_bytes(mut pipe: impl Read) -> String {
    let mut kept = Vec::new();
    let _ = pipe.by_ref().take(STDERR_BYTES_MAX).read_to_end(&mut kept);
    let _ = io::copy(&mut pipe, &mut io::sink());
    String::from_utf8_lossy(&kept).trim().to_owned()
}
