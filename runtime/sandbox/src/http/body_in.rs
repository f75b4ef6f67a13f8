//! A response's body: unpacked, counted, without secrets, and at an end when its time is over.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::body::Incoming;
use lockgate_core::egress::{Denied, Origin};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use wasmtime_wasi_http::Error;

use super::Running;
use super::errors;
use super::gzip::Gzip;
use super::head::Packing;
use super::ledger::End;
use super::pool::Connection;
use crate::secrets::{MaskedStream, Masker};

/// How long a connection may take to be ready again.
const READY_MAX: Duration = Duration::from_secs(1);

/// What a call holds until its response has been read.
pub struct Held {
    /// Goes back to the pool.
    pub connection: Connection,
    /// Where it leads to.
    pub origin: Origin,
    /// Of `concurrent_max`.
    pub permit: OwnedSemaphorePermit,
}

/// The body as the guest reads it. Dropped before its end it takes the connection with it.
pub struct BodyIn {
    call: Running,
    incoming: Incoming,
    gzip: Option<Gzip>,
    mask: Option<MaskedStream>,
    packed_bytes: u64,
    time_over: Pin<Box<Sleep>>,
    /// How long the server may be silent, if the guest set that.
    silence_max: Option<Duration>,
    /// `None`: ended.
    held: Option<Held>,
}

impl BodyIn {
    /// Of a response that has just begun. Called inside the runtime.
    pub fn new(
        call: Running,
        incoming: Incoming,
        packing: Packing,
        masker: Option<Masker>,
        silence_max: Option<Duration>,
        held: Held,
    ) -> Self {
        let time_over = Box::pin(tokio::time::sleep_until(call.until.into()));
        let (gzip, mask) = ((packing == Packing::Gzip).then(Gzip::new), masker.map(Masker::stream));
        let mut body = Self { call, incoming, gzip, mask, packed_bytes: 0, time_over, silence_max, held: Some(held) };
        body.heard();
        body
    }

    /// Something came: a silence begins anew.
    fn heard(&mut self) {
        if let Some(silence_over) = self.silence_max.and_then(|silence| Instant::now().checked_add(silence)) {
            self.time_over.as_mut().reset(silence_over.min(self.call.until).into());
        }
    }

    /// The next bytes; never none of them.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            if self.held.is_none() {
                return Poll::Ready(None);
            }
            if Instant::now() >= self.call.until {
                return Poll::Ready(Some(Err(Error::HttpResponseTimeout)));
            }
            let unpacked = match &mut self.gzip {
                Some(gzip) => gzip.next().map_err(|_| Error::HttpResponseContentCoding(Some("gzip".to_owned()))),
                None => Ok(None),
            };
            let passed = match unpacked {
                Ok(Some(piece)) => self.pass(&piece),
                Ok(None) => match Pin::new(&mut self.incoming).poll_frame(cx) {
                    Poll::Pending if self.time_over.as_mut().poll(cx).is_ready() => Err(Error::HttpResponseTimeout),
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(frame) => {
                        self.heard();
                        self.take(frame)
                    }
                },
                Err(error) => Err(error),
            };
            match passed {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Poll::Ready(Some(Ok(bytes.into()))),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    /// What came from the server.
    fn take(&mut self, frame: Option<Result<Frame<Bytes>, hyper::Error>>) -> Result<Vec<u8>, Error> {
        match frame {
            Some(Ok(frame)) => match (frame.into_data(), &mut self.gzip) {
                (Ok(data), Some(gzip)) => {
                    // Endless nothing, packed, would count nothing.
                    self.packed_bytes = self.packed_bytes.saturating_add(data.len() as u64);
                    if self.packed_bytes > self.call.task.granted.egress.limits.bytes_max {
                        return Err(self.too_large());
                    }
                    gzip.push(data);
                    Ok(Vec::new())
                }
                (Ok(data), None) => self.pass(&data),
                // Trailers are not passed on.
                (Err(_), _) => Ok(Vec::new()),
            },
            Some(Err(error)) => Err(errors::of_body(&error)),
            None => {
                let rest = match &mut self.gzip {
                    Some(gzip) => gzip.finish().map_err(|_| Error::HttpResponseIncomplete)?,
                    None => Vec::new(),
                };
                let mut rest = self.pass(&rest)?;
                if let Some(mask) = &mut self.mask {
                    rest.extend(mask.finish());
                }
                self.end();
                Ok(rest)
            }
        }
    }

    /// What is passed on of these unpacked bytes.
    fn pass(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        if self.call.task.ledger.count(self.call.number, bytes.len()).is_err() {
            return Err(self.too_large());
        }
        Ok(match &mut self.mask {
            Some(mask) => mask.push(bytes),
            None => bytes.to_vec(),
        })
    }

    fn too_large(&self) -> Error {
        let denied = Denied::Bytes(self.call.task.granted.egress.limits.bytes_max);
        self.call.task.ledger.end(self.call.number, &End::Denied(&denied));
        errors::of_denied(&denied)
    }

    /// Gives the connection back to the pool, once it is ready for another request.
    fn end(&mut self) {
        let Some(Held { mut connection, origin, permit }) = self.held.take() else { return };
        drop(permit);
        self.call.task.ledger.end(self.call.number, &End::Read);
        let pool = std::sync::Arc::clone(&self.call.task.client.pool);
        self.call.runtime.spawn(async move {
            if let Ok(Ok(())) = tokio::time::timeout(READY_MAX, connection.sender.ready()).await {
                pool.keep(origin, connection);
            }
        });
    }
}

impl Body for BodyIn {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        let polled = this.poll(cx);
        if let Poll::Ready(Some(Err(error))) = &polled {
            this.call.task.ledger.end(this.call.number, &End::Failed(&error.to_string()));
            this.held = None;
        }
        polled.map_ok(Frame::data)
    }
}

impl Drop for BodyIn {
    fn drop(&mut self) {
        self.call.task.ledger.end(self.call.number, &End::Unread);
    }
}
