//! One call, from the guest's request to its response.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use lockgate_core::egress::{Denied, Origin};
use tokio::runtime::Handle;
use tokio::time::timeout_at;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::body_in::{BodyIn, Held};
use super::connect::{self, Reused};
use super::errors::{self, Refused};
use super::head;
use super::ledger::End;
use super::pool::Connection;
use super::{Running, TaskHttp, body_out, recorded};

/// Sends a request of the guest, or refuses it. Runs inside the runtime; ends before `deadline`.
pub async fn send(
    task: Arc<TaskHttp>,
    request: Request<WasiBody>,
    options: RequestOptions,
    deadline: Instant,
) -> Result<Response<WasiBody>, Error> {
    let (head, body) = request.into_parts();
    let (number, allowed) = task.ledger.begin(&head::target(&head));
    let time = Duration::from_millis(task.granted.egress.limits.call_ms_max);
    let now = Instant::now();
    let until = now.checked_add(time).map_or(deadline, |until| until.min(deadline));
    let call = Running { task: Arc::clone(&task), number, until, runtime: Handle::current() };
    let answered = match allowed {
        Ok(()) => match timeout_at(until.into(), attempt(call, head, body, options)).await {
            Ok(answered) => answered,
            Err(_elapsed) => Err(Refused::Failed(Error::HttpResponseTimeout)),
        },
        Err(denied) => Err(Refused::Denied(denied)),
    };
    answered.map_err(|refused| match refused {
        Refused::Denied(denied) => {
            task.ledger.end(number, &End::Denied(&denied));
            errors::of_denied(&denied)
        }
        Refused::Dry(denied) => {
            task.ledger.end(number, &End::Dry(&denied));
            errors::of_denied(&denied)
        }
        Refused::Failed(error) => {
            task.ledger.end(number, &End::Failed(&error.to_string()));
            error
        }
    })
}

async fn attempt(
    call: Running,
    mut head: http::request::Parts,
    body: WasiBody,
    options: RequestOptions,
) -> Result<Response<WasiBody>, Refused> {
    let task = Arc::clone(&call.task);
    let egress = &task.granted.egress;
    let decided = head::origin(&head, egress).and_then(|origin| head::outgoing(&mut head, &origin, egress, &task.secrets).map(|()| origin));
    let origin = match decided {
        Ok(origin) if egress.dry_run => return Err(Denied::DryRun(origin).into()),
        Ok(origin) => origin,
        Err(denied) if egress.dry_run => return Err(Refused::Dry(denied)),
        Err(denied) => return Err(denied.into()),
    };
    // Promise 5: the permit is taken before the work.
    let permit = task.client.permit(&egress.limits).await.ok_or(Error::ConnectionLimitReached)?;
    let body = body_out::outgoing(&task, call.number, &mut head, &origin, body).await?;
    if let Some(recording) = &egress.recorded {
        return recorded::answer(&call, recording, &origin, head, body).await;
    }
    let (connection, response) = exchange(&task, &origin, Request::from_parts(head, body), options).await?;
    let (mut head, incoming) = response.into_parts();
    task.ledger.answered(call.number, head.status.as_u16());
    let masker = task.secrets.masker(&origin);
    let packing = head::incoming(&mut head, egress, masker.as_ref())?;
    let held = Held { connection, origin, permit };
    let body = BodyIn::new(call, incoming, packing, masker, options.between_bytes_timeout, held);
    Ok(Response::from_parts(head, body.boxed_unsync()))
}

/// Sends the request on a connection and waits for the head of the response.
async fn exchange(
    task: &TaskHttp,
    origin: &Origin,
    mut request: Request<WasiBody>,
    options: RequestOptions,
) -> Result<(Connection, Response<Incoming>), Refused> {
    let connected =
        within(options.connect_timeout, Error::ConnectionTimeout, connect::connection(&task.client, &task.granted.egress, origin));
    let (mut connection, mut reused) = connected.await?;
    loop {
        let sent = within(options.first_byte_timeout, Error::ConnectionReadTimeout, async {
            Ok(connection.sender.try_send_request(request).await)
        });
        match sent.await? {
            Ok(response) => return Ok((connection, response)),
            Err(mut error) => match error.take_message().filter(|_| reused == Reused::Yes) {
                // The server closed a kept connection before anything was sent on it.
                Some(unsent) => {
                    request = unsent;
                    let connected = connect::connect(&task.client, &task.granted.egress, origin);
                    connection = within(options.connect_timeout, Error::ConnectionTimeout, connected).await?;
                    reused = Reused::No;
                }
                None => {
                    // A body that became too large ends the connection, not the other way round.
                    task.ledger.check()?;
                    if error.error().is_parse_too_large() {
                        return Err(Denied::HeaderBytes { of: "response", max: task.granted.egress.limits.header_bytes_max }.into());
                    }
                    return Err(errors::of_hyper(error.error()).into());
                }
            },
        }
    }
}

/// What the guest itself sets for a part of the call.
async fn within<T>(limit: Option<Duration>, late: Error, part: impl Future<Output = Result<T, Refused>>) -> Result<T, Refused> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, part).await.unwrap_or_else(|_elapsed| Err(late.into())),
        None => part.await,
    }
}
