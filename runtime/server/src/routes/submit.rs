//! Submitting tasks, one or many (§2 of the semantics).

mod batch;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use lockgate_bus::Accepted;
use lockgate_core::admit::{Refusal, Submission};
use lockgate_core::names::ConnectorName;
use lockgate_core::task::{ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, TaskType};
use serde::Serialize;

use crate::body::Sent;
use crate::caller::{Caller, Part, connector_in_path, json_response, to_json};
use crate::query::Query;
use crate::routes::wait;
use crate::state::App;
use crate::wire::problem::Problem;
use crate::wire::task::AcceptedWire;

/// Longest media type.
const MEDIA_TYPE_BYTES_MAX: usize = 255;
/// A batch may have as many bytes as this many of the largest tasks.
const BATCH_TASKS_OF_FULL_SIZE: usize = 64;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/connectors/{name}/tasks", post(submit_one)).route("/v1/tasks", post(submit_many).get(super::tasks::list))
}

async fn submit_one(caller: Caller, Part(name): Part<String>, sent: Sent) -> Result<Response, Problem> {
    let connector = connector_in_path(&name)?;
    caller.may_submit_to(&connector)?;
    let query = caller.query(&["task_type", "data_type", "process_type", "site", "title", "subject", "file_name", "wait"])?;
    let wait = wait::of(&query)?;
    let submission = attributes(&caller, &query, connector)?;
    let mut received = sent.read(&caller, caller.app.bus.settings().payload_bytes_max).await?;
    let external = ExternalObject { body: std::mem::take(&mut received.bytes).into(), ..submission.external };
    let submission = Submission { external, ..submission };
    let accepted = caller.app.submit(submission, (received, caller.permit())).await.ok_or_else(unanswered)???;
    let status = if accepted.repeated.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let wire = match wait {
        Some(wait) => AcceptedWire::after(accepted, wait::until_tried(&caller, accepted.task, wait).await?),
        None => AcceptedWire::from(accepted),
    };
    let mut response = json_response(status, to_json(&wire)?);
    if let Ok(place) = HeaderValue::from_str(&format!("/v1/tasks/{}", accepted.task)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

pub(super) fn unanswered() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal-error", "the bus did not answer for every task")
}

/// Everything but the body.
fn attributes(caller: &Caller, query: &Query, connector: ConnectorName) -> Result<Submission, Problem> {
    let media_type = media_type_of_header(caller)?;
    Ok(Submission {
        connector,
        external: ExternalObject { media_type: media_type.into(), body: [].into() },
        process_type: query.word("process_type")?.unwrap_or(ProcessType::Default),
        task_type: query.word("task_type")?.unwrap_or(TaskType::CreateObject),
        data_type: query.word("data_type")?.unwrap_or_default(),
        site: query.site()?,
        title: query.text("title").unwrap_or_default().to_owned(),
        subject: query.text("subject").map(ToOwned::to_owned),
        file_name: query.text("file_name").map(ToOwned::to_owned),
        idempotency_key: idempotency_key(caller)?,
        traceparent: caller.headers.get("traceparent").and_then(|v| v.to_str().ok()).and_then(traceparent),
    })
}

/// The body's media type.
pub(super) fn media_type_of_header(caller: &Caller) -> Result<&str, Problem> {
    let media_type = caller.header(header::CONTENT_TYPE.as_str())?.unwrap_or("application/octet-stream");
    media_type_of(media_type).map_err(Problem::bad_request)
}

fn idempotency_key(caller: &Caller) -> Result<Option<String>, Problem> {
    match caller.headers.get("idempotency-key").map(|key| key.to_str()) {
        None => Ok(None),
        Some(Ok(key)) => Ok(Some(key.to_owned())),
        Some(Err(_)) => Err(Refusal::BadIdempotencyKey.into()),
    }
}

/// As given, but an internal object's is recognised in every way of writing it.
pub(super) fn media_type_of(given: &str) -> Result<&str, String> {
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(INTERNAL_MEDIA_TYPE) {
        return Ok(INTERNAL_MEDIA_TYPE);
    }
    let visible = given.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    match essence.contains('/') && visible && given.len() <= MEDIA_TYPE_BYTES_MAX {
        true => Ok(given),
        false => Err(format!("a media type is such as application/json, with at most {MEDIA_TYPE_BYTES_MAX} visible ASCII characters")),
    }
}

/// W3C Trace Context: one that is not well-formed is ignored.
fn traceparent(given: &str) -> Option<String> {
    let given = given.trim();
    let well_formed = given.len() == 55
        && given.bytes().enumerate().all(|(at, b)| match at {
            2 | 35 | 52 => b == b'-',
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        });
    well_formed.then(|| given.to_owned())
}

#[derive(Serialize)]
struct BatchWire {
    accepted: usize,
    /// Of those that were accepted: submitted before, and not queued again.
    repeated: usize,
    refused: usize,
    results: Vec<ResultWire>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ResultWire {
    Accepted(AcceptedWire),
    Refused { error: ErrorWire },
}

#[derive(Serialize)]
struct ErrorWire {
    code: &'static str,
    detail: String,
}

async fn submit_many(caller: Caller, sent: Sent) -> Result<Response, Problem> {
    caller.query(&[])?;
    let bytes_max = caller.app.bus.settings().payload_bytes_max.saturating_mul(BATCH_TASKS_OF_FULL_SIZE);
    let received = sent.read(&caller, bytes_max).await?;
    let (app, holder) = (caller.app.clone(), caller.holder.clone());
    caller
        .json(StatusCode::OK, move |bus| {
            let submissions = batch::read(&received.bytes)?;
            let may: Vec<bool> = submissions.iter().map(|submission| holder.may_submit_to(&submission.connector)).collect();
            let allowed: Vec<Submission> = submissions.into_iter().zip(&may).filter(|(_, may)| **may).map(|(one, _)| one).collect();
            let answers = if allowed.is_empty() { Vec::new() } else { bus.submit(allowed)? };
            // The bodies' share of the memory is held until they are stored.
            drop(received);
            let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
            let repeated = answers.iter().flatten().filter(|accepted| accepted.repeated.is_some()).count();
            let mut answers = answers.into_iter();
            let each = may.into_iter().map(|may| match may.then(|| answers.next()).flatten() {
                Some(answer) => result(&app, answer),
                None => not_allowed(&app),
            });
            let results: Vec<ResultWire> = each.collect();
            Ok(BatchWire { accepted, repeated, refused: results.len() - accepted, results })
        })
        .await
}

/// Of a line whose connector the token is not for.
fn not_allowed(app: &App) -> ResultWire {
    let code = "connector-not-allowed";
    app.refused.count(code);
    ResultWire::Refused { error: ErrorWire { code, detail: "this token may not submit to this connector".to_owned() } }
}

fn result(app: &App, answer: Result<Accepted, Refusal>) -> ResultWire {
    match answer {
        Ok(accepted) => ResultWire::Accepted(accepted.into()),
        Err(refusal) => {
            app.refused.count(refusal.code());
            ResultWire::Refused { error: ErrorWire { code: refusal.code(), detail: refusal.to_string() } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_object_is_recognised_in_every_way_of_writing_it() {
        assert_eq!(media_type_of("Application/vnd.lockgate.Object+JSON; charset=utf-8"), Ok(INTERNAL_MEDIA_TYPE));
        assert_eq!(media_type_of("text/xml; charset=utf-8"), Ok("text/xml; charset=utf-8"));
        assert!(media_type_of("text").is_err() && media_type_of(&format!("a/{}", "b".repeat(300))).is_err());
    }

    #[test]
    fn a_malformed_traceparent_is_ignored() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(traceparent(good).as_deref(), Some(good));
        assert_eq!(traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0X"), None);
        assert_eq!(traceparent(""), None);
    }
}
