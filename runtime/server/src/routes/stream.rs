//! Answers of any length, from a thread that may block: a few chunks are in memory, however much
//! there is.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
use lockgate_core::ports::StoreError;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

/// What is sent together, about.
pub(super) const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that wait to be sent.
const CHUNKS_MAX: usize = 4;
/// How long a reader may keep an answer waiting before it is given up, besides what a slow but steady one
/// needs: an answer holds its request's place, and only one of its kind is made at a time.
const STALL_MS_MAX: u64 = 30_000;
/// A reader at least this fast is not given up, however long the answer: 256 kbit/s.
const BYTES_PER_MS_MIN: u64 = 32;

pub(super) enum Part {
    Chunk(Bytes),
    Failed(StoreError),
    End,
}

/// Both ends. Called within the server's own threads.
pub(super) fn open() -> (Outlet, Receiver<Part>) {
    let (sender, parts) = channel(CHUNKS_MAX);
    (Outlet { sender, handle: Handle::current(), pace: Pace::default() }, parts)
}

/// The parts as a body, after a first chunk that was taken already.
pub(super) fn body(first: Bytes, parts: Receiver<Part>) -> Body {
    Body::new(Chunks { first: Some(first), parts, ended: false }.boxed_unsync())
}

/// Where parts go.
pub(super) struct Outlet {
    sender: Sender<Part>,
    handle: Handle,
    pace: Pace,
}

/// How long the reader was waited for, and for how much.
#[derive(Default)]
struct Pace {
    waited: Duration,
    bytes: u64,
}

impl Pace {
    /// How much longer it may be waited for.
    fn left(&self) -> Duration {
        Duration::from_millis(STALL_MS_MAX + self.bytes / BYTES_PER_MS_MIN).saturating_sub(self.waited)
    }
}

impl Outlet {
    /// Blocks while the reader is slow. Break: it is gone, or too slow.
    pub(super) fn send(&mut self, part: Part) -> ControlFlow<()> {
        if let Part::Chunk(chunk) = &part {
            self.pace.bytes += chunk.len() as u64;
        }
        let begun = Instant::now();
        let sending = async { timeout(self.pace.left(), self.sender.send(part)).await };
        let sent = self.handle.block_on(sending);
        self.pace.waited += begun.elapsed();
        match sent {
            Ok(Ok(())) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}

/// The chunks as a body. Ends well only if the last part said so.
struct Chunks {
    first: Option<Bytes>,
    parts: Receiver<Part>,
    ended: bool,
}

/// The connection is closed before the body's end, which every client notices.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off")]
struct BrokenOff;

impl HttpBody for Chunks {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let part = ready!(self.parts.poll_recv(context));
        Poll::Ready(match part {
            Some(Part::Chunk(chunk)) => Some(Ok(Frame::data(chunk))),
            Some(Part::End) => {
                self.ended = true;
                None
            }
            Some(Part::Failed(_)) | None => {
                self.ended = true;
                Some(Err(BrokenOff))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_takes_a_chunk_now_and_then_is_given_up_and_a_steady_one_is_not() {
        let mut now_and_then = Pace::default();
        let mut chunks = 0;
        while !now_and_then.left().is_zero() {
            chunks += 1;
            now_and_then.bytes += CHUNK_BYTES as u64;
            now_and_then.waited += Duration::from_secs(29);
        }
        assert_eq!(chunks, 2);
        let mut steady = Pace::default();
        for _ in 0..100_000 {
            steady.bytes += CHUNK_BYTES as u64;
            steady.waited += Duration::from_secs(2);
            assert!(!steady.left().is_zero());
        }
    }
}
