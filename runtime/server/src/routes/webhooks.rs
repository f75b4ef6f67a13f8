//! What other services post by themselves. No token: what is sent is signed.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use lockgate_core::admit::Submission;
use lockgate_core::task::{DataType, ExternalObject, ProcessType};
use serde_json::json;

use crate::body::Sent;
use crate::caller::{Caller, Part, connector_in_path, json_response, to_json};
use crate::state::App;
use crate::webhook::Do;
use crate::wire::problem::Problem;
use crate::wire::task::AcceptedWire;

/// Longest key that is made of an event's id.
const KEY_CHARS_MAX: usize = 200;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/in/{connector}", post(take))
}

/// Whoever cannot sign learns nothing: neither whether the connector is there, nor whether it has a webhook.
async fn take(caller: Caller, Part(name): Part<String>, sent: Sent) -> Result<Response, Problem> {
    let refused = |why: &str| Problem::new(StatusCode::UNAUTHORIZED, "webhook-not-verified", why);
    let connector = connector_in_path(&name).map_err(|_| refused("nothing is expected here"))?;
    let ways = caller.app.doors.now();
    let hook = ways.webhooks.get(&connector).ok_or_else(|| refused("nothing is expected here"))?;
    let mut received = sent.read_as_it_came(&caller, caller.app.bus.settings().payload_bytes_max).await?;
    hook.verify(&caller.headers, &received.bytes, caller.app.bus.now_ms()).map_err(|why| refused(&why.to_string()))?;
    let event = hook.event(&caller.headers, &received.bytes);
    let Do::Task(task_type) = event.what else {
        return Ok(json_response(StatusCode::OK, to_json(&json!({ "task": null, "ignored": event.kind }))?));
    };
    let media_type = caller.header(header::CONTENT_TYPE.as_str())?.unwrap_or("application/octet-stream");
    let media_type = super::submit::media_type_of(media_type).map_err(Problem::bad_request)?.into();
    // Another media type would say that a body is prepared already: who posts here does not prepare.
    let external = ExternalObject { media_type, body: std::mem::take(&mut received.bytes).into() };
    if &*external.media_type == lockgate_core::task::INTERNAL_MEDIA_TYPE {
        return Err(Problem::bad_request("a webhook hands in what the application has, not an internal object"));
    }
    let submission = Submission {
        connector,
        external,
        process_type: ProcessType::Default,
        task_type,
        data_type: DataType::default(),
        site: None,
        title: event.kind.unwrap_or_default(),
        subject: event.subject,
        file_name: None,
        idempotency_key: event.id.map(|id| format!("webhook:{}", id.chars().take(KEY_CHARS_MAX).collect::<String>())),
        traceparent: None,
    };
    let accepted = caller.app.submit(submission, (received, caller.permit())).await.ok_or_else(super::submit::unanswered)???;
    // Promise 1: durable by now. Services repeat what is not answered so.
    Ok(json_response(StatusCode::OK, to_json(&AcceptedWire::from(accepted))?))
}
