//! Closing without losing the last answer. What a client still sends when a connection is closed makes its
//! system throw away what it has not yet read: it would see a broken pipe instead of the refusal. So the
//! rest is read and thrown away, for a bounded time and up to a bounded length, until the client closes.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::places::{AtWork, Place};

/// What is thrown away at most: as much as the largest batch and the largest component have by default.
const BYTES_MAX: u64 = 64 << 20;
/// For how long at most.
const TIME_MAX: Duration = Duration::from_secs(10);
/// For how long while nothing comes.
const SILENCE_MAX: Duration = Duration::from_secs(2);
/// Read at a time.
const CHUNK_BYTES: usize = 16 << 10;

/// A connection that is closed so.
pub(crate) struct Lingering<S> {
    stream: S,
    place: Arc<Place>,
    closing: Option<Closing>,
}

struct Closing {
    end: Instant,
    silence: Pin<Box<Sleep>>,
    bytes: u64,
    _at_work: AtWork,
}

impl<S> Lingering<S> {
    pub(crate) fn new(stream: S, place: Arc<Place>) -> Self {
        Self { stream, place, closing: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.place.reading();
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let closing = match &mut this.closing {
            Some(closing) => closing,
            None => {
                ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
                if this.place.is_at_rest() {
                    return Poll::Ready(Ok(()));
                }
                this.closing.insert(Closing {
                    end: Instant::now() + TIME_MAX,
                    silence: Box::pin(sleep(SILENCE_MAX)),
                    bytes: 0,
                    _at_work: this.place.work(),
                })
            }
        };
        let mut chunk = [0; CHUNK_BYTES];
        while closing.bytes < BYTES_MAX {
            let mut buffer = ReadBuf::new(&mut chunk);
            match Pin::new(&mut this.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    closing.bytes += buffer.filled().len() as u64;
                    closing.silence.as_mut().reset(closing.end.min(Instant::now() + SILENCE_MAX));
                }
                // The client has closed, too, or is gone.
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return closing.silence.as_mut().poll(context).map(Ok),
            }
        }
        Poll::Ready(Ok(()))
    }
}
