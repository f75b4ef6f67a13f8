//! Unpacks gzip as it comes, a little at a time: a bomb must not swell before it is counted.

use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;

/// What is unpacked at a time. Deflate packs 1,032 times at best, so that this gives half a MiB.
const PIECE_BYTES: usize = 512;

/// A body that is being unpacked.
pub struct Gzip {
    decoder: MultiGzDecoder<Vec<u8>>,
    packed: Bytes,
    begun: bool,
}

impl Gzip {
    /// At the beginning.
    pub fn new() -> Self {
        Self { decoder: MultiGzDecoder::new(Vec::new()), packed: Bytes::new(), begun: false }
    }

    /// Takes packed bytes, when `next` has none left.
    pub fn push(&mut self, packed: Bytes) {
        self.begun |= !packed.is_empty();
        self.packed = packed;
    }

    /// Unpacks the next piece. `None`: it needs more.
    pub fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.packed.is_empty() {
            return Ok(None);
        }
        let piece = self.packed.split_to(self.packed.len().min(PIECE_BYTES));
        self.decoder.write_all(&piece)?;
        Ok(Some(std::mem::take(self.decoder.get_mut())))
    }

    /// Whatever is left at the end; an error if the body is cut short.
    pub fn finish(&mut self) -> io::Result<Vec<u8>> {
        if self.begun {
            self.decoder.try_finish()?;
        }
        Ok(std::mem::take(self.decoder.get_mut()))
    }
}
