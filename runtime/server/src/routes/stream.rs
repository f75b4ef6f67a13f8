//! Answers of any length, from a thread that may block: a few chunks are in memory, however much
//! there is.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

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
/// How long a reader may take for one chunk before the answer is given up.
const STALL_MS_MAX: u64 = 30_000;

pub(super) enum Part {
    Chunk(Bytes),
    Failed(StoreError),
    End,
}

/// Both ends. Called within the server's own threads.
pub(super) fn open() -> (Outlet, Receiver<Part>) {
    let (sender, parts) = channel(CHUNKS_MAX);
    (Outlet { sender, handle: Handle::current() }, parts)
}

/// The parts as a body, after a first chunk that was taken already.
pub(super) fn body(first: Bytes, parts: Receiver<Part>) -> Body {
    Body::new(Chunks { first: Some(first), parts, ended: false }.boxed_unsync())
}

/// Where parts go.
pub(super) struct Outlet {
    sender: Sender<Part>,
    handle: Handle,
}

impl Outlet {
    /// Blocks while the reader is slow. Break: it is gone, or too slow.
    pub(super) fn send(&self, part: Part) -> ControlFlow<()> {
        let sending = async { timeout(Duration::from_millis(STALL_MS_MAX), self.sender.send(part)).await };
        match self.handle.block_on(sending) {
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
