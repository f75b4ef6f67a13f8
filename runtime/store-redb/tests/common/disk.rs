//! A disk that fails at its k-th operation, and knows what of it a power loss leaves.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

pub use super::random::random;

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The operation fails, all others work. Of a failed sync nothing reaches the disk, and no later
    /// sync makes up for it, though reading shows what was written: as Linux does.
    Once,
    /// The operation and all after it fail.
    From,
    /// Of a write, a part arrives; then as `From`.
    Torn,
    /// As `From`; what was not synced is lost.
    PowerLoss,
    /// As `From`; of what was not synced, any part may have arrived.
    PowerLossSome,
}

#[derive(Debug, Clone)]
enum Write {
    Bytes(u64, Vec<u8>),
    Length(u64),
}

impl Write {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Bytes(offset, data) => {
                let (start, end) = (*offset as usize, *offset as usize + data.len());
                to.resize(to.len().max(end), 0);
                to[start..end].copy_from_slice(data);
            }
            Self::Length(len) => to.resize(*len as usize, 0),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    /// What reading shows.
    seen: Vec<u8>,
    /// What is on the disk for good.
    synced: Vec<u8>,
    pending: Vec<Write>,
    operations: u64,
    plan: Option<(Mode, u64)>,
    dead: bool,
    quota: Option<u64>,
    seed: u64,
}

/// Outlives the stores that use it.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    /// A healthy one that has these bytes.
    pub fn holding(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State { seen: bytes.clone(), synced: bytes, ..State::default() })))
    }

    /// Fails at the operation with this number, counted from 0 and from now on.
    pub fn fail(&self, mode: Mode, at: u64, seed: u64) {
        let mut state = self.state();
        (state.operations, state.plan, state.seed) = (0, Some((mode, at)), seed | 1);
    }

    /// How many bytes it holds at most; `None`: no limit.
    pub fn limit(&self, quota: Option<u64>) {
        self.state().quota = quota;
    }

    /// Works again, or (false) fails from now on.
    pub fn work(&self, works: bool) {
        let mut state = self.state();
        (state.dead, state.plan) = (!works, None);
    }

    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    pub fn bytes(&self) -> u64 {
        self.state().seen.len() as u64
    }

    /// What a process that begins now reads.
    pub fn seen(&self) -> Vec<u8> {
        self.state().seen.clone()
    }

    /// What is there after the power has failed; `some`: with a part of what was not synced.
    pub fn after_power_loss(&self, some: bool) -> Vec<u8> {
        let mut state = self.state();
        let mut bytes = state.synced.clone();
        for write in std::mem::take(&mut state.pending) {
            match (random(&mut state.seed) % 4, write) {
                _ if !some => {}
                (0 | 1, write) => write.apply(&mut bytes),
                (2, Write::Bytes(offset, mut data)) => {
                    data.truncate(random(&mut state.seed) as usize % (data.len() + 1));
                    Write::Bytes(offset, data).apply(&mut bytes);
                }
                _ => {}
            }
        }
        bytes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gone() -> io::Error {
    io::Error::other("the disk is gone")
}

impl State {
    /// Whether this operation fails, and whether part of it is to arrive.
    fn step(&mut self) -> Result<(), bool> {
        let now = self.operations;
        self.operations += 1;
        if self.dead {
            return Err(false);
        }
        let Some((mode, _)) = self.plan.filter(|(_, at)| *at == now) else { return Ok(()) };
        self.dead = mode != Mode::Once;
        Err(mode == Mode::Torn)
    }

    fn write(&mut self, write: Write) -> io::Result<()> {
        let end = match &write {
            Write::Bytes(offset, data) => offset + data.len() as u64,
            Write::Length(len) => *len,
        };
        match self.step() {
            Ok(()) if self.quota.is_some_and(|quota| end > quota) => Err(io::ErrorKind::StorageFull.into()),
            Ok(()) => {
                write.apply(&mut self.seen);
                self.pending.push(write);
                Ok(())
            }
            Err(part) => {
                if let (true, Write::Bytes(offset, mut data)) = (part, write) {
                    data.truncate(random(&mut self.seed) as usize % (data.len() + 1));
                    Write::Bytes(offset, data).apply(&mut self.seen);
                }
                Err(gone())
            }
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.state();
        state.step().map_err(|_| gone())?;
        let offset = offset as usize;
        out.copy_from_slice(state.seen.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.state().write(Write::Length(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        let outcome = state.step().map_err(|_| gone());
        if state.dead {
            return outcome;
        }
        let pending = std::mem::take(&mut state.pending);
        if outcome.is_ok() {
            for write in pending {
                write.apply(&mut state.synced);
            }
        }
        outcome
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.state().write(Write::Bytes(offset, data.to_vec()))
    }
}
