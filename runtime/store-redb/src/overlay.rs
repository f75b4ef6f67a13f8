//! What is read and never written: what the engine writes is kept in memory and goes with it. The
//! engine repairs a file, or brings it up to date, before it reads it or checks it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

use crate::open::{self, OpenError};

/// What is kept together of what is written.
const BLOCK_BYTES: u64 = 4_096;

#[derive(Debug)]
pub(crate) struct Overlay(Mutex<Inner>);

/// Where bytes come from that were not written since.
pub(crate) trait Source: std::fmt::Debug + Send + 'static {
    /// All of these bytes, or an error.
    fn read(&mut self, offset: u64, out: &mut [u8]) -> io::Result<()>;
}

impl Source for File {
    fn read(&mut self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset))?;
        self.read_exact(out)
    }
}

#[derive(Debug)]
struct Inner {
    source: Box<dyn Source>,
    /// What is still to be seen of the source.
    source_bytes: u64,
    bytes: u64,
    blocks: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    pub(crate) fn over(source: impl Source, bytes: u64) -> Self {
        Self(Mutex::new(Inner { source: Box::new(source), source_bytes: bytes, bytes, blocks: BTreeMap::new() }))
    }

    /// Over a file, with a shared lock, so that no store opens it meanwhile.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let unreachable = |source| OpenError::Unreachable { path: path.to_owned(), source };
        let mut file = open::regular_locked(path)?;
        open::look_at_head(&mut file, path)?;
        let bytes = file.metadata().map_err(unreachable)?.len();
        Ok(Self::over(file, bytes))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// From the source; zeros behind its end.
    fn read_source(&mut self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        out.fill(0);
        let there = self.source_bytes.saturating_sub(offset).min(out.len() as u64);
        let there = usize::try_from(there).unwrap_or(usize::MAX);
        let Some(part) = out.get_mut(..there).filter(|part| !part.is_empty()) else { return Ok(()) };
        self.source.read(offset, part)
    }

    fn block(&mut self, at: u64) -> io::Result<&mut Vec<u8>> {
        if !self.blocks.contains_key(&at) {
            let mut block = vec![0; usize::try_from(BLOCK_BYTES).unwrap_or(usize::MAX)];
            self.read_source(at * BLOCK_BYTES, &mut block)?;
            self.blocks.insert(at, block);
        }
        self.blocks.get_mut(&at).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// The part of a block, and the part of a buffer at `offset`, that are the same bytes.
fn parts(at: u64, offset: u64, len: usize) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let (block, end) = (at * BLOCK_BYTES, offset + len as u64);
    let (from, to) = (block.max(offset), (block + BLOCK_BYTES).min(end).max(block.max(offset)));
    let within = |position: u64, start: u64| usize::try_from(position - start).unwrap_or(usize::MAX);
    (within(from, block)..within(to, block), within(from, offset)..within(to, offset))
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.inner().bytes)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut inner = self.inner();
        let end = offset.checked_add(out.len() as u64).filter(|end| *end <= inner.bytes);
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        inner.read_source(offset, out)?;
        for (at, block) in inner.blocks.range(offset / BLOCK_BYTES..=end / BLOCK_BYTES) {
            let (of_block, of_out) = parts(*at, offset, out.len());
            if let (Some(to), Some(from)) = (out.get_mut(of_out), block.get(of_block)) {
                to.copy_from_slice(from);
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut inner = self.inner();
        if len < inner.bytes {
            inner.source_bytes = inner.source_bytes.min(len);
            inner.blocks.retain(|at, _| at * BLOCK_BYTES < len);
            // What is behind the end is zeros if the file grows again.
            let last = len / BLOCK_BYTES;
            let kept = usize::try_from(len % BLOCK_BYTES).unwrap_or(usize::MAX);
            if let Some(rest) = inner.blocks.get_mut(&last).and_then(|block| block.get_mut(kept..)) {
                rest.fill(0);
            }
        }
        inner.bytes = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut inner = self.inner();
        let Some(last) = (offset + data.len() as u64).checked_sub(1) else { return Ok(()) };
        for at in offset / BLOCK_BYTES..=last / BLOCK_BYTES {
            let (of_block, of_data) = parts(at, offset, data.len());
            let block = inner.block(at)?;
            if let (Some(to), Some(from)) = (block.get_mut(of_block), data.get(of_data)) {
                to.copy_from_slice(from);
            }
        }
        inner.bytes = inner.bytes.max(offset + data.len() as u64);
        Ok(())
    }
}
