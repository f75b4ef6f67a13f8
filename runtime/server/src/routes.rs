//! All routes, a file for each part of `API.md`.

mod backup;
mod bindings;
mod connectors;
mod content;
mod export;
mod health;
mod history;
mod metrics;
mod model;
mod pages;
pub(crate) mod process;
mod stream;
mod submit;
mod tasks;

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state};

use crate::state::App;
use crate::surround;
use crate::wire::problem::Problem;

/// From the outside in: a line in the log, headers, whether the caller may, a permit, the route.
pub(crate) fn all(app: App) -> Router {
    Router::new()
        .merge(submit::routes())
        .merge(tasks::routes())
        .merge(history::routes())
        .merge(process::routes())
        .merge(connectors::routes())
        .merge(model::routes())
        .merge(content::routes())
        .merge(pages::routes())
        .merge(bindings::routes())
        .merge(export::routes())
        .merge(backup::routes())
        .merge(metrics::routes())
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), surround::permit))
        // Without a permit: whoever watches must be answered under load, too.
        .merge(health::routes())
        .layer(from_fn_with_state(app.clone(), crate::access::check))
        .layer(from_fn(surround::headers))
        .layer(from_fn(surround::trace))
        .with_state(app)
}

async fn unknown_path(uri: Uri) -> Problem {
    Problem::not_found("unknown-path", format!("nothing is at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", format!("{} cannot be asked with {method}", uri.path()))
}
