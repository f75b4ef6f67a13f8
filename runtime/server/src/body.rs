//! Request bodies: never more in memory than may be, never waited for longer than may be (promise 5).

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use crate::state::App;
use crate::wire::problem::Problem;

/// Largest JSON body of the operator's requests: a large content model has 1 MB.
pub(crate) const JSON_BYTES_MAX: usize = 8 << 20;
/// A sender at least this fast is not cut off, however large the body.
const BYTES_PER_MS_MIN: u64 = 128;
/// What is read and thrown away after a body that is too large, so that a client that writes first
/// and reads then gets to see the answer.
const DRAINED_BYTES_MAX: u64 = 4 << 20;
/// For how long.
const DRAINED_MS_MAX: u64 = 1_000;

/// A body, with its share of the memory for bodies.
pub(crate) struct Received {
    pub bytes: Vec<u8>,
    share: Option<OwnedSemaphorePermit>,
}

/// Reads a body to its end.
pub(crate) async fn read(app: &App, mut body: Body, bytes_max: usize) -> Result<Received, Problem> {
    let declared = body.size_hint().lower();
    if declared > bytes_max as u64 {
        if declared <= bytes_max as u64 + DRAINED_BYTES_MAX {
            drain(&mut body).await;
        }
        return Err(too_large(bytes_max));
    }
    let begun = Instant::now();
    let mut received = Received { bytes: Vec::new(), share: None };
    loop {
        let steady = Duration::from_millis(received.bytes.len() as u64 / BYTES_PER_MS_MIN);
        let frame = match timeout_at(begun + app.body_read_timeout + steady, body.frame()).await {
            Err(_) => return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body-timeout", "the body came too slowly")),
            Ok(None) => return Ok(received),
            Ok(Some(Err(error))) => return Err(Problem::bad_request(format!("the body broke off: {error}"))),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if received.bytes.len() + data.len() > bytes_max {
            drain(&mut body).await;
            return Err(too_large(bytes_max));
        }
        received.take_share(app, data.len())?;
        received.bytes.extend_from_slice(&data);
    }
}

/// Reads a body that is JSON.
pub(crate) async fn read_json<T: DeserializeOwned>(app: &App, body: Body) -> Result<T, Problem> {
    let received = read(app, body, JSON_BYTES_MAX).await?;
    serde_json::from_slice(&received.bytes).map_err(|error| Problem::bad_request(format!("the body is not what is expected: {error}")))
}

impl Received {
    /// Permits stand for whole KiB: what is already held covers part of what comes.
    fn take_share(&mut self, app: &App, more: usize) -> Result<(), Problem> {
        let kib = |bytes: usize| bytes.div_ceil(1_024);
        let wanted = kib(self.bytes.len() + more) - kib(self.bytes.len());
        let permits = u32::try_from(wanted).unwrap_or(u32::MAX);
        let share = app.bodies.clone().try_acquire_many_owned(permits);
        let share = share.map_err(|_| Problem::too_many("too many bytes are coming in at once; try again in a moment"))?;
        match &mut self.share {
            Some(held) => held.merge(share),
            None => self.share = Some(share),
        }
        Ok(())
    }
}

async fn drain(body: &mut Body) {
    let until = Instant::now() + Duration::from_millis(DRAINED_MS_MAX);
    let mut drained = 0;
    while drained < DRAINED_BYTES_MAX {
        match timeout_at(until, body.frame()).await {
            Ok(Some(Ok(frame))) => drained += frame.data_ref().map_or(0, |data| data.len() as u64),
            _ => return,
        }
    }
}

fn too_large(bytes_max: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        format!("the body has more than {bytes_max} bytes, which is the most that is taken"),
    )
}
