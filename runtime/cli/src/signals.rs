//! What the system tells the process. SIGTERM, SIGINT and SIGQUIT ask it to end, with grace; so does
//! SIGHUP when it runs on a terminal, which has then gone. No other signal that people send ends it.

use std::io::{self, IsTerminal as _};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// A file has grown to the limit that was set on the process: by default that is its end. When it is
/// noted, the write fails instead, and whoever writes says so. The same number on Linux and macOS.
const FILE_SIZE: SignalKind = SignalKind::from_raw(25);

/// Whether somebody sits in front of it. Not so under systemd, in a container, or with `nohup`.
fn on_a_terminal() -> bool {
    io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal()
}

/// The signals that ask the process to end.
pub struct Stop {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    hangup: Option<Signal>,
}

impl Stop {
    /// From here on these signals no longer end the process by themselves. Inside of a runtime.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hangup: if on_a_terminal() { Some(signal(SignalKind::hangup())?) } else { None },
        })
    }

    /// The next one's name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.quit.recv() => "SIGQUIT",
            () = next(self.hangup.as_mut()) => "SIGHUP",
        }
    }
}

/// Never, without one.
async fn next(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// SIGHUP, where it does not say that the terminal has gone. Inside of a runtime.
pub fn hangup_without_a_terminal() -> io::Result<Option<Signal>> {
    if on_a_terminal() { Ok(None) } else { signal(SignalKind::hangup()).map(Some) }
}

/// Signals that mean nothing here, and must not end the process: a line in the log for each.
/// From here on. Inside of a runtime, as long as that one lives.
pub fn note_others() -> io::Result<()> {
    note(SignalKind::user_defined1(), "SIGUSR1 has no meaning here")?;
    note(SignalKind::user_defined2(), "SIGUSR2 has no meaning here")?;
    note(SignalKind::alarm(), "SIGALRM has no meaning here")?;
    note(FILE_SIZE, "SIGXFSZ: a file has reached the largest size that this process may write (ulimit -f)")
}

fn note(kind: SignalKind, what: &'static str) -> io::Result<()> {
    let mut signal = signal(kind)?;
    tokio::spawn(async move {
        while signal.recv().await.is_some() {
            tracing::warn!("{what}");
        }
    });
    Ok(())
}
