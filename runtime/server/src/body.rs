//! Request bodies: never more in memory than may be, never waited for longer than may be (promise 5).

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use crate::caller::Caller;
use crate::encoding::{self, Encoding};
use crate::json::Members;
use crate::state::App;
use crate::wire::problem::Problem;

/// Largest JSON body of the operator's requests: a large content model has 1 MB.
const JSON_BYTES_MAX: usize = 8 << 20;
/// A sender at least this fast is not cut off, however large the body.
const BYTES_PER_MS_MIN: u64 = 128;

/// A body that was not read yet. The only way for a handler to get at one, so that none is handed on packed.
pub(crate) struct Sent {
    body: Body,
    encoding: Encoding,
}

impl FromRequest<App> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let encoding = Encoding::of(request.headers())?;
        Ok(Self { body: request.into_body(), encoding })
    }
}

/// A body, with its share of the memory for bodies.
#[derive(Default)]
pub(crate) struct Received {
    pub bytes: Vec<u8>,
    share: Option<OwnedSemaphorePermit>,
}

impl Sent {
    /// Reads it to its end, and unpacks it; the limit is that of what was unpacked.
    pub(crate) async fn read(self, caller: &Caller, bytes_max: usize) -> Result<Received, Problem> {
        match self.encoding {
            Encoding::Identity => read(&caller.app, self.body, bytes_max, bytes_max).await,
            Encoding::Gzip => {
                let packed = read(&caller.app, self.body, encoding::packed_bytes_max(bytes_max), bytes_max).await?;
                let app = caller.app.clone();
                caller.work(move |_| unpacked(&app, &packed, bytes_max)).await
            }
        }
    }

    /// Reads what is signed as it is sent: one that is packed is refused.
    pub(crate) async fn read_as_it_came(self, caller: &Caller, bytes_max: usize) -> Result<Received, Problem> {
        match self.encoding {
            Encoding::Identity => self.read(caller, bytes_max).await,
            Encoding::Gzip => {
                let detail = "what is signed is taken as it is signed, without Content-Encoding";
                Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-encoding", detail))
            }
        }
    }

    /// Reads one that is a JSON object with these members.
    pub(crate) async fn read_json<T>(
        self,
        caller: &Caller,
        known: &[&str],
        read: impl FnOnce(&Members<'_>) -> Result<T, String>,
    ) -> Result<T, Problem> {
        let received = self.read(caller, JSON_BYTES_MAX).await?;
        Members::read("the body", &received.bytes, known).and_then(|members| read(&members)).map_err(Problem::bad_request)
    }
}

async fn read(app: &App, mut body: Body, bytes_max: usize, told_max: usize) -> Result<Received, Problem> {
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large(told_max));
    }
    let begun = Instant::now();
    let mut received = Received::default();
    loop {
        let steady = Duration::from_millis(received.bytes.len() as u64 / BYTES_PER_MS_MIN);
        let frame = match timeout_at(begun + app.body_read_timeout + steady, body.frame()).await {
            Err(_) => return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body-timeout", "the body came too slowly")),
            Ok(None) => return Ok(received),
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "a body broke off");
                return Err(Problem::bad_request("the body broke off before its end, or is not framed as its headers say"));
            }
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if received.bytes.len() + data.len() > bytes_max {
            return Err(too_large(told_max));
        }
        received.put(app, &data)?;
    }
}

fn unpacked(app: &App, packed: &Received, bytes_max: usize) -> Result<Received, Problem> {
    let mut received = Received::default();
    encoding::unpack(&packed.bytes, |chunk| {
        if received.bytes.len() + chunk.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        received.put(app, chunk)
    })?;
    Ok(received)
}

impl Received {
    /// Takes what came, and its share of the memory. Permits stand for whole KiB: what is already held
    /// covers part of what comes.
    fn put(&mut self, app: &App, data: &[u8]) -> Result<(), Problem> {
        let kib = |bytes: usize| bytes.div_ceil(1_024);
        let wanted = kib(self.bytes.len() + data.len()) - kib(self.bytes.len());
        let permits = u32::try_from(wanted).unwrap_or(u32::MAX);
        let share = app.bodies.clone().try_acquire_many_owned(permits);
        let share = share.map_err(|_| Problem::too_many("too many bytes are coming in at once; try again in a moment"))?;
        match &mut self.share {
            Some(held) => held.merge(share),
            None => self.share = Some(share),
        }
        self.bytes.extend_from_slice(data);
        Ok(())
    }
}

fn too_large(bytes_max: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        format!("the body has more than {bytes_max} bytes, which is the most that is taken"),
    )
}
