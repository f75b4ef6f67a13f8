//! A stream whose writing may not stand still for long: a client that asks and never reads would hold
//! its connection, and its answer in memory, for ever (promise 5).

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Gives up writing once nothing could be written for `stall_max`.
pub(crate) struct Stalling<S> {
    stream: S,
    stall_max: Duration,
    limit: Pin<Box<Sleep>>,
    standing: bool,
}

impl<S> Stalling<S> {
    pub(crate) fn new(stream: S, stall_max: Duration) -> Self {
        Self { stream, stall_max, limit: Box::pin(sleep(stall_max)), standing: false }
    }

    fn watched<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.standing = false;
            return written;
        }
        if !self.standing {
            self.standing = true;
            self.limit.as_mut().reset(Instant::now() + self.stall_max);
        }
        match self.limit.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stalling<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stalling<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watched(written, context)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watched(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.watched(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn a_reader_that_reads_nothing_is_given_up() {
        let (near, _far) = duplex(16);
        let error = Stalling::new(near, Duration::from_millis(5)).write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_reader_that_reads_gets_all() {
        let (near, mut far) = duplex(16);
        let mut near = Stalling::new(near, Duration::from_secs(60));
        let writing = tokio::spawn(async move { near.write_all(&[7; 1_000]).await });
        let mut read = vec![0; 1_000];
        far.read_exact(&mut read).await.unwrap();
        writing.await.unwrap().unwrap();
        assert_eq!(read, [7; 1_000]);
    }
}
