//! All routes, a file for each part of `API.md`.

mod audit;
mod backup;
mod bindings;
mod connectors;
mod content;
mod export;
mod failures;
mod health;
mod history;
mod metrics;
mod missing;
mod model;
mod nodes;
mod openapi;
mod operations;
mod pages;
pub(crate) mod process;
mod referrers;
mod root;
mod stream;
mod submit;
mod tasks;
mod trial;
mod wait;
mod webhooks;

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

use crate::state::App;
use crate::surround;
use crate::wire::problem::Problem;

/// From the outside in: a line in the log, headers, the connection's end, the count of refusals, the head,
/// whether the caller may, a permit, the route.
pub(crate) fn all(app: App) -> Router {
    Router::new()
        .merge(submit::routes())
        .merge(tasks::routes())
        .merge(trial::routes())
        .merge(failures::routes())
        .merge(audit::routes())
        .merge(webhooks::routes())
        .merge(openapi::routes())
        .merge(operations::routes())
        .merge(history::routes())
        .merge(missing::routes())
        .merge(process::routes())
        .merge(nodes::routes())
        .merge(connectors::routes())
        .merge(model::routes())
        .merge(content::routes())
        .merge(pages::routes())
        .merge(bindings::routes())
        .merge(referrers::routes())
        .merge(export::routes())
        .merge(backup::routes())
        .merge(metrics::routes())
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), surround::permit))
        // Without a permit: whoever watches must be answered under load, too.
        .merge(health::routes())
        .merge(root::routes())
        .layer(from_fn_with_state(app.clone(), crate::access::check))
        .layer(from_fn(surround::head))
        .layer(from_fn_with_state(app.clone(), crate::refused::count))
        .layer(from_fn(surround::connection))
        // No answer is guessed at or kept by a browser or a proxy.
        .layer(SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(
            // One line for each request: no query, which may hold a token, and no body. What fails is logged
            // where it fails.
            TraceLayer::new_for_http()
                .make_span_with(
                    |request: &Request| tracing::debug_span!("request", method = %request.method(), path = request.uri().path()),
                )
                .on_request(())
                .on_response(|response: &Response, latency: Duration, _: &Span| {
                    tracing::debug!(status = response.status().as_u16(), ms = latency.as_millis(), "answered");
                })
                .on_body_chunk(())
                .on_eos(())
                .on_failure(()),
        )
        .with_state(app)
}

async fn unknown_path(uri: Uri) -> Problem {
    Problem::not_found("unknown-path", format!("nothing is at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", format!("{} cannot be asked with {method}", uri.path()))
}
