//! Counts a task's calls and their bytes, and writes a line for each into the task's log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use lockgate_core::egress::{Denied, HttpLimits};
use lockgate_core::history::Level;

use crate::task_log::TaskLog;

/// Bytes of a method, origin and path in a line.
const TARGET_BYTES_MAX: usize = 300;

/// What a task has called.
pub struct Ledger {
    limits: HttpLimits,
    log: Arc<Mutex<TaskLog>>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    calls: u32,
    bytes: u64,
    denied: Option<Denied>,
    open: BTreeMap<u32, Open>,
}

/// A call that has begun.
struct Open {
    target: String,
    started: Instant,
    status: Option<u16>,
    bytes: u64,
}

/// How a call ended.
pub enum End<'a> {
    /// With a response, all of it read.
    Read,
    /// With a response that was given up.
    Unread,
    /// It was refused.
    Denied(&'a Denied),
    /// This is a dry run, and it would have been refused anyway.
    Dry(&'a Denied),
    /// It did not come to a response, or not to the end of one.
    Failed(&'a str),
}

impl Ledger {
    /// For one task.
    pub fn new(limits: HttpLimits, log: Arc<Mutex<TaskLog>>) -> Self {
        Self { limits, log, counts: Mutex::default() }
    }

    /// Counts a call to this target (method, origin, path); gives its number. Too many are denied.
    pub fn begin(&self, target: &str) -> (u32, Result<(), Denied>) {
        let mut counts = self.lock();
        counts.calls = counts.calls.saturating_add(1);
        let number = counts.calls;
        let mut target = target.to_owned();
        if target.len() > TARGET_BYTES_MAX {
            target.truncate(target.floor_char_boundary(TARGET_BYTES_MAX));
            target.push('…');
        }
        counts.open.insert(number, Open { target, started: Instant::now(), status: None, bytes: 0 });
        let allowed = if number > self.limits.calls_max { Err(Denied::Calls(self.limits.calls_max)) } else { self.within(&counts) };
        (number, allowed)
    }

    /// Counts bytes of a body. Too many are denied, then and ever after.
    pub fn count(&self, number: u32, bytes: usize) -> Result<(), Denied> {
        let bytes = bytes as u64;
        let mut counts = self.lock();
        counts.bytes = counts.bytes.saturating_add(bytes);
        if let Some(open) = counts.open.get_mut(&number) {
            open.bytes = open.bytes.saturating_add(bytes);
        }
        self.within(&counts)
    }

    /// Whether the bytes counted so far are within their limit.
    pub fn check(&self) -> Result<(), Denied> {
        self.within(&self.lock())
    }

    /// The status of a call's response.
    pub fn answered(&self, number: u32, status: u16) {
        if let Some(open) = self.lock().open.get_mut(&number) {
            open.status = Some(status);
        }
    }

    /// Ends a call, once, with its line.
    pub fn end(&self, number: u32, end: &End<'_>) {
        let mut counts = self.lock();
        let Some(open) = counts.open.remove(&number) else { return };
        if let End::Denied(denied) | End::Dry(denied) = end {
            counts.denied.get_or_insert((*denied).clone());
        }
        drop(counts);
        let (level, line) = line(&open, end);
        self.log.lock().unwrap_or_else(PoisonError::into_inner).write_host(level, &line);
    }

    /// Ends every call that is still open.
    pub fn end_all(&self) {
        let open: Vec<u32> = self.lock().open.keys().copied().collect();
        for number in open {
            self.end(number, &End::Unread);
        }
    }

    /// What was denied first, and forgets it.
    pub fn take_denied(&self) -> Option<Denied> {
        self.lock().denied.take()
    }

    /// Calls, denied ones too.
    pub fn calls(&self) -> u32 {
        self.lock().calls
    }

    /// Bytes of all bodies.
    pub fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    fn within(&self, counts: &Counts) -> Result<(), Denied> {
        if counts.bytes > self.limits.bytes_max { Err(Denied::Bytes(self.limits.bytes_max)) } else { Ok(()) }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn line(open: &Open, end: &End<'_>) -> (Level, String) {
    let Open { target, started, status, bytes } = open;
    let ms = started.elapsed().as_millis();
    let status = status.map_or_else(|| "no response".to_owned(), |status| status.to_string());
    match end {
        End::Read => (Level::Debug, format!("{target}: {status}, {bytes} bytes, {ms} ms")),
        End::Unread => (Level::Debug, format!("{target}: {status}, {bytes} bytes, {ms} ms, not read to its end")),
        End::Denied(Denied::DryRun(_)) => (Level::Info, format!("would have called {target} (granted)")),
        End::Denied(denied) => (Level::Warn, format!("{target}: denied: {denied}")),
        End::Dry(denied) => (Level::Info, format!("would have called {target} (denied: {denied})")),
        End::Failed(why) => (Level::Debug, format!("{target}: {status}, {bytes} bytes, failed after {ms} ms: {why}")),
    }
}
